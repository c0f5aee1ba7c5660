"""Many people at once: accounts without a password and duties that are proposed, all of a file or nothing of it.

What a single invitation and a single proposal may not do, a row of a file may not either: the same functions judge
both. An import changes no account that is there, confirms nothing, and hands no link over.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from award.actions.duties import (
    CLOSED,
    Proposal,
    add_proposal,
    check_apart,
    check_fit,
    check_role,
    check_roles_apart,
    line_of,
    managing,
)
from award.actions.invitations import checked_title, plain_login
from award.actions.likely import LikelySame, Namesakes
from award.actions.links import note_address
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.people import User
from award.entry_sheets.problems import Speak
from award.errors import N_, Invalid, Refusal, Stale
from award.mail import checked_address
from award.people_sheets import columns as of
from award.people_sheets.reading import PersonRow
from award.policy import Actor
from award.queries.duties import DutyLine
from award.queries.people_import import Known, KnownPerson, read_known
from scoring_rules.words import Words

DIFFERENT = "-"  # the answer that two are not the same person; else the sign-in name of the one they both are
FIELDS = {
    "login": of.LOGIN, "email": of.EMAIL, "title_th": of.TITLE_TH, "role": of.ROLE, "province": of.PROVINCE,
    "zone": of.ZONE, "from_day": of.FROM, "to_day": of.TO,
}  # fmt: skip
MEANWHILE = N_("Something changed since you looked at the file, so nothing was stored. Choose the file once more.")
REFUSED = N_("Nothing was stored: look at the rows that are refused.")
UNANSWERED = N_("Nothing was stored: say for each marked row whether it is the same person.")


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """What one row would do. `does`: account | account_duty | duty | unchanged | refused.

    `likely`: whom it may be under another spelling; `answer` what was said to that, "" for nothing yet."""

    row: PersonRow
    login: str
    does: str
    proposal: Proposal | None = None
    user_id: int | None = None
    likely: LikelySame | None = None
    answer: str = ""
    notes: tuple[Words, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether somebody still has to say who this is."""
        return self.likely is not None and not self.answer and self.does != "refused"

    @property
    def is_said_same(self) -> bool:
        """Whether somebody said that this is a person who is there already."""
        return self.answer not in ("", DIFFERENT)

    @property
    def makes_account(self) -> bool:
        """Whether there would be a new account."""
        return self.does in ("account", "account_duty")


@dataclass(frozen=True, slots=True)
class ImportedPeople:
    """What came of an import."""

    accounts: int
    duties: int
    receipt: Receipt


def plan_people(
    known: Known, actor: Actor, rows: Sequence[PersonRow], *, answers: Mapping[int, str], today: date,
    speak: Speak | None = None,
) -> tuple[PlannedPerson, ...]:  # fmt: skip
    """Every row with what it would do, or every reason why not, in the file's order. `answers`: by the row's line."""
    planner = _Planner(known, actor, answers, today, speak or _unspoken)
    return tuple(planner.plan(row) for row in rows)


def import_people(
    database: Database, clock: Clock, *, actor: Actor, rows: Sequence[PersonRow], answers: Mapping[int, str],
    seen: Mapping[int, str], key: str | None,
) -> ImportedPeople:  # fmt: skip
    """Makes the accounts and proposes the duties of all rows in one transaction; one line of the log tells of them.

    `seen`: what each row did when it was looked at. Raises Forbidden, Stale (a row would do something else by now) and
    Invalid (a row is refused, a question is not answered, or there is nothing to do)."""
    with unit(database, clock, actor=actor, key=key, about=("import_people", _fingerprint(rows, answers))) as u:
        manager = managing(u, clock)
        if u.repeated:
            return _imported(u.repeated)
        planned = plan_people(read_known(u.db), manager, rows, answers=answers, today=u.now.date())
        if any(each.is_asked for each in planned):
            raise Invalid(UNANSWERED)
        if any(each.does == "refused" for each in planned):
            raise Invalid(REFUSED)
        if any(each.does != seen.get(each.row.line) and not each.is_said_same for each in planned):
            raise Stale(MEANWHILE)
        made: dict[str, User] = {}
        for each in planned:
            if each.makes_account:
                made[each.login] = _account(each)
        u.db.add_all(made.values())
        u.db.flush()
        for user in made.values():
            if user.email:
                note_address(u, user.id)
        asked = [
            replace(each.proposal, user_id=each.user_id or made[each.login].id)
            for each in planned
            if each.proposal is not None and each.does in ("account_duty", "duty")
        ]
        if not made and not asked:
            raise Invalid(N_("Nothing was stored: every row is there already."))
        duties = [add_proposal(u, each) for each in asked]
        u.db.flush()
        body = {
            "accounts": [f"u{user.id}" for user in made.values()],
            "duties": [line_of(duty.id, proposal) for duty, proposal in zip(duties, asked, strict=True)],
        }
        return _imported(u.record("import_people", body))


