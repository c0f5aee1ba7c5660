"""The entry form as values, made from the rule set: sections by dimension, questions by criterion, results.

What a person may choose or must mend comes from the rules; nothing here knows the database.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from award.answers.check import Problem, place_of
from award.answers.codes import DISTRICT, ROWS, SOURCE, WHY, fields_with, list_fields
from award.answers.district_rows import Sum, list_sums
from award.answers.suggestions import list_suggestions, points_text
from award.errors import Foreign
from exports.thai import date_text
from scoring_rules.exact import Number, plain
from scoring_rules.rules import Category, Criterion, Field, Indicator, Level, MarksSource
from scoring_rules.words import Words

ENVELOPE = ("csrf_token", "key", "base_revision", "check", "@label")  # what the form holds beside the answers
ANY_ROW = "ROW"  # stands for the row's number in the row that the page copies to add one


@dataclass(frozen=True, slots=True)
class Question:
    """One input (or one table, whose cells are questions): what is shown in it and what is wrong with it.

    `value` is what the input holds, `reading` the same for people who only read it.
    """

    field: Field
    place: str  # element id
    name: str  # name in a posted form
    value: str = ""
    reading: str | Words = ""
    problems: tuple[Problem, ...] = ()
    evidence: tuple[Any, ...] = ()
    rows: tuple[tuple["Question", ...], ...] = ()
    blank_row: tuple["Question", ...] = ()
    stored: "Question | None" = None  # what somebody else saved in between, where it differs


@dataclass(frozen=True, slots=True)
class Result:
    """An indicator worked out from two numbers (or one), and the level it suggests for a criterion."""

    indicator: Indicator
    shown: str | None  # None: not all numbers are there
    level: Level | None
    top: str
    bottom: str | None  # field codes
    leaf: Criterion | None
    points: Number | None = None  # of the criterion's that the level would earn
    is_fixed: bool = False  # the points come from the number, no member marks them
    rows: Question | None = None  # by district, where the rules want them
    why: Question | None = None  # they do not add up
    source: Question | None = None
    given: bool = False  # some row is filled in
    ready: tuple[tuple[Question, ...], ...] = ()  # the rows as the form begins with: one for each district
    sums: tuple[Sum, ...] = ()  # of the rows, against what is stated

    @property
    def points_text(self) -> str:
        """The points as people read them; blank where there are none."""
        return "" if self.points is None else points_text(self.points)

    @property
    def differs(self) -> bool:
        """Whether the rows do not add up, or something was written about it."""
        return any(each.difference for each in self.sums) or bool(self.why and (self.why.value or self.why.problems))

    @property
    def beside(self) -> tuple[Question, ...]:
        """What is asked about the number beside its parts."""
        return tuple(each for each in (self.rows, self.why, self.source) if each)

    @property
    def times(self) -> str:
        """What the ratio is multiplied with, as text."""
        return plain(self.indicator.times)


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to one criterion; `criterion` is None for what belongs to the entry as a whole."""

    criterion: Criterion | None
    questions: tuple[Question | Result, ...]

    @property
    def levels(self) -> tuple[Level, ...]:
        """What the marks of the criterion mean; none where members give none."""
        source = self.criterion.source if self.criterion else None
        return source.levels if isinstance(source, MarksSource) else ()


@dataclass(frozen=True, slots=True)
class Section:
    """One dimension of the award, or the general part of the entry (`root` is None)."""

    code: str
    root: Criterion | None
    parts: tuple[Part, ...]
    serving: tuple[str, ...]  # names of the projects that are ticked for this dimension
    missing: int  # required things not there yet or wrong


def build_sections(
    category: Category, answers: Mapping[str, Any], *, numbers: Mapping[str, Number], evidence: Sequence[Any],
    problems: Sequence[Problem], language: str, stored: Mapping[str, Any] | None = None, districts: int = 0,
) -> tuple[Section, ...]:  # fmt: skip
    """The form's sections in the order of the rules. `stored` are another's saved answers: where they differ from
    `answers`, the question shows both. Problems stand at their questions. Rows by district are as many as the
    province has `districts`, blank ones at the end."""
    maker = _Maker(category, answers, numbers, evidence, problems, language, stored)
    maker.districts = districts if category.entrant == "province_office" else 0
    general = Section("general", None, tuple(maker.parts([None])), (), maker.missing_in([None]))
    return (general, *(maker.section(root) for root in category.criteria))


