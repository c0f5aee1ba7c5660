"""What is confirmed after the dry run of an import of people: sealed, so that it is what the dry run showed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from award.errors import N_, Invalid
from award.forms.entry_sheets import BROKEN
from award.forms.score_sheets import seal, unseal
from award.people_sheets.reading import PersonRow

MOST_SEALED = 4_000_000  # letters; packed, more rows than a file may have
ANSWER = "same-"  # and the row's line
_DAYS = ("from_day", "to_day")


def seal_people(secret: str, *, user_id: int, rows: Sequence[PersonRow], seen: Mapping[int, str]) -> str:
    """The rows of a dry run, and what each would do. Raises Invalid where they are more than a form can carry."""
    packed = [[_packed(row), seen[row.line]] for row in rows]
    sealed = seal(secret, purpose="people-import", value=[user_id, packed])
    if len(sealed) > MOST_SEALED:
        raise Invalid(N_("This is more than can be imported at once. Make two files of it."))
    return sealed


def read_sealed_people(secret: str, *, user_id: int, text: str) -> tuple[list[PersonRow], dict[int, str]]:
    """What was sealed for the same person. Raises Invalid."""
    found, packed = unseal(secret, purpose="people-import", text=text)
    if found != user_id:
        raise Invalid(BROKEN)
    rows = [_unpacked(values) for values, _ in packed]
    return rows, {row.line: does for row, (_, does) in zip(rows, packed, strict=True)}


def read_answers(form: Mapping[str, str]) -> dict[int, str]:
    """What was said to each question, by the row's line; whatever names no row answers none."""
    given = {name.removeprefix(ANSWER): value for name, value in form.items() if name.startswith(ANSWER)}
    return {int(line): value for line, value in given.items() if line.isascii() and line.isdigit() and len(line) < 8}


def _packed(row: PersonRow) -> dict[str, Any]:
    values = asdict(row)
    del values["problems"]
    return values | {name: values[name].isoformat() if values[name] else None for name in _DAYS}


def _unpacked(values: Mapping[str, Any]) -> PersonRow:
    known = {each.name for each in fields(PersonRow)}
    days = {name: date.fromisoformat(values[name]) if values[name] else None for name in _DAYS}
    return PersonRow(**{name: value for name, value in values.items() if name in known} | days)
