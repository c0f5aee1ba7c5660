"""Accounts: made by invitation, closed and opened again, and links handed over to choose a password.

Whoever may manage people does this alone: an account without a confirmed duty opens nothing, and whoever handed over a
link confirms no duty of its account. Once a duty judges, runs, checks or manages, links take two people (asked_links).
A link is shown once, to be handed over, and mailed where the account has an e-mail address.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update

from award.actions.duties import NOBODY_LEFT, managing
from award.actions.links import LASTS, end_links, make_link, note_address, use_link
from award.actions.mail import queue_mail
from award.actions.passwords import set_password
from award.actions.sign_ins import end_sign_ins
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.people import User
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.mail import checked_address
from award.policy import MANAGING, Actor
from award.queries.accounts import Account
from award.queries.duties import count_managers, list_duties_of, takes_two
from award.queries.privacy import is_erased

LONGEST_LOGIN, LONGEST_TITLE = 80, 200
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,79}")
Letter = Callable[[Account, str, str], tuple[str, str]]  # of a person, a purpose, a token: subject and text


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A link to hand over: `token` is known this once, and empty where the same act was acknowledged before."""

    user_id: int
    purpose: str  # invite | reset
    token: str
    mailed: bool
    receipt: Receipt


def invite(
    database: Database, clock: Clock, *, actor: Actor, login: str, title_th: str, title_en: str, email: str,
    language: str, letter: Letter | None, key: str,
) -> HandedOver:  # fmt: skip
    """Makes an account without a password and a link to choose one. The e-mail address is the sign-in name where none
    is given; without a `letter` nothing is mailed. Raises Forbidden, and Invalid whose `details["field"]` is login,
    email or title_th."""
    asked = ("invite", login, title_th, title_en, email, language)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        managing(u, clock)
        if u.repeated:
            return again(u.repeated)
        address = checked_address(email) if email.strip() else None
        name = checked_login(u, login or email)
        user = User(
            login=name, title_th=checked_title(title_th), title_en=title_en.strip()[:LONGEST_TITLE], password_hash="",
            email=address,
            language=language if language in ("th", "en") else "th",
        )  # fmt: skip
        u.db.add(user)
        u.db.flush()
        if address:
            note_address(u, user.id)
        return _hand_over(u, user, "invite", "invite", letter)


def hand_over_link(
    database: Database, clock: Clock, *, actor: Actor, user_id: int, letter: Letter | None, key: str
) -> HandedOver:
    """A new link to choose a password: of the invitation until the first one is chosen, then of a reset. Any earlier
    one of its kind is worth nothing from then on. Raises NotFound, Forbidden and Locked (the account is closed, or its
    links take two people)."""
    with unit(database, clock, actor=actor, key=key, about=("hand_over_link", user_id)) as u:
        user = found_account(u, clock, user_id)
        if u.repeated:
            return again(u.repeated)
        if user.disabled_at is not None:
            raise Locked(N_("This account is closed. Open it again first."))
        if takes_two(u.db, user_id, today=clock.today()):
            raise Locked(N_("A link of this account takes two people: ask for it, and another one releases it."))
        return _hand_over(u, user, purpose_of(user), "make_link", letter)


def close_account(database: Database, clock: Clock, *, actor: Actor, user_id: int, key: str) -> Receipt:
    """Ends every sign-in and every link of a person at once; nothing opens the account until it is opened again.

    Raises NotFound, Forbidden (one's own) and Locked (closed already, or nobody would be left who can open it)."""
    with unit(database, clock, actor=actor, key=key, about=("close_account", user_id)) as u:
        user = found_account(u, clock, user_id)
        if u.repeated:
            return u.repeated
        if user_id == u.actor.user_id:
            raise Forbidden(N_("Nobody closes their own account. Ask another organizer or administrator."))
        if user.disabled_at is not None:
            raise Locked(N_("This account is closed already."))
        manages = any(duty.role in MANAGING for duty in list_duties_of(u.db, user_id))
        if manages and not count_managers(u.db, today=clock.today(), without_user=user_id):
            raise Locked(NOBODY_LEFT)
        u.db.execute(update(User).where(User.id == user_id).values(disabled_at=u.now))
        end_sign_ins(u, user_id)
        end_links(u, user_id)
        return u.record("close_account", {"user": f"u{user_id}"})


