"""A scoring day while it is lived: the status that every open page asks for, and the acts that set it in motion."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import live as actions
from award.errors import N_, Malformed
from award.forms.live import read_arrival, read_minutes, read_note, read_number
from award.forms.scoring import read_key, read_reason
from award.policy import is_committee, may_follow
from award.queries.live import (
    PANEL,
    Followed,
    SlotStatus,
    find_followed,
    get_version,
    list_slot_statuses,
    map_attendance,
    slot_next,
    slot_now,
)
from award.queries.scoring import Day
from award.views.chair_page import chairs_day, show_network
from award.views.context import Site, current_actor, reading, site
from award.views.guard import guard, wants_json
from award.views.panel import act, find_chaired_day, find_chaired_slot, went
from award.views.scoring import SlotOfDay, find_seen_day
from award.views.unchanged import NOW, TOLD

pages = Blueprint("live", __name__, url_prefix="/s")
MOST_UNSENT = 99_999
_ASKED = re.compile(r"(?:unsent=([0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FollowedDay:
    """The status of a scoring session as somebody was told it."""

    day: Followed

    def still_holds(self, site: Site, query: str) -> bool:
        """In one statement."""
        asked = _ASKED.fullmatch(query)
        if asked is None:
            return False
        with site.database.reading() as db:
            if get_version(db, self.day.id) != self.day.version:
                return False
        self.note(site, unsent=int(asked[1] or 0))
        return True

    def note(self, site: Site, *, unsent: int) -> None:
        """That the page of who holds a seat asked."""
        if self.day.seat_id is not None:
            at = site.clock.now()
            site.sightings.note(session_id=self.day.id, seat_id=self.day.seat_id, at=at, unsent=unsent)


@pages.get("/<int:day>/live")
@guard(may_follow, day=find_followed)
def status(day: Followed) -> ResponseReturnValue:
    """How a scoring session goes on, in a few hundred bytes; 304 where it is as it was. Marks are never touched."""
    followed = request.environ[TOLD] = FollowedDay(day)
    followed.note(site(), unsent=_unsent())
    unchanged = request.if_none_match.contains(day.tag)
    answer = Response(None if unchanged else _body(day), status=304 if unchanged else 200, mimetype="application/json")
    answer.set_etag(day.tag)
    answer.headers[NOW] = str(_ms(site().clock.now()))
    return answer


def _unsent() -> int:
    """How many changes wait on the member's device, as the page says."""
    text = request.args.get("unsent", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed(N_("The page asked in a way that is not understood. Reload it."))
    return min(int(text), MOST_UNSENT)


def _body(day: Followed) -> bytes:
    """The status as JSON. Many pages ask for the same version at once: it is made once. The version was read from the
    database just now, so other processes' acts are seen; what was read meanwhile can only be newer than it says."""
    place = day.id, day.audience
    tag, body = site().statuses.get(place, ("", b""))
    if tag != day.tag:
        slots = list_slot_statuses(reading(), [day.id])
        body = json.dumps(_status(day, slots), separators=(",", ":")).encode()
        site().statuses[place] = day.tag, body
    return body


def _status(day: Followed, slots: Sequence[SlotStatus]) -> dict[str, Any]:
    now, following = slot_now(slots), slot_next(slots)
    return {
        "version": day.version, "rehearsal": day.rehearsal,
        "now_slot": None if now is None else now.id,
        "next_slot": None if following is None else following.id,
        "slots": [_slot(slot, of_panel=day.audience == PANEL) for slot in slots],
    }  # fmt: skip


def _slot(slot: SlotStatus, *, of_panel: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": slot.id, "state": slot.state, "phase": slot.phase, "phase_at": _ms(slot.phase_at),
        "ends_at": _ms(slot.ends_at), "starts_at": _ms(slot.starts_at), "began_at": _ms(slot.began_at),
        "ready_province": slot.ready_province,
    }  # fmt: skip
    if of_panel:
        told |= {"done": slot.done, "cards": slot.cards, "ready_seats": list(slot.ready_seats), "asks": slot.asks}
    return told


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


@pages.get("/<int:day>/chair/network")
@guard(is_committee, day=find_chaired_day)
def network(day: Day) -> ResponseReturnValue:
    """Whose page was not seen for a while, and what waits on their devices: the chair's page asks every few seconds."""
    return show_network(day)


@pages.post("/slot/<int:slot>/phase")
@guard(is_committee, slot=find_chaired_slot)
def phase(slot: SlotOfDay) -> ResponseReturnValue:
    """Sets a part of the slot in motion."""
    return act(
        slot, actions.begin_phase, anchor="stage",
        phase=lambda: request.form.get("phase", ""), minutes=lambda: read_minutes(request.form),
        after=lambda: read_number(request.form, "after"),
    )  # fmt: skip


@pages.post("/slot/<int:slot>/attendance")
@guard(is_committee, slot=find_chaired_slot)
def attendance(slot: SlotOfDay) -> ResponseReturnValue:
    """Ticks one member as present, late or absent."""
    return act(
        slot, actions.record_attendance, anchor=f"there-{slot.slot.id}",
        seat_id=lambda: read_number(request.form, "seat"), state=lambda: request.form.get("state", ""),
        arrived=lambda: read_arrival(request.form) if request.form.get("state") == "late" else None,
        was=request.form.get("was"),
    )  # fmt: skip


@pages.post("/slot/<int:slot>/attendance/all")
@guard(is_committee, slot=find_chaired_slot)
def all_present(slot: SlotOfDay) -> ResponseReturnValue:
    """One press ticks everybody who is not ticked yet as present: so many acts, each with its own line."""
    known = map_attendance(reading(), [slot.slot.id])
    answer = went(url_for("panel.chair", day=slot.day.id, _anchor="stage"))
    for seat in slot.day.seats:
        if (slot.slot.id, seat.id) not in known:
            answer = act(slot, actions.record_attendance, anchor="stage", seat_id=seat.id, state="present")
            if isinstance(answer, tuple):  # a page with a refusal
                return answer
    return answer


@pages.post("/slot/<int:slot>/allow")
@guard(is_committee, slot=find_chaired_slot)
def allow(slot: SlotOfDay) -> ResponseReturnValue:
    """Lets a member who missed the presentation send cards all the same."""
    return act(
        slot, actions.allow_member, anchor=f"there-{slot.slot.id}",
        seat_id=lambda: read_number(request.form, "seat"), reason=lambda: read_reason(request.form),
    )  # fmt: skip


@pages.post("/slot/<int:slot>/pass")
@guard(is_committee, slot=find_chaired_slot)
def pass_chair(slot: SlotOfDay) -> ResponseReturnValue:
    """Passes the chair of this slot to another member, or back to the panel's chair."""
    answer = act(
        slot, actions.pass_chair,
        seat_id=lambda: read_number(request.form, "seat") if request.form.get("seat") else None,
        reason=lambda: read_reason(request.form),
    )  # fmt: skip
    after = find_seen_day(reading(), current_actor(), slot.day.id)
    if not isinstance(answer, tuple) and after is not None and not chairs_day(current_actor(), after):
        return went(url_for("scoring.day", day=slot.day.id))  # whoever gave it back has no page of the chair
    return answer


@pages.post("/slot/<int:slot>/note")
@guard(is_committee, slot=find_chaired_slot)
def note(slot: SlotOfDay) -> ResponseReturnValue:
    """Adds a note for the minutes."""
    return act(slot, actions.note_minutes, anchor=f"more-{slot.slot.id}", text=lambda: read_note(request.form))


@pages.post("/slot/<int:slot>/ready")
@guard(may_follow)
def ready(slot: int) -> ResponseReturnValue:
    """A member, or an officer for the province, is ready; or not after all. Whose it is the action asks."""
    read_key(request.form.get("key"))
    is_ready, for_province = request.form.get("ready") == "yes", request.form.get("who") == "province"
    actions.set_ready(
        site().database, site().clock, actor=current_actor(), slot_id=slot, ready=is_ready, province=for_province
    )
    if wants_json():
        return jsonify(ready=is_ready)
    back = request.form.get("back", "")
    return redirect(back if _is_ours(back) else "/", 303)


def _is_ours(address: str) -> bool:
    """A page below /s/: nothing that leads away."""
    return address.startswith("/s/") and "\\" not in address and "//" not in address
