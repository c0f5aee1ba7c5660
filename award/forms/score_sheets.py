"""What a member confirms after the preview of a filled sheet: sealed, so that it is what the preview showed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from award.errors import N_, Invalid

MOST_SEALED = 400_000  # letters; a form of the site holds no more
_BROKEN = N_("The browser sent something this page does not understand. Choose the file once more.")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One card as previewed: its changes by name, the revision seen, whether it overwrites what was saved since."""

    assignment_id: int
    base_revision: int
    changes: dict[str, str]
    overwrites: bool


def seal(secret: str, *, purpose: str, value: Any) -> str:
    """`value` (of JSON) as a text that only this site can have made, for this purpose."""
    return str(URLSafeSerializer(secret, salt=f"score-sheet-{purpose}").dumps(value))


def unseal(secret: str, *, purpose: str, text: str) -> Any:
    """The value sealed. Raises Invalid for any other text."""
    try:
        return URLSafeSerializer(secret, salt=f"score-sheet-{purpose}").loads(text)
    except BadData:
        raise Invalid(_BROKEN) from None


def seal_changes(secret: str, *, whose: tuple[int, int], cards: Sequence[Confirmed]) -> str:
    """The changes of a preview; `whose`: (user, slot). Raises Invalid where they are more than a form can carry."""
    sealed = seal(secret, purpose="changes", value=[list(whose), [asdict(card) for card in cards]])
    if len(sealed) > MOST_SEALED:
        raise Invalid(N_("These are more notes than can be stored at once. Write the longest ones on the cards."))
    return sealed


def read_changes(secret: str, *, whose: tuple[int, int], text: str) -> list[Confirmed]:
    """What was sealed for the same person and slot. Raises Invalid."""
    found, cards = unseal(secret, purpose="changes", text=text)
    if found != list(whose):
        raise Invalid(_BROKEN)
    return [Confirmed(**card) for card in cards]
