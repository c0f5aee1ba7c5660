"""What a person confirms after the preview of a filled workbook: sealed, so that it is what the preview showed."""

from dataclasses import asdict, dataclass
from typing import Any

from award.errors import N_, Invalid
from award.forms.score_sheets import seal, unseal

MOST_SEALED = 1_000_000  # letters; a form of the site holds no more
BROKEN = N_("The browser sent something this page does not understand. Choose the file once more.")


@dataclass(frozen=True, slots=True)
class ConfirmedBook:
    """An entry's changes as previewed: values by code, the revision seen, whether they replace what was saved since."""

    base_revision: int
    values: dict[str, Any]
    overwrites: bool
    count: int


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
    return ConfirmedBook(**book)
