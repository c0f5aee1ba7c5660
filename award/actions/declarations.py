"""A member declares, for one scoring session, whether they have an interest in its province; one who has marks nothing
there."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, insert, update

from award import policy
from award.actions.news import tell_session
from award.actions.rehearsals import refuse_in_rehearsal
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt, Unordered
from award.db.ledger import card as card_alias
from award.db.ledger import seat as seat_alias
from award.db.live import INTERESTS, Declaration
from award.db.people import Duty
from award.db.scoring import Assignment
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.policy import Actor
from award.queries.declarations import Post, find_last_declared, list_posts, list_session_cards, map_declarations
from award.queries.scoring import Day, SeatHeld, find_day
from exports.thai import typed_date

ASSIGNMENTS, DECLARATIONS = cast(Table, Assignment.__table__), cast(Table, Declaration.__table__)


@dataclass(frozen=True, slots=True)
class Declaring:
    """A session and the seat that is declared for. `by_chair`: the chair records it for somebody, or late."""

    day: Day
    seat: SeatHeld
    user_id: int
    by_chair: bool
    posts: tuple[Post, ...]


def declare_interest(
    database: Database, clock: Clock, *, actor: Actor, session_id: int, seat_id: int, kind: str, reason: str, key: str
) -> Receipt:
    """Records what the holder of the seat declares: by themselves, or as the chair writes it down.

    Any interest recuses the seat from every card of the session whose slot is not closed; another declaration takes
    the recusals of the one before back, except where the panel has seen the marks. Raises NotFound (no seat of the
    actor's on this panel), Forbidden (for another seat, by one who does not chair), Locked (the session is over, or
    rehearsed just now; or it has begun, and the chair records changes) and Invalid (`details["field"]`: kind, reason).
    """
    asked = ("declare_interest", session_id, seat_id, kind, reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        found = find_declaring(u, session_id, seat_id)
        if u.repeated:
            return u.repeated
        refuse_in_rehearsal(found.day)
        day, own = found.day, map_declarations(u.db, [session_id]).get((session_id, seat_id))
        _refuse_where_late(found, declared=own is not None)
        if kind not in INTERESTS:
            raise Invalid(N_("Choose what applies to you."), details={"field": "kind"})
        pointed_at = "; ".join(map(post_words, found.posts))
        said = reason.strip() or (pointed_at if kind == "former_post" and not found.by_chair else "")
        if not said and (kind != "none" or found.posts or found.by_chair):
            raise Invalid(_why_a_reason(found, kind), details={"field": "reason"})
        before = find_last_declared(u.db, session_id=session_id, seat_id=seat_id)
        cards = list_session_cards(u.db, session_id=session_id, seat_id=seat_id)
        freed = [
            card.id
            for card in cards
            if before is not None and before.kind != "none" and card.slot_state != "closed" and not card.seen
            and card.excused == "recused" and card.excused_reason == before.reason
        ]  # fmt: skip
        recused = [
            card.id
            for card in cards
            if kind != "none" and card.slot_state != "closed" and (not card.excused or card.id in freed)
        ]
        _excuse(u, set(freed) - set(recused), kind="", reason="")
        _excuse(u, recused, kind="recused", reason=said)
        u.db.execute(
            insert(DECLARATIONS).values(
                session_id=session_id, seat_id=seat_id, kind=kind, proposed=pointed_at, reason=said, at=u.now,
                by_id=found.user_id,
            )
        )  # fmt: skip
        tell_session(u, session_id)
        first, *others = sorted({slot.adoption_id for slot in day.slots})
        of_award = {card.id: card.adoption_id for card in cards}

        def body(adoption: int) -> dict[str, Any]:
            """What the log of one award keeps of it: its own cards only."""
            listed: dict[str, Any] = {
                name: Unordered([card_alias(card) for card in which if of_award[card] == adoption])
                for name, which in (("cards", recused), ("freed", freed))
            }
            about = {"session": session_id, "member": seat_alias(found.seat.code), "kind": kind}
            return about | {"proposed": bool(found.posts), "reason": Private(said)} | listed

        verb = "record_interest" if found.by_chair else "declare_interest"
        receipt = u.record(verb, body(first), log=u.log_of(first))
        for adoption in others:
            u.also(verb, body(adoption), log=u.log_of(adoption))
        return receipt


def find_declaring(u: Unit, session_id: int, seat_id: int) -> Declaring:
    """The session with the seat, within what the actor may declare. Raises NotFound, Forbidden and Locked."""
    day = find_day(u.db, session_id, duty_ids=u.actor.duty_ids)
    seat = next((each for each in day.seats if each.id == seat_id), None) if day else None
    if day is None or seat is None:
        raise NotFound
    own = seat.duty_id in u.actor.duty_ids
    if not own and not chairs(u.actor, day):
        raise Forbidden(N_("Only the chair records what another member declares."))
    if not day.slots:
        raise Locked(N_("No slot is planned for this province on this day yet."))
    user_id = u.db.get_one(Duty, seat.duty_id).user_id
    posts = tuple(list_posts(u.db, user_id=user_id, province_code=day.province_code, day=day.day))
    has_own = map_declarations(u.db, [session_id]).get((session_id, seat_id)) is not None
    late = not policy.may_declare(declared=has_own, opened=is_begun(day))
    return Declaring(day, seat, user_id, not own or (late and chairs(u.actor, day)), posts)


def chairs(actor: Actor, day: Day) -> bool:
    """Whether the actor chairs the panel, or a slot of the day that was passed on to them."""
    passed = {slot.chaired_by_id for slot in day.slots}
    return any(seat.duty_id in actor.duty_ids and (seat.kind == "chair" or seat.id in passed) for seat in day.seats)


def is_begun(day: Day) -> bool:
    """Whether a slot of the session was ever opened."""
    return any(slot.state != "planned" for slot in day.slots)


def is_over(day: Day) -> bool:
    """Whether all slots of the session are closed."""
    return bool(day.slots) and all(slot.state == "closed" for slot in day.slots)


def post_words(post: Post) -> str:
    """A duty as the record names it: its Thai title and its days."""
    return f"{post.title_th} {typed_date(post.from_day)} – {typed_date(post.to_day) if post.to_day else 'ปัจจุบัน'}"


def _refuse_where_late(found: Declaring, *, declared: bool) -> None:
    if is_over(found.day):
        raise Locked(N_("All slots of this province are closed, so nothing is declared any more."))
    if not found.by_chair and not policy.may_declare(declared=declared, opened=is_begun(found.day)):
        raise Locked(N_("The marking has begun, so only the chair can change what you declared. Tell the chair."))


def _why_a_reason(found: Declaring, kind: str) -> str:
    if kind != "none":
        return N_("Write what the interest is, in a few words.")
    if found.posts:
        return N_("Write why the duty named above is no interest. The chair and the minutes show it.")
    return N_("Write how the member said so, or why it changes now. The minutes show it.")


def _excuse(u: Unit, cards: Any, *, kind: str, reason: str) -> None:
    if cards:
        u.db.execute(update(ASSIGNMENTS).where(ASSIGNMENTS.c.id.in_(cards)).values(excused=kind, excused_reason=reason))