def read_posted(category: Category, posted: Mapping[str, str]) -> dict[str, Any]:
    """The answers in a form that was posted without the page's code: names as `Question.name` gives them.

    A field that the form does not hold is no change; one that a browser leaves out when nothing is chosen is named
    by a hidden `shown:CODE`. Raises Foreign for a name that no form made from these rules holds.
    """
    asked = {field.code: field for field in list_fields(category)}
    if not all(_is_asked(name, asked) for name in posted if name not in ENVELOPE):
        raise Foreign
    changes: dict[str, Any] = {}
    for field in asked.values():
        if field.type == "table" and f"shown:{field.code}" in posted:
            changes[field.code] = _posted_rows(field, posted)
        elif field.code in posted or f"shown:{field.code}" in posted:
            changes[field.code] = posted.get(field.code, "")
    return changes


def _is_asked(name: str, asked: Mapping[str, Field]) -> bool:
    code, number, column = _split(name.removeprefix("shown:"))
    field = asked.get(code)
    if field is None or not number:
        return field is not None
    is_row = number.isascii() and number.isdigit() and len(number) <= 4
    return is_row and any(each.code == column for each in field.columns)


# A code that begins with @ has a colon of its own: @rows:CODE:0:district.
_NAME = re.compile(r"(@[a-z]+:[^:]*|[^:]*)(?::([^:]*):?(.*))?", re.DOTALL)


def _split(name: str) -> tuple[str, str, str]:
    """An input's name in its parts: code, and of a table's cell the row and the column."""
    match = _NAME.fullmatch(name)
    return (match[1], match[2] or "", match[3] or "") if match else (name, "", "")


def _posted_rows(field: Field, posted: Mapping[str, str]) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name, value in posted.items():
        code, number, column = _split(name)
        if code == field.code and number.isascii() and number.isdigit() and len(number) <= 4:
            rows.setdefault(int(number), {})[column] = value
    return [rows[number] for number in sorted(rows)]


