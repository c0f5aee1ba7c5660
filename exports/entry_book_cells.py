"""One cell to fill in a workbook: how it looks, what it holds of what is stored, what it takes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from exports.entry_book_layout import NO, YES
from exports.form_book import Allowed, FormSheet, Value
from exports.looks import GROUP_FILL, MUTED, Look, date_look
from scoring_rules.exact import plain
from scoring_rules.rules import Field
from scoring_rules.words import Words

FILL = "FFF9DB"
INPUT = Look(format="@", fill=FILL, vertical="top")  # as text: what begins with = stays what was written
FIGURE = Look(format="#,##0.######", fill=FILL, align="right", vertical="top")
SHUT = Look(fill=GROUP_FILL, colour=MUTED, vertical="top")
MOST_DIGITS = 15  # of a number that a cell keeps exactly


def draw_input(
    sheet: FormSheet, row: int, column: int, field: Field, text: str, *, language: str, locked: bool = False,
    in_table: bool = False, asks: bool = True,
) -> None:  # fmt: skip
    """A cell for the answer to `field`, with what is stored; locked it only shows. Not `asks`: the caller says for a
    whole column what it takes."""
    value, look = value_of(field, text, language=language), look_of(field, language)
    if locked:
        sheet.put(row, column, value, SHUT.but(format=look.format))
        return
    sheet.input(row, column, value, look)
    if asks:
        sheet.allow(row, column, allowed_in(field, language=language, in_table=in_table))


def look_of(field: Field, language: str) -> Look:
    """How a cell to fill looks: true numbers and days as such, everything else as text."""
    if field.type in ("integer", "decimal"):
        return FIGURE
    return date_look(language).but(fill=FILL, vertical="top") if field.type == "date" else INPUT


def value_of(field: Field, text: str, *, language: str) -> Value | None:
    """A stored answer as its cell holds it: a true number where a cell keeps it exactly, a true day, the option's
    words; anything else, and what is no number or day yet, as text."""
    if not text:
        return None
    if field.type in ("integer", "decimal"):
        return number_of(text)
    if field.type == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    if field.type == "yes_no":
        return {"yes": YES, "no": NO}[text].in_language(language) if text in ("yes", "no") else text
    if field.type == "choice":
        return next((each.label.in_language(language) for each in field.options if each.code == text), text)
    return text


def number_of(text: str) -> Decimal | str:
    """A plain number as a cell keeps it exactly; any other text as it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    short = number.is_finite() and len(number.as_tuple().digits) <= MOST_DIGITS
    return number if short and abs(number.adjusted()) < MOST_DIGITS else text


def allowed_in(field: Field, *, language: str, in_table: bool = False) -> Allowed:
    """What the program that opens the file takes, and says."""
    said = expected_of(field, in_table=in_table).in_language(language)
    helped = field.help.in_language(language) if field.help else ""
    takes = Words(f"ช่องนี้รับเฉพาะ: {said}", f"This cell takes: {said}").in_language(language)
    about: dict[str, Any] = {
        "title": field.label.in_language(language),
        "prompt": "\n".join(text for text in (said, helped) if text),
        "refusal": takes if said else "",
    }
    if field.type == "yes_no":
        return Allowed(
            choices=tuple(each.in_language(language) for each in ((YES,) if in_table else (YES, NO))), **about
        )
    if field.type == "choice":
        return Allowed(choices=tuple(option.label.in_language(language) for option in field.options), **about)
    if field.type in ("integer", "decimal"):  # asked, not forced: Thai digits are a text to Excel, and understood
        return Allowed(formula=f"AND({','.join(_bounds(field))})", firm=False, **about)
    if field.type == "date":
        return Allowed(formula="OR(ISTEXT({cell}),AND(ISNUMBER({cell}),{cell}>18263))", firm=False, **about)
    if field.max_chars:
        return Allowed(formula=f"LEN({{cell}})<={field.max_chars}", **about)
    return Allowed(**about | {"refusal": ""})


def _bounds(field: Field) -> Iterator[str]:
    yield "ISNUMBER({cell})"
    if field.type == "integer":
        yield "{cell}=INT({cell})"
    if field.min is not None:
        yield f"{{cell}}>={plain(field.min)}"
    if field.max is not None:
        yield f"{{cell}}<={plain(field.max)}"


def expected_of(field: Field, *, in_table: bool = False) -> Words:
    """What a cell takes, in a few words."""
    low, high = (None if bound is None else plain(bound) for bound in (field.min, field.max))
    if field.type == "yes_no":
        only = Words("ใส่ “ใช่” หรือเว้นว่าง", 'write "Yes", or leave it blank')
        return only if in_table else Words("ใช่ หรือ ไม่ใช่", "Yes or No")
    if field.type == "choice":
        texts = [", ".join(each.label.in_language(language) for each in field.options) for language in ("th", "en")]
        return Words(f"เลือกหนึ่งอย่าง: {texts[0]}", f"one of: {texts[1]}")
    if field.type == "date":
        return Words("วัน/เดือน/ปี เช่น 19/7/2564", "day/month/year, such as 19/7/2564")
    if field.type == "link":
        return Words("ที่อยู่เว็บ ขึ้นต้นด้วย https://", "a web address, beginning with https://")
    if field.type in ("integer", "decimal"):
        kind = Words("จำนวนเต็ม", "a whole number") if field.type == "integer" else Words("ตัวเลข", "a number")
        if field.places:
            kind = Words(f"{kind.th} ทศนิยมไม่เกิน {field.places} ตำแหน่ง", f"{kind.en}, at most {field.places} decimals")
        bounds = [
            *([Words(f"ตั้งแต่ {low}", f"from {low}")] if low is not None else []),
            *([Words(f"ไม่เกิน {high}", f"at most {high}")] if high is not None else []),
        ]
        thai, english = (" ".join(each.in_language(of) for each in (kind, *bounds)) for of in ("th", "en"))
        return Words(thai, english)
    if field.max_chars:
        return Words(f"ไม่เกิน {field.max_chars:,} ตัวอักษร", f"at most {field.max_chars:,} characters")
    if field.max_words:
        about = f"{field.max_words * 5:,}"
        return Words(
            f"ไม่เกิน {field.max_words:,} คำ (ภาษาไทยประมาณ {about} ตัวอักษร)",
            f"at most {field.max_words:,} words (in Thai about {about} characters)",
        )
    return Words("", "")
