"""Loads the demo round in one transaction: places, people, cycle, entries, scoring sessions, marks, ledger."""

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from award.actions.passwords import hash_password
from award.actions.unit import unit
from award.clock import BANGKOK, Clock
from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.engine import Database
from award.db.ledger import Log
from award.db.people import Duty, Province, User, Zone
from award.demo.days import build_round
from award.demo.lines import new_logs, write_lines
from award.demo.offices import Ways, offices_of
from award.demo.people import SINCE, DemoSeat, DemoUser, invent_offices, invent_people
from award.demo.places import provinces_for
from award.demo.story import FORMER_DAYS, FormerDuty, invent_former
from award.errors import N_, Invalid
from award.places import ZoneData, read_zones
from award.policy import Actor
from scoring_rules.reader import load_set
from scoring_rules.rules import RuleSet

AWARDS = ("transparent-office", "cdd-policy-award", "womens-fund")
YEAR = 2564
PER_PROVINCE = 5
OPENS = datetime(2021, 5, 3, 8, 30, tzinfo=BANGKOK)
DEADLINE = datetime(2021, 7, 9, 16, 30, tzinfo=BANGKOK)
LIVE_DEADLINE = datetime(2021, 7, 19, 8, 55, tzinfo=BANGKOK)
AFTER_THE_DAY = datetime(2021, 7, 19, 16, 0, tzinfo=BANGKOK)
LIVE_MORNING = datetime(2021, 7, 19, 8, 15, tzinfo=BANGKOK)
COLLECTING_DEADLINE = datetime(2021, 7, 12, 16, 30, tzinfo=BANGKOK)
COLLECTING_MORNING = datetime(2021, 7, 9, 9, 0, tzinfo=BANGKOK)
LAST_DAY = date(2021, 7, 19)


@dataclass(frozen=True, slots=True)
class DemoRound:
    """What was loaded, with the sign-ins: everyone shares one password made for this database."""

    entries: int
    cards: int
    marks: int
    password: str
    logins: tuple[str, ...]
    live: tuple[str, ...]


