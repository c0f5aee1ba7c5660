"""What a writer most likely meant: the remedy for a key that is not known, or a text where a number belongs."""

import re
from collections.abc import Sequence

from scoring_rules.exact import NotANumber, Number, parse_number, plain
from scoring_rules.operations import quotient
from scoring_rules.source import MapNode, Node, TextNode
from scoring_rules.words import Words

# What stands only at the left margin of a rule file.
TOP_KEYS = ("award", "short", "cycle", "basis", "sources", "categories", "stages")
_PER_CENT = re.compile(r"^ร้อยละ|(%|per ?cent)$", re.IGNORECASE)
_THAI = re.compile("[\u0e00-\u0e7f]")


def remedy_for_key(within: Node, key: str, *, path: str, known: Sequence[str]) -> Words | None:
    """What to do about the unknown `key` of `within`, where its look says more than a list of `known` keys does."""
    if not isinstance(within, MapNode):
        return None
    value = within.entries[key][1]
    nothing = isinstance(value, TextNode) and not value.text
    if within.in_braces and (nothing or _THAI.search(key)):
        return Words(
            'ใส่ข้อความที่มีจุลภาคในเครื่องหมายคำพูด เช่น {th: "สวน, บ้าน"}',
            'Put a text with a comma in quotes, such as {en: "house, garden"}.',
        )
    if path and key in TOP_KEYS and key not in known:
        return Words(
            f"ย้าย {key} ไปชิดขอบซ้าย เพราะเป็นช่องของทั้งไฟล์", f"Move {key} to the left margin: it belongs to the whole file."
        )
    return None


def remedy_for_number(text: str, *, least: Number | None = None, most: Number | None = None) -> Words | None:
    """What to write instead of `40%`, or of 40 where a part of 1 belongs (from `least` 0 to `most` 1)."""
    number = _PER_CENT.sub("", text).strip()
    try:
        value = parse_number(number)
    except NotANumber:
        return None
    per_cent, of_one = number != text, least == 0 and most == 1
    if of_one and (per_cent or 1 < value <= 100):
        part = plain(quotient(value, 100))
        return Words(f"ร้อยละ {plain(value)} เขียนเป็น {part}", f"{plain(value)} per cent is {part}.")
    if per_cent:
        return Words(f"เขียนเพียง {plain(value)}", f"Write {plain(value)} only.")
    return None
