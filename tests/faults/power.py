"""Power cuts made from a record: what a disk may hold if everything stopped after any of the program's acts.

The model: what was flushed is there. Of writes since, any may be kept or gone, or torn at 512 bytes with any of the
pieces kept, or hold rubbish in a piece that was being written. A name that was made is there once its file or its
folder was flushed; a removed one may come back until the folder was. Folder changes reach the disk in their order.
"""

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.proof import Acknowledged, Proof, prove

PIECE = 512
KNOWN = "acknowledged"
_HEAD = struct.Struct("<cHqI")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the program did to a file: the kinds of crashlog.c."""

    kind: str
    name: str
    offset: int
    content: bytes


def read_record(file: Path) -> list[Act]:
    """The acts of a record in their order."""
    raw, at, acts = file.read_bytes(), 0, []
    while at < len(raw):
        kind, name_length, offset, length = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        name = raw[at : at + name_length].decode()
        at += name_length
        acts.append(Act(kind.decode(), name, offset, raw[at : at + length]))
        at += length
    return acts


@dataclass
class Kept:
    """A file's content: flushed, and what was done to it since."""

    flushed: bytearray = field(default_factory=bytearray)
    since: list[Act] = field(default_factory=list)

    def flush(self) -> None:
        for act in self.since:
            _do(self.flushed, act)
        self.since.clear()

    def after_the_cut(self, luck: random.Random) -> bytes:
        """One of the contents it may have."""
        content = bytearray(self.flushed)
        mood = luck.random()
        for act in self.since:
            fate = "kept" if mood < 0.15 else "gone" if mood < 0.3 else luck.choice(("kept", "gone", "torn", "rubbish"))
            if fate == "kept" or (fate != "gone" and act.kind == "T"):
                _do(content, act)
            elif fate != "gone":
                _tear(content, act, rubbish=fate == "rubbish", luck=luck)
        return bytes(content)


def _do(content: bytearray, act: Act) -> None:
    if act.kind == "T":
        del content[act.offset :]
        content.extend(bytes(act.offset - len(content)))
    else:
        offset = len(content) if act.offset < 0 else act.offset
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(act.content)] = act.content


def _tear(content: bytearray, act: Act, *, rubbish: bool, luck: random.Random) -> None:
    """Any of the write's pieces reach the disk; of a torn one, a piece may hold rubbish instead."""
    at = 0
    while at < len(act.content):
        end = min(len(act.content), at + PIECE - (act.offset + at) % PIECE)
        if luck.random() < 0.5:
            piece = luck.randbytes(end - at) if rubbish and luck.random() < 0.3 else act.content[at:end]
            _do(content, Act("W", act.name, act.offset + at, piece))
        at = end


@dataclass
class Disk:
    """A folder: the names the program sees, those that are flushed, and the changes of names in between."""

    seen: dict[str, Kept]
    flushed: dict[str, Kept]
    since: list[tuple[str, Kept | None]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        files = {file.name: Kept(bytearray(file.read_bytes())) for file in folder.iterdir() if file.is_file()}
        return cls(dict(files), dict(files))

    def do(self, act: Act) -> None:
        kept = self.seen.get(act.name)
        if act.kind == "C":
            made = self.seen[act.name] = Kept()
            self.since.append((act.name, made))
        elif act.kind in "WT" and kept is not None:
            kept.since.append(act)
        elif act.kind == "S" and kept is not None:
            kept.flush()
            made_at = [place for place, (_, file) in enumerate(self.since) if file is kept]
            if made_at:
                self._flush_names(made_at[0] + 1)
        elif act.kind == "D":
            self._flush_names(len(self.since))
        elif act.kind == "U" and kept is not None:
            del self.seen[act.name]
            self.since.append((act.name, None))
        elif act.kind == "R" and kept is not None:
            del self.seen[act.name]
            self.seen[act.content.decode()] = kept
            self.since += [(act.content.decode(), kept), (act.name, None)]

    def _flush_names(self, count: int) -> None:
        self.flushed = _renamed(self.flushed, self.since[:count])
        del self.since[:count]

    def after_the_cut(self, luck: random.Random) -> dict[str, bytes]:
        """One of the states it may be in."""
        names = _renamed(self.flushed, self.since[: luck.randint(0, len(self.since))])
        return {name: kept.after_the_cut(luck) for name, kept in names.items()}


def _renamed(names: dict[str, Kept], changes: list[tuple[str, Kept | None]]) -> dict[str, Kept]:
    changed = dict(names)
    for name, kept in changes:
        if kept is None:
            changed.pop(name, None)
        else:
            changed[name] = kept
    return changed


@dataclass
class Cuts:
    """What was found after all cuts."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    broken: int = 0
    first: str = ""

    def add(self, proof: Proof, where: int) -> None:
        self.cuts += 1
        self.lost += bool(proof.lost)
        self.broken += bool(proof.faults or proof.doubled)
        if not proof.is_whole and not self.first:
            self.first = f"after act {where}: {proof}"


def cut(before: Path, record: Path, folder: Path, *, cuts: int, seed: int) -> Cuts:
    """Cuts the power so many times, spread over the record by `seed`; each disk is opened as the program does it.

    `before`: the folder as it was when the record began. `folder`: where the disks are laid out, best in memory.
    """
    acts, luck = read_record(record), random.Random(seed)
    first = next(place for place, act in enumerate(acts) if act.name == KNOWN)
    at = sorted(luck.randrange(first, len(acts)) for _ in range(cuts))
    disk, found = Disk.of(before), Cuts()
    known: list[Acknowledged] = []
    place = 0
    for where in at:
        while place <= where:
            if acts[place].name == KNOWN:
                known += _acknowledged(acts[place])
            else:
                disk.do(acts[place])
            place += 1
        _lay_out(disk.after_the_cut(luck), folder)
        found.add(prove(folder / "award.sqlite3", known, all_answered=False), where)
    found.acknowledged = len(known)
    return found


def _acknowledged(act: Act) -> Iterator[Acknowledged]:
    for line in act.content.decode().splitlines():
        card, revision, receipt = line.split(" ", 2)
        yield Acknowledged(int(card), int(revision), receipt)


def _lay_out(files: dict[str, bytes], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        if name.startswith("award.sqlite3"):
            (folder / name).write_bytes(content)
