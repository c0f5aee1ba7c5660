"""A person's own data, to see and to take along; the same for who answers requests, with erasing; who opened a file."""

import io
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import privacy as actions
from award.db.evidence_bucket import open_evidence
from award.person_files import FATES, person_archive
from award.policy import Actor, is_signed_in, may_manage_people, may_use_entries
from award.queries.file_reads import WatchedFile, find_watched_file, list_reads_of_file
from award.queries.personal import PersonalData, collect_person
from award.queries.privacy import Account, Barrier, find_account, find_erasure, list_barriers
from award.views.access_log import SECURITY
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import sentence
from award.views.limits import BOOKS, limited

pages = Blueprint("personal", __name__)
MOST_SHOWN = 500
EXPORTS = "10 per hour"  # each looks through the whole access log


def _account(db: Session, _actor: Actor, user_id: int) -> Account | None:
    return find_account(db, user_id) if user_id < 2**63 else None


@pages.get("/files/<int:file>/readers")
@guard(may_use_entries, file=find_watched_file)
def readers(file: WatchedFile) -> ResponseReturnValue:
    """Who opened the file, the newest first."""
    reads = list_reads_of_file(reading(), site().settings.logs, file.id)
    return render_template(
        "privacy/readers.html", file=file, reads=reads[:MOST_SHOWN], count=len(reads), keeping=site().settings.keeping
    )


@pages.get("/my-data")
@guard(is_signed_in)
@limited(BOOKS)
def own() -> ResponseReturnValue:
    """What is held about the person in front, counted, with a button to take it along."""
    data = collect_person(reading(), site().settings.logs, current_actor().user_id, with_log_lines=False)
    return render_template("privacy/own.html", data=data, fates=FATES, contact=site().settings.privacy_contact)


@pages.post("/my-data/export")
@guard(is_signed_in)
@fresh
@limited(EXPORTS, scope="personal")
def export_own() -> ResponseReturnValue:
    """Everything held about the person in front, as a file."""
    return _archive(current_actor().user_id)


@pages.get("/people/<int:person>/data")
@guard(may_manage_people, person=_account)
def of_person(person: Account) -> ResponseReturnValue:
    """The same for a request that a person made, and the erasing of it. Shows counts; the file is for the person."""
    clock = site().clock
    waiting = find_erasure(reading(), person.user_id)
    barriers = list_barriers(reading(), person.user_id, now=clock.now(), today=clock.today())
    return render_template(
        "privacy/person.html", person=person, waiting=waiting, fates=FATES, key=new_key(),
        data=collect_person(reading(), site().settings.logs, person.user_id, with_log_lines=False).for_others(),
        barriers=[sentence(actions.BARRIERS[barrier], {"year": year}) for barrier, year in barriers],
        is_erased=any(barrier is Barrier.ERASED for barrier, _ in barriers),
        is_second=waiting is not None and current_actor().user_id not in (waiting.proposed_by_id, person.user_id),
    )  # fmt: skip


@pages.post("/people/<int:person>/data/export")
@guard(may_manage_people, person=_account)
@fresh
@limited(EXPORTS, scope="personal")
def export_person(person: Account) -> ResponseReturnValue:
    """The file for the person who asked for it, without marks and notes: those the person alone downloads."""
    return _archive(person.user_id)


@pages.post("/people/<int:person>/data/erase")
@guard(may_manage_people, person=_account)
@fresh
def propose(person: Account) -> ResponseReturnValue:
    """The first of two people says that the person asked for it."""
    actions.propose_erasure(site().database, site().clock, **_asked(person))
    return _back(person)


@pages.post("/people/<int:person>/data/erase/confirm")
@guard(may_manage_people, person=_account)
@fresh
def confirm(person: Account) -> ResponseReturnValue:
    """The second one does it."""
    actions.confirm_erasure(site().database, site().clock, evidence=open_evidence(site().settings), **_asked(person))
    return _back(person)


@pages.post("/people/<int:person>/data/erase/withdraw")
@guard(may_manage_people, person=_account)
def withdraw(person: Account) -> ResponseReturnValue:
    """Takes the proposal back."""
    actions.withdraw_erasure(site().database, site().clock, **_asked(person))
    return _back(person)


def _asked(person: Account) -> dict[str, Any]:
    return {"actor": current_actor(), "user_id": person.user_id, "key": request.form.get("key", "")[:200] or new_key()}


def _back(person: Account) -> ResponseReturnValue:
    return redirect(url_for("personal.of_person", person=person.user_id), 303)


def _archive(user_id: int) -> ResponseReturnValue:
    """Who took whose data along is a security event; asking changes nothing that is held."""
    SECURITY.info("personal_data.exported", extra={"person": f"u{user_id}"})
    data: PersonalData = collect_person(reading(), site().settings.logs, user_id)
    content = person_archive(
        data if user_id == current_actor().user_id else data.for_others(), made_at=site().clock.now()
    )
    return send_file(
        io.BytesIO(content), mimetype="application/zip", as_attachment=True,
        download_name=f"personal-data-u{user_id}.zip", etag=False, max_age=0,
    )  # fmt: skip
