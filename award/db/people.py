"""Places, people, and the duties they hold by date. Rights come from duties, never from a field on the user."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from award.db.base import Base, UtcTime

# officer, director (of a work group) and chief (of the provincial office) belong to a province's office;
# administrator: accounts and settings, no part in an award; executive: sees how far the round is, never a mark
ROLES = ("officer", "director", "chief", "member", "chair", "organizer", "auditor", "administrator", "executive")
DUTY_STATES = ("proposed", "confirmed", "withdrawn", "revoked")


class Zone(Base):
    """An inspection zone of the department."""

    __tablename__ = "zone"
    number: Mapped[int] = mapped_column(primary_key=True)
    name_th: Mapped[str]
    name_en: Mapped[str]
    centre_th: Mapped[str] = mapped_column(default="")  # its training centre


class Province(Base):
    """A province with a provincial office."""

    __tablename__ = "province"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name_th: Mapped[str]
    name_en: Mapped[str]
    zone_number: Mapped[int] = mapped_column(ForeignKey("zone.number"), index=True)
    region_th: Mapped[str] = mapped_column(default="")
    districts: Mapped[int]
    sort: Mapped[int]  # Thai dictionary order
    invented: Mapped[bool] = mapped_column(default=False)


class User(Base):
    """A person who signs in. `title_*` is the position shown; personal names are not kept for demo rounds."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    title_th: Mapped[str]
    title_en: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(String(2), default="th")
    email: Mapped[str | None] = mapped_column(String(254))  # for notices only: nobody is known by it
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    duties: Mapped[list["Duty"]] = relationship(back_populates="user", lazy="raise", foreign_keys="Duty.user_id")


class Duty(Base):
    """A person holds a role at a place from a day to a day (inclusive; open where `to_day` is empty).

    Only a confirmed one gives rights. One person proposes it and another confirms it; those that came with the site
    (a demo round, the first start) have neither.
    """

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("to_day IS NULL OR to_day >= from_day", name="days"),
        CheckConstraint(f"state IN {DUTY_STATES}", name="state"),
        CheckConstraint(
            "confirmed_by_id IS NULL OR (confirmed_by_id != proposed_by_id AND confirmed_by_id != user_id)",
            name="second_person",
        ),
        Index("ix_duty_user_id_from_day", "user_id", "from_day"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[str] = mapped_column(String(16))
    province_code: Mapped[str | None] = mapped_column(ForeignKey("province.code"))
    zone_number: Mapped[int | None] = mapped_column(ForeignKey("zone.number"))
    title_th: Mapped[str]
    title_en: Mapped[str]
    acting: Mapped[bool] = mapped_column(default=False)  # รักษาราชการแทน, printed with the title
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16), default="confirmed", server_default="confirmed")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # or who withdrew the proposal
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    user: Mapped[User] = relationship(back_populates="duties", lazy="raise", foreign_keys=user_id)


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token, here is its SHA-256; signing out deletes the row."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("token_sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcTime)  # told at most every few minutes
    fresh_at: Mapped[datetime | None] = mapped_column(UtcTime)  # when the person last proved to be it
    device: Mapped[str] = mapped_column(String(60), default="", server_default="")  # "Chrome · Android"


class Identity(Base):
    """A person as another provider of sign-ins knows them: linked by that person, never found by an e-mail."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(250))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(UtcTime)
