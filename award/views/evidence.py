"""Files and links beside a question: sent, taken away, downloaded, shown as a picture that we paint ourselves."""

from flask import Blueprint, Response, current_app, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from award.actions import evidence as actions
from award.db.evidence_bucket import open_evidence
from award.db.evidence_files import EvidenceFiles
from award.errors import N_, NotFound, Refusal
from award.forms.entries import Question
from award.policy import is_officer, may_read_entries
from award.queries.entries import FoundFile, find_entry, find_file, list_evidence
from award.uploads.kinds import EXTENSIONS, MB
from award.uploads.preview import has_preview, preview_of
from award.uploads.refusals import Harm, refused
from award.views.access_log import record_read
from award.views.context import current_actor, reading, site
from award.views.entries import fragment, sections_of, state_of
from award.views.guard import guard, row_id, wants_json
from award.views.limits import FILES, PREVIEWS, limited

pages = Blueprint("evidence", __name__)
pages.add_app_template_filter(has_preview, "has_preview")
LOCKED_IN = "sandbox; default-src 'none'"
AROUND = 128 * 1024  # what a form needs beside the file


def evidence_files() -> EvidenceFiles:
    """The site's store of files."""
    return open_evidence(site().settings)


@pages.url_value_preprocessor
def refuse_by_length(endpoint: str | None, _values: object) -> None:
    """Refuses a file that is too large by the length that the browser tells, before anything of it is read."""
    most = site().settings.uploads.file_mb
    length = request.content_length or 0
    if endpoint == "evidence.attach" and length > most * MB + AROUND:
        tenths = length * 10 // MB
        raise refused("file_too_large", size=f"{tenths // 10}.{tenths % 10}", most=most)


@pages.post("/e/<int:entry>/evidence")
@guard(is_officer)
@limited(FILES)
def attach(entry: int) -> ResponseReturnValue:
    """A file; where none was chosen one that was sent already, for another question; else a link."""
    field = request.form.get("field", "")
    said = {name: request.form.get(name, "") for name in ("title", "given_by")}
    upload = next((each for each in map(request.files.get, ("file", "photo")) if each and each.filename), None)
    who = current_actor()
    if upload is not None:
        actions.attach_file(
            site().database, site().clock, evidence_files(), actor=who, entry_id=entry, field=field, **said,
            name=upload.filename or "", stream=upload.stream, uploads=site().settings.uploads,
        )  # fmt: skip
    elif request.form.get("sent"):
        actions.attach_again(
            site().database, site().clock, actor=who, beside=actions.Beside(entry, field, **said),
            evidence_id=request.form.get("sent", 0, row_id), uploads=site().settings.uploads,
        )  # fmt: skip
    else:
        actions.attach_link(
            site().database, site().clock, actor=who, entry_id=entry, field=field, **said,
            url=request.form.get("url", ""),
        )  # fmt: skip
    return question_answer(entry, field)


@pages.post("/e/<int:entry>/evidence/<int:evidence>/remove")
@guard(is_officer)
def remove(entry: int, evidence: int) -> ResponseReturnValue:
    """Takes a piece away from its question."""
    actions.remove_evidence(
        site().database, site().clock, actor=current_actor(), entry_id=entry, evidence_id=evidence
    )
    return question_answer(entry, request.form.get("field", ""))


def question_answer(entry_id: int, field: str) -> ResponseReturnValue:
    """The page's code gets the question's list of evidence anew; a browser without it goes back to the question."""
    if not wants_json():
        return redirect(url_for("entries.page", entry=entry_id, _anchor=f"f-{field}"), 303)
    entry = find_entry(reading(), current_actor(), entry_id)
    if entry is None:
        raise NotFound
    for section in sections_of(entry, evidence=list_evidence(reading(), entry_id), problems=()):
        for part in section.parts:
            for block in part.questions:
                if isinstance(block, Question) and block.field.code == field:
                    pieces = fragment("entries/evidence.html", entry=entry, question=block, changing=True)
                    return jsonify(pieces=pieces, **state_of(entry))
    raise NotFound


@pages.get("/files/<int:file>")
@guard(may_read_entries, file=find_file)
def download(file: FoundFile) -> ResponseReturnValue:
    """The file under our own tidy name, to be saved: never opened inside this site."""
    path = evidence_files().find(file.sha256)
    if path is None:
        current_app.logger.error("evidence file %s is missing or damaged", file.sha256)
        raise file_is_gone(entry=file.entry_code, sha256=file.sha256)
    record_read(file=file.id, entry=file.entry_code, sha256=file.sha256)
    name = f"{file.entry_code}-{file.field}-{file.number}.{EXTENSIONS[file.media_type]}"
    return locked_in(send_file(path, mimetype=file.media_type, as_attachment=True, download_name=name, etag=False))


@pages.get("/files/<int:file>/preview")
@guard(may_read_entries, file=find_file)
@limited(PREVIEWS)
def preview(file: FoundFile) -> ResponseReturnValue:
    """A picture of the file, painted by ourselves, for our own pages. Whoever sees it is noted as its reader."""
    if not has_preview(file.media_type):
        raise NotFound
    path = evidence_files().find(file.sha256)
    if path is None:
        current_app.logger.error("evidence file %s is missing or damaged", file.sha256)
        raise file_is_gone(entry=file.entry_code, sha256=file.sha256)
    try:
        folder = site().settings.evidence
        shown = preview_of(path, sha256=file.sha256, media_type=file.media_type, evidence=folder)
    except Harm as harm:
        raise refused(harm.id, **harm.values) from None
    if shown is None:
        raise NotFound
    record_read(file=file.id, entry=file.entry_code, sha256=file.sha256)
    return locked_in(send_file(shown, mimetype="image/jpeg", etag=False))


def locked_in(response: Response) -> Response:
    """What somebody sent runs nothing, whatever it holds, and stays in no cache."""
    response.headers["Content-Security-Policy"] = LOCKED_IN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers.pop("Last-Modified", None)  # of a preview: when somebody looked at the file first
    return response


def file_is_gone(*, entry: str, sha256: str) -> Refusal:
    """What is said where the store no longer has what the record names."""
    return _Damaged(
        N_("This file is missing in the store or damaged. Tell the organizer: entry %(entry)s, file %(sha)s."),
        entry=entry, sha=sha256[:12],
    )  # fmt: skip


class _Damaged(Refusal):
    """The record is right, the stored file is not."""

    status = 500
