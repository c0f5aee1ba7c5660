"""The disk is full, a flush fails, another program holds the database: nothing is called saved that is not."""

import errno
import io
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from award.actions.unit import unit
from award.clock import Clock
from award.db import space
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles
from award.db.faults import STOPPED
from award.db.ledger import Receipt
from award.db.schema import upgrade_schema
from award.errors import NotSaved
from award.policy import Actor
from tests.faults.prepared import Morning, build_morning
from tests.faults.program import Member, Server, members, need_preloading, not_tested, preloaded, serving
from tests.faults.proof import Acknowledged, prove


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    made = build_morning(tmp_path)
    made.site.database.close()
    return made


def save(member: Member, kept: list[Acknowledged]) -> None:
    """One save that must be acknowledged."""
    answer = member.send(member.next_save())
    assert answer.status == 200, answer
    kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))


def faulty(morning: Morning, library_folder: Path, order: Path) -> dict[str, str]:
    """The environment of a program whose disk does as the file `order` says."""
    return {
        "LD_PRELOAD": str(preloaded("faulty", str(library_folder))),
        "FAULTY_FOLDER": str(morning.data),
        "FAULTY_ORDER": str(order),
    }


def refuse_until_there_is_room(member: Member, kept: list[Acknowledged], *, fill: Path | None, order: Path | None
                               ) -> None:  # fmt: skip
    """Fills the disk, sends, makes room, sends the same again: refused in words and in time, then taken once."""
    if fill is not None:
        fill_up(fill)
    if order is not None:
        order.write_text("full")
    held = member.next_save()
    for _ in range(3):
        answer = member.send(held)
        assert (answer.status, answer.body["id"]) == (503, "disk_full"), answer
        assert answer.body["error"].startswith("ยังไม่ได้บันทึก")
        assert answer.retry_after and answer.seconds < 2, answer
        assert "receipt" not in answer.body
    if fill is not None:
        fill.unlink()
    if order is not None:
        order.write_text("")
    answer = member.send(held)
    assert answer.status == 200, answer
    kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))


def fill_up(file: Path) -> None:
    with file.open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC


