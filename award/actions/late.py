"""Sending after the deadline: a province asks with its reason, an organizer gives time until a moment or says why not.

Nothing else makes an entry late: what decides, the longer time, stands in the award's log as for any other entry.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, insert, select, update

from award.actions.entries import STILL_TIME, insert_entry
from award.actions.mail import queue_mail
from award.actions.news import tell_entry
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key, entry_of_office
from award.answers.plain import clean_text
from award.answers.private_numbers import REASON, refuse_national_ids
from award.clock import Clock
from award.db.checking import LateRequest
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Private, read_site_log
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.evaluation import rules_of
from award.policy import Actor, is_in_time, may_organize_for, may_write_for
from award.queries.entries import FoundEntry, find_entry, has_scoring_begun, is_slot_closed
from award.queries.late import LateLine, find_late, list_who_decide
from award.queries.office import list_colleagues

LEAST_REASON, MOST_REASON = 10, 2000
BEGUN = N_("The committee has begun to hear this entry, so it can no longer be sent.")
CLOSED = N_(
    "The committee has heard this province and closed the slot, so what is opened now could not be sent. The chair of "
    "the panel opens the slot again first."
)
Letter = Callable[[LateLine, bool], tuple[str, str]]  # of a request and whether it is allowed: subject and text
AskedLetter = Callable[[LateLine], tuple[str, str]]  # of a request that waits: subject and text


def ask_late(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, reason: str, key: str,
    letter: AskedLetter | None = None,
) -> int:  # fmt: skip
    """An office asks to send an entry after its time is over; answers the request's number. Organizers who have an
    address and are not of that office get the letter.

    Raises NotFound, Forbidden, Invalid for a reason under ten characters, Locked while there is time, once it was
    sent or is being heard, and while an earlier request waits.
    """
    why = _checked(reason)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("ask_late", entry_id, why)) as u:
        found = entry_of_office(u.db, actor, entry_id)
        if u.repeated:
            return int(u.repeated.body["request"])
        if found.state != "draft":
            raise Locked(N_("This entry is no draft any more: nothing needs to be asked."))
        if is_in_time(u.now, found.closes_at):
            raise Locked(STILL_TIME, at=found.closes_at)
        if has_scoring_begun(u.db, entry_id):
            raise Locked(BEGUN)
        waiting = LateRequest.entry_id == entry_id, LateRequest.decided_at.is_(None)
        if u.db.execute(select(exists().where(*waiting))).scalar_one():
            raise Locked(N_("A request for this entry waits for the organizer already."))
        request = _put(u, found.adoption_id, found.category, found.province_code, entry_id, why)
        u.record("ask_late", {"request": request, "entry": found.code, "reason": Private(why)})
        _tell_organizers(u, clock, request, letter)
        return request


def ask_late_for(
    database: Database, clock: Clock, *, actor: Actor, adoption_id: int, category: str, province_code: str, label: str,
    reason: str, key: str, letter: AskedLetter | None = None,
) -> int:  # fmt: skip
    """The same for an entry that was not even begun: it begins, empty, and stays closed until it is opened. Answers
    the request's number. Raises what `begin_entry` and `ask_late` raise."""
    why = _checked(reason)
    about = ("ask_late_for", adoption_id, category, province_code, label, why)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        if not may_write_for(actor, province_code):
            raise NotFound
        if u.repeated:
            begun = LateRequest.entry_id == int(u.repeated.body["id"])
            return int(u.db.execute(select(LateRequest.id).where(begun)).scalars().first() or 0)
        begun_entry = insert_entry(
            u, adoption_id=adoption_id, category=category, province_code=province_code, label=label, late=True
        )
        request = _put(u, adoption_id, category, province_code, begun_entry["id"], why)
        u.record("begin_entry", begun_entry, log=u.log_of(adoption_id))
        told = {"request": request, "entry": begun_entry["entry"], "reason": Private(why)}
        u.also("ask_late", told, log=read_site_log(u.db))
        _tell_organizers(u, clock, request, letter)
        return request


