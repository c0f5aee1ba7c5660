"""Typed text as people write it to one plain form: numbers, dates, text without invisible characters, words counted."""

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from exports.thai import BUDDHIST_ERA, ENGLISH_MONTHS, THAI_MONTHS, THAI_SHORT_MONTHS
from scoring_rules.exact import THAI_DIGITS, NotANumber, Number, parse_number, plain

_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_NUMERIC_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NAMED_DATE = re.compile(r"([0-9]{1,2})\s*([^\s0-9'’]+)\s*['’]?([0-9]{4}|[0-9]{2})")
_SHORT_YEARS = range(50, 86)  # 2550 to 2585: as years of the Christian Era they are no days that anybody enters here
# Controls, lone surrogates, direction overrides, characters of no width: nobody sees them, searches trip on them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
_THAI = re.compile("[\u0e00-\u0e7f]+")
THAI_LETTERS_A_WORD = 5  # Thai is written without blanks: its words are counted as this many characters each
_MONTHS = {
    name.lower().replace(".", ""): number
    for names in (THAI_MONTHS, THAI_SHORT_MONTHS, ENGLISH_MONTHS, [name[:3] for name in ENGLISH_MONTHS])
    for number, name in enumerate(names, start=1)
}
_LETTER = r"[a-z0-9\u0e00-\u0e7f]"
_NAME = f"{_LETTER}(?:{_LETTER[:-1]}-]*{_LETTER})?"
_HOST = re.compile(rf"(?=.{{4,253}}$)(?:{_NAME}\.)+(?![0-9]){_NAME}")


def plain_number(typed: str) -> str | None:
    """The plain decimal text of a typed number: Thai and full-width digits and thousands commas are understood.

    `๙,๗๒๗.๕๐` is `9727.5`. None where it is no number; a comma that does not part thousands is not guessed at.
    """
    text = _digits(typed)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        return plain(parse_number(text))
    except NotANumber:
        return None


def grouped(value: Number) -> str:
    """A number as people read it, with thousands commas: `9,727.5`."""
    whole, dot, decimals = plain(value).partition(".")
    return f"{int(whole):,}{dot}{decimals}" if whole not in ("-0", "") and "/" not in whole else plain(value)


def plain_date(typed: str) -> date | None:
    """The day of `19/7/2564`, `19 ก.ค. 2564`, `19 July 2021` or `2021-07-19`; None where it is no day.

    A year after 2400 is Buddhist Era. One of two digits is, where it says so (`พ.ศ. 64`) or can be nothing else: `64`
    is 2564; `21` may be 2521 or 2021, and is not guessed at.
    """
    said = _digits(typed)
    text = " ".join(said.replace("พ.ศ.", " ").split())
    iso, numeric, named = _ISO_DATE.fullmatch(text), _NUMERIC_DATE.fullmatch(text), _NAMED_DATE.fullmatch(text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif numeric:
        day, month, year = (int(part) for part in numeric.groups())
    elif named:
        day, year = int(named[1]), int(named[3])
        month = _MONTHS.get(named[2].lower().replace(".", ""), 0)
    else:
        return None
    if year < 100:
        if year not in _SHORT_YEARS and "พ.ศ." not in said:
            return None
        year += 2500
    if year > 2400:
        year -= BUDDHIST_ERA
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _digits(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).translate(THAI_DIGITS).strip()


def clean_text(typed: str, *, lines: bool = False) -> tuple[str, int]:
    """The text without invisible characters, in one Unicode form, and how many were taken out.

    Line ends become one kind; without `lines` they become blanks.
    """
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    text, removed = _INVISIBLE.subn("", text)
    # Sara am typed as two characters looks the same and sorts apart.
    text = unicodedata.normalize("NFC", text).replace("\u0e4d\u0e32", "\u0e33")
    if not lines:
        text = " ".join(text.split())
    return text.strip(), removed


def count_words(text: str) -> int:
    """Words between blanks; of Thai writing, `THAI_LETTERS_A_WORD` characters count as a word."""
    thai = sum(-(-len(run) // THAI_LETTERS_A_WORD) for run in _THAI.findall(text))
    return thai + len(_THAI.sub(" ", text).split())


def is_web_address(text: str) -> bool:
    """Whether it is an http(s) address of another site, that a browser may open: no other scheme, no machine inside."""
    if re.search(r"\s", text) or len(text) > 2000:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    named = _HOST.fullmatch(parts.hostname or "") is not None  # no bare number, no machine of the inner network
    return named and parts.scheme in ("http", "https") and "@" not in parts.netloc
