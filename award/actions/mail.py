"""Mail is written down in the transaction of the act that causes it, and sent after: nothing is lost without a server.

A mail is sent at least once: where the program ends between the server's answer and our noting it, it goes out again
under the same message id.
"""

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from award.actions.unit import Unit, unit
from award.clock import Clock
from award.config import Smtp
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.mail import MailOut
from award.db.people import User
from award.errors import N_, Invalid, Locked, NotFound
from award.mail import NotTaken, checked_address, compose, deliver
from award.policy import Actor

AT_ONCE = 20
GOOD_FOR = timedelta(days=3)
# Waits before the next try, after each; after the last one it failed.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
_log = logging.getLogger("award.mail")


def queue_mail(u: Unit, user_id: int, subject: str, text: str, *, good_for: timedelta = GOOD_FOR) -> bool:
    """Writes down a mail to a person, to be sent once the unit has committed; False where the person has no address.

    After `good_for` it is not sent any more. Raises Invalid for an address or a subject that could add headers.
    """
    to = u.db.execute(select(User.email).where(User.id == user_id)).scalar_one()
    if not to:
        return False
    if any(ord(letter) < 32 for letter in subject):
        raise Invalid(N_("The subject of a mail is one line."))
    u.db.execute(
        insert(MailOut).values(
            user_id=user_id, address=checked_address(to), subject=subject[:200], text=text, queued_at=u.now,
            next_at=u.now, good_until=u.now + good_for,
        )
    )  # fmt: skip
    return True


def send_due(database: Database, clock: Clock, smtp: Smtp) -> int:
    """Sends what is due, up to AT_ONCE; answers how many were sent. What the server does not take is tried again later,
    or failed for good; what is no longer good expires. The text of a sent or expired one is erased."""
    now = clock.now()
    due = and_(MailOut.state == "waiting", MailOut.next_at <= now)
    over = and_(MailOut.state.in_(("waiting", "failed")), MailOut.good_until <= now)
    with database.reading() as db:  # most times there is nothing: no write then
        if db.execute(select(MailOut.id).where(or_(due, over)).limit(1)).first() is None:
            return 0
    with unit(database, clock, actor=Actor.nobody()) as u:
        u.db.execute(update(MailOut).where(over).values(state="expired", text=""))
        mails = u.db.execute(select(MailOut).where(due).order_by(MailOut.id).limit(AT_ONCE)).scalars().all()
        for mail in mails:  # theirs until then: no other process sends them at the same time
            wait = WAITS[min(mail.attempts, len(WAITS) - 1)]
            u.db.execute(
                update(MailOut).where(MailOut.id == mail.id).values(attempts=mail.attempts + 1, next_at=now + wait)
            )
    return sum(_send(database, clock, smtp, mail.id) for mail in mails)


def _send(database: Database, clock: Clock, smtp: Smtp, mail_id: int) -> bool:
    with database.reading() as db:
        mail = db.get_one(MailOut, mail_id)
    try:
        deliver(smtp, compose(smtp, mail.id, to=mail.address, subject=mail.subject, text=mail.text, at=mail.queued_at))
    except NotTaken as refused:
        over = refused.for_good or mail.attempts >= len(WAITS)
        state, said = "failed" if over else "waiting", str(refused)
        values: dict[str, Any] = {"state": state, "said": said}
        _log.warning("mail %s was not taken (try %s): %s", mail.id, mail.attempts, said)
    else:
        values = {"state": "sent", "said": "", "text": "", "sent_at": clock.now()}
    with unit(database, clock, actor=Actor.nobody()) as u:
        u.db.execute(update(MailOut).where(MailOut.id == mail_id).values(**values))
    return bool(values["state"] == "sent")


def resend_mail(database: Database, clock: Clock, *, actor: Actor, mail_id: int, key: str) -> Receipt:
    """Lets a failed or waiting mail be tried again at once. Raises NotFound, and Locked for one that was sent or whose
    link has ended."""
    with unit(database, clock, actor=actor, key=key, about=("resend_mail", mail_id)) as u:
        mail = u.db.get(MailOut, mail_id)
        if mail is None:
            raise NotFound
        if u.repeated:
            return u.repeated
        if mail.state not in ("failed", "waiting") or mail.good_until <= u.now:
            raise Locked(N_("This mail was sent already, or its link has ended. Hand over a new link instead."))
        mail.state, mail.attempts, mail.next_at = "waiting", 0, u.now
        return u.record("resend_mail", {"mail": mail_id})
