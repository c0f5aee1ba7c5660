"""The organizers' queue: one entry after the other, its answers beside their evidence; in order, or returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.actions.checks import accept_entry
from award.actions.returns import label_of, return_questions
from award.actions.sending import fingerprint
from award.actions.stands import let_stand
from award.errors import Invalid
from award.evaluation import rules_of
from award.forms.checks import Typed, read_moment, read_typed
from award.forms.versions import LABEL, Change, list_changes
from award.policy import is_organizer, may_organize_for
from award.queries.checks import (
    STANDINGS,
    TO_DO,
    Asked,
    Check,
    count_standings,
    find_checked_version,
    list_checks,
    list_queue,
    list_removed_since,
    list_standings,
)
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.entries import FoundEntry, find_entry, has_scoring_begun, list_evidence
from award.queries.provinces import list_zone_numbers
from award.queries.sent_versions import find_sent_version
from award.views.addresses import absolute
from award.views.context import current_actor, new_key, reading, site
from award.views.entries import category_of, sections_of
from award.views.guard import guard
from award.views.language import current_language, moment, said, speaking
from award.views.letters import render_letter

pages = Blueprint("checks", __name__)
MOST = 100  # entries of a page
HELD_AT = "16.30"  # the time that is offered for a new deadline: the end of an office's day


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue an entry is: what comes before and after it, and how many are still to be looked through."""

    before: int | None
    after: int | None
    number: int  # 0: it is not in the queue
    total: int
    first: int | None = None  # of the others; where to go on from the last

    @property
    def next(self) -> int | None:
        """Where to go on once this one is done."""
        return self.after or self.first


@dataclass(frozen=True, slots=True)
class Since:
    """What became of an entry since it was last looked through."""

    changes: dict[str, Change]  # code of a question -> its change
    label: Change | None
    added: frozenset[int]  # pieces of evidence
    removed: dict[str, list[str]]  # code of a question -> what was there

    @property
    def count(self) -> int:
        """How many things are different."""
        return len(self.changes) + bool(self.label) + len(self.added) + sum(len(each) for each in self.removed.values())


@pages.app_template_global("check_counts")
def check_counts() -> dict[str, int]:
    """How many entries of the newest cycle stand how, for the organizer's first page."""
    awards = _newest_cycle()
    return count_standings(reading(), cycle_id=awards[0].cycle_id, asked=Asked()) if awards else {}


def _newest_cycle() -> list[AwardCycle]:
    awards = list_award_cycles(reading())
    return [award for award in awards if award.cycle_id == awards[0].cycle_id]


def _asked() -> tuple[Asked, str]:
    """What the address asks for: numbers that are none, and words that mean nothing, ask for all."""
    show = request.args.get("show", "")
    standings = {"": TO_DO, "all": ()}.get(show, (show,) if show in STANDINGS else TO_DO)
    zone, award = request.args.get("zone", 0, int), request.args.get("award", 0, int)
    return Asked(max(0, min(zone, 999)), max(0, min(award, 2**31)), standings), show


def _args(**other: Any) -> dict[str, Any]:
    """The address's own questions, or others instead; only those that ask for something."""
    kept = {name: request.args.get(name, "") for name in ("zone", "award", "show")}
    return {name: value for name, value in {**kept, **other}.items() if value}


