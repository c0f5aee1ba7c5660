"""The score card made from a rule set: what is asked, what the levels mean, what numbers suggest, what proves it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from award.answers.codes import list_fields
from scoring_rules.cards import NOTE, note_needed
from scoring_rules.exact import Number, plain, rounded, shown
from scoring_rules.indicators import measure_all, suggested_mark
from scoring_rules.marks import indicator_points, places_of
from scoring_rules.operations import WORTH, band_edge
from scoring_rules.rules import Bands, Category, ChecklistSource, Criterion, Field, IndicatorSource, MarksSource
from scoring_rules.sentences import band_words
from scoring_rules.words import Words

MOST_BUTTONS = 11  # a scale with more steps asks for a number instead


class Proof(Protocol):
    """A piece of evidence; the form only asks beside which field it stands."""

    @property
    def field(self) -> str:
        """Code of the field that it proves."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the entry says in one field. `shown` is text, a date, an option's Words, or table rows of (type, shown)."""

    label: Words
    type: str
    shown: Any
    evidence: tuple[Any, ...] = ()
    columns: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A mark that can be chosen: what it means, what it earns, and whether it is the suggested one."""

    value: str
    text: Words | None
    points: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an indicator says: its value, where it comes from, the band it falls in, and the mark that follows."""

    label: Words
    unit: Words
    value: str | None
    parts: tuple[tuple[Words, str], ...]
    band: Words | None
    mark: str | None
    missing: Words | None


@dataclass(frozen=True, slots=True)
class Place:
    """One mark to give: `name` is what it is called when saved, `value` what is stored or was typed."""

    name: str
    id: str
    label: Words | None
    points: str
    value: str
    error: Words | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion that the member marks: by level buttons, by a number, or item by item."""

    path: str
    id: str
    label: Words
    points: str
    clause: str
    kind: Literal["levels", "number", "items"]
    places: tuple[Place, ...]
    choices: tuple[Choice, ...]
    scale: tuple[str, str, str]  # from, to, step
    comment: str
    suggestion: Suggestion | None
    need: str  # why the note is needed now: "", required, at_ends, different
    note: str
    note_error: Words | None
    answers: tuple[Answer, ...]

    @property
    def note_name(self) -> str:
        """What the note is called when it is saved."""
        return NOTE + self.path


@dataclass(frozen=True, slots=True)
class Given:
    """A criterion whose points come from an indicator: shown, not asked."""

    path: str
    id: str
    label: Words
    points: str
    earned: str | None
    measured: Suggestion
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A criterion with parts. `depth` counts from 0."""

    path: str
    id: str
    label: Words
    points: str
    depth: int
    clause: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The whole card in the order of the rules; `about` is what the entry says outside any criterion."""

    parts: tuple[Heading | Asked | Given, ...]
    about: tuple[Answer, ...]
    full_mark: str
    places: int

    def asked(self) -> Iterator[Asked]:
        """The criteria that the member marks."""
        return (part for part in self.parts if isinstance(part, Asked))


def id_of(name: str) -> str:
    """The page's element id for a criterion, a place or a note."""
    return "c-" + name.replace("/", "--").replace(":", "-")


def build_card(
    category: Category, *, answers: Mapping[str, Any], fields: Mapping[str, Number], evidence: Sequence[Proof],
    values: Mapping[str, str], marks: Mapping[str, Number], errors: Mapping[str, Words] | None = None,
) -> Card:  # fmt: skip
    """The card of one entry. `values` are texts by name (stored, or as typed), `marks` the exact stored marks."""
    return _Maker(category, answers, fields, evidence, values, marks, errors or {}).make()


