"""How much room a text takes: Thai vowels above and below and tone marks stand on a letter and take none."""

import math
import unicodedata

# Thai words are not broken anywhere, so a wrapped line is rarely full.
LINE_IS_FULL_AT = 0.92


def text_width(text: str) -> int:
    """The width of one line, in letters: marks that stand on another letter count nothing."""
    return sum(1 for letter in text if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))


def lines_needed(text: str, width: float) -> int:
    """How many lines `text` takes in a column `width` letters wide; at least 1."""
    room = max(width * LINE_IS_FULL_AT, 1.0)
    return sum(max(1, math.ceil(text_width(line) / room)) for line in text.split("\n"))
