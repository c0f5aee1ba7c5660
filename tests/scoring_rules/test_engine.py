"""Stages, refusals, what members see while they mark, and the closed vocabulary."""

from fractions import Fraction

import pytest

from scoring_rules import Earlier, check_marks, evaluate, problem_with_mark, running_total, suggested_mark
from scoring_rules.facts import Resolution
from scoring_rules.problems import FactsRefused
from scoring_rules.results import Evaluation
from scoring_rules.rules import Carries, RuleSet, Suggest
from scoring_rules.sentences import SENTENCES
from tests.scoring_rules.build import (
    bands,
    card,
    category,
    checklist,
    contest,
    entry,
    facts,
    indicator,
    inner,
    marked,
    measured,
    panel,
    roundings,
    rule_set,
    scale,
    stage,
)

FREE = scale(0, 100, "0.01")


def two_stages(*, share: Fraction | None = Fraction(2, 5), take: int | None = 1) -> RuleSet:
    carries = Carries("zone", share) if share is not None else None
    plain = category(marked("all", 100, on=FREE, worth="as_points"), rounding=roundings(), ties=["share"])
    return rule_set(plain, stages=[stage("zone", groups="zone", advance=take), stage("national", carries=carries)])


def zone_facts():
    entries = [entry("a", zone="1"), entry("b", zone="1"), entry("c", zone="2")]
    return facts(entries, {code: [card("m", {"all": mark})] for code, mark in {"a": 90, "b": 80, "c": 70}.items()})


def codes(evaluation: Evaluation, stage_: str) -> list[str]:
    return [line.entry for each in evaluation.rankings if each.stage == stage_ for line in each.standings]


# Stages --------------------------------------------------------------------------------------------------------------


def test_without_a_stage_the_winners_of_each_zone_are_listed_nationally_but_have_no_marks_there():
    evaluation = evaluate(two_stages(), zone_facts())
    assert [(each.stage, each.group) for each in evaluation.rankings] == [
        ("zone", "1"), ("zone", "2"), ("national", ""),
    ]  # fmt: skip
    assert codes(evaluation, "national") == ["a", "c"]
    for code in ("a", "c"):
        line = evaluation.standing(code, stage="national")
        assert line.status == "incomplete"
        assert line.total is None
        assert "ยังไม่มีคะแนนของรอบ" in line.reasons[0].th


def test_a_later_stage_carries_the_exact_earlier_total():
    zone = evaluate(two_stages(), zone_facts(), stage="zone")
    earlier = {
        ("zone", line.entry): Earlier(line.total_exact, line.advances)
        for each in zone.rankings
        for line in each.standings
    }
    national = contest({"a": {"n": {"all": 60}}, "b": {"n": {"all": 100}}, "c": {"n": {"all": "80.5"}}})
    evaluation = evaluate(
        two_stages(), facts([entry(c, zone="1") for c in "abc"], national.cards), stage="national", earlier=earlier
    )
    assert codes(evaluation, "national") == ["c", "a"]  # b did not advance
    assert evaluation.standing("a").total_exact == Fraction(2, 5) * 90 + Fraction(3, 5) * 60
    assert evaluation.standing("c").total_exact == Fraction(2, 5) * 70 + Fraction(3, 5) * Fraction("80.5")


def test_an_entry_without_an_earlier_total_stays_incomplete():
    evaluation = evaluate(two_stages(), zone_facts(), stage="national", earlier={("zone", "a"): Earlier(None, True)})
    assert evaluation.standing("a").status == "incomplete"
    assert "zone" in evaluation.standing("a").reasons[0].en


def test_a_stage_that_carries_is_refused_without_earlier_results():
    with pytest.raises(FactsRefused) as refused:
        evaluate(two_stages(), zone_facts(), stage="national")
    assert [problem.code for problem in refused.value.problems] == ["nothing_to_carry"]


def test_a_later_stage_that_carries_nothing_takes_the_entries_it_is_given():
    evaluation = evaluate(two_stages(share=None), zone_facts(), stage="national")
    assert codes(evaluation, "national") == ["a", "b", "c"]


