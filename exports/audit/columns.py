"""Columns of the audit sheet: what stands in each row, in which units, and the value that the system has for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import Any, Final

from exports.formulas import LARGEST, NONE, TooFine, rounded
from exports.workbook import Formula, Value, letter_of
from scoring_rules.exact import Number, Rounding
from scoring_rules.facts import Card, Entry
from scoring_rules.results import Standing, Step
from scoring_rules.words import Words


class NotKnown:
    """The system has no such number: only the spreadsheet's own way needs it."""


NOT_KNOWN: Final = NotKnown()
Known = Number | str | NotKnown | None


@dataclass
class Line:
    """One entry's row: `first` and `last` are the rows of its group; `cards` are by slot, None where there is none."""

    standing: Standing
    entry: Entry
    cards: Sequence[Card | None]
    row: int = 0
    first: int = 0
    last: int = 0
    earlier: Number | None = None  # exact total of the stage that is carried
    known: dict[str, Known] = field(default_factory=dict)  # values that are worked out for a whole group at once

    @cached_property
    def steps(self) -> Mapping[tuple[str, str], Step]:
        """The engine's steps by (operation, what they are about): a path, a code, a member, else nothing."""
        found: dict[tuple[str, str], Step] = {}
        _collect(self.standing.step, "", found)
        return found

    def before_rounding(self, stage: str, path: str) -> Number | None:
        """The number that was rounded at this stage of the rules (combined, points), at this path."""
        step = self.steps.get(("rounding", f"{stage} {path}"))
        return step.inputs[0].value if step else None


def _collect(step: Step, path: str, found: dict[tuple[str, str], Step]) -> None:
    """A step without a path of its own belongs to the criterion of the step that was made from it."""
    about = step.about
    path = _path(step) or (_path(step.inputs[0]) if step.operation == "rounding" else "") or path
    if step.operation == "rounding":
        key = f"{about['stage']} {path}"
    elif step.operation in ("adjustment", "eligibility"):
        key = str(about["rule"].code)
    elif step.operation == "member_total":
        found[step.operation, str(about["member"])] = step
        return  # what a member's total is made of is not asked for
    else:
        key = path
    found[step.operation, key] = step
    for each in step.inputs:
        _collect(each, path, found)


def _path(step: Step) -> str:
    return str(step.about.get("path", ""))


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


Text = str | Callable[[Line], str | None] | None


@dataclass(frozen=True, slots=True)
class Column:
    """Heading, units (0: a text), the formula (with braces, by row, or none: a value), and the system's value."""

    title: Words
    per: int
    formula: Text
    value: Callable[[Line], Known]

    def cell(self, line: Line) -> Value:
        """What stands in the line's row."""
        found: Any = self.value(line)
        if isinstance(found, NotKnown):
            units: Any = None
        elif found is None or isinstance(found, str):
            units = found
        else:
            if self.per % found.denominator:
                raise ValueError(f"{self.title.en}: {found} is not whole in units of 1/{self.per}")
            units = found.numerator * (self.per // found.denominator)
        if self.formula is None:
            return units  # type: ignore[no-any-return]
        if isinstance(self.formula, str):
            text: str | None = self.formula.format(r=line.row, a=line.first, b=line.last)
        else:
            text = self.formula(line)
        if text is None:
            return units  # type: ignore[no-any-return]
        return Formula(text, None if found is NOT_KNOWN else "" if units is None else units)


class Columns:
    """The columns so far, from left to right; found again by key."""

    def __init__(self) -> None:
        self.list: list[Column] = []
        self.by: dict[str, Counted] = {}

    def __iter__(self) -> Iterator[Column]:
        return iter(self.list)

    def __getitem__(self, key: str) -> Counted:
        return self.by[key]

    def add(
        self,
        key: str,
        title: Words,
        value: Callable[[Line], Known],
        formula: Text = None,
        *,
        per: int = 1,
        most: Number = 1,
        negative: bool = False,
    ) -> Counted:
        """A further column. `most` is the largest size that its numbers can have, in real units.

        Raises TooFine where that many units of 1/`per` are more than a spreadsheet keeps apart.
        """
        high = ceil(most * per)
        if high >= LARGEST:
            raise TooFine(
                f"“{title.th}” ต้องนับเป็นหน่วยย่อย 1/{per:,} ซึ่งมีได้ถึง {high:,} หน่วย",
                f"“{title.in_language('en')}” would be counted in 1/{per:,} and may reach {high:,} of them",
            )
        counted = Counted(letter_of(len(self.list) + 1), per, high, negative)
        self.list.append(Column(title, per, formula, value))
        self.by[key] = counted
        return counted

    def add_rounded(
        self, key: str, title: Words, value: Callable[[Line], Known], of: Counted, rounding: Rounding
    ) -> Counted:
        """The column `of`, rounded; missing where it is missing."""
        scale = 10**rounding.places
        text = rounded(of.cell, of.per, rounding, high=of.high, negative=of.negative)
        formula = f"IF(ISNUMBER({of.cell}),{text},{NONE})"
        most = -(-of.high // of.per) + 1
        return self.add(key, title, value, formula, per=scale, most=most, negative=of.negative)


def block_of(columns: Sequence[Counted]) -> str:
    """Neighbouring columns in the row of the formula, as one block."""
    return f"{columns[0].cell}:{columns[-1].cell}"
