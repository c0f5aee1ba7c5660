"""Every key of a rule set: what people call it, whether it decides the result, and how its value is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring_rules import compare_values as say
from scoring_rules.compare_values import Said
from scoring_rules.rules import (
    Adjustment,
    Bands,
    Category,
    ChecklistSource,
    Criterion,
    Eligibility,
    Field,
    Indicator,
    IndicatorSource,
    Item,
    Level,
    MarksSource,
    Missing,
    Option,
    Panel,
    Roundings,
    RuleSet,
    Source,
    Stage,
    Suggest,
    TieBreak,
    Tier,
    Total,
)
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Key:
    """A key with one value. `says` is asked with the value and the category that it stands in."""

    what: Words
    decides: bool
    says: Said = say.value


@dataclass(frozen=True, slots=True)
class Inside:
    """A key whose value has keys of its own; `key` says it where one side has none, or another kind of it."""

    key: Key


def _as_it_is(code: Any) -> Any:
    return ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A key with a list of things that are matched by their codes.

    Things without keys of their own are said by `value`. `parent`: inside what the order is compared.
    `within_owner`: a thing's name says nothing without its owner's (a band of a criterion).
    """

    noun: Words
    decides: bool
    items: Callable[[Any], Mapping[Any, Any]]
    value: Key = Key(Words("ค่า", "the value"), True)
    name: Callable[[Any, Any, Category | None], Words] = say.by_label
    detail: Said = say.nothing
    order_decides: bool = False
    many: str = ""  # the English plural, where it is not the noun with an s
    parent: Callable[[Any], Any] = _as_it_is
    within_owner: bool = False

    def named(self, code: Any, thing: Any, category: Category | None) -> Words:
        """`เกณฑ์ “การนำเสนอ” (d1/talk)`."""
        name = self.name(code, thing, category)
        return Words(f"{self.noun.th} {name.th}", f"{self.noun.en} {name.in_language('en')}")


Keys = Mapping[str, Key | Inside | Listed | None]


def _words(th: str, en: str) -> Key:
    return Key(Words(th, en), False)


def _rule(th: str, en: str, says: Said = say.value) -> Key:
    return Key(Words(th, en), True, says)


def _form(th: str, en: str, says: Said = say.value) -> Key:
    return Key(Words(th, en), False, says)


LABEL, CLAUSE = _words("ชื่อ", "the label"), _words("ที่มา (clause)", "the clause")
REQUIRE = _rule("เงื่อนไข", "the condition", say.condition)

OPTION: Keys = {"code": None, "label": LABEL}
SOURCE: Keys = {"code": None, "what": _words("ชื่อเอกสาร", "the name")}
LEVEL: Keys = {"at": None, "text": _words("คำอธิบาย", "the text")}
ITEM: Keys = {"code": None, "label": LABEL, "points": _rule("คะแนน", "the points")}

FIELD: Keys = {  # what decides here decides by what it refuses: a number beyond its field is no fact
    "code": None,
    "label": LABEL,
    "type": _rule("ชนิด", "the type", say.word),
    "required": _form("การตอบ", "the answer", say.needed),
    "help": _words("คำแนะนำ", "the help"),
    "part_of": _form("เกณฑ์ที่แสดงคู่กัน", "the neighbouring criterion", say.criterion),
    "clause": CLAUSE,
    "max_chars": _form("จำนวนตัวอักษรสูงสุด", "the most characters"),
    "max_words": _form("จำนวนคำสูงสุด", "the most words"),
    "places": _rule("จำนวนทศนิยม", "the decimals"),
    "min": _rule("ค่าต่ำสุด", "the least value"),
    "max": _rule("ค่าสูงสุด", "the greatest value"),
    "options": Listed(Words("ตัวเลือก", "option"), False, say.by_code, within_owner=True),
    "accept": Listed(Words("ชนิดไฟล์", "file type"), False, say.by_itself, name=say.itself, within_owner=True),
    "max_files": _form("จำนวนไฟล์สูงสุด", "the most files"),
    "max_mb": _form("ขนาดไฟล์สูงสุด (MB)", "the most megabytes"),
    "columns": Listed(Words("คอลัมน์", "column"), False, say.by_code, within_owner=True),
    "max_rows": _form("จำนวนแถวสูงสุด", "the most rows"),
}

INDICATOR: Keys = {
    "code": None,
    "label": LABEL,
    "unit": _words("หน่วย", "the unit"),
    "better": _rule("ทิศทางที่ดี", "the direction", say.word),
    "field": _rule("ช่องที่ใช้", "the field", say.field),
    "ratio": _rule("ตัวตั้งและตัวหาร", "the ratio", say.ratio),
    "times": _rule("ตัวคูณ", "the multiplier"),
    "round": _rule("การปัดเศษ", "the rounding", say.rounding),
    "rows": _form("ข้อมูลรายแถว", "the rows", say.word),
    "max": _form("ค่าสูงสุดที่เป็นไปได้", "the most that is possible"),
    "clause": CLAUSE,
}

