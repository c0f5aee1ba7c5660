"""Reminders to provinces that have not sent: drafted, looked through by an organizer, then sent or dropped.

Nothing leaves the site before an organizer sends it. A province that sent everything meanwhile gets none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, insert, select, update

from award.actions.mail import queue_mail
from award.actions.unit import Unit, unit
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.cycles import Cycle
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.mail import MailOut
from award.db.people import User
from award.db.reminders import Reminder, ReminderTo
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.policy import Actor, is_organizer
from award.queries.coverage import count_settled
from award.queries.reminders import LetterLine, OneLetter, ReminderRound, find_letter, find_reminder
from scoring_rules.words import Words

MOST_LETTERS, MOST_SUBJECT, MOST_TEXT = 100, 200, 4000
GOOD_FOR = timedelta(days=14)
LETTER, SUBJECT = Words("ข้อความ", "text"), Words("เรื่อง", "subject")


@dataclass(frozen=True, slots=True)
class Letter:
    """A text for a province, and who of its office it is for; None where nobody can be mailed."""

    province_code: str
    user_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A letter as an organizer wants it."""

    text: str
    is_left_out: bool


def draft_reminder(
    database: Database, clock: Clock, *, actor: Actor, cycle_id: int, subject: str, letters: Sequence[Letter], key: str
) -> int:
    """The number of a new round that nobody has been sent yet. Raises Forbidden, NotFound, and Invalid without letters
    or for more than MOST_LETTERS provinces."""
    about = ("draft_reminder", cycle_id, subject, *(each.province_code for each in letters))
    with unit(database, clock, actor=actor, key=key, about=about) as u:
        if not is_organizer(actor):
            raise Forbidden
        if u.repeated:
            return int(u.repeated.body["reminder"])
        if u.db.get(Cycle, cycle_id) is None:
            raise NotFound
        if not letters:
            raise Invalid(N_("None of these provinces has anything to send."), details={"field": "province"})
        if len({each.province_code for each in letters}) > MOST_LETTERS:
            raise Invalid(
                N_("Tick the provinces first, at most %(most)s at a time."), details={"field": "province"},
                most=MOST_LETTERS,
            )  # fmt: skip
        _check("subject", subject, SUBJECT, MOST_SUBJECT)
        row = {"cycle_id": cycle_id, "subject": subject, "made_at": u.now, "made_by_id": actor.user_id}
        number = int(u.db.execute(insert(Reminder).values(row).returning(Reminder.id)).scalar_one())
        u.db.execute(
            insert(ReminderTo),
            [
                {"reminder_id": number, "province_code": each.province_code, "user_id": each.user_id, "text": each.text}
                for each in letters
            ],
        )
        provinces = list(dict.fromkeys(each.province_code for each in letters))
        u.record("draft_reminder", {"reminder": number, "cycle": cycle_id, "provinces": provinces})
        return number


def edit_reminder(
    database: Database, clock: Clock, *, actor: Actor, reminder_id: int, subject: str, letters: Mapping[int, Edited],
    key: str,
) -> Receipt:  # fmt: skip
    """Keeps what an organizer changed in a draft. Raises Forbidden, NotFound, Locked for a round that was sent or
    dropped, and Invalid, whose `details["field"]` is "subject" or "letter-12-text"."""
    about = ("edit_reminder", reminder_id, subject, *((number, *_told(each)) for number, each in letters.items()))
    with unit(database, clock, actor=actor, key=key, about=about) as u:
        found = _draft(u, actor, reminder_id)
        if u.repeated:
            return u.repeated
        if found.state != "draft":
            raise Locked(_OVER)
        _check("subject", subject, SUBJECT, MOST_SUBJECT)
        changed = []
        for each in found.letters:
            edited = letters.get(each.id)
            if edited is None or edited == Edited(each.text, each.left_out_at is not None):
                continue
            if not edited.is_left_out:
                _check(f"letter-{each.id}-text", edited.text, LETTER, MOST_TEXT)
            left_out = (each.left_out_at or u.now) if edited.is_left_out else None
            values = {"text": edited.text, "left_out_at": left_out}
            u.db.execute(update(ReminderTo).where(ReminderTo.id == each.id).values(**values))
            if each.province_code not in changed:
                changed.append(each.province_code)
        u.db.execute(update(Reminder).where(Reminder.id == reminder_id).values(subject=subject))
        return u.record("edit_reminder", {"reminder": reminder_id, "provinces": changed})