@pages.get("/e/check")
@guard(is_organizer)
def queue() -> ResponseReturnValue:
    """Everything that was sent, by how far it is looked through."""
    db, awards = reading(), _newest_cycle()
    if not awards:
        return render_template("entries/no_cycle.html")
    cycle_id = awards[0].cycle_id
    asked, show = _asked()
    counts = count_standings(db, cycle_id=cycle_id, asked=asked)
    total = sum(counts[each] for each in asked.standings or STANDINGS)
    count = max(1, -(-total // MOST))
    page = min(max(1, request.args.get("page", 1, int)), count)
    lines = list_queue(db, cycle_id=cycle_id, asked=asked, most=MOST, skip=(page - 1) * MOST)
    zones = list_zone_numbers(db)
    return render_template(
        "checks/queue.html", awards=awards, zones=zones, asked=asked, show=show, counts=counts, lines=lines,
        total=total, most=MOST, page=page, pages=count, args=_args, now=site().clock.now(),
        says=gettext("That was the last one.") if "done" in request.args else "",
    )  # fmt: skip


@pages.get("/e/check/<int:entry>")
@guard(is_organizer, entry=find_entry)
def entry(entry: FoundEntry) -> ResponseReturnValue:
    """One entry to be looked through."""
    return _page(entry, Typed({}, "", HELD_AT))


@pages.post("/e/check/<int:entry>/accept")
@guard(is_organizer, entry=find_entry)
def accept(entry: FoundEntry) -> ResponseReturnValue:
    """It is in order; on to the next one."""
    after = _place(entry).next
    accept_entry(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id, seen=request.form.get("seen", ""),
        note=request.form.get("note", ""), key=request.form.get("key", ""),
    )  # fmt: skip
    return _go_on(after)


@pages.post("/e/check/<int:entry>/return")
@guard(is_organizer, entry=find_entry)
def give_back(entry: FoundEntry) -> ResponseReturnValue:
    """The questions with a reason go back to the province; on to the next entry."""
    typed, after = read_typed(request.form), _place(entry).next
    try:
        return_questions(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id, questions=typed.reasons,
            until=read_moment(typed.day, typed.time), key=request.form.get("key", ""),
            letter=_letter if site().settings.site_address else None,
        )  # fmt: skip
    except Invalid as refusal:
        return _page(entry, typed, refusal=refusal), refusal.status
    return _go_on(after)


@pages.post("/e/check/<int:entry>/stand")
@guard(is_organizer, entry=find_entry)
def stand(entry: FoundEntry) -> ResponseReturnValue:
    """The return is taken back; the entry is shown again, to be found in order or not."""
    reason = request.form.get("stand-reason", "")
    try:
        let_stand(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id, reason=reason,
            key=request.form.get("key", ""), letter=_standing_letter if site().settings.site_address else None,
        )  # fmt: skip
    except Invalid as refusal:
        typed = Typed({}, "", HELD_AT, reason)
        return _page(entry, typed, refusal=refusal), refusal.status
    return redirect(url_for("checks.entry", entry=entry.id, **_args()), 303)


def _standing_letter(entry: FoundEntry) -> tuple[str, str]:
    address = absolute(url_for("entries.page", entry=entry.id))
    return render_letter("checks/standing_letter.txt", entry=entry, address=address)


def _letter(entry: FoundEntry, until: datetime) -> tuple[str, str]:
    said_until = {}
    for language in ("th", "en"):
        with speaking(language):
            said_until[f"until_{language}"] = moment(until)
    address = absolute(url_for("entries.page", entry=entry.id))
    return render_letter("checks/letter.txt", entry=entry, address=address, **said_until)


def _go_on(after: int | None) -> ResponseReturnValue:
    if after is None:
        return redirect(url_for("checks.queue", **_args(done=1)), 303)
    return redirect(url_for("checks.entry", entry=after, **_args()), 303)


def _place(entry: FoundEntry) -> Place:
    """Where the entry is among what the address asks for; one that is not among it has its neighbours all the same."""
    asked, _ = _asked()
    everything = Asked(asked.zone, asked.adoption_id)
    cycle_id = next(each.cycle_id for each in list_award_cycles(reading()) if each.adoption_id == entry.adoption_id)
    found = list_standings(reading(), cycle_id=cycle_id, asked=everything)
    wanted = [id for id, standing in found if not asked.standings or standing in asked.standings or id == entry.id]
    if entry.id not in wanted:
        return Place(None, None, 0, len(wanted))
    at = wanted.index(entry.id)
    rest, first = wanted[at + 1 :], wanted[0] if at else None
    return Place(wanted[at - 1] if at else None, rest[0] if rest else None, at + 1, len(wanted), first)


def _page(entry: FoundEntry, typed: Typed, *, refusal: Invalid | None = None) -> str:
    db = reading()
    evidence, checks = list_evidence(db, entry.id), list_checks(db, entry.id)
    is_marked = has_scoring_begun(db, entry.id)
    may = may_organize_for(current_actor(), entry.province_code)
    is_with_organizer = may and entry.state == "submitted"
    category = rules_of(entry.rules_text).category(entry.category)
    return render_template(
        "checks/entry.html", entry=entry, sections=sections_of(entry, evidence=evidence, problems=()), key=new_key(),
        checks=checks, since=_since(entry, evidence, checks), place=_place(entry), args=_args, typed=typed,
        seen=fingerprint(entry.answers, evidence), is_marked=is_marked, now=site().clock.now(),
        can_accept=is_with_organizer,
        can_return=(is_with_organizer or (may and bool(entry.returned))) and not is_marked,
        sent=find_sent_version(db, entry) if may and not is_marked else None, label=label_of(category, LABEL),
        refusal=said(refusal) if refusal else "", refused=refusal.details.get("field", "") if refusal else "",
        named_returned=_named_returned(entry),
    )  # fmt: skip


def _named_returned(entry: FoundEntry) -> list[tuple[str, Any, str]]:
    """The open questions that were asked for by name: code, label, reason; not what came along with a number."""
    category = category_of(entry)
    named = [(each.field, label_of(category, each.field), each.reason) for each in entry.returned]
    return [each for each in named if each[1] is not None and (each[0] == LABEL or each[0][:1] != "@")]


def _since(entry: FoundEntry, evidence: Sequence[Any], checks: Sequence[Check]) -> Since | None:
    """None where nobody looked yet, or the version of then is not kept."""
    if not checks:
        return None
    last = checks[0]
    then = find_checked_version(reading(), entry.id, last.revision)
    if then is None:
        return None
    stands: Mapping[str, Any] = {**entry.answers, LABEL: entry.label}
    was = {**then.answers, LABEL: entry.label if then.label is None else then.label}
    changes = {
        each.field.code: each for each in list_changes(category_of(entry), was, stands, language=current_language())
    }
    removed: dict[str, list[str]] = {}
    for code, name in list_removed_since(reading(), entry.id, last.at):
        removed.setdefault(code, []).append(name)
    added = frozenset(each.id for each in evidence if each.added_at > last.at)
    return Since(changes, changes.pop(LABEL, None), added, removed)
