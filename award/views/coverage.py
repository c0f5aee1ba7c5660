"""Who has not sent, province by province, with the person who follows up and when."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions.coverage import MOST_NOTE, assign_follower
from award.answers.plain import plain_date
from award.clock import BANGKOK
from award.errors import N_, Invalid
from award.evaluation import rules_of
from award.forms.plain_text import one_line
from award.forms.scoring import read_key
from award.policy import is_organizer, may_see_missing, may_see_runs
from award.queries.coverage import get_coverage, list_followers, list_province_names
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.entries import EntryLine, list_entry_lines
from award.views.addresses import absolute
from award.views.all_entries import Column
from award.views.context import current_actor, new_key, reading, site
from award.views.entry_lists import time_left
from award.views.guard import guard, row_id
from award.views.language import said
from award.views.letters import render_letter

pages = Blueprint("coverage", __name__)
OFFICE_CLOSES = time(16, 30)
SHOWN = ("zone", "by", "page")  # what the list shows, kept over a post


def newest_awards() -> list[AwardCycle]:
    """The awards of the newest cycle, in the order of the day."""
    awards = list_award_cycles(reading())
    return [award for award in awards if award.cycle_id == awards[0].cycle_id]


def columns_of(awards: list[AwardCycle]) -> list[Column]:
    """The categories in which each province may send entries."""
    return [
        Column(award, category)
        for award in awards
        for category in rules_of(award.rules_text).categories
        if category.limit_per == "province"
    ]


@pages.get("/e/missing")
@guard(may_see_missing)
def index() -> ResponseReturnValue:
    """By zone: each province of which something is still to come. Of the committee, those that one follows up."""
    return show(typed={}, done=request.args.get("done", ""))


def show(*, typed: Mapping[str, str], ticked: Collection[str] = (), wrong: tuple[str, str] | None = None,
         status: int = 200, done: str = "") -> ResponseReturnValue:  # fmt: skip
    """The page; with what was typed and what is wrong with it."""
    awards, actor = newest_awards(), current_actor()
    if not awards:
        return render_template("entries/no_cycle.html")
    columns, given = columns_of(awards), request.values
    zone, by, page = (_number(given.get(name, "")) for name in SHOWN)
    if not may_see_runs(actor):
        zone, by = None, actor.user_id
    found = get_coverage(
        reading(), cycle_id=awards[0].cycle_id, per_province=sum(column.category.limit for column in columns),
        zone=zone, followed_by=by, page=page or 1,
    )  # fmt: skip
    lines = list_entry_lines(reading(), cycle_id=awards[0].cycle_id, provinces=[each.code for each in found.provinces])
    cells: dict[tuple[str, int, str], list[EntryLine]] = {}
    for line in lines:
        cells.setdefault((line.province_code, line.adoption_id, line.category), []).append(line)
    people = list_followers(reading(), today=site().clock.today()) if may_see_runs(actor) else []
    return render_template(
        "coverage/index.html", cycle=awards[0], columns=columns, found=found, cells=cells, people=people, zone=zone,
        by=by, left=time_left(awards[0].deadline_at), is_organizer=is_organizer(actor), typed=typed, ticked=ticked,
        typed_to=request.form.getlist("to"), wrong=wrong, key=typed.get("key") or new_key(), done=done,
        most_note=MOST_NOTE,
    ), status  # fmt: skip


@pages.post("/e/missing/follower")
@guard(is_organizer)
def assign() -> ResponseReturnValue:
    """The ticked provinces are given to somebody to follow up, or taken from whoever did."""
    provinces, person = request.form.getlist("province"), request.form.get("person", "")
    typed_day = one_line(request.form.get("day"))
    day = plain_date(typed_day) if typed_day else None
    try:
        if typed_day and day is None:
            raise Invalid(N_("Write a day such as 19/7/2564."), details={"field": "day"})
        if not person:
            raise Invalid(N_("Choose who follows up."), details={"field": "person"})
        assign_follower(
            site().database, site().clock, actor=current_actor(), cycle_id=newest_awards()[0].cycle_id,
            provinces=provinces, user_id=None if person == "0" else row_id(person),
            due_at=None if day is None else datetime.combine(day, OFFICE_CLOSES, BANGKOK),
            note=one_line(request.form.get("note")), key=read_key(request.form.get("key")), letter=_letter,
        )  # fmt: skip
    except Invalid as refusal:
        field = refusal.details.get("field", "note")
        return show(typed=request.form, ticked=provinces, wrong=(field, said(refusal)), status=refusal.status)
    kept: dict[str, Any] = {
        name: number for name in SHOWN if (number := _number(request.form.get(name, ""))) is not None
    }
    return redirect(url_for("coverage.index", done="assigned", **kept), 303)


def _letter(provinces: Collection[str]) -> tuple[str, str]:
    """Tells who follows up from now on which provinces these are."""
    day = plain_date(request.form.get("day", ""))
    has_address = bool(site().settings.site_address)
    return render_letter(
        "coverage/letter.txt", cycle=newest_awards()[0], names=list_province_names(reading(), provinces), day=day,
        address=absolute(url_for("coverage.index")) if has_address else "", note=one_line(request.form.get("note")),
    )  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