def send_reminder(
    database: Database, clock: Clock, *, actor: Actor, reminder_id: int, per_province: int, key: str
) -> Receipt:
    """Writes the mails down that go out now, and marks the round as sent; what is to be pasted is shown from then on.

    Provinces that settled `per_province` entries meanwhile are left out: the receipt's body tells which. Raises
    Forbidden, NotFound, Locked for a round that is over, Invalid where nothing of it is left to be sent."""
    with unit(database, clock, actor=actor, key=key, about=("send_reminder", reminder_id)) as u:
        found = _draft(u, actor, reminder_id)
        if u.repeated:
            return u.repeated
        if found.state != "draft":
            raise Locked(_OVER)
        wanted = [each for each in found.letters if each.left_out_at is None]
        codes = [each.province_code for each in wanted]
        settled = count_settled(u.db, cycle_id=found.cycle_id, provinces=codes)
        done = [each for each in wanted if settled[each.province_code] >= per_province]
        going = [each for each in wanted if each not in done]
        if not going:
            raise Invalid(N_("Nothing is left to be sent: every letter is left out, or the provinces have sent."))
        for each in done:
            u.db.execute(update(ReminderTo).where(ReminderTo.id == each.id).values(left_out_at=u.now))
        mailed = [each for each in going if _mail(u, each, found.subject)]
        values = {"sent_at": u.now, "sent_by_id": actor.user_id}
        u.db.execute(update(Reminder).where(Reminder.id == reminder_id).values(**values))
        return u.record("send_reminder", {
            "reminder": reminder_id, "mailed": _provinces(mailed),
            "to_paste": _provinces([each for each in going if each not in mailed]), "settled": _provinces(done),
        })  # fmt: skip


def resend_letter(database: Database, clock: Clock, *, actor: Actor, letter_id: int, key: str) -> Receipt:
    """Writes a mail down once more that failed or was too late, to the address that the person has now. Raises
    Forbidden, NotFound, and Locked where there is nothing to be sent again."""
    with unit(database, clock, actor=actor, key=key, about=("resend_letter", letter_id)) as u:
        one = _letter(u, actor, letter_id)
        if u.repeated:
            return u.repeated
        if not one.letter.may_be_resent:
            raise Locked(N_("This mail is on its way or has arrived, or the person has no address any more."))
        _mail(u, one.letter, one.round.subject)
        return u.record("resend_letter", {"letter": letter_id, "province": one.letter.province_code})


def note_copied(database: Database, clock: Clock, *, actor: Actor, letter_id: int, key: str) -> Receipt:
    """Notes that the person copied a letter's text, to paste it into LINE: who and when. Raises Forbidden, NotFound,
    and Locked for a letter of a round that was not sent, or that was left out."""
    with unit(database, clock, actor=actor, key=key, about=("note_copied", letter_id)) as u:
        one = _letter(u, actor, letter_id)
        if u.repeated:
            return u.repeated
        if one.round.state != "sent" or one.letter.left_out_at is not None:
            raise Locked(N_("Only a letter of reminders that were sent can be noted as copied."))
        return u.record("copy_letter", {"letter": letter_id, "province": one.letter.province_code})


def _provinces(letters: Sequence[LetterLine]) -> list[str]:
    return list(dict.fromkeys(each.province_code for each in letters))


def drop_reminder(database: Database, clock: Clock, *, actor: Actor, reminder_id: int, key: str) -> Receipt:
    """A draft that is not sent after all. Raises Forbidden, NotFound, Locked for a round that is over."""
    with unit(database, clock, actor=actor, key=key, about=("drop_reminder", reminder_id)) as u:
        found = _draft(u, actor, reminder_id)
        if u.repeated:
            return u.repeated
        if found.state != "draft":
            raise Locked(_OVER)
        u.db.execute(update(Reminder).where(Reminder.id == reminder_id).values(dropped_at=u.now))
        return u.record("drop_reminder", {"reminder": reminder_id, "subject": Private(found.subject)})


_OVER = N_("These reminders were sent or dropped already. Draft new ones.")


def _draft(u: Unit, actor: Actor, reminder_id: int) -> ReminderRound:
    if not is_organizer(actor):
        raise Forbidden
    found = find_reminder(u.db, actor, reminder_id)
    if found is None:
        raise NotFound
    return found


def _letter(u: Unit, actor: Actor, letter_id: int) -> OneLetter:
    if not is_organizer(actor):
        raise Forbidden
    found = find_letter(u.db, actor, letter_id)
    if found is None:
        raise NotFound
    return found


def _mail(u: Unit, letter: LetterLine, subject: str) -> bool:
    """Writes the mail of a letter down, where its person has an address; whether it did."""
    if letter.user_id is None or not u.db.execute(select(User.email).where(User.id == letter.user_id)).scalar_one():
        return False
    queue_mail(u, letter.user_id, subject, letter.text, good_for=GOOD_FOR)
    mail = u.db.execute(select(func.max(MailOut.id))).scalar_one()  # nobody else writes before we commit
    u.db.execute(update(ReminderTo).where(ReminderTo.id == letter.id).values(mail_id=mail))
    return True


def _check(field: str, text: str, label: Words, most: int) -> None:
    if not text.strip() or len(text) > most:
        raise Invalid(
            N_("Write the %(what)s with at most %(most)s letters."), details={"field": field}, what=label, most=most
        )
    try:
        refuse_national_ids(text, label=label)
    except Invalid as refusal:
        refusal.details["field"] = field
        raise


def _told(edited: Edited) -> tuple[str, bool]:
    return edited.text, edited.is_left_out