def open_account(database: Database, clock: Clock, *, actor: Actor, user_id: int, key: str) -> Receipt:
    """Lets a closed account in again, with its password and duties. Raises NotFound, Forbidden and Locked (open,
    or erased: whoever came in would stand under another person's marks)."""
    with unit(database, clock, actor=actor, key=key, about=("open_account", user_id)) as u:
        user = found_account(u, clock, user_id)
        if u.repeated:
            return u.repeated
        if user.disabled_at is None:
            raise Locked(N_("This account is open already."))
        if is_erased(u.db, user_id):
            raise Locked(N_("The data of this account was erased already."))
        u.db.execute(update(User).where(User.id == user_id).values(disabled_at=None))
        return u.record("open_account", {"user": f"u{user_id}"})


def accept_invitation(database: Database, clock: Clock, *, link: str, password: str) -> int:
    """The first password, chosen by whoever holds the link; answers whose account. It signs nobody in. Raises Invalid
    for a spent link, and for the password (`details["field"]`); then the link is not used up."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        user_id = use_link(u, link, "invite")
        if user_id is None:
            raise RuntimeError("an invitation always belongs to somebody")
        set_password(u, user_id, password)
        u.record("accept_invitation", {"user": f"u{user_id}"})
    return user_id


def found_account(u: Unit, clock: Clock, user_id: int) -> User:
    """An account, for somebody who manages people at this moment. Raises NotFound and Forbidden."""
    managing(u, clock)
    user = u.db.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def checked_title(typed: str, *, field: str = "title_th") -> str:
    """A position without blanks around it. Raises Invalid at `field` for none, and for one too long."""
    if not typed.strip() or len(typed) > LONGEST_TITLE:
        raise Invalid(N_("Write the position in Thai, at most 200 characters."), details={"field": field})
    return typed.strip()


def checked_login(u: Unit, typed: str, *, field: str = "login") -> str:
    """A sign-in name that nobody has, in small letters. Raises Invalid at `field`, or at "email" for an address."""
    name = plain_login(typed, field=field)
    if u.db.execute(select(User.id).where(User.login == name)).first() is not None:
        raise Invalid(N_("This sign-in name is taken. Choose another."), details={"field": field})
    return name


def plain_login(typed: str, *, field: str = "login") -> str:
    """A sign-in name in small letters, whoever may have it. Raises Invalid as `checked_login`."""
    name = typed.strip().lower()
    if "@" in name:
        checked_address(typed)
    elif _LOGIN.fullmatch(name) is None:
        raise Invalid(
            N_("A sign-in name has 3 to 80 small English letters, digits, dots or hyphens, or is an e-mail address."),
            details={"field": field},
        )
    if len(name) > LONGEST_LOGIN:
        raise Invalid(N_("A sign-in name has at most 80 characters."), details={"field": field})
    return name


def _hand_over(u: Unit, user: User, purpose: str, verb: str, letter: Letter | None) -> HandedOver:
    token = make_link(u, user.id, purpose, made_by_id=u.actor.user_id)
    mailed = bool(user.email) and letter is not None
    if letter is not None and mailed:
        queue_mail(u, user.id, *letter(addressed(user), purpose, token), good_for=LASTS[purpose])
    receipt = u.record(verb, {"user": f"u{user.id}", "purpose": purpose, "mailed": mailed})
    return HandedOver(user.id, purpose, token, mailed, receipt)


def purpose_of(user: User) -> str:
    """What a link of this account is for: invite until a first password is chosen, then reset."""
    return "reset" if user.password_hash else "invite"


def addressed(user: User) -> Account:
    """Whom a letter is written to."""
    return Account(user.id, user.login, user.title_th, user.title_en, user.password_hash, user.email, user.language)


def again(receipt: Receipt) -> HandedOver:
    """The same act once more: the link was shown then, and is not again."""
    body = receipt.body
    return HandedOver(int(str(body["user"])[1:]), str(body["purpose"]), "", bool(body["mailed"]), receipt)
