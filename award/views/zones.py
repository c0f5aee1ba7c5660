"""All zones at once: where each is on a day, what is late, who needs help; the same for a screen on a wall.

Progress only: states, times and counts. No page here knows a mark.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.errors import NotFound
from award.policy import may_see_progress
from award.queries.zones import (
    DayLink,
    SeatWatched,
    SessionWatched,
    SlotWatched,
    ZoneWatched,
    get_version,
    list_days,
    list_zones_on,
)
from award.views.context import reading, site
from award.views.guard import guard
from award.views.headers import AWAKE
from award.views.language import clock_time, named

pages = Blueprint("zones", __name__, url_prefix="/z")

MUCH = 10  # minutes behind the plan from which a zone needs somebody to look
# Where the zones lie, as (column, row): north above, the south to the left below.
TILES = {
    15: (0, 0), 16: (1, 0), 17: (1, 1), 10: (2, 1), 11: (3, 1), 18: (1, 2), 12: (2, 2), 3: (0, 3), 1: (1, 3),
    13: (2, 3), 14: (3, 3), 4: (0, 4), 2: (1, 4), 8: (2, 4), 9: (3, 4), 6: (0, 5), 5: (1, 5), 7: (1, 6),
}  # fmt: skip
KINDS = {"rest": "waiting", "planned": "waiting", "late": "wrong", "open": "open", "done": "done"}
MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Help:
    """Something that somebody should look after: as a sentence, and in two words for the wall."""

    text: str
    brief: str


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session in words. `notes`: what is good to know."""

    session: SessionWatched
    slot: SlotWatched | None
    is_on: bool
    kind: str  # planned | late | open | done
    helps: tuple[Help, ...]
    notes: tuple[str, ...]

    @property
    def cards(self) -> int:
        """Sheets of the session that are waited for."""
        return sum(slot.cards for slot in self.session.slots)

    @property
    def done(self) -> int:
        """Those of them that are sent, or whose member is excused."""
        return sum(slot.done for slot in self.session.slots)


@dataclass(frozen=True, slots=True)
class ZoneShown:
    """A zone in words. `state`: rest | planned | late | open | done, the most urgent of its sessions."""

    zone: ZoneWatched
    state: str
    sessions: tuple[SessionShown, ...]
    place: tuple[int, int] | None

    @property
    def mark(self) -> str:
        """The kind of sign that stands for the state; never a colour alone."""
        return "wrong" if self.needs_help else KINDS[self.state]

    @property
    def needs_help(self) -> bool:
        """Whether anything is there to look after."""
        return any(each.helps for each in self.sessions)

    @property
    def cards(self) -> int:
        """Sheets of the day that are waited for."""
        return sum(each.cards for each in self.sessions)

    @property
    def done(self) -> int:
        """Those of them that are sent, or whose member is excused."""
        return sum(each.done for each in self.sessions)


@dataclass(frozen=True, slots=True)
class Board:
    """One day of all zones."""

    day: date
    is_today: bool
    zones: tuple[ZoneShown, ...]
    version: str

    def count(self, *states: str) -> int:
        """How many zones are in one of the states."""
        return sum(zone.state in states for zone in self.zones)

    @property
    def helped(self) -> list[ZoneShown]:
        """The zones that need somebody."""
        return [zone for zone in self.zones if zone.needs_help]

    @property
    def busy(self) -> list[ZoneShown]:
        """The zones with sessions on the day."""
        return [zone for zone in self.zones if zone.sessions]

    @property
    def resting(self) -> list[ZoneShown]:
        """The others."""
        return [zone for zone in self.zones if not zone.sessions]


@pages.get("/")
@guard(may_see_progress)
def index() -> ResponseReturnValue:
    """All zones of a day (`?day=2021-07-19`, else today), or those that need help (`?help=1`)."""
    board = _board(_asked_day())
    days = list_days(reading())
    return _told(
        render_template(
            "zones/index.html", board=board, days=_near(days, board.day), only_help=request.args.get("help") == "1"
        )
    )


@pages.get("/wall")
@guard(may_see_progress)
def wall() -> ResponseReturnValue:
    """The same for a big screen: nothing to press, readable from five metres."""
    response = _told(render_template("zones/wall.html", board=_board(_asked_day())))
    response.headers["Permissions-Policy"] = AWAKE
    return response


