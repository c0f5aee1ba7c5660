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
from award.policy import OFFICE, is_organizer, may_see_runs
from award.queries.coverage import map_recipients
from award.queries.cycles import AwardCycle
from award.queries.entries import EntryLine, count_evidence, list_entry_lines
from award.queries.provinces import list_province_lines
from award.queries.reminders import OneLetter, ReminderRound, find_letter, find_reminder, list_reminders, map_copied
from award.views.addresses import absolute
from award.views.all_entries import Column
from award.views.context import current_actor, new_key, reading, site
from award.views.coverage import columns_of, newest_awards, show
from award.views.guard import guard
from award.views.language import said, speaking

pages = Blueprint("reminders", __name__, url_prefix="/reminders")
LETTERS = ("th", "both", "en")  # the languages a letter may be written in; the first is the usual one


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
        language = request.form.get("language", "")
        language = language if language in LETTERS else LETTERS[0]
        roles = [role for role in request.form.getlist("to") if role in OFFICE]
        letters = _letters(awards, provinces[: actions.MOST_LETTERS + 1], language=language, roles=roles)
        number = actions.draft_reminder(
            site().database, site().clock, actor=current_actor(), cycle_id=awards[0].cycle_id, letters=letters,
            subject=_subject(awards[0], language), key=read_key(request.form.get("key")),
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
            letters={
                each.id: _edited(each.id, request.form, text_of=office[0].id)
                for office in reminder.offices for each in office
            },
            key=f"{key}-edit",
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


@pages.post("/letter/<int:letter>/copied")
@guard(is_organizer, letter=find_letter)
def copied(letter: OneLetter) -> ResponseReturnValue:
    """Notes that the text was copied; the page's code says so by itself, others press a button."""
    actions.note_copied(
        site().database, site().clock, actor=current_actor(), letter_id=letter.letter.id,
        key=read_key(request.form.get("key")),
    )  # fmt: skip
    return redirect(url_for("reminders.page", reminder=letter.round.id, done="copied"), 303)


def _page(
    reminder: ReminderRound, *, typed: Mapping[str, str] | None = None, wrong: tuple[str, str] | None = None,
    done: str = "",
) -> str:  # fmt: skip
    return render_template(
        "reminders/page.html", reminder=reminder, typed=typed, wrong=wrong, done=done, key=new_key(),
        smtp=site().settings.smtp, is_organizer=is_organizer(current_actor()), most_text=actions.MOST_TEXT,
        most_subject=actions.MOST_SUBJECT, copies=map_copied(reading(), reminder),
    )  # fmt: skip


def _edited(number: int, form: Mapping[str, str], *, text_of: int) -> Edited:
    """`text_of`: the letter whose box holds the text for everybody of the office."""
    is_out = f"letter-{number}-out" in form or f"letter-{text_of}-out" in form
    return Edited(many_lines(form.get(f"letter-{text_of}-text")), is_out)


def _subject(cycle: AwardCycle, language: str) -> str:
    subjects = render_template("reminders/subject.txt", cycle=cycle).strip().split("\n")
    return {"th": subjects[0], "en": subjects[1], "both": " / ".join(subjects)}[language]


def _letters(
    awards: list[AwardCycle], provinces: Collection[str], *, language: str, roles: Collection[str]
) -> list[Letter]:
    """What is missing of each of these provinces, in a letter to whoever of its office is asked for; none for those
    that have sent everything."""
    db, cycle, columns = reading(), awards[0], columns_of(awards)
    places = list_province_lines(db, cycle_id=cycle.cycle_id, provinces=provinces)
    lines = list_entry_lines(db, cycle_id=cycle.cycle_id, provinces=provinces, with_answers=True)
    evidence = count_evidence(db, [line.id for line in lines])
    to = map_recipients(db, provinces, today=site().clock.today(), roles=roles)
    counts = Counter(column.award.adoption_id for column in columns)
    has_address, letters = bool(site().settings.site_address), []
    for place in places:
        own = [line for line in lines if line.province_code == place.code]
        missing = [
            item for column in columns
            for item in _missing(
                column, own, evidence, several=counts[column.award.adoption_id] > 1, districts=place.districts
            )
        ]  # fmt: skip
        if missing:
            about = {
                "province": place, "cycle": cycle, "missing": missing, "days": _days_left(cycle),
                "address": absolute(url_for("entries.index")) if has_address else "",
            }  # fmt: skip
            text = "\n\n--\n\n".join(_text(each, **about) for each in ("th", "en") if language in (each, "both"))
            letters += [Letter(place.code, each.user_id, text) for each in to.get(place.code, [])] or [
                Letter(place.code, None, text)
            ]
    return letters


def _text(language: str, **about: Any) -> str:
    """A letter from office to office; the organizer changes it at will."""
    with speaking(language):
        text = render_template(f"reminders/letter_{language}.txt", by=current_actor().title(language), **about)
    return re.sub("\n{3,}", "\n\n", text.strip())


def _missing(
    column: Column, own: list[EntryLine], evidence: dict[int, dict[str, int]], *, several: bool, districts: int | None
) -> list[dict[str, Any]]:
    """The entries of a category that are still to come: where each stands, and how many answers it lacks. `several`:
    the award has more than this category."""
    category = column.category
    here = [
        line for line in own
        if line.adoption_id == column.award.adoption_id and line.category == category.code
    ]  # fmt: skip
    drafts = [line for line in here if line.state == "draft"]
    name = {
        "name_th": f"{column.award.short_th} · {category.label.th}" if several else column.award.short_th,
        "name_en": f"{column.award.short_en} · {category.label.en}" if several else column.award.short_en,
    }
    found = []
    for line in drafts:
        numbers, proofs = numbers_in(category, line.answers), evidence.get(line.id, {})
        lacks = len(list_problems(category, line.answers, numbers=numbers, evidence=proofs, districts=districts))
        is_returned = line.first_submitted_at is not None
        found.append(name | {"step": line.step, "returned": is_returned, "lacks": lacks})
    return found + [name] * max(0, category.limit - len(here))


def _days_left(cycle: AwardCycle) -> int:
    """Days to the deadline, as calendars count; negative once it is over."""
    now: datetime = site().clock.now()
    if now > cycle.deadline_at:
        return -1
    return (cycle.deadline_at.astimezone(BANGKOK).date() - now.astimezone(BANGKOK).date()).days
