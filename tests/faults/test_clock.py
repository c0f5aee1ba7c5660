"""The machine's clock is set while the site runs: no deadline opens again, none passes, and the record says so."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.app import create_app
from award.clock import BANGKOK, Clock
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import new_key
from tests.award.test_entries import entry_of

DEADLINE = datetime(2021, 7, 19, 8, 55, tzinfo=BANGKOK)
JUMPS = [timedelta(days=-1), timedelta(days=1), timedelta(minutes=-5)]


@dataclass
class Machine:
    """A machine's clock that can be set, and its count of time since boot, which cannot."""

    wall: datetime
    nanoseconds: int = 0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.nanoseconds += round(seconds * 10**9)

    def is_set(self, by: timedelta) -> None:
        self.wall += by


@dataclass
class Round:
    """A round whose deadline is near, on a machine of ours."""

    site: BuiltSite
    machine: Machine
    officer: FlaskClient
    entry: int
    revision: int

    def save(self) -> int:
        """The status of a save just now."""
        sent = {"key": new_key(), "base_revision": self.revision, "changes": {"title": f"รุ่น {self.revision}"}}
        answer = self.officer.post(f"/e/{self.entry}/answers", json=sent)
        if answer.status_code == 200:
            self.revision = answer.get_json()["revision"]
        return answer.status_code

    def lines(self) -> list[dict]:
        with self.site.database.reading() as db:
            return [json.loads(row[0]) for row in db.execute(text("select line from ledger_line order by log, seq"))]

    def anomalies(self) -> list[dict]:
        return [line["body"] for line in self.lines() if line["act"] == "clock_anomaly"]


def round_at(folder: Path, *, seconds: float, steady: bool = True) -> Round:
    """A round `seconds` before (negative: after) its deadline. Without `steady` the clock follows the machine's."""
    site = build_site(folder, live=(TRAT,))
    machine = Machine(DEADLINE - timedelta(seconds=seconds))
    clock = Clock(source=lambda: machine.wall, steady=(lambda: machine.nanoseconds) if steady else None)
    vars(site.clock).update(vars(clock))
    site.clock.now()
    entry = entry_of(site, "to-23")
    return Round(site, machine, signed_in(site, "p23"), entry.id, entry.revision)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_jump_opens_no_deadline_again(tmp_path: Path, jump: timedelta):
    tried = round_at(tmp_path, seconds=3)
    assert tried.save() == 200
    tried.machine.passes(5)
    assert tried.save() == 423
    tried.machine.is_set(jump)
    assert tried.save() == 423, "the deadline opened again"


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_no_deadline_is_missed_because_of_a_jump_and_the_record_names_it(tmp_path: Path, jump: timedelta):
    tried = round_at(tmp_path, seconds=60)
    assert tried.save() == 200
    tried.machine.is_set(jump)
    assert tried.save() == 200, "a jump took away the last minute"
    tried.machine.passes(58)
    assert tried.save() == 200, "and the last second"
    tried.machine.passes(4)
    assert tried.save() == 423, "what is over is over, to the second"
    assert tried.anomalies() == [{"seconds": round(jump.total_seconds()), "followed": False}]
    times = [line["at"] for line in tried.lines() if line["act"] in ("save_answers", "clock_anomaly")]
    assert times[-4:] and max(times) < "2021-07-19T01:55:02"


def test_control_a_clock_that_follows_every_jump_opens_and_misses_deadlines(tmp_path: Path):
    reopened = round_at(tmp_path / "reopened", seconds=-5, steady=False)
    assert reopened.save() == 423
    reopened.machine.is_set(timedelta(days=-1))
    assert reopened.save() == 200, "the tests above could not fail"
    missed = round_at(tmp_path / "missed", seconds=60, steady=False)
    missed.machine.is_set(timedelta(days=1))
    assert missed.save() == 423, "the tests above could not fail"


def test_small_corrections_are_followed_and_leave_no_line(tmp_path: Path):
    tried = round_at(tmp_path, seconds=60)
    for _ in range(5):
        tried.machine.passes(1)
        tried.machine.is_set(timedelta(seconds=1))
        assert tried.save() == 200
    assert tried.site.clock.now() == tried.machine.wall
    assert tried.anomalies() == []


def test_a_jump_is_recorded_once_however_often_the_time_is_asked(tmp_path: Path):
    tried = round_at(tmp_path, seconds=600)
    tried.machine.is_set(timedelta(hours=2))
    for _ in range(3):
        tried.machine.passes(1)
        assert tried.save() == 200
    assert tried.anomalies() == [{"seconds": 7200, "followed": False}]


def test_a_clock_set_back_while_nobody_ran_goes_on_from_the_last_act(tmp_path: Path):
    tried = round_at(tmp_path, seconds=3)
    assert tried.save() == 200
    last = max(line["at"] for line in tried.lines())
    database = tried.site.database
    with database.writing() as db:  # the last act lies in a year to come: this machine's clock is behind it
        names = [row[0] for row in db.execute(text("select name from sqlite_master where type = 'trigger'"))]
        for name in names:
            db.execute(text(f"drop trigger {name}"))
        later = "update ledger_line set at = '2999' || substr(at, 5) where line like :line"
        db.execute(text(later), {"line": f"%{last}%"})
        db.commit()
    app = create_app(tried.site.settings)
    clock = app.extensions["award"].clock
    assert clock.now().year == 2999
    assert len(clock.take_jumps()) == 1
