"""Exact numbers: a text is read as a fraction, a fraction is shown as a text. Nothing else is computed with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from exports.verifier.said import brief, fail

_THAI = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_RATIO = re.compile(r"-?[0-9]{1,200}(?:/[1-9][0-9]{0,200})?")
ZERO, ONE = Fraction(0), Fraction(1)
MOST_PLACES = 10


@lru_cache(maxsize=4096)
def number(text: str) -> Fraction:
    """The number a rule file states: a plain decimal. Raises Failed."""
    plain = text.strip().translate(_THAI)
    if not _DECIMAL.fullmatch(plain):
        fail(f"“{brief(text, 40)}” ในเกณฑ์ไม่ใช่จำนวน", f'"{brief(text, 40)}" in the rules is no number')
    return Fraction(plain)


@lru_cache(maxsize=65536)
def exact(text: str) -> Fraction:
    """The number an exact text states: `12.5`, `1/3`, `-4`. Raises Failed."""
    if not isinstance(text, str) or not (_DECIMAL.fullmatch(text) or _RATIO.fullmatch(text)):
        fail(f"“{brief(text, 40)}” ไม่ใช่จำนวน", f'"{brief(text, 40)}" is no number')
    return Fraction(text)


def exact_text(value: Fraction) -> str:
    """In lowest terms: `2557/30`, or `85` where it is whole."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def units_of(value: Fraction, places: int, mode: str = "half_up") -> int:
    """How many units of the last place the number is, rounded by the mode: half away from zero, half to the even
    neighbour, or toward zero."""
    scale: int = 10**places
    whole, rest = divmod(abs(value.numerator) * scale, value.denominator)
    twice = 2 * rest - value.denominator
    if (mode == "half_up" and twice >= 0) or (mode == "half_even" and (twice > 0 or (twice == 0 and whole % 2))):
        whole += 1
    return whole if value >= 0 else -whole


def places_of(how: Mapping[str, Any]) -> int:
    """The decimals that a rounding of the rules names. Raises Failed beyond ten: no rule file has more."""
    places = number(how["places"])
    if places.denominator != 1 or not 0 <= places <= MOST_PLACES:
        fail(f"ทศนิยม {places} ตำแหน่งในเกณฑ์", f"{places} decimals in the rules")
    return places.numerator


def rounded(value: Fraction, how: str | Mapping[str, Any] | None) -> Fraction:
    """The number as `{places, mode}` rounds it; as it is where nothing or `none` is said."""
    if not isinstance(how, Mapping):
        return value
    places = places_of(how)
    return Fraction(units_of(value, places, how["mode"]), 10**places)


def shown(value: Fraction, places: int) -> str:
    """With exactly so many decimals, half away from zero."""
    units = units_of(value, places)
    digits = str(abs(units)).rjust(places + 1, "0")
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return f"-{text}" if units < 0 else text
