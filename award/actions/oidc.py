"""Signing in by another provider, for accounts that their people linked with it; nobody is ever found by an e-mail."""

from sqlalchemy import delete, select

from award.actions.links import use_link
from award.actions.people import Passed, pass_first_step
from award.actions.sign_ins import Device
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.people import Identity
from award.errors import N_, Invalid, Locked, NotFound
from award.oidc import Proved
from award.policy import Actor
from award.queries.accounts import find_account
from award.queries.identities import count_ways_in, find_linked_user

UNKNOWN = N_(
    "No account here is linked with this sign-in. Sign in with your name and password first, then link it under "
    "My account."
)
TAKEN = N_("This sign-in is linked with another account already.")


def sign_in_by_identity(database: Database, clock: Clock, *, proved: Proved, device: Device = "") -> Passed:
    """The first step of a sign-in, proved by a provider; a second step stays a second step. Raises Invalid where no
    open account is linked with it."""
    with database.reading() as db:
        user_id = find_linked_user(db, issuer=proved.issuer, subject=proved.subject)
        account = None if user_id is None else find_account(db, user_id)
    if account is None:
        raise Invalid(UNKNOWN)
    actor = Actor(account.id, account.login, account.title_th, account.title_en)
    with unit(database, clock, actor=actor) as u:
        if find_linked_user(u.db, issuer=proved.issuer, subject=proved.subject) != account.id:
            raise Invalid(UNKNOWN)
        return pass_first_step(u, account.id, device=device, by="oidc")


def link_identity(database: Database, clock: Clock, *, actor: Actor, proved: Proved, provider: str) -> None:
    """Links the signed-in person's account with the provider's person. Raises Invalid where it is somebody else's."""
    with unit(database, clock, actor=actor) as u:
        if find_account(u.db, actor.user_id) is None:
            raise NotFound
        if _link(u, actor.user_id, proved):
            u.record("link_identity", {"user": actor.code, "provider": provider})


def accept_by_identity(database: Database, clock: Clock, *, link: str, proved: Proved, provider: str) -> int:
    """Accepts an invitation without choosing a password: the provider's person is linked instead. Answers whose
    account. Raises Invalid for a spent link and for a person who is linked with another account."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        user_id = use_link(u, link, "invite")
        if user_id is None:
            raise RuntimeError("an invitation always belongs to somebody")
        _link(u, user_id, proved)
        u.record("accept_invitation", {"user": f"u{user_id}", "provider": provider})
    return user_id


def unlink_identity(database: Database, clock: Clock, *, actor: Actor, identity_id: int) -> None:
    """Takes a link of one's own away. Raises NotFound for anybody else's, and Locked where nothing else lets one in."""
    with unit(database, clock, actor=actor) as u:
        gone = delete(Identity).where(Identity.id == identity_id, Identity.user_id == actor.user_id)
        if u.change(gone) != 1:
            raise NotFound
        if not count_ways_in(u.db, actor.user_id):
            raise Locked(N_("This is your only way in. Choose a password first."))
        u.record("unlink_identity", {"user": actor.code})


def _link(u: Unit, user_id: int, proved: Proved) -> bool:
    """Whether it is linked now and was not before. Raises Invalid where it is linked with another account."""
    row = u.db.execute(
        select(Identity.user_id).where(Identity.issuer == proved.issuer, Identity.subject == proved.subject)
    ).first()
    if row is not None and row.user_id != user_id:
        raise Invalid(TAKEN)
    if row is None:
        u.db.add(Identity(user_id=user_id, issuer=proved.issuer, subject=proved.subject, linked_at=u.now))
    return row is None
