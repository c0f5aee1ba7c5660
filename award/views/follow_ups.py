"""Follow-ups of the inspectors' remarks: the list of both sides, one of them, and how they are made from remarks."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import follow_ups as actions
from award.actions.follow_ups import ToDo
from award.actions.slots import HIDDEN
from award.answers.plain import plain_date
from award.db.office import WORK_GROUPS
from award.errors import N_, Forbidden, Foreign, Invalid, Locked
from award.evaluation import rules_of
from award.policy import (
    Actor,
    is_committee,
    is_officer,
    is_organizer,
    may_compare,
    may_read_entries,
    may_see_runs,
    may_write_for,
)
from award.queries.cycles import find_award_cycle
from award.queries.follow_ups import (
    SHOWN,
    Counts,
    FoundFollowUp,
    count_follow_ups,
    find_follow_up,
    list_acts,
    list_follow_ups,
    list_judged,
    list_of_entry,
    list_of_slot,
    may_judge,
)
from award.queries.office import list_colleagues
from award.queries.provinces import list_zone_numbers
from award.queries.remarks import list_remarks
from award.views.addresses import absolute
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard, row_id
from award.views.language import said
from award.views.letters import render_letter
from award.views.remarks import OnEntry, collect, find_remarked_slot
from award.views.scoring import SlotOfDay
from exports.thai import typed_date
from scoring_rules.words import Words

pages = Blueprint("follow_ups", __name__)
MOST = 100  # of a page
OFFERED = timedelta(days=30)  # until when, unless who makes it writes another day


def may_begin(actor: Actor) -> bool:
    """Makes follow-ups from remarks: the panel's chair and secretary (which ones is a matter of scope), organizers."""
    return is_committee(actor) or is_organizer(actor)


def may_decide(actor: Actor) -> bool:
    """Accepts answers, asks again; of which follow-ups is a matter of scope."""
    return may_begin(actor)


@pages.app_template_global("follow_up_counts")
def follow_up_counts() -> Counts:
    """How many wait for the person, for first pages."""
    return count_follow_ups(reading(), current_actor(), today=site().clock.today())


@pages.app_template_global("follow_ups_of")
def follow_ups_of(entry_id: int) -> list[FoundFollowUp]:
    """Those of one entry that the person sees, for the page of the entry."""
    return list_of_entry(reading(), current_actor(), entry_id)


@pages.app_template_test("overdue")
def is_overdue(found: FoundFollowUp) -> bool:
    """Its day is over, and its province has not answered."""
    return found.is_overdue(site().clock.today())


def _args(**other: Any) -> dict[str, Any]:
    kept = {name: request.args.get(name, "") for name in ("zone", "show")}
    return {name: value for name, value in {**kept, **other}.items() if value}


