"""What a person sees of the own account, and what proves who somebody is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from award.db.accounts import Authenticator, OneTimeLink, Passkey, RecoveryCode, WaitingStep
from award.db.people import SignIn, User


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has beside the password. `app_since`: when the app's first code was taken."""

    app_since: datetime | None = None
    codes_left: int = 0
    passkeys: int = 0

    @property
    def any(self) -> bool:
        """Whether a sign-in has a second step."""
        return self.app_since is not None or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """One browser in which the person is signed in."""

    id: int
    device: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey as its person knows it."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """What a passkey's answer is held against."""

    id: int
    user_id: int
    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Step:
    """Whose sign-in waits for which step; `challenge` is what a passkey is to sign."""

    id: int
    purpose: str
    user_id: int | None
    challenge: str


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in is checked against."""

    id: int
    login: str
    title_th: str
    title_en: str
    password_hash: str
    email: str | None
    language: str


_ACCOUNT = select(
    User.id, User.login, User.title_th, User.title_en, User.password_hash, User.email, User.language
).where(User.disabled_at.is_(None))  # fmt: skip


def find_account(db: Session, user_id: int) -> Account | None:
    """An account that may sign in."""
    row = db.execute(_ACCOUNT.where(User.id == user_id)).first()
    return None if row is None else Account(*row)


def find_account_by_login(db: Session, login: str) -> Account | None:
    """The same by its sign-in name, whatever the case of the letters typed."""
    row = db.execute(_ACCOUNT.where(User.login == login.strip().lower())).first()
    return None if row is None else Account(*row)


def get_factors(db: Session, user_id: int) -> Factors:
    """What the person has beside the password, in one statement."""
    row = db.execute(
        select(
            select(Authenticator.confirmed_at).where(Authenticator.user_id == user_id).scalar_subquery(),
            select(func.count())
            .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
            .scalar_subquery(),
            select(func.count()).where(Passkey.user_id == user_id).scalar_subquery(),
        )
    ).one()
    return Factors(*row)


def find_app(db: Session, user_id: int, *, confirmed: bool) -> tuple[str, int] | None:
    """The secret of the person's app and the time step of the last code taken; None without one in that state."""
    state = Authenticator.confirmed_at.is_not(None) if confirmed else Authenticator.confirmed_at.is_(None)
    row = db.execute(
        select(Authenticator.secret, Authenticator.last_step).where(Authenticator.user_id == user_id, state)
    ).first()
    return None if row is None else (row.secret, row.last_step)


def list_own_sign_ins(db: Session, user_id: int, *, now: datetime) -> tuple[OwnSignIn, ...]:
    """Where the person is signed in, the one used last first."""
    seen = func.coalesce(SignIn.last_seen_at, SignIn.started_at, type_=SignIn.started_at.type).label("seen_at")
    rows = db.execute(
        select(SignIn.id, SignIn.device, SignIn.started_at, seen)
        .where(SignIn.user_id == user_id, SignIn.expires_at > now)
        .order_by(seen.desc(), SignIn.id)
    )
    return tuple(OwnSignIn(*row) for row in rows)


def list_own_passkeys(db: Session, user_id: int) -> tuple[OwnPasskey, ...]:
    """The person's passkeys, the oldest first."""
    asked = select(Passkey.id, Passkey.name, Passkey.made_at, Passkey.used_at).where(Passkey.user_id == user_id)
    return tuple(OwnPasskey(*row) for row in db.execute(asked.order_by(Passkey.id)))


def list_credential_ids(db: Session, user_id: int) -> tuple[str, ...]:
    """What the person's passkeys are called by browsers (base64url)."""
    asked = select(Passkey.credential_id).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return tuple(db.execute(asked).scalars())


def find_passkey(db: Session, credential_id: str) -> StoredPasskey | None:
    """A passkey of an account that may sign in."""
    row = db.execute(
        select(Passkey.id, Passkey.user_id, Passkey.credential_id, Passkey.public_key, Passkey.sign_count)
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == credential_id, User.disabled_at.is_(None))
    ).first()
    return None if row is None else StoredPasskey(*row)


def find_step(db: Session, token_sha256: str, *, purpose: str, now: datetime) -> Step | None:
    """What the browser with this token was asked for, while it is waited for."""
    row = db.execute(
        select(WaitingStep.id, WaitingStep.purpose, WaitingStep.user_id, WaitingStep.challenge).where(
            WaitingStep.token_sha256 == token_sha256, WaitingStep.purpose == purpose, WaitingStep.expires_at > now
        )
    ).first()
    return None if row is None else Step(*row)


_OPEN_LINK = (
    select(OneTimeLink.id)
    .outerjoin(User, User.id == OneTimeLink.user_id)
    .where(
        OneTimeLink.sha256 == bindparam("sha256"),
        OneTimeLink.purpose == bindparam("purpose"),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > bindparam("now"),
        or_(OneTimeLink.user_id.is_(None), User.disabled_at.is_(None)),
    )
)


def is_link_open(db: Session, sha256: str, *, purpose: str, now: datetime) -> bool:
    """Whether a link would still open its page; looking at it does not use it up."""
    return db.execute(_OPEN_LINK, {"sha256": sha256, "purpose": purpose, "now": now}).first() is not None
