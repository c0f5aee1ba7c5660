"""Trials: what they change, exactly; what they refuse; that nothing they return passes for a result."""

from fractions import Fraction
from typing import Any

import pytest

from scoring_rules.engine import evaluate
from scoring_rules.leave_one_out import RankChange, RankRange, leave_one_out
from scoring_rules.moves import moves
from scoring_rules.rescale import TrialRefused, with_points
from scoring_rules.rules import Category, ChecklistSource, Condition, Drop, Eligibility, IndicatorSource
from scoring_rules.whatif import TRIAL, Variant, list_members, tried, try_facts, try_out, try_rules
from tests.scoring_rules.build import (
    bands,
    category,
    checklist,
    contest,
    indicator,
    inner,
    marked,
    measured,
    panel,
    roundings,
    rule_set,
    scale,
    words,
)

ON = scale(0, 10, 1)
KIND = category(
    inner("a", marked("a/x", 20, on=ON), marked("a/y", 10, on=ON)),
    marked("b", 40, on=ON),
    marked("c", 30, on=ON),
    panel=panel(quorum=2),
    ties=["share"],
)
RULES = rule_set(KIND)
GIVEN = contest(
    {
        "E1": {"m1": {"a/x": 9, "a/y": 9, "b": 5, "c": 5}, "m2": {"a/x": 8, "a/y": 8, "b": 5, "c": 5}},
        "E2": {"m1": {"a/x": 5, "a/y": 5, "b": 8, "c": 5}, "m2": {"a/x": 5, "a/y": 5, "b": 8, "c": 6}},
        "E3": {
            "m1": {"a/x": 6, "a/y": 6, "b": 6, "c": 9},
            "m2": {"a/x": 6, "a/y": 6, "b": 6, "c": 1},
            "m3": {"a/x": 6, "a/y": 6, "b": 6, "c": 1},
        },
    }
)


def points(kind: Category) -> dict[str, Any]:
    return {node.path: node.points for node in kind.nodes()}


def refusal(variant: Variant) -> list[tuple[str, str]]:
    with pytest.raises(TrialRefused) as refused:
        try_out(RULES, GIVEN, variant)
    assert all(each.says.th and each.says.en and each.remedy.th and each.remedy.en for each in refused.value.problems)
    return [(each.path, each.code) for each in refused.value.problems]


def ranks(variant: Variant, rules: Any = RULES) -> dict[str, int | None]:
    after = try_out(rules, GIVEN, variant).after
    return {line.entry: line.rank for line in after.rankings[0].standings}


def test_siblings_share_what_is_left_in_proportion_and_everything_adds_up():
    kind = with_points(KIND, {"a": 60})
    assert points(kind) == {
        "a": 60, "a/x": 40, "a/y": 20, "b": Fraction(160, 7), "c": Fraction(120, 7)
    }  # fmt: skip
    assert kind.full_mark == 100
    assert [leaf.points for leaf in kind.leaves] == [40, 20, Fraction(160, 7), Fraction(120, 7)]


def test_several_points_at_once_also_inside_a_parent_that_changes():
    assert points(with_points(KIND, {"a": 60, "a/x": 10, "b": 10})) == {"a": 60, "a/x": 10, "a/y": 50, "b": 10, "c": 30}
    assert points(with_points(KIND, {"a": 0})) == {
        "a": 0, "a/x": 0, "a/y": 0, "b": Fraction(400, 7), "c": Fraction(300, 7)
    }  # fmt: skip
    assert points(with_points(KIND, {"a": 30})) == points(KIND)


def test_what_hangs_on_points_is_scaled_with_them():
    half = with_points(
        category(
            measured("n", 40, "debt", on=bands("lower", [(5, 40), (10, 20)], 8)),
            checklist("t", {"p": 10, "q": 30}),
            marked("m", 20, on=scale(0, 20, 1), worth="as_points"),
            indicators=[indicator("debt", better="lower")],
            eligibility=[Eligibility("e", words("e"), Condition("criterion", "n", "at_least", 10), "not_placed")],
        ),
        {"n": 20, "m": 40},
    )
    numbers, ticks, marks = half.criteria
    assert isinstance(numbers.source, IndicatorSource) and numbers.source.bands is not None
    assert (numbers.source.bands.edges, numbers.source.bands.beyond) == (((5, 20), (10, 10)), 4)
    assert isinstance(ticks.source, ChecklistSource)
    assert [item.points for item in ticks.source.items] == [10, 30]
    assert marks.points == 40
    assert half.eligibility[0].require.value == 5, "a quarter of the points before, a quarter after"


def test_a_mark_that_is_points_keeps_its_share_of_them():
    rules = rule_set(
        category(marked("m", 20, on=scale(0, 20, 1), worth="as_points"), marked("n", 80, on=ON), ties=["share"])
    )
    given = contest({"A": {"j": {"m": 15, "n": 0}}, "B": {"j": {"m": 5, "n": 5}}})
    trial = try_out(rules, given, Variant(points={"m": 40}))
    assert (trial.before.standing("A").total, trial.after.standing("A").total) == (15, 30)


def test_another_weight_moves_who_it_should():
    assert ranks(Variant()) == {"E2": 1, "E1": 2, "E3": 3}
    assert ranks(Variant(points={"a": 60})) == {"E1": 1, "E2": 2, "E3": 3}
    trial = try_out(RULES, GIVEN, Variant(points={"a": 60}))
    movers = {each.entry: (each.before, each.after) for each in moves(trial.before, trial.after) if each.changes_rank}
    assert {
        entry: (before.rank, after.rank) for entry, (before, after) in movers.items() if before and after
    } == {"E1": (2, 1), "E2": (1, 2)}  # fmt: skip


