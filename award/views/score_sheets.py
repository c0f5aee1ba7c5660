"""Marking without the network: a member's score sheet of one slot out, and the filled one in, shown before it counts.

One sheet for each slot, not for the whole day: each award has its own rules, its slot opens and closes by itself, and a
sheet is stored whole or not at all. The file is not kept; the preview carries its changes, sealed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO

from flask import Blueprint, current_app, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import score_sheets as actions
from award.actions.scoring import BARRIERS, barrier_of, barrier_values
from award.errors import N_, Invalid, Locked, NotFound, Refusal, Stale
from award.evaluation import adopted_rules, exact_marks, numbers_in
from award.forms.score_sheets import Confirmed, read_changes, seal, seal_changes, unseal
from award.forms.scoring import read_key
from award.policy import Actor, is_committee, may_look_into
from award.queries.cards import StoredCard, get_stage_of_slot, list_seat_cards, map_answers
from award.queries.cycles import has_invented_data
from award.queries.scoring import Day, SeatHeld, SlotLine, find_day_of_slot
from award.score_sheets import EntryChanges, Preview, read_score_sheet
from award.tables.refusing import HOSTILE, MAX_BYTES
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import current_language, said, sentence
from award.views.limits import BOOKS, limited
from award.workbooks import SEATS
from exports.material import Member
from exports.score_sheet import Kept, ScoreSheet, SheetEntry, score_sheet
from exports.score_sheet_layout import GONE
from exports.wording import CARD_STATE
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

pages = Blueprint("score_sheets", __name__, url_prefix="/s/slot")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_BY = Words("ระบบประเมินและให้คะแนน", "The award scoring system")


@dataclass(frozen=True, slots=True)
class OwnSlot:
    """A slot in which the actor has cards, with the seat that they are of."""

    day: Day
    slot: SlotLine
    seat: SeatHeld
    cards: tuple[StoredCard, ...]


def find_own_slot(db: Session, actor: Actor, slot_id: int) -> OwnSlot | None:
    """The slot with the cards of the actor's own seat; None without any."""
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids)
    seat = next((seat for seat in day.seats if seat.duty_id in actor.duty_ids), None) if day else None
    if day is None or seat is None:
        return None
    cards = tuple(list_seat_cards(db, slot_id=slot_id, seat_id=seat.id))
    slot = next(slot for slot in day.slots if slot.id == slot_id)
    return OwnSlot(day, slot, seat, cards) if cards else None


@pages.get("/<int:slot>/sheet")
@guard(is_committee, slot=find_own_slot)
def page(slot: OwnSlot) -> ResponseReturnValue:
    """Where a sheet is fetched and brought back."""
    return _show_page(slot)


@pages.get("/<int:slot>/sheet.xlsx")
@guard(is_committee, slot=find_own_slot)
@limited(BOOKS)
def download(slot: OwnSlot) -> ResponseReturnValue:
    """The member's own sheet with the marks so far. A slot that is not open yet is no reason to lock it."""
    sheet = _sheet(slot, prepared=True)
    name = f"{sheet.rules.id.replace('/', '-')}-{slot.seat.code}-{slot.slot.id}.xlsx"
    return send_file(
        BytesIO(score_sheet(sheet)), mimetype=XLSX, as_attachment=True, download_name=name, etag=False, max_age=0
    )


