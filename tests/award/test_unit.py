"""The unit of work: all or nothing, once for each key, one writer at a time, a receipt only after COMMIT."""

import json
import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.cycles import Award
from award.db.engine import Database
from award.db.ledger import FIRST, LedgerLine, LedgerText, Private, leaf_of, salted
from award.errors import Stale
from award.policy import Actor
from tests.award.build import LIVE_MORNING, empty_database

ACTOR = Actor(7, "someone", "ผู้ทดสอบ", "Tester")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return empty_database(tmp_path / "award.sqlite3")


@pytest.fixture
def clock() -> Clock:
    return Clock(LIVE_MORNING)


def award(code: str) -> dict[str, str]:
    return {"code": code, "name_th": code, "name_en": "", "short_th": code, "short_en": ""}


def codes(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.execute(select(Award.code).order_by(Award.id)).scalars())


def lines(database: Database) -> list[LedgerLine]:
    with database.reading() as db:
        return list(db.execute(select(LedgerLine).order_by(LedgerLine.seq)).scalars())


def test_what_is_done_is_there_with_its_line(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR, key="key-1") as u:
        u.db.execute(insert(Award).values(**award("one")))
        receipt = u.record("make_award", {"code": "one", "label": "ข"})
    assert codes(database) == ["one"]
    [line] = lines(database)
    told = json.loads(line.line)
    assert (told["act"], told["actor"], told["body"], told["seq"], told["prev"]) == (
        "make_award", "u7", {"code": "one", "label": "ข"}, 1, FIRST,
    )  # fmt: skip
    assert receipt.text == f"#1 · {line.leaf[:4]} {line.leaf[4:8]}"


def test_a_failure_leaves_nothing_neither_rows_nor_line(database: Database, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), unit(database, clock, actor=ACTOR) as u:
        u.db.execute(insert(Award).values(**award("one")))
        u.record("make_award", {})
        _ = 1 / 0
    assert codes(database) == [] and lines(database) == []
    with unit(database, clock, actor=ACTOR) as u:  # and the lock was given back
        u.record("try_again", {})
    assert lines(database)[0].seq == 1


