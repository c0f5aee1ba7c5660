"""What is wrong with an input, said so that a person can mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from scoring_rules.words import Words


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong: where (file, line, column, path), what was found and expected, and what to do.

    `line` and `column` count from 1; 0 means the file as a whole. `path` is a place in a rule file
    (`categories[0].panel.quorum`) or the name of a column. `code` is a stable name for tests and translations.
    """

    file: str
    line: int
    column: int
    path: str
    code: str
    says: Words
    remedy: Words

    def sentence(self, language: str = "th") -> str:
        """One line: `file:line:column: path: what is wrong. What to do.`"""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        return f"{place}:{path} {self.says.in_language(language)} {self.remedy.in_language(language)}".rstrip()


class Refused(Exception):
    """Input that cannot be used; carries every problem found, in order of place."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))
        super().__init__("\n".join(problem.sentence("en") for problem in self.problems))


class RulesRefused(Refused):
    """A rule file that breaks the format."""


class FactsRefused(Refused):
    """Facts (entries, marks, recusals, resolutions) that do not fit the rule set or each other."""


def did_you_mean(text: str, known: Sequence[str]) -> Words | None:
    """The remedy for a word that is not known, where a known one is near to it."""
    close = get_close_matches(text[:64], known, n=1, cutoff=0.6) if text else []
    return Words(f"หมายถึง “{close[0]}” หรือไม่", f'Did you mean "{close[0]}"?') if close else None
