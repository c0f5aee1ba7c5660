"""Texts as Excel takes them: cells, sheet names, what cannot be written."""

import re
from collections.abc import Iterable

MAX_TEXT = 32_767  # letters an Excel cell holds, counted in UTF-16
MAX_NAME = 31  # letters of a sheet's name, counted the same way

_NOT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
# What Excel refuses; "!", at which other programs lose the cell behind a name; what turns the direction of writing.
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\!\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class CannotWrite(ValueError):
    """A value that a workbook cannot hold; says which cell and why."""


def cell_text(text: str) -> str:
    """`text` so that Excel shows exactly it: control characters that XML forbids become visible pictures (␀ … ␟).

    Raises CannotWrite for more than 32,767 letters, which Excel would silently cut.
    """
    if _NOT_FOR_XML.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _NOT_FOR_XML.sub(_shown_instead, text)
    if len(text) > MAX_TEXT // 2 and letters(text) > MAX_TEXT:
        raise CannotWrite(f"a text of {letters(text):,} letters; an Excel cell holds {MAX_TEXT:,}")
    return text


def _shown_instead(match: re.Match[str]) -> str:
    found = match[0]
    if found == "_x":  # Excel reads _x0041_ as "A": say that the underscore is meant
        return "_x005F_x"
    return chr(0x2400 + ord(found)) if found < " " else "\ufffd"


def letters(text: str) -> int:
    """How many letters Excel counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def legal_sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name Excel accepts, as near to `wanted` as can be: at most 31 letters, none of []:*?/\\!, not in `taken`."""
    used = {name.casefold() for name in taken} | {"history"}  # Excel keeps "History" for itself
    name = " ".join(_NOT_IN_A_NAME.sub(" ", cell_text(wanted)).split()).strip("' ") or "-"
    name = _cut(name, MAX_NAME).strip("' ")
    number = 1
    candidate = name
    while candidate.casefold() in used:
        number += 1
        tail = f" ({number})"
        candidate = _cut(name, MAX_NAME - len(tail)) + tail
    return candidate


def _cut(text: str, most: int) -> str:
    while letters(text) > most:
        text = text[:-1]
    return text
