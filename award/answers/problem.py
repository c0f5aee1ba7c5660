"""One reason why an entry cannot be sent, and the place in the form that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the entry cannot be sent yet. `place` is the id of the element in the form that it is about."""

    place: str
    field: str
    kind: Literal["missing", "wrong"]
    says: str  # catalogue text, filled from `values`
    values: Mapping[str, Any] = having(default_factory=dict)


def place_of(code: str, row: int | None = None, column: str | None = None) -> str:
    """The id of a field's element, or of a table's cell: rows count from 0."""
    return f"f-{code}" if row is None else f"f-{code}-{row}-{column}"