def test_an_entry_that_advanced_but_is_not_listed_is_a_problem_not_a_silence():
    earlier = {("zone", code): Earlier(90, True) for code in ("a", "gone")}
    with pytest.raises(FactsRefused) as refused:
        evaluate(two_stages(), zone_facts(), stage="national", earlier=earlier)
    assert [(problem.code, problem.path) for problem in refused.value.problems] == [("advanced_but_absent", "gone")]


def test_where_a_stage_names_no_advance_everybody_goes_on():
    assert codes(evaluate(two_stages(take=None), zone_facts()), "national") == ["a", "b", "c"]


def test_only_the_category_asked_is_ranked():
    rules = rule_set(category(marked("x", 10)), category(marked("y", 10), code="group"))
    given = facts([entry("a"), entry("b", category="group")], {"a": [card("m", {"x": 5})], "b": [card("m", {"y": 5})]})
    assert [each.category for each in evaluate(rules, given).rankings] == ["office", "group"]
    assert [each.category for each in evaluate(rules, given, category="group").rankings] == ["group"]


# Refusals ------------------------------------------------------------------------------------------------------------


def refused(rules: RuleSet, given, **asked) -> list[str]:
    with pytest.raises(FactsRefused) as refusal:
        evaluate(rules, given, **asked)
    for problem in refusal.value.problems:
        assert problem.says.th
        assert problem.says.en
        assert problem.remedy.th
        assert problem.remedy.en
    return sorted(f"{problem.code} {problem.path}" for problem in refusal.value.problems)


def test_every_problem_of_the_facts_is_told_at_once():
    given = facts(
        [entry("a", zone="1"), entry("a", zone="1"), entry("b"), entry("c", category="none", zone="2")],
        {"a": [card("m", {"all": 1}), card("m", {"all": 2})], "ghost": [card("m", {"all": 1})]},
        [Resolution("office", "zone", "1", ("a", "x"), "?"), Resolution("office", "zone", "1", ("a",), "?")],
    )
    assert refused(two_stages(), given, stage="zone") == [
        "no_group b",
        "repeated_entry a",
        "repeated_member a/m",
        "resolution_of_unknown office/zone/1",
        "resolved_twice office/zone/1",
        "unknown_category c",
        "unknown_entry ghost",
    ]


def test_every_mark_off_its_scale_or_on_no_criterion_is_told_at_once():
    rules = rule_set(category(inner("d1", marked("d1/a", 10), checklist("d1/c", {"x": 1}))))
    good = {"d1/a": 5, "d1/c/x": 1}
    given = contest(
        {
            "e1": {"m1": good | {"d1/a": 6}, "m2": good | {"d1/a": "2.5"}},
            "e2": {"m1": good | {"d1": 5}, "m2": good | {"d1/c/x": 2}, "m3": good | {"d9": 1}},
        }
    )
    assert refused(rules, given) == [
        "mark e1/m1/d1/a", "mark e1/m2/d1/a", "mark e2/m1/d1", "mark e2/m2/d1/c/x", "mark e2/m3/d9",
    ]  # fmt: skip


def test_a_mark_between_two_steps_is_refused():
    rules = rule_set(category(marked("a", 10, on=scale(1, 9, 2))))
    assert refused(rules, contest({"e": {"m1": {"a": 4}, "m2": {"a": 5}}})) == ["mark e/m1/a"]


def test_a_resolution_for_another_group_is_refused_rather_than_left_unused():
    given = facts(zone_facts().entries, zone_facts().cards, [Resolution("office", "zone", "2", ("a", "b"), "?")])
    assert refused(two_stages(), given) == ["resolution_of_other_group office/zone/2"] * 2


def test_an_unknown_stage_or_category_is_refused_with_those_known():
    assert refused(two_stages(), zone_facts(), stage="final", category="x") == [
        "unknown_category x", "unknown_stage final",
    ]  # fmt: skip


# While a member marks ------------------------------------------------------------------------------------------------

CARD = category(
    inner("d1", marked("d1/a", 8), marked("d1/b", "17.5", on=scale(1, 5), worth="share_of_range")),
    checklist("d2", {"x": 4, "y": "0.5"}),
    measured("d3", 10, "rate", on=bands("higher", [(80, 8), (90, 10)], 0)),
    indicators=[indicator("rate")],
)


