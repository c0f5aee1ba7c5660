"""Columns of the audit sheet: what stands in each row, in which units, and the value that the system has for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from exports.audit.lines import Known, Line, NotKnown
from exports.formulas import LARGEST, NONE, TooFine, rounded
from exports.workbook import Formula, Value, letter_of
from scoring_rules.exact import Number, Rounding
from scoring_rules.words import Words

BEFORE = Words(" ก่อนปัดเศษ", ", before rounding")


@dataclass(frozen=True, slots=True)
class Units:
    """How a column counts: in whole units of 1/`per` (0: it holds texts). No number is larger in size than `most`, a
    number in real units; `negative` where some may lie below nothing."""

    per: int = 1
    most: Number = 1
    negative: bool = False


TEXTS: Final = Units(per=0)
YES_NO: Final = Units()
ROWS: Final = Units(most=LARGEST // 10)  # places and counts of rows


@dataclass(frozen=True, slots=True)
class Counted:
    """A column that other formulas may name: whole units of 1/`per`, at most `high` of them (at least −`high`)."""

    letter: str
    per: int
    high: int
    negative: bool

    @property
    def cell(self) -> str:
        """This column in the row of the formula."""
        return f"${self.letter}{{r}}"

    @property
    def block(self) -> str:
        """This column over the rows of the entry's group."""
        return f"${self.letter}${{a}}:${self.letter}${{b}}"

    @property
    def most(self) -> Fraction:
        """The largest size of its numbers, in real units."""
        return Fraction(self.high, self.per)

    @property
    def units(self) -> Units:
        """The units for a column of the same numbers."""
        return Units(self.per, self.most, self.negative)


Text = str | Callable[[Line], str | None] | None
Find = Callable[[Line], Known]


@dataclass(frozen=True, slots=True)
class Column:
    """Heading, units (0: a text), the formula (with braces, by row, or none: a value), and the system's value."""

    title: Words
    per: int
    formula: Text
    value: Find

    def cell(self, line: Line) -> Value:
        """What stands in the line's row."""
        text = self._formula(line)
        if text is None:
            return self.known(line)
        found = self.value(line)
        if isinstance(found, NotKnown):
            return Formula(text, None)
        return Formula(text, "" if found is None else self._counted(found))

    def known(self, line: Line) -> str | int | None:
        """The system's value in the column's units, without the formula; None where it is missing or not known."""
        found = self.value(line)
        return None if found is None or isinstance(found, NotKnown) else self._counted(found)

    def _counted(self, found: Number | str) -> str | int:
        if isinstance(found, str):
            return found
        if self.per % found.denominator:
            raise ValueError(f"{self.title.en}: {found} is not whole in units of 1/{self.per}")
        return found.numerator * (self.per // found.denominator)

    def _formula(self, line: Line) -> str | None:
        if isinstance(self.formula, str):
            return self.formula.format(r=line.row, a=line.first, b=line.last)
        return None if self.formula is None else self.formula(line)


class Columns:
    """The columns so far, from left to right; found again by key."""

    def __init__(self) -> None:
        self.list: list[Column] = []
        self.by: dict[str, Counted] = {}

    def __iter__(self) -> Iterator[Column]:
        return iter(self.list)

    def __getitem__(self, key: str) -> Counted:
        return self.by[key]

    def between(self, first: str, last: str) -> range:
        """Which columns, counted from 0, stand from one key to another."""
        letters = [letter_of(number) for number in range(1, len(self.list) + 1)]
        return range(letters.index(self[first].letter), letters.index(self[last].letter) + 1)

    def add(self, key: str, title: Words, value: Find, formula: Text = None, units: Units = YES_NO) -> Counted:
        """A further column.

        Raises TooFine where so many units are more than a spreadsheet keeps apart.
        """
        high = ceil(units.most * units.per)
        if high >= LARGEST:
            raise TooFine(
                f"“{title.th}” ต้องนับเป็นหน่วยย่อย 1/{units.per:,} ซึ่งมีได้ถึง {high:,} หน่วย",
                f"“{title.in_language('en')}” would be counted in 1/{units.per:,} and may reach {high:,} of them",
            )
        counted = Counted(letter_of(len(self.list) + 1), units.per, high, units.negative)
        self.list.append(Column(title, units.per, formula, value))
        self.by[key] = counted
        return counted

    def add_rounded(self, key: str, title: Words, value: Find, of: Counted, rounding: Rounding) -> Counted:
        """The column `of`, rounded; missing where it is missing."""
        text = rounded(of.cell, of.per, rounding, high=of.high, negative=of.negative)
        units = Units(10**rounding.places, -(-of.high // of.per) + 1, of.negative)
        return self.add(key, title, value, f"IF(ISNUMBER({of.cell}),{text},{NONE})", units)

    def add_for(
        self, rounding: Rounding | None, key: str, title: Words, value: Find, before: Find, formula: str, units: Units
    ) -> Counted:
        """The column `formula` as it is; where it is to be rounded, two: what it is `before`, and its rounding."""
        if rounding is None:
            return self.add(key, title, value, formula, units)
        raw = self.add(f"{key} before rounding", joined(title, BEFORE), before, formula, units)
        return self.add_rounded(key, title, value, raw, rounding)


def block_of(columns: Sequence[Counted]) -> str:
    """Neighbouring columns in the row of the formula, as one block."""
    return f"{columns[0].cell}:{columns[-1].cell}"


def joined(*texts: Words) -> Words:
    """The texts one after the other, in both languages."""
    return Words("".join(text.th for text in texts), "".join(text.in_language("en") for text in texts))


def said(label: Words, th: str, en: str) -> Words:
    """“{label}: th”, for a label that may have no English."""
    return Words(f"{label.th}: {th}", f"{label.in_language('en')}: {en}")
