"""How much room a text takes: Thai vowels above and below and tone marks stand on a letter and take none."""

import math
import unicodedata

# Thai words are not broken anywhere, so a wrapped line is rarely full.
LINE_IS_FULL_AT = 0.9

# Marks that stand on another letter, and what is not seen at all; Thai and general punctuation lie below 0x2100.
_NO_WIDTH = {code: None for code in range(0x2100) if unicodedata.category(chr(code)) in ("Mn", "Me", "Cf")}


def text_width(text: str) -> int:
    """The width of one line, in letters: marks that stand on another letter count nothing."""
    return len(text.translate(_NO_WIDTH))


def lines_needed(text: str, width: float) -> int:
    """How many lines `text` takes in a column `width` letters wide; at least 1."""
    room = max(width * LINE_IS_FULL_AT, 1.0)
    return sum(max(1, math.ceil(text_width(line) / room)) for line in text.split("\n"))