def _imported(receipt: Receipt) -> ImportedPeople:
    accounts: Any = receipt.body["accounts"]
    duties: Any = receipt.body["duties"]
    return ImportedPeople(len(accounts), len(duties), receipt)


def _account(planned: PlannedPerson) -> User:
    row = planned.row
    return User(
        login=planned.login, title_th=checked_title(row.title_th), title_en=row.title_en, password_hash="",
        email=checked_address(row.email) if row.email else None, language="th",
    )  # fmt: skip


class _Planner:
    """Plans rows one after the other: later ones meet what earlier ones ask for."""

    def __init__(self, known: Known, actor: Actor, answers: Mapping[int, str], today: date, speak: Speak):
        self.known, self.actor, self.answers, self.today, self.speak = known, actor, answers, today, speak
        self.provinces = {place.code for place in known.provinces}
        self.zones = {place.code for place in known.zones}
        self.namesakes = Namesakes(known.people.values())
        self.new: dict[str, PersonRow] = {}
        self.asked: dict[str, list[tuple[Proposal, int]]] = {}

    def plan(self, row: PersonRow) -> PlannedPerson:
        """One row."""
        if row.problems:
            return PlannedPerson(row, row.login or row.email.lower(), "refused")
        row, login = self._named(row)
        likely, answer = None, ""
        if not row.problems and login not in self.known.people and login not in self.new:
            likely = self.namesakes.find(row, login)
            answer = self.answers.get(row.line, "") if likely else ""
            if likely and answer == likely.login:
                login = answer
            elif answer != DIFFERENT:
                answer = ""
        person, before = self.known.people.get(login), self.new.get(login)
        if not row.problems:
            row = self._checked_account(row, person, before)
        proposal = None
        if not row.problems and row.role:
            row, proposal = self._duty(row, login, person)
        elif not row.problems and (row.province_code or row.zone_number is not None or row.acting or row.to_day):
            row = row.with_problem(of.ROLE, "role_missing", self.speak(N_("Choose a role."), {}))
        if row.problems:
            return PlannedPerson(row, login, "refused", likely=likely, answer=answer)
        is_new = person is None and before is None
        if is_new:
            self.new[login] = row
            self.namesakes.add(row, login)
        if proposal is not None:
            self.asked.setdefault(login, []).append((proposal, row.line))
        does = {(True, True): "account_duty", (True, False): "account", (False, True): "duty"}.get(
            (is_new, proposal is not None), "unchanged"
        )
        return PlannedPerson(
            row, login, does, proposal, person.id if person else None, likely, answer, self._notes(row, person)
        )

    def _named(self, row: PersonRow) -> tuple[PersonRow, str]:
        """The row's sign-in name, checked; the e-mail address where none is given."""
        if not row.login and not row.email:
            says = self.speak(N_("Write a sign-in name or an e-mail address."), {})
            return row.with_problem(of.LOGIN, "name_missing", says), ""
        try:
            if row.email:
                checked_address(row.email)
            return row, plain_login(row.login or row.email)
        except Invalid as refusal:
            field = "login" if row.login and refusal.details.get("field") == "login" else "email"
            return self._refused(row, refusal, field=field), row.login

    def _checked_account(self, row: PersonRow, person: KnownPerson | None, before: PersonRow | None) -> PersonRow:
        if person is not None and person.disabled:
            return row.with_problem(of.LOGIN, "closed", self.speak(CLOSED, {}))
        if person is None and before is not None and not row.login and row.title_th != before.title_th:
            says = Words(
                f"อีเมลนี้อยู่ในแถว {before.line} ซึ่งเป็นตำแหน่งอื่น",
                f"This address is that of row {before.line}, which is another position.",
            )
            remedy = Words(
                "ถ้าเป็นคนละคน ใส่ชื่อผู้ใช้ให้แต่ละคน ถ้าเป็นคนเดียวกัน ใส่ชื่อผู้ใช้เดียวกัน",
                "Two people: give each a sign-in name. One person: give both rows the same sign-in name.",
            )
            return row.with_problem(of.EMAIL, "shared_address", says, remedy)
        try:
            checked_title(row.title_th)
        except Invalid as refusal:
            return self._refused(row, refusal)
        return row

    def _duty(self, row: PersonRow, login: str, person: KnownPerson | None) -> tuple[PersonRow, Proposal | None]:
        """The duty that the row proposes, or None where it is there already; what may not be is noted."""
        asked = Proposal(
            user_id=person.id if person else 0, role=row.role, title_th=row.title_th, title_en=row.title_en,
            from_day=row.from_day, to_day=row.to_day, province_code=row.province_code, zone_number=row.zone_number,
            acting=row.acting,
        )  # fmt: skip
        held = person.duties if person else ()
        earlier = self.asked.get(login, [])
        try:
            check_role(self.actor, row.role)
            check_fit(
                asked, has_province=row.province_code in self.provinces, has_zone=str(row.zone_number) in self.zones,
                today=self.today,
            )  # fmt: skip
        except Refusal as refusal:
            return self._refused(row, refusal), None
        for other, line in earlier:
            if _same_kind(asked, other) and _overlap(asked, other):
                says = Words(f"หน้าที่นี้อยู่ในแถว {line} แล้ว", f"This duty stands in row {line} already.")
                remedy = Words("ลบแถวใดแถวหนึ่ง", "Delete one of the rows.")
                return row.with_problem(of.ROLE, "row_twice", says, remedy), None
        for duty in held:
            if duty.state not in ("confirmed", "proposed") or not _same_kind(asked, duty) or not _overlap(asked, duty):
                continue
            if (asked.from_day, asked.to_day, asked.acting) == (duty.from_day, duty.to_day, duty.acting):
                return row, None
            return self._held_otherwise(row, duty), None
        try:
            check_apart(asked, held, states=("confirmed", "proposed"))
            check_roles_apart(asked, [other for other, _ in earlier])
        except Refusal as refusal:
            return self._refused(row, refusal), None
        return row, asked

    def _held_otherwise(self, row: PersonRow, duty: DutyLine) -> PersonRow:
        until = duty.to_day.isoformat() if duty.to_day else "–"
        says = Words(
            f"บุคคลนี้มีหน้าที่นี้อยู่แล้ว ({duty.from_day.isoformat()} ถึง {until}) แต่วันหรือการรักษาราชการแทนต่างกัน",
            f"This person has this duty already ({duty.from_day.isoformat()} to {until}), with other days or acting.",
        )
        remedy = Words(
            "ใส่วันเดิม หรือยกเลิกหน้าที่เดิมในหน้าบุคคลก่อน หรือเริ่มหลังวันสิ้นสุดเดิม",
            "Write the same days, or end that duty on the person's page first, or begin after it.",
        )
        return row.with_problem(of.FROM if of.FROM in row.cells else of.ROLE, "held_otherwise", says, remedy)

    def _refused(self, row: PersonRow, refusal: Refusal, *, field: str = "") -> PersonRow:
        column = FIELDS.get(field or str(refusal.details.get("field", "role")), of.ROLE)
        return row.with_problem(column, refusal.id, self.speak(refusal.says, refusal.values))

    def _notes(self, row: PersonRow, person: KnownPerson | None) -> tuple[Words, ...]:
        """What the file says otherwise than the account, which an import leaves as it is."""
        if person is None:
            return ()
        notes = []
        if row.email and row.email.lower() != (person.email or "").lower():
            notes.append(
                Words(
                    "อีเมลในไฟล์ต่างจากบัญชี การนำเข้าไม่เปลี่ยนอีเมลของบัญชี",
                    "The file has another e-mail address than the account; an import does not change it.",
                )
            )
        if not row.role and row.title_th != person.title_th:
            notes.append(
                Words(
                    "ตำแหน่งในไฟล์ต่างจากบัญชี การนำเข้าไม่เปลี่ยนบัญชีเดิม",
                    "The file has another position than the account; an import does not change it.",
                )
            )
        return tuple(notes)


def _same_kind(one: Proposal, other: Proposal | DutyLine) -> bool:
    return (one.role, one.province_code, one.zone_number) == (other.role, other.province_code, other.zone_number)


def _overlap(one: Proposal, other: Proposal | DutyLine) -> bool:
    return one.from_day <= (other.to_day or date.max) and other.from_day <= (one.to_day or date.max)


def _unspoken(says: str, values: Mapping[str, Any]) -> Words:
    """Where nobody reads it: inside the act, which refuses as a whole."""
    return Words(says % values if values else says)


def _fingerprint(rows: Sequence[PersonRow], answers: Mapping[int, str]) -> str:
    about = [
        [
            row.line, row.login, row.title_th, row.title_en, row.email, row.role, row.province_code, row.zone_number,
            row.acting, row.from_day.isoformat(), row.to_day.isoformat() if row.to_day else "",
            answers.get(row.line, ""),
        ]
        for row in rows
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()
