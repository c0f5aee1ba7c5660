"""Which accounts are linked with which sign-ins of other providers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from award.db.people import Identity, User


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """A link of one's own account."""

    id: int
    issuer: str
    linked_at: datetime


def find_linked_user(db: Session, *, issuer: str, subject: str) -> int | None:
    """Whose account a provider's person is linked with; None for nobody's, or a closed one."""
    return db.execute(
        select(User.id)
        .join(Identity, Identity.user_id == User.id)
        .where(Identity.issuer == issuer, Identity.subject == subject, User.disabled_at.is_(None))
    ).scalar_one_or_none()


def list_own_identities(db: Session, user_id: int) -> list[OwnIdentity]:
    """The links of a person, by provider."""
    asked = select(Identity.id, Identity.issuer, Identity.linked_at).where(Identity.user_id == user_id)
    return [OwnIdentity(*row) for row in db.execute(asked.order_by(Identity.issuer, Identity.id)).all()]


def count_ways_in(db: Session, user_id: int) -> int:
    """In how many ways a person can prove who they are first: the password, and each link."""
    has_password = select(func.count(User.id)).where(User.id == user_id, User.password_hash != "").scalar_subquery()
    links = select(func.count(Identity.id)).where(Identity.user_id == user_id).scalar_subquery()
    return db.execute(select(has_password + links)).scalar_one()
