"""Signing in, step by step. Server-side: a cookie copied before sign-out opens nothing after it."""

from dataclasses import dataclass

from award.actions.attempts import count_attempt, forget_attempts, take_back
from award.actions.links import sha256_of
from award.actions.passwords import is_password
from award.actions.second_factors import take_code, wait_for_step
from award.actions.sign_ins import Device, renew_sign_in, start_sign_in
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.errors import N_, Invalid, Stale
from award.policy import Actor
from award.queries.accounts import Account, find_account, find_account_by_login, find_step, get_factors

WRONG = N_("The name or the password is not right. Check both; capital letters count in the password.")
WRONG_CODE = N_("This code is not right, was used already, or is too old. Wait for the next one and type that.")
WRONG_PROOF = N_("The password or the code is not right. Nothing was changed.")
TOO_LATE = N_("Signing in took too long. Begin again with your name and password.")


@dataclass(frozen=True, slots=True)
class Passed:
    """A right answer. `token` is for the cookie of the sign-in; with `more`, of the step that still waits."""

    token: str
    more: bool = False


def sign_in(
    database: Database, clock: Clock, *, login: str, password: str, device: Device = "", limited: bool = True
) -> Passed:
    """The first step. Raises Invalid with the same words for an unknown name and a wrong password, and TooMany for both
    alike. What an unknown name costs is what a wrong password costs."""
    attempt = count_attempt(database, clock, login=login, limited=limited)
    with database.reading() as db:
        account = find_account_by_login(db, login)
    if not is_password(account.password_hash if account else None, password) or account is None:
        raise Invalid(WRONG)
    with unit(database, clock, actor=_actor_of(account)) as u:
        now = find_account(u.db, account.id)
        if now is None or now.password_hash != account.password_hash:  # disabled or changed while it was compared
            raise Invalid(WRONG)
        take_back(u, attempt)
        return pass_first_step(u, account.id, device=device, by="password")


def pass_first_step(u: Unit, user_id: int, *, device: Device, by: str) -> Passed:
    """The person has proved who it is once (`by`: password, oidc): a sign-in, or the second step where there is one.
    Records the act; call it as the last of a unit whose actor is that person."""
    account = find_account(u.db, user_id)
    if account is None:
        raise Invalid(WRONG)
    if get_factors(u.db, user_id).any:
        return Passed(wait_for_step(u, user_id), more=True)
    return _enter(u, account, device=device, by=by)


def finish_sign_in(
    database: Database, clock: Clock, *, step_token: str, code: str, device: Device = "", limited: bool = True
) -> Passed:
    """The second step: a code of the app, or a recovery code. Raises Invalid for a wrong or used one, Stale where the
    first step is too long ago, TooMany as the first step does; wrong codes and wrong passwords count together."""
    with database.reading() as db:
        step = find_step(db, sha256_of(step_token), purpose="second", now=clock.now())
        account = find_account(db, step.user_id) if step and step.user_id else None
    if step is None or account is None:
        raise Stale(TOO_LATE)
    count_attempt(database, clock, login=account.login, limited=limited)
    with unit(database, clock, actor=_actor_of(account)) as u:
        if find_step(u.db, sha256_of(step_token), purpose="second", now=u.now) is None:
            raise Stale(TOO_LATE)
        by = take_code(u, account.id, code, at=clock.actual())
        if by is None:
            raise Invalid(WRONG_CODE, details={"field": "code"})
        return _enter(u, account, device=device, by=by)


def confirm_again(
    database: Database, clock: Clock, *, actor: Actor, password: str, code: str, limited: bool = True
) -> str:
    """The person signed in proves again who it is, with the password and, where there is a second step, a code of the
    app or a recovery code (a passkey does it alone: `confirm_by_passkey`). Answers the sign-in's new token. Raises
    Invalid without saying which of the two was wrong, and TooMany."""
    count_attempt(database, clock, login=actor.login, limited=limited)
    with database.reading() as db:
        account = find_account(db, actor.user_id)
    matches = is_password(account.password_hash if account else None, password)
    with unit(database, clock, actor=actor) as u:
        proved = matches and account is not None and find_account(u.db, actor.user_id) == account
        if proved and get_factors(u.db, actor.user_id).any:
            proved = take_code(u, actor.user_id, code, at=clock.actual()) is not None
        if not proved:
            raise Invalid(WRONG_PROOF, details={"field": "password"})
        forget_attempts(u, actor.login)
        token = renew_sign_in(u, actor)
        u.record("confirm_identity", {"by": "password"})
    return token


def _enter(u: Unit, account: Account, *, device: Device, by: str) -> Passed:
    forget_attempts(u, account.login)
    token = start_sign_in(u, account.id, device)
    u.record("sign_in", {"by": by})
    return Passed(token)


def _actor_of(account: Account) -> Actor:
    return Actor(account.id, account.login, account.title_th, account.title_en)
