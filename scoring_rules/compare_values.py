"""Values of a rule set said in words, for people who compare two files; and how the things of its lists are matched."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from scoring_rules.exact import Rounding, plain
from scoring_rules.indicators import label_of_field
from scoring_rules.operations import times
from scoring_rules.rules import (
    Adjustment,
    Bands,
    Carries,
    Category,
    ChecklistSource,
    Condition,
    Criterion,
    Drop,
    Eligibility,
    Field,
    IndicatorSource,
    Level,
    Linear,
    MarksSource,
    Scale,
    Source,
    Suggest,
    TieBreak,
    Tier,
)
from scoring_rules.sentences import COMBINED, MODES, band_words
from scoring_rules.ties import LABELS
from scoring_rules.totals import COMPARED
from scoring_rules.words import Words

Said = Callable[[Any, Category | None], Words]

NONE = Words("ไม่ได้กำหนด", "none")
WORDS: Mapping[str, Words] = {
    **COMBINED,
    "marks": Words("คะแนนทีละเกณฑ์", "marks, criterion by criterion"),
    "totals": Words("คะแนนรวมของกรรมการแต่ละคน", "each member's own total"),
    "leave_out": Words("ไม่นำมาคิด", "left out"),
    "lowest": Words("คิดเป็นคะแนนต่ำสุดของมาตรวัด", "counted as the lowest mark"),
    "refuse": Words("ไม่จัดอันดับผลงานนั้น", "the entry is not ranked"),
    "share_of_top": Words("คะแนนเต็ม × คะแนนที่ให้ ÷ สูงสุดของมาตรวัด", "points × mark ÷ highest mark"),
    "share_of_range": Words(
        "คะแนนเต็ม × (คะแนนที่ให้ − ต่ำสุด) ÷ (สูงสุด − ต่ำสุด)", "points × (mark − lowest) ÷ (highest − lowest)"
    ),
    "as_points": Words("คะแนนที่ให้คือคะแนนที่ได้", "the mark is the points"),
    "optional": Words("เขียนหรือไม่ก็ได้", "optional"),
    "required": Words("ต้องเขียนเสมอ", "always required"),
    "required_at_ends": Words("ต้องเขียนเมื่อให้ต่ำสุดหรือสูงสุด", "required at both ends"),
    "required_when_different": Words("ต้องเขียนเมื่อต่างจากคะแนนที่เสนอ", "required when it differs from the suggestion"),
    "rounded": Words("คะแนนรวมที่ปัดเศษแล้ว", "the rounded total"),
    "exact": Words("คะแนนรวมที่ไม่ปัดเศษ", "the exact total"),
    "higher": Words("มากกว่าดีกว่า", "higher is better"),
    "lower": Words("น้อยกว่าดีกว่า", "lower is better"),
    "not_eligible": Words("ไม่จัดอันดับ", "not ranked"),
    "not_placed": Words("ได้ลำดับแต่ไม่รับรางวัล", "ranked, but takes no award"),
    "none": Words("ทั้งหมดรวมกัน", "all entries together"),
    "zone": Words("แยกเขตตรวจราชการ", "inside each inspection zone"),
    "province": Words("แยกจังหวัด", "inside each province"),
    "region": Words("แยกภาค", "inside each region"),
    "cycle": Words("ทั้งปี", "inside the whole cycle"),
    "district": Words("แถวละอำเภอ", "one row for each district"),
    "proposed": Words("ข้อเสนอ ยังไม่มีคำสั่งรับรอง", "proposed"),
    "confirmed": Words("มีคำสั่งรับรองแล้ว", "confirmed by an order"),
    "province_office": Words("สำนักงานจังหวัด", "a province office"),
    "district_office": Words("สำนักงานอำเภอ", "a district office"),
    "subdistrict_group": Words("กลุ่มระดับตำบล", "a subdistrict group"),
    "occupation_group": Words("กลุ่มอาชีพ", "an occupation group"),
    "other": Words("อื่น ๆ", "other"),
    "text": Words("ข้อความสั้น", "short text"),
    "long_text": Words("ข้อความยาว", "long text"),
    "integer": Words("จำนวนเต็ม", "whole number"),
    "decimal": Words("จำนวนทศนิยม", "decimal number"),
    "date": Words("วันที่", "date"),
    "choice": Words("ตัวเลือก", "choice"),
    "yes_no": Words("ใช่หรือไม่ใช่", "yes or no"),
    "link": Words("ลิงก์", "link"),
    "files": Words("ไฟล์แนบ", "files"),
    "table": Words("ตาราง", "table"),
}


def quoted(words: Words) -> Words:
    """The words in quotation marks, one line; what is blank is said to be."""
    if not words.th:
        return Words("ว่าง", "blank")
    th, en = (" ".join(text.split()) for text in (words.th, words.in_language("en")))
    return Words(f"“{th}”", f"“{en}”")


def value(of: Any, _category: Category | None = None) -> Words:
    """Any plain value: a number exact, a text in quotation marks."""
    if of is None:
        return NONE
    if isinstance(of, Words):
        return quoted(of)
    if isinstance(of, int | Fraction):
        return Words(plain(of))
    return quoted(Words(str(of)))


def needed(of: bool, _category: Category | None) -> Words:
    """Whether an answer must be given."""
    return Words("ต้องกรอก", "required") if of else Words("ไม่บังคับ", "not required")


def word(of: str | None, _category: Category | None) -> Words:
    """A word of the format, as people say it."""
    return NONE if of is None else WORDS.get(of, Words(of))


def nothing(_of: Any, _category: Category | None) -> Words:
    """Nothing to say beside the name."""
    return Words("")


# --- whole values -------------------------------------------------------------------------------------------------


def scale(of: Scale, _category: Category | None) -> Words:
    """`0 ถึง 5 ทีละ 1`."""
    low, top, step = plain(of.from_), plain(of.to), plain(of.step)
    return Words(f"{low} ถึง {top} ทีละ {step}", f"{low} to {top} in steps of {step}")


def rounding(of: Rounding | None, _category: Category | None) -> Words:
    """`ทศนิยม 2 ตำแหน่ง (เศษครึ่งปัดขึ้น)`."""
    if of is None:
        return Words("ไม่ปัด", "not rounded")
    mode = MODES[of.mode]
    return Words(
        f"ทศนิยม {of.places} ตำแหน่ง ({mode.th})", f"{of.places} decimal{'s' if of.places != 1 else ''} ({mode.en})"
    )


def drop(of: Drop | None, _category: Category | None) -> Words:
    """What a trimmed mean drops."""
    if of is None:
        return Words("ไม่ตัด", "nothing")
    return Words(
        f"สูงสุด {of.high} ต่ำสุด {of.low} เมื่อมีอย่างน้อย {of.when_at_least} คน",
        f"the {of.high} highest and {of.low} lowest where at least {of.when_at_least} members stand",
    )


def linear(of: Linear | None, _category: Category | None) -> Words:
    """Where the line begins and where it ends."""
    if of is None:
        return NONE
    zero, full = plain(of.zero_at), plain(of.full_at)
    return Words(f"{zero} ได้ศูนย์ {full} ได้เต็ม", f"zero at {zero}, full at {full}")


def bands(of: Bands | None, _category: Category | None) -> Words:
    """Every band with its value, on one line."""
    if of is None:
        return NONE
    said = [(band_words(of, edge), plain(worth)) for edge, worth in of.edges]
    said.append((band_words(of, None), plain(of.beyond)))
    return Words(
        ", ".join(f"{band.th} = {worth}" for band, worth in said),
        ", ".join(f"{band.en} = {worth}" for band, worth in said),
    )


def carries(of: Carries | None, _category: Category | None) -> Words:
    """How much of which stage's total."""
    if of is None:
        return Words("ไม่นำมา", "nothing")
    share = plain(times(of.share, 100))
    th, en = of.name.th, of.name.in_language("en")
    return Words(f"ร้อยละ {share} จากรอบ “{th}” ({of.stage})", f"{share}% from stage “{en}” ({of.stage})")


