"""What a member's browser sends: the envelope of a save is checked here, its marks against the rules by the action."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.plain import clean_text
from award.errors import N_, Foreign, Invalid, Malformed

MOST_CHANGES = 500
MOST_LETTERS = 200_000
MOST_REASON = 1000
_KEY = re.compile(r"[A-Za-z0-9-]{8,40}")
_FOREIGN = N_("The browser sent something this page does not understand. Reload the page; what you typed is kept.")
ENVELOPE = ("csrf_token", "key", "base_revision", "then")


@dataclass(frozen=True, slots=True)
class Save:
    """Changes by name as typed, the revision that the page was made from, and the client's key."""

    changes: Mapping[str, str]
    base_revision: int
    key: str


def read_save(sent: Any) -> Save:
    """A save from the page's code: `{"key": …, "base_revision": …, "changes": {name: text}}`.

    Raises Malformed for another shape, Foreign for more than that, Invalid where it is too much.
    """
    if not isinstance(sent, dict):
        raise Malformed(_FOREIGN)
    if not sent.keys() <= {"key", "base_revision", "changes"}:
        raise Foreign
    key, base, changes = sent.get("key"), sent.get("base_revision"), sent.get("changes")
    if not isinstance(changes, dict) or not isinstance(base, int) or isinstance(base, bool):
        raise Malformed(_FOREIGN)
    return Save(_checked(changes), base, read_key(key))


def read_save_form(form: Mapping[str, str]) -> Save:
    """The same save from a plain form, for browsers without JavaScript. Raises the same."""
    changes = {name: text for name, text in form.items() if name not in ENVELOPE}
    return Save(_checked(changes), read_revision(form), read_key(form.get("key")))


def read_key(key: Any) -> str:
    """The client's key of one act. Raises Malformed."""
    if not isinstance(key, str) or _KEY.fullmatch(key) is None:
        raise Malformed(_FOREIGN)
    return key


def read_revision(form: Mapping[str, str]) -> int:
    """The revision that a page was made from. Raises Malformed."""
    text = form.get("base_revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed(_FOREIGN)
    return int(text)


def read_changes(form: Mapping[str, str]) -> int:
    """How many changes did not arrive in time, as the member's device counts them. Raises Malformed."""
    text = form.get("changes", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Malformed(_FOREIGN)
    return int(text)


@dataclass(frozen=True, slots=True)
class Excuse:
    """Who is excused from which entries, why. kind: recused, absent, or "" for taking part after all."""

    seat_id: int
    entry_ids: tuple[int, ...]
    kind: str
    reason: str


def read_excuse(form: Mapping[str, Any], entries: list[str]) -> Excuse:
    """What the chair wrote about a member's absence. Raises Malformed or Invalid."""
    numbers = [form.get("seat", ""), *entries]
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in numbers):
        raise Malformed(_FOREIGN)
    return Excuse(int(numbers[0]), tuple(int(text) for text in entries), form.get("kind", ""), read_reason(form))


def read_reason(form: Mapping[str, Any]) -> str:
    """A written reason; blank is for the action to refuse. Raises Invalid where it is endless."""
    text, _ = clean_text(form.get("reason", ""), lines=True)
    if len(text) > MOST_REASON:
        raise Invalid(N_("Write the reason in at most %(most)s letters."), most=MOST_REASON)
    return text


def _checked(changes: Mapping[Any, Any]) -> dict[str, str]:
    if len(changes) > MOST_CHANGES or not all(isinstance(text, str) for text in changes.values()):
        raise Malformed(_FOREIGN)
    if sum(len(text) for text in changes.values()) > MOST_LETTERS:
        raise Invalid(N_("This is too much text for one card. Shorten the notes."))
    return {name: clean_text(text, lines=True)[0] for name, text in changes.items()}
