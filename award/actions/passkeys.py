"""Passkeys (WebAuthn): a device's key instead of what can be guessed, told or typed on a wrong page."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from award.actions.attempts import forget_attempts
from award.actions.links import sha256_of
from award.actions.notices import Notice, tell_person
from award.actions.people import Passed
from award.actions.second_factors import drop_codes_of_nothing, make_codes
from award.actions.sign_ins import Device, renew_sign_in, start_sign_in
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import Passkey, WaitingStep
from award.db.engine import Database
from award.errors import N_, Invalid, NotFound
from award.policy import Actor
from award.queries.accounts import (
    find_account,
    find_passkey,
    find_step,
    get_factors,
    list_credential_ids,
)

WAITS = timedelta(minutes=5)
MOST = 10
MOST_LETTERS = 20_000  # of an answer: an honest one has about a thousand
WRONG = N_("The passkey was not accepted. Try again, or use your password.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys belong: the site's host, and the address that a browser stands at."""

    host: str
    origin: str


def ask_passkey(database: Database, clock: Clock, *, place: Place) -> tuple[str, str]:
    """What a browser needs to use a passkey (JSON), and the token by which its answer is known; it waits five minutes.

    Whose it is, the answer tells: who is not known here learns nothing about who is."""
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=place.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    with unit(database, clock, actor=Actor.nobody()) as u:
        token = _wait(u, "passkey", challenge, user_id=None)
    return options_to_json(options), token


def ask_new_passkey(database: Database, clock: Clock, *, actor: Actor, place: Place, site_name: str) -> tuple[str, str]:
    """The same for making a passkey of the person signed in."""
    challenge = secrets.token_bytes(32)
    with unit(database, clock, actor=actor) as u:
        known = list_credential_ids(u.db, actor.user_id)
        token = _wait(u, "new_passkey", challenge, user_id=actor.user_id)
    options = generate_registration_options(
        rp_id=place.host, rp_name=site_name, user_id=actor.code.encode(), user_name=actor.login, challenge=challenge,
        user_display_name=actor.login,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )  # fmt: skip
    return options_to_json(options), token


def add_passkey(
    database: Database, clock: Clock, *, actor: Actor, step_token: str, answer: str, name: str, place: Place,
    notice: Notice | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Keeps the public half of a new passkey under a name. Where it is the first second step of the account, answers
    ten recovery codes, the only time they can be read; else none. Raises Invalid; then it has to be asked for again."""
    with unit(database, clock, actor=actor) as u:
        challenge = _take_challenge(u, step_token, "new_passkey", user_id=actor.user_id)
        try:
            made = verify_registration_response(
                credential=_read(answer), expected_challenge=challenge, expected_rp_id=place.host,
                expected_origin=place.origin, require_user_verification=True,
            )  # fmt: skip
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise Invalid(WRONG) from error
        credential = bytes_to_base64url(made.credential_id)
        if len(list_credential_ids(u.db, actor.user_id)) >= MOST or find_passkey(u.db, credential) is not None:
            raise Invalid(N_("You have ten passkeys, or this one is known already. Remove one first."))
        first = not get_factors(u.db, actor.user_id).any
        row = Passkey(
            user_id=actor.user_id, credential_id=credential, public_key=made.credential_public_key,
            sign_count=made.sign_count, name=_name(name), made_at=u.now,
        )  # fmt: skip
        u.db.add(row)
        u.db.flush()
        codes = make_codes(u, actor.user_id) if first else ()
        tell_person(u, actor.user_id, notice)
        u.record("add_passkey", {"passkey": row.id})
    return codes


def sign_in_by_passkey(
    database: Database, clock: Clock, *, step_token: str, answer: str, place: Place, device: Device
) -> Passed:
    """Signs in whoever the passkey belongs to: holding the device and unlocking it are two factors. Raises Invalid."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        user_id = _prove(u, step_token, answer, place=place)
        account = find_account(u.db, user_id)
        if account is None:
            raise Invalid(WRONG)
        u.actor = Actor(account.id, account.login, account.title_th, account.title_en)
        forget_attempts(u, account.login)
        u.db.execute(delete(WaitingStep).where(WaitingStep.user_id == user_id))
        token = start_sign_in(u, user_id, device)
        u.record("sign_in", {"by": "passkey"})
    return Passed(token)


def confirm_by_passkey(
    database: Database, clock: Clock, *, actor: Actor, step_token: str, answer: str, place: Place
) -> str:
    """The person signed in proves again who it is; answers the sign-in's new token. Raises Invalid, also for another
    person's passkey."""
    with unit(database, clock, actor=actor) as u:
        if _prove(u, step_token, answer, place=place) != actor.user_id:
            raise Invalid(WRONG)
        token = renew_sign_in(u, actor)
        u.record("confirm_identity", {"by": "passkey"})
    return token


def rename_passkey(database: Database, clock: Clock, *, actor: Actor, passkey_id: int, name: str) -> None:
    """Gives one's own passkey another name. Raises NotFound, Invalid."""
    with unit(database, clock, actor=actor) as u:
        own = update(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == actor.user_id)
        if u.change(own.values(name=_name(name))) != 1:
            raise NotFound
        u.record("rename_passkey", {"passkey": passkey_id})


def remove_passkey(
    database: Database, clock: Clock, *, actor: Actor, passkey_id: int, notice: Notice | None = None,
    last_notice: Notice | None = None,
) -> bool:  # fmt: skip
    """From now on it opens nothing. Answers whether it was the account's last second step: then the recovery codes open
    nothing either, and the person is told so (`last_notice`). Raises NotFound for anybody else's, as for none."""
    with unit(database, clock, actor=actor) as u:
        if u.change(delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == actor.user_id)) != 1:
            raise NotFound
        last = drop_codes_of_nothing(u, actor.user_id)
        tell_person(u, actor.user_id, last_notice if last else notice)
        u.record("remove_passkey", {"passkey": passkey_id})
    return last


