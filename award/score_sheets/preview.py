"""What a filled sheet would do, entry by entry, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exports.cell_text import cell_text
from exports.score_sheet_layout import SheetEntry
from scoring_rules.cards import NOTE
from scoring_rules.exact import Number, plain
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that is not what is stored. `name` is the place, or `note:<leaf>`; a blank `new` takes it back.

    `overwrites`: what is stored was saved after the file was made.
    """

    name: str
    label: Words
    sheet: str
    cell: str
    old: str
    new: str
    overwrites: bool = False

    @property
    def is_note(self) -> bool:
        """Whether it is a note, not a mark."""
        return self.name.startswith(NOTE)


@dataclass(frozen=True, slots=True)
class EntryChanges:
    """What the file would change of one entry. `kept`: cells saved since that the file leaves as they were when it was
    made; they stay as stored."""

    entry: SheetEntry
    changes: tuple[Change, ...]
    kept: tuple[Change, ...] = ()

    @property
    def overwrites(self) -> bool:
        """Whether it would replace something that was saved after the file was made."""
        return any(change.overwrites for change in self.changes)

    def as_typed(self) -> dict[str, str]:
        """The changes by name, as an action takes them."""
        return {change.name: change.new for change in self.changes}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filled sheet would do, entry by entry in its order. `not_in_file`: entries that came later."""

    entries: tuple[EntryChanges, ...]
    not_in_file: tuple[SheetEntry, ...]

    @property
    def changed(self) -> tuple[EntryChanges, ...]:
        """The entries with a change."""
        return tuple(each for each in self.entries if each.changes)

    @property
    def shut(self) -> tuple[EntryChanges, ...]:
        """Changed entries that may not be marked now: as long as there is one, nothing can be stored."""
        return tuple(each for each in self.changed if each.entry.shut is not None)

    @property
    def conflicts(self) -> tuple[EntryChanges, ...]:
        """Entries of which the file would overwrite what was saved in between."""
        return tuple(each for each in self.changed if each.overwrites)


def against(entry: SheetEntry, changes: Sequence[Change], made_from: str) -> EntryChanges:
    """The changes held against what the card was when the file was made.

    What the file leaves as it was then is no change of the member's. Where the card's past is not known, all of them
    count as overwriting.
    """
    if entry.revision == made_from:
        return EntryChanges(entry, tuple(changes))
    then = entry.as_of(made_from)
    if then is None:
        return EntryChanges(entry, tuple(replace(change, overwrites=True) for change in changes))
    changed: list[Change] = []
    kept: list[Change] = []
    for change in changes:
        if change.is_note:
            before = then.notes.get(change.name.removeprefix(NOTE), "")
            untouched, same = same_note(before, change.new), same_note(before, change.old)
        else:
            before = mark_text(then.marks.get(change.name))
            untouched, same = before == change.new, before == change.old
        if untouched:
            kept.append(change)
        else:
            changed.append(replace(change, overwrites=not same))
    return EntryChanges(entry, tuple(changed), tuple(kept))


def mark_text(mark: Number | None) -> str:
    """A mark as it is typed; blank where there is none."""
    return "" if mark is None else plain(mark)


def same_note(stored: str, found: str) -> bool:
    """Whether a note came back as it went out: programs differ in how they end lines and keep blanks."""
    return found.split() in (stored.split(), cell_text(stored).split())