def source(of: Any, category: Category | None) -> Words:
    """Where a leaf's points come from; none of a node with parts."""
    if isinstance(of, MarksSource):
        given = scale(of.scale, category)
        return Words(f"กรรมการให้คะแนน {given.th}", f"members' marks, {given.en}")
    if isinstance(of, IndicatorSource):
        name = indicator(of.indicator, category)
        return Words(f"ตัวชี้วัด {name.th}", f"indicator {name.in_language('en')}")
    if isinstance(of, ChecklistSource):
        return Words(f"รายการตรวจ {len(of.items)} ข้อ", f"a checklist of {len(of.items)}")
    return Words("ผลรวมของเกณฑ์ย่อย", "the sum of its parts")


def suggest(of: Suggest | None, category: Category | None) -> Words:
    """By which indicator a mark is proposed, with its bands."""
    if of is None:
        return Words("ไม่เสนอ", "none")
    name, by = indicator(of.indicator, category), bands(of.bands, category)
    return Words(f"ตาม {name.th} ({by.th})", f"by {name.in_language('en')} ({by.in_language('en')})")


def condition(of: Condition | None, category: Category | None) -> Words:
    """`“จำนวนเรื่องร้องเรียน” ต้องไม่เกิน 0`."""
    if of is None:
        return NONE
    name = Words("คะแนนรวม", "the total") if of.what == "total" else _looked_at(of.what, of.code, category)
    compared, bound = COMPARED[of.compare], plain(of.value)
    return Words(f"{name.th} {compared.th} {bound}", f"{name.in_language('en')} {compared.en} {bound}")


def per(of: tuple[str, str] | None, category: Category | None) -> Words:
    """Per unit of what."""
    if of is None:
        return NONE
    name = _looked_at(of[0], of[1], category)
    return Words(f"ต่อหนึ่งหน่วยของ {name.th}", f"per unit of {name.in_language('en')}")


def ratio(of: tuple[str, str] | None, category: Category | None) -> Words:
    """The field divided and the field it is divided by."""
    if of is None:
        return NONE
    above, below = (field(code, category) for code in of)
    return Words(f"{above.th} ÷ {below.th}", f"{above.in_language('en')} ÷ {below.in_language('en')}")