@pages.get("/live")
@guard(may_see_progress)
def live() -> ResponseReturnValue:
    """The day in numbers, with its version as ETag: 304 while nothing changed. One statement then, besides who asks."""
    day = _asked_day()
    version = get_version(reading(), day=day, now=site().clock.now())
    if version in request.if_none_match:
        response = current_app.response_class(status=304)
    else:
        zones = [_numbers(zone) for zone in _zones(day, version)]
        response = jsonify(version=version, day=day.isoformat(), zones=zones)
    response.set_etag(version)
    return _told(response)


def _told(answer: Any) -> Response:
    """An answer that says what time it is here."""
    response = make_response(answer)
    response.headers["X-Now"] = str(_ms(site().clock.now()))
    return response


def _asked_day() -> date:
    asked = request.args.get("day", "")
    if not asked:
        return site().clock.today()
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise NotFound from None


def _zones(day: date, version: str) -> list[ZoneWatched]:
    """The zones of a version, read once in each process: many screens ask for the same."""
    kept: Kept = current_app.extensions.setdefault("zones", Kept())
    found = kept.get((day, version))
    if found is None:
        found = list_zones_on(reading(), day=day, now=site().clock.now())
        kept.put((day, version), found)
    return found


class Kept:
    """The last few days that were read, by version."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[date, str], list[ZoneWatched]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: tuple[date, str]) -> list[ZoneWatched] | None:
        """What was kept, or None."""
        with self._lock:
            return self._found.get(name)

    def put(self, name: tuple[date, str], zones: list[ZoneWatched]) -> None:
        """Keeps it in place of the oldest."""
        with self._lock:
            self._found[name] = zones
            while len(self._found) > MOST_KEPT:
                self._found.popitem(last=False)


def _board(day: date) -> Board:
    now, today = site().clock.now(), site().clock.today()
    version = get_version(reading(), day=day, now=now)
    zones = tuple(_shown(zone, day=day, today=today, now=now) for zone in _zones(day, version))
    return Board(day, day == today, zones, version)


def _near(days: list[DayLink], day: date) -> tuple[DayLink | None, DayLink | None]:
    """The days with sessions before and after this one."""
    before = [each for each in days if each.day < day]
    after = [each for each in days if each.day > day]
    return (before[-1] if before else None, after[0] if after else None)


# --- words ---------------------------------------------------------------------------------------------------------


def _shown(zone: ZoneWatched, *, day: date, today: date, now: datetime) -> ZoneShown:
    sessions = tuple(_session(each, day=day, today=today, now=now) for each in zone.sessions)
    kinds = {each.kind for each in sessions}
    state = next((kind for kind in ("late", "open", "planned", "done") if kind in kinds), "rest")
    return ZoneShown(zone, state, sessions, TILES.get(zone.number))


def _session(session: SessionWatched, *, day: date, today: date, now: datetime) -> SessionShown:
    slot = session.current
    is_on = slot is not None and slot.state == "open"
    kind = "done" if slot is None and session.slots else slot.state if slot else "planned"
    if slot is not None and kind == "planned" and slot.late(now) > 0:
        kind = "late"
    waits = is_on and slot is not None and slot.done < slot.cards  # who is absent matters while a sheet is missing
    helps = tuple(chain(_behind(slot, day=day, today=today, now=now), _missed(session, is_on=is_on, waits=waits)))
    return SessionShown(session, slot, is_on, kind, helps, tuple(_notes(session, slot, now=now)))


def _behind(slot: SlotWatched | None, *, day: date, today: date, now: datetime) -> Iterator[Help]:
    if slot is None:
        return
    if slot.state == "planned" and day < today:
        text = gettext("%(award)s was not opened on its day.", award=named(slot, "short"))
        yield Help(text, gettext("not opened"))
    elif slot.state == "planned" and slot.late(now) >= MUCH:
        late = lasting(slot.late(now))
        yield Help(gettext("Should have begun %(lasting)s ago.", lasting=late), late)
    elif slot.over(now) >= MUCH:
        over = lasting(slot.over(now))
        yield Help(gettext("Takes %(lasting)s longer than planned.", lasting=over), f"+{over}")


def _missed(session: SessionWatched, *, is_on: bool, waits: bool) -> Iterator[Help]:
    seats = session.seats
    if absent := [seat for seat in seats if waits and seat.attendance == "absent"]:
        yield Help(
            gettext("Absent: %(seats)s.", seats=_seats(absent, of=seats)), gettext("absent %(n)s", n=len(absent))
        )
    if lost := [seat for seat in seats if seat.network == "lost"]:
        text = gettext("No network: %(seats)s.", seats=_seats(lost, of=seats))
        yield Help(text, gettext("no network %(n)s", n=len(lost)))
    if waiting := [seat for seat in seats if seat.network in ("lost", "waiting") and seat.unsent > 0]:
        unsent = sum(seat.unsent for seat in waiting)
        text = gettext("Changes waiting on devices: %(n)s (%(seats)s).", n=unsent, seats=_seats(waiting, of=seats))
        yield Help(text, gettext("unsent %(n)s", n=unsent))
    if asks := sum(slot.asks for slot in session.slots):
        yield Help(gettext("Requests to open a sheet again: %(n)s.", n=asks), gettext("requests %(n)s", n=asks))
    if paper := sum(slot.paper for slot in session.slots):
        yield Help(gettext("Paper sheets not confirmed: %(n)s.", n=paper), gettext("paper %(n)s", n=paper))
    if is_on and (silent := [seat for seat in seats if not seat.is_declared]):
        text = gettext("Interest not declared: %(seats)s.", seats=_seats(silent, of=seats))
        yield Help(text, gettext("not declared %(n)s", n=len(silent)))


def _notes(session: SessionWatched, slot: SlotWatched | None, *, now: datetime) -> Iterator[str]:
    if session.rehearsed_from is not None:
        yield gettext("Rehearsal since %(at)s.", at=clock_time(session.rehearsed_from))
    if slot is not None and slot.state == "open":
        if late := slot.late(now):
            yield gettext("Began %(lasting)s late.", lasting=lasting(late))
        if late_ones := [seat for seat in session.seats if seat.attendance == "late"]:
            yield gettext("Came late: %(seats)s.", seats=_seats(late_ones, of=session.seats))
        if unseen := [seat for seat in session.seats if seat.network == "unseen"]:
            yield gettext("Page not opened yet: %(seats)s.", seats=_seats(unseen, of=session.seats))
        if 0 < (over := slot.over(now)) < MUCH:
            yield gettext("Takes %(lasting)s longer than planned.", lasting=lasting(over))
    elif slot is not None and 0 < (late := slot.late(now)) < MUCH:
        yield gettext("Should have begun %(lasting)s ago.", lasting=lasting(late))
    if absent := sum(each.not_presented for each in session.slots):
        yield gettext("Entries not presented: %(n)s.", n=absent)
    if slot is not None and slot.state == "planned":
        silent = sum(not seat.is_declared for seat in session.seats)
        if silent:
            yield gettext("Interest declared: %(n)s of %(of)s.", n=len(session.seats) - silent, of=len(session.seats))


def lasting(minutes: int) -> str:
    """A length of time in words, to the minute."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(n)s min", n=rest)
    return gettext("%(h)s h %(n)s min", h=hours, n=rest)


