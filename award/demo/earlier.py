"""A few entries of the round of the year before, all invented, by the program's own acts: so that a form offers last
year's answers, and the list of requests to send late has one that was allowed and one that was not. Nothing was heard.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from award.actions.entries import begin_entry, save_answers
from award.actions.evidence import attach_link
from award.actions.late import ask_late, decide_late
from award.actions.openings import new_seal, opening
from award.actions.sending import submit_entry
from award.actions.unit import unit
from award.clock import BANGKOK, Clock
from award.db.cycles import Adoption, Award, Cycle
from award.db.engine import Database
from award.db.ledger import Log
from award.db.people import Province
from award.demo.answers import invent_answers
from award.demo.district_rows import invent_rows
from award.demo.texts import INVENTED
from award.policy import Actor
from award.queries.people import find_actor_by_login
from scoring_rules.reader import load_set
from scoring_rules.rules import Category, Field, RuleSet

YEAR = 2563
AWARDS = ("transparent-office", "cdd-policy-award")  # what an office sends for itself
PROVINCES = ("23", "22", "54")
OPENS = datetime(2020, 5, 1, 8, 30, tzinfo=BANGKOK)
DEADLINE = datetime(2020, 7, 10, 16, 30, tzinfo=BANGKOK)
HELD_ON = datetime(2021, 7, 1, tzinfo=BANGKOK).date()  # the demo's people hold their duties from the autumn between
LATE, DECLINED = ("23", "cdd-policy-award"), ("22", "cdd-policy-award")
WHY = f"ระบบอินเทอร์เน็ตของสำนักงานขัดข้องในวันสุดท้าย ({INVENTED})"
ALLOWED = f"ตรวจสอบแล้วว่าขัดข้องจริง ให้ส่งได้ถึงวันถัดไป ({INVENTED})"
NOT_ALLOWED = f"เหตุผลไม่เพียงพอ จังหวัดแก้ไขได้ก่อนกำหนด ({INVENTED})"


class _Acts:
    """Who acts when; each act has a key of its own and comes a little after the one before."""

    def __init__(self, database: Database):
        self.database, self.at, self._keys = database, OPENS + timedelta(days=40), 0

    def by(self, login: str) -> dict[str, Any]:
        """The arguments of an act."""
        self.at, self._keys = self.at + timedelta(minutes=7), self._keys + 1
        return {
            "database": self.database, "clock": Clock(self.at), "actor": _actor(self.database, login),
            "key": f"earlier-{self._keys:08d}",
        }  # fmt: skip


def tell_earlier(database: Database) -> int:
    """Adds the round of the year before to a demo round that was just loaded; how many entries it has."""
    with database.reading() as db:
        places = {row.code: row.districts for row in db.execute(select(Province.code, Province.districts))}
    provinces = [code for code in PROVINCES if code in places]
    rules = [load_set(f"{award}/2564-r1") for award in AWARDS]
    adoptions = _open(database, rules)
    acts, rng, late, count = _Acts(database), Random(YEAR), [], 0
    for adoption_id, rule_set in zip(adoptions, rules, strict=True):
        for code in provinces:
            entry_id = _fill_in(acts, rng, adoption_id, rule_set.categories[0], code, districts=places[code])
            count += 1
            if (code, rule_set.award_code) in (LATE, DECLINED):
                late.append((code, entry_id, (code, rule_set.award_code) == LATE, rule_set.categories[0]))
            else:
                _send(acts, code, entry_id, rule_set.categories[0])
    acts.at = DEADLINE + timedelta(minutes=20)
    for code, entry_id, is_allowed, category in late:
        _send_late(acts, code, entry_id, category, is_allowed=is_allowed)
    return count


def _open(database: Database, rules: Sequence[RuleSet]) -> list[int]:
    """The cycle with its awards; each award's log begins with what decides."""
    logs = [Log(f"{YEAR}/{each.award_code}", seal=new_seal()) for each in rules]
    with unit(database, Clock(OPENS), actor=_actor(database, "organizer")) as u:
        row = {"year": YEAR, "opens_at": OPENS, "deadline_at": DEADLINE, "invented": True, "approval": "none"}
        cycle = u.db.execute(insert(Cycle).values(**row).returning(Cycle.id)).scalar_one()
        numbers = []
        for position, (rule_set, log) in enumerate(zip(rules, logs, strict=True), start=1):
            award = u.db.execute(select(Award.id).where(Award.code == rule_set.award_code)).scalar_one()
            adoption = {
                "cycle_id": cycle, "award_id": award, "position": position, "rule_set": rule_set.id,
                "rules_sha256": rule_set.sha256, "rules_text": rule_set.text, "adopted_at": OPENS, "log": log.name,
                "seal": log.seal,
            }  # fmt: skip
            numbers.append(int(u.db.execute(insert(Adoption).values(**adoption).returning(Adoption.id)).scalar_one()))
        for at, (rule_set, number) in enumerate(zip(rules, numbers, strict=True)):
            log = u.log_of(number)
            body = opening(log, rule_set, year=YEAR, opens=OPENS, deadline=DEADLINE, invented=True)
            if at == 0:
                u.record("open_round", body, log=log)
            else:
                u.also("open_round", body, log=log)
    return numbers


def _fill_in(
    acts: _Acts, rng: Random, adoption_id: int, category: Category, code: str, *, districts: int | None
) -> int:
    login = f"p{code}"
    about: dict[str, Any] = {"adoption_id": adoption_id, "category": category.code, "province_code": code, "label": ""}
    entry_id = begin_entry(**acts.by(login), **about)
    answers = invent_answers(category, quality=rng.uniform(0.5, 0.9), rng=rng, title=f"ผลงานปี {YEAR}")
    if "districts_all" in answers and districts:
        answers |= {"districts_all": str(districts), "districts_full": str(districts - 1)}
    invent_rows(category, answers, districts=districts or 0)
    answers = {name: _of_the_year(category.fields, name, value) for name, value in answers.items()}
    save_answers(**acts.by(login), entry_id=entry_id, changes=answers, base_revision=0)
    for field in category.fields:
        if field.type == "files":
            by = acts.by(login)
            del by["key"]
            url = f"https://example.invalid/{YEAR}/{code}/{field.code}"
            attach_link(**by, entry_id=entry_id, field=field.code, url=url, title=f"{field.label.th} ({INVENTED})")
    return entry_id


def _of_the_year(fields: Sequence[Field], code: str, value: Any) -> Any:
    """Invented days lie in the later year."""
    is_day = any(field.code == code and field.type == "date" for field in fields)
    return value.replace("2021-", "2020-") if is_day else value


def _send(acts: _Acts, code: str, entry_id: int, category: Category) -> None:
    confirmed = [each.code for each in category.indicators]
    submit_entry(**acts.by(f"p{code}"), entry_id=entry_id, confirmed=confirmed)


def _send_late(acts: _Acts, code: str, entry_id: int, category: Category, *, is_allowed: bool) -> None:
    request = ask_late(**acts.by(f"p{code}"), entry_id=entry_id, reason=WHY)
    until = acts.at + timedelta(days=1) if is_allowed else None
    answer = ALLOWED if is_allowed else NOT_ALLOWED
    decide_late(**acts.by("organizer"), request_id=request, allowed=is_allowed, until=until, answer=answer)
    if is_allowed:
        _send(acts, code, entry_id, category)


def _actor(database: Database, login: str) -> Actor:
    with database.reading() as db:
        found = find_actor_by_login(db, login, today=HELD_ON)
    if found is None:
        raise LookupError(login)
    return found
