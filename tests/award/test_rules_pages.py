"""The round at a glance and the rules as people read them."""

import hashlib
import html
from pathlib import Path

import pytest
from sqlalchemy import text

from award.evaluation import rules_of
from exports.rules_in_words import chapters, stage_words
from scoring_rules.compare import compare
from scoring_rules.exact import plain
from scoring_rules.reader import load_set
from scoring_rules.rules import MarksSource
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.results import FUND, POLICY, TRANSPARENT, award_of, calculated, change, value


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("code", [TRANSPARENT, POLICY, FUND])
def test_the_page_says_everything_that_decides(site: BuiltSite, code: str, language: str) -> None:
    award = award_of(site, code)
    rules = rules_of(award.rules_text)
    page = html.unescape(site.client_as("p23", language=language).get(f"/rules/{award.adoption_id}").text)
    for category in rules.categories:
        for node in category.nodes():
            assert node.label.in_language(language) in page
            assert f"{plain(node.points)} {'คะแนน' if language == 'th' else 'points'}" in page
            if isinstance(node.source, MarksSource):
                assert all(level.text.in_language(language) in page for level in node.source.levels)
            if isinstance(node.source, MarksSource) and node.source.suggest:
                for edge, mark in node.source.suggest.bands.edges:
                    assert f"{plain(edge)} → {plain(mark)}" in page
        labels = [each.label for each in category.fields] + [each.label for each in category.indicators]
        labels += [each.label for each in category.tiers] + [each.label for each in category.eligibility]
        assert all(label.in_language(language) in page for label in labels)
        for chapter in chapters(category):
            assert chapter.heading.in_language(language) in page
            assert all(each.what.in_language(language) in page for each in chapter.decisions)
            assert all(each.how.in_language(language) in page for each in chapter.decisions)
    assert all(stage_words(rules, stage).in_language(language) in page for stage in rules.stages)
    for source in rules.sources:
        assert source.what.in_language(language) in page and f'id="source-{source.code}"' in page
    assert rules.id in page and award.rules_sha256 in page


def test_what_is_proposed_is_called_proposed(site: BuiltSite) -> None:
    client = site.client_as("p23")
    page = client.get("/rules/1").text
    assert "Proposed rules: points, levels and tie-breaks are a draft" in page
    assert "Proposed" in client.get("/rules/").text
    change(site, "update adoption set rules_text = replace(rules_text, 'basis: proposed', 'basis: confirmed')")
    page = client.get("/rules/1").text
    assert "Proposed rules:" not in page and "Confirmed by an official order" in page


def test_every_clause_leads_to_its_source(site: BuiltSite) -> None:
    page = site.client_as("p23").get("/rules/3").text
    wanted = {part.split('"')[0] for part in page.split('href="#source-')[1:]}
    assert len(wanted) > 3
    assert all(f'id="source-{code}"' in page for code in wanted)


def test_the_file_is_the_one_that_was_adopted(site: BuiltSite) -> None:
    award = award_of(site, FUND)
    answer = site.client_as("p23").get(f"/rules/{award.adoption_id}/file")
    assert hashlib.sha256(answer.data).hexdigest() == award.rules_sha256
    assert answer.headers["Content-Disposition"] == 'attachment; filename="womens-fund-2564-r1.yaml"'


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_page_says_what_another_revision_says_otherwise(site: BuiltSite, language: str) -> None:
    award = award_of(site, TRANSPARENT)
    client = site.client_as("p23", language=language)
    address = f"/rules/{award.adoption_id}/compare/2564-r2"
    assert f'href="{address}"' in client.get(f"/rules/{award.adoption_id}").text
    page = html.unescape(client.get(address).text)
    old, new = (load_set(f"{TRANSPARENT}/2564-{revision}") for revision in ("r1", "r2"))
    found = compare(old, new)
    assert ("None of them can change a ranking" in page) == (language == "en"), "nothing that decides is another"
    assert len(found) > 3 and all(each.says.in_language(language) in page for each in found)
    decides = "เปลี่ยนผลการจัดอันดับได้" if language == "th" else " could change a ranking"
    assert page.count(f"</span> {decides.strip()}</span>") == sum(each.kind == "result" for each in found)
    assert old.sha256 in page and new.sha256 in page and page.index(old.id) < page.index(new.id)


