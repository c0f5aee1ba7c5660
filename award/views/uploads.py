"""Files in pieces, for the page's code: how far a file is, a piece of it, its end. Every answer is JSON."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from award.actions import uploads as actions
from award.actions.evidence import Beside
from award.db.waiting_files import WaitingFiles
from award.policy import is_officer
from award.queries.uploads import FoundUpload, find_upload
from award.views.context import current_actor, site
from award.views.evidence import evidence_files, question_answer
from award.views.guard import guard, row_id
from award.views.limits import FILES, PIECES, limited

pages = Blueprint("uploads", __name__)


def waiting_files() -> WaitingFiles:
    """The files that have not come whole yet: always beside the database, wherever the store is."""
    return WaitingFiles(site().settings.evidence)


@pages.post("/e/<int:entry>/uploads")
@guard(is_officer)
@limited(FILES)
def begin(entry: int) -> ResponseReturnValue:
    """A file is to come; the same one again: how much of it is here."""
    said = {name: request.form.get(name, "") for name in ("field", "title", "given_by")}
    way = actions.begin_upload(
        site().database, site().clock, waiting_files(), actor=current_actor(), beside=Beside(entry, **said),
        name=request.form.get("name", ""), size=request.form.get("size", 0, row_id), mark=request.form.get("mark", ""),
        uploads=site().settings.uploads,
    )  # fmt: skip
    return _told(way)


@pages.post("/uploads/<int:upload>/piece")
@guard(is_officer, upload=find_upload)
@limited(PIECES)
def piece(upload: FoundUpload) -> ResponseReturnValue:
    """The bytes behind `at`."""
    way = actions.take_piece(
        waiting_files(), upload=upload, at=request.args.get("at", -1, row_id), piece=request.get_data(cache=False)
    )
    return _told(way)


@pages.post("/uploads/<int:upload>/finish")
@guard(is_officer, upload=find_upload)
@limited(FILES)
def finish(upload: FoundUpload) -> ResponseReturnValue:
    """Everything has come: it is looked at and put beside its question, whose list comes back."""
    actions.finish_upload(
        site().database, site().clock, evidence_files(), waiting_files(), actor=current_actor(), upload_id=upload.id,
        mark=request.form.get("mark", ""), uploads=site().settings.uploads,
    )  # fmt: skip
    return question_answer(upload.entry_id, upload.field)


@pages.post("/uploads/<int:upload>/drop")
@guard(is_officer, upload=find_upload)
def drop(upload: FoundUpload) -> ResponseReturnValue:
    """The person gives it up."""
    actions.drop_upload(site().database, site().clock, waiting_files(), actor=current_actor(), upload_id=upload.id)
    return jsonify({})


def _told(way: actions.Way) -> ResponseReturnValue:
    return jsonify(upload=way.id, at=way.at, size=way.size, done=way.done)