def decide_late(
    database: Database, clock: Clock, *, actor: Actor, request_id: int, allowed: bool, until: datetime | None,
    answer: str, key: str, letter: Letter | None = None,
) -> None:  # fmt: skip
    """An organizer opens the entry until a moment, or says why not; the answer is shown to the province, and, where it
    is allowed, beside the entry wherever it says that it was sent late. The people of the office who have an address
    get the letter.

    Raises NotFound, Forbidden, Invalid (no reason; no moment, or one that is past) and Locked (decided already; sent
    meanwhile; being heard).
    """
    why, _ = clean_text(answer, lines=True)
    about = ("decide_late", request_id, allowed, until.isoformat() if until else "", why)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        asked = find_late(u.db, actor, request_id)
        if asked is None:
            raise NotFound
        if not may_organize_for(actor, asked.province_code):
            raise Forbidden
        if u.repeated:
            return
        if asked.decided_at is not None:
            raise Locked(N_("This request was decided already. Reload the page to see how."))
        if not LEAST_REASON <= len(why) <= MOST_REASON:
            raise Invalid(
                N_("Write the reason of your decision in 10 to 2,000 characters: the province reads it, it is kept."),
                details={"field": "answer"},
            )
        refuse_national_ids(why, label=REASON, field="answer")
        found = _entry_of(u, asked) if allowed else None
        if allowed and (until is None or until <= u.now):
            raise Invalid(N_("The new deadline must lie in the future."), details={"field": "until"})
        u.db.execute(
            update(LateRequest)
            .where(LateRequest.id == request_id)
            .values(
                allowed=allowed, until=until if allowed else None, answer=why, decided_at=u.now,
                decided_by_id=actor.user_id,
            )
        )  # fmt: skip
        told = {"request": request_id, "entry": asked.entry_code, "allowed": allowed}
        if found is not None and until is not None:
            u.db.execute(
                update(Entry)
                .where(Entry.id == found.id)
                .values(due_at=until, reopened_at=u.now, reopened_reason=why)
            )  # fmt: skip
            tell_entry(u, found.id)
            body = {"entry": found.code, "reason": Private(why), "until": until.isoformat()}
            u.record("extend_entry", body, log=u.log_of(found.adoption_id))
            u.also("decide_late", told | {"until": until.isoformat()}, log=read_site_log(u.db))
        else:
            u.record("decide_late", told | {"answer": Private(why)})
        if letter is not None:
            office = [each.user_id for each in list_colleagues(u.db, asked.province_code, today=clock.today())]
            for user_id in dict.fromkeys([asked.asked_by_id, *office]):
                queue_mail(u, user_id, *letter(asked, allowed))


def _tell_organizers(u: Unit, clock: Clock, request: int, letter: AskedLetter | None) -> None:
    asked = find_late(u.db, u.actor, request) if letter is not None else None
    if asked is None or letter is None:
        return
    for user_id in list_who_decide(u.db, asked.province_code, today=clock.today()):
        queue_mail(u, user_id, *letter(asked))


def _entry_of(u: Unit, asked: LateLine) -> FoundEntry:
    found = find_entry(u.db, u.actor, asked.entry_id) if asked.entry_id else None
    if found is None:
        raise NotFound
    if found.state != "draft":
        raise Locked(N_("This entry is no draft any more: nothing needs to be asked."))
    if has_scoring_begun(u.db, found.id):
        raise Locked(BEGUN)
    stage = rules_of(found.rules_text).stages[0].code
    if is_slot_closed(u.db, adoption_id=found.adoption_id, province_code=found.province_code, stage=stage):
        raise Locked(CLOSED)
    return found


def _checked(reason: str) -> str:
    why, _ = clean_text(reason, lines=True)
    if not LEAST_REASON <= len(why) <= MOST_REASON:
        raise Invalid(
            N_("Write why the entry comes late, in 10 to 2,000 characters: the organizer reads it, and it is kept."),
            details={"field": "reason"},
        )
    refuse_national_ids(why, label=REASON, field="reason")
    return why


def _put(u: Unit, adoption_id: int, category: str, province_code: str, entry_id: int, reason: str) -> int:
    return int(
        u.db.execute(
            insert(LateRequest)
            .values(
                adoption_id=adoption_id, category=category, province_code=province_code, entry_id=entry_id,
                reason=reason, asked_at=u.now, asked_by_id=u.actor.user_id,
            )
            .returning(LateRequest.id)
        ).scalar_one()
    )  # fmt: skip
