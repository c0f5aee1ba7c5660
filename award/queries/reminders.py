"""Rounds of reminders: what was written to which province, what became of each mail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, aliased

from award.db.ledger import OF_SITE, LedgerLine, is_act
from award.db.mail import MailOut
from award.db.people import Province, User
from award.db.reminders import Reminder, ReminderTo
from award.policy import Actor

MOST = 100  # rounds shown


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A round in the list; counts of what became of it: provinces with a letter, mails that arrived, wait, failed;
    texts to be pasted."""

    id: int
    subject: str
    made_at: datetime
    made_by_th: str
    made_by_en: str
    sent_at: datetime | None
    dropped_at: datetime | None
    letters: int
    mailed: int
    waiting: int
    failed: int
    to_paste: int

    @property
    def state(self) -> str:
        """draft | sent | dropped."""
        if self.dropped_at is not None:
            return "dropped"
        return "draft" if self.sent_at is None else "sent"


@dataclass(frozen=True, slots=True)
class LetterLine:
    """What a round says to one province. `email` is the address now; `mail_state` "" where no mail was written."""

    id: int
    province_code: str
    province_th: str
    province_en: str
    zone_number: int
    text: str
    left_out_at: datetime | None
    user_id: int | None
    to_th: str
    to_en: str
    email: str
    mail_state: str  # "" | waiting | sent | failed | expired
    mail_address: str
    said: str
    attempts: int
    mail_sent_at: datetime | None
    next_at: datetime | None

    @property
    def may_be_resent(self) -> bool:
        """Whether the mail failed or was too late, and there is an address to try."""
        return self.mail_state in ("failed", "expired") and bool(self.email)


@dataclass(frozen=True, slots=True)
class ReminderRound:
    """A round with its letters, by zone and province."""

    id: int
    cycle_id: int
    subject: str
    made_at: datetime
    sent_at: datetime | None
    dropped_at: datetime | None
    letters: tuple[LetterLine, ...]

    @property
    def state(self) -> str:
        """draft | sent | dropped."""
        if self.dropped_at is not None:
            return "dropped"
        return "draft" if self.sent_at is None else "sent"

    @property
    def offices(self) -> tuple[tuple[LetterLine, ...], ...]:
        """The letters of each province together: the first holds the text, the others go to more people of it."""
        return tuple(tuple(each) for _, each in groupby(self.letters, key=lambda letter: letter.province_code))

    @property
    def by_mail(self) -> tuple[LetterLine, ...]:
        """Letters that go by mail, as it stands."""
        return tuple(each for each in self.letters if each.left_out_at is None and each.email)

    @property
    def to_paste(self) -> tuple[LetterLine, ...]:
        """Letters for offices where nobody has an address."""
        return tuple(each for each in self.letters if each.left_out_at is None and not each.email)


def list_reminders(db: Session) -> list[ReminderLine]:
    """The MOST newest rounds with what became of them, in one statement."""
    kept = ReminderTo.left_out_at.is_(None)

    def count(*which: Any) -> Any:
        return func.count(case((and_(kept, *which), 1)))

    rows = db.execute(
        select(
            Reminder.id, Reminder.subject, Reminder.made_at, User.title_th, User.title_en, Reminder.sent_at,
            Reminder.dropped_at, func.count(case((kept, ReminderTo.province_code)).distinct()),
            count(MailOut.state == "sent"), count(MailOut.state == "waiting"),
            count(MailOut.state.in_(("failed", "expired"))),
            count(ReminderTo.id.is_not(None), ReminderTo.mail_id.is_(None)),
        )
        .join(User, User.id == Reminder.made_by_id)
        .outerjoin(ReminderTo, ReminderTo.reminder_id == Reminder.id)
        .outerjoin(MailOut, MailOut.id == ReminderTo.mail_id)
        .group_by(Reminder.id)
        .order_by(Reminder.id.desc())
        .limit(MOST)
    ).all()  # fmt: skip
    return [ReminderLine(*row) for row in rows]


_TO = aliased(User)
_LETTERS: Any = (
    select(
        ReminderTo.id, ReminderTo.province_code, Province.name_th, Province.name_en, Province.zone_number,
        ReminderTo.text, ReminderTo.left_out_at, ReminderTo.user_id, func.coalesce(_TO.title_th, ""),
        func.coalesce(_TO.title_en, ""), func.coalesce(_TO.email, ""), func.coalesce(MailOut.state, ""),
        func.coalesce(MailOut.address, ""), func.coalesce(MailOut.said, ""), func.coalesce(MailOut.attempts, 0),
        MailOut.sent_at, MailOut.next_at,
    )
    .join(Province, Province.code == ReminderTo.province_code)
    .outerjoin(_TO, _TO.id == ReminderTo.user_id)
    .outerjoin(MailOut, MailOut.id == ReminderTo.mail_id)
    .order_by(Province.zone_number, Province.sort, Province.code, ReminderTo.id)
)  # fmt: skip


def find_reminder(db: Session, _actor: Actor, reminder_id: int) -> ReminderRound | None:
    """One round with its letters; organizers and auditors see all."""
    row = db.execute(
        select(
            Reminder.id, Reminder.cycle_id, Reminder.subject, Reminder.made_at, Reminder.sent_at, Reminder.dropped_at
        ).where(Reminder.id == reminder_id)
    ).first()
    if row is None:
        return None
    rows: Sequence[Any] = db.execute(_LETTERS.where(ReminderTo.reminder_id == reminder_id)).all()
    return ReminderRound(*row, tuple(LetterLine(*each) for each in rows))


@dataclass(frozen=True, slots=True)
class OneLetter:
    """A letter with the round that it is of."""

    round: ReminderRound
    letter: LetterLine


def find_letter(db: Session, actor: Actor, letter_id: int) -> OneLetter | None:
    """One letter of a round."""
    number = db.execute(select(ReminderTo.reminder_id).where(ReminderTo.id == letter_id)).scalar_one_or_none()
    found = None if number is None else find_reminder(db, actor, number)
    if found is None:
        return None
    return OneLetter(found, next(each for each in found.letters if each.id == letter_id))


@dataclass(frozen=True, slots=True)
class Copied:
    """Somebody noted that they copied a letter's text, to paste it into LINE."""

    at: datetime
    by_th: str
    by_en: str


def map_copied(db: Session, reminder: ReminderRound) -> dict[int, list[Copied]]:
    """Letter -> who copied its text and when, as the site's log tells; nothing for a round that was not sent."""
    if reminder.sent_at is None:
        return {}
    numbers = {each.id for each in reminder.letters}
    rows = db.execute(
        select(LedgerLine.at, LedgerLine.line)
        .where(OF_SITE, LedgerLine.at >= reminder.sent_at, is_act("copy_letter"))
        .order_by(LedgerLine.at, LedgerLine.log, LedgerLine.seq)
    ).all()
    told = [(row.at, json.loads(row.line)) for row in rows]
    own = [
        (at, line["body"]["letter"], int(line["actor"][1:])) for at, line in told if line["body"]["letter"] in numbers
    ]
    asked = select(User.id, User.title_th, User.title_en).where(User.id.in_({who for _, _, who in own}))
    people = {row.id: row for row in db.execute(asked)}
    found: dict[int, list[Copied]] = {}
    for at, letter, who in own:
        found.setdefault(letter, []).append(Copied(at, people[who].title_th, people[who].title_en))
    return found
