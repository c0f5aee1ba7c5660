"""Every code that may stand in an entry's answers: the rule set's own fields, and what a number brings with it.

Beside each measured number (an indicator) the form asks where it comes from (`@source:CODE`); where the rules want it
by district, also the rows (`@rows:CODE`) and, if they do not add up, why (`@why:CODE`). All are made as fields of the
rules are: whatever reads fields (form, history, workbook, import) reads these too. No field's own code begins with @.
"""

from collections.abc import Iterator

from scoring_rules.rules import Category, Field, Indicator
from scoring_rules.words import Words

ROWS, WHY, SOURCE = "@rows:", "@why:", "@source:"
DISTRICT, VALUE, TOP, BOTTOM = "district", "value", "top", "bottom"  # columns of the rows
WHY_HELP = Words(
    "กรอกเฉพาะเมื่อส่วนต่างถูกต้องแล้ว เช่น อำเภอรายงานภายหลัง หรือมีการแก้ตัวเลข",
    "Only where the difference is right: a district that reports later, a number that was corrected.",
)
SOURCE_HELP = Words(
    "ทะเบียน รายงาน หรือระบบที่ใช้ และข้อมูล ณ วันใด เว้นว่างได้",
    "Register, report or system, and as of which day; may stay blank.",
)
MOST_DISTRICTS = 60  # rows; the largest province has 32 districts


def list_codes(category: Category) -> tuple[str, ...]:
    """Every code that may stand in answers to this category's questions, in the order of the form. Files are no
    answers; who stands for the entry ("@label") is a column of its own."""
    return tuple(field.code for field in list_fields(category))


def list_fields(category: Category) -> tuple[Field, ...]:
    """The field behind each of `list_codes`: the rules' own, and after the last field that an indicator is made from
    those that it brings with it."""
    own = [field for field in category.fields if field.type != "files"]
    order = [field.code for field in own]
    brought: dict[str, list[Field]] = {}
    for indicator in category.indicators:
        last = max(parts_of(indicator), key=order.index)
        brought.setdefault(last, []).extend(fields_with(category, indicator))
    return tuple(each for field in own for each in (field, *brought.get(field.code, ())))


def find_field(category: Category, code: str) -> Field | None:
    """The field of that code, a rule set's own or one that a number brings with it; files too."""
    extra = (field for field in list_fields(category) if field.code[:1] == "@")
    return next((field for field in (*category.fields, *extra) if field.code == code), None)


def parts_of(indicator: Indicator) -> tuple[str, ...]:
    """The codes of the fields that an indicator is made from: numerator and denominator, or the one."""
    return indicator.ratio or (indicator.field or "",)


def has_rows(category: Category, indicator: Indicator) -> bool:
    """Whether the rules want the indicator's numbers by district; a yes or no is no sum of anything."""
    return indicator.rows == "district" and all(category.field(code).type != "yes_no" for code in parts_of(indicator))


def columns_of(indicator: Indicator) -> dict[str, str]:
    """Which column of the rows adds up to which field: {column: field code}."""
    return dict(zip((TOP, BOTTOM) if indicator.ratio else (VALUE,), parts_of(indicator), strict=True))


def fields_with(category: Category, indicator: Indicator) -> Iterator[Field]:
    """What an indicator asks beside its numbers: rows and why they differ (where the rules want rows), the source."""
    place = category.field(parts_of(indicator)[0]).part_of
    if has_rows(category, indicator):
        yield Field(
            ROWS + indicator.code, _named("ข้อมูลรายอำเภอ", "By district", indicator), "table", required=False,
            part_of=place, max_rows=MOST_DISTRICTS,
            columns=(
                Field(DISTRICT, Words("อำเภอ", "District"), "text", required=True, max_chars=100),
                *(_column(column, category.field(code)) for column, code in columns_of(indicator).items()),
            ),
        )  # fmt: skip
        yield Field(
            WHY + indicator.code, _named("เหตุที่ผลรวมรายอำเภอไม่ตรง", "Why the districts do not add up", indicator),
            "long_text", required=False, part_of=place, max_chars=1000, help=WHY_HELP,
        )  # fmt: skip
    yield Field(
        SOURCE + indicator.code, _named("แหล่งที่มาของข้อมูล", "Source of the numbers", indicator), "text",
        required=False, part_of=place, max_chars=300, help=SOURCE_HELP,
    )  # fmt: skip


def _column(code: str, of: Field) -> Field:
    # A part may lie below the least of the whole; below 0 only where the whole may.
    least = None if of.min is None else min(of.min, 0)
    return Field(code, of.label, of.type, required=True, places=of.places, min=least)


def _named(th: str, en: str, indicator: Indicator) -> Words:
    return Words(f"{th}: {indicator.label.th}", f"{en}: {indicator.label.in_language('en')}")
