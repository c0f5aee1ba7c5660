"""Files that are on their way in, of the person who sends them and of nobody else."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.entries import Evidence
from award.db.uploads import Upload
from award.policy import Actor
from award.queries.entries import MOST_ID


@dataclass(frozen=True, slots=True)
class FoundUpload:
    """A file on its way. `piece_id` is the evidence it became, None before that and where that was removed since."""

    id: int
    token: str  # names the waiting file
    entry_id: int
    field: str
    name: str
    title: str
    given_by: str
    size: int
    last_at: datetime
    piece_id: int | None
    refused: str  # JSON [id, values] of why its content was not taken; "" where it was not refused
    was_done: bool = False  # it became evidence, whatever came of that

    @property
    def is_open(self) -> bool:
        """Whether more of it may come; of one whose evidence was removed, only once it is begun anew."""
        return not self.was_done and not self.refused


def find_upload(db: Session, actor: Actor, upload_id: int) -> FoundUpload | None:
    """The person's own one; None for those of others, and where there is no such one."""
    return _found(db, Upload.id == upload_id, Upload.user_id == actor.user_id) if upload_id <= MOST_ID else None


def find_upload_by_token(db: Session, token: str) -> FoundUpload | None:
    """The one of this token, which is made from the person and the file."""
    return _found(db, Upload.token == token)


def _found(db: Session, *which: object) -> FoundUpload | None:
    row = db.execute(
        select(Upload, Evidence.id.label("piece"))
        .outerjoin(Evidence, (Evidence.id == Upload.evidence_id) & Evidence.removed_at.is_(None))
        .where(*which)  # type: ignore[arg-type]
    ).first()
    if row is None:
        return None
    one: Upload = row.Upload
    return FoundUpload(
        one.id, one.token, one.entry_id, one.field, one.name, one.title, one.given_by, one.size, one.last_at,
        row.piece, one.refused, one.done_at is not None,
    )  # fmt: skip


def list_open_uploads(db: Session, user_id: int) -> list[FoundUpload]:
    """What a person has begun to send and not brought to its end, the longest ago first."""
    rows = db.execute(
        select(Upload)
        .where(Upload.user_id == user_id, Upload.done_at.is_(None), Upload.refused == "")
        .order_by(Upload.last_at, Upload.id)
    ).scalars()
    return [
        FoundUpload(
            each.id, each.token, each.entry_id, each.field, each.name, each.title, each.given_by, each.size,
            each.last_at, None, "",
        )
        for each in rows
    ]  # fmt: skip
