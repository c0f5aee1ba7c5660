"""One cell as the XML of a worksheet. A text is always a text, never a formula or an error; numbers and dates are real
ones."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from exports.cell_text import CannotWrite, cell_text
from exports.thai import in_bangkok

DAY_ZERO = date(1899, 12, 30)  # days are counted from here; Excel counts one day too few before March 1900
MAX_FORMULA = 8_192  # letters
EXACT_DIGITS = 15  # a double keeps this many


Plain = str | int | Decimal | None


class Formula(NamedTuple):
    """A live cell: what the spreadsheet computes (without `=`), and the system's own value, which is kept in the file:
    programs that do not compute, such as previews on a phone, show it, and a recalculation must find the same."""

    text: str
    value: Plain


Value = Plain | date | Formula


def cell_xml(at: str, value: Value, look: int) -> str:
    """The cell `at` (such as B7), whose text contains no character that XML gives a meaning.

    Floats are refused (no binary fraction may decide or show anything), so are moments without a time zone and
    formulas longer than Excel reads. A number with more digits than Excel keeps becomes a text, so that none is lost.
    """
    if isinstance(value, Formula):
        return _formula(at, look, value.text, value.value)
    if type(value) is str:
        return _text(at, look, value)
    if type(value) is int or type(value) is Decimal:
        text = str(value)
        if len(text) > EXACT_DIGITS or "E" in text or "N" in text or "I" in text:
            return _long_number(at, look, value)
        return f'<c r="{at}" s="{look}" t="n"><v>{text}</v></c>'
    if value is None:  # with a type, some programs would read it as the number 0
        return f'<c r="{at}" s="{look}" />'
    if isinstance(value, datetime):
        value = in_bangkok(value).replace(tzinfo=None, microsecond=0)
    elif not isinstance(value, date):
        raise CannotWrite(f"{type(value).__name__} is not for a cell: text, int, Decimal, date or datetime are")
    return f'<c r="{at}" s="{look}" t="n"><v>{_serial(value):.16g}</v></c>'


def _serial(value: date) -> float:
    """The number by which spreadsheets know a day and an hour."""
    if not isinstance(value, datetime):
        return _days(value)
    return _days(value.date()) + (value.hour * 3600 + value.minute * 60 + value.second) / 86_400


def _days(day: date) -> int:
    days = (day - DAY_ZERO).days
    return days - 1 if 0 < days <= 60 else days


def _text(at: str, look: int, text: str) -> str:
    shown = escaped(cell_text(text))
    if not shown:
        return f'<c r="{at}" s="{look}" />'
    space = "" if shown == shown.strip() else ' xml:space="preserve"'
    return f'<c r="{at}" s="{look}" t="inlineStr"><is><t{space}>{shown}</t></is></c>'


def _formula(at: str, look: int, text: str, value: Plain) -> str:
    if len(text) > MAX_FORMULA:
        raise CannotWrite(f"a formula of {len(text):,} letters; Excel reads {MAX_FORMULA:,}")
    if value is None:
        return f'<c r="{at}" s="{look}"><f>{escaped(text)}</f></c>'
    if isinstance(value, str):
        kept = f"<v>{escaped(cell_text(value))}</v>" if value else "<v />"
        return f'<c r="{at}" s="{look}" t="str"><f>{escaped(text)}</f>{kept}</c>'
    return f'<c r="{at}" s="{look}"><f>{escaped(text)}</f><v>{value}</v></c>'


def _long_number(at: str, look: int, value: int | Decimal) -> str:
    """A number that may have more digits than Excel keeps."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise CannotWrite(f"{value} is not a number that can be shown")
    text = format(value, "f" if isinstance(value, Decimal) else "d")
    digits = text.lstrip("-").replace(".", "").strip("0")
    return f'<c r="{at}" s="{look}" t="n"><v>{text}</v></c>' if len(digits) <= EXACT_DIGITS else _text(at, look, text)


def escaped(text: str) -> str:
    """The text with &, < and > as XML writes them."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text
