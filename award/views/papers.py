"""Signed paper sheets: entered for a member with a look at every row, confirmed by the member beside the photo."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import papers as actions
from award.actions.scoring import barrier_values, stored_values
from award.errors import Forbidden, Incomplete, Invalid, Locked, Refusal, Stale
from award.evaluation import card_total, exact_marks, leaf_points, numbers_in, shown_total
from award.forms.card import Card, build_card, points_text
from award.forms.papers import REASON, read_sheet, read_why
from award.forms.scoring import Save, read_key, read_revision
from award.policy import Actor, is_committee, is_organizer, may_enter_papers, may_see_photos, may_see_runs
from award.queries.cards import StoredCard, find_card, get_answers, get_card_about, list_closed_cards
from award.queries.papers import Paper, find_paper, list_papers, map_papers
from award.queries.scoring import Day, SlotLine, find_day_of_slot
from award.uploads.kinds import EXTENSIONS, MB
from award.uploads.refusals import refused
from award.views.access_log import record_paper_read
from award.views.context import current_actor, new_key, reading, site
from award.views.evidence import AROUND, LOCKED_IN, evidence_files, file_is_gone
from award.views.guard import guard
from award.views.language import said, sentence
from award.views.limits import FILES, limited
from award.views.scoring import find_own_card

pages = Blueprint("papers", __name__, url_prefix="/s")


@dataclass(frozen=True, slots=True)
class PaperSlot:
    """A slot for whose members sheets may be entered."""

    day: Day
    slot: SlotLine


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A member's own card that came from paper."""

    card: StoredCard
    paper: Paper


def find_paper_slot(db: Session, actor: Actor, slot_id: int) -> PaperSlot | None:
    """The slot, for an organizer and for the secretary of its panel. Raises Forbidden for its other members."""
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids, everywhere=is_organizer(actor))
    if day is None:
        return None
    if not (is_organizer(actor) or actions.is_secretary(actor, day)):
        raise Forbidden
    return PaperSlot(day, next(slot for slot in day.slots if slot.id == slot_id))


def find_entered(db: Session, actor: Actor, assignment_id: int) -> actions.Entering | None:
    """The card as it may be entered from paper, in the same scope."""
    return actions.find_entering(db, actor, assignment_id, today=site().clock.today())


def find_own_paper(db: Session, actor: Actor, assignment_id: int) -> OwnPaper | None:
    """The actor's own card, where a paper sheet was entered for it."""
    card, papers = find_own_card(db, actor, assignment_id), list_papers(db, assignment_id)
    return OwnPaper(card, papers[-1]) if card and papers else None


def find_photo(db: Session, actor: Actor, paper_id: int) -> Paper | None:
    """The photo's sheet: the member's own at any time; for panel, organizer and auditor once the slot is closed, and
    there only where its marks may be seen too."""
    paper = find_paper(db, paper_id)
    card_id, slot_id = (paper.assignment_id, paper.slot_id) if paper else (0, 0)  # none takes the work of a foreign one
    own = find_own_card(db, actor, card_id)
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids, everywhere=may_see_runs(actor))
    shown = list_closed_cards(db, slot_id, duty_ids=actor.duty_ids, provinces=actor.provinces)
    is_shown = day is not None and any(card.id == card_id for card in shown)
    return paper if own is not None or is_shown else None


@pages.get("/slot/<int:slot>/papers")
@guard(may_enter_papers, slot=find_paper_slot)
def index(slot: PaperSlot) -> ResponseReturnValue:
    """Whose sheets may be entered, and how the entered ones stand."""
    mine = {seat.id for seat in slot.day.seats if seat.duty_id in current_actor().duty_ids}
    return render_template(
        "papers/index.html", day=slot.day, slot=slot.slot, mine=mine, done=request.args.get("done", ""),
        papers_by_card=map_papers(reading(), [slot.slot.id]),
    )  # fmt: skip


@pages.route("/card/<int:card>/paper", methods=["GET", "POST"])
@guard(may_enter_papers, card=find_entered)
def enter(card: actions.Entering) -> ResponseReturnValue:
    """The form made from the rules; once it is whole, every row once more, with the photo."""
    if request.method == "GET" or card.barrier:
        return _show_form(card, {}, status=423 if request.method == "POST" else 200)
    save = read_sheet(request.form)
    if request.form.get("then") == "mend":
        return _show_form(card, save.changes)
    try:
        gaps = actions.check_typed(reading(), card.card, save.changes)
    except Invalid as refusal:
        return _show_form(card, save.changes, refusal=refusal, status=refusal.status)
    if gaps:
        return _show_form(card, save.changes, gaps=gaps, status=422)
    return _show_rows(card, save)


