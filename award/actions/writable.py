"""What must hold before an entry may be changed, read inside the transaction that changes it."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from award.actions.unit import Unit
from award.answers.codes import find_field
from award.db.checking import ReturnedQuestion
from award.errors import N_, Forbidden, Locked, Malformed, NotFound
from award.evaluation import rules_of
from award.policy import Actor, is_in_time, is_organizer, may_organize_for, may_write_for
from award.queries.entries import FoundEntry, find_entry

_KEY = re.compile(r"[A-Za-z0-9-]{8,50}")
TOO_LATE = N_(
    "The deadline was %(at)s, so nothing was changed. Only the organizer (the department's secretariat of the awards) "
    "can open this entry again: tell them the reason."
)
ON_ITS_WAY = {
    "director": N_(
        "This entry waits for a group director's approval, so nobody changes it. Take it back on its page to go on."
    ),
    "chief": N_(
        "This entry waits for the approval of the head of the office, so nobody changes it. "
        "Take it back on its page to go on."
    ),
}
ONLY_RETURNED = N_("The organizer returned single questions of this entry. Everything else stays locked.")
ONLY_RETURNED_BUT = N_(
    "The organizer returned single questions of this entry. Everything else stays locked, also “%(field)s”."
)


def entry_to_change(
    db: Session, actor: Actor, entry_id: int, *, now: datetime, fields: Collection[str] | None = None
) -> FoundEntry:
    """The entry, to be changed by an officer of its province. `fields` are the codes of the answers that change, or
    beside which evidence does: codes of the rules, "@label" and the other "@" codes; None where none does.

    Raises NotFound outside the person's scope, Forbidden where the person may only read it, Locked once it is on its
    way up the office's chain or sent, its time is over, or a field is not among the questions that the organizer
    returned."""
    found = entry_of_office(db, actor, entry_id)
    check_open(found, now=now)
    check_returned(found, fields or ())
    return found


def entry_of_office(db: Session, actor: Actor, entry_id: int) -> FoundEntry:
    """The entry, whatever its state, for somebody of the office whose it is. Raises NotFound outside the person's
    scope, Forbidden where the person may only read it."""
    found = find_entry(db, actor, entry_id)
    if found is None:
        raise NotFound
    if not may_write_for(actor, found.province_code):
        raise Forbidden
    return found


def entry_to_organize(db: Session, actor: Actor, entry_id: int) -> FoundEntry:
    """The entry, whatever its state, for an organizer who is not of its office. Raises NotFound and Forbidden."""
    found = find_entry(db, actor, entry_id)
    if found is None:
        raise NotFound
    if not may_organize_for(actor, found.province_code):
        raise Forbidden
    return found


def entry_to_import(db: Session, actor: Actor, entry_id: int, *, now: datetime) -> FoundEntry:
    """The entry, to be filled in from a file by an organizer: the same must hold as for its province.

    Raises NotFound, Forbidden and Locked."""
    found = find_entry(db, actor, entry_id)
    if found is None:
        raise NotFound
    if not is_organizer(actor):
        raise Forbidden
    check_open(found, now=now)
    return found


def check_open(found: FoundEntry, *, now: datetime) -> None:
    """Raises Locked where an entry is not in its officers' hands, or outside its time."""
    if found.state == "withdrawn":
        raise Locked(N_("This entry was withdrawn. Only the organizer can open it again."))
    if found.state != "draft":
        raise Locked(
            N_("This entry was sent on %(at)s (receipt %(receipt)s) and is locked. The organizer can return it."),
            at=found.submitted_at, receipt=found.receipt or "-",
        )  # fmt: skip
    if found.step:
        raise Locked(ON_ITS_WAY[found.step])
    check_time(now, opens_at=found.opens_at, closes_at=found.closes_at)


def check_returned(found: FoundEntry, fields: Collection[str]) -> None:
    """Raises Locked where one of these fields is not among the questions that the organizer returned; their codes are
    in details["locked"]."""
    locked = [code for code in fields if not found.is_open(code)]
    if locked:
        asked = find_field(rules_of(found.rules_text).category(found.category), locked[0])
        if asked is None:
            raise Locked(ONLY_RETURNED, details={"locked": locked})
        raise Locked(ONLY_RETURNED_BUT, details={"locked": locked}, field=asked.label)


def close_returned(u: Unit, entry_id: int) -> None:
    """No question of the entry is returned by itself any longer: it was sent again, or withdrawn."""
    still = ReturnedQuestion.entry_id == entry_id, ReturnedQuestion.closed_at.is_(None)
    u.db.execute(update(ReturnedQuestion).where(*still).values(closed_at=u.now))


def check_time(now: datetime, *, opens_at: datetime, closes_at: datetime) -> None:
    """Raises Locked before the round opens and after its deadline, saying when that is and who can open it."""
    if now < opens_at:
        raise Locked(N_("The round opens on %(at)s. Until then nothing can be entered."), at=opens_at)
    if not is_in_time(now, closes_at):
        raise Locked(TOO_LATE, at=closes_at)


def checked_key(key: str) -> str:
    """The client's key of one act. Raises Malformed."""
    if not _KEY.fullmatch(key):
        raise Malformed(N_("The request could not be understood. Reload the page and try again."))
    return key
