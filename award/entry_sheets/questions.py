"""The questions of a category as the parts of a workbook: dimensions in order, ratios under their numbers."""

from collections.abc import Iterator, Sequence

from award.answers.codes import list_fields, parts_of
from exports.entry_book_layout import Block, Part
from scoring_rules.rules import Category, Criterion, Field, Indicator
from scoring_rules.words import Words

LABEL = "@label"
GENERAL = "general"
OFFICE_ENTRANT = "province_office"  # stands for itself under its own name, which nobody types
LABEL_FIELD = Field(
    LABEL, Words("ผู้เสนอผลงาน (ชื่อเต็ม พร้อมอำเภอ)", "Who stands for this entry (full name, with district)"), "text",
    required=True, max_chars=200,
)  # fmt: skip


def parts_in(category: Category) -> tuple[Part, ...]:
    """The whole form: what belongs to the entry as a whole, then every dimension that asks something."""
    asked = list(_all_fields(category))
    own = [LABEL_FIELD] if category.entrant != OFFICE_ENTRANT else []
    general = Part(
        GENERAL, Words("ข้อมูลทั่วไป", "General"), (*own, *_with_results(category, [f for f in asked if f.part_of is None]))
    )
    made = (Part(root.code, root.label, tuple(_blocks(category, root, asked))) for root in category.criteria)
    return tuple(part for part in (general, *made) if any(isinstance(block, Field) for block in part.blocks))


def _all_fields(category: Category) -> Iterator[Field]:
    """The rules' own fields, files too, each followed by those that a number brings with it."""
    after: dict[str, list[Field]] = {}
    last = ""
    for field in list_fields(category):
        if field.code[:1] == "@":
            after.setdefault(last, []).append(field)
        else:
            last = field.code
    for field in category.fields:
        yield field
        yield from after.get(field.code, ())


def _blocks(category: Category, root: Criterion, asked: Sequence[Field]) -> Iterator[Block]:
    for node in root.walk():
        fields = [field for field in asked if field.part_of == node.path]
        if fields and node is not root:
            yield node.label
        yield from _with_results(category, fields)


def _with_results(category: Category, fields: Sequence[Field]) -> Iterator[Block]:
    """The fields, and after the last number of a ratio what it comes to."""
    codes = [field.code for field in fields]
    results: dict[str, list[Indicator]] = {}
    for indicator in category.indicators:
        here = [code for code in parts_of(indicator) if code in codes]
        if indicator.ratio and here:
            results.setdefault(max(here, key=codes.index), []).append(indicator)
    for field in fields:
        yield field
        yield from results.get(field.code, ())
