"""A small award of every kind of criterion, with facts that tie, recuse, are late and hold hostile texts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction

from exports.ranking_workbook import Member, Provenance
from scoring_rules.exact import Number, Rounding
from scoring_rules.facts import Card, Entry, Facts, Resolution
from scoring_rules.rules import (
    Bands,
    Category,
    ChecklistSource,
    Condition,
    Criterion,
    Eligibility,
    Field,
    Indicator,
    IndicatorSource,
    Item,
    Level,
    MarksSource,
    Missing,
    Panel,
    Roundings,
    RuleSet,
    Scale,
    Source,
    Stage,
    Suggest,
    TieBreak,
    Tier,
    Total,
)
from scoring_rules.words import Words

HUNDREDTHS = Rounding(2, "half_up")
MADE_AT = datetime(2021, 7, 19, 10, 30, tzinfo=UTC)
LEVELS = tuple(Level(at, Words(f"ระดับที่ {at} ของการดำเนินงาน", f"Level {at}")) for at in range(6))
FIVE = MarksSource(Scale(0, 5, 1), "share_of_top", LEVELS)
HOSTILE = (
    '=HYPERLINK("http://example.test","กด")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "#REF!",
    "a\x00b\x0bc",
    "_x0041_",
    "จ. <b>ตราด</b> & 'ก' \"ข\"",
)


def leaf(path: str, label: str, points: Number, source: MarksSource | None = None) -> Criterion:
    """A leaf that members mark 0–5."""
    return Criterion(path.rpartition("/")[2], path, Words(label, f"Criterion {path}"), points, source=source or FIVE)


def category(code: str, label: Words) -> Category:
    """100 points: a dimension of two marked leaves, a checklist, an indicator leaf, a plain leaf."""
    suggest = Suggest("households", Bands("higher", ((60, 2), (70, 3), (80, 4), (90, 5)), 1))
    parts = (
        leaf("d1/plan", "แผนงานและเป้าหมายของหน่วยงานที่เชื่อมโยงกับนโยบายสำคัญของกรมการพัฒนาชุมชน", 24),
        leaf("d1/result", "ผลการดำเนินงาน", Fraction(35, 2), MarksSource(FIVE.scale, FIVE.worth, LEVELS, suggest)),
    )
    items = (Item("web", Words("เผยแพร่บนเว็บไซต์", "On the web"), 6), Item("board", Words("ติดประกาศ", "Posted"), 4))
    return Category(
        code=code,
        label=label,
        entrant="province_office",
        limit=1,
        limit_per="province",
        fields=(
            Field("done", Words("ครัวเรือนที่ปลูกผัก", "Households growing"), "integer", True, part_of="d1/result"),
            Field("all", Words("ครัวเรือนทั้งหมด", "All households"), "integer", True, part_of="d1/result"),
            Field("done_date", Words("วันที่ของข้อมูล", "Date"), "date", False, part_of="d1/result"),
            Field("findings", Words("เรื่องร้องเรียน", "Complaints"), "integer", True),
        ),
        indicators=(
            Indicator(
                "households",
                Words("ร้อยละครัวเรือนที่ปลูกผัก", "Households growing vegetables"),
                Words("ร้อยละ", "percent"),
                "higher",
                ratio=("done", "all"),
                times=100,
                round=HUNDREDTHS,
            ),
        ),
        criteria=(
            Criterion("d1", "d1", Words("มิติที่ 1 ผลสัมฤทธิ์", "Dimension 1"), Fraction(83, 2), parts),
            Criterion("d2", "d2", Words("มิติที่ 2 ความโปร่งใส", "Dimension 2"), 10, source=ChecklistSource(items)),
            Criterion(
                "d3",
                "d3",
                Words("มิติที่ 3 ความครอบคลุม", "Dimension 3"),
                10,
                source=IndicatorSource("households", Bands("higher", ((70, 6), (90, 10)), 0)),
            ),
            leaf("d4", "มิติที่ 4 ความยั่งยืน", Fraction(77, 2)),
        ),
        panel=Panel("mean", "marks", 2, Missing("leave_out", "leave_out", "refuse"), spread_alert=15),
        total=Total(0, 100),
        rounding=Roundings(None, None, HUNDREDTHS, "rounded"),
        tie_breaks=(TieBreak("criterion", "d1"), TieBreak("indicator", "households"), TieBreak("resolution")),
        eligibility=(
            Eligibility(
                "clean",
                Words("ไม่มีเรื่องร้องเรียน", "No complaint"),
                Condition("field", "findings", "at_most", 0),
                "not_eligible",
            ),
        ),
        tiers=(Tier("outstanding", Words("ดีเด่น", "Outstanding"), 90), Tier("other", Words("เข้าร่วม", "Took part"))),
    )


def rule_set(*, basis: str = "proposed", codes: tuple[str, ...] = ("office",)) -> RuleSet:
    """An award of one category or more; stages zone (inside each zone) and national."""
    labels = {
        "office": Words("สำนักงานพัฒนาชุมชนจังหวัด", "Provincial office"),
        "district": Words("สำนักงานเลขานุการคณะอนุกรรมการกลั่นกรองและติดตาม อำเภอ", "District secretariat"),
        "tambon": Words("คณะทำงานขับเคลื่อนกองทุน ตำบล/เทศบาล", "Tambon working group"),
    }
    return RuleSet(
        id="example/2564-r1",
        award=Words("หน่วยงานตัวอย่างดีเด่น", "Outstanding example office"),
        short=Words("ตัวอย่าง", "Example"),
        cycle=2564,
        basis="confirmed" if basis == "confirmed" else "proposed",
        sources=(Source("s1", Words("เอกสารตัวอย่าง", "An example document")),),
        categories=tuple(category(code, labels[code]) for code in codes),
        stages=(
            Stage("zone", Words("ระดับเขตตรวจราชการ", "Inspection zone"), "zone", advance=1),
            Stage("national", Words("ระดับประเทศ", "National"), "none"),
        ),
        sha256="a1" * 32,
        text="",
    )


def card(member: str, marks: tuple[int, int, int, int, int]) -> Card:
    """Marks on d1/plan, d1/result, the two checklist items, d4."""
    paths = ("d1/plan", "d1/result", "d2/web", "d2/board", "d4")
    return Card(member, marks=dict(zip(paths, marks, strict=True)))


def entry(code: str, zone: str, province: str, *, done: int = 80, kind: str = "office", **changes: object) -> Entry:
    """An entry with 80 of 100 households, no complaint."""
    fields: Mapping[str, Number] = {"done": done, "all": 100, "findings": 0}
    values: dict[str, object] = {
        "label": f"สำนักงานพัฒนาชุมชนจังหวัด{province}",
        "attributes": {"zone": zone, "province": province},
        "fields": fields,
    }
    return Entry(code, kind, **(values | changes))  # type: ignore[arg-type]


def facts(kind: str = "office") -> Facts:
    """Zone 9: a tie settled by a dimension, a recusal, a spread; zone 10: an incomplete one, one not eligible."""
    entries = (
        entry("trat", "9", "ตราด", kind=kind),
        entry("rayong", "9", "ระยอง", kind=kind),
        entry("chon", "9", "ชลบุรี", kind=kind, done=95),
        entry("chan", "9", "จันทบุรี", kind=kind),
        entry("loei", "10", "เลย", kind=kind),
        entry("nan", "10", "น่าน", kind=kind, fields={"done": 10, "all": 100, "findings": 2}),
        entry("tak", "10", "ตาก", kind=kind, state="not_presented"),
    )
    cards = {
        "trat": (card("m1", (5, 4, 1, 0, 4)), card("m2", (5, 4, 0, 0, 4)), card("m3", (5, 4, 0, 0, 4))),
        "rayong": (card("m1", (4, 4, 1, 1, 4)), card("m2", (3, 4, 1, 1, 4)), card("m3", (3, 4, 1, 1, 4))),
        "chon": (card("m1", (5, 5, 1, 1, 5)), card("m2", (5, 4, 1, 1, 5)), card("m3", (2, 2, 0, 0, 2))),
        "chan": (
            card("m1", (4, 3, 1, 0, 3)),
            card("m2", (3, 3, 1, 1, 3)),
            Card("m3", "recused", reason="เคยปฏิบัติงานที่จังหวัดนี้"),
        ),
        "loei": (card("m4", (3, 3, 1, 1, 3)), Card("m5", "absent", reason="ติดราชการ")),
        "nan": (card("m4", (5, 5, 1, 1, 5)), card("m5", (5, 5, 1, 1, 5))),
    }
    return Facts(entries, cards)


MEMBERS = {
    "m1": Member("m1", Words("ผู้ตรวจราชการกรม", "Inspector"), Words("ประธานกรรมการ", "Chair"), "เขต 9 ประธาน"),
    "m2": Member(
        "m2",
        Words("ผู้อำนวยการศูนย์ศึกษาและพัฒนาชุมชนชลบุรี", "Director of the training centre"),
        Words("กรรมการ", "Member"),
        "เขต 9 กรรมการ",
    ),
    "m3": Member(
        "m3",
        Words("นักวิชาการพัฒนาชุมชนชำนาญการ ปฏิบัติหน้าที่ผู้ช่วยผู้ตรวจราชการกรม", "Assistant inspector"),
        Words("กรรมการและเลขานุการ", "Member and secretary"),
        "เขต 9 เลขานุการ",
    ),
}


def provenance(**changes: object) -> Provenance:
    """A provisional run on invented data."""
    values: dict[str, object] = {
        "run": "7",
        "kind": "provisional",
        "made_at": MADE_AT,
        "made_by": "ฝ่ายเลขานุการคณะกรรมการ",
        "invented": True,
    }
    return Provenance(**(values | changes))  # type: ignore[arg-type]


def resolution(order: tuple[str, ...]) -> Resolution:
    """The committee's written decision on a tie in zone 9."""
    return Resolution("office", "zone", "9", order, "ผลงานเด่นชัดกว่า")
