"""What changed between two rule sets, in words."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from scoring_rules import rules as kinds
from scoring_rules.compare import Change, compare
from scoring_rules.compare_keys import KEYS
from scoring_rules.engine import evaluate
from scoring_rules.reader import list_sets, load_set, read_rules, read_rules_file
from scoring_rules.rules import Condition, Criterion, RuleSet
from scoring_rules.words import Words
from tests.random_facts import contest

EVERY_WORD = Path(__file__).parents[1] / "cases" / "accepted" / "rules" / "every_word.yaml"
RULES = read_rules_file(EVERY_WORD)
WHOLE_VALUES = ("Scale", "Drop", "Linear", "Condition", "Carries", "Rounding", "Words", "Bands", "Suggest")


def rewritten(*swaps: tuple[str, str]) -> tuple[Change, ...]:
    """What is said when these texts of the file are put in place of others (each the first time it stands there)."""
    text = RULES.text
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    return compare(RULES, read_rules(text.encode(), file="new.yaml"))


def said(*swaps: tuple[str, str]) -> list[str]:
    return [change.says.th for change in rewritten(*swaps)]


def said_in_english(*swaps: tuple[str, str]) -> list[str]:
    return [change.says.en for change in rewritten(*swaps)]


def test_the_same_file_has_no_changes():
    assert compare(RULES, RULES) == ()
    assert compare(load_set("womens-fund/2564-r1"), load_set("womens-fund/2564-r1")) == ()


def test_a_remark_in_the_file_changes_no_rule():
    (only,) = compare(RULES, read_rules((RULES.text + "# หมายเหตุ\n").encode(), file="new.yaml"))
    assert only.kind == "form"
    assert only.says.th == "ตัวไฟล์เขียนต่างกัน (เช่น หมายเหตุหรือการจัดบรรทัด) แต่เกณฑ์เหมือนกันทุกข้อ"


def test_points_are_told_with_both_numbers():
    found = rewritten(("points: 17.5", "points: 18.5"), ("points: 22.5", "points: 21.5"))
    assert [change.says for change in found] == [
        Words(
            "คะแนนเต็มของเกณฑ์ “การนำเสนอ” (d1/talk) เปลี่ยนจาก 17.5 เป็น 18.5",
            "The full points of criterion “Talk” (d1/talk) changed from 17.5 to 18.5",
        ),
        Words(
            "คะแนนเต็มของเกณฑ์ “ช่วง” (d1/range) เปลี่ยนจาก 22.5 เป็น 21.5",
            "The full points of criterion “Range” (d1/range) changed from 22.5 to 21.5",
        ),
    ]
    assert (found[0].path, found[0].kind, found[0].category) == ("office.criteria.d1/talk.points", "result", "office")
    assert (found[0].old, found[0].new) == (Words("17.5"), Words("18.5"))


@pytest.mark.parametrize(
    ("swap", "thai", "english"),
    [
        (("award: {th: รางวัลที่ใช้ทุกคำ", "award: {th: รางวัลใหม่"), "ชื่อรางวัล เปลี่ยนจาก “รางวัลที่ใช้ทุกคำ” เป็น “รางวัลใหม่”", None),
        (("basis: confirmed", "basis: proposed"), "สถานะของเกณฑ์ เปลี่ยนจาก มีคำสั่งรับรองแล้ว เป็น ข้อเสนอ ยังไม่มีคำสั่งรับรอง",
         "The basis changed from confirmed by an order to proposed"),
        (("en: Talk}", "en: Presentation}"), "ชื่อ (ภาษาอังกฤษ) ของเกณฑ์ “การนำเสนอ” (d1/talk)"
         " เปลี่ยนจาก “Talk” เป็น “Presentation”", None),
        (("{from: 0, to: 5, step: 0.5}", "{from: 0, to: 5, step: 0.25}"),
         "มาตรวัดของเกณฑ์ “การนำเสนอ” (d1/talk) เปลี่ยนจาก 0 ถึง 5 ทีละ 0.5 เป็น 0 ถึง 5 ทีละ 0.25",
         "The scale of criterion “Talk” (d1/talk) changed from 0 to 5 in steps of 0.5 to 0 to 5 in steps of 0.25"),
        (("- {at: 5, text: {th: ดีเด่น", "- {at: 5, text: {th: ยอดเยี่ยม"),
         "คำอธิบายของระดับ 5 ของเกณฑ์ “การนำเสนอ” (d1/talk) เปลี่ยนจาก “ดีเด่น” เป็น “ยอดเยี่ยม”", None),
        (("bands: [[5, 20], [10, 12]]", "bands: [[5, 20], [10, 11]]"),
         "ค่าที่ได้ของช่วงคะแนน 10 ของเกณฑ์ “หนี้” (debt) เปลี่ยนจาก 12 เป็น 11",
         "The value of band 10 of criterion “Debt” (debt) changed from 12 to 11"),
        (("bands: [[5, 20], [10, 12]]", "bands: [[5, 20], [10, 12], [15, 5]]"),
         "เพิ่มช่วงคะแนน 15 ของเกณฑ์ “หนี้” (debt) (5)", "Band 15 of criterion “Debt” (debt) was added (5)"),
        (("applied_to: totals", "applied_to: marks"),
         "สิ่งที่นำมารวม เปลี่ยนจาก คะแนนรวมของกรรมการแต่ละคน เป็น คะแนนทีละเกณฑ์", None),
        (("absent: lowest", "absent: leave_out"),
         "วิธีคิดเมื่อกรรมการไม่อยู่ เปลี่ยนจาก คิดเป็นคะแนนต่ำสุดของมาตรวัด เป็น ไม่นำมาคิด", None),
        (("subtract: 1,", "subtract: 2,"), "คะแนนที่ปรับของการปรับคะแนน “ส่งช้า” (late) เปลี่ยนจาก -1 เป็น -2", None),
        (("require: {criterion: d1, at_least: 30}", "require: {criterion: d1, at_least: 35}"),
         "เงื่อนไขของคุณสมบัติ “มิติ 1” (d1_floor) เปลี่ยนจาก “มิติที่ 1” (d1) ต้องไม่น้อยกว่า 30 เป็น “มิติที่ 1” (d1) ต้องไม่น้อยกว่า 35",
         None),
        (("  - {by: median}\n  - {by: spread}", "  - {by: spread}\n  - {by: median}"), None,
         "“Higher median of the members' totals”, “Smaller spread between members”, “The rank is shared” to"),
        (("carries: {stage: zone, share: 0.4}", "carries: {stage: zone, share: 0.5}"), None,
         "of stage “National” (national) changed from 40% from stage “Zone” (zone) to 50% from stage “Zone” (zone)"),
    ],
)  # fmt: skip
def test_a_key_is_told_by_its_name_and_both_values(swap: tuple[str, str], thai: str | None, english: str | None):
    (thai_said,), (english_said,) = said(swap), said_in_english(swap)
    assert thai is None or thai_said == thai
    assert english is None or english in english_said


def test_what_came_and_what_went_is_told_with_its_worth():
    line = (
        "  - {code: line, label: {th: เส้นตรง, en: Line}, points: 10, source: indicator, indicator: debt_rate,"
        " linear: {zero_at: 20, full_at: 3}}\n"
    )
    assert said((line, line.replace("code: line", "code: slope"))) == [
        "ตัดเกณฑ์ “เส้นตรง” (line) ออก (10 คะแนน)",
        "เพิ่มเกณฑ์ “เส้นตรง” (slope) (10 คะแนน)",
    ]
    assert said_in_english(("  - {by: pairwise}\n", "")) == [
        "Tie-break “Put higher by more members, pair by pair” was removed, place 3"
    ]


def test_a_criterion_that_moved_is_one_change_and_not_two():
    leaf = next(line for line in RULES.text.splitlines() if "{code: plain" in line) + "\n"
    found = said(
        (leaf, ""),
        ("points: 60", "points: 40"),
        ("  - code: ticks", leaf.removeprefix("  ") + "  - code: ticks"),
    )
    assert "ย้ายเกณฑ์ “ตรง” (d1/plain) จาก d1/plain ไป plain" in found
    assert len(found) == 2  # and the points of d1


def test_a_new_category_is_one_change():
    old = load_set("womens-fund/2564-r1")
    fewer = replace(old, categories=old.categories[:-1])
    (came,) = compare(fewer, old)
    assert came.says.th.startswith("เพิ่มประเภท “กลุ่มอาชีพสมาชิกกองทุนฯ” (occupation_group)")
    assert (came.category, came.kind, came.old) == ("occupation_group", "result", None)
    (went,) = compare(old, fewer)
    assert went.says.en.startswith("Category “Occupation group of fund members” (occupation_group) was removed")


def test_rule_sets_of_different_awards_are_told_whole_in_both_languages():
    ids = list_sets()
    for one in ids:
        for other in ids:
            for change in compare(load_set(one), load_set(other)):
                assert change.says.th
                assert change.says.en
                assert "None" not in change.says.th + change.says.en
                assert change.old != change.new


# --- completeness: no key of a rule set can be forgotten ----------------------------------------------------------


def of_the_format() -> list[type]:
    return [kind for kind in vars(kinds).values() if is_dataclass(kind) and isinstance(kind, type)]


def test_every_field_of_every_value_is_named():
    for kind in of_the_format():
        if kind.__name__ not in WHOLE_VALUES or kind in KEYS:
            assert set(KEYS[kind]) == {each.name for each in fields(kind)}, kind


def differing(value: Any, kind: Any) -> Any:
    """Another value that a field of this kind could have."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None:
            return differing(None, next(arg for arg in args if arg is not NoneType))
        if int in args and Fraction in args:
            return value + 1
        return differing(
            value, next((arg for arg in args if isinstance(arg, type) and isinstance(value, arg)), args[0])
        )
    if origin is Literal:
        return next(arg for arg in args if arg != value)
    if origin is tuple:
        return _another_tuple(value, args)
    if kind is Words:
        return Words("อื่น", "Other") if value is None else replace(value, th=value.th + " (ใหม่)")
    if kind is bool:
        return not value
    if kind is str:
        return f"{value or 'x'}2"
    if kind in (int, Fraction):
        return 1 if value is None else value + 1
    if value is not None:  # a value of several fields: its first one
        first = fields(value)[0].name
        return replace(value, **{first: differing(getattr(value, first), get_type_hints(type(value))[first])})
    return next(each for each in everything(RULES) if isinstance(each, kind))


