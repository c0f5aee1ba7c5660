"""An organizer says who follows a province up that has not sent, and until when."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import delete, insert, select

from award.actions.mail import queue_mail
from award.actions.unit import unit
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.cycles import Cycle
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.people import Province
from award.db.reminders import Chaser
from award.errors import N_, Forbidden, Invalid, NotFound
from award.policy import Actor, is_organizer
from award.queries.coverage import list_followers
from scoring_rules.words import Words

MOST_NOTE, MOST_PROVINCES = 500, 200
NOTE = Words("หมายเหตุ", "note")
Letter = Callable[[Collection[str]], tuple[str, str]]  # provinces' codes → subject and text


def assign_follower(
    database: Database, clock: Clock, *, actor: Actor, cycle_id: int, provinces: Collection[str], user_id: int | None,
    due_at: datetime | None, note: str, key: str, letter: Letter | None = None,
) -> Receipt:  # fmt: skip
    """From now on this person follows these provinces up in the cycle, instead of whoever did; None: nobody does.

    Where the person has an address, `letter` tells them by mail. Raises Forbidden, NotFound for what is no cycle or no
    province, and Invalid, whose `details["field"]` says where: province, person, day, note."""
    chosen = tuple(sorted(set(provinces)))
    asked = ("assign_follower", cycle_id, *chosen, user_id, str(due_at), note)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        if not is_organizer(actor):
            raise Forbidden
        if u.repeated:
            return u.repeated
        if not 0 < len(chosen) <= MOST_PROVINCES:
            raise Invalid(
                N_("Tick the provinces first, at most %(most)s at a time."), details={"field": "province"},
                most=MOST_PROVINCES,
            )  # fmt: skip
        known = u.db.execute(select(Province.code).where(Province.code.in_(chosen))).scalars().all()
        if len(known) != len(chosen) or u.db.get(Cycle, cycle_id) is None:
            raise NotFound
        people = {each.id for each in list_followers(u.db, today=clock.today())}
        if user_id is not None and user_id not in people:
            raise Invalid(
                N_("Choose an organizer or somebody of a zone's committee who holds the duty today."),
                details={"field": "person"},
            )
        if due_at is not None and due_at <= u.now:
            raise Invalid(N_("Choose a day that is still to come."), details={"field": "day"})
        if len(note) > MOST_NOTE:
            raise Invalid(N_("Write at most %(most)s letters."), details={"field": "note"}, most=MOST_NOTE)
        refuse_national_ids(note, label=NOTE)
        u.db.execute(delete(Chaser).where(Chaser.cycle_id == cycle_id, Chaser.province_code.in_(chosen)))
        if user_id is not None:
            row = {"cycle_id": cycle_id, "user_id": user_id, "due_at": due_at, "note": note, "at": u.now}
            u.db.execute(
                insert(Chaser), [row | {"province_code": code, "by_id": actor.user_id} for code in chosen]
            )  # fmt: skip
            if letter is not None and user_id != actor.user_id:
                queue_mail(u, user_id, *letter(chosen))
        body = {
            "cycle": cycle_id, "provinces": list(chosen), "user": user_id,
            "due": None if due_at is None else due_at.isoformat(), "note": Private(note) if note else None,
        }  # fmt: skip
        return u.record("assign_follower", body)