@pages.post("/<int:slot>/sheet")
@guard(is_committee, slot=find_own_slot)
@limited(BOOKS)
def preview(slot: OwnSlot) -> ResponseReturnValue:
    """Every change of the file chosen, or every reason why it is refused. Nothing is stored."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _show_page(slot, status=422, refused=sentence(N_("Choose the filled file first."), {}))
    sheet = _sheet(slot, prepared=False)
    try:
        found = read_score_sheet(upload.stream.read(MAX_BYTES + 1), name=upload.filename, sheet=sheet)
        sealed = _sealed(slot, found) if found.changed and not found.shut else ""
    except FactsRefused as refused:
        codes = [each.code for each in refused.problems]
        g.refused = next((code for code in codes if code in HOSTILE), codes[0])
        return _show_page(slot, status=422, problems=refused.problems)
    except Invalid as refusal:
        return _show_page(slot, status=422, refused=said(refusal))
    return render_template(
        "scoring/sheet_preview.html",
        own=slot, found=found, sealed=sealed, key=new_key(), name=upload.filename,
        count=sum(len(each.changes) for each in found.changed),
        card_ids={card.entry_code: card.id for card in slot.cards},
    )  # fmt: skip


@pages.post("/<int:slot>/sheet/store")
@guard(is_committee, slot=find_own_slot)
def store(slot: OwnSlot) -> ResponseReturnValue:
    """Stores what the preview showed, all of it or nothing."""
    actor, secret = current_actor(), _secret()
    try:
        confirmed = read_changes(secret, whose=(actor.user_id, slot.slot.id), text=request.form.get("changes", ""))
        if any(each.overwrites for each in confirmed) and request.form.get("overwrite") != "yes":
            raise Invalid(
                N_("Nothing was stored: say that the file counts where a card was saved since, or choose another file.")
            )
        receipt = actions.record_sheet(
            site().database, site().clock, actor=actor, slot_id=slot.slot.id, key=read_key(request.form.get("key")),
            cards=[
                actions.CardChanges(each.assignment_id, each.base_revision, each.changes) for each in confirmed
            ],
        )  # fmt: skip
    except (Invalid, Stale, Locked, NotFound) as refusal:
        return _show_page(slot, status=refusal.status, refused=_nothing_stored(refusal))
    count = sum(len(each.changes) for each in confirmed)
    done = seal(secret, purpose="done", value=[receipt.text, count, actor.user_id, slot.slot.id])
    return redirect(url_for("score_sheets.page", slot=slot.slot.id, done=done), 303)


def _nothing_stored(refusal: Refusal) -> str:
    if isinstance(refusal, Stale):
        return sentence(
            N_("Nothing was stored: a card was saved since you looked at the changes. Choose the file once more."), {}
        )
    return said(refusal)


def _show_page(
    own: OwnSlot, *, status: int = 200, refused: str = "", problems: tuple[Problem, ...] = ()
) -> ResponseReturnValue:
    done = request.args.get("done", "")
    receipt, count = _receipt(own, done) if done else ("", 0)
    shown = render_template(
        "scoring/sheet.html", own=own, refused=refused, problems=problems, receipt=receipt, count=count,
        open_cards=[card for card in own.cards if _barrier(card) in ("", "planned")],
    )  # fmt: skip
    return shown, status


def _receipt(own: OwnSlot, done: str) -> tuple[str, int]:
    """The receipt in the address and how many cells it is for; none where it is another person's or another slot's."""
    receipt, count, *whose = unseal(_secret(), purpose="done", text=done)
    return (receipt, count) if whose == [current_actor().user_id, own.slot.id] else ("", 0)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _barrier(card: StoredCard) -> str:
    return barrier_of(card, actor=current_actor())


def _sheet(own: OwnSlot, *, prepared: bool) -> ScoreSheet:
    """The member's sheet as things stand now. `prepared`: what only waits for its slot to open may be filled."""
    db = reading()
    rules = adopted_rules(db, adoption_id=own.slot.adoption_id, sha256=own.slot.rules_sha256)
    readable = [card for card in own.cards if may_look_into(entry_state=card.entry_state, excused=card.excused)]
    answers = map_answers(db, [card.entry_id for card in readable])
    lines = {card.code: card for card in own.slot.cards}
    entries = []
    for card in own.cards:
        fields = numbers_in(rules.category(card.category), json.loads(answers.get(card.entry_id, "{}")))
        line, revision = lines[card.entry_code], str(card.revision)
        entry = SheetEntry(
            card.entry_code, card.category, line.label, fields=fields, revision=revision, late=line.is_late
        )
        if not card.excused:  # marks of an excused member are kept and do not count: the card does not show them either
            entry = replace(entry, marks=exact_marks(card.marks), notes=card.notes, as_of=partial(_as_of, card))
        entries.append(replace(entry, shut=_shut(card, prepared=prepared), excused=_excused(card)))
    return ScoreSheet(
        rules=rules,
        stage=rules.stage(get_stage_of_slot(db, own.slot.id)),
        member=Member(own.seat.code, Words(own.seat.title_th, own.seat.title_en), SEATS[own.seat.kind]),
        entries=tuple(entries),
        made_at=site().clock.now(),
        made_by=MADE_BY,
        invented=has_invented_data(db),
        language=current_language(),
    )


def _as_of(card: StoredCard, revision: str) -> Kept | None:
    """What the card held at a revision that it has had."""
    if not re.fullmatch("[0-9]{1,9}", revision) or int(revision) > card.revision:  # the file's own word
        return None
    latest = {mark.criterion: mark for mark in card.history if mark.revision <= int(revision)}
    marks = {place: mark.value for place, mark in latest.items() if mark.value is not None}
    return Kept(exact_marks(marks), {place: mark.note for place, mark in latest.items() if mark.note})


def _shut(card: StoredCard, *, prepared: bool) -> Words | None:
    barrier = _barrier(card)
    if not barrier or (prepared and barrier == "planned"):
        return None
    told = sentence(BARRIERS[barrier], barrier_values(card))  # in the page's language, which is the sheet's
    return Words(told, told)


def _excused(card: StoredCard) -> Words | None:
    """Why the member never marks this card, in a few words."""
    return GONE if _barrier(card) == "gone" else CARD_STATE.get(card.excused)


def _sealed(own: OwnSlot, found: Preview) -> str:
    cards = {card.entry_code: card for card in own.cards}
    confirmed = [_confirmed(each, cards) for each in found.changed]
    return seal_changes(_secret(), whose=(current_actor().user_id, own.slot.id), cards=confirmed)


def _confirmed(each: EntryChanges, cards: Mapping[str, StoredCard]) -> Confirmed:
    card = cards[each.entry.code]
    return Confirmed(card.id, card.revision, each.as_typed(), each.overwrites)
