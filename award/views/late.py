"""Sending after the deadline: the province's request, the organizer's decision, the list of both."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import late as actions
from award.errors import Invalid, NotFound
from award.evaluation import rules_of
from award.policy import is_officer, is_organizer, may_use_entries, may_write_for
from award.queries.cycles import find_award_cycle
from award.queries.entries import FoundEntry, find_entry
from award.queries.late import LateCounts, LateLine, count_late, find_late, list_late
from award.views.addresses import absolute
from award.views.chain import was_heard
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard, row_id
from award.views.language import said
from award.views.letters import render_letter
from award.views.moments import moment_in

pages = Blueprint("late", __name__, url_prefix="/late")


@pages.get("/")
@guard(may_use_entries)
def index() -> ResponseReturnValue:
    """The requests: an organizer decides, a province sees what became of its own."""
    return _list()


def _list(*, at: int = 0, says: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "chain/late.html", lines=list_late(reading(), current_actor()), new_key=new_key, at=at, says=says,
        typed=request.form,
    )  # fmt: skip
    return page, status


@pages.get("/ask/<int:entry>")
@guard(is_officer, entry=find_entry)
def page_for(entry: FoundEntry) -> ResponseReturnValue:
    """A request for an entry that was begun."""
    return _ask(entry=entry)


@pages.post("/ask/<int:entry>")
@guard(is_officer, entry=find_entry)
def ask_for(entry: FoundEntry) -> ResponseReturnValue:
    """Asks; the reason is kept where it is refused."""
    try:
        actions.ask_late(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id,
            reason=request.form.get("reason", ""), key=request.form.get("key", ""), letter=_asked_letter_here(),
        )  # fmt: skip
    except Invalid as refusal:
        return _ask(entry=entry, says=said(refusal), status=refusal.status)
    return redirect(url_for("entries.page", entry=entry.id), 303)


@pages.get("/ask")
@guard(is_officer)
def page() -> ResponseReturnValue:
    """A request for an entry that was not begun: `?adoption=1&category=office&province=23`."""
    return _ask_new()


@pages.post("/ask")
@guard(is_officer)
def ask() -> ResponseReturnValue:
    """Begins the entry, closed, and asks."""
    form = request.form
    try:
        actions.ask_late_for(
            site().database, site().clock, actor=current_actor(), adoption_id=form.get("adoption", 0, row_id),
            category=form.get("category", ""), province_code=form.get("province", ""), label=form.get("label", ""),
            reason=form.get("reason", ""), key=form.get("key", ""), letter=_asked_letter_here(),
        )  # fmt: skip
    except Invalid as refusal:
        return _ask_new(says=said(refusal), status=refusal.status)
    return redirect(url_for("late.index"), 303)


def _ask_new(*, says: str = "", status: int = 200) -> ResponseReturnValue:
    asked = request.values
    province, category = asked.get("province", ""), asked.get("category", "")
    award = find_award_cycle(reading(), asked.get("adoption", 0, row_id))
    if award is None or not may_write_for(current_actor(), province):
        raise NotFound
    found = [each for each in rules_of(award.rules_text).categories if each.code == category]
    if not found:
        raise NotFound
    return _ask(award=award, category=found[0], province=province, says=says, status=status)


def _ask(*, says: str = "", status: int = 200, **about: object) -> ResponseReturnValue:
    values: dict[str, Any] = {"entry": None, "award": None, "category": None, "province": ""} | about
    entry = values["entry"]
    heard = was_heard(entry or values["award"], entry.province_code if entry else values["province"])
    page = render_template("chain/ask_late.html", says=says, typed=request.form, key=new_key(), heard=heard, **values)
    return page, status


@pages.post("/<int:late>/decide")
@guard(is_organizer, late=find_late)
def decide(late: LateLine) -> ResponseReturnValue:
    """Opens the entry until a moment, or says why not."""
    allowed = request.form.get("allowed") == "yes"
    try:
        until: datetime | None = moment_in(request.form) if allowed else None
        actions.decide_late(
            site().database, site().clock, actor=current_actor(), request_id=late.id, allowed=allowed, until=until,
            answer=request.form.get("answer", ""), key=request.form.get("key", ""), letter=_letter_here(),
        )  # fmt: skip
    except Invalid as refusal:
        return _list(at=late.id, says=said(refusal), status=refusal.status)
    return redirect(url_for("late.index"), 303)


@pages.app_template_global()
def late_counts() -> LateCounts:
    """How many requests wait, or were decided lately, within the person's scope."""
    return count_late(reading(), current_actor(), now=site().clock.now())


def _asked_letter_here() -> actions.AskedLetter | None:
    return _asked_letter if site().settings.site_address else None


def _asked_letter(asked: LateLine) -> tuple[str, str]:
    return render_letter("chain/late_asked_letter.txt", asked=asked, address=absolute(url_for("late.index")))


def _letter_here() -> actions.Letter | None:
    return _letter if site().settings.site_address else None


def _letter(asked: LateLine, allowed: bool) -> tuple[str, str]:
    address = absolute(url_for("entries.page", entry=asked.entry_id))
    return render_letter("chain/late_letter.txt", asked=asked, allowed=allowed, address=address)
