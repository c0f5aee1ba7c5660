"""From rows to facts: everything that was sent and closed, exactly, and nothing that is still being marked."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import text

from award.evaluation import collect_facts, evaluate_stage, rules_of
from scoring_rules.exact import Rounding, rounded
from scoring_rules.facts import Facts
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.results import POLICY, TRANSPARENT, award_of, card_of, change, set_slot


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def facts_of(site: BuiltSite, code: str = TRANSPARENT) -> Facts:
    with site.database.reading() as db:
        return collect_facts(db, award_cycle=award_of(site, code), stage="zone")


def test_entries_come_with_their_place_and_exact_numbers(site: BuiltSite) -> None:
    change(site, "update entry set answers = json_set(answers, '$.satisfaction_given', '97.27') where code = 'to-23'")
    entry = next(each for each in facts_of(site).entries if each.code == "to-23")
    assert entry.attributes == {"zone": "9", "province": "ตราด", "region": entry.attributes["region"]}
    assert entry.fields["satisfaction_given"] == Fraction(9727, 100)
    assert "title" not in entry.fields, "only numbers are facts"


def test_drafts_are_no_entries_and_states_are_told(site: BuiltSite) -> None:
    change(site, "update entry set state = 'draft', submitted_at = null where code = 'to-23'")
    change(site, "update entry set state = 'not_presented' where code = 'to-22'")
    facts = facts_of(site)
    assert [(each.code, each.state) for each in facts.entries] == [("to-22", "not_presented")]
    assert "to-23" not in facts.cards


@pytest.mark.parametrize("state", ["open", "planned"])
def test_marks_of_a_slot_that_is_not_closed_are_no_facts(site: BuiltSite, state: str) -> None:
    assert facts_of(site).cards["to-23"]
    set_slot(site, "to-23", state)
    facts = facts_of(site)
    assert "to-23" in {each.code for each in facts.entries}
    assert "to-23" not in facts.cards
    assert "to-22" in facts.cards, "the neighbour's slot stays closed"


def test_a_card_that_is_not_sent_does_not_count(site: BuiltSite) -> None:
    before = {card.member for card in facts_of(site).cards["to-22"]}
    change(site, "update assignment set state = 'draft', excused = '' where id = :card", card=card_of(site, "to-22"))
    assert {card.member for card in facts_of(site).cards["to-22"]} == before - {"z9-chair"}


def test_excused_members_stand_aside_with_their_reason(site: BuiltSite) -> None:
    stand_aside = "update assignment set excused = 'recused', excused_reason = 'x' where id = :card"
    change(site, stand_aside, card=card_of(site, "to-23"))
    cards = {card.member: card for card in facts_of(site).cards["to-23"]}
    assert cards["z9-chair"].state == "recused"
    assert cards["z9-chair"].marks == {} and cards["z9-chair"].reason == "x"


def test_the_latest_mark_counts_and_one_taken_back_is_blank(site: BuiltSite) -> None:
    card = card_of(site, "to-23")
    change(site, "update assignment set state = 'sent', excused = '' where id = :card", card=card)
    again = (
        "insert into mark (assignment_id, revision, criterion, value, note, at) values (:card, :at, :path, :to, '', '')"
    )
    for at, path, to in ((90, "d1/commitment", 30000), (91, "d1/commitment", 15000), (92, "d1/plans", None)):
        change(site, again, card=card, at=at, path=path, to=to)
    marks = next(each for each in facts_of(site).cards["to-23"] if each.member == "z9-chair").marks
    assert marks["d1/commitment"] == Fraction(3, 2)
    assert "d1/plans" not in marks, "missing is never zero"


def test_totals_are_the_means_that_plain_sql_gives(site: BuiltSite) -> None:
    rules = rules_of(award_of(site, POLICY).rules_text)
    points = {leaf.path: Fraction(leaf.points) for leaf in rules.categories[0].leaves}
    given = defaultdict(list)
    with site.database.reading() as db:
        rows = db.execute(text(
            "select e.code, m.criterion, m.value from mark m join assignment a on a.id = m.assignment_id"
            " join entry e on e.id = a.entry_id where e.code like 'pa-%' and a.excused = '' and not exists"
            " (select 1 from mark n where n.assignment_id = m.assignment_id and n.criterion = m.criterion"
            " and n.revision > m.revision)"
        ))  # fmt: skip
        for entry, path, mark in rows:
            given[entry, path].append(Fraction(mark, 10_000))
    assert len(given) == 2 * 17
    evaluation = evaluate_stage(rules, facts_of(site, POLICY), stage="zone")
    for entry in ("pa-22", "pa-23"):
        exact = sum(
            points[path] * sum(marks) / len(marks) / 5 for (code, path), marks in given.items() if code == entry
        )
        standing = evaluation.standing(entry)
        assert standing.total_exact == exact
        assert standing.total == rounded(exact, Rounding(2, "half_up"))


def test_facts_take_four_statements_whatever_their_size(tmp_path: Path) -> None:
    counts = set()
    for number, provinces in enumerate([(TRAT,), (TRAT, CHANTHABURI, PHRAE)]):
        site = build_site(tmp_path / str(number), provinces=provinces)
        award = award_of(site, TRANSPARENT)
        with site.database.reading() as db, site.statements() as seen:
            assert len(collect_facts(db, award_cycle=award, stage="zone").entries) == len(provinces)
        counts.add(len(seen))
    assert counts == {4}


def test_facts_survive_being_frozen(site: BuiltSite) -> None:
    facts = facts_of(site)
    assert Facts.from_json(facts.to_json()).to_json() == facts.to_json()