def _seats(seats: Sequence[SeatWatched], *, of: Sequence[SeatWatched]) -> str:
    """Seats by their places; a panel of which all are meant in one word."""
    if len(seats) == len(of) > 1:
        return gettext("the whole panel")
    words = {"chair": gettext("Chair"), "member": gettext("Member"), "secretary": gettext("Secretary")}
    return ", ".join(
        words[seat.kind] if seat.kind == "chair" else f"{words[seat.kind]} ({seat.position})" for seat in seats
    )


# --- numbers -------------------------------------------------------------------------------------------------------


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(at: datetime | None) -> int | None:
    return None if at is None else _ms(at)


def _numbers(zone: ZoneWatched) -> dict[str, Any]:
    return {"number": zone.number, "sessions": [_session_numbers(each) for each in zone.sessions]}


def _session_numbers(session: SessionWatched) -> dict[str, Any]:
    current = session.current
    return {
        "id": session.id,
        "rehearsal": session.rehearsed_from is not None,
        "slot": current.id if current else None,
        "absent": [seat.id for seat in session.seats if seat.attendance == "absent"],
        "late": [seat.id for seat in session.seats if seat.attendance == "late"],
        "lost": [seat.id for seat in session.seats if seat.network == "lost"],
        "waiting": [seat.id for seat in session.seats if seat.unsent > 0],
        "undeclared": [seat.id for seat in session.seats if not seat.is_declared],
        "slots": [
            {
                "id": slot.id, "state": slot.state, "phase": slot.phase, "phase_at": _moment(slot.phase_at),
                "ends_at": _moment(slot.ends_at), "starts_at": _ms(slot.starts_at), "began_at": _moment(slot.opened_at),
                "closed_at": _moment(slot.closed_at), "done": slot.done, "cards": slot.cards,
                "not_presented": slot.not_presented, "paper": slot.paper, "asks": slot.asks,
            }
            for slot in session.slots
        ],
    }  # fmt: skip
