"""What proves who somebody is, beside the password: single-use links, an app's codes, passkeys; and what was tried.

Nothing here opens anything by being read: links, recovery codes and waiting steps are kept as SHA-256 of random
tokens. The exception is an app's secret, which the program needs as it is to calculate codes.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base, UtcTime

PURPOSES = ("invite", "reset", "setup")


class OneTimeLink(Base):
    """A link that opens one thing once: choosing a first password, a new one, or (of nobody yet) the first account.

    Without `sha256` it is only asked for, and waits for a second person. `made_by_id`: the manager to whom it was
    shown, who therefore could have used it; nobody where it went by mail alone. Of a new account with an address there
    is one that never opened anything, of whoever wrote that address.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint(f"purpose IN {PURPOSES}", name="purpose"),
        CheckConstraint("made_by_id IS NULL OR asked_by_id IS NULL OR made_by_id != asked_by_id", name="second_person"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(8))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Authenticator(Base):
    """The app on a person's phone that makes a code every half minute (TOTP, RFC 6238)."""

    __tablename__ = "authenticator"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))  # base32
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)  # asked for only from then on
    last_step: Mapped[int] = mapped_column(default=0, server_default="0")  # of the last code taken: none works twice


class RecoveryCode(Base):
    """A code on paper for the day the phone is lost; it works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Passkey(Base):
    """A key that a person's device keeps (WebAuthn); here is its public half."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400))  # base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class WaitingStep(Base):
    """What the program waits for from one browser: the second step of a sign-in, or the answer of a passkey."""

    __tablename__ = "waiting_step"
    __table_args__ = (UniqueConstraint("token_sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))  # second | passkey
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    challenge: Mapped[str] = mapped_column(String(120), default="", server_default="")  # base64url
    expires_at: Mapped[datetime] = mapped_column(UtcTime)


class FailedSignIn(Base):
    """A wrong password or code for a sign-in name, known or not; rows older than the limit's time are deleted."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_login_sha256_at", "login_sha256", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    login_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)