def test_a_member_left_out_is_gone_everywhere_and_quorum_holds():
    trial = try_out(RULES, GIVEN, Variant(without=("m1",)))
    assert list_members(try_facts(GIVEN, Variant(without=("m1",)))) == ["m2", "m3"]
    assert {line.entry: line.status for line in trial.after.rankings[0].standings} == {
        "E3": "ranked", "E1": "incomplete", "E2": "incomplete"
    }  # fmt: skip
    assert list_members(GIVEN) == ["m1", "m2", "m3"], "the facts themselves are as they were"


def test_another_way_to_combine_and_what_it_drops():
    assert try_out(RULES, GIVEN, Variant(combine="median")).after.standing("E3").combined["c"] == 1
    trimmed = try_out(RULES, GIVEN, Variant(combine="trimmed_mean", drop=Drop(1, 0, 3))).after
    assert trimmed.standing("E3").combined["c"] == 1
    assert trimmed.standing("E1").combined["a/x"] == Fraction(17, 2), "two members: nothing is dropped"
    # an odd median by criterion is not the median of the totals where members disagree
    totals = try_out(RULES, GIVEN, Variant(combine="median", applied_to="totals")).after
    assert totals.standing("E3").total == Fraction(45)


def test_a_sum_is_cut_at_the_ceiling_as_the_rules_say_and_that_is_told():
    trial = try_out(RULES, GIVEN, Variant(combine="sum"))
    assert {line.total for line in trial.after.rankings[0].standings} == {100}
    assert trial.tried[0].en == "members combined by the sum (the ceiling stays)"


def test_roundings_and_what_is_ranked_on():
    kind = category(marked("a", 100, on=scale(0, 3, 1)), ties=["share"], rounding=roundings(rank_on="rounded"))
    given = contest({"A": {"m": {"a": 2}}})
    down = try_out(rule_set(kind), given, Variant(rounding="down")).after
    assert down.standing("A").total == Fraction(6666, 100)
    assert try_rules(rule_set(kind), Variant(rank_on="exact")).categories[0].rounding.rank_on == "exact"


def test_a_path_may_name_its_category():
    other = category(marked("a", 50, on=ON), marked("d", 50, on=ON), code="other")
    both = try_rules(rule_set(KIND, other), Variant(points={"other:a": 20, "c": 10}))
    assert points(both.categories[0])["a"] == Fraction(270, 7) and points(both.categories[1]) == {"a": 20, "d": 80}


@pytest.mark.parametrize(
    ("variant", "refused"),
    [
        (Variant(points={"a": -1}), [("points.a", "negative")]),
        (Variant(points={"a": 101}), [("points.a", "points_do_not_fit")]),
        (Variant(points={"a": 60, "b": 60}), [("points.a", "points_do_not_fit")]),
        (Variant(points={"a/x": 5, "a/y": 5}), [("points.a/x", "points_do_not_fit")]),
        (Variant(points={"z": 1}), [("points.z", "unknown_criterion")]),
        (Variant(points={"other:a": 1}), [("points.other:a", "unknown_criterion")]),
        (Variant(points={"office:z": 1}), [("points.z", "unknown_criterion")]),
        (Variant(without=("m9",)), [("without", "unknown_member")]),
        (Variant(combine="trimmed_mean"), [("drop", "no_drop")]),
        (Variant(combine="trimmed_mean", drop=Drop(1, 1, 2)), [("drop", "trim_leaves_nothing")]),
        (Variant(combine="median", drop=Drop(1, 1, 3)), [("drop", "drop_without_trim")]),
        (Variant(combine="best", rank_on="luck"), [("combine", "unknown_word"), ("rank_on", "unknown_word")]),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_sentence(variant: Variant, refused: list[tuple[str, str]]):
    assert refusal(variant) == refused


def test_a_trial_says_that_it_is_one_and_cannot_pass_for_the_rules_in_force():
    trial = try_out(RULES, GIVEN, Variant(points={"a": 60}, without=("m3",)))
    assert trial.before.to_json() == evaluate(RULES, GIVEN).to_json()
    assert TRIAL.th in trial.after.rule_set and trial.after.rules_sha256 != RULES.sha256
    for language in ("th", "en"):
        told = trial.explain("E1", language=language)
        assert told[0].startswith(TRIAL.in_language(language)) and told[-1] == TRIAL.in_language(language)
    assert try_rules(RULES, Variant(points={"a": 61})).sha256 != trial.after.rules_sha256


def test_everything_tried_is_told_in_both_languages():
    variant = Variant(
        points={"a": 60, "a/x": 30}, without=("m1", "m2"), combine="trimmed_mean", drop=Drop(1, 1, 3),
        applied_to="totals", rounding="down", rank_on="exact",
    )  # fmt: skip
    told = tried(RULES, variant)
    assert len(told) == 8 and all(each.th and each.en for each in told)
    assert told[0].en == "“a” 60 points instead of 30; the other parts share the rest in proportion"
    assert told[2].en == "without members m1, m2"
    assert tried(RULES, Variant()) == [] and not Variant()


def test_leaving_each_member_out_gives_every_entry_its_range():
    found = leave_one_out(RULES, GIVEN, stage="final")
    assert found.ranges == (
        RankRange("office", "", "E2", 1, 1, 1, ("m1", "m2")),
        RankRange("office", "", "E1", 2, 2, 2, ("m1", "m2")),
        RankRange("office", "", "E3", 3, 1, 3),
    )
    assert found.changes["office", "", "m3"] == ()
    assert found.changes["office", "", "m1"] == (
        RankChange("E2", 1, None), RankChange("E1", 2, None), RankChange("E3", 3, 1)
    )  # fmt: skip