@pages.get("/follow-ups")
@guard(may_read_entries)
def index() -> ResponseReturnValue:
    """Those of the person's province, panel, or all of them; the most pressing first."""
    db, actor, today = reading(), current_actor(), site().clock.today()
    show = request.args.get("show", "")
    show = show if show in SHOWN else ""
    zone = max(0, min(request.args.get("zone", 0, int), 999))
    counts = count_follow_ups(db, actor, today=today, zone=zone)
    total = counts.of(show) if show else counts.open + counts.answered + counts.done + counts.dropped
    pages_there = max(1, -(-total // MOST))
    page = min(max(1, request.args.get("page", 1, int)), pages_there)
    lines = list_follow_ups(db, actor, today=today, shown=show, zone=zone, most=MOST, skip=(page - 1) * MOST)
    return render_template(
        "follow_ups/index.html", lines=lines, counts=counts, show=show, zone=zone, args=_args, page=page,
        pages=pages_there, zones=list_zone_numbers(db) if may_see_runs(actor) else (),
    )  # fmt: skip


@pages.get("/follow-ups/<int:follow_up>")
@guard(may_read_entries, follow_up=find_follow_up)
def page(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """One of them: what is to be done, what was said and done, and what the person may do."""
    return _page(follow_up)


def _page(found: FoundFollowUp, *, refused: str = "", refusal: Invalid | None = None) -> str:
    db, actor = reading(), current_actor()
    is_office = may_write_for(actor, found.province_code)
    return render_template(
        "follow_ups/page.html", found=found, acts=list_acts(db, found.id), is_office=is_office, key=new_key(),
        criterion=_criterion(db, found), groups=WORK_GROUPS, typed=request.form, refused=refused,
        people=list_colleagues(db, found.province_code, today=site().clock.today()) if is_office else (),
        may_judge=may_judge(
            db, actor, entry_id=found.entry_id, slot_id=found.slot_id, province_code=found.province_code
        ),
        refusal=said(refusal) if refusal else "", wrong=refusal.details.get("field", "") if refusal else "",
    )  # fmt: skip


def _criterion(db: Session, found: FoundFollowUp) -> Words | None:
    award_cycle = find_award_cycle(db, found.adoption_id) if found.criterion else None
    if award_cycle is None:
        return None
    leaves = rules_of(award_cycle.rules_text).category(found.category).leaves
    return next((leaf.label for leaf in leaves if leaf.path == found.criterion), Words(found.criterion))


def _act(found: FoundFollowUp, name: str, act: Callable[..., object], **about: Any) -> ResponseReturnValue:
    try:
        act(
            site().database, site().clock, actor=current_actor(), follow_up_id=found.id,
            key=request.form.get("key", ""), **about,
        )  # fmt: skip
    except Invalid as refusal:
        return _page(found, refused=name, refusal=refusal), refusal.status
    return redirect(url_for("follow_ups.page", follow_up=found.id), 303)


@pages.post("/follow-ups/<int:follow_up>/own")
@guard(is_officer, follow_up=find_follow_up)
def own(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """The office says who of it does it."""
    person = request.form.get("person", "")
    try:
        user_id = row_id(person) if person else None
    except ValueError:
        raise Foreign from None
    group = request.form.get("work_group", "")
    return _act(follow_up, "own", actions.own_follow_up, work_group=group, user_id=user_id)


@pages.post("/follow-ups/<int:follow_up>/answer")
@guard(is_officer, follow_up=find_follow_up)
def answer(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """The office says what was done."""
    return _act(follow_up, "answer", actions.answer_follow_up, text=request.form.get("text", ""), letter=_letter_here())


@pages.post("/follow-ups/<int:follow_up>/accept")
@guard(may_decide, follow_up=find_follow_up)
def accept(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """The answer is enough."""
    return _act(follow_up, "accept", actions.accept_follow_up, text=request.form.get("text", ""))


@pages.post("/follow-ups/<int:follow_up>/again")
@guard(may_decide, follow_up=find_follow_up)
def again(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """The answer is not enough."""
    try:
        due_on = _day(request.form)
    except Invalid as refusal:
        return _page(follow_up, refused="again", refusal=refusal), refusal.status
    text = request.form.get("text", "")
    return _act(follow_up, "again", actions.ask_follow_up_again, text=text, due_on=due_on, letter=_letter_here())


@pages.post("/follow-ups/<int:follow_up>/drop")
@guard(may_decide, follow_up=find_follow_up)
def drop(follow_up: FoundFollowUp) -> ResponseReturnValue:
    """Nothing is to be done any more."""
    return _act(follow_up, "drop", actions.drop_follow_up, text=request.form.get("text", ""))


def _letter_here() -> actions.Letter | None:
    return _letter if site().settings.site_address else None


def _letter(what: str, number: int, code: str, label: str) -> tuple[str, str]:
    path = url_for("follow_ups.index") if what == "several" else url_for("follow_ups.page", follow_up=number)
    return render_letter(
        "follow_ups/letter.txt", what=what, count=number, code=code, label=label, address=absolute(path)
    )


def _day(form: Mapping[str, str]) -> date | None:
    """The day typed, None where it is blank. Raises Invalid."""
    typed = form.get("due", "").strip()
    day = plain_date(typed) if typed else None
    if typed and day is None:
        raise Invalid(N_("Write the day such as 19/7/2564."), details={"field": "due"})
    return day


@pages.get("/s/slot/<int:slot>/follow-ups")
@guard(may_begin, slot=find_remarked_slot)
def make(slot: SlotOfDay) -> ResponseReturnValue:
    """The remarks of a closed slot, each ready to become a follow-up."""
    return _make(slot)


@pages.post("/s/slot/<int:slot>/follow-ups")
@guard(may_begin, slot=find_remarked_slot)
def begin(slot: SlotOfDay) -> ResponseReturnValue:
    """One more, or one for each remark that is ticked."""
    form = request.form
    if "pick" in form or form.get("kind") == "several":
        return _begin_several(slot)
    try:
        entry_id = row_id(form.get("entry", ""))
    except ValueError:
        raise Foreign from None
    criterion = form.get("criterion", "")
    try:
        actions.begin_follow_up(
            site().database, site().clock, actor=current_actor(), slot_id=slot.slot.id, entry_id=entry_id,
            criterion=criterion, text=form.get("text", ""), due_on=_day(form), key=form.get("key", ""),
            letter=_letter_here(),
        )  # fmt: skip
    except Invalid as refusal:
        return _make(slot, refused=(entry_id, criterion), refusal=refusal), refusal.status
    return redirect(url_for("follow_ups.make", slot=slot.slot.id), 303)


def _begin_several(slot: SlotOfDay) -> ResponseReturnValue:
    """`pick` holds entry and criterion, as in "12:d1/plan"; the text of each is in "text-12:d1/plan"."""
    form, asked = request.form, []
    for pick in form.getlist("pick"):
        entry, _, criterion = pick.partition(":")
        try:
            asked.append(ToDo(row_id(entry), criterion, form.get(f"text-{pick}", "")))
        except ValueError:
            raise Foreign from None
    try:
        actions.begin_follow_ups(
            site().database, site().clock, actor=current_actor(), slot_id=slot.slot.id, asked=asked, due_on=_day(form),
            key=form.get("key", ""), letter=_letter_here(),
        )  # fmt: skip
    except Invalid as refusal:
        at = refusal.details.get("at")
        refused = (asked[at].entry_id, asked[at].criterion) if isinstance(at, int) else None
        return _make(slot, refused=refused, refusal=refusal, several=True), refusal.status
    return redirect(url_for("follow_ups.make", slot=slot.slot.id, done=len(asked)), 303)


def _make(slot: SlotOfDay, *, refused: tuple[int, str] | None = None, refusal: Invalid | None = None,
          several: bool = False) -> str:  # fmt: skip
    db, actor = reading(), current_actor()
    judged = list_judged(db, actor, slot.slot.id)
    if not judged:
        raise Forbidden
    if not may_compare(slot_state=slot.slot.state):
        raise Locked(HIDDEN)
    remarks = list_remarks(db, slot.slot.id, duty_ids=actor.duty_ids, provinces=actor.provinces)
    noted = {each.entry_id: each for each in collect(db, slot, remarks)}
    entries = [
        noted.get(each.entry_id) or OnEntry(each.entry_id, each.code, each.label, ())
        for each in slot.slot.entries()
        if each.entry_id in judged
    ]
    return render_template(
        "follow_ups/make.html", day=slot.day, slot=slot.slot, entries=entries, new_key=new_key, typed=request.form,
        made=list_of_slot(db, actor, slot.slot.id), refused=refused, refusal=said(refusal) if refusal else "",
        wrong=refusal.details.get("field", "") if refusal else "", loop_of=lambda path: path.replace("/", "-") or "all",
        several=several, done=request.args.get("done", 0, int),
        due=typed_date(site().clock.today() + OFFERED),
    )  # fmt: skip
