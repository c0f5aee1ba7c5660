"""Rows by district beside a number: what they add up to, and whether that is what the province states.

Rows decide nothing: what counts is the province's own number. They show where it comes from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from award.answers.codes import DISTRICT, ROWS, WHY, columns_of, has_rows
from award.answers.plain import grouped, plain_number
from award.answers.problem import Problem, place_of
from award.errors import N_
from scoring_rules.exact import Number, parse_number
from scoring_rules.operations import added
from scoring_rules.rules import Category, Field, Indicator


@dataclass(frozen=True, slots=True)
class Sum:
    """What the rows of one column add up to, and the number that the province states. None: a cell is not a number
    yet, or the number is not filled in."""

    column: str
    field: Field
    total: Number | None
    stated: Number | None

    @property
    def difference(self) -> Number | None:
        """By how much the rows exceed (or, below 0, fall short of) what is stated; None while one of them is open."""
        if self.total is None or self.stated is None:
            return None
        return added((self.total, -self.stated))

    @property
    def total_text(self) -> str:
        """The sum as people read it; blank where there is none yet."""
        return "" if self.total is None else grouped(self.total)

    @property
    def stated_text(self) -> str:
        """The stated number as people read it; blank where there is none yet."""
        return "" if self.stated is None else grouped(self.stated)

    @property
    def difference_text(self) -> str:
        """`+3` where the rows exceed what is stated, `−3` where they fall short, `0`; blank while one is open."""
        difference = self.difference
        if difference is None:
            return ""
        if difference < 0:
            return f"−{grouped(-difference)}"
        return f"+{grouped(difference)}" if difference else "0"


def list_sums(
    category: Category, indicator: Indicator, rows: Sequence[Mapping[str, str]], numbers: Mapping[str, Number]
) -> tuple[Sum, ...]:
    """Each column of the rows against the number it belongs to; the rows may be none."""
    return tuple(
        Sum(column, category.field(code), _total(rows, column), numbers.get(code))
        for column, code in columns_of(indicator).items()
    )


def _total(rows: Sequence[Mapping[str, str]], column: str) -> Number | None:
    cells = [plain_number(row.get(column, "")) for row in rows]
    if not cells or any(cell is None for cell in cells):
        return None
    return added(tuple(parse_number(cell) for cell in cells if cell is not None))


def list_row_problems(
    category: Category, indicator: Indicator, answers: Mapping[str, Any], numbers: Mapping[str, Number],
    *, districts: int | None,
) -> Iterator[Problem]:  # fmt: skip
    """Rows that are missing, named twice, too few, or do not add up without a word why. What is wrong inside a row is
    told as for any table. `districts` is how many the province has, where that is known."""
    if not has_rows(category, indicator):
        return
    code = ROWS + indicator.code
    rows, why = answers.get(code) or [], answers.get(WHY + indicator.code) or ""
    about: dict[str, Any] = {"indicator": indicator.label}
    sums = list_sums(category, indicator, rows, numbers)
    if not rows:
        if all(each.stated is not None for each in sums):
            says = N_("“%(indicator)s” has no rows by district yet. Fill in one for each, 0 where there is none.")
            yield Problem(place_of(code), code, "missing", says, about)
        return
    yield from _named_twice(code, rows, about)
    if districts is not None and len(rows) != districts and not why:
        says = N_("“%(indicator)s” has %(count)s rows; the province has %(districts)s districts. Mend it, or say why.")
        values = about | {"count": len(rows), "districts": districts}
        yield Problem(place_of(code), code, "missing" if len(rows) < districts else "wrong", says, values)
    for each in sums:
        about |= {"label": each.field.label}
        if each.total is not None and each.stated is None:
            says = N_("The rows of “%(indicator)s” add up to %(total)s, yet “%(label)s” is not filled in.")
            values = about | {"total": each.total_text}
            yield Problem(place_of(each.field.code), each.field.code, "missing", says, values)
        elif each.difference and not why:
            says = N_(
                "The districts' “%(label)s” add up to %(total)s, but %(stated)s is stated for the province: "
                "%(difference)s. Mend a number, or write why they differ."
            )
            values = {"total": each.total_text, "stated": each.stated_text, "difference": each.difference_text}
            yield Problem(place_of(code), code, "wrong", says, about | values)


def _named_twice(code: str, rows: Sequence[Mapping[str, str]], about: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        name = _same(row.get(DISTRICT, ""))
        if name and name in seen:
            says = N_("“%(indicator)s”: row %(row)s is the same district as row %(first)s. Remove one of them.")
            values = {**about, "row": number + 1, "first": seen[name] + 1}
            yield Problem(place_of(code, number, DISTRICT), code, "wrong", says, values)
        seen.setdefault(name, number)


def _same(name: str) -> str:
    """A district's name without what some write before it: อำเภอ, อ., กิ่งอำเภอ."""
    text = "".join(name.split())
    for before in ("กิ่งอำเภอ", "อำเภอ", "อ."):
        text = text.removeprefix(before)
    return text.casefold()
