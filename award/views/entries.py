"""A province's entries: the form made from the rules, saved as one types; check, send, receipt; the read-only page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.actions import entries as actions
from award.actions.office import GENERAL
from award.actions.writable import check_time
from award.answers.check import Problem, list_problems
from award.answers.codes import find_field
from award.answers.suggestions import points_text
from award.answers.tidy import tidy_changes
from award.errors import N_, Invalid, Locked, Malformed, NotFound, Stale
from award.evaluation import numbers_in, rules_of
from award.forms.earlier import Offer, list_offers
from award.forms.entries import Question, Result, Section, build_sections, read_posted
from award.policy import is_officer, is_organizer, may_organize_for, may_read_entries, may_use_entries, may_write_for
from award.queries.entries import FoundEntry, find_entry, has_scoring_begun, list_evidence
from award.queries.office import EarlierEntry, find_earlier, list_notes, map_owners
from award.queries.stored_files import list_sent_files
from award.uploads.kinds import EXTENSIONS, in_mb, shown_kinds
from award.views.all_entries import all_entries_page
from award.views.chain import way_of
from award.views.context import current_actor, new_key, reading, site
from award.views.entry_lists import province_page, time_left
from award.views.guard import guard, row_id
from award.views.language import clock_time, current_language, said, sentence, words
from award.views.limits import SAVES, limited
from award.views.moments import moment_in
from award.views.worker import may_keep
from scoring_rules.exact import plain
from scoring_rules.rules import Category, Indicator
from scoring_rules.words import Words

pages = Blueprint("entries", __name__)
pages.add_app_template_filter(plain, "plain")
pages.add_app_template_filter(points_text, "points_text")
pages.add_app_template_filter(in_mb, "in_mb")
pages.add_app_template_filter(shown_kinds, "shown_kinds")
pages.add_app_template_filter(lambda media_type: EXTENSIONS.get(media_type, "").upper(), "file_kind")
MOST_JSON = 2 * 1024 * 1024  # a save of text; files come another way


@pages.app_template_filter()
def unit_after(indicator: Indicator) -> str:
    """The unit to write after a value; blank where the label begins with it, as Thai percentages do."""
    unit = words(indicator.unit)
    return "" if words(indicator.label).startswith(unit) else unit


def category_of(entry: FoundEntry) -> Category:
    """The rules that the entry answers to."""
    return rules_of(entry.rules_text).category(entry.category)


def may_change(entry: FoundEntry) -> bool:
    """Whether the person may write in it now: the same questions that the action asks."""
    if entry.state != "draft" or entry.step or not may_write_for(current_actor(), entry.province_code):
        return False
    try:
        check_time(site().clock.now(), opens_at=entry.opens_at, closes_at=entry.closes_at)
    except Locked:
        return False
    return True


def problems_of(entry: FoundEntry) -> list[Problem]:
    """What keeps the entry from being sent."""
    category = category_of(entry)
    return list_problems(
        category, entry.answers, numbers=numbers_in(category, entry.answers), evidence=entry.evidence_count,
        districts=entry.districts,
    )  # fmt: skip


def sections_of(
    entry: FoundEntry, *, evidence: Sequence[Any], problems: Sequence[Problem], stored: Mapping[str, Any] | None = None
) -> tuple[Section, ...]:
    """The entry as the form shows it, in the page's language."""
    category = category_of(entry)
    return build_sections(
        category, entry.answers, numbers=numbers_in(category, entry.answers), evidence=evidence, problems=problems,
        language=current_language(), stored=stored, districts=entry.districts,
    )  # fmt: skip


@pages.get("/e/")
@guard(may_use_entries)
def index() -> ResponseReturnValue:
    """An officer's cards; for the organizer and the auditor the list of all entries."""
    return province_page() if is_officer(current_actor()) else all_entries_page()


@pages.post("/e/begin")
@guard(is_officer)
def begin() -> ResponseReturnValue:
    """An empty entry, then its form."""
    entry_id = actions.begin_entry(
        site().database, site().clock, actor=current_actor(), adoption_id=request.form.get("adoption", 0, row_id),
        category=request.form.get("category", ""), province_code=request.form.get("province", ""),
        label=request.form.get("label", ""), key=request.form.get("key", ""),
    )  # fmt: skip
    return redirect(url_for("entries.page", entry=entry_id), 303)


@pages.get("/e/<int:entry>")
@guard(may_read_entries, entry=find_entry)
def page(entry: FoundEntry) -> ResponseReturnValue:
    """The form where the person may write, else the entry as it stands."""
    return _form(entry) if may_change(entry) and "whole" not in request.args else _read(entry)