def test_rules_of_two_rounds_are_compared_the_older_first_whichever_page_leads_there(site: BuiltSite) -> None:
    award = award_of(site, TRANSPARENT)
    before = award.rules_text.replace("id: transparent-office/2564-r1", "id: transparent-office/2563-r1")
    before = before.replace("cycle: 2564", "cycle: 2563").replace("spread_alert: 15", "spread_alert: 12")
    before = before.replace("rank_on: rounded", "rank_on: exact")
    assert "rank_on: exact" in before, "what decides is another"
    change(site, "insert into cycle select 9, 2563, opens_at, deadline_at, invented, approval from cycle")
    with site.database.writing() as db:
        kept = {each["name"] for each in db.execute(text("pragma table_info(adoption)")).mappings()}
        kept -= {"id", "cycle_id", "rule_set", "rules_text", "log"}
        columns = ", ".join(sorted(kept))
        db.execute(
            text(
                f"insert into adoption (id, cycle_id, rule_set, rules_text, log, {columns})"
                f" select 99, 9, 'transparent-office/2563-r1', :before, '2563/transparent-office', {columns}"
                " from adoption where id = :id"
            ),
            {"before": before, "id": award.adoption_id},
        )
        db.commit()
    client = site.client_as("organizer")
    for address in (f"/rules/{award.adoption_id}/compare/2563-r1", "/rules/99/compare/2564-r1"):
        page = client.get(address).text
        assert page.index("transparent-office/2563-r1") < page.index("transparent-office/2564-r1")
        assert "changed from 12 to 15" in page
        assert "could change a ranking</span>" in page and "of them could change a ranking ·" in page


def test_only_revisions_of_the_same_award_are_compared(site: BuiltSite) -> None:
    award = award_of(site, TRANSPARENT)
    client = site.client_as("p23")
    own = award.rule_set.partition("/")[2]
    for other in (own, "2564-r9", "r2", "..", "womens-fund", "2564-r2.yaml"):
        assert client.get(f"/rules/{award.adoption_id}/compare/{other}").status_code == 404, other
    assert client.get("/rules/99/compare/2564-r2").status_code == 404
    assert site.client().get(f"/rules/{award.adoption_id}/compare/2564-r2").status_code == 302


def test_rules_are_for_everybody_who_signed_in(site: BuiltSite) -> None:
    for login in ("p23", "z9-chair", "organizer", "auditor"):
        client = site.client_as(login)
        assert {client.get(page).status_code for page in ("/rules/", "/rules/1", "/rules/1/file")} == {200}
    assert {site.client().get(page).status_code for page in ("/rules/", "/rules/1", "/rules/1/file")} == {302}
    assert site.client_as("p23").get("/rules/99").status_code == 404


def test_the_round_counts_and_says_what_the_next_step_waits_for(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    client = site.client_as("organizer")
    page = " ".join(client.get("/o/").text.split())
    assert '<span class="count">5/10</span><progress value="5" max="10" aria-label="Entries sent">' in page
    assert '<span class="count">3/6</span><progress value="3" max="6" aria-label="Slots closed">' in page
    assert "Entries may still be sent: 5 of 10 are not there yet." in page
    assert "Slots not closed yet: 3." in page
    assert "Drafts not sent: 5" in page
    assert "<strong>Trat</strong> · 19 Jul 2021<br> entries 0/5 · slots 0/3 · cards 0/0" in page
    assert page.count("<tr>") == 1 + 18, "every zone has its line"


def test_the_round_ends_with_official_results(site: BuiltSite) -> None:
    client = site.client_as("auditor")
    assert "All slots are closed: calculate the official results." in client.get("/o/").text
    for code in (TRANSPARENT, POLICY, FUND):
        calculated(site, code, "official")
    page = client.get("/o/").text
    assert "Nothing: every award has an official result." in page
    assert page.count("official, run") == 3


def test_cards_of_excused_members_are_not_waited_for(site: BuiltSite) -> None:
    change(
        site,
        "update assignment set excused = 'absent', state = 'draft'"
        " where entry_id = (select id from entry where code = 'to-23')",
    )
    waited = value(site, "select count(*) from assignment where excused = ''")
    assert waited < site.round.cards
    page = " ".join(site.client_as("organizer").get("/o/").text.split())
    assert f'<span class="count">{waited}/{waited}</span>' in page
