"""Files and links beside a question: sent, taken away, downloaded. A file is never shown inside this site."""

from flask import Blueprint, current_app, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from award.actions import evidence as actions
from award.answers.files import EXTENSIONS
from award.db.evidence_files import EvidenceFiles
from award.errors import N_, NotFound, Refusal
from award.forms.entries import Question
from award.policy import is_officer, may_read_entries
from award.queries.entries import FoundFile, find_entry, find_file, list_evidence
from award.views.context import current_actor, reading, site
from award.views.entries import fragment, sections_of, state_of
from award.views.guard import guard, wants_json

pages = Blueprint("evidence", __name__)
LOCKED_IN = "sandbox; default-src 'none'"


def evidence_files() -> EvidenceFiles:
    return EvidenceFiles(site().settings.evidence)


@pages.post("/e/<int:entry_id>/evidence")
@guard(is_officer)
def attach(entry_id: int) -> ResponseReturnValue:
    """A file, or where none was chosen a link."""
    field, title = request.form.get("field", ""), request.form.get("title", "")
    upload = request.files.get("file")
    who = current_actor()
    if upload is not None and upload.filename:
        actions.attach_file(
            site().database, site().clock, evidence_files(), actor=who, entry_id=entry_id, field=field,
            name=upload.filename, title=title, stream=upload.stream,
        )  # fmt: skip
    else:
        actions.attach_link(
            site().database, site().clock, actor=who, entry_id=entry_id, field=field, title=title,
            url=request.form.get("url", ""),
        )  # fmt: skip
    return _answer(entry_id, field)


@pages.post("/e/<int:entry_id>/evidence/<int:evidence_id>/remove")
@guard(is_officer)
def remove(entry_id: int, evidence_id: int) -> ResponseReturnValue:
    actions.remove_evidence(
        site().database, site().clock, actor=current_actor(), entry_id=entry_id, evidence_id=evidence_id
    )
    return _answer(entry_id, request.form.get("field", ""))


def _answer(entry_id: int, field: str) -> ResponseReturnValue:
    """The page's code gets the question's list of evidence anew; a browser without it goes back to the question."""
    if not wants_json():
        return redirect(url_for("entries.page", entry_id=entry_id, _anchor=f"f-{field}"), 303)
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


@pages.get("/files/<int:evidence_id>")
@guard(may_read_entries, evidence_id=find_file)
def download(evidence_id: FoundFile) -> ResponseReturnValue:
    """The file under our own tidy name, to be saved: never opened inside this site."""
    path = evidence_files().find(evidence_id.sha256)
    if path is None:
        current_app.logger.error("evidence file %s is missing or damaged", evidence_id.sha256)
        raise _Damaged(
            N_("This file is missing in the store or damaged. Tell the organizer: entry %(entry)s, file %(sha)s."),
            entry=evidence_id.entry_code, sha=evidence_id.sha256[:12],
        )  # fmt: skip
    name = f"{evidence_id.entry_code}-{evidence_id.field}-{evidence_id.number}.{EXTENSIONS[evidence_id.media_type]}"
    response = send_file(path, mimetype=evidence_id.media_type, as_attachment=True, download_name=name, etag=False)
    response.headers["Content-Security-Policy"] = LOCKED_IN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


class _Damaged(Refusal):
    """The record is right, the stored file is not."""

    status = 500
