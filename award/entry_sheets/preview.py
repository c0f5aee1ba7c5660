"""What a filled workbook would do to an entry, cell by cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Version:
    """The answers of an entry as they were at one revision; `label` None where it is not known."""

    answers: Mapping[str, Any]
    label: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is now. `locked`: questions that may not be changed; `then`: as it was when the file was made,
    None where that is not known."""

    answers: Mapping[str, Any]
    label: str
    evidence: Mapping[str, int]
    locked: frozenset[str]
    then: Version | None
    districts: int | None = None  # of the province


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that is not what is stored, as people read it; a blank `new` clears it.

    `overwrites`: what is stored was saved after the file was made. `cell` is blank for a row that is taken away. `row`:
    the name of a table's row; None for a question, and where rows cannot be told apart.
    """

    code: str
    label: Words
    sheet: str
    cell: str
    old: str
    new: str
    overwrites: bool = False
    row: str | None = None

    @property
    def about(self) -> tuple[str, str | None]:
        """The answer, or the row of it."""
        return self.code, self.row


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filled workbook would do. `values`: by code, as the site stores them; `kept`: codes saved since that the
    file leaves as they were when it was made; `unfinished`: what is in order to store, but not to send yet."""

    changes: tuple[Change, ...]
    values: Mapping[str, Any]
    kept: tuple[Words, ...]
    unfinished: tuple[Words, ...]
    for_whom: str = ""

    @property
    def conflicts(self) -> bool:
        """Whether it would replace something that was saved after the file was made."""
        return any(change.overwrites for change in self.changes)
