"""How far a weight may move: the published figures of a whole contest, and random close ones asked again."""

from collections import defaultdict
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from scoring_rules.engine import Earlier, evaluate
from scoring_rules.exact import Mode, Number, Rounding, exact_text
from scoring_rules.facts import Facts
from scoring_rules.leave_one_out import leave_one_out
from scoring_rules.rules import Adjustment, Carries, Condition, Drop, Eligibility, RuleSet
from scoring_rules.weight_words import interval_said
from scoring_rules.weights import Change, Interval, Stability, weight_stability
from scoring_rules.whatif import Variant, try_rules
from tests.contests import expected, rows
from tests.contests.juries import ONE_JURY
from tests.scoring_rules.build import (
    card,
    category,
    contest,
    entry,
    facts,
    inner,
    marked,
    number_field,
    panel,
    roundings,
    rule_set,
    scale,
    stage,
    words,
)  # fmt: skip
from tests.scoring_rules.close_contests import close_contest

JUST = Fraction(1, 10**9)


def stability(rules: RuleSet, given: Facts, path: str, what: str = "winner") -> Stability:
    found = weight_stability(rules, given, stage="final")
    return next(each for each in found if (each.criterion.path, each.what) == (path, what))


def outcome(rules: RuleSet, given: Facts, path: str, points: Number, what: str) -> set[str]:
    """Who wins or goes on, by the ordinary rule at other points."""
    lines = evaluate(try_rules(rules, Variant(points={path: points})), given, stage="final").rankings[0].standings
    return {line.entry for line in lines if (line.rank == 1 if what == "winner" else line.advances)}


def one_jury(**kinds: Any) -> tuple[RuleSet, Facts]:
    """The contest of 76 entries, 5 judges and 8 criteria; each criterion's points are its weight."""
    leaves = [
        marked(row["criterion"], row["weight_percent"], on=scale(0, row["max_score"], "0.25"))
        for row in rows("fairness", f"{ONE_JURY}.weights.csv")
    ]
    marks: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows("fairness", f"{ONE_JURY}.csv"):
        marks[row["entry"]][row["judge"]][row["criterion"]] = row["score"]
    cards = {code: [card(judge, own) for judge, own in given.items()] for code, given in marks.items()}
    return rule_set(category(*leaves, **kinds)), facts([entry(code) for code in marks], cards)


def test_the_winner_of_the_contest_stays_on_the_published_intervals():
    rules, given = one_jury(ties=["share"], rounding=roundings(rank_on="exact"))
    found = weight_stability(rules, given, stage="final")
    assert {each.criterion.path: each.who for each in found} == {f"K{n}": ("P72",) for n in range(1, 9)}
    shares = {
        each.criterion.path: [exact_text(Fraction(end) / 100) for end in (each.interval.low, each.interval.high)]
        for each in found
    }
    assert shares == expected(ONE_JURY)["winner_weight_stability"]
    # there P45 is equal with the winner, which the published interval allows and rank 1 alone does not
    last = found[-1]
    assert not last.interval.high_included
    assert last.above == Change(Fraction(13450, 227), beyond=False, comes=("P45",), goes=())


def test_the_range_of_ranks_without_each_member_is_the_published_one():
    rules, given = one_jury(ties=["share"], rounding=roundings(rank_on="exact"))
    found = leave_one_out(rules, given, stage="final")
    assert {each.entry: [each.best, each.worst] for each in found.ranges} == expected(ONE_JURY)[
        "leave_one_judge_out_rank_range"
    ]
    assert {member for _, _, member in found.changes} == {f"J{n}" for n in range(1, 6)}


# the last three: a bound on points at none of them, ties settled pair by pair, and who comes in just beyond an end
@pytest.mark.parametrize("seed", [*range(24), 76, 770, 1180])
def test_an_interval_is_what_the_ordinary_rule_says_inside_and_just_outside(seed: int):
    chance = Random(seed)
    rules, given = close_contest(chance)
    for each in weight_stability(rules, given, stage="final"):
        path, interval, whole = each.criterion.path, each.interval, Fraction(each.whole)
        assert interval.holds(each.points)
        inside = [Fraction(interval.low) + (Fraction(interval.high) - interval.low) * k / 5 for k in range(6)]
        anywhere = [whole * chance.randint(0, 2000) / 2000 for _ in range(3)]
        for points in (each.points, *inside, *anywhere):
            if interval.holds(points):
                assert outcome(rules, given, path, points, each.what) == set(each.who), (path, points)
        for change, past in ((each.below, -JUST), (each.above, JUST)):
            if change is not None:
                then = outcome(rules, given, path, change.points + (past if change.beyond else 0), each.what)
                assert (then - set(each.who), set(each.who) - then) == (set(change.comes), set(change.goes)), path
                assert change.comes or change.goes
        if each.proven:
            assert each.below or (interval.low == 0 and interval.low_included)
            assert each.above or (interval.high == whole and interval.high_included)