def offers_of(entry: FoundEntry) -> tuple[EarlierEntry | None, dict[str, Offer]]:
    """What the province's entry of an earlier year has to offer to the questions that are open now, by code."""
    found = find_earlier(reading(), entry)
    if found is None:
        return None, {}
    category, earlier = category_of(entry), rules_of(found.rules_text).category(found.category)
    offers = list_offers(category, entry.answers, earlier, found.answers, language=current_language())
    return found, {each.field.code: each for each in offers if entry.is_open(each.field.code)}


def _is_open_in(block: Question | Result, entry: FoundEntry) -> bool:
    """Whether a question is open to be changed; a result where one of its numbers is."""
    if isinstance(block, Question):
        return entry.is_open(block.field.code)
    codes = [block.top, block.bottom or block.top, *(each.field.code for each in block.beside)]
    return any(entry.is_open(code) for code in codes)


pages.add_app_template_test(_is_open_in, "is_open_in")


def _open_sections(entry: FoundEntry, sections: Sequence[Section]) -> set[str]:
    """The parts of the form in which something can be changed."""
    blocks = {each.code: [block for part in each.parts for block in part.questions] for each in sections}
    found = {code for code, own in blocks.items() if not own or any(_is_open_in(block, entry) for block in own)}
    return found | ({GENERAL} if entry.is_open(actions.LABEL) else set()) if entry.returned else set(blocks)


def _label_of(entry: FoundEntry, code: str) -> Words:
    field = find_field(category_of(entry), code)
    return Words("ชื่อผู้ส่งผลงาน", "Who stands for the entry") if field is None else field.label


def _form(
    entry: FoundEntry, *, stored: Mapping[str, Any] | None = None, status: int = 200, says: str = "",
    partly: bool = False,
) -> ResponseReturnValue:  # fmt: skip
    may_keep()
    problems = problems_of(entry)
    evidence = list_evidence(reading(), entry.id)
    earlier, offers = offers_of(entry)
    sections = sections_of(entry, evidence=evidence, problems=problems, stored=stored)
    return render_template(
        "entries/form.html", earlier=earlier, offers=offers, owners=map_owners(reading(), entry.id), new_key=new_key,
        notes=list_notes(reading(), entry.id), open_sections=_open_sections(entry, sections),
        label_of=lambda code: _label_of(entry, code), entry=entry,
        problems=problems, says=says, left=time_left(entry.closes_at), key=new_key(),
        sections=sections, sentence=sentence,
        sent=list_sent_files(reading(), entry), most_mb=site().settings.uploads.file_mb,
        scanned=bool(site().settings.uploads.scanner),
        # Blanks are shown at their fields only to someone who asked what is missing; what is wrong always is.
        checking="check" in request.args, unsaved=bool(says), partly=partly,
        stored={**(entry.answers if stored is None else stored), actions.LABEL: entry.label},
        names_itself=category_of(entry).entrant != "province_office", way=way_of(entry),
    ), status  # fmt: skip


def _read(entry: FoundEntry) -> ResponseReturnValue:
    actor = current_actor()
    evidence = list_evidence(reading(), entry.id)
    can_reopen = (
        may_organize_for(actor, entry.province_code)
        and entry.state in ("draft", "submitted", "withdrawn")
        and not has_scoring_begun(reading(), entry.id)
    )
    return render_template(
        "entries/read.html", entry=entry, sections=sections_of(entry, evidence=evidence, problems=()), key=new_key(),
        left=time_left(entry.closes_at), can_reopen=can_reopen, own=may_write_for(actor, entry.province_code),
        way=way_of(entry),
    )  # fmt: skip


@pages.post("/e/<int:entry>/answers")
@guard(is_officer)
@limited(SAVES)
def answers(entry: int) -> ResponseReturnValue:
    """Saves: the page's code sends single changes as JSON, a browser without it the whole form."""
    return _save_changes(entry) if request.is_json else _save_form(entry)


def _save_changes(entry_id: int) -> ResponseReturnValue:
    if (request.content_length or 0) > MOST_JSON:
        raise Invalid(N_("This is too much text for one save. Shorten it, or send part of it as a file."))
    try:
        sent = request.get_json()
    except RecursionError:
        sent = None
    shape = {"key": str, "base_revision": int, "changes": dict}
    if not isinstance(sent, dict) or any(type(sent.get(name)) is not kind for name, kind in shape.items()):
        raise Malformed(N_("The request could not be understood. Reload the page and try again."))
    saved = actions.save_answers(
        site().database, site().clock, actor=current_actor(), entry_id=entry_id, changes=sent["changes"],
        base_revision=sent["base_revision"], key=sent["key"],
    )  # fmt: skip
    entry = saved.entry or find_entry(reading(), current_actor(), entry_id)
    if entry is None:
        raise NotFound
    cleaned = gettext("Invisible characters were taken out of what you typed.") if saved.cleaned else ""
    return jsonify(
        revision=saved.revision, receipt=saved.receipt, saved_at=clock_time(saved.at), notice=cleaned,
        repeated=saved.entry is None, theirs=saved.theirs, **state_of(entry, names=(*sent["changes"], *saved.theirs)),
    )  # fmt: skip


