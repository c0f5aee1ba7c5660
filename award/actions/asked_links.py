"""Links of accounts whose duties take two people: one manager asks, another releases, or they go by mail alone.

Whoever holds a link is let in as that person. So nobody alone comes to hold one of an account that judges, runs, checks
or manages: the one who asks never sees it, the one who sees it did not ask.
"""

from datetime import timedelta

from sqlalchemy import delete

from award import policy
from award.actions.duties import managing
from award.actions.invitations import HandedOver, Letter, addressed, again, found_account, purpose_of
from award.actions.links import LASTS, make_link
from award.actions.mail import queue_mail
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import OneTimeLink
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.people import User
from award.errors import N_, Forbidden, Locked, NotFound
from award.policy import Actor
from award.queries.links import AskedLink, find_asked_link, list_asked_links
from award.queries.people import find_actor_by_id

WAITS = timedelta(days=3)  # for a second person
CLOSED = N_("This account is closed. Open it again first.")


def ask_link(database: Database, clock: Clock, *, actor: Actor, user_id: int, key: str) -> Receipt:
    """Asks for a link; nothing opens until another manager releases it, within three days. Raises NotFound, Forbidden
    and Locked (the account is closed, or a link is asked for already)."""
    with unit(database, clock, actor=actor, key=key, about=("ask_link", user_id)) as u:
        user = found_account(u, clock, user_id)
        if u.repeated:
            return u.repeated
        if user.disabled_at is not None:
            raise Locked(CLOSED)
        if list_asked_links(u.db, now=u.now, user_id=user_id):
            raise Locked(N_("A link of this account is asked for already and waits for a second person."))
        purpose = purpose_of(user)
        ask_in(u, user_id, purpose)
        return u.record("ask_link", {"user": f"u{user_id}", "purpose": purpose})


def release_link(database: Database, clock: Clock, *, actor: Actor, asked_id: int, key: str) -> HandedOver:
    """Makes the link that another manager asked for, and shows it to the actor this once. Raises NotFound, Forbidden
    (the actor asked for it, or it is the actor's own) and Locked (too late, who asked manages nobody any more, or the
    account is closed)."""
    with unit(database, clock, actor=actor, key=key, about=("release_link", asked_id)) as u:
        managing(u, clock)
        if u.repeated:
            return again(u.repeated)
        asked, token = release_in(u, clock, asked_id)
        code = f"u{asked.user_id}"
        body = {"user": code, "purpose": asked.purpose, "mailed": False, "asked_by": f"u{asked.asked_by_id}"}
        return HandedOver(asked.user_id, asked.purpose, token, False, u.record("release_link", body))


def ask_in(u: Unit, user_id: int, purpose: str) -> None:
    """Writes down, inside an act, that its actor asks for a link; an earlier one that waited too long is gone."""
    u.db.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.sha256.is_(None)))
    u.db.add(
        OneTimeLink(
            purpose=purpose, user_id=user_id, made_at=u.now, expires_at=u.now + WAITS, asked_by_id=u.actor.user_id
        )
    )


def release_in(u: Unit, clock: Clock, asked_id: int) -> tuple[AskedLink, str]:
    """Makes one link that was asked for, inside an act whose actor manages people: what was asked, and its token.
    Raises as `release_link`."""
    asked = _found(u, asked_id)
    if asked.asked_by_id == u.actor.user_id:
        raise Forbidden(N_("You asked for this link yourself. Somebody else must release it."))
    if not asked.may_be_released_by(u.actor):
        raise Forbidden(N_("This link is for your own account. Somebody else must release it."))
    user = u.db.get_one(User, asked.user_id)
    if user.disabled_at is not None:
        raise Locked(CLOSED)
    asker = find_actor_by_id(u.db, asked.asked_by_id, today=clock.today())
    if asked.expires_at <= u.now or asker is None or not policy.may_manage_people(asker):
        raise Locked(N_("This link was asked for too long ago, or by somebody who manages people no longer."))
    _end(u, asked_id)
    return asked, make_link(u, user.id, asked.purpose, asked_by_id=asked.asked_by_id, made_by_id=u.actor.user_id)


def withdraw_link(database: Database, clock: Clock, *, actor: Actor, asked_id: int, key: str) -> Receipt:
    """Takes back a link that was asked for, or declines it. Raises NotFound and Forbidden."""
    with unit(database, clock, actor=actor, key=key, about=("withdraw_link", asked_id)) as u:
        managing(u, clock)
        if u.repeated:
            return u.repeated
        asked = _found(u, asked_id)
        _end(u, asked_id)
        return u.record("withdraw_link", {"user": f"u{asked.user_id}", "purpose": asked.purpose})


def mail_link(
    database: Database, clock: Clock, *, actor: Actor, user_id: int, letter: Letter | None, key: str
) -> Receipt:
    """Mails a link to the account's own address, and shows it to nobody. Raises NotFound, Forbidden and Locked (the
    account is closed or has no address, or the site, without a `letter`, mails no links)."""
    with unit(database, clock, actor=actor, key=key, about=("mail_link", user_id)) as u:
        user = found_account(u, clock, user_id)
        if u.repeated:
            return u.repeated
        if user.disabled_at is not None:
            raise Locked(CLOSED)
        if not user.email or letter is None:
            raise Locked(N_("No link can be mailed here: the account has no address, or the site sends no mail."))
        purpose = purpose_of(user)
        token = make_link(u, user_id, purpose, asked_by_id=u.actor.user_id)
        queue_mail(u, user_id, *letter(addressed(user), purpose, token), good_for=LASTS[purpose])
        return u.record("mail_link", {"user": f"u{user_id}", "purpose": purpose})


def make_link_here(database: Database, clock: Clock, *, user_id: int) -> tuple[str, str]:
    """A link made at the machine's own command line: what it is for, and its token. Whoever has the machine has the
    database too. Raises NotFound and Locked (the account is closed)."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        user = u.db.get(User, user_id)
        if user is None:
            raise NotFound
        if user.disabled_at is not None:
            raise Locked(CLOSED)
        purpose = purpose_of(user)
        token = make_link(u, user_id, purpose)
        u.record("make_link", {"user": f"u{user_id}", "purpose": purpose, "mailed": False})
    return purpose, token


def _found(u: Unit, asked_id: int) -> AskedLink:
    asked = find_asked_link(u.db, u.actor, asked_id)
    if asked is None:
        raise NotFound
    return asked


def _end(u: Unit, asked_id: int) -> None:
    u.db.execute(delete(OneTimeLink).where(OneTimeLink.id == asked_id, OneTimeLink.sha256.is_(None)))
