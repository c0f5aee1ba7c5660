"""Percentages: what more than the whole is, and the number that a slip of the point was probably meant to be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.codes import parts_of
from award.answers.plain import grouped
from award.answers.problem import Problem, place_of
from award.errors import N_
from scoring_rules.exact import Number, parse_number, plain, shown
from scoring_rules.indicators import measure
from scoring_rules.operations import times
from scoring_rules.rules import Category, Indicator

WHOLE = 100
PERCENT = ("ร้อยละ", "เปอร์เซ็นต์", "%", "percent", "per cent")


@dataclass(frozen=True, slots=True)
class Unusual:
    """A percentage above 100: possible for some measures, a slip for most; the sender must say that it is right."""

    indicator: Indicator
    shown: str


def is_percentage(indicator: Indicator) -> bool:
    """Whether the value is a percentage: a ratio times 100, or a number whose unit says so."""
    if indicator.ratio:
        return indicator.times == WHOLE
    return {indicator.unit.th.strip(), indicator.unit.in_language("en").strip().lower()} & set(PERCENT) != set()


def is_percentage_field(category: Category, code: str) -> bool:
    """Whether what is typed at a question is a percentage as it stands."""
    return any(each.field == code and is_percentage(each) for each in category.indicators)


def most_of(indicator: Indicator) -> Number | None:
    """What the value cannot exceed: what the rules state, else 100 for a percentage that is typed as it stands. None
    where more than the whole is possible, as with what was done against a plan."""
    if indicator.max is not None:
        return indicator.max
    return WHOLE if is_percentage(indicator) and indicator.ratio is None else None


def list_unusual(category: Category, numbers: Mapping[str, Number]) -> list[Unusual]:
    """Percentages above 100 that the rules do not rule out, in the order of the rules."""
    found: list[Unusual] = []
    for indicator in category.indicators:
        value = measure(category, indicator, numbers).value
        if value is not None and is_percentage(indicator) and most_of(indicator) is None and value > WHOLE:
            found.append(Unusual(indicator, shown(value, indicator.round.places if indicator.round else 2)))
    return found


def list_impossible(category: Category, numbers: Mapping[str, Number], wrong: set[str]) -> Iterator[Problem]:
    """Values above what is possible, each with the number that was probably meant. A part that is wrong by itself
    (its code in `wrong`) was already named."""
    for indicator in category.indicators:
        codes = parts_of(indicator)
        value, most = measure(category, indicator, numbers).value, most_of(indicator)
        if value is None or most is None or value <= most or wrong & set(codes):
            continue
        field = category.field(codes[0])
        typed = plain(numbers[codes[0]])
        about: dict[str, Any] = {
            "label": field.label, "typed": grouped(numbers[codes[0]]), "indicator": indicator.label,
            "shown": shown(value, indicator.round.places if indicator.round else 2), "most": plain(most),
        }  # fmt: skip
        if indicator.ratio is None:
            meant = guess(typed, most)
            says = N_("“%(label)s”: %(typed)s is more than %(most)s, which cannot be. Mend the number.")
            if meant:
                says = N_("“%(label)s”: %(typed)s is more than %(most)s, which cannot be. Did you mean %(meant)s?")
                about["meant"] = meant
        else:
            bottom = category.field(codes[1])
            about |= {"whole": bottom.label, "all": grouped(numbers[codes[1]])}
            says = N_(
                "“%(indicator)s” comes to %(shown)s, more than %(most)s, which cannot be: “%(label)s” (%(typed)s) is "
                "part of “%(whole)s” (%(all)s). Mend one of the two."
            )
            # Where the whole is 100, the part is a percentage itself.
            meant = guess(typed, most) if times(indicator.times, 1) == WHOLE == numbers[codes[1]] else None
            if meant and field.type == "decimal":
                says = N_(
                    "“%(indicator)s” comes to %(shown)s, more than %(most)s, which cannot be: “%(label)s” is "
                    "%(typed)s. Did you mean %(meant)s?"
                )
                about["meant"] = meant
        yield Problem(place_of(field.code), field.code, "wrong", says, about)


def guess(typed: str, most: Number) -> str | None:
    """The number within `most` that only the decimal point is missing from: 97.27 for 9727, 98.5 for 985; None where
    the typed number has a point, or none fits within three decimals."""
    if not typed.isascii() or not typed.isdigit():
        return None
    for decimals in (1, 2, 3):
        if len(typed) > decimals:
            text = f"{typed[:-decimals]}.{typed[-decimals:]}"
            if parse_number(text) <= most:
                return plain(parse_number(text))
    return None
