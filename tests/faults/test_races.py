"""Many at once through the program's own actions; each race once more with the program broken: that must show."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from award.actions import scoring, slots
from award.actions import unit as unit_module
from award.errors import Locked, Refusal, Stale
from award.policy import Actor
from award.queries.cards import find_card
from award.queries.people import find_actor_by_login
from tests.award.scoring_day import ScoringDay, build_day, new_key

RACES = 25
WRITERS = 4


@dataclass
class Race:
    """The first slot of a day, open; the member's card is whole and can be sent."""

    day: ScoringDay

    def __post_init__(self) -> None:
        self.database, self.clock = self.day.site.database, self.day.site.clock
        self.member, self.chair = self.actor("z9-member"), self.actor("z9-chair")
        self.card, self.slot = self.day.card("z9-member"), self.day.first_slot

    def actor(self, login: str) -> Actor:
        with self.database.reading() as db:
            found = find_actor_by_login(db, login, today=self.clock.today())
        assert found is not None
        return found

    def save(self, *, base: int, mark: str, key: str = "", reason: str = "") -> Any:
        """A save of one mark, or the refusal."""
        changes = {"d1/commitment": mark, "note:d1/commitment": reason or f"เหตุผล {mark}"}
        return told(
            lambda: scoring.record_marks(
                self.database, self.clock, actor=self.member, assignment_id=self.card, changes=changes,
                base_revision=base, key=key or new_key(),
            )
        )  # fmt: skip

    def send(self) -> Any:
        return told(
            lambda: scoring.send_card(
                self.database, self.clock, actor=self.member, assignment_id=self.card, key=new_key(),
                base_revision=self.day.revision(self.card),
            )
        )  # fmt: skip

    def reopen(self) -> None:
        slots.reopen_card(
            self.database, self.clock, actor=self.chair, slot_id=self.slot, card_id=self.card, key=new_key(),
            reason="เปิดให้แก้ไขอีกครั้งเพื่อทดสอบ",
        )  # fmt: skip

    def lines(self, verb: str) -> list[int]:
        """The numbers of the award log's lines of a verb."""
        with self.database.reading() as db:
            rows = db.execute(
                text("select seq from ledger_line where log != 'site' and line like :verb order by seq"),
                {"verb": f'%"act":"{verb}"%'},
            )
            return [row[0] for row in rows]


def told(act: Callable[[], Any]) -> Any:
    """What an action answered: its value, or its refusal."""
    try:
        return act()
    except Refusal as refusal:
        return refusal


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    gate = Barrier(count)

    def one(number: int) -> Any:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def race(tmp_path: Path) -> Race:
    day = build_day(tmp_path)
    day.open()
    made = Race(day)
    client = day.site.client_as("z9-member")
    assert day.declare(client).status_code == 303
    assert day.save(client, made.card, day.whole()).status_code == 200
    return made


def slipped_through(race: Race, races: int) -> tuple[int, int]:
    """Marks acknowledged, and those of them that came after their card was sent."""
    acknowledged = late = 0
    luck = random.Random(2564)
    for _ in range(races):
        stop = threading.Event()

        def write(number: int, stop: threading.Event = stop) -> list[int]:
            mine, turn = [], 0
            while not stop.is_set() or turn == 0:
                turn += 1
                done = race.save(base=race.day.revision(race.card), mark=str((turn + number) % 6))
                if isinstance(done, Locked):
                    break
                if not isinstance(done, Refusal):
                    mine.append(done.receipt.seq)
                time.sleep(luck.uniform(0, 0.012))  # or the card changes before each try to send it
            return mine

        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(write, number) for number in range(WRITERS)]
            time.sleep(0.01)
            while isinstance(race.send(), Stale):
                pass
            time.sleep(0.01)
            stop.set()
            accepted = [seq for writer in writers for seq in writer.result()]
        sent = race.lines("send_card")[-1]
        acknowledged += len(accepted)
        late += sum(seq > sent for seq in accepted)
        race.reopen()
    return acknowledged, late