def two(**kinds: Any) -> tuple[RuleSet, Facts]:
    """A leads by d1 (8 of 10 against 5), B by d2 (9 against 6); both criteria have 50 points."""
    on = scale(0, 10, 1)
    rules = rule_set(
        category(marked("d1", 50, on=on), marked("d2", 50, on=on), **kinds), stages=[stage("final", advance=1)]
    )
    return rules, contest({"A": {"m": {"d1": 8, "d2": 6}}, "B": {"m": {"d1": 5, "d2": 9}}})


def test_two_entries_that_cross_once_are_solved_exactly():
    # 0.8 t + 0.6 (100 - t) = 0.5 t + 0.9 (100 - t) at t = 50: equal there, and shared
    rules, given = two(ties=["share"], rounding=roundings(total=None))
    assert stability(rules, given, "d1").who == ("A", "B")
    assert stability(rules, given, "d1").interval == Interval(50, 50, True, True)


def test_a_tie_break_moves_the_end_to_the_last_rounding_step():
    rules, given = two(ties=["criterion:d1"])
    found = stability(rules, given, "d1")
    # below 50 - 1/60 the rounded totals are no longer equal; where they are, d1 decides for A
    assert found.who == ("A",)
    assert (found.below is not None, found.above) == (True, None)
    assert outcome(rules, given, "d1", found.interval.low, "winner") == (
        {"A"} if found.interval.low_included else {"B"}
    )
    assert Fraction(4995, 100) < found.interval.low < 50


def test_who_goes_on_is_told_apart_from_who_wins():
    on = scale(0, 10, 1)
    rules = rule_set(
        category(marked("d1", 50, on=on), marked("d2", 50, on=on), ties=["share"]), stages=[stage("final", advance=2)]
    )
    given = contest({"A": {"m": {"d1": 9, "d2": 9}}, "B": {"m": {"d1": 8, "d2": 4}}, "C": {"m": {"d1": 3, "d2": 8}}})
    assert stability(rules, given, "d1").interval == Interval(0, 100, True, True)
    goes_on = stability(rules, given, "d1", "advances")
    assert goes_on.who == ("A", "B")
    assert goes_on.below is not None and goes_on.below.comes == ("C",)
    assert Fraction(44) < goes_on.interval.low < Fraction(45), "0.8 t + 0.4 (100 - t) = 0.3 t + 0.8 (100 - t)"


def test_one_that_may_win_but_not_go_on_ends_only_the_winners_interval():
    on = scale(0, 10, 1)
    rules = rule_set(
        category(
            marked("d1", 50, on=on), marked("d2", 50, on=on), ties=["criterion:d2"], fields=[number_field("findings")],
            eligibility=[Eligibility("clean", words("c"), Condition("field", "findings", "at_most", 0), "not_placed")],
        ),
        stages=[stage("final", advance=1)],
    )  # fmt: skip
    entries = [entry(code, fields={"findings": found}) for code, found in (("A", 0), ("B", 1), ("C", 0))]
    marks = {"A": (9, 5), "B": (4, 9), "C": (2, 8)}
    given = facts(entries, {code: [card("m", {"d1": d1, "d2": d2})] for code, (d1, d2) in marks.items()})
    winner, goes_on = stability(rules, given, "d1"), stability(rules, given, "d1", "advances")
    assert winner.who == goes_on.who == ("A",)
    assert winner.below is not None and winner.below.comes == ("B",)
    assert goes_on.below is not None and goes_on.below.comes == ("C",)
    assert goes_on.interval.low < winner.interval.low


def test_parts_move_inside_their_parent_and_a_single_part_cannot_move():
    on = scale(0, 10, 1)
    rules = rule_set(
        category(
            inner("d1", marked("d1/x", 30, on=on), marked("d1/y", 30, on=on)),
            inner("d2", marked("d2/only", 40, on=on)),
            ties=["share"],
        )
    )
    given = contest(
        {"A": {"m": {"d1/x": 9, "d1/y": 2, "d2/only": 5}}, "B": {"m": {"d1/x": 2, "d1/y": 8, "d2/only": 5}}}
    )
    found = {each.criterion.path: each for each in weight_stability(rules, given, stage="final")}
    assert set(found) == {"d1", "d2", "d1/x", "d1/y"}
    assert found["d1/x"].whole == 60
    assert found["d1/x"].above is None
    assert found["d1"].above is None and found["d1"].below is not None, "with no points on d1 they are equal"