def _another_tuple(value: Any, args: tuple[Any, ...]) -> Any:
    if value and args[-1] is not ...:
        return (value[0], differing(value[1], args[1]))
    if value:
        return value[1:]
    if args[-1] is ...:
        return (
            (next((each for each in everything(RULES) if isinstance(each, args[0])), "x"),)
            if args[0] is not str
            else ("x",)
        )
    return tuple(differing(None, arg) for arg in args)


def everything(value: Any) -> Iterator[Any]:
    """Every value inside a rule set."""
    yield value
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            if each.name != "_leaves":
                yield from everything(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from everything(each)


def changed_once(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """`value` again and again, each time with one field somewhere inside it changed, and which."""
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            for inner, other in changed_once(each, f"{place}[{number}]"):
                yield inner, (*value[:number], other, *value[number + 1 :])
        return
    if not is_dataclass(value) or isinstance(value, type):
        return
    hints = get_type_hints(type(value))
    for each in fields(value):
        if each.name in ("_leaves", "sha256") or not each.compare:
            continue  # what is not compared stands elsewhere in the rules too
        now = getattr(value, each.name)
        here = f"{place}.{each.name}"
        if isinstance(value, Criterion) and each.name in ("code", "path"):
            if each.name == "path":  # a criterion's path follows from its code
                yield here, replace(value, code=value.code + "2", path=value.path + "2")
            continue
        if isinstance(value, Criterion) and each.name == "parts" and value.source is not None:
            continue  # a node has parts or a source, never both
        if isinstance(value, RuleSet) and each.name == "text":
            yield here, replace(value, text=value.text + "#", sha256="0" * 64)
            continue
        if isinstance(value, Condition) and value.what == "total" and each.name == "code":
            continue  # the total has no code
        yield here, replace(value, **{each.name: differing(now, hints[each.name])})
        if isinstance(now, tuple) and now != now[::-1] and each.name not in ("edges", "levels", "per", "ratio"):
            yield f"{here} in another order", replace(value, **{each.name: now[::-1]})  # what must ascend, and pairs
        for inner, other in changed_once(now, here):
            yield inner, replace(value, **{each.name: other})


def test_whatever_is_changed_in_a_rule_set_is_told():
    count = 0
    for place, other in changed_once(RULES):
        count += 1
        found = compare(RULES, other)
        assert found, place
        for change in found:
            assert change.says.th, place
            assert change.says.en, place
            for language in ("th", "en"):
                sides = [side and side.in_language(language) for side in (change.old, change.new)]
                assert sides[0] != sides[1], place
            assert compare(other, RULES), place
    assert count > 400


def test_what_is_told_as_form_only_changes_no_result():
    """The same facts by rules that differ in one thing of form alone: the same ranking, whatever it was."""
    tried = 0
    for seed in range(3):
        given = contest(seed, most_entries=6, most_members=3)
        ranked = _numbers(given.rules, given)
        for place, other in changed_once(given.rules):
            if {change.kind for change in compare(given.rules, other)} == {"form"}:
                tried += 1
                assert _numbers(other, given) == ranked, place
    assert tried > 300


def _numbers(rules: RuleSet, given: Any) -> list[Any]:
    evaluation = evaluate(rules, given.facts, stage=given.stage, earlier=given.earlier)
    return [
        (ranking.category, ranking.group, each.entry, each.status, each.rank, each.total_exact, each.total, each.tier)
        for ranking in evaluation.rankings
        for each in ranking.standings
    ]
