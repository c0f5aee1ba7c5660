"""Erasing a person's data: what the way of entries through an office, and to and from the organizers, left of them.

What was said to a province about its own work (a follow-up, why a question was returned) stays with that work; what
somebody wrote beside an act of their own goes. Who owned, approved or decided stays as a number that leads to nobody.
"""

from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from award.actions.unit import Unit
from award.db.checking import EntryCheck, FollowUpAct, LateRequest, ReturnedQuestion
from award.db.entries import Entry
from award.db.mail import MailOut
from award.db.office import Approval, ColleagueNote, Presence
from award.db.reminders import Chaser, ReminderTo
from award.db.uploads import Upload

# Where the person's own words stand, and in which column they are named.
OWN_WORDS: tuple[tuple[Any, Any, str], ...] = (
    (ColleagueNote, ColleagueNote.by_id, "text"),
    (Approval, Approval.by_id, "note"),
    (EntryCheck, EntryCheck.by_id, "note"),
    (ReturnedQuestion, ReturnedQuestion.by_id, "reason"),
    (LateRequest, LateRequest.asked_by_id, "reason"),
    (LateRequest, LateRequest.decided_by_id, "answer"),
    (FollowUpAct, FollowUpAct.by_id, "text"),
    (Chaser, Chaser.by_id, "note"),
    (Entry, Entry.withdrawn_by_id, "withdrawn_reason"),
)


def empty_office(u: Unit, user_id: int, *, erased: str) -> None:
    """Takes the person's words out of the tables of offices and organizers; `erased` stands in their place."""
    u.db.execute(delete(Presence).where(Presence.user_id == user_id))
    u.db.execute(delete(Upload).where(Upload.user_id == user_id))
    for table, who, column in OWN_WORDS:
        text = getattr(table, column)
        u.db.execute(update(table).where(who == user_id, text != "").values({column: erased}))
    let_go_of_mails(u, MailOut.user_id == user_id)


def let_go_of_mails(u: Unit, which: ColumnElement[bool]) -> None:
    """Letters of reminders no longer point to the mails that are about to go; what they said stays."""
    mails = select(MailOut.id).where(which)
    u.db.execute(update(ReminderTo).where(ReminderTo.mail_id.in_(mails)).values(mail_id=None))
