"""Reminders to provinces that have not sent: drafts that an organizer looks through, what became of those sent."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import reminders as actions
from award.actions.reminders import Edited, Letter
from award.answers.check import list_problems
from award.clock import BANGKOK
from award.errors import Invalid, Locked
from award.evaluation import numbers_in
from award.forms.plain_text import many_lines, one_line
from award.forms.scoring import read_key
from award.policy import is_organizer, may_see_runs
from award.queries.coverage import list_recipients
from award.queries.cycles import AwardCycle
from award.queries.entries import EntryLine, count_evidence, list_entry_lines
from award.queries.provinces import list_province_lines
from award.queries.reminders import OneLetter, ReminderRound, find_letter, find_reminder, list_reminders
from award.views.addresses import absolute
from award.views.all_entries import Column
from award.views.context import current_actor, new_key, reading, site
from award.views.coverage import columns_of, newest_awards, show
from award.views.guard import guard
from award.views.language import said, speaking

pages = Blueprint("reminders", __name__, url_prefix="/reminders")


@pages.get("/")
@guard(may_see_runs)
def index() -> ResponseReturnValue:
    """The rounds of reminders, the newest first."""
    return render_template("reminders/index.html", rounds=list_reminders(reading()), smtp=site().settings.smtp)


@pages.post("/draft")
@guard(is_organizer)
def draft() -> ResponseReturnValue:
    """A letter for each ticked province that has something to send; nothing is sent yet."""
    provinces = request.form.getlist("province")
    try:
        awards = newest_awards()
        letters = _letters(awards, provinces[: actions.MOST_LETTERS + 1])
        number = actions.draft_reminder(
            site().database, site().clock, actor=current_actor(), cycle_id=awards[0].cycle_id, letters=letters,
            subject=_subject(awards[0]), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except Invalid as refusal:
        return show(typed=request.form, ticked=provinces, wrong=("province", said(refusal)), status=refusal.status)
    return redirect(url_for("reminders.page", reminder=number), 303)


@pages.get("/<int:reminder>")
@guard(may_see_runs, reminder=find_reminder)
def page(reminder: ReminderRound) -> ResponseReturnValue:
    """The letters of a round: to be looked through, or with what became of each."""
    return _page(reminder, done=request.args.get("done", ""))


@pages.post("/<int:reminder>")
@guard(is_organizer, reminder=find_reminder)
def save(reminder: ReminderRound) -> ResponseReturnValue:
    """Keeps what was changed; then sends the letters, or drops them, where that button was pressed."""
    then, key = request.form.get("then", ""), read_key(request.form.get("key"))
    here: dict[str, Any] = {"actor": current_actor(), "reminder_id": reminder.id}
    try:
        if then == "drop":
            actions.drop_reminder(site().database, site().clock, **here, key=key)
            return redirect(url_for("reminders.index"), 303)
        actions.edit_reminder(
            site().database, site().clock, **here, subject=one_line(request.form.get("subject")),
            letters={each.id: _edited(each.id, request.form) for each in reminder.letters}, key=f"{key}-edit",
        )  # fmt: skip
        if then == "send":
            limits = sum(column.category.limit for column in columns_of(newest_awards()))
            actions.send_reminder(site().database, site().clock, **here, per_province=limits, key=key)
    except (Invalid, Locked) as refusal:
        wrong = (str(refusal.details.get("field", "")), said(refusal))
        return _page(reminder, typed=request.form, wrong=wrong), refusal.status
    return redirect(url_for("reminders.page", reminder=reminder.id, done=then or "saved"), 303)


@pages.post("/letter/<int:letter>/resend")
@guard(is_organizer, letter=find_letter)
def resend(letter: OneLetter) -> ResponseReturnValue:
    """Tries a mail again that failed."""
    actions.resend_letter(
        site().database, site().clock, actor=current_actor(), letter_id=letter.letter.id,
        key=read_key(request.form.get("key")),
    )  # fmt: skip
    return redirect(url_for("reminders.page", reminder=letter.round.id, done="resent"), 303)


def _page(
    reminder: ReminderRound, *, typed: Mapping[str, str] | None = None, wrong: tuple[str, str] | None = None,
    done: str = "",
) -> str:  # fmt: skip
    return render_template(
        "reminders/page.html", reminder=reminder, typed=typed, wrong=wrong, done=done, key=new_key(),
        smtp=site().settings.smtp, is_organizer=is_organizer(current_actor()), most_text=actions.MOST_TEXT,
        most_subject=actions.MOST_SUBJECT,
    )  # fmt: skip


def _edited(number: int, form: Mapping[str, str]) -> Edited:
    return Edited(many_lines(form.get(f"letter-{number}-text")), f"letter-{number}-out" in form)


def _subject(cycle: AwardCycle) -> str:
    return render_template("reminders/subject.txt", cycle=cycle).strip()


def _letters(awards: list[AwardCycle], provinces: Collection[str]) -> list[Letter]:
    """What is missing of each of these provinces, in a letter; none for those that have sent everything."""
    db, cycle, columns = reading(), awards[0], columns_of(awards)
    places = list_province_lines(db, cycle_id=cycle.cycle_id, provinces=provinces)
    lines = list_entry_lines(db, cycle_id=cycle.cycle_id, provinces=provinces, with_answers=True)
    evidence = count_evidence(db, [line.id for line in lines])
    to = list_recipients(db, provinces, today=site().clock.today())
    counts = Counter(column.award.adoption_id for column in columns)
    has_address, letters = bool(site().settings.site_address), []
    for place in places:
        own = [line for line in lines if line.province_code == place.code]
        missing = [
            item for column in columns
            for item in _missing(column, own, evidence, several=counts[column.award.adoption_id] > 1)
        ]  # fmt: skip
        if missing:
            who = to.get(place.code)
            with speaking("th"):  # a letter from office to office; the organizer changes it at will
                text = render_template(
                    "reminders/letter.txt", province=place, cycle=cycle, missing=missing, days=_days_left(cycle),
                    address=absolute(url_for("entries.index")) if has_address else "", by=current_actor().title("th"),
                )  # fmt: skip
            letters.append(Letter(place.code, who.user_id if who else None, re.sub("\n{3,}", "\n\n", text.strip())))
    return letters


def _missing(
    column: Column, own: list[EntryLine], evidence: dict[int, dict[str, int]], *, several: bool
) -> list[dict[str, Any]]:
    """The entries of a category that are still to come: where each stands, and how many answers it lacks. `several`:
    the award has more than this category."""
    category = column.category
    here = [
        line for line in own
        if line.adoption_id == column.award.adoption_id and line.category == category.code
    ]  # fmt: skip
    drafts = [line for line in here if line.state == "draft"]
    name = f"{column.award.short_th} · {category.label.th}" if several else column.award.short_th
    found = []
    for line in drafts:
        numbers, proofs = numbers_in(category, line.answers), evidence.get(line.id, {})
        lacks = len(list_problems(category, line.answers, numbers=numbers, evidence=proofs))
        is_returned = line.first_submitted_at is not None
        found.append({"name": name, "step": line.step, "returned": is_returned, "lacks": lacks})
    return found + [{"name": name}] * max(0, category.limit - len(here))


def _days_left(cycle: AwardCycle) -> int:
    """Days to the deadline, as calendars count; negative once it is over."""
    now: datetime = site().clock.now()
    if now > cycle.deadline_at:
        return -1
    return (cycle.deadline_at.astimezone(BANGKOK).date() - now.astimezone(BANGKOK).date()).days