class _Maker:
    def __init__(
        self, category: Category, answers: Mapping[str, Any], numbers: Mapping[str, Number], evidence: Sequence[Any],
        problems: Sequence[Problem], language: str, stored: Mapping[str, Any] | None,
    ):  # fmt: skip
        self.category, self.answers, self.numbers = category, answers, numbers
        self.evidence, self.problems, self.language, self.stored = evidence, problems, language, stored
        self.suggestions, self.districts = list_suggestions(category, numbers), 0

    def section(self, root: Criterion) -> Section:
        paths = [node.path for node in root.walk()]
        serving = tuple(
            row.get(field.columns[0].code, "")
            for field in self.category.fields
            if field.type == "table" and any(column.code == root.code for column in field.columns)
            for row in self.answers.get(field.code) or ()
            if row.get(root.code) == "yes"
        )
        return Section(root.code, root, tuple(self.parts(paths)), serving, self.missing_in(paths))

    def missing_in(self, paths: Sequence[str | None]) -> int:
        asked = (*self.category.fields, *list_fields(self.category))
        fields = {field.code for field in asked if field.part_of in paths}
        return sum(problem.field in fields for problem in self.problems)

    def parts(self, paths: Sequence[str | None]) -> Iterator[Part]:
        """A part for each path that has fields, and for each leaf, so that every criterion is seen."""
        for path in paths:
            node = self.category.criterion(path) if path else None
            fields = [field for field in self.category.fields if field.part_of == path]
            if fields or (node and not node.parts):
                yield Part(node, tuple(self._questions(fields)))

    def _questions(self, fields: Sequence[Field]) -> Iterator[Question | Result]:
        """The fields in order; what is worked out from them stands after the last of them that is here."""
        here = [field.code for field in fields]
        after: dict[str, list[Indicator]] = {}
        for indicator in self.category.indicators:
            top = indicator.ratio[0] if indicator.ratio else indicator.field
            if top in here:
                last = max((code for code in indicator.ratio or (top,) if code in here), key=here.index)
                after.setdefault(last, []).append(indicator)
        for field in fields:
            yield self._question(field)
            for indicator in after.get(field.code, ()):
                yield self._result(indicator)

    def _question(self, field: Field) -> Question:
        if field.type == "files":
            evidence = tuple(item for item in self.evidence if item.field == field.code)
            place = place_of(field.code)
            return Question(field, place, field.code, evidence=evidence, problems=self._at(place))
        question = self._with(field, self.answers)
        if self.stored is not None and (self.answers.get(field.code) or "") != (self.stored.get(field.code) or ""):
            other = self._with(field, self.stored)
            return replace(question, stored=other)
        return question

    def _with(self, field: Field, answers: Mapping[str, Any]) -> Question:
        place = place_of(field.code)
        if field.type == "table":
            rows = tuple(self._row(field, number, row) for number, row in enumerate(answers.get(field.code) or ({},)))
            blank = self._row(field, ANY_ROW, {})
            return Question(field, place, field.code, rows=rows, blank_row=blank, problems=self._at(place))
        return self._cell(field, place, field.code, str(answers.get(field.code) or ""))

    def _ready(self, field: Field, given: Sequence[Mapping[str, str]]) -> tuple[tuple[Question, ...], ...]:
        """The rows of a form: those that are there, then blank ones for the other districts; at least one."""
        blank: list[Mapping[str, str]] = [{} for _ in range(self.districts - len(given))]
        rows = [*given, *blank] if given else self._districts()
        return tuple(self._row(field, number, row) for number, row in enumerate(rows or [{}]))

    def _districts(self) -> Sequence[Mapping[str, str]]:
        """Rows to begin with: as many as there are districts, named as in another table of the entry."""
        tables = (rows for code, rows in self.answers.items() if code.startswith(ROWS) and rows)
        named = [{DISTRICT: row[DISTRICT]} for row in next(tables, ()) if row.get(DISTRICT)]
        return named + [{} for _ in range(self.districts - len(named))]

    def _row(self, table: Field, number: int | str, row: Mapping[str, str]) -> tuple[Question, ...]:
        return tuple(
            self._cell(
                column, f"f-{table.code}-{number}-{column.code}", f"{table.code}:{number}:{column.code}",
                row.get(column.code, ""),
            )
            for column in table.columns
        )  # fmt: skip

    def _cell(self, field: Field, place: str, name: str, text: str) -> Question:
        value, reading = self._spoken(field, text)
        return Question(field, place, name, value, reading, self._at(place))

    def _spoken(self, field: Field, text: str) -> tuple[str, str | Words]:
        return spoken(field, text, language=self.language)

    def _at(self, place: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.place == place)

    def _result(self, indicator: Indicator) -> Result:
        found = next(each for each in self.suggestions if each.indicator.code == indicator.code)
        top, bottom = indicator.ratio or (indicator.field or "", None)
        asked = {field.code: self._question(field) for field in fields_with(self.category, indicator)}
        rows = asked.get(ROWS + indicator.code)
        given = self.answers.get(ROWS + indicator.code) or ()
        return Result(
            indicator, found.shown, found.level, top, bottom, found.leaf, found.points, found.is_fixed, rows,
            asked.get(WHY + indicator.code), asked[SOURCE + indicator.code], bool(given),
            self._ready(rows.field, given) if rows else (),
            list_sums(self.category, indicator, given, self.numbers) if rows else (),
        )  # fmt: skip


def spoken(field: Field, text: str, *, language: str) -> tuple[str, str | Words]:
    """A stored answer as the input shows it, and as people read it."""
    if field.type == "date":
        day = _iso_day(text)
        said = date_text(day, language=language) if day else text
        return said, said
    if field.type in ("integer", "decimal"):
        return text, _grouped(text)
    if field.type == "choice":
        return text, next((option.label for option in field.options if option.code == text), text)
    return text, text


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


MOST_DIGITS = 15  # what the rules read as a number; a longer one stays as it was typed


def _grouped(text: str) -> str:
    """A plain number with thousands commas; any other text as it is."""
    whole, dot, decimals = text.partition(".")
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        return text
    return f"{'-' if whole.startswith('-') else ''}{int(digits):,}{dot}{decimals}"
