"""What a person confirms after the preview of a filled workbook: sealed, so that it is what the preview showed."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from award.entry_sheets.conflicts import Conflict, settle
from award.errors import N_, Invalid
from award.forms.score_sheets import seal, unseal

MOST_SEALED = 1_000_000  # letters; a form of the site holds no more
NOTHING = N_("Nothing was stored: the file counts nowhere, so all stays as it was saved since.")
BROKEN = N_("The browser sent something this page does not understand. Choose the file once more.")


@dataclass(frozen=True, slots=True)
class ConfirmedBook:
    """An entry's changes as previewed: values by code, the revision seen, what was saved since the file was made."""

    base_revision: int
    values: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    count: int

    def count_of(self, ticked: Collection[str]) -> int:
        """How many cells of the file are stored then."""
        taken = numbers_in(ticked)
        return self.count - sum(each.cells for place, each in enumerate(self.conflicts) if place not in taken)

    def taken(self, ticked: Collection[str]) -> dict[str, Any]:
        """What is stored where the file counts for the ticked conflicts. Raises Invalid where that is nothing."""
        values = settle(self.values, self.conflicts, taken=numbers_in(ticked))
        if not values:
            raise Invalid(NOTHING)
        return values


def seal_book(secret: str, *, whose: tuple[int, int], book: ConfirmedBook) -> str:
    """The changes of a preview; `whose`: (user, entry). Raises Invalid where they are more than a form can carry."""
    sealed = seal(secret, purpose="entry-book", value=[list(whose), asdict(book)])
    if len(sealed) > MOST_SEALED:
        raise Invalid(
            N_("This is more text than can be stored at once. Bring it in parts, or type the longest on the form.")
        )
    return sealed


def read_book(secret: str, *, whose: tuple[int, int], text: str) -> ConfirmedBook:
    """What was sealed for the same person and entry. Raises Invalid."""
    found, book = unseal(secret, purpose="entry-book", text=text)
    if found != list(whose):
        raise Invalid(BROKEN)
    return ConfirmedBook(**book | {"conflicts": read_conflicts(book["conflicts"])})


def read_conflicts(found: list[dict[str, Any]]) -> tuple[Conflict, ...]:
    """Sealed conflicts as values."""
    return tuple(Conflict(**each) for each in found)


def numbers_in(ticked: Collection[str]) -> set[int]:
    """The numbers of the ticked boxes; what is none ticks nothing."""
    return {int(each) for each in ticked if each.isascii() and each.isdigit() and len(each) < 6}
