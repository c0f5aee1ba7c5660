"""The ready paragraph of news that a province puts on its page after its day: who, when, where and what; no result."""

from collections.abc import Iterator

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.errors import N_, Locked
from award.policy import Actor, is_officer, is_organizer
from award.queries.minutes import list_absent_seats
from award.queries.scoring import Day, SeatHeld, SlotLine, find_day
from award.views.context import reading
from award.views.guard import guard
from award.views.language import LANGUAGES, clock_time, current_language, named, speaking
from award.views.language import day as day_text

pages = Blueprint("news", __name__, url_prefix="/s")
NOT_YET = N_("The paragraph of news is ready once every slot of the day is closed.")
TAGS = "#กรมการพัฒนาชุมชน #ChangeforGood"
THAI_DAYS = ("จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์")


def may_ask_for_news(actor: Actor) -> bool:
    """Provinces and organizers."""
    return is_officer(actor) or is_organizer(actor)


def may_have_news(actor: Actor, province_code: str) -> bool:
    """The province that was heard, and the organizer."""
    return is_organizer(actor) or province_code in actor.provinces


def find_told_day(db: Session, actor: Actor, session_id: int) -> Day | None:
    """The day of the officer's own province; any for an organizer."""
    return find_day(db, session_id, duty_ids=(), provinces=actor.provinces, everywhere=is_organizer(actor))


@pages.get("/<int:day>/news")
@guard(may_ask_for_news, day=find_told_day)
def page(day: Day) -> ResponseReturnValue:
    """The paragraph in both languages, to change and copy; Locked until every slot is closed."""
    if not day.slots or any(slot.state != "closed" for slot in day.slots):
        raise Locked(NOT_YET)
    absent = list_absent_seats(reading(), day.id)
    texts = {}
    for language in LANGUAGES:
        with speaking(language):
            texts[language] = "\n".join(_paragraph(day, absent=absent))
    return render_template("minutes/news.html", day=day, texts=texts)


def _paragraph(day: Day, *, absent: set[tuple[int, int]]) -> Iterator[str]:
    there = [seat for seat in day.seats if not all((slot.id, seat.id) in absent for slot in day.slots)]
    chair = next((seat for seat in there if seat.kind == "chair"), None)
    others = [_position(seat) for seat in there if seat is not chair]
    date = day_text(day.day)
    if current_language() == "th":
        date = f"วัน{THAI_DAYS[day.day.weekday()]}ที่ {date}"
    values = {
        "date": date, "time": clock_time(day.slots[0].starts_at), "zone": day.zone_number,
        "zone_name": named(day, "zone"), "province": named(day), "channel": day.channel,
    }  # fmt: skip
    who = gettext("%(position)s, chair of the panel", position=_position(chair)) if chair else gettext("The members")
    with_others = " " + gettext("together with %(positions)s", positions=", ".join(others)) if others else ""
    yield gettext(
        "On %(date)s at %(time)s, %(who)s that monitors and evaluates the selection in zone %(zone)s "
        "(%(zone_name)s)%(with_others)s, heard %(province)s province by video call (%(channel)s):",
        who=who, with_others=with_others, **values,
    )  # fmt: skip
    for number, slot in enumerate(day.slots, start=1):
        yield f"{number}. {_heard(day, slot)}"
    yield ""
    yield TAGS


def _heard(day: Day, slot: SlotLine) -> str:
    heard = [entry.label for entry in slot.entries() if entry.entry_state == "submitted"]
    pieces = [f"{clock_time(slot.starts_at)} {named(slot)}"]
    if slot.place_th:
        pieces.append(gettext("at %(place)s", place=slot.place_th))
    if slot.presenters:
        pieces.append(gettext("presented by %(presenters)s", presenters=slot.presenters))
    passed = next((seat for seat in day.seats if seat.id == slot.chaired_by_id and seat.kind != "chair"), None)
    if passed is not None:
        pieces.append(gettext("chaired by %(position)s", position=_position(passed)))
    return " ".join(pieces) + (": " + "; ".join(heard) if heard else "")


def _position(seat: SeatHeld) -> str:
    return gettext("%(position)s (acting)", position=named(seat, "title")) if seat.acting else named(seat, "title")
