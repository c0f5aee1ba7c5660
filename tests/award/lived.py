"""A scoring day that goes on, for tests: what the chair presses, what the status says, what the record holds."""

import json
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from award.clock import BANGKOK
from tests.award.scoring_day import ScoringDay

NINE = datetime(2021, 7, 19, 9, 0, tzinfo=BANGKOK)


def version(day: ScoringDay) -> int:
    return int(day.value("select version from scoring_session where id = :id", id=day.session))


def status(day: ScoringDay, client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"/s/{day.session}/live")
    assert answer.status_code == 200, answer.text
    told: Any = answer.json
    return dict(told)


def slot(day: ScoringDay, client: FlaskClient, number: int = 0) -> dict[str, Any]:
    return next(each for each in status(day, client)["slots"] if each["id"] == day.slots[number])


def begin(day: ScoringDay, client: FlaskClient, phase: str, number: int = 0, **data: Any) -> Any:
    last = day.value("select coalesce(max(id), 0) from phase where slot_id = :s", s=day.slots[number])
    sent = {"phase": phase, "minutes": "", "after": str(last)} | data
    return day.post(client, f"/s/slot/{day.slots[number]}/phase", **sent)


def tick(day: ScoringDay, client: FlaskClient, login: str, state: str, **data: Any) -> Any:
    sent = {"seat": str(day.seat(login)), "state": state} | data
    return day.post(client, f"/s/slot/{day.first_slot}/attendance", **sent)


def last_line(day: ScoringDay, verb: str) -> dict[str, Any]:
    """The body of the latest line of a verb."""
    line = day.value(
        "select line from ledger_line where line like :like order by at desc, seq desc limit 1",
        like=f'%"act":"{verb}"%',
    )
    return dict(json.loads(line)["body"])