class _Maker:
    def __init__(
        self, category: Category, answers: Mapping[str, Any], fields: Mapping[str, Number], evidence: Sequence[Proof],
        values: Mapping[str, str], marks: Mapping[str, Number], errors: Mapping[str, Words],
    ):  # fmt: skip
        self.category, self.answers, self.fields, self.evidence = category, answers, fields, evidence
        self.values, self.marks, self.errors = values, marks, errors
        self.measured = measure_all(category, fields)
        self.beside = _beside(category)

    def make(self) -> Card:
        parts = tuple(self._part(node, node.path.count("/")) for node in self.category.nodes())
        asked = [part for part in parts if isinstance(part, Asked)]
        return Card(
            parts=parts,
            about=self._answers(""),
            full_mark=points_text(self.category.full_mark),
            places=sum(len(part.places) for part in asked),
        )

    def _part(self, node: Criterion, depth: int) -> Heading | Asked | Given:
        label, points, clause = node.label, points_text(node.points), node.clause or ""
        answers = self._answers(node.path)
        if node.parts:
            return Heading(node.path, id_of(node.path), label, points, depth, clause, answers)
        if isinstance(node.source, IndicatorSource):
            measured = self.measured[node.source.indicator]
            earned = indicator_points(node, measured)
            return Given(
                node.path, id_of(node.path), label, points,
                None if earned is None else points_text(rounded(earned, self.category.rounding.points)),
                self._measured(node.source.indicator, node.source.bands, None), answers,
            )  # fmt: skip
        return self._asked(node, answers)

    def _asked(self, leaf: Criterion, answers: tuple[Answer, ...]) -> Asked:
        source = leaf.source
        suggested = suggested_mark(self.category, leaf, self.fields)
        choices: tuple[Choice, ...] = ()
        kind: Literal["levels", "number", "items"] = "items"
        scale, comment, suggestion = ("0", "1", "1"), "optional", None
        if isinstance(source, MarksSource):
            choices = _choices(leaf, source, suggested)
            kind = "levels" if _count(source) <= MOST_BUTTONS else "number"
            scale = (plain(source.scale.from_), plain(source.scale.to), plain(source.scale.step))
            comment = source.comment
            if source.suggest is not None:
                suggestion = self._measured(source.suggest.indicator, source.suggest.bands, suggested)
        return Asked(
            path=leaf.path, id=id_of(leaf.path), label=leaf.label, points=points_text(leaf.points),
            clause=leaf.clause or "", kind=kind, places=self._places(leaf), choices=choices, scale=scale,
            comment=comment, suggestion=suggestion,
            need=note_needed(leaf, self.marks.get(leaf.path), suggested),
            note=self.values.get(NOTE + leaf.path, ""), note_error=self.errors.get(NOTE + leaf.path), answers=answers,
        )  # fmt: skip

    def _places(self, leaf: Criterion) -> tuple[Place, ...]:
        items = leaf.source.items if isinstance(leaf.source, ChecklistSource) else ()
        labels = {f"{leaf.path}/{item.code}": (item.label, points_text(item.points)) for item in items}
        return tuple(
            Place(name, id_of(name), label, points, self.values.get(name, ""), self.errors.get(name))
            for name in places_of(leaf)
            for label, points in [labels.get(name, (None, ""))]
        )

    def _measured(self, code: str, bands: Bands | None, mark: Number | None) -> Suggestion:
        indicator, measured = self.category.indicator(code), self.measured[code]
        value = measured.value
        return Suggestion(
            label=indicator.label, unit=indicator.unit, value=None if value is None else measured.step.shown,
            parts=tuple(
                (self.category.field(field).label, plain(self.fields[field]))
                for field in indicator.ratio or ()
                if field in self.fields
            ),
            band=None if bands is None or value is None else band_words(bands, band_edge(value, bands)),
            mark=None if mark is None else plain(mark), missing=measured.missing,
        )  # fmt: skip

    def _answers(self, path: str) -> tuple[Answer, ...]:
        """What stands beside a criterion: the fields that are part of it, those it names as evidence, and what was
        said of its numbers: rows by district, why they differ, their source."""
        own = [field for field in self.category.fields if path in self.beside[field.code]]
        said = [field for field in list_fields(self.category) if field.code[:1] == "@" and self.answers.get(field.code)]
        return tuple(self._answer(field) for field in (*own, *(each for each in said if (each.part_of or "") == path)))

    def _answer(self, field: Field) -> Answer:
        typed = self.answers.get(field.code, "")
        proofs = tuple(proof for proof in self.evidence if proof.field == field.code)
        if field.type == "table":
            rows = [
                [(column.type, _cell(column, row.get(column.code, ""))) for column in field.columns]
                for row in (typed if isinstance(typed, list) else [])
            ]
            return Answer(field.label, "table", rows, proofs, tuple(column.label for column in field.columns))
        return Answer(field.label, field.type, _cell(field, typed if isinstance(typed, str) else ""), proofs)


def _beside(category: Category) -> dict[str, set[str]]:
    """By field: the paths it stands beside; "" for what belongs to the entry as a whole."""
    beside: dict[str, set[str]] = {field.code: set() for field in category.fields}
    for field in category.fields:
        if field.part_of:
            beside[field.code].add(field.part_of)
    for node in category.nodes():
        for code in node.evidence:
            beside[code].add(node.path)
    return {code: paths or {""} for code, paths in beside.items()}


def _cell(field: Field, typed: str) -> str | Words | date:
    """An answer as people read it; a date that is none stays as typed."""
    if field.type == "date":
        try:
            return date.fromisoformat(typed)
        except ValueError:
            return typed
    if field.type == "yes_no":
        return {"yes": Words("มี / ใช่", "Yes"), "no": Words("ไม่มี / ไม่ใช่", "No")}.get(typed, "")
    if field.type == "choice":
        return next((option.label for option in field.options if option.code == typed), typed)
    return typed


def _count(source: MarksSource) -> int:
    """How many marks the scale holds."""
    return int((source.scale.to - source.scale.from_) // source.scale.step) + 1


def _choices(leaf: Criterion, source: MarksSource, suggested: Number | None) -> tuple[Choice, ...]:
    """Every mark of a scale that fits on buttons; of a longer one, those with a descriptor."""
    scale, texts, count = source.scale, {level.at: level.text for level in source.levels}, _count(source)
    buttons: Sequence[Number] = [scale.from_ + place * scale.step for place in range(min(count, MOST_BUTTONS))]
    marks = buttons if count <= MOST_BUTTONS else sorted(texts)
    worth = WORTH[source.worth]
    return tuple(
        Choice(plain(mark), texts.get(mark), points_text(worth(mark, leaf.points, scale)), mark == suggested)
        for mark in marks
    )


def points_text(value: Number) -> str:
    """Points as they are shown: `6.4`, `25`; two decimals where they do not end."""
    text = shown(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text