def test_what_the_tables_refuse_is_a_sentence_and_leaves_nothing(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.db.execute(insert(Award).values(**award("one")))
        u.record("make_award", {})
    with pytest.raises(Stale), unit(database, clock, actor=ACTOR) as u:
        u.db.execute(insert(Award).values(**award("two")))
        u.db.execute(insert(Award).values(**award("one")))
    assert codes(database) == ["one"]


def test_a_key_acknowledged_before_answers_its_first_receipt(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR, key="same") as u:
        assert u.repeated is None
        first = u.record("make_award", {"n": 1})
    with unit(database, clock, actor=ACTOR, key="other") as u:
        u.record("make_award", {"n": 2})
    with unit(database, clock, actor=ACTOR, key="same") as u:
        assert u.repeated is not None
        assert (u.repeated.text, u.repeated.body, u.repeated.repeated) == (first.text, {"n": 1}, True)
    assert len(lines(database)) == 2


def test_without_a_key_nothing_counts_as_a_repeat(database: Database, clock: Clock) -> None:
    for _ in range(2):
        with unit(database, clock, actor=ACTOR) as u:
            assert u.repeated is None
            u.record("look", {})
    assert len(lines(database)) == 2


def test_one_action_leaves_one_line(database: Database, clock: Clock) -> None:
    with pytest.raises(RuntimeError), unit(database, clock, actor=ACTOR) as u:
        u.record("one", {})
        u.record("two", {})
    assert lines(database) == []


def test_each_line_holds_the_hash_of_the_one_before(database: Database, clock: Clock) -> None:
    for number in range(5):
        with unit(database, clock, actor=ACTOR) as u:
            u.record("count", {"n": number})
    before = FIRST
    for number, line in enumerate(lines(database), start=1):
        told = json.loads(line.line)
        assert (line.seq, told["seq"]) == (number, number)
        assert (line.prev, told["prev"]) == (before, before)
        assert line.leaf == leaf_of(line.line)
        before = line.leaf


def test_a_fork_of_the_chain_cannot_be_stored(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.record("one", {})
    [line] = lines(database)
    with pytest.raises(sqlite3.IntegrityError), sqlite3.connect(database.file) as raw:
        raw.execute(
            "insert into ledger_line (log, seq, at, line, prev, leaf) values (?, 2, '', 'x', ?, 'y')",
            ("site", line.prev),
        )


@pytest.mark.parametrize("change", ["update ledger_line set line = 'x'", "delete from ledger_line"])
def test_a_line_is_neither_changed_nor_deleted_by_mistake(database: Database, clock: Clock, change: str) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.record("one", {})
    with pytest.raises(sqlite3.IntegrityError, match="added, never changed"), sqlite3.connect(database.file) as raw:
        raw.execute(change)
    assert len(lines(database)) == 1


@pytest.mark.parametrize("body", [{"ก": 1}, {"x": 1.5}, {"x": [Decimal(1)]}, {"x": 2**60}, {"x": {"y": float("nan")}}])
def test_what_has_no_single_text_is_not_written(database: Database, clock: Clock, body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ledger line"), unit(database, clock, actor=ACTOR) as u:
        u.record("one", body)
    assert lines(database) == []


def test_free_text_leaves_a_salted_hash_in_the_line_and_can_be_erased(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.record("one", {"reason": Private("ลาป่วย"), "notes": {"d1": Private("ดีมาก")}, "n": 1})
    [line] = lines(database)
    with database.reading() as db:
        texts = {row.path: row for row in db.execute(select(LedgerText)).scalars()}
    assert {path: row.text for path, row in texts.items()} == {"reason": "ลาป่วย", "notes/d1": "ดีมาก"}
    body = json.loads(line.line)["body"]
    assert body["reason"] == {"salted": salted(texts["reason"].salt, "ลาป่วย")}
    assert "ลาป่วย" not in line.line and "ดีมาก" not in line.line


def test_time_never_runs_backwards_in_the_ledger(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.record("later", {})
    with unit(database, Clock(LIVE_MORNING.replace(year=2020)), actor=ACTOR) as u:
        u.record("earlier", {})
    first, second = lines(database)
    assert second.at >= first.at


def test_a_writer_holds_the_lock_from_its_first_moment(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:  # nothing written yet
        other = sqlite3.connect(database.file, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        u.record("mine", {})


def test_the_receipt_is_not_in_the_database_before_the_commit(database: Database, clock: Clock) -> None:
    with unit(database, clock, actor=ACTOR) as u:
        u.record("not_yet", {})
        with sqlite3.connect(database.file, timeout=0) as other:
            assert other.execute("select count(*) from ledger_line").fetchone() == (0,)
        u.db.flush()
    assert len(lines(database)) == 1


def test_when_the_commit_fails_there_is_no_receipt(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the worst moment: the caller must not get its answer."""

    def full(self: Session) -> None:
        raise OSError("disk full")

    answered = []
    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", full)
        with pytest.raises(OSError, match="disk full"):
            with unit(database, clock, actor=ACTOR) as u:
                u.record("lost", {})
            answered.append(u.receipt)
    assert answered == [] and lines(database) == []


def test_many_writers_at_once_make_one_chain(database: Database, clock: Clock) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with unit(database, clock, actor=ACTOR, key=f"{number}-{turn}") as u:
                u.db.execute(insert(Award).values(**award(f"{number}-{turn}")))
                u.record("make_award", {"n": number})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes(database)) == 40
    assert [line.seq for line in lines(database)] == list(range(1, 41))


def test_the_same_key_at_the_same_moment_is_done_once(database: Database, clock: Clock) -> None:
    done = []

    def press() -> None:
        with unit(database, clock, actor=ACTOR, key="pressed") as u:
            if not u.repeated:
                u.db.execute(insert(Award).values(**award("one")))
                u.record("make_award", {})
                done.append(1)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and codes(database) == ["one"]
