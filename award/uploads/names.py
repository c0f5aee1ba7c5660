"""The name that a file came with, as it may be shown. Nothing is ever stored or opened under it."""

import re
import unicodedata

from award.uploads.refusals import Harm

MOST_LETTERS = 120
# Controls, and what turns the direction of writing: with it "รายงาน‮fdp.exe" reads as another kind of file.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\u2028\u2029]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufff9-\uffff]")


def shown_name(name: str) -> str:
    """The last part of the name, in one Unicode form, without unseen characters, at most 120 letters long.

    Raises Harm where a character stands in it that is not part of any name.
    """
    last = re.split(r"[/\\]", name)[-1]
    found = _FORBIDDEN.search(last)
    if found:
        raise Harm("name_forbidden", code=f"U+{ord(found[0]):04X}", at=found.start() + 1)
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", last)).replace("\u0e4d\u0e32", "\u0e33")
    plain = " ".join(plain.split()).strip(". ")
    if len(plain) <= MOST_LETTERS:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending) > 8:
        return _cut(plain, MOST_LETTERS - 1) + "…"
    return _cut(stem, MOST_LETTERS - len(ending) - 2) + "…" + dot + ending


def extension(name: str) -> str:
    """What stands behind the last dot, in small letters; blank without one."""
    stem, _, ending = name.rpartition(".")
    return ending.strip().lower() if stem else ""


def _cut(text: str, most: int) -> str:
    """The beginning of a text; no vowel or tone mark is parted from its letter."""
    while most > 1 and unicodedata.category(text[most]) in ("Mn", "Me"):
        most -= 1
    return text[:most]
