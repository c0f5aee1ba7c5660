"""A signed paper sheet is entered for a member, who confirms it later. Whoever enters it never reads it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, cast

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from award import policy
from award.actions.news import tell_slot
from award.actions.scoring import append_changes, barrier_values, is_own, own_card
from award.actions.unit import unit
from award.clock import Clock
from award.config import Uploads
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import Private, Receipt
from award.db.ledger import card as card_alias
from award.db.papers import PaperSheet
from award.db.scoring import Assignment
from award.errors import N_, Forbidden, Foreign, Incomplete, Invalid, Locked, NotFound, Stale
from award.evaluation import adopted_rules, as_stored, card_gaps, card_total, names_of_card, read_typed
from award.policy import Actor
from award.queries.cards import StoredCard, find_card, get_answers
from award.queries.declarations import get_sending
from award.queries.papers import list_papers
from award.queries.people import find_actor_by_id
from award.queries.scoring import Day, SeatHeld, find_day_of_slot
from award.queries.seats import find_holder_at
from award.uploads.look import look_at
from scoring_rules.exact import exact_text
from scoring_rules.rules import Category

ASSIGNMENTS, PAPERS = cast(Table, Assignment.__table__), cast(Table, PaperSheet.__table__)
KINDS = ("jpg", "jpeg", "png", "pdf")
LEAST_REASON = 10  # letters: "." explains nothing to an auditor
CHOOSE_PHOTO = N_("Choose the photo or scan of the signed sheet.")
BARRIERS = {
    "member": N_("This is your own card. Mark it on its own page."),
    "officer": N_("You work in this province's office, so you enter no marks for its entries."),
    "closed": N_("The chair closed this slot on %(closed_at)s. Ask the chair to open it again, with a written reason."),
    "recused": N_("The member is recorded as recused from this entry, so there is no sheet to enter."),
    "absent": N_("The member is recorded as absent. Where that is wrong, the chair takes it back first."),
    "sent": N_("This card was sent on %(sent_at)s. To change it, the chair opens it again for the member."),
    "own": N_("The member works in this province's office, so they do not mark its entries."),
    "unsent": N_("The province has not sent this entry yet, so it cannot be marked."),
    "gone": N_("This entry was withdrawn or not presented, so it is not marked."),
    "planned": N_("This slot is not open yet. It is planned for %(starts_at)s; the chair of the panel opens it."),
    "ended": N_("Nobody holds this seat today, so nothing can be entered for it. Hand the seat over first."),
    "waits": N_("First send your own card of this entry: whoever enters another's marks must have finished their own."),
    "marked": N_(
        "The member has marked this card on the site, and that is not overwritten. The member finishes and sends it "
        "there; where they cannot, the chair records them as absent for this entry."
    ),
    "undeclared": N_(
        "The member has not declared yet whether there is an interest in this province. The chair records what the "
        "member says; then the sheet can be entered."
    ),
    "interest": N_("The member declared an interest in this province, so no card of theirs is entered."),
    "missed": N_(
        "The member is recorded as having missed the presentation. The sheet can be entered once the chair has written "
        "down why."
    ),
}


@dataclass(frozen=True, slots=True)
class Entering:
    """A member's card as somebody is about to enter it from paper. `barrier`: what is in the way, see BARRIERS."""

    card: StoredCard
    day: Day
    seat: SeatHeld
    barrier: str


def find_entering(db: Session, actor: Actor, assignment_id: int, *, today: date) -> Entering | None:
    """The card, for an organizer, and for the secretary of its panel; None for people of no or another panel, who
    cannot tell it from one that does not exist. Raises Forbidden for the panel's other members."""
    card = find_card(db, assignment_id)
    slot_id = card.slot_id if card else 0
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids, everywhere=policy.is_organizer(actor))
    if card is None or day is None:
        return None
    if not (policy.is_organizer(actor) or is_secretary(actor, day)):
        raise Forbidden
    seat = next(seat for seat in day.seats if seat.id == card.seat_id)
    return Entering(card, day, seat, _barrier(db, actor, card, day, today=today))


def is_secretary(actor: Actor, day: Day) -> bool:
    """Whether the actor holds the secretary's seat of the panel today."""
    return any(seat.kind == "secretary" and seat.duty_id in actor.duty_ids for seat in day.seats)


