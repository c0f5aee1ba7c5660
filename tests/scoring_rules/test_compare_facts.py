"""The same facts by two rule sets: what the new rules take of them, and who would move."""

from dataclasses import replace

import pytest

from scoring_rules.compare_facts import Compared, compare_results
from scoring_rules.facts import Facts, Resolution
from scoring_rules.problems import FactsRefused
from scoring_rules.rules import RuleSet
from tests.random_facts import contest as random_contest
from tests.scoring_rules.build import category, contest, entry, facts, inner, marked, rule_set, scale, stage

OLD = rule_set(category(inner("d1", marked("d1/plan", 40), marked("d1/work", 30)), marked("d2", 30)))
GIVEN = contest({
    "A": {"m": {"d1/plan": 5, "d1/work": 3, "d2": 4}},
    "B": {"m": {"d1/plan": 3, "d1/work": 5, "d2": 4}},
})  # fmt: skip


def changed(*criteria: object) -> RuleSet:
    return rule_set(category(*criteria))  # type: ignore[arg-type]


def ranks(compared: Compared) -> dict[str, tuple[int | None, int | None]]:
    return {
        each.entry: (each.before and each.before.rank, each.after and each.after.rank)  # type: ignore[misc]
        for each in compared.moves
    }


def test_facts_by_the_same_rules_move_nobody():
    assert compare_results(OLD, OLD, GIVEN).moves == ()


def test_marks_go_with_a_criterion_that_moved():
    new = changed(inner("d1", marked("d1/plan", 20)), marked("work", 50), marked("d2", 30))
    compared = compare_results(OLD, new, GIVEN)
    assert compared.unfit == ()
    assert ranks(compared) == {"A": (1, 2), "B": (2, 1)}


def test_marks_of_a_criterion_that_is_gone_are_not_used():
    new = changed(inner("d1", marked("d1/plan", 40), marked("d1/work", 60)))
    compared = compare_results(OLD, new, GIVEN)
    (unfit,) = compared.unfit
    assert not unfit.left_out
    assert unfit.entries == ("A", "B")
    assert unfit.says.en == "Nobody marks “d2” in the new rules: its marks are not used"
    assert ranks(compared) == {"A": (1, 2), "B": (2, 1)}


def test_an_entry_that_the_new_rules_cannot_take_is_out_on_both_sides():
    """B is better by the old rules; with B out, A is first on both sides and only its points differ."""
    given = contest({"A": {"m": {"d1": 4}}, "B": {"m": {"d1": 5}}})
    old, new = (changed(marked("d1", 100, on=scale(0, top))) for top in (5, 4))
    compared = compare_results(old, new, given)
    assert ranks(compared) == {"A": (1, 1)}
    assert [(each.left_out, each.entries) for each in compared.unfit] == [(True, ("B",))]


def test_a_first_stage_of_another_code_is_the_first_stage_still():
    compared = compare_results(OLD, replace(OLD, stages=(stage("zone"), stage("end"))), GIVEN)
    assert compared.moves == ()
    assert compared.problems == ()


def test_a_group_that_the_facts_do_not_tell_leaves_its_entries_out():
    entries = [entry("A", zone="9"), entry("B")]
    compared = compare_results(OLD, replace(OLD, stages=(stage(groups="zone"),)), facts(entries, GIVEN.cards))
    assert [each.entries for each in compared.unfit] == [("B",)]
    assert ranks(compared) == {"A": (1, 1)}  # in another group now


def test_a_decision_keeps_the_order_of_those_that_are_compared():
    same = {"m": {"d1": 3}}
    given = contest({"A": same, "B": same, "C": {"m": {"d1": 3, "d2": 9}}})
    old = changed(marked("d1", 100), marked("d2", 0, on=scale(0, 9)))
    given = Facts(given.entries, {**given.cards}, (Resolution("office", "final", "", ("C", "B", "A"), "มติ"),))
    for code in ("A", "B"):
        (card,) = given.cards[code]
        given = replace(given, cards={**given.cards, code: (replace(card, marks={**card.marks, "d2": 0}),)})
    compared = compare_results(old, changed(marked("d1", 100), marked("d2", 0, on=scale(0, 5))), given)
    assert compared.before is not None
    lines = compared.before.rankings[0].standings
    assert [(each.entry, each.rank) for each in lines] == [("B", 1), ("A", 2)]
    assert compared.moves == ()


def test_facts_that_do_not_fit_the_old_rules_are_refused():
    with pytest.raises(FactsRefused):
        compare_results(OLD, OLD, contest({"A": {"m": {"d1/plan": 6, "d1/work": 3, "d2": 4}}}))


@pytest.mark.parametrize("seed", range(20))
def test_any_facts_by_any_two_rule_sets_are_compared_or_told_why_not(seed: int):
    given, other = random_contest(seed, most_entries=8, most_members=3), random_contest(seed + 1000, most_entries=2)
    compared = compare_results(given.rules, other.rules, given.facts, stage=given.stage, earlier=given.earlier)
    out = {code for each in compared.unfit if each.left_out for code in each.entries}
    assert all(each.says.th and each.says.en and each.entries for each in compared.unfit)
    if compared.after is None:
        assert compared.problems or compared.unfit
    else:
        listed = {line.entry for ranking in compared.after.rankings for line in ranking.standings}
        assert not out & listed
        assert all(move.through for move in compared.moves)