BANDS: Keys = {
    "better": _rule("ทิศทางที่ดี", "the direction", say.word),
    "edges": Listed(
        Words("ช่วงคะแนน", "band"),
        True,
        dict,
        value=_rule("ค่าที่ได้", "the value"),
        name=say.edge,
        detail=say.value,
        within_owner=True,
    ),
    "beyond": _rule("ค่าที่ได้เมื่ออยู่นอกทุกช่วง", "the value beyond all bands"),
}
SUGGEST_BANDS = Key(Words("ช่วงของคะแนนที่เสนอ", "the bands"), False, say.bands)
MARKS: Keys = {
    "scale": _rule("มาตรวัด", "the scale", say.scale),
    "worth": _rule("วิธีคิดจากคะแนนที่ให้เป็นคะแนนที่ได้", "the conversion to points", say.word),
    "levels": Listed(Words("ระดับ", "level"), False, say.by_at, name=say.itself, detail=say.text_of, within_owner=True),
    "suggest": Inside(_form("คะแนนที่ระบบเสนอ", "the suggested mark", say.suggest)),
    "comment": _form("การเขียนเหตุผล", "the rule for notes", say.word),
}
SUGGEST: Keys = {
    "indicator": _form("ตัวชี้วัดของคะแนนที่เสนอ", "the indicator that suggests marks", say.indicator),
    "bands": SUGGEST_BANDS,
}
MEASURED: Keys = {
    "indicator": _rule("ตัวชี้วัดที่ใช้", "the indicator", say.indicator),
    "bands": Inside(_rule("ช่วงคะแนน", "the bands", say.bands)),
    "linear": _rule("เส้นตรงของคะแนน", "the straight line", say.linear),
}
CHECKLIST: Keys = {
    "items": Listed(Words("รายการตรวจ", "item"), True, say.by_code, detail=say.points_of, within_owner=True)
}
CRITERION: Keys = {
    "code": None,
    "path": None,
    "label": LABEL,
    "points": _rule("คะแนนเต็ม", "the full points"),
    "parts": None,  # every node stands in the category's list of criteria, by its path
    "source": Inside(_rule("ที่มาของคะแนน", "the source of points", say.source)),
    "evidence": Listed(
        Words("หลักฐานที่แสดงคู่กัน", "evidence"),
        False,
        say.by_itself,
        many="evidence",
        name=say.field_name,
        within_owner=True,
    ),
    "clause": CLAUSE,
}

MISSING: Keys = {
    "recused": _rule("วิธีคิดเมื่อกรรมการถอนตัว", "what is done about a recused member", say.word),
    "absent": _rule("วิธีคิดเมื่อกรรมการไม่อยู่", "what is done about an absent member", say.word),
    "blank": _rule("วิธีคิดเมื่อไม่ได้ให้คะแนน", "what is done about a blank mark", say.word),
}
PANEL: Keys = {
    "combine": _rule("วิธีรวมคะแนนกรรมการ", "the way members are combined", say.word),
    "applied_to": _rule("สิ่งที่นำมารวม", "what is combined", say.word),
    "quorum": _rule("องค์ประชุม", "the quorum"),
    "missing": Inside(_rule("วิธีคิดคะแนนที่ขาด", "what is done about missing marks")),
    "drop": _rule("การตัดคะแนนสูงสุดและต่ำสุด", "what is dropped", say.drop),
    "spread_alert": _form("ส่วนต่างที่ควรหารือ", "the spread that asks for a discussion"),
    "clause": _words("ที่มา (clause) ของวิธีรวมคะแนนกรรมการ", "the clause of the panel"),
}

