"""Mails as those see them who look after the site: to whom, about what, what the server said; never the text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from award.db.mail import MailOut

MOST = 200


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail. `said`: the server's last answer, where it did not take the mail."""

    id: int
    user_id: int | None
    address: str
    subject: str
    state: str  # waiting | sent | failed | expired
    queued_at: datetime
    next_at: datetime
    attempts: int
    said: str
    sent_at: datetime | None
    good_until: datetime

    def may_be_sent(self, now: datetime) -> bool:
        """Whether trying again makes sense."""
        return self.state in ("waiting", "failed") and now < self.good_until


_MAILS = select(
    MailOut.id, MailOut.user_id, MailOut.address, MailOut.subject, MailOut.state, MailOut.queued_at, MailOut.next_at,
    MailOut.attempts, MailOut.said, MailOut.sent_at, MailOut.good_until,
)  # fmt: skip


def list_mails(db: Session) -> list[MailLine]:
    """The MOST newest, those first that need somebody."""
    first = case((MailOut.state == "failed", 0), (MailOut.state == "waiting", 1), else_=2)
    return [MailLine(*row) for row in db.execute(_MAILS.order_by(first, MailOut.id.desc()).limit(MOST)).all()]


def find_mail(db: Session, mail_id: int) -> MailLine | None:
    """One mail."""
    row = db.execute(_MAILS.where(MailOut.id == mail_id)).first()
    return None if row is None else MailLine(*row)
