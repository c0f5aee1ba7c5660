"""The round that bench.web works on: real rows, runs calculated, cards opened again so that they can be marked."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from award.actions.ranking import calculate_run
from award.actions.slots import reopen_card
from award.clock import BANGKOK, Clock
from award.db.cycles import Seat
from award.db.engine import Database
from award.db.entries import Entry
from award.db.people import Duty, User
from award.db.schema import upgrade_schema
from award.db.scoring import Assignment, Slot
from award.demo import DemoRound, load_demo
from award.demo.places import provinces_for
from award.evaluation import mark_text, rules_of
from award.queries.cards import find_card
from award.queries.cycles import list_award_cycles
from award.queries.people import find_actor_by_login
from award.queries.ranking import find_latest_run
from bench.client import Saved
from scoring_rules.exact import plain
from scoring_rules.rules import Category, ChecklistSource, MarksSource

MORNING = datetime(2021, 7, 19, 7, 30, tzinfo=BANGKOK)  # drafts may still be written until 08:55
LIVE_PROVINCES = 8
CARDS_EACH = 6  # cards that each marking member has open
MARKING_MEMBERS = 32
REASON = "เปิดใบให้คะแนนเพื่อวัดความเร็ว (ข้อมูลสมมติ)"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The round, what can be done in it, and how long its making took. `runs`: run numbers in the order of the day;
    `days`: of each marking member, the page of a day with cards of theirs."""

    made: DemoRound
    cards: dict[str, tuple[Saved, ...]]  # login -> cards
    days: dict[str, str]  # login -> address
    drafts: tuple[tuple[str, Saved], ...]  # officer's login, entry
    runs: tuple[int, ...]
    took: dict[str, float]


def prepare_round(folder: Path, *, entries: int, members: int, seed: int) -> Prepared:
    """A database in `folder` with the demo round of this size; some provinces live, so that drafts can be written."""
    took: dict[str, float] = {}
    database, clock = Database(folder / "award.sqlite3"), Clock(MORNING)
    upgrade_schema(database)
    live = [province.code for province in provinces_for(76)[::9]][:LIVE_PROVINCES]
    began = time.perf_counter()
    made = load_demo(database, entries=entries, members=members, seed=seed, live=live)
    took["load the round"] = time.perf_counter() - began
    began = time.perf_counter()
    runs = _calculate(database, clock)
    took[f"calculate {len(runs)} runs"] = time.perf_counter() - began
    began = time.perf_counter()
    cards, days = _open_cards(database, clock)
    count = sum(map(len, cards.values()))
    took[f"open {count} cards again"] = time.perf_counter() - began
    drafts = _drafts(database)
    database.close()
    return Prepared(made, cards, days, drafts, runs, took)


def _calculate(database: Database, clock: Clock) -> tuple[int, ...]:
    with database.reading() as db:
        awards = list_award_cycles(db)
        organizer = find_actor_by_login(db, "organizer", today=clock.today())
    assert organizer is not None
    for award in awards:
        calculate_run(database, clock, actor=organizer, adoption_id=award.adoption_id, stage="zone", kind="provisional")
    with database.reading() as db:
        found = [find_latest_run(db, award.adoption_id, "zone") for award in awards]
    return tuple(run.id for run in found if run)


def _open_cards(database: Database, clock: Clock) -> tuple[dict[str, tuple[Saved, ...]], dict[str, str]]:
    """By the action of the panel's chair, as on a real day: one ledger line each."""
    rows: dict[str, list[Any]] = {}
    with database.reading() as db:
        for row in db.execute(
            select(User.login, Assignment.id, Assignment.slot_id, Slot.session_id, Duty.zone_number)
            .join(Duty, Duty.user_id == User.id)
            .join(Seat, Seat.duty_id == Duty.id)
            .join(Assignment, Assignment.seat_id == Seat.id)
            .join(Slot, Slot.id == Assignment.slot_id)
            .where(Assignment.state == "sent")
            .order_by(Seat.position, Duty.zone_number, Assignment.id)
        ):
            own = rows.setdefault(row.login, [])
            if len(own) < CARDS_EACH:
                own.append(row)
    chosen = dict(list(rows.items())[:MARKING_MEMBERS])
    for own in chosen.values():
        for row in own:
            with database.reading() as db:
                chair = find_actor_by_login(db, f"z{row.zone_number}-chair", today=clock.today())
            assert chair is not None
            reopen_card(
                database, clock, actor=chair, slot_id=row.slot_id, card_id=row.id, reason=REASON, key=f"bench-{row.id}"
            )
    with database.reading() as db:
        rules = {award.adoption_id: rules_of(award.rules_text) for award in list_award_cycles(db)}
        found = {}
        for login, own in chosen.items():
            cards = [find_card(db, row.id) for row in own]
            found[login] = tuple(
                Saved(
                    f"/s/card/{card.id}/marks", card.revision,
                    choices_of(rules[card.adoption_id].category(card.category)),
                    {place: mark_text(value) for place, value in card.marks.items()},
                )
                for card in cards
                if card is not None
            )  # fmt: skip
    return found, {login: f"/s/{own[0].session_id}" for login, own in chosen.items()}


def choices_of(category: Category) -> dict[str, tuple[str, str]]:
    """Both ends of each scale, and each item ticked or not."""
    choices = {}
    for leaf in category.leaves:
        if isinstance(leaf.source, MarksSource):
            choices[leaf.path] = (plain(leaf.source.scale.from_), plain(leaf.source.scale.to))
        elif isinstance(leaf.source, ChecklistSource):
            choices |= {f"{leaf.path}/{item.code}": ("0", "1") for item in leaf.source.items}
    return choices


def _drafts(database: Database) -> tuple[tuple[str, Saved], ...]:
    """The live provinces' entries, each with one long text to write."""
    with database.reading() as db:
        rules = {award.adoption_id: rules_of(award.rules_text) for award in list_award_cycles(db)}
        entries = db.execute(select(Entry).where(Entry.state == "draft").order_by(Entry.number, Entry.id)).scalars()
        found = []
        for entry in entries:
            fields = rules[entry.adoption_id].category(entry.category).fields
            code = next(field.code for field in fields if field.type == "long_text")
            texts = ("ข้อความสมมติแบบที่หนึ่ง", "ข้อความสมมติแบบที่สอง")
            stored = {code: json.loads(entry.answers).get(code, "")}
            saved = Saved(f"/e/{entry.id}/answers", entry.revision, {code: texts}, stored)
            found.append((f"p{entry.province_code}", saved))
    return tuple(found)


def count_lost(folder: Path, saved: dict[str, Saved]) -> int:
    """How many acknowledged saves are not in the database: every name of every address read back."""
    database = Database(folder / "award.sqlite3")
    lost = 0
    with database.reading() as db:
        for address, each in saved.items():
            number = int(address.split("/")[-2])
            if address.startswith("/s/card/"):
                card = find_card(db, number)
                stored = {} if card is None else {place: mark_text(value) for place, value in card.marks.items()}
                revision = -1 if card is None else card.revision
            else:
                entry = db.get_one(Entry, number)
                stored, revision = json.loads(entry.answers), entry.revision
            wrong = sum(stored.get(name) != value for name, value in each.values.items())
            lost += max(wrong, int(revision != each.revision))
    database.close()
    return lost
