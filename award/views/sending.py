"""The last look before an entry is sent, sending it (on), and the receipt."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import chain
from award.actions.sending import as_seen, fingerprint
from award.actions.writable import check_time
from award.answers.check import Problem, list_unusual
from award.answers.suggestions import list_suggestions, list_unsourced
from award.errors import Forbidden, Incomplete, NotFound, Stale
from award.evaluation import numbers_in
from award.policy import is_officer, may_use_entries, may_write_for
from award.queries.entries import FoundEntry, find_entry, list_evidence
from award.views.chain import letter_here, step_after, was_heard, way_of, without_evidence
from award.views.context import current_actor, new_key, reading, site
from award.views.entries import category_of, problems_of
from award.views.entry_lists import time_left
from award.views.guard import guard
from award.views.language import said, sentence

pages = Blueprint("sending", __name__)


@pages.get("/e/<int:entry>/submit")
@guard(is_officer, entry=find_entry)
def look(entry: FoundEntry) -> ResponseReturnValue:
    """The last look before sending: what is missing, what is unusual, what will be locked."""
    if entry.state == "submitted":
        return redirect(url_for("sending.receipt", entry=entry.id), 303)
    if not may_write_for(current_actor(), entry.province_code):
        raise Forbidden
    if entry.step or entry.state != "draft":
        return redirect(url_for("entries.page", entry=entry.id), 303)
    check_time(site().clock.now(), opens_at=entry.opens_at, closes_at=entry.closes_at)
    return _page(entry, problems_of(entry))


def _page(
    entry: FoundEntry, problems: Sequence[Problem], *, status: int = 200, says: str = ""
) -> ResponseReturnValue:  # fmt: skip
    category = category_of(entry)
    numbers = numbers_in(category, entry.answers)
    step, deciders = step_after(entry)
    return render_template(
        "entries/submit.html", entry=entry, problems=problems, key=new_key(), says=says, step=step, deciders=deciders,
        unusual=list_unusual(category, numbers), unproved=without_evidence(entry),
        suggestions=list_suggestions(category, numbers), unsourced=list_unsourced(category, entry.answers, numbers),
        left=time_left(entry.closes_at), sentence=sentence, files=sum(entry.evidence_count.values()),
        seen=as_seen(entry, list_evidence(reading(), entry.id)), heard=was_heard(entry, entry.province_code),
    ), status  # fmt: skip


@pages.post("/e/<int:entry>/submit")
@guard(is_officer, entry=find_entry)
def send(entry: FoundEntry) -> ResponseReturnValue:
    """Sends the entry on: to whoever is to approve it, or to the department; what is missing comes back on the page."""
    try:
        passed = chain.send_on(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id, key=request.form.get("key", ""),
            confirmed=request.form.getlist("confirmed"), seen=request.form.get("seen", ""), letter=letter_here(),
        )  # fmt: skip
    except Stale as refusal:
        return _page(entry, problems_of(entry), status=refusal.status, says=said(refusal))
    except Incomplete as refusal:
        return _page(entry, refusal.details["problems"], status=refusal.status, says=said(refusal))
    after = "sending.receipt" if passed.step == "sent" else "entries.page"
    return redirect(url_for(after, entry=entry.id), 303)


@pages.get("/e/<int:entry>/receipt")
@guard(may_use_entries, entry=find_entry)
def receipt(entry: FoundEntry) -> ResponseReturnValue:
    """Number, time and fingerprint of what was sent; nothing of it changes while the entry stays sent."""
    if entry.submitted_at is None:
        raise NotFound
    evidence = list_evidence(reading(), entry.id)
    return render_template(
        "entries/receipt.html", entry=entry, files=len(evidence), way=way_of(entry),
        fingerprint=fingerprint(entry.answers, evidence), origin=site().settings.site_address,
    )  # fmt: skip