def test_nothing_is_claimed_where_rules_round_on_the_way():
    rules, given = two(ties=["share"], rounding=roundings(points=Rounding(0, "half_up")))
    given = contest({"A": {"m": {"d1": 9, "d2": 6}}, "B": {"m": {"d1": 5, "d2": 9}}})
    found = stability(rules, given, "d1")
    assert not found.proven and found.reason is not None and "ปัดเศษ" in found.reason.th
    assert found.below is None
    assert 0 < found.interval.low < 50 and found.interval.high == 100
    assert outcome(rules, given, "d1", found.interval.low, "winner") == {"A"}


def test_entries_that_stay_too_close_are_said_to_be_so():
    on = scale(0, 10, "0.0001")
    rules = rule_set(category(marked("d1", 50, on=on), marked("d2", 50, on=on), ties=["criterion:d1", "share"]))
    given = contest({"A": {"m": {"d1": 10, "d2": "0.0001"}}, "B": {"m": {"d1": "9.9999", "d2": "0.0002"}}})
    found = stability(rules, given, "d1")
    assert (found.who, found.proven, found.below, found.above) == (("A",), False, None, None)
    assert found.reason is not None and found.reason.en.startswith("Entries stay so close")
    assert found.interval == Interval(50, 50, True, True)
    assert interval_said(found).en == "certain at 50 points only"


@pytest.mark.parametrize("mode", ["down", "half_even", "half_up"])
def test_totals_below_zero_are_rounded_as_the_rules_say(mode: Mode):
    # A from -1.4 (all on d2) to 0.6 (all on d1), B from 0.6 to -1.4: cut off, both are 0 far from where they cross
    on = scale(0, 20, 1)
    fee = Adjustment("fee", words("fee"), -1, per=("field", "fee"))
    rules = rule_set(
        category(
            marked("d1", 1, on=on), marked("d2", 1, on=on), ties=["share"], floor=-5, adjustments=[fee],
            rounding=roundings(total=Rounding(0, mode)), fields=[number_field("fee")],
        )
    )  # fmt: skip
    entries = [entry(code, fields={"fee": "1.4"}) for code in ("A", "B")]
    cards = {"A": [card("m", {"d1": 20, "d2": 0})], "B": [card("m", {"d1": 0, "d2": 20})]}
    given = facts(entries, cards)
    for points in (Fraction(1), Fraction(3, 2), Fraction(19, 10)):
        moved = try_rules(rules, Variant(points={"d1": points}))
        found = stability(moved, given, "d1")
        assert found.proven
        for place in (found.interval.low - JUST, found.interval.low, found.interval.high, found.interval.high + JUST):
            if 0 <= place <= 2:
                now = outcome(moved, given, "d1", place, "winner")
                assert (now == set(found.who)) == found.interval.holds(place), (points, place)


def test_medians_of_member_totals_bend_where_two_members_cross():
    rules, given = one_jury(
        ties=["share"], panel=panel(combine="trimmed_mean", applied_to="totals", drop=Drop(1, 1, 4))
    )
    found = {each.criterion.path: each for each in weight_stability(rules, given, stage="final")}
    change = found["K8"].above
    assert change is not None and found["K8"].proven
    for points in (change.points - JUST, change.points, change.points + JUST):
        now = outcome(rules, given, "K8", points, "winner")
        assert (now == {"P72"}) == found["K8"].interval.holds(points)


def test_each_group_has_its_own_intervals():
    rules, given = close_contest(Random(3))
    assert {each.group for each in weight_stability(rules, given, stage="final")} == {""}
    assert weight_stability(rules, given, stage="final", group="9") == ()
    roots = weight_stability(rules, given, stage="final", roots_only=True)
    assert {each.criterion.path for each in roots} == {"a", "b", "c"}


def test_a_later_stage_counts_what_it_carries():
    on = scale(0, 10, 1)
    rules = rule_set(
        category(marked("d1", 50, on=on), marked("d2", 50, on=on), ties=["share"]),
        stages=[stage("zone"), stage("national", carries=Carries("zone", Fraction(1, 2)))],
    )
    given = contest({"A": {"m": {"d1": 8, "d2": 6}}, "B": {"m": {"d1": 5, "d2": 9}}})
    earlier = {("zone", "A"): Earlier(70, True), ("zone", "B"): Earlier(72, True)}
    found = weight_stability(rules, given, stage="national", earlier=earlier)[0]
    # half of (80 t + 60 (100 - t)) / 100, and 35, against half of (50 t + 90 (100 - t)) / 100, and 36
    crossing = Fraction(160, 3)
    assert found.who == ("B",) and found.above is not None
    assert abs(found.interval.high - crossing) < Fraction(2, 100)
    for points in (found.interval.high - JUST, found.interval.high + JUST):
        again = evaluate(try_rules(rules, Variant(points={"d1": points})), given, stage="national", earlier=earlier)
        first = {line.entry for line in again.rankings[0].standings if line.rank == 1}
        assert (first == {"B"}) == found.interval.holds(points)