def load_demo(
    database: Database,
    *,
    entries: int = 380,
    members: int = 3,
    seed: int = 2564,
    live: Collection[str] = (),
    provinces: Collection[str] = (),
    approval: str = "none",
    collecting: bool = False,
    empty: Collection[str] = (),
    revision: str = "r1",
) -> DemoRound:
    """The 2564 demo round, all of it invented from `seed` but for places and the published facts of two provinces.

    `live`: provinces whose day is still to come, with drafts, planned slots and no marks. `provinces`: only these.
    `approval`: "chain" where entries go up each office, which then has a director and a chief. `collecting`: three days
    before the deadline, no province was heard yet, and each entry is somewhere on its way. `empty`: live provinces that
    have not begun any entry. `revision`: of the rule sets; r2 asks for rows by district. Raises Invalid where the
    database holds a cycle already, and for a live province that is not in the round.
    The password is random, never from the seed.
    """
    count = -(-entries // PER_PROVINCE)
    zones, places = read_zones(), provinces_for(max(count, 76) if provinces else count)
    places = [place for place in places if not provinces or place.code in provinces]
    live = {place.code for place in places} if collecting else {*live, *empty}
    unknown = live - {place.code for place in places}
    if unknown:
        raise Invalid(
            N_("Not in this round, so their day cannot be still to come: provinces %(codes)s."),
            codes=", ".join(sorted(unknown)),
        )
    users, seats = invent_people(zones, places, members)
    if approval == "chain":
        users += invent_offices(places, first=len(users) + 1)
    former = invent_former(users, places)
    rules = [load_set(f"{award}/{YEAR}-{revision}") for award in AWARDS]
    password = secrets.token_hex(4)
    plan = build_round(
        rules,
        places,
        zones,
        users,
        seats,
        seed=seed,
        live=frozenset(live),
        most=entries,
        last_day=LAST_DAY,
        opens=OPENS,
        ways=Ways(
            Random(seed), offices_of(users), chain=approval == "chain", collecting=collecting, empty=frozenset(empty)
        ),
    )
    started = Clock(OPENS)
    with unit(database, started, actor=_actor(users[0])) as u:
        if u.db.execute(select(func.count(Cycle.id))).scalar_one():
            raise Invalid(N_("This database already holds a cycle. Start with an empty data folder."))
        u.db.execute(insert(Zone), [asdict(zone) for zone in zones])
        u.db.execute(insert(Province), [asdict(place) for place in places])
        _put_people(u.db, users, former, password_hash=hash_password(password))
        deadline = COLLECTING_DEADLINE if collecting else LIVE_DEADLINE if live else DEADLINE
        logs = new_logs(rules, year=YEAR)
        _put_cycle(u.db, rules, logs, deadline=deadline, approval=approval)
        _put_panels(u.db, zones, seats)
        last = write_lines(
            u.db, plan, logs, rules=rules, seats=seats, provinces=places, year=YEAR, opens=OPENS, deadline=deadline,
            organizer_id=users[0].id,
        )  # fmt: skip
        u.now = max(u.now, last)
        for table, rows in plan.rows.items():
            if rows:
                u.db.execute(insert(table), rows)
        u.record(
            "load_demo",
            {
                "seed": seed, "entries": len(plan.entries), "members": members, "live": sorted(live),
                # What nobody proposed: number, person, role, province, zone, acting, from, to.
                "duties": [
                    [user.id, user.id, user.role, user.province_code, user.zone_number, user.acting, SINCE.isoformat(),
                     None]
                    for user in users
                ] + [
                    [each.id, each.user_id, each.role, each.province_code, None, False,
                     *(day.isoformat() for day in FORMER_DAYS)]
                    for each in former
                ],
            },
        )  # fmt: skip
    return DemoRound(
        entries=len(plan.entries),
        cards=len(plan.assignments),
        marks=len(plan.marks),
        password=password,
        logins=tuple(x.login for x in users),
        live=tuple(sorted(live)),
    )


def _put_people(db: Session, users: list[DemoUser], former: list[FormerDuty], *, password_hash: str) -> None:
    """Accounts, each with its one duty, and what was held before."""
    db.execute(
        insert(User),
        [
            {
                "id": user.id, "login": user.login, "title_th": user.title_th, "title_en": user.title_en,
                "password_hash": password_hash,
            }
            for user in users
        ],
    )  # fmt: skip
    db.execute(
        insert(Duty),
        [
            {
                "id": user.id, "user_id": user.id, "role": user.role, "province_code": user.province_code,
                "zone_number": user.zone_number, "title_th": user.duty_th or user.title_th,
                "title_en": user.duty_en or user.title_en, "acting": user.acting, "from_day": SINCE,
            }
            for user in users
        ],
    )  # fmt: skip
    if former:
        since, until = FORMER_DAYS
        db.execute(insert(Duty), [{**asdict(each), "from_day": since, "to_day": until} for each in former])


def _put_cycle(db: Session, rules: list[RuleSet], logs: list[Log], *, deadline: datetime, approval: str) -> None:
    """The cycle with its awards, each deciding by one of the rule sets."""
    cycle = {
        "id": 1, "year": YEAR, "opens_at": OPENS, "deadline_at": deadline, "invented": True, "approval": approval
    }  # fmt: skip
    db.execute(insert(Cycle), [cycle])
    for number, each in enumerate(rules, start=1):
        award = {
            "id": number, "code": each.award_code, "name_th": each.award.th, "name_en": each.award.en,
            "short_th": each.short.th, "short_en": each.short.en,
        }  # fmt: skip
        adoption = {
            "id": number, "cycle_id": 1, "award_id": number, "position": number, "rule_set": each.id,
            "rules_sha256": each.sha256, "rules_text": each.text, "adopted_at": OPENS,
            "log": logs[number - 1].name, "seal": logs[number - 1].seal,
        }  # fmt: skip
        db.execute(insert(Award), [award])
        db.execute(insert(Adoption), [adoption])


def _put_panels(db: Session, zones: list[ZoneData], seats: list[DemoSeat]) -> None:
    """A panel for each zone, and who sits on it."""
    db.execute(
        insert(Panel),
        [
            {"id": number, "cycle_id": 1, "stage": "zone", "zone_number": zone.number}
            for number, zone in enumerate(zones, start=1)
        ],
    )
    db.execute(
        insert(Seat),
        [
            {
                "id": seat.id, "panel_id": seat.panel_id, "duty_id": seat.user.id, "kind": seat.kind,
                "position": seat.position, "code": seat.code,
            }
            for seat in seats
        ],
    )  # fmt: skip


def _actor(user: DemoUser) -> Actor:
    return Actor(user.id, user.login, user.title_th, user.title_en)
