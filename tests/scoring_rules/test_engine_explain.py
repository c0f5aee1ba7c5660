"""The explanation: every number of a standing told in a sentence that can be checked by hand."""

import gc
import re
from fractions import Fraction

import pytest

from scoring_rules import Earlier, evaluate, explain, sentence
from scoring_rules.facts import Facts, Resolution
from scoring_rules.results import Evaluation, Step
from scoring_rules.rules import Adjustment, Carries, Category, Condition, Drop, Eligibility, Tier
from scoring_rules.sentences import SENTENCES
from scoring_rules.words import Words
from tests.scoring_rules.build import (
    HALF_UP_2,
    bands,
    card,
    category,
    checklist,
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
    words,
)


def told(rules: Category, given: Facts, code: str, language: str = "th") -> list[str]:
    return [line.strip() for line in explain(evaluate(rule_set(rules), given).standing(code), language)]


def first_line(*marks: int, recused: tuple[str, ...] = (), language: str = "th", **panel_rules) -> str:
    """The line for a criterion of 8 points that m1, m2, … marked 0 to 5."""
    cards = [card(f"m{number}", {"d1": mark}) for number, mark in enumerate(marks, start=1)]
    cards += [card(member, state="recused") for member in recused]
    rules = category(marked("d1", 8), panel=panel(**panel_rules))
    return told(rules, facts([entry("e")], {"e": cards}), "e", language)[0]


def test_marks_mean_and_points_stand_on_one_line():
    assert first_line(4, 5, 4) == "d1: กรรมการ 3 คนให้ 4, 5, 4 เฉลี่ย 4.333333 → 8 × 13/3 ÷ 5 = 6.933333 คะแนน"
    assert first_line(4, 5, 4, language="en") == (
        "d1: 3 members gave 4, 5, 4, mean 4.333333 → 8 × 13/3 ÷ 5 = 6.933333 points"
    )


def test_who_is_left_out_or_counted_lowest_is_named():
    with_one_recused = category(marked("d1", 8), panel=panel(recused="lowest"))
    cards = [card("m1", {"d1": 4}), card("m2", {"d1": 4}), card("m9", state="recused")]
    assert "(ไม่นับกรรมการ m9 ถอนตัวจากการพิจารณา)" in first_line(4, 4, recused=("m9",))
    assert (
        "กรรมการ 3 คนให้ 4, 4, 0 (นับเป็นคะแนนต่ำสุด: กรรมการ m9 ถอนตัวจากการพิจารณา) เฉลี่ย 2.666667"
        in (told(with_one_recused, facts([entry("e")], {"e": cards}), "e")[0])
    )


def test_dropped_marks_are_shown():
    drop = Drop(1, 1, 3)
    line = first_line(5, 1, 4, combine="trimmed_mean", drop=drop)
    assert "ให้ 5, 1, 4 ตัดคะแนนสูงสุด 5 และต่ำสุด 1 ออก เฉลี่ยที่เหลือ 4" in line
    assert "ไม่ตัดคะแนนเพราะมีไม่ถึง 3 คน เฉลี่ย 3" in first_line(5, 1, combine="trimmed_mean", drop=drop)


def test_a_sum_over_a_left_out_member_says_so():
    assert "รวม 9 →" in first_line(4, 5, combine="sum")
    assert "ค่าเฉลี่ยของผู้ให้คะแนน × 3 ที่นั่ง = 13.5" in first_line(4, 5, combine="sum", recused=("m9",))


def test_why_an_entry_has_no_rank_is_told():
    rules = category(marked("d1", 8), panel=panel(quorum=2))
    lines = told(rules, facts([entry("e")], {"e": [card("m1", {"d1": 4})]}), "e")
    assert lines == ["e: ข้อมูลไม่ครบ จึงไม่จัดอันดับ", "เหตุผล: มีกรรมการให้คะแนน 1 คน ต้องมีอย่างน้อย 2 คน"]


# One contest that uses every operation -------------------------------------------------------------------------------

FIELDS = {"late": 33, "all": 1000, "rate": "8.5", "held": 96, "days": 2}
RICH = category(
    inner("d1", marked("d1/a", 8), marked("d1/b", "17.5", on=scale(1, 5), worth="share_of_range")),
    inner(
        "d2",
        checklist("d2/c", {"x": 4, "y": "0.5"}),
        marked("d2/p", 10, on=scale(0, 10), worth="as_points"),
        measured("d2/debt", 10, "debt", on=bands("lower", [(5, 10), (10, 6)], 0)),
        measured("d2/rate", 10, "rate", line=(20, 3)),
        measured("d2/held", 10, "held", on=bands("higher", [(80, 8)], 0)),
    ),
    panel=panel(combine="trimmed_mean", drop=Drop(1, 1, 3)),
    rounding=roundings(combined=HALF_UP_2, points=HALF_UP_2),
    indicators=[
        indicator("debt", better="lower", ratio=("late", "all")),
        indicator("rate", better="lower"),
        indicator("held"),
    ],
    adjustments=[
        Adjustment("late", words("ส่งล่าช้า {0}"), -1, per=("field", "days"), at_most=5),
        Adjustment("bonus", words("เพิ่มพิเศษ"), 2, when=Condition("indicator", "held", "at_least", 95)),
    ],
    ceiling=40,
    eligibility=[Eligibility("least", words("ขั้นต่ำ"), Condition("criterion", "d1", "at_least", 15), "not_placed")],
    ties=["criterion:d1", "indicator:debt", "pairwise", "median", "spread", "resolution"],
    tiers=[Tier("best", words("ดีเด่น"), at_least=90), Tier("good", words("ชมเชย"), at_least=30, rank_at_most=3)],
)