def _prove(u: Unit, step_token: str, answer: str, *, place: Place) -> int:
    """Whose passkey has signed the challenge that waited; the challenge is used up. Raises Invalid."""
    challenge = _take_challenge(u, step_token, "passkey", user_id=None)
    try:
        credential = _read(answer)
        stored = find_passkey(u.db, str(credential.get("id")))
        if stored is None:
            raise Invalid(WRONG)
        proof = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=place.host,
            expected_origin=place.origin, credential_public_key=stored.public_key,
            credential_current_sign_count=stored.sign_count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid(WRONG) from error
    u.db.execute(update(Passkey).where(Passkey.id == stored.id).values(sign_count=proof.new_sign_count, used_at=u.now))
    return stored.user_id


def _wait(u: Unit, purpose: str, challenge: bytes, *, user_id: int | None) -> str:
    token = secrets.token_urlsafe(32)
    u.db.execute(delete(WaitingStep).where(WaitingStep.expires_at < u.now))
    u.db.add(
        WaitingStep(
            token_sha256=sha256_of(token), purpose=purpose, user_id=user_id, expires_at=u.now + WAITS,
            challenge=bytes_to_base64url(challenge),
        )
    )  # fmt: skip
    return token


def _take_challenge(u: Unit, step_token: str, purpose: str, *, user_id: int | None) -> bytes:
    """The challenge, which no second answer meets. Raises Invalid where none waits for this browser."""
    step = find_step(u.db, sha256_of(step_token), purpose=purpose, now=u.now)
    if step is None or step.user_id != user_id:
        raise Invalid(N_("The passkey was asked for too long ago. Try again."))
    u.db.execute(delete(WaitingStep).where(WaitingStep.id == step.id))
    return base64url_to_bytes(step.challenge)


def _read(answer: str) -> dict[str, object]:
    if len(answer) > MOST_LETTERS:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("no object")
    return read


def _name(name: str) -> str:
    plain = re.sub(r"\s+", " ", name).strip()
    if not plain or len(plain) > 60 or not plain.isprintable():
        raise Invalid(N_("Give the passkey a name of at most 60 characters."), details={"field": "name"})
    return plain
