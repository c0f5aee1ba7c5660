"""Files in pieces: begun, continued where they stopped, looked at when they are whole, and then kept as evidence.

Nothing that comes is evidence before it is whole: until then it decides nothing and leaves no line in the ledger.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from award.actions.evidence import Beside, check_numbers, check_place, most_mb_of, open_question, put_file
from award.actions.unit import Unit, unit
from award.answers.plain import clean_text
from award.answers.private_numbers import FILE_TITLE, GIVEN_BY, checked_name, refuse_national_ids
from award.clock import Clock
from award.config import Uploads
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles
from award.db.uploads import Upload
from award.db.waiting_files import WaitingFiles
from award.errors import N_, Invalid, Malformed, NotFound, Stale
from award.policy import Actor
from award.queries.uploads import FoundUpload, find_upload, find_upload_by_token, list_open_uploads
from award.uploads.kinds import MB, in_mb
from award.uploads.look import look_at, look_outside
from award.uploads.refusals import refused

MOST_PIECE = MB  # bytes of one piece
QUIET = timedelta(hours=1)  # without a piece for so long, a file gives way to another of its person
_MARK = re.compile(r"(?:sha256:[0-9a-f]{64}|time:[0-9]{1,16})")
_OTHER = N_("The file was changed while it was being sent. It is sent anew from its beginning.")
_ELSEWHERE = N_("Another piece came meanwhile. It goes on from there.")


@dataclass(frozen=True, slots=True)
class Way:
    """How far a file is: `at` of its bytes are here; `done` once it is evidence."""

    id: int
    at: int
    size: int
    done: bool


def begin_upload(
    database: Database, clock: Clock, waiting: WaitingFiles, *, actor: Actor, beside: Beside, name: str, size: int,
    mark: str, uploads: Uploads,
) -> Way:  # fmt: skip
    """Says that a file of `size` bytes is to come, or asks how far the same one is: it goes on where it stopped.

    `mark` tells it apart from another of its name and size: "sha256:…" of its content, or where the browser cannot
    work that out "time:…" when it was changed last. Raises Invalid where it can be told already that it will not be
    taken (an id of `award.uploads.refusals`), and Malformed."""
    if _MARK.fullmatch(mark) is None:
        raise Malformed(N_("The request could not be understood. Reload the page and try again."))
    name = checked_name(name)
    with database.reading() as db:
        found, asked = open_question(db, actor, beside, now=clock.now())
        token = _token_of(actor, beside, name, size, mark)
        known = find_upload_by_token(db, token)
        if known is not None and known.piece_id is not None:
            return Way(known.id, known.size, known.size, done=True)
        shown = look_outside(name=name, size=size, accept=asked.accept, most_mb=most_mb_of(asked, uploads))
        hashes = {mark.removeprefix("sha256:")} if mark.startswith("sha256:") else set()
        check_place(db, found, asked, hashes=hashes, size=size, uploads=uploads)
    said, given_by = (clean_text(text)[0] for text in (beside.title, beside.given_by))
    refuse_national_ids(said, label=FILE_TITLE)
    refuse_national_ids(given_by, label=GIVEN_BY)
    with unit(database, clock, actor=actor) as u:
        open_question(u.db, actor, beside, now=u.now)
        _make_room(u, waiting, token, size, uploads)
        row = {"title": said[:200], "given_by": given_by[:120], "last_at": u.now, "done_at": None,
               "evidence_id": None, "refused": ""}  # fmt: skip
        known = find_upload_by_token(u.db, token)
        if known is None:
            made = insert(Upload).values(
                token=token, entry_id=beside.entry_id, field=beside.field, user_id=actor.user_id, name=shown, size=size,
                started_at=u.now, **row,
            )  # fmt: skip
            number: int = u.db.execute(made.returning(Upload.id)).scalar_one()
        else:
            number = known.id
            u.db.execute(update(Upload).where(Upload.id == number).values(**row))
    return Way(number, min(waiting.came(token), size), size, done=False)


def take_piece(waiting: WaitingFiles, *, upload: FoundUpload, at: int, piece: bytes) -> Way:
    """Puts a piece behind what has come; `at` says how much that is, as far as the page knows.

    Raises Stale with `details["at"]` where more or less is here: the page goes on from there; NotFound where nothing
    more of the file is wanted; Malformed for a piece that is empty, too large, or more than the file."""
    if not upload.is_open:
        raise NotFound
    with waiting.held(upload.token):
        came = waiting.came(upload.token)
        if at != came:
            raise Stale(_ELSEWHERE, details={"at": min(came, upload.size)})
        if not 0 < len(piece) <= min(MOST_PIECE, upload.size - came):
            raise Malformed(N_("The request could not be understood. Reload the page and try again."))
        return Way(upload.id, waiting.add(upload.token, piece), upload.size, done=False)


def finish_upload(
    database: Database, clock: Clock, files: EvidenceFiles, waiting: WaitingFiles, *, actor: Actor, upload_id: int,
    mark: str, uploads: Uploads,
) -> None:  # fmt: skip
    """Looks at the whole file as at one that came at once, and puts it beside its question. Asked again, it is done, or
    refused for the same reason.

    Raises Stale with `details["at"]` while bytes are missing, or from 0 where they are not the file's; else as
    `attach_file`. A file whose content is refused is gone; where only the place is (locked, full), it waits."""
    with database.reading() as db:
        token = _own(db, actor, upload_id).token
    with waiting.held(token):
        with database.reading() as db:
            upload = _own(db, actor, upload_id)
            if upload.refused:
                id, values = json.loads(upload.refused)
                raise refused(id, **values)
            if upload.piece_id is not None:
                return
            beside = Beside(upload.entry_id, upload.field, upload.title, upload.given_by)
            _, asked = open_question(db, actor, beside, now=clock.now())
        if waiting.came(token) != upload.size:
            raise Stale(_ELSEWHERE, details={"at": min(waiting.came(token), upload.size)})
        came = waiting.measured(token)
        if mark.startswith("sha256:") and mark != f"sha256:{came.sha256}":
            waiting.drop(token)
            raise Stale(_OTHER, details={"at": 0})

        def note(u: Unit, number: int) -> None:
            done = {"done_at": u.now, "last_at": u.now, "evidence_id": number}
            u.db.execute(update(Upload).where(Upload.id == upload_id).values(**done))

        looked = False
        try:
            with look_at(
                came.path, name=upload.name, size=came.size, accept=asked.accept, most_mb=most_mb_of(asked, uploads),
                scanner=uploads.scanner,
            ) as taken:  # fmt: skip
                check_numbers(taken)
                looked = True
                put_file(
                    database, clock, files, actor=actor, beside=beside, came=came, taken=taken, uploads=uploads,
                    also=note,
                )  # fmt: skip
        except Invalid as refusal:
            if not looked and refusal.status != 503:
                _note_refusal(database, clock, actor=actor, upload_id=upload_id, refusal=refusal)
                waiting.drop(token)
            raise
        waiting.drop(token)  # a picture was painted anew: what came of it is not kept


def drop_upload(database: Database, clock: Clock, waiting: WaitingFiles, *, actor: Actor, upload_id: int) -> None:
    """Gives a file up that is on its way. One that is evidence already stays so."""
    with database.reading() as db:
        upload = _own(db, actor, upload_id)
    with waiting.held(upload.token), unit(database, clock, actor=actor) as u:
        u.db.execute(delete(Upload).where(Upload.id == upload_id, Upload.done_at.is_(None)))
        waiting.drop(upload.token)


def _token_of(actor: Actor, beside: Beside, name: str, size: int, mark: str) -> str:
    """The same file of the same person for the same question, sent again from whichever page or device."""
    told = json.dumps([actor.user_id, beside.entry_id, beside.field, name, size, mark])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:48]


def _own(db: Session, actor: Actor, upload_id: int) -> FoundUpload:
    upload = find_upload(db, actor, upload_id)
    if upload is None:
        raise NotFound
    return upload


def _make_room(u: Unit, waiting: WaitingFiles, token: str, size: int, uploads: Uploads) -> None:
    """Raises Invalid where the person has too much on its way; what has lain still for an hour goes first."""
    there = [each for each in list_open_uploads(u.db, u.actor.user_id) if each.token != token]
    while there and _is_too_much(there, size, uploads):
        first = there.pop(0)
        if not _is_still(waiting, first, u.now):
            there.insert(0, first)
            count, held = len(there) + 1, sum(each.size for each in there) + size
            raise refused(
                "waiting_full", count=count, size=in_mb(held), files=uploads.waiting_files, most=uploads.waiting_mb
            )
        u.db.execute(delete(Upload).where(Upload.id == first.id))
        waiting.drop(first.token)


def _is_too_much(there: list[FoundUpload], size: int, uploads: Uploads) -> bool:
    held = sum(each.size for each in there) + size
    return len(there) >= uploads.waiting_files or held > uploads.waiting_mb * MB


def _is_still(waiting: WaitingFiles, upload: FoundUpload, now: datetime) -> bool:
    """Whether nothing of it came for an hour: pieces leave their time on the file only, by the machine's clock."""
    return now - upload.last_at > QUIET and waiting.still_for(upload.token) > QUIET.total_seconds()


def _note_refusal(database: Database, clock: Clock, *, actor: Actor, upload_id: int, refusal: Invalid) -> None:
    why = json.dumps([refusal.id, refusal.values], ensure_ascii=False)
    with unit(database, clock, actor=actor) as u:
        u.db.execute(update(Upload).where(Upload.id == upload_id).values(refused=why, last_at=u.now))
