"""What organizers, chairs and provinces write about a scoring day: days, times, minutes, calls, addresses, reasons."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext

from award.answers.plain import is_web_address, plain_date, plain_number
from award.clock import BANGKOK
from award.forms.plain_text import many_lines, one_line

CHANNELS = ("Zoom", "Google Meet", "Microsoft Teams", "Webex", "Session call")  # offered; anything else may be written
MOST_LINE, MOST_TEXT, MOST_MINUTES = 200, 1000, 600
PARTS = ("presenting", "questions", "scoring")
_TIME = re.compile(r"([0-9]{1,2})[.:]([0-9]{2})")
Errors = dict[str, str]  # by field, in the order of the page


@dataclass(frozen=True, slots=True)
class CallForm:
    """A call as it was written."""

    channel: str
    url: str
    id: str
    passcode: str


@dataclass(frozen=True, slots=True)
class TurnForm:
    """One award's turn; `minutes` by part, None where nothing is written."""

    adoption_id: int
    starts_at: datetime
    place: str
    minutes: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A scoring session to be planned. Whole only where `errors` is empty."""

    province: str
    day: date | None
    call: CallForm
    turns: tuple[TurnForm, ...]
    errors: Errors


def plain_time(typed: str) -> time | None:
    """`09.00`, `9:00`, `๙.๐๐ น.`; None where it is no time."""
    text = one_line(typed).removesuffix("น.").strip()
    found = _TIME.fullmatch("".join(str(int(each)) if each.isdecimal() else each for each in text))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def read_call(form: Mapping[str, str], errors: Errors) -> CallForm:
    """The call; adds to `errors` what cannot be used."""
    call = CallForm(*(one_line(form.get(name)) for name in ("channel", "call_url", "call_id", "call_passcode")))
    if not call.channel:
        errors["channel"] = gettext("Choose or write how people meet, such as Zoom.")
    if call.url and not is_web_address(call.url):
        errors["call_url"] = gettext("Write the whole address of the call, beginning with https://")
    for name, text in zip(("channel", "call_id", "call_passcode"), (call.channel, call.id, call.passcode), strict=True):
        _bound(name, text, errors)
    return call


def read_plan(form: Mapping[str, str], *, adoptions: Iterable[int], provinces: Iterable[str]) -> PlanForm:
    """A scoring session as it was written: each award that is ticked, with its time."""
    errors: Errors = {}
    province, day = form.get("province", ""), plain_date(form.get("day", ""))
    if province not in provinces:
        errors["province"] = gettext("Choose the province.")
    if day is None:
        errors["day"] = gettext("Write a day such as 19/7/2564.")
    call, turns, ticked = read_call(form, errors), [], 0
    for adoption in adoptions:
        name = f"slot-{adoption}"
        if form.get(name) is None:
            continue
        ticked += 1
        at = plain_time(form.get(f"{name}-time", ""))
        if at is None:
            errors[f"{name}-time"] = gettext("Write a time such as 09.00.")
        place, minutes = read_room(form, errors, prefix=f"{name}-")
        if at is not None and day is not None:
            turns.append(TurnForm(adoption, datetime.combine(day, at, BANGKOK), place, minutes))
    if not ticked:
        errors["slots"] = gettext("Choose at least one award and say when its slot begins.")
    return PlanForm(province, day, call, tuple(turns), errors)


def read_room(form: Mapping[str, str], errors: Errors, *, prefix: str = "") -> tuple[str, dict[str, int | None]]:
    """Room and planned minutes of a slot; adds to `errors` what cannot be used."""
    place = one_line(form.get(f"{prefix}place"))
    _bound(f"{prefix}place", place, errors)
    minutes: dict[str, int | None] = {}
    for part in PARTS:
        typed = one_line(form.get(f"{prefix}{part}"))
        number = plain_number(typed) if typed else ""
        minutes[part] = int(number) if number and number.isdecimal() and 0 < int(number) <= MOST_MINUTES else None
        if typed and minutes[part] is None:
            says = gettext("Write whole minutes from 1 to %(most)s, or nothing.", most=MOST_MINUTES)
            errors[f"{prefix}{part}"] = says
    return place, minutes


def read_presentation(form: Mapping[str, str]) -> tuple[str, str, Errors]:
    """Who presents, and the address of the exhibition."""
    errors: Errors = {}
    presenters, url = many_lines(form.get("presenters")), one_line(form.get("exhibition_url"))
    if len(presenters) > MOST_TEXT:
        errors["presenters"] = gettext("At most %(most)s letters.", most=MOST_TEXT)
    if has_personal_number(presenters):
        errors["presenters"] = gettext("Leave personal ID numbers out: positions are enough.")
    if url and not is_web_address(url):
        errors["exhibition_url"] = gettext("Write the whole address, beginning with https://")
    return presenters, url, errors


def has_personal_number(text: str) -> bool:
    """Whether thirteen digits stand together as in a citizen's number, with or without blanks and dashes."""
    return re.search(r"(?<!\d)\d(?:[ -]?\d){12}(?!\d)", text) is not None


def read_moment(form: Mapping[str, str], *, day: date, errors: Errors) -> datetime | None:
    """The time of a day that a slot is to begin at."""
    at = plain_time(form.get("time", ""))
    if at is None:
        errors["time"] = gettext("Write a time such as 09.00.")
        return None
    return datetime.combine(day, at, BANGKOK)


def read_day(form: Mapping[str, str], errors: Errors) -> date | None:
    """The day that a session is to move to."""
    day = plain_date(form.get("day", ""))
    if day is None:
        errors["day"] = gettext("Write a day such as 19/7/2564.")
    return day


def read_why(form: Mapping[str, str], errors: Errors) -> str:
    """The reason; a blank one is for the action to refuse."""
    reason = many_lines(form.get("reason"))
    if len(reason) > MOST_TEXT:
        errors["reason"] = gettext("At most %(most)s letters.", most=MOST_TEXT)
    return reason


def _bound(name: str, text: str, errors: Errors) -> None:
    if len(text) > MOST_LINE:
        errors[name] = gettext("At most %(most)s letters.", most=MOST_LINE)
