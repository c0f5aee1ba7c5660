"""What the check answers, and how two sayings of one thing are compared."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# What stands in the tables where a text was taken out: see `award.actions.privacy` and `award.actions.tidy`.
ERASED = "ลบตามคำขอของเจ้าของข้อมูล / erased on request"
EMPTIED = "—"


@dataclass(frozen=True, slots=True)
class Found:
    """What is not as it must be: the log, the line where one is known, and what was expected and found."""

    log: str
    seq: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A log that was read whole."""

    log: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Text:
    """A free text of a line: None once it was erased. Its salted hash was compared when the line was read."""

    text: str | None

    def fits(self, copy: str, *, erasures: bool) -> bool:
        """Whether the copy in a table may stand: word for word; or either of the two was taken out by an erasing."""
        return self.text is None or copy == self.text or (erasures and copy == ERASED)


NO_TEXT = Text("")


def now(stored: object, recorded: object) -> str:
    """How a difference is said."""
    return f"the table says {stored}, the ledger {recorded}"


def differing(
    log: str, what: str, stored: Mapping[str, object], recorded: Mapping[str, object], *, seq: int | None = None
) -> Iterator[Found]:
    """One finding for each name of `recorded` under which `stored` holds something else."""
    for name, value in recorded.items():
        if stored[name] != value:
            yield Found(log, seq, f"{what}, {name}: {now(stored[name], value)}")


def unmatched(log: str, what: str, stored: Iterable[object], recorded: Iterable[object]) -> Iterator[Found]:
    """Rows that no line tells of, and rows told of that are gone."""
    rows, told = set(stored), set(recorded)
    for each in sorted(rows - told, key=str):
        yield Found(log, None, f"{what} {each}: no line tells of it")
    for each in sorted(told - rows, key=str):
        yield Found(log, None, f"{what} {each}: a line tells of it, and the table lacks it")