# --- names of things that the rules name by code ------------------------------------------------------------------


def _looked_at(what: str, code: str, category: Category | None) -> Words:
    return {"field": field, "indicator": indicator, "criterion": criterion}[what](code, category)


def field(code: str | None, category: Category | None) -> Words:
    """A field by its label and code."""
    if code is None:
        return NONE
    return _labelled(label_of_field(category, code) if category else Words(code), code)


def indicator(code: str, category: Category | None) -> Words:
    """An indicator by its label and code."""
    return _labelled(_label(category.indicators if category else (), code), code)


def criterion(path: str | None, category: Category | None) -> Words:
    """A criterion by its label and path."""
    if path is None:
        return NONE
    return _labelled(
        next((n.label for n in category.nodes() if n.path == path), Words(path)) if category else Words(path), path
    )


def _label(things: Iterable[Any], code: str) -> Words:
    return next((each.label for each in things if each.code == code), Words(code))


def _labelled(label: Words, code: str) -> Words:
    name = quoted(label)
    return Words(f"{name.th} ({code})", f"{name.in_language('en')} ({code})")


# --- the things of lists: how each is matched, named and told -----------------------------------------------------


def by_code(things: Iterable[Any]) -> dict[str, Any]:
    """Things by their codes."""
    return {each.code: each for each in things}


def by_at(levels: Iterable[Level]) -> dict[Any, Level]:
    """Levels by the mark that they explain."""
    return {each.at: each for each in levels}


def by_itself(texts: Iterable[str]) -> dict[str, str]:
    """Texts that stand for themselves."""
    return {text: text for text in texts}


def by_name(rules: Iterable[TieBreak]) -> dict[str, TieBreak]:
    """Tie-breaks by what they look at; one that is written again by its number as well."""
    found: dict[str, TieBreak] = {}
    for rule in rules:
        again = sum(key.partition(" ")[0] == rule.name for key in found)
        found[f"{rule.name} {again + 1}" if again else rule.name] = rule
    return found


def every_node(roots: Iterable[Criterion]) -> dict[str, Criterion]:
    """Every node of the tree by its path, parents first."""
    return {node.path: node for root in roots for node in root.walk()}


def parent_path(path: str) -> str:
    """The path above: "" above a root."""
    return path.rpartition("/")[0]


def by_label(_code: Any, thing: Any, _category: Category | None) -> Words:
    """A thing by its label and code."""
    return _labelled(thing.label, thing.code)


def with_path(path: str, node: Criterion, _category: Category | None) -> Words:
    """A criterion by its label and path."""
    return _labelled(node.label, path)


def itself(of: Any, _thing: Any, _category: Category | None) -> Words:
    """A thing that is its own name."""
    return value(of) if not isinstance(of, str) else Words(of)


def field_name(code: str, _thing: Any, category: Category | None) -> Words:
    """Evidence by the field's label."""
    return field(code, category)


def source_name(code: str, thing: Source, _category: Category | None) -> Words:
    """A source by its code and what it is."""
    return _labelled(thing.what, code)


def edge(of: Any, _worth: Any, _category: Category | None) -> Words:
    """A band by its edge."""
    return value(of)


def tie(_name: str, rule: TieBreak, category: Category | None) -> Words:
    """A tie-break by what it looks at."""
    if rule.by in ("criterion", "indicator"):
        return _looked_at(rule.by, rule.code, category)
    return quoted(LABELS.get(rule.by, Words(rule.by)))


def points_of(of: Any, _category: Category | None) -> Words:
    """What a criterion or an item is worth."""
    return Words(f"{plain(of.points)} คะแนน", f"{plain(of.points)} points")


def full_mark(of: Category, _category: Category | None) -> Words:
    """What the criteria of a category earn at most."""
    return Words(f"คะแนนเต็ม {plain(of.full_mark)}", f"{plain(of.full_mark)} points")


def text_of(of: Level, _category: Category | None) -> Words:
    """What a level says."""
    return quoted(of.text)


def type_of(of: Field, category: Category | None) -> Words:
    """What an answer is made of."""
    return word(of.type, category)


def required(of: Eligibility, category: Category | None) -> Words:
    """The condition."""
    return condition(of.require, category)


def adjustment(of: Adjustment, category: Category | None) -> Words:
    """How many points, when or per what."""
    when = per(of.per, category) if of.per else condition(of.when, category)
    return Words(f"{plain(of.amount)} คะแนน {when.th}", f"{plain(of.amount)} points, {when.in_language('en')}")


def tier(of: Tier, _category: Category | None) -> Words:
    """The total and the rank that it asks for."""
    terms = []
    if of.at_least is not None:
        terms.append(Words(f"ตั้งแต่ {plain(of.at_least)} คะแนน", f"from {plain(of.at_least)} points"))
    if of.rank_at_most is not None:
        terms.append(Words(f"ไม่เกินลำดับ {of.rank_at_most}", f"to rank {of.rank_at_most}"))
    return Words(" ".join(each.th for each in terms), ", ".join(each.en for each in terms))