ADJUSTMENT: Keys = {
    "code": None,
    "label": LABEL,
    "amount": _rule("คะแนนที่ปรับ", "the points"),
    "per": _rule("สิ่งที่คิดต่อหน่วย", "the unit", say.per),
    "when": REQUIRE,
    "at_most": _rule("ขอบเขตของการปรับ", "the bound"),
    "clause": CLAUSE,
}
TOTAL: Keys = {
    "floor": _rule("คะแนนรวมต่ำสุด (floor)", "the floor of the total"),
    "ceiling": _rule("เพดานคะแนนรวม (ceiling)", "the ceiling of the total"),
    "adjustments": Listed(Words("การปรับคะแนน", "adjustment"), True, say.by_code, detail=say.adjustment),
    "clause": _words("ที่มา (clause) ของคะแนนรวม", "the clause of the total"),
}
ROUNDINGS: Keys = {
    "combined": _rule("การปัดเศษคะแนนที่รวมแล้ว", "the rounding of combined marks", say.rounding),
    "points": _rule("การปัดเศษคะแนนรายเกณฑ์", "the rounding of points", say.rounding),
    "total": _rule("การปัดเศษคะแนนรวม", "the rounding of the total", say.rounding),
    "rank_on": _rule("คะแนนที่ใช้จัดอันดับ", "the total that is ranked on", say.word),
    "clause": _words("ที่มา (clause) ของการปัดเศษ", "the clause of the roundings"),
}
ELIGIBILITY: Keys = {
    "code": None,
    "label": LABEL,
    "require": REQUIRE,
    "otherwise": _rule("ผลเมื่อไม่ผ่าน", "the consequence", say.word),
    "clause": CLAUSE,
}
TIE_BREAK: Keys = {"by": None, "code": None, "clause": CLAUSE}
TIER: Keys = {
    "code": None,
    "label": LABEL,
    "at_least": _rule("คะแนนขั้นต่ำ", "the least total"),
    "rank_at_most": _rule("ลำดับสุดท้ายที่ได้", "the last rank"),
    "reward": _words("รางวัล", "the reward"),
    "clause": CLAUSE,
}
STAGE: Keys = {
    "code": None,
    "label": LABEL,
    "groups": _rule("กลุ่มที่จัดอันดับ", "the groups", say.word),
    "advance": _rule("จำนวนที่ผ่านเข้ารอบต่อไปของแต่ละกลุ่ม", "the number going on"),
    "carries": _rule("คะแนนที่นำมาจากรอบก่อน", "the carried part", say.carries),
    "clause": CLAUSE,
}
CATEGORY: Keys = {
    "code": None,
    "label": _words("ชื่อประเภท", "the label of the category"),
    "entrant": _form("ผู้ส่งผลงาน", "the entrant", say.word),
    "limit": _form("จำนวนผลงานที่ส่งได้", "the limit of entries"),
    "limit_per": _form("ขอบเขตของจำนวนผลงาน", "the span of that limit", say.word),
    "criteria": Listed(
        Words("เกณฑ์", "criterion"),
        True,
        say.every_node,
        many="criteria",
        name=say.with_path,
        detail=say.points_of,
        parent=say.parent_path,
    ),
    "panel": Inside(_rule("คณะกรรมการ", "the panel")),
    "total": Inside(_rule("คะแนนรวม", "the total")),
    "rounding": Inside(_rule("การปัดเศษ", "the roundings")),
    "tie_breaks": Listed(
        Words("ข้อตัดสินเมื่อคะแนนเท่ากัน", "tie-break"), True, say.by_name, name=say.tie, order_decides=True
    ),
    "fields": Listed(Words("ช่องกรอก", "field"), False, say.by_code, detail=say.type_of),
    "indicators": Listed(Words("ตัวชี้วัด", "indicator"), True, say.by_code),
    "eligibility": Listed(Words("คุณสมบัติ", "eligibility rule"), True, say.by_code, detail=say.required),
    "tiers": Listed(Words("ระดับรางวัล", "tier"), True, say.by_code, detail=say.tier, order_decides=True),
    "clause": _words("ที่มา (clause) ของประเภท", "the clause of the category"),
    "_leaves": None,  # made from the criteria
}
RULES: Keys = {
    "id": _form("รหัสของเกณฑ์", "the id"),
    "award": _words("ชื่อรางวัล", "the name of the award"),
    "short": _words("ชื่อย่อ", "the short name"),
    "cycle": _form("ปี", "the cycle"),
    "basis": _form("สถานะของเกณฑ์", "the basis", say.word),
    "sources": Listed(Words("เอกสารอ้างอิง", "source"), False, say.by_code, name=say.source_name),
    "categories": Listed(Words("ประเภท", "category"), True, say.by_code, many="categories", detail=say.full_mark),
    "stages": Listed(Words("รอบ", "stage"), True, say.by_code, order_decides=True),
    "sha256": None,  # follows from all else, or the files differ in what stands for nothing
    "text": None,
}
KEYS: Mapping[type, Keys] = {
    RuleSet: RULES, Category: CATEGORY, Criterion: CRITERION, MarksSource: MARKS, IndicatorSource: MEASURED,
    ChecklistSource: CHECKLIST, Suggest: SUGGEST, Bands: BANDS, Level: LEVEL, Item: ITEM, Option: OPTION, Field: FIELD,
    Indicator: INDICATOR, Source: SOURCE, Panel: PANEL, Missing: MISSING, Total: TOTAL, Adjustment: ADJUSTMENT,
    Roundings: ROUNDINGS, Eligibility: ELIGIBILITY, TieBreak: TIE_BREAK, Tier: TIER, Stage: STAGE,
}  # fmt: skip
