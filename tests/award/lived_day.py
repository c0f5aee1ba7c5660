"""A scoring day of Trat with everything around the marking, each act by the program's own ways: plans made, moved and
dropped, interests declared, who was there, phases, a chair passed on, paper, requests."""

import io
from datetime import date, datetime, time
from typing import Any

from award.actions.agenda import Call, PlannedTurn, plan_session
from award.actions.declarations import declare_interest
from award.actions.live import allow_member, begin_phase, note_minutes, pass_chair, record_attendance
from award.actions.moves import drop_slot, move_session, move_slot
from award.actions.papers import confirm_paper, enter_paper
from award.actions.requests import ask_reopening, decline_reopening
from award.actions.slots import reopen_card
from award.clock import BANGKOK
from award.config import Uploads
from award.db.evidence_files import EvidenceFiles
from tests.award.build import TRAT, BuiltSite
from tests.award.scoring_day import ScoringDay, new_key
from tests.award.test_ledger_check import actor, ask, fill_in, publish
from tests.corpus.parts import pdf

WHY = "because the line to the province broke"


def live_around(site: BuiltSite) -> None:
    """The whole day; afterwards a result is published."""
    slots = [int(each) for each in str(ask(site, PLANNED)).split(",")]
    day = ScoringDay(site, int(ask(site, "select max(id) from scoring_session where day = '2021-07-19'")),
                     (slots[0], slots[1], slots[2]))  # fmt: skip
    fill_in(site)
    plan(site, day)
    declare(site, day)
    hear(site, day)
    mark(site, day)
    publish(site)


PLANNED = "select group_concat(id) from (select id from slot where state = 'planned' order by adoption_id)"


def plan(site: BuiltSite, day: ScoringDay) -> None:
    """The last two awards' slots are dropped; one is planned anew on the next day and moved, then its whole session."""
    about: dict[str, Any] = {"actor": actor(site, "organizer")}
    places = site.database, site.clock
    for dropped in day.slots[1:]:
        drop_slot(*places, **about, slot_id=dropped, reason=WHY, key=new_key())
    panel = int(ask(site, "select id from panel where zone_number = 9"))
    turn = PlannedTurn(2, datetime(2021, 7, 20, 9, tzinfo=BANGKOK), "ห้องประชุม")
    planned = plan_session(*places, **about, panel_id=panel, province_code=TRAT, day=date(2021, 7, 20),
                           call=Call("Zoom"), turns=[turn], key=new_key())  # fmt: skip
    slot = int(ask(site, f"select id from slot where session_id = {planned}"))
    for hour in (10, 11):
        later = datetime(2021, 7, 20, hour, tzinfo=BANGKOK)
        move_slot(*places, **about, slot_id=slot, reason=WHY, starts_at=later, key=new_key())
    move_session(*places, **about, session_id=planned, day=date(2021, 7, 21), reason=WHY, key=new_key())


def declare(site: BuiltSite, day: ScoringDay) -> None:
    """Two have no interest; the member declares one, and the chair records that it was none."""
    about: dict[str, Any] = {"session_id": day.session}
    said = (("z9-chair", "z9-chair", "none", ""), ("z9-secretary", "z9-secretary", "none", ""),
            ("z9-member", "z9-member", "relative", "kin of the head of the office"),
            ("z9-chair", "z9-member", "none", "the office has another head since May"))  # fmt: skip
    for login, seat, kind, reason in said:
        asked: dict[str, Any] = {**about, "seat_id": day.seat(seat), "kind": kind, "reason": reason}
        declare_interest(site.database, site.clock, actor=actor(site, login), **asked, key=new_key())


def hear(site: BuiltSite, day: ScoringDay) -> None:
    """The presentation: one comes late, one never; the chair writes down why that one may send."""
    about: dict[str, Any] = {"actor": actor(site, "z9-chair"), "slot_id": day.first_slot}
    places, phases = (site.database, site.clock), "select coalesce(max(id), 0) from phase"
    begin_phase(*places, **about, phase="presenting", minutes=10, after=int(ask(site, phases)), key=new_key())
    ticks = (("z9-chair", "present", None), ("z9-secretary", "late", time(8, 10)), ("z9-member", "absent", None))
    for login, state, arrived in ticks:
        seat = day.seat(login)
        record_attendance(*places, **about, seat_id=seat, state=state, arrived=arrived, key=new_key())
    allow_member(*places, **about, seat_id=day.seat("z9-member"), reason=WHY, key=new_key())
    begin_phase(*places, **about, phase="questions", minutes=None, after=int(ask(site, phases)), key=new_key())
    note_minutes(*places, **about, text="the picture was away for two minutes", key=new_key())
    for to in ("z9-secretary", "z9-chair"):
        passed = None if to == "z9-chair" else day.seat(to)
        pass_chair(*places, **about, seat_id=passed, reason=WHY, key=new_key())


def mark(site: BuiltSite, day: ScoringDay) -> None:
    """Two mark; the member's sheet comes on paper, is opened again and entered once more, then confirmed."""
    places, files = (site.database, site.clock), EvidenceFiles(site.settings.evidence)
    chair: dict[str, Any] = {"actor": actor(site, "z9-chair"), "slot_id": day.first_slot}
    day.open()
    day.send_all({"z9-chair": "4", "z9-secretary": "3"})
    card = day.card("z9-member")
    for turn, given in enumerate(("3", "4")):
        enter_paper(
            *places, files, actor=actor(site, "organizer"), assignment_id=card, changes=day.whole(given),
            base_revision=turn, reason=WHY, name="sheet.pdf", stream=io.BytesIO(pdf(text=f"sheet {turn}")),
            uploads=Uploads(), key=new_key(),
        )  # fmt: skip
        if not turn:
            reopen_card(*places, **chair, card_id=card, reason=WHY, key=new_key())
    confirm_paper(*places, actor=actor(site, "z9-member"), assignment_id=card, revision=2, key=new_key())
    for login in ("z9-secretary", "z9-member"):
        asked: dict[str, Any] = {"actor": actor(site, login), "assignment_id": day.card(login)}
        ask_reopening(*places, **asked, changes=2, reason=f"{login}: two marks did not arrive", key=new_key())
    request = int(ask(site, "select min(id) from reopening_request"))
    decline_reopening(*places, **chair, request_id=request, reason="they are on record after all", key=new_key())
    reopen_card(*places, **chair, card_id=card, reason=WHY, key=new_key())
    assert day.send(site.client_as("z9-member"), card).status_code == 303
    day.close()
