"""One member's own card: where marks and notes go, what was typed there, and what is missing before it is sent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from scoring_rules.exact import THAI_DIGITS, NotANumber, Number, parse_number, plain
from scoring_rules.indicators import suggested_mark
from scoring_rules.marks import mark_places, places_of, problem_with_mark
from scoring_rules.rules import Category, Criterion, IndicatorSource, MarksSource
from scoring_rules.words import Words

NOTE = "note:"  # a note on d1/commitment is named note:d1/commitment
MOST_LETTERS = 2000
MOST_UNITS = 10_000  # marks are kept in ten-thousandths

# Full-width forms as an Asian keyboard types them; the plain ones and Thai digits the number reader knows.
_WIDE = str.maketrans("０１２３４５６７８９．－", "0123456789.-")
_WITH_COMMA = re.compile(r"-?[0-9]{1,15},[0-9]{1,10}")

NoteNeed = Literal["", "required", "at_ends", "different"]


@dataclass(frozen=True, slots=True)
class Gap:
    """What keeps a card from being sent: a blank place, or a note that its mark needs."""

    place: str  # where a mark is given: a leaf's path, or leaf/item
    criterion: Criterion
    why: Literal["blank", "required", "at_ends", "different"]


@dataclass
class Typed:
    """Changes as read. A mark of None was taken back. `problems` says by name what was expected."""

    marks: dict[str, Number | None] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    problems: dict[str, Words] = field(default_factory=dict)


def marked_leaves(category: Category) -> Iterator[Criterion]:
    """The leaves that members mark, in the order written."""
    return (leaf for leaf in category.leaves if not isinstance(leaf.source, IndicatorSource))


def read_changes(category: Category, changes: Mapping[str, str]) -> Typed:
    """What was typed, by name: a place takes a mark (blank takes it back), `note:<leaf path>` takes a text.

    Numbers are read strictly (Thai and full-width digits allowed) and must lie on the scale. Every problem is found at
    once.
    """
    typed = Typed()
    leaves = {leaf.path for leaf in marked_leaves(category)}
    for name, text in changes.items():
        path = name.removeprefix(NOTE)
        if name.startswith(NOTE) and path in leaves:
            _read_note(typed, path, text)
        elif not text.strip() and name in mark_places(category):
            typed.marks[name] = None
        else:
            _read_mark(typed, category, name, text)
    return typed


def _read_note(typed: Typed, path: str, text: str) -> None:
    if len(text) > MOST_LETTERS:
        typed.problems[NOTE + path] = Words(
            f"บันทึกยาว {len(text)} ตัวอักษร เขียนได้ไม่เกิน {MOST_LETTERS} ตัวอักษร",
            f"The note has {len(text)} letters; at most {MOST_LETTERS} fit.",
        )
    else:
        typed.notes[path] = text.replace("\r\n", "\n").replace("\x00", "").strip()


def _read_mark(typed: Typed, category: Category, name: str, text: str) -> None:
    written = text.translate(_WIDE).strip()
    try:
        mark = parse_number(written)
        if written.startswith("+") or (not mark and "-" in written):
            raise NotANumber(text)  # nobody writes a mark so; it is a slip, or a cell that begins a formula
    except NotANumber:
        typed.problems[name] = _question(text) or _expected(category, name, text)
        return
    problem = problem_with_mark(category, name, mark)
    if problem is None and MOST_UNITS % mark.denominator:
        problem = Words("คะแนนมีทศนิยมได้ไม่เกิน 4 ตำแหน่ง", "A mark has at most four decimals.")
    if problem is None:
        typed.marks[name] = mark
    else:
        typed.problems[name] = problem


def as_read(changes: Mapping[str, str]) -> dict[str, str]:
    """The marks among what was typed that stand there in other digits or with needless ones, as they were read."""
    found = {}
    for name, text in changes.items():
        if not name.startswith(NOTE) and text.strip():
            try:
                number = plain(parse_number(text.translate(_WIDE)))
            except NotANumber:
                continue
            if number != text:
                found[name] = number
    return found


def _question(text: str) -> Words | None:
    """What a comma may have meant, asked back: half of the world writes a point so, and a thousand is no mark."""
    plain_text = text.strip().translate(_WIDE).translate(THAI_DIGITS)
    if _WITH_COMMA.fullmatch(plain_text) is None:
        return None
    meant = plain_text.replace(",", ".")
    return Words(
        f"“{text.strip()}” มีจุลภาค ใช้จุดทศนิยม หมายถึง {meant} หรือไม่",
        f"“{text.strip()}” has a comma. Use a point: {meant}?",
    )


def _expected(category: Category, name: str, text: str) -> Words:
    """Why a text that is no number was refused, with what the place expects."""
    shown = text.strip()[:40]
    for leaf in marked_leaves(category):
        if name == leaf.path and isinstance(leaf.source, MarksSource):
            scale = leaf.source.scale
            low, high, step = (plain(each) for each in (scale.from_, scale.to, scale.step))
            return Words(
                f"“{shown}” ไม่ใช่ตัวเลข ต้องเป็น {low} ถึง {high} ทีละ {step}",
                f"“{shown}” is not a number: it must be from {low} to {high} in steps of {step}.",
            )
        if name in places_of(leaf):
            return Words(
                f"“{shown}” ใช้กับรายการตรวจไม่ได้ ต้องเป็น 1 (มี) หรือ 0 (ไม่มี)",
                f"“{shown}” is not a tick: it must be 1 (yes) or 0 (no).",
            )
    return problem_with_mark(category, name, 0) or Words(f"“{shown}” ใช้ไม่ได้", f"“{shown}” cannot be used.")


def note_needed(leaf: Criterion, mark: Number | None, suggested: Number | None) -> NoteNeed:
    """Whether this mark needs a written note, and why; "" where it needs none or there is no mark yet.

    A mark that differs from a suggested one always needs its reason, whatever `comment` says of the others.
    """
    source = leaf.source
    if mark is None or not isinstance(source, MarksSource):
        return ""
    if source.suggest is not None and suggested is not None and mark != suggested:
        return "different"
    if source.comment == "required":
        return "required"
    if source.comment == "required_at_ends" and mark in (source.scale.from_, source.scale.to):
        return "at_ends"
    return ""


def find_gaps(
    category: Category, *, marks: Mapping[str, Number], notes: Mapping[str, str], fields: Mapping[str, Number]
) -> tuple[Gap, ...]:
    """Everything that keeps a card from being sent, in the order of the card; empty when it is whole."""
    gaps: list[Gap] = []
    for leaf in marked_leaves(category):
        gaps += [Gap(place, leaf, "blank") for place in places_of(leaf) if place not in marks]
        need = note_needed(leaf, marks.get(leaf.path), suggested_mark(category, leaf, fields))
        if need and not notes.get(leaf.path, "").strip():
            gaps.append(Gap(leaf.path, leaf, need))
    return tuple(gaps)
