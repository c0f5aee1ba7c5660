"""Single-use links: made in one act, used up in another. Functions of a unit, for the acts that need them."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from award.actions.unit import Unit
from award.db.accounts import OneTimeLink
from award.db.people import User
from award.errors import N_, Invalid

LASTS = {"invite": timedelta(days=3), "reset": timedelta(minutes=15), "setup": timedelta(hours=1)}
SPENT = N_("This link was used already, is too old, or was replaced by a newer one. Ask for a new one.")


def sha256_of(token: str) -> str:
    """How a random token is kept: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(
    u: Unit, user_id: int | None, purpose: str, *, token: str = "", asked_by_id: int | None = None,
    made_by_id: int | None = None,
) -> str:  # fmt: skip
    """A token of 256 random bits to put into an address; only its SHA-256 is stored. Earlier unused links of the same
    person and purpose die with it, so that the newest is the only one.

    `purpose`: invite (3 days), reset (15 minutes), setup (1 hour; of nobody: `user_id` None). The caller records the
    act, without the token. `token` replaces the random one (a set-up code that is typed by hand). `made_by_id`: the
    manager to whom the link is shown, who from then on confirms no duty of this account; `asked_by_id`: who asked."""
    token = token or secrets.token_urlsafe(32)
    _forget(u, user_id, purpose)
    u.db.add(
        OneTimeLink(
            sha256=sha256_of(token), purpose=purpose, user_id=user_id, made_at=u.now,
            expires_at=u.now + LASTS[purpose], asked_by_id=asked_by_id, made_by_id=made_by_id,
        )
    )  # fmt: skip
    return token


def use_link(u: Unit, token: str, purpose: str, *, user_id: int | None = None) -> int | None:
    """Uses the link up and answers whose it is (None for a set-up code). Raises Invalid, always in the same words,
    where it is unknown, for something else, for somebody else than `user_id` (where given), used, expired, or where
    its person is disabled. The caller's act and the use commit together or not at all."""
    row = u.db.execute(
        select(OneTimeLink.id, OneTimeLink.user_id)
        .outerjoin(User, User.id == OneTimeLink.user_id)
        .where(
            OneTimeLink.sha256 == sha256_of(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > u.now,
            or_(OneTimeLink.user_id.is_(None), User.disabled_at.is_(None)),
        )
    ).first()
    if row is None or (user_id is not None and row.user_id != user_id):
        raise Invalid(SPENT)
    u.db.execute(update(OneTimeLink).where(OneTimeLink.id == row.id).values(used_at=u.now))
    return None if row.user_id is None else int(row.user_id)


def note_address(u: Unit, user_id: int) -> None:
    """Keeps for good that the actor wrote the address to which links of a new account are mailed, and so could be the
    one who signs in with them: as if a link had been shown."""
    u.db.add(
        OneTimeLink(
            sha256=sha256_of(secrets.token_urlsafe(32)), purpose="invite", user_id=user_id, made_at=u.now,
            expires_at=u.now, used_at=u.now, made_by_id=u.actor.user_id,
        )
    )  # fmt: skip


def end_links(u: Unit, user_id: int) -> None:
    """Makes every unused link of a person worthless, also those only asked for: the account is disabled, or its
    password was changed."""
    u.db.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None)))


def _forget(u: Unit, user_id: int | None, purpose: str) -> None:
    whose = OneTimeLink.user_id.is_(None) if user_id is None else OneTimeLink.user_id == user_id
    made = OneTimeLink.sha256.is_not(None)  # what is only asked for waits on: whoever asks for a mail does not end it
    u.db.execute(delete(OneTimeLink).where(whose, made, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)))