def test_a_full_disk_refuses_in_words_and_takes_saves_again_when_there_is_room(morning: Morning, tmp_path: Path):
    need_preloading("full disk")
    order, kept = tmp_path / "order", list[Acknowledged]()
    order.write_text("")
    with serving(morning.data, extra=faulty(morning, tmp_path, order)) as server:
        for member in members(server, morning.cards[:3], morning.site.round.password):
            save(member, kept)
            refuse_until_there_is_room(member, kept, fill=None, order=order)
            save(member, kept)
        assert server.process.poll() is None
    assert prove(morning.site.settings.database, kept, all_answered=True).is_whole


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[None]:
    """A file system of its own, mounted at `folder`."""
    folder.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={mebibytes}m,mode=700,uid={os.geteuid()}"
    try:
        done = subprocess.run(
            [*as_root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        not_tested("full disk of its own", str(error))
    if done.returncode:
        not_tested("full disk of its own", f"mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run([*as_root, "umount", folder], check=True)


def test_a_file_system_that_is_really_full_does_the_same(morning: Morning, tmp_path: Path):
    size = sum(file.stat().st_size for file in morning.data.rglob("*")) // 2**20 + 3
    disk, kept = tmp_path / "disk", list[Acknowledged]()
    with small_disk(disk, size):
        shutil.copytree(morning.data, disk / "data")
        with serving(disk / "data") as server:
            member = members(server, morning.cards[:1], morning.site.round.password)[0]
            save(member, kept)
            refuse_until_there_is_room(member, kept, fill=disk / "filled", order=None)
            save(member, kept)
        assert prove(disk / "data" / "award.sqlite3", kept, all_answered=True).is_whole


def test_the_ballast_is_let_go_so_that_marks_still_go_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(space, "FOR_MARKS", 0)  # a small disk has plenty of room
    with small_disk(tmp_path / "disk", 8):
        database = Database(tmp_path / "disk" / "award.sqlite3")
        upgrade_schema(database)
        database.ballast = space.Ballast(tmp_path / "disk", size=2 << 20)
        assert database.ballast.take()
        fill_up(tmp_path / "disk" / "filled")
        with pytest.raises(NotSaved) as refused:
            record(database, "first try")
        assert (refused.value.id, refused.value.retry_after) == ("disk_full", 1)
        assert not (tmp_path / "disk" / "ballast").exists()
        receipts = [record(database, f"mark {number}") for number in range(20)]
        assert len({receipt.seq for receipt in receipts}) == 20
        database.close()


def record(database: Database, what: str) -> Receipt:
    with unit(database, Clock(), actor=Actor(7, "someone", "", ""), key=what) as u:
        return u.record("note", {"what": what})


def test_no_file_is_taken_when_the_disk_is_nearly_full_and_none_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = EvidenceFiles(tmp_path / "evidence")
    with files.receive(io.BytesIO(b"there is room")) as came:
        assert came.size == 13
    with monkeypatch.context() as nearly_full:
        nearly_full.setattr(space, "FOR_MARKS", 1 << 60)
        with pytest.raises(NotSaved) as refused, files.receive(io.BytesIO(b"there is none")):
            pass
        assert (refused.value.id, refused.value.status) == ("no_room_for_files", 503)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_disk_that_fills_up_under_a_file_is_told_as_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(space, "FOR_MARKS", 0)
    with small_disk(tmp_path / "disk", 2):
        files = EvidenceFiles(tmp_path / "disk" / "evidence")
        with pytest.raises(NotSaved) as refused, files.receive(io.BytesIO(bytes(3 << 20))):
            pass
        assert refused.value.id == "disk_full"
        assert [file for file in (tmp_path / "disk").rglob("*") if file.is_file()] == []


def stopped(server: Server) -> None:
    """The program ended by itself after the flush that failed, and said so in one line."""
    assert server.process.wait(10) == STOPPED
    said = [line for line in server.said.splitlines() if line.startswith("award: stopped:")]
    assert len(said) == 1 and "FSYNC" in said[0], server.said


def test_after_a_flush_that_failed_the_program_stops_and_the_same_key_settles_it(morning: Morning, tmp_path: Path):
    need_preloading("failed flush")
    order, kept = tmp_path / "order", list[Acknowledged]()
    order.write_text("")
    with serving(morning.data, extra=faulty(morning, tmp_path, order)) as server:
        member = members(server, morning.cards[:1], morning.site.round.password)[0]
        save(member, kept)
        order.write_text("flush")
        unknown = member.next_save()
        assert member.send(unknown).status == 0, "an answer was given though nobody knows what the disk holds"
        stopped(server)
        port = server.port
    order.write_text("")
    with serving(morning.data, port=port):
        answer = member.send(unknown)
        assert answer.status == 200
        kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))
    assert prove(morning.site.settings.database, kept, all_answered=True).is_whole


@pytest.mark.parametrize("which", [1, 4])
def test_each_flush_of_a_commit_may_be_the_one_that_fails(morning: Morning, tmp_path: Path, which: int):
    """The kernel itself answers EIO, so that nothing of ours stands between the program and the error."""
    if shutil.which("strace") is None:
        not_tested("I/O error at each flush", "no strace: apt install strace")
    kept: list[Acknowledged] = []
    with serving(morning.data) as server:
        member = members(server, morning.cards[:1], morning.site.round.password)[0]
        save(member, kept)
        said = tmp_path / "strace"
        with said.open("wb") as printed:
            trace = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(server.process.pid), "-e", "trace=fsync,fdatasync",
                 "-e", f"inject=fsync,fdatasync:error=EIO:when={which}+"],
                stderr=printed,
            )  # fmt: skip
        time.sleep(0.5)
        if trace.poll() is not None:
            not_tested("I/O error at each flush", f"strace: {said.read_text().strip()}")
        unknown = member.next_save()
        while (answer := member.send(unknown)).status == 200:  # as many flushes as a commit of this SQLite has
            kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))
            unknown = member.next_save()
        assert answer.status == 0
        stopped(server)
        trace.wait(10)
        port = server.port
    assert prove(morning.site.settings.database, kept, all_answered=False).is_whole
    with serving(morning.data, port=port):
        answer = member.send(unknown)
        assert answer.status == 200
        kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))
    assert prove(morning.site.settings.database, kept, all_answered=True).is_whole


def test_a_database_held_by_another_program_is_answered_in_time_and_taken_afterwards(morning: Morning):
    kept: list[Acknowledged] = []
    with serving(morning.data) as server:
        several = members(server, morning.cards[:2], morning.site.round.password)
        for hold, member in zip(("IMMEDIATE", "EXCLUSIVE"), several, strict=True):  # only writers held up; all
            save(member, kept)
            other = sqlite3.connect(morning.site.settings.database, isolation_level=None)
            other.execute(f"BEGIN {hold}")
            refused = member.next_save()
            answer = member.send(refused)
            assert (answer.status, answer.body["id"]) == (503, "database_held"), answer
            assert answer.retry_after and answer.seconds < 10
            other.execute("ROLLBACK")
            other.close()
            answer = member.send(refused)
            assert answer.status == 200, answer
            kept.append(Acknowledged(member.card.id, member.revision, answer.body["receipt"]))
    assert prove(morning.site.settings.database, kept, all_answered=True).is_whole