def rich(rules: Category = RICH, *, resolved: bool = True) -> Evaluation:
    """Two entries tied to the end, in a stage that carries an earlier total. Braces in what people write are meant."""

    def given(member: str, a: int, b: int, x: int, y: int):
        return card(member, {"d1/a": a, "d1/b": b, "d2/c/x": x, "d2/c/y": y, "d2/p": 7})

    cards = [given("m{1}", 4, 3, 1, 1), given("m2", 5, 2, 1, 0), given("m3", 4, 4, 0, 1), card("m4", state="absent")]
    decided = [Resolution("office", "national", "9", ("b", "a"), "มติ {0} ที่ประชุม")] if resolved else []
    stages = [
        stage("zone", groups="zone", advance=3),
        stage("national", groups="zone", carries=Carries("zone", Fraction(1, 4)), advance=1),
    ]
    return evaluate(
        rule_set(rules, stages=stages),
        facts([entry(code, fields=FIELDS, zone="9") for code in "ab"], {"a": cards, "b": cards}, decided),
        stage="national",
        earlier={("zone", code): Earlier(50, True) for code in "ab"},
    )


def test_the_lines_go_from_marks_to_the_place():
    lines = [line.strip() for line in explain(rich().standing("b"))]
    labels = [line.partition(":")[0] for line in lines]
    assert labels == [
        "d1/a", "d1/b", "d1", "d2/c", "d2/p", "d2/debt", "d2/rate", "d2/held", "d2", "คะแนนรวม", "ส่งล่าช้า {0}",
        "เพิ่มพิเศษ", "คะแนนหลังใช้เพดาน", "คะแนนรวมของรอบ “zone”", "คะแนนรวมสุดท้าย", "คะแนนรวมของกรรมการแต่ละคน", "ขั้นต่ำ",
        "d1", "debt", "จำนวนกรรมการที่ให้คะแนนสูงกว่ามีมากกว่า (เทียบทีละคู่)",
        "มัธยฐานของคะแนนรวมของกรรมการสูงกว่า", "ส่วนต่างระหว่างกรรมการน้อยกว่า", "มติคณะกรรมการเป็นลายลักษณ์อักษร", "ชมเชย", "b",
    ]  # fmt: skip
    line = dict(zip(labels, lines, strict=True))
    rounding = "ปัดเศษเหลือ 2 ตำแหน่ง (เศษครึ่งปัดขึ้น)"
    assert line["d2/rate"].startswith("d2/rate: ค่า 8.5 % → 10 × (8.5 − 20) ÷ (3 − 20) = 6.764706 คะแนน →")
    assert line["d2/rate"].endswith(f"→ 6.764706 {rounding} = 6.76")
    assert "ค่า 33 ÷ 1000 × 100 = 3.3 % → อยู่ในช่วงไม่เกิน 5 ได้ 10 คะแนน" in line["d2/debt"]
    assert line["ส่งล่าช้า {0}"] == "ส่งล่าช้า {0}: -1 × 2 ปรับ -2 คะแนน"
    assert line["คะแนนหลังใช้เพดาน"].endswith("− 2 + 2 = 50.91 คะแนน → 50.91 เกินเพดาน จึงเป็น 40 คะแนน")
    assert "0.25 × 50 + 0.75 × 40 = 42.5 คะแนน" in line["คะแนนรวมสุดท้าย"]
    assert line["มติคณะกรรมการเป็นลายลักษณ์อักษร"] == "มติคณะกรรมการเป็นลายลักษณ์อักษร: b > a เหตุผล: มติ {0} ที่ประชุม"
    assert line["b"] == "b: ลำดับที่ 1 จาก 2 ผลงาน ในเขต 9 · ผ่านเข้ารอบต่อไป"


def test_an_unresolved_tie_says_what_it_waits_for():
    lines = explain(rich(resolved=False).standing("a"), "en")
    assert "The committee's written decision: a = b are still equal; the committee must decide" in lines
    assert lines[-1] == "a: rank 1 of 2 in zone 9; tied, waiting for the committee's decision"


def by_totals() -> Category:
    """The same rules with members' totals combined, a floor instead of a ceiling, and no rank for want of points."""
    return category(
        *RICH.criteria, panel=panel(applied_to="totals"), indicators=RICH.indicators, floor=90, ties=["share"],
        eligibility=[Eligibility("most", words("ไม่เกิน"), Condition("total", "", "at_most", 10), "not_placed")],
    )  # fmt: skip


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_operation_has_a_sentence_and_is_used_here(language: str):
    steps = [
        step for rules in (RICH, by_totals()) for line in rich(rules).rankings[0].standings for step in line.step.walk()
    ]
    assert {step.operation for step in steps} == set(SENTENCES)
    for step in steps:
        text = sentence(step, language)
        assert text.strip()
        assert "None" not in text
        if language == "en" and step.operation not in ("tie", "place"):  # these quote what people wrote
            assert not re.search("[ก-๙]", text), text


def test_a_ranking_keeps_no_steps_and_makes_the_same_ones_whenever_it_is_asked_why():
    def all_steps() -> int:
        return sum(isinstance(each, Step) for each in gc.get_objects())

    given = facts([entry(code) for code in "abc"], {code: [card("m1", {"d1": n})] for n, code in enumerate("abc")})
    before = all_steps()
    lines = evaluate(rule_set(category(marked("d1", 8))), given).rankings[0].standings
    assert all_steps() == before
    assert all(line.step == line.step for line in lines)
    assert (
        [line.step.inputs[0].value for line in lines]
        == [line.total for line in lines]
        == [Fraction(16, 5), Fraction(8, 5), 0]
    )


def test_an_operation_without_a_sentence_is_an_error_not_a_blank():
    with pytest.raises(KeyError):
        sentence(Step("unheard_of", Words("?"), 1))
