"""The page of trials beside a run: who sees it, that its numbers are the engine's, and that nothing is stored."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import text

from award.actions.ranking import calculate_run
from award.evaluation import Recalculation, recalculate
from award.forms.whatif import TrialForm
from award.queries.cycles import find_award_cycle
from award.queries.ranking import find_run
from award.views.whatif_pages import open_trial
from scoring_rules.engine import evaluate
from scoring_rules.exact import Rounding, shown
from scoring_rules.leave_one_out import leave_one_out
from scoring_rules.weight_words import change_said, interval_said
from scoring_rules.weights import weight_stability
from scoring_rules.whatif import Variant, try_out
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.results import FUND, TRANSPARENT, actor_of, award_of, calculated, change, set_slot

ZONE_9 = (CHANTHABURI, TRAT, "25", "26", "27")


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, provinces=ZONE_9)


def again_of(site: BuiltSite, run: int) -> Recalculation:
    with site.database.reading() as db:
        found = find_run(db, run)
        award = find_award_cycle(db, found.adoption_id) if found else None
        assert found is not None and award is not None
        return recalculate(db, run=found, award_cycle=award)


def page(site: BuiltSite, run: int, query: str = "", *, language: str = "en", status: int = 200) -> str:
    answer = site.client_as("organizer", language=language).get(f"/r/run/{run}/whatif{query}")
    assert answer.status_code == status
    return unescape(answer.text)


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def table(html: str, kind: str) -> dict[str, str]:
    """First cell → the whole row, tags taken out."""
    body = re.search(rf'<table class="rows {kind}">.*?</table>', html, flags=re.S)
    assert body is not None, f"no table of {kind}"
    rows = re.findall(r"<tr>(<td.*?)</tr>", body[0], flags=re.S)
    return {words_of(row.split("<span")[0].split("</td>")[0]): words_of(row) for row in rows}


def test_it_says_in_large_words_that_it_is_a_trial(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    shown_page = page(site, run)
    assert '<p class="trial-word">A trial, not a result</p>' in shown_page
    for said in ("Nothing is changed and nothing is stored", "Proposed rules", "Invented data", "Nothing is tried yet"):
        assert said in shown_page
    thai = page(site, run, language="th")
    assert "ทดลอง ไม่ใช่ผลจริง" in thai and "ข้อมูลสมมติ" in thai and "ลองดูผล" in thai
    assert f'href="/r/run/{run}/whatif"' in site.client_as("organizer").get(f"/r/run/{run}").text


def test_only_those_who_see_the_run_see_its_trials(site: BuiltSite) -> None:
    address = f"/r/run/{calculated(site, TRANSPARENT)}/whatif"
    assert site.client_as("auditor").get(address).status_code == 200
    for login in ("z9-chair", "z9-member", f"p{TRAT}"):
        assert site.client_as(login).get(address).status_code == 403
    assert site.client().get(address).status_code == 302
    assert site.client_as("organizer").get("/r/run/99/whatif").status_code == 404
    assert site.client_as("organizer").get(f"{address}?group=3").status_code == 404
    assert site.client_as("organizer").get(f"{address}?category=none").status_code == 404


def test_who_would_move_is_what_the_engine_says(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    again = again_of(site, run)
    variant = Variant(points={"d1": 2, "d5": 40}, without=("z9-member",), combine="median")
    trial = try_out(again.rules, again.facts, variant, stage="zone")
    html = page(site, run, "?points-d1=2&points-d5=40&without=z9-member&combine=median")
    rows = table(html, "movers")
    moved = 0
    for line in trial.before.rankings[0].standings:
        after = trial.after.standing(line.entry)
        row = next((said for said in rows.values() if line.label in said), None)
        told = (line.rank, line.status, line.tier, line.advances)
        if told == (after.rank, after.status, after.tier, after.advances):
            assert row is None
            continue
        moved += 1
        assert row is not None and f"{line.rank} → {after.rank or '–'}" in row
        if after.rank and line.rank and after.rank != line.rank:
            up = line.rank - after.rank
            assert (f"↑ up {up}" if up > 0 else f"↓ down {-up}") in row
        if after.total is not None and line.total is not None:
            assert f"{shown(line.total, 2)} → {shown(after.total, 2)}" in row
    assert moved == len(rows) and moved >= 2
    assert "“Leaders' role and the office's own efforts to build transparency” 2 points instead of 25" in html
    assert "without member Director of the training centre, zone 9, East 2" in html


def test_the_intervals_are_those_of_the_engine(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    again = again_of(site, run)
    rows = table(page(site, run), "stability")
    found = [each for each in weight_stability(again.rules, again.facts, stage="zone") if each.what == "winner"]
    assert len(rows) == len(found) == 22
    with site.database.reading() as db:
        named = db.execute(text("select e.code, p.name_en from entry e join province p on p.code = e.province_code"))
        places = {str(code): str(name) for code, name in named}
    ends = 0
    for each in found:
        row = rows[each.criterion.label.in_language("en")]
        assert interval_said(each).en in row
        for end in (each.below, each.above):
            if end is not None:
                ends += 1
                assert change_said(each, end, lambda code: places[code]).en in row
    assert ends, "some weight has an end"


def test_all_groups_together_have_the_narrowest_interval(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(*ZONE_9, PHRAE, "52", "55"))
    run = calculated(site, TRANSPARENT)
    again = again_of(site, run)
    found = [
        each
        for each in weight_stability(again.rules, again.facts, stage="zone", roots_only=True)
        if (each.what, each.criterion.path) == ("winner", "d2")
    ]
    assert len(found) > 1
    low = max(each.interval.low for each in found)
    row = table(page(site, run), "stability")["Disclosure of information"]
    narrowest = next(each for each in found if each.interval.low == low)
    assert interval_said(narrowest).en.split()[1] in row
    assert len(table(page(site, run, "?group=9"), "stability")) == 22, "one group shows what lies inside a criterion"


def test_what_hangs_on_one_member(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    again = again_of(site, run)
    ranges = leave_one_out(again.rules, again.facts, stage="zone").ranges
    rows = table(page(site, run), "hanging")
    hanging = [each for each in ranges if (each.best, each.worst, each.unranked_without) != (each.now, each.now, ())]
    assert len(rows) == len(hanging) >= 1
    steady = len(ranges) - len(hanging)
    assert f"Entries that keep their rank whoever is left out: {steady}" in page(site, run)


def test_blank_fields_leave_the_address(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    client = site.client_as("organizer")
    answer = client.get(f"/r/run/{run}/whatif?group=9&points-d1=30&points-d2=&combine=&without=z9-chair")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/r/run/{run}/whatif?group=9&points-d1=30&without=z9-chair"
    assert "Nothing is tried yet" in page(site, run, "?points-d1=25&combine=mean"), "what is so anyway is no trial"


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("?points-d1=3x", "points-d1", "Write the points as a number"),
        ("?points-d1=101", "points-d1", "The points tried add up to 101, and their parent has 100"),
        ("?points-d1-commitment=-1", "points-d1-commitment", "less than none"),
        ("?without=z1-chair", "without", "No member z1-chair has marked here"),
        ("?combine=best", "combine", "Choose one of the list"),
        ("?combine=trimmed_mean&high=2&low=1&least=3", "high", "no mark is left"),
        ("?combine=trimmed_mean&low=1.5", "low", "Write a whole number from 0 to 99"),
    ],
)
def test_what_cannot_be_tried_is_said_above_its_field(site: BuiltSite, query: str, field: str, said: str) -> None:
    html = page(site, calculated(site, TRANSPARENT), query, status=422)
    assert re.search(rf'<li><a href="#{field}">[^<]*{said}', html), "in the summary, with a link"
    assert re.search(rf'<p class="error" id="{field}-error">[^<]*{said}', html)
    assert f'id="{field}"' in html and "nothing was tried" in html
    assert 'class="rows stability"' in html, "the rest of the page is there"


def test_nothing_is_stored_and_statements_do_not_grow(site: BuiltSite, tmp_path: Path) -> None:
    counts = []
    (tmp_path / "small").mkdir()
    for each in (build_site(tmp_path / "small", provinces=(TRAT,)), site):
        run = calculated(each, TRANSPARENT)
        client = each.client_as("organizer")
        client.get(f"/r/run/{run}/whatif")  # the stored result is read once
        before = each.settings.database.read_bytes()
        with each.statements() as seen:
            assert client.get(f"/r/run/{run}/whatif?points-d1=40&without=z9-chair").status_code == 200
        assert all(statement.startswith("SELECT") for statement in seen)
        assert each.settings.database.read_bytes() == before
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_a_run_without_ranked_entries_has_nothing_to_try(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT,))
    set_slot(site, f"to-{TRAT}", "open")
    html = page(site, calculated(site, TRANSPARENT))
    assert "Nobody has marked here." in html and "Nobody is ranked here, or no criterion can move." in html
    change(site, "update entry set state = 'draft', submitted_at = null")
    assert "there is nothing to try" in page(site, calculated(site, TRANSPARENT))


def test_what_is_not_proven_is_said_to_be_so(site: BuiltSite) -> None:
    rounded = "replace(rules_text, '    points: none', '    points: {places: 0, mode: half_up}')"
    change(site, f"update adoption set rules_text = {rounded}")
    html = page(site, calculated(site, TRANSPARENT))
    assert "not determined exactly" in html and "only what is certain is told" in html
    assert "ยังระบุช่วงที่แน่นอนไม่ได้" in page(site, calculated(site, TRANSPARENT), language="th")


def test_one_category_at_a_time(site: BuiltSite) -> None:
    run = calculated(site, FUND)
    first = page(site, run)
    assert '<option value="district_secretariat" selected>' in first
    other = page(site, run, "?category=occupation_group&points-income=30")
    assert '<option value="occupation_group" selected>' in other and "30 points instead of" in other


def test_a_later_stage_keeps_what_the_earlier_one_left(site: BuiltSite) -> None:
    calculated(site, TRANSPARENT, "official")
    receipt = calculate_run(
        site.database, site.clock, actor=actor_of(site), stage="national", kind="provisional",
        adoption_id=award_of(site, TRANSPARENT).adoption_id,
    )  # fmt: skip
    assert "Nobody is ranked here" in page(site, int(receipt.body["run"]), "?points-d1=30")


def test_an_altered_run_is_not_tried_on(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    change(site, "update ranking_run set facts = replace(facts, '\"4\"', '\"5\"')")
    answer = site.client_as("organizer").get(f"/r/run/{run}/whatif")
    assert answer.status_code == 422 and "they were altered" in answer.text


def test_totals_are_shown_with_the_places_that_the_rules_name(site: BuiltSite) -> None:
    again = again_of(site, calculated(site, TRANSPARENT))
    category = again.rules.categories[0]
    exact_to_three = replace(category, rounding=replace(category.rounding, total=Rounding(3, "half_up")))
    rules = replace(again.rules, categories=(exact_to_three,))
    finer = replace(again, rules=rules, evaluation=evaluate(rules, again.facts, stage="zone"))
    tried = TrialForm(Variant(points={"d1": 60}), {}, (), ())
    opened = open_trial(
        finer, tried, stage="zone", category=exact_to_three, group="", names={}, groups={}, seats={}, language="en"
    )
    assert opened.movers
    assert all(len(text.partition(".")[2]) == 3 for mover in opened.movers for text in mover.totals if text != "–")
