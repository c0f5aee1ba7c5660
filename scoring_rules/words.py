"""Text that people read, in Thai (always) and English (where known)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A label or sentence; `en` falls back to Thai so that nothing ever shows as blank."""

    th: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """The text in `language` ("th" or "en"); Thai where the English is missing."""
        return self.en if language == "en" and self.en else self.th