def test_the_running_total_counts_what_is_marked_and_says_how_many_are_blank():
    assert running_total(CARD, card("m"), {}) == (0, 3)
    assert running_total(CARD, card("m"), {"rate": 85}) == (8, 3)
    assert running_total(CARD, card("m", {"d1/a": 4, "d2/x": 1}), {"rate": 85}) == (Fraction("18.4"), 2)
    whole = card("m", {"d1/a": 4, "d1/b": 3, "d2/x": 1, "d2/y": 0})
    assert running_total(CARD, whole, {}) == (Fraction("6.4") + Fraction("8.75") + 4, 0)


def test_the_running_total_of_a_whole_card_is_the_member_total():
    marks = {"d1/a": 3, "d1/b": 2, "d2/x": 0, "d2/y": 1}
    given = facts([entry("e", fields={"rate": 91})], {"e": [card("m", marks)]})
    assert evaluate(rule_set(CARD), given).standing("e").member_totals == {
        "m": running_total(CARD, card("m", marks), {"rate": 91})[0]
    }


@pytest.mark.parametrize(
    ("path", "value", "thai"),
    [
        ("d1/a", 6, "ต้องเป็น 0 ถึง 5 ทีละ 1"),
        ("d1/a", -1, "ต้องเป็น 0 ถึง 5 ทีละ 1"),
        ("d1/b", 0, "ต้องเป็น 1 ถึง 5 ทีละ 1"),
        ("d1/a", Fraction(5, 2), "2.5 ไม่อยู่ในมาตรวัด"),
        ("d2/x", 2, "ต้องเป็น 1 (มี) หรือ 0 (ไม่มี)"),
        ("d1", 5, "d1/a, d1/b"),
        ("d2", 1, "d2/x, d2/y"),
        ("d3", 1, "ได้คะแนนจากตัวชี้วัด"),
        ("d4", 1, "ไม่มีเกณฑ์ “d4”"),
    ],
)
def test_a_mark_that_does_not_fit_is_refused_with_what_was_expected(path: str, value: int, thai: str):
    says = problem_with_mark(CARD, path, value)
    assert says is not None
    assert thai in says.th
    assert check_marks(CARD, {path: value, "d1/a" if path != "d1/a" else "d2/x": 1}) == {path: says}
    with pytest.raises(FactsRefused):
        running_total(CARD, card("m", {path: value}), {})


def test_a_mark_that_fits_is_taken():
    assert problem_with_mark(CARD, "d1/a", 0) is None
    assert problem_with_mark(CARD, "d2/y", 1) is None
    assert check_marks(CARD, {"d1/a": 5, "d1/b": 1, "d2/x": 0}) == {}


def test_only_a_leaf_with_a_suggestion_suggests():
    suggest = Suggest("rate", bands("higher", [(80, 4), (90, 5)], 1))
    rules = category(marked("a", 8, suggest=suggest), marked("b", 8), indicators=[indicator("rate")])
    assert suggested_mark(rules, rules.criterion("a"), {"rate": Fraction("89.995")}) == 5  # rounded first
    assert suggested_mark(rules, rules.criterion("b"), {"rate": 95}) is None
    assert suggested_mark(rules, rules.criterion("a"), {}) is None


def test_facts_with_the_same_content_have_the_same_fingerprint_and_bytes():
    rules, given = two_stages(), zone_facts()
    assert evaluate(rules, given).to_json() == evaluate(rules, zone_facts()).to_json()
    assert evaluate(rules, given).facts_sha256 == given.sha256()
    assert evaluate(rules, given).rules_sha256 == rules.sha256


def test_a_rule_without_a_quorum_met_by_anybody_ranks_nobody():
    rules = rule_set(category(marked("a", 10), panel=panel(quorum=2)))
    evaluation = evaluate(rules, contest({"e": {"m": {"a": 5}}}))
    assert [line.status for line in evaluation.rankings[0].standings] == ["incomplete"]
    assert set(SENTENCES) >= {step.operation for step in evaluation.standing("e").step.walk()}