def enter_paper(
    database: Database, clock: Clock, files: EvidenceFiles, *, actor: Actor, assignment_id: int,
    changes: Mapping[str, str], base_revision: int, reason: str, name: str, stream: IO[bytes], uploads: Uploads,
    key: str,
) -> Receipt:  # fmt: skip
    """Writes the marks of a signed paper sheet on a member's card and sends it; unconfirmed until the member says so.

    The photo is looked at like evidence (a picture is painted anew) and kept under its SHA-256. All or nothing. Raises
    NotFound, Locked (see BARRIERS), Stale, Foreign, Invalid (`details["problems"]` by name; `details["field"]`: reason
    or photo; an id of `award.uploads.refusals`) and Incomplete with `details["gaps"]`.
    """
    with database.reading() as db:  # who may not is refused before anything is written; a repeat meets a sent card
        early = find_entering(db, actor, assignment_id, today=clock.today())
        if early is None or early.barrier != "sent":
            _may(early)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(
            N_("Write in at least %(least)s letters why the member marked on paper."), details={"field": "reason"},
            least=LEAST_REASON,
        )  # fmt: skip
    about = ("enter_paper", assignment_id, base_revision, dict(changes), reason)
    with (
        files.receive(stream) as came,
        look_at(
            came.path, name=name, size=came.size, accept=KINDS, most_mb=uploads.file_mb, scanner=uploads.scanner
        ) as taken,
    ):  # fmt: skip
        kept = came if taken.clean == came.path else files.measured(taken.clean)
        files.send_ahead(kept)
        with unit(database, clock, actor=actor, key=key, about=about) as u:
            found = find_entering(u.db, actor, assignment_id, today=clock.today())
            if u.repeated:
                return u.repeated
            card = _may(found).card
            category = category_of(u.db, card)
            done = append_changes(u, card, category, changes=changes, base_revision=base_revision)
            if done.revision == card.revision:
                raise Invalid(N_("This is what was entered before: nothing is different."))
            after = find_card(u.db, card.id) or card
            answers = get_answers(u.db, card.entry_id)
            gaps = card_gaps(category, marks=after.marks, notes=after.notes, answers=answers)
            if gaps:
                raise Incomplete(N_("The sheet is not complete, so it was not entered."), details={"gaps": gaps})
            body: dict[str, Any] = {
                **done.body, "slot": card.slot_id, "photo_sha256": kept.sha256, "reason": Private(reason.strip()),
                "total": exact_text(card_total(category, after.marks, answers)),
            }  # fmt: skip
            receipt = u.record("enter_paper", body, log=u.log_of(card.adoption_id))
            u.db.execute(
                update(ASSIGNMENTS)
                .where(ASSIGNMENTS.c.id == card.id)
                .values(state="sent", sent_at=u.now, receipt=receipt.text, paper="unconfirmed")
            )
            u.db.execute(
                insert(PAPERS).values(
                    assignment_id=card.id, revision=done.revision, sha256=kept.sha256, media_type=taken.media_type,
                    size=kept.size, reason=reason.strip(), at=u.now, by_id=actor.user_id,
                )
            )  # fmt: skip
            tell_slot(u, card.slot_id)
            files.keep(kept)
    return receipt


def confirm_paper(
    database: Database, clock: Clock, *, actor: Actor, assignment_id: int, revision: int, key: str
) -> Receipt:
    """The member says that what was entered is what they signed; also after the slot was closed.

    Raises NotFound (not the actor's card), Locked (nothing waits; or the sheet is of who held the seat before) and
    Stale (another revision than the page showed).
    """
    with unit(database, clock, actor=actor, key=key, about=("confirm_paper", assignment_id, revision)) as u:
        card, _ = own_card(u, clock, assignment_id)
        if u.repeated:
            return u.repeated
        if card.state != "sent" or card.paper != "unconfirmed":
            raise Locked(N_("No paper sheet waits for your confirmation here. Reload the page to see how it stands."))
        if revision != card.revision:
            raise Stale(N_("The card was changed after this page was made. Look at it once more."))
        last = list_papers(u.db, card.id)[-1]
        if find_holder_at(u.db, card.seat_id, last.at) not in (actor.user_id, None):
            raise Locked(
                N_("Somebody else held this seat when the sheet was signed. Only they can say that it is theirs.")
            )
        u.db.execute(update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == card.id).values(paper="confirmed"))
        u.db.execute(update(PAPERS).where(PAPERS.c.id == last.id).values(confirmed_at=u.now))
        tell_slot(u, card.slot_id)
        body = {"card": card_alias(card.id), "revision": card.revision}
        return u.record("confirm_paper", body, log=u.log_of(card.adoption_id))


def check_typed(db: Session, card: StoredCard, changes: Mapping[str, str]) -> tuple[Any, ...]:
    """What is missing on a sheet as it was typed, before it is entered. Raises Foreign and Invalid as entering does."""
    category = category_of(db, card)
    if not changes.keys() <= names_of_card(category):
        raise Foreign
    typed = read_typed(category, changes)
    if typed.problems:
        raise Invalid(N_("Some marks do not fit the scale."), details={"problems": typed.problems})
    marks, notes = typed_card(category, changes)
    return card_gaps(category, marks=marks, notes=notes, answers=get_answers(db, card.entry_id))


def typed_card(category: Category, changes: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Marks and notes as typed, in the shape of a stored card; what does not fit the scale is left out."""
    typed = read_typed(category, changes)
    marks = {place: as_stored(mark) for place, mark in typed.marks.items() if mark is not None}
    return marks, {place: note for place, note in typed.notes.items() if note}


def category_of(db: Session, card: StoredCard) -> Category:
    """The rules of a card's category."""
    return adopted_rules(db, adoption_id=card.adoption_id, sha256=card.rules_sha256).category(card.category)


def _may(found: Entering | None) -> Entering:
    if found is None:
        raise NotFound
    if found.barrier:
        raise Locked(BARRIERS[found.barrier], id=found.barrier, **barrier_values(found.card))
    return found


def _barrier(db: Session, actor: Actor, card: StoredCard, day: Day, *, today: date) -> str:
    member = find_actor_by_id(db, card.duty_user_id, today=today)
    held = card.duty_state == "confirmed" and policy.is_on(today, card.duty_from, card.duty_to)
    if member is None or not held:
        return "ended"
    mine = {seat.id for seat in day.seats if seat.duty_id in actor.duty_ids}
    own = [
        each for slot in day.slots for each in slot.cards
        if each.entry_id == card.entry_id and each.seat_id in mine
    ]  # fmt: skip
    papers = {paper.revision for paper in list_papers(db, card.id)}
    return policy.barrier_to_paper(
        is_member=is_own(actor, card, today=today),
        is_officer=policy.may_write_for(actor, card.province_code),
        waits_for_own=not all(each.is_done for each in own),
        has_own_marks=any(mark.revision not in papers for mark in card.history),
        marking=policy.barrier_to_marking(
            entry_state=card.entry_state, slot_state=card.slot_state, card_state=card.state, excused=card.excused,
            is_own=policy.may_write_for(member, card.province_code),
        ),
        sending=get_sending(db, card.id).barrier,
    )  # fmt: skip
