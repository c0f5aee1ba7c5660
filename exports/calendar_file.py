"""A calendar file (iCalendar) of planned turns: what a phone or an office's calendar shows beside everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from exports.thai import BANGKOK

PRODUCT = "-//award scoring//scoring days//TH"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `number` never changes and is given to no other; `changes` counts its moves. `minutes` is None where
    nobody said how long: then the calendar is not told either. `page` is where the rest stands for who may see it."""

    number: int
    changes: int
    starts_at: datetime
    minutes: int | None
    summary: str
    place: str
    says: str
    page: str
    changed_at: datetime
    is_dropped: bool = False


def calendar_file(turns: Sequence[Turn], *, name: str, origin: str) -> bytes:
    """The file: UTF-8, lines of at most 75 bytes ended by CRLF, times in Asia/Bangkok with its definition."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    for turn in turns:
        calendar.add_component(_event(turn, origin))
    calendar.add_missing_timezones()
    body: bytes = calendar.to_ical()
    return body


def _event(turn: Turn, origin: str) -> Event:
    event = Event()
    event.add("uid", f"slot-{turn.number}@{origin}")
    event.add("dtstamp", turn.changed_at)
    event.add("sequence", turn.changes)
    event.add("summary", turn.summary)
    starts = turn.starts_at.astimezone(BANGKOK)
    event.add("dtstart", starts)
    if turn.minutes is not None:
        event.add("dtend", starts + timedelta(minutes=turn.minutes))
    if turn.place:
        event.add("location", turn.place)
    if turn.says:
        event.add("description", turn.says)
    if turn.page:
        event.add("url", turn.page)
    event.add("status", "CANCELLED" if turn.is_dropped else "CONFIRMED")
    return event
