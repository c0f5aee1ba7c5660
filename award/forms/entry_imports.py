"""What an organizer confirms after the dry run of an import: sealed, so that it is what the dry run showed."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from award.entry_sheets.conflicts import Conflict, settle
from award.errors import N_, Invalid
from award.forms.entry_sheets import BROKEN, numbers_in, read_conflicts
from award.forms.score_sheets import seal, unseal

MOST_SEALED = 6_000_000  # letters; packed, some thousand entries


@dataclass(frozen=True, slots=True)
class ConfirmedRow:
    """One row as the dry run showed it."""

    adoption_id: int
    category: str
    province_code: str
    entry_id: int | None
    label: str
    base_revision: int
    values: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    place: str  # sheet and row, for the report

    def taken(self, number: int, ticked: Collection[str]) -> dict[str, Any]:
        """The values to be stored where the file counts for the ticked conflicts (`ROW-CONFLICT`) of this row."""
        own = {each.removeprefix(f"{number}-") for each in ticked if each.startswith(f"{number}-")}
        return settle(self.values, self.conflicts, taken=numbers_in(own))


def seal_rows(secret: str, *, user_id: int, rows: Sequence[ConfirmedRow]) -> str:
    """The rows of a dry run. Raises Invalid where they are more than a form can carry."""
    sealed = seal(secret, purpose="entry-import", value=[user_id, [asdict(row) for row in rows]])
    if len(sealed) > MOST_SEALED:
        raise Invalid(N_("This is more than can be imported at once. Make two files of it."))
    return sealed


def read_rows(secret: str, *, user_id: int, text: str) -> list[ConfirmedRow]:
    """What was sealed for the same person. Raises Invalid."""
    found, rows = unseal(secret, purpose="entry-import", text=text)
    if found != user_id:
        raise Invalid(BROKEN)
    return [ConfirmedRow(**row | {"conflicts": read_conflicts(row["conflicts"])}) for row in rows]