@pages.post("/card/<int:card>/paper/enter")
@guard(may_enter_papers, card=find_entered)
@limited(FILES)
def store(card: actions.Entering) -> ResponseReturnValue:
    """Enters it; what is wrong comes back beside what was typed."""
    save, upload = read_sheet(request.form), request.files.get("photo")
    try:
        if upload is None or not upload.filename:
            raise Invalid(actions.CHOOSE_PHOTO, details={"field": "photo"})
        _refuse_by_length()
        actions.enter_paper(
            site().database, site().clock, evidence_files(), actor=current_actor(), assignment_id=card.card.id,
            changes=save.changes, base_revision=save.base_revision, reason=read_why(request.form),
            name=upload.filename, stream=upload.stream, uploads=site().settings.uploads, key=save.key,
        )  # fmt: skip
    except (Locked, Stale) as refusal:
        return _show_form(_again(card), save.changes, refusal=refusal, status=refusal.status)
    except Incomplete as refusal:
        return _show_form(card, save.changes, gaps=refusal.details["gaps"], status=422)
    except Invalid as refusal:
        if refusal.details.get("problems"):
            return _show_form(card, save.changes, refusal=refusal, status=422)
        return _show_rows(card, save, refusal=refusal)
    return redirect(url_for("papers.index", slot=card.card.slot_id, done=card.card.id, _anchor="done"), 303)


def _refuse_by_length() -> None:
    """A photo that is too large by what the browser tells, before it is looked at."""
    length, most = request.content_length or 0, site().settings.uploads.file_mb
    if length > most * MB + AROUND:
        tenths = length * 10 // MB
        raise refused("file_too_large", size=f"{tenths // 10}.{tenths % 10}", most=most)


def _again(card: actions.Entering) -> actions.Entering:
    return find_entered(reading(), current_actor(), card.card.id) or card


def _sheet(card: StoredCard, typed: Mapping[str, str], errors: Mapping[str, Any]) -> Card:
    db = reading()
    category = actions.category_of(db, card)
    answers = json.loads(get_answers(db, card.entry_id))
    marks, _notes = actions.typed_card(category, typed)
    return build_card(
        category, answers=answers, fields=numbers_in(category, answers), evidence=(), values=typed,
        marks=exact_marks(marks), errors=errors,
    )  # fmt: skip


def _show_form(
    found: actions.Entering, typed: Mapping[str, str], *, refusal: Refusal | None = None, gaps: Any = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    errors = refusal.details.get("problems", {}) if refusal else {}
    page = render_template(
        "papers/enter.html", found=found, stored=found.card, about=get_card_about(reading(), found.card.id),
        sheet=_sheet(found.card, typed, errors), errors=errors, gaps=gaps, key=new_key(),
        refused=said(refusal) if refusal else "",
        barrier_says=sentence(actions.BARRIERS[found.barrier], barrier_values(found.card)) if found.barrier else "",
    )  # fmt: skip
    return page, status


def _show_rows(found: actions.Entering, save: Save, *, refusal: Refusal | None = None) -> ResponseReturnValue:
    db = reading()
    category = actions.category_of(db, found.card)
    marks, _notes = actions.typed_card(category, save.changes)
    page = render_template(
        "papers/rows.html", found=found, stored=found.card, about=get_card_about(db, found.card.id),
        sheet=_sheet(found.card, save.changes, {}), typed=save.changes, key=new_key(),
        points={path: points_text(value) for path, value in leaf_points(category, marks).items()},
        total=shown_total(category, card_total(category, marks, get_answers(db, found.card.entry_id))),
        why=request.form.get(REASON, ""), refused=said(refusal) if refusal else "",
        field=(refusal.details.get("field") or "photo") if refusal else "",
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@pages.route("/card/<int:card>/paper/mine", methods=["GET", "POST"])
@guard(is_committee, card=find_own_paper)
def mine(card: OwnPaper) -> ResponseReturnValue:
    """The photo beside what was entered; the member confirms it."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            actions.confirm_paper(
                site().database, site().clock, actor=current_actor(), assignment_id=card.card.id,
                revision=read_revision(request.form), key=read_key(request.form.get("key")),
            )  # fmt: skip
        except (Locked, Stale) as failed:
            refusal = failed
        else:
            return redirect(url_for("scoring.card", card=card.card.id), 303)
    db, stored = reading(), find_card(reading(), card.card.id) or card.card
    category = actions.category_of(db, stored)
    page = render_template(
        "papers/mine.html", stored=stored, paper=card.paper, about=get_card_about(db, stored.id),
        sheet=_sheet(stored, stored_values(stored), {}), key=new_key(), refused=said(refusal) if refusal else "",
        points={path: points_text(value) for path, value in leaf_points(category, stored.marks).items()},
        total=shown_total(category, card_total(category, stored.marks, get_answers(db, stored.entry_id))),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@pages.get("/paper/<int:paper>/photo")
@guard(may_see_photos, paper=find_photo)
def photo(paper: Paper) -> ResponseReturnValue:
    """The photo; a picture to be shown on our pages, a PDF to be saved. Who opened it is in the log."""
    path = evidence_files().find(paper.sha256)
    if path is None:
        current_app.logger.error("paper photo %s is missing or damaged", paper.sha256)
        raise file_is_gone(entry=paper.entry_code, sha256=paper.sha256)
    record_paper_read(paper=paper.id, entry=paper.entry_code, sha256=paper.sha256)
    name = f"{paper.entry_code}-paper-{paper.id}.{EXTENSIONS[paper.media_type]}"
    response = send_file(
        path, mimetype=paper.media_type, as_attachment=not paper.is_picture, download_name=name, etag=False
    )
    response.headers["Content-Security-Policy"] = LOCKED_IN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