def state_of(entry: FoundEntry, *, names: Sequence[str] = ()) -> dict[str, Any]:
    """What the page's code shows after a save: plain values of these fields, results, faults, the checklist."""
    problems = problems_of(entry)
    sections = sections_of(entry, evidence=(), problems=problems)
    blocks = [block for section in sections for part in section.parts for block in part.questions]
    every = [each for block in blocks for each in (block.beside if isinstance(block, Result) else (block,))]
    asked = [block for block in every if block.name in names]
    results = [block for block in blocks if isinstance(block, Result)]
    return {
        "values": {block.name: block.value for block in asked if not block.rows},
        "stored": {name: entry.label if name == actions.LABEL else entry.answers.get(name, "") for name in names},
        "results": {each.indicator.code: {"shown": each.shown, "level": _level(each)} for each in results},
        "wrong": {each.place: sentence(each.says, each.values) for each in problems if each.kind == "wrong"},
        "checklist": fragment("entries/checklist.html", entry=entry, problems=problems, sentence=sentence),
        "todo": len(problems),
        "counts": {section.code: section.missing for section in sections},
    }


def _level(result: Result) -> str:
    return fragment("entries/level.html", result=result).strip()


def fragment(name: str, **values: Any) -> str:
    """A piece of a page for the page's code, without the frame's values, which cost a statement."""
    return current_app.jinja_env.get_template(name).render(values)


def _save_form(entry_id: int) -> ResponseReturnValue:
    actor = current_actor()
    entry = find_entry(reading(), actor, entry_id)
    if entry is None:
        raise NotFound
    changes = read_posted(category_of(entry), request.form)
    if actions.LABEL in request.form:
        changes[actions.LABEL] = request.form[actions.LABEL]
    try:
        left = _save_but_for_faults(entry_id, changes)
    except (Stale, Invalid) as refusal:
        # What the person left as it was is shown as it is now: saved again, it must not undo what others did.
        mine = refusal.details.get("mine", changes)
        typed = _as_typed(entry, {code: mine[code] for code in changes if code in mine})
        stored = entry.answers if isinstance(refusal, Stale) else None
        return _form(typed, stored=stored, status=refusal.status, says=said(refusal))
    now = find_entry(reading(), actor, entry_id)
    if left and now is not None:
        typed = _as_typed(now, {code: changes[code] for code in left})
        return _form(typed, status=422, says=" ".join(map(said, left.values())), partly=True)
    after = "sending.look" if "check" in request.form else "entries.page"
    return redirect(url_for(after, entry=entry_id), 303)


def _save_but_for_faults(entry_id: int, changes: Mapping[str, Any]) -> dict[str, Invalid]:
    """Saves what the form holds; answers that cannot be stored at all are left out, each with why. Raises Stale, and
    Invalid where the fault is of no single answer."""
    left: dict[str, Invalid] = {}
    while len(left) < len(changes):
        try:
            actions.save_answers(
                site().database, site().clock, actor=current_actor(), entry_id=entry_id,
                changes={code: value for code, value in changes.items() if code not in left},
                base_revision=request.form.get("base_revision", -1, int),
            )  # fmt: skip
            return left
        except Stale as refusal:
            refusal.details["mine"] = {**refusal.details["mine"], **{code: changes[code] for code in left}}
            raise
        except Invalid as refusal:
            code = refusal.details.get("field")
            if code not in changes or code in left:
                raise
            left[str(code)] = refusal
    return left


def _as_typed(entry: FoundEntry, changes: Mapping[str, Any]) -> FoundEntry:
    """The entry as the person typed it, to be shown again: nothing typed is lost by a refusal."""
    try:
        values = tidy_changes(
            category_of(entry), {code: typed for code, typed in changes.items() if code != actions.LABEL}
        ).values
    except Invalid:
        values = {code: typed for code, typed in changes.items() if code != actions.LABEL}
    label = changes.get(actions.LABEL, entry.label)
    return replace(entry, answers={**entry.answers, **values}, label=str(label))


@pages.post("/e/<int:entry>/return")
@guard(is_organizer, entry=find_entry)
def reopen(entry: FoundEntry) -> ResponseReturnValue:
    """The organizer opens the entry again for its province."""
    actions.reopen_entry(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id,
        reason=request.form.get("reason", ""), until=moment_in(request.form), key=request.form.get("key", ""),
    )  # fmt: skip
    return redirect(url_for("entries.page", entry=entry.id), 303)
