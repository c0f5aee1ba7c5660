"""What the verifier says, in Thai and English, and the ways a step can end other than well."""

from __future__ import annotations

from typing import NamedTuple, NoReturn


class Said(NamedTuple):
    """One sentence in both languages."""

    th: str
    en: str


class Failed(Exception):
    """Something is not as it must be: the sentence names the place and both values."""

    def __init__(self, said: Said):
        super().__init__(said.en)
        self.said = said


class NotChecked(Exception):
    """A step has nothing to compare with, or an earlier step left nothing to go by."""

    def __init__(self, said: Said):
        super().__init__(said.en)
        self.said = said


class Superseded(Exception):
    """All is as it must be, but something newer took its place."""

    def __init__(self, said: Said):
        super().__init__(said.en)
        self.said = said


class CannotCheck(Exception):
    """The package cannot be read at all, or is no package: nothing is said about its contents."""

    def __init__(self, said: Said):
        super().__init__(said.en)
        self.said = said


def fail(th: str, en: str) -> NoReturn:
    """Raises Failed."""
    raise Failed(Said(th, en))


def brief(value: object, most: int = 120) -> str:
    """A value as it stands in a sentence: cut where it is long, and without characters that move the cursor."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(letter if letter.isprintable() else "\\x%02x" % ord(letter) for letter in text)  # noqa: UP031
    return text if len(text) <= most else text[: most - 1] + "…"