def test_no_mark_is_taken_after_its_card_was_sent(race: Race):
    acknowledged, late = slipped_through(race, RACES)
    assert acknowledged >= RACES and late == 0


@pytest.fixture
def look_before_the_lock(monkeypatch: pytest.MonkeyPatch, race: Race) -> None:
    """The program broken: what permits the write is read before the lock."""
    record, own_card = scoring.record_marks, scoring.own_card
    seen = threading.local()

    def early(*given: Any, **named: Any) -> Any:
        with race.database.reading() as db:
            seen.card = find_card(db, race.card)
        time.sleep(0.001)
        try:
            return record(*given, **named)
        finally:
            seen.card = None

    def as_seen(u: Any, *given: Any) -> Any:
        card, category = own_card(u, *given)
        return getattr(seen, "card", None) or card, category

    monkeypatch.setattr(scoring, "record_marks", early)
    monkeypatch.setattr(scoring, "own_card", as_seen)


@pytest.mark.usefixtures("look_before_the_lock")
def test_mutant_a_check_before_the_lock_lets_marks_slip_through(race: Race):
    acknowledged, late = slipped_through(race, RACES)
    assert late > 0, f"the race is too tame to show it: {acknowledged} acknowledged"


def winners(race: Race, races: int) -> Iterator[int]:
    """How many of six windows that all show the same revision could save, for each race."""
    for turn in range(races):
        base = race.day.revision(race.card)
        marks = [str(number) for number in range(6)]
        done = at_once(6, lambda n: race.save(base=base, mark=marks[n], reason=f"หน้าต่าง {n} ครั้งที่ {turn}"))  # noqa: B023
        assert all(isinstance(each, Stale) for each in done if isinstance(each, Refusal))
        assert all(each.details["revision"] > base for each in done if isinstance(each, Stale) and each.details)
        yield sum(not isinstance(each, Refusal) for each in done)


def test_of_six_windows_that_show_the_same_revision_one_saves(race: Race):
    assert list(winners(race, RACES)) == [1] * RACES


def test_mutant_without_the_revision_every_window_overwrites_the_others(race: Race, monkeypatch: pytest.MonkeyPatch):
    append = scoring.append_changes

    def whatever(u: Any, card: Any, category: Any, *, changes: Any, base_revision: int) -> Any:
        return append(u, card, category, changes=changes, base_revision=card.revision)

    monkeypatch.setattr(scoring, "append_changes", whatever)
    assert max(winners(race, 3)) > 1


def doubled(race: Race, races: int) -> tuple[int, int]:
    """One act pressed six times with one key: how many different receipts, and how many lines, were made for each."""
    receipts = 0
    before = len(race.lines("excuse_member"))
    entry = race.day.value("select id from entry where code = 'to-23'")
    for turn in range(races):
        key, kind = new_key(), ("absent", "")[turn % 2]

        def press(_number: int, key: str = key, kind: str = kind) -> Any:
            return told(
                lambda: slots.excuse_member(
                    race.database, race.clock, actor=race.chair, slot_id=race.slot, seat_id=race.day.seat("z9-member"),
                    entry_ids=[entry], kind=kind, reason="สัญญาณขาด", key=key,
                )
            )  # fmt: skip

        done = at_once(6, press)
        receipts += len({each.text if not isinstance(each, Refusal) else repr(each) for each in done})
    return receipts, len(race.lines("excuse_member")) - before


def test_six_clicks_with_one_key_are_one_act_with_one_receipt(race: Race):
    assert doubled(race, RACES) == (RACES, RACES)


def test_mutant_without_the_key_each_click_acts(race: Race, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unit_module, "_tied", lambda *_: None)
    receipts, lines = doubled(race, 3)
    assert receipts > 3 and lines > 3
