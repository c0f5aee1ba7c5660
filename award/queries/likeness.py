"""When two texts read alike: digits of either script, small spelling differences, one letter wrong."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

T = TypeVar("T")
LONGEST = 100  # letters of what is searched for
MOST_WORDS = 8
FUZZY_FROM = 4  # letters; shorter words are like too many others
TWO_WRONG_FROM = 12
DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_SARA_AM = "\u0e4d\u0e32", "\u0e33"
# ็ ่ ้ ๊ ๋ ์ are typed or left out at will; blanks and the commonest signs go with them.
_PLAIN = DIGITS | str.maketrans("", "", "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c ()-/.,:_\"'")
_REST = re.compile(r"[^\w\u0e31-\u0e4e]+")
_SHORT = re.compile(r"(?<![\u0e00-\u0e7f.])([จอต])\.(?![\u0e00-\u0e7f]\.)\s*")
_LONG = {"จ": "จังหวัด", "อ": "อำเภอ", "ต": "ตำบล"}
LEFT_OUT = "ฝั่ง"  # ภาคใต้ฝั่งอ่าวไทย is written ภาคใต้อ่าวไทย as often


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """The text as it is compared: small letters and Arabic digits, without blanks, signs, tone marks and ฝั่ง; จ. is
    จังหวัด. Empty where nothing of it can be searched for."""
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("เเ", "แ")
    if "." in plain:
        plain = _SHORT.sub(lambda found: _LONG[found[1]], plain)
    bare = plain.replace(LEFT_OUT, "") if plain.strip() != LEFT_OUT else plain
    return _REST.sub("", bare.translate(_PLAIN)).replace(*_SARA_AM)


def words_of(typed: str) -> tuple[str, ...]:
    """What is searched for, word by word, each once; without words that fold to nothing."""
    folded = (fold(word) for word in _SHORT.sub(lambda found: _LONG[found[1]], typed).split())
    return tuple(dict.fromkeys(word for word in folded if word))[:MOST_WORDS]


def holding(words: Sequence[str], texts: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """Those of the folded texts (each with what it stands for) in which every word stands, in their order."""
    found = list(texts)
    for word in sorted(words, key=len, reverse=True):  # the rarest first, as a rule
        found = [each for each in found if word in each[0]]
    return found


def almost_holding(words: Sequence[str], texts: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """Those in which every word stands with at most one letter wrong, missing or too many (two in long words).

    Words with a digit and very short ones have to stand there as they are."""
    found = list(texts)
    for word in sorted(words, key=lambda each: (allowed(each) > 0, -len(each))):  # what is told quickly first
        found = _near(word, _with_part(word, found)) if allowed(word) else [each for each in found if word in each[0]]
    return found


def allowed(word: str) -> int:
    """How many letters may be wrong."""
    if len(word) < FUZZY_FROM or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < TWO_WRONG_FROM else 2


def parts_of(word: str) -> tuple[str, ...]:
    """Parts of which one stands untouched wherever the word stands with as many letters wrong as are allowed."""
    count = allowed(word) + 1
    size = len(word) // count
    return *(word[at * size : (at + 1) * size] for at in range(count - 1)), word[(count - 1) * size :]


def _with_part(word: str, texts: list[tuple[str, T]]) -> list[tuple[str, T]]:
    """A quick look for most texts."""
    first, *middle, last = parts_of(word)
    if not middle:
        return [each for each in texts if first in each[0] or last in each[0]]
    return [each for each in texts if first in each[0] or last in each[0] or middle[0] in each[0]]


def _near(word: str, texts: list[tuple[str, T]]) -> list[tuple[str, T]]:
    """First by likeness, which is told quickly; then letter by letter."""
    most = allowed(word)
    least = 100 * (1 - most / len(word)) - 0.01
    alike = process.extract(
        word, [each[0] for each in texts], scorer=fuzz.partial_ratio, processor=None, score_cutoff=least, limit=None
    )
    return [texts[at] for at in sorted(at for text, _, at in alike if _is_near(word, text, most, least))]


def _is_near(word: str, text: str, most: int, least: float) -> bool:
    if word in text:
        return True
    if len(text) < len(word):  # the shorter one would be looked for in the longer
        return Levenshtein.distance(word, text, score_cutoff=most) <= most
    at = fuzz.partial_ratio_alignment(word, text, score_cutoff=least)
    if at is None:
        return False
    return any(
        Levenshtein.distance(word, text[max(0, start) : end], score_cutoff=most) <= most
        for start in range(at.dest_start - most, at.dest_start + most + 1)
        for end in range(at.dest_end - most, at.dest_end + most + 1)
    )
