"""Exact numbers: text in, rationals inside, text out. No binary floating point anywhere."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Number = int | Fraction
Mode = Literal["half_up", "half_even", "down"]
MODES: tuple[Mode, ...] = ("half_up", "half_even", "down")

THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
# At most 15 digits before and 10 after the point: beyond that a "number" is an attack or a slip.
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]{1,10}))?", re.ASCII)


class NotANumber(ValueError):
    """The text is not a plain decimal number."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """One named rounding: `places` decimals by `mode`."""

    places: int
    mode: Mode


def parse_number(text: str) -> Number:
    """The exact value of a plain decimal text such as `12`, `-0.5`, `๙๗.๒๗`; an int where it is whole.

    Thai digits and surrounding blanks are accepted. Raises NotANumber for all else: thousands separators,
    exponents, `1_0`, `NaN`, `1/3`, an empty text.
    """
    match = _DECIMAL.fullmatch(text.strip().translate(THAI_DIGITS))
    if match is None:
        raise NotANumber(text)
    sign, whole, decimals = match.groups()
    if decimals is None or not decimals.strip("0"):
        value: Number = int(whole)
    else:
        value = Fraction(int(whole + decimals), int(10 ** len(decimals)))
    return -value if sign == "-" else value


def simplest(value: Number) -> Number:
    """The same value, as an int where it is whole (ints add an order of magnitude faster)."""
    return value.numerator if value.denominator == 1 else value


def rounded(value: Number, rounding: Rounding | None) -> Number:
    """`value` rounded as named; unchanged where `rounding` is None.

    half_up is half away from zero, half_even is to the even neighbour, down is toward zero.
    """
    if rounding is None or value.denominator == 1:
        return value
    units = _units(value, rounding.places, rounding.mode)
    scale = int(10**rounding.places)
    return units // scale if units % scale == 0 else Fraction(units, scale)


def _units(value: Number, places: int, mode: Mode) -> int:
    """`value` in units of 10**-places, rounded by `mode`."""
    numerator = abs(value.numerator) * int(10**places)
    whole, rest = divmod(numerator, value.denominator)
    twice = 2 * rest
    if mode == "half_up":
        up = twice >= value.denominator
    elif mode == "half_even":
        up = twice > value.denominator or (twice == value.denominator and whole % 2 == 1)
    else:
        up = False
    units = whole + (1 if up else 0)
    return units if value.numerator >= 0 else -units


def shown(value: Number, places: int) -> str:
    """Decimal text with exactly `places` decimals, half away from zero: `shown(Fraction(853, 10), 2)` is `85.30`."""
    units = _units(value, places, "half_up")
    if places == 0:
        return str(units)
    digits = str(abs(units)).rjust(places + 1, "0")
    return f"{'-' if units < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def plain(value: Number) -> str:
    """The shortest exact decimal text (`17.5`, `60`); a fraction text (`2557/30`) where no decimal ends."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, places = value.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return exact_text(value)
    return shown(value, places + max(twos, fives))


def exact_text(value: Number) -> str:
    """The exact rational in lowest terms: `2557/30`, or `85` where it is whole."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def parse_exact(text: str) -> Number:
    """The inverse of exact_text. Raises NotANumber."""
    head, slash, tail = text.partition("/")
    if not slash:
        return parse_number(head)
    if not (re.fullmatch(r"-?[0-9]+", head) and re.fullmatch(r"[1-9][0-9]*", tail)):
        raise NotANumber(text)
    return simplest(Fraction(int(head), int(tail)))
