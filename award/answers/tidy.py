"""Changes as they come from a form or from the page's code, made plain and bounded before they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.codes import list_fields
from award.answers.plain import clean_text, plain_date, plain_number
from award.answers.private_numbers import refuse_national_ids
from award.errors import N_, Foreign, Invalid
from scoring_rules.rules import Category, Field
from scoring_rules.words import Words

MOST_CHARACTERS = 20_000  # of one text, whatever its field allows: a draft may be too long, not endless
MOST_ROWS = 200
WHO = Words("ผู้ส่งผลงาน", "Who stands for this entry")
_FOREIGN = N_("The form holds something that does not belong to it. Reload the page and type it again.")


@dataclass(frozen=True, slots=True)
class Tidied:
    """Values ready to be stored, and the fields out of which invisible characters were taken."""

    values: dict[str, Any]
    cleaned: tuple[str, ...]


def tidy_changes(category: Category, changes: Mapping[str, Any]) -> Tidied:
    """Each change in its plain form; what is no number or date yet stays as typed.

    Raises Foreign for a field that the rules do not have, Invalid for a value of another kind, endless text, and
    national ID numbers, which are not even kept in a draft.
    """
    fields = {field.code: field for field in list_fields(category)}
    values: dict[str, Any] = {}
    cleaned: list[str] = []
    for code, value in changes.items():
        field = fields.get(code)
        if field is None:
            raise Foreign
        values[code], removed = (
            _tidy_table(field, value) if field.type == "table" else _tidy_value(field, value, asked=code)
        )
        if removed:
            cleaned.append(code)
    return Tidied(values, tuple(cleaned))


def tidy_label(typed: Any) -> str:
    """The name of who stands for the entry. Raises Invalid where it is blank, no text, or too long."""
    label, _ = clean_text(typed) if isinstance(typed, str) else ("", 0)
    if not label or len(label) > 200:
        raise Invalid(N_("Write the name of who stands for this entry, in at most 200 characters."))
    refuse_national_ids(label, label=WHO, field="@label")
    return label


def _tidy_value(field: Field, value: Any, *, asked: str) -> tuple[str, int]:
    """`asked`: the question that the value belongs to, the table's for a cell."""
    if not isinstance(value, str):
        raise Invalid(_FOREIGN)
    if len(value) > MOST_CHARACTERS:
        raise Invalid(
            N_("“%(label)s” is longer than %(most)s characters. Shorten it, or send the rest as a file."),
            details={"field": asked}, label=field.label, most=f"{MOST_CHARACTERS:,}",
        )  # fmt: skip
    text, removed = clean_text(value, lines=field.type == "long_text")
    refuse_national_ids(text, label=field.label, field=asked)
    if field.type in ("integer", "decimal"):
        return plain_number(text) or text, removed
    if field.type == "date":
        day = plain_date(text)
        return (day.isoformat() if day else text), removed
    allowed = _allowed(field)
    if allowed is not None and text not in allowed:
        raise Invalid(_FOREIGN)
    return text, removed


def _allowed(field: Field) -> tuple[str, ...] | None:
    if field.type == "yes_no":
        return ("", "yes", "no")
    return ("", *(option.code for option in field.options)) if field.type == "choice" else None


def _tidy_table(field: Field, value: Any) -> tuple[list[dict[str, str]], int]:
    """Rows of text by column; cells left blank and rows wholly blank are not kept."""
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        raise Invalid(_FOREIGN)
    columns = {column.code: column for column in field.columns}
    rows: list[dict[str, str]] = []
    removed = 0
    for given in value:
        if not isinstance(given, dict) or not given.keys() <= columns.keys():
            raise Invalid(_FOREIGN)
        row: dict[str, str] = {}
        for code, typed in given.items():
            text, out = _tidy_value(columns[code], typed, asked=field.code)
            removed += out
            if text:
                row[code] = text
        if row:
            rows.append(row)
    return rows, removed
