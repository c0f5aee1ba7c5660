"""Links that managers asked for and that wait for a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from award.db.accounts import OneTimeLink
from award.db.people import User
from award.policy import Actor, may_confirm


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A link that one manager asked for; nobody has seen it, since it is made when another one releases it."""

    id: int
    user_id: int
    login: str
    title_th: str
    title_en: str
    purpose: str  # invite | reset
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    expires_at: datetime

    def may_be_released_by(self, actor: Actor) -> bool:
        """By any manager but the one who asked and the one whose account it is."""
        return may_confirm(actor, proposed_by_id=self.asked_by_id, user_id=self.user_id)


_ASKER = aliased(User)
_ASKED: Any = (
    select(
        OneTimeLink.id, OneTimeLink.user_id, User.login, User.title_th, User.title_en, OneTimeLink.purpose,
        OneTimeLink.asked_by_id, _ASKER.login, OneTimeLink.made_at, OneTimeLink.expires_at,
    )
    .join(User, User.id == OneTimeLink.user_id)
    .join(_ASKER, _ASKER.id == OneTimeLink.asked_by_id)
    .where(OneTimeLink.sha256.is_(None))
    .order_by(OneTimeLink.made_at, OneTimeLink.id)
)  # fmt: skip


def find_asked_link(db: Session, _actor: Actor, asked_id: int) -> AskedLink | None:
    """A link that waits, or waited too long; who may manage people sees all. None once it was released or declined."""
    row = db.execute(_ASKED.where(OneTimeLink.id == asked_id)).first()
    return None if row is None else AskedLink(*row)


def list_asked_links(db: Session, *, now: datetime, user_id: int | None = None) -> list[AskedLink]:
    """What waits for a second person, the oldest first; of one account where `user_id` says which."""
    asked = _ASKED.where(OneTimeLink.expires_at > now)
    if user_id is not None:
        asked = asked.where(OneTimeLink.user_id == user_id)
    return [AskedLink(*row) for row in db.execute(asked).all()]
