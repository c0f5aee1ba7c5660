"""Inspectors' remarks do not stop in the meeting room: somebody does something about them until a day and says so."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from award.actions.mail import queue_mail
from award.actions.slots import HIDDEN
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key
from award.answers.plain import clean_text
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.checking import FollowUp, FollowUpAct
from award.db.engine import Database
from award.db.ledger import Private, read_site_log
from award.db.office import WORK_GROUPS
from award.db.scoring import Slot
from award.errors import N_, Forbidden, Foreign, Invalid, Locked, NotFound
from award.evaluation import rules_of
from award.policy import Actor, may_compare, may_write_for
from award.queries.entries import MOST_ID, FoundEntry, find_entry
from award.queries.follow_ups import FoundFollowUp, find_follow_up, may_judge
from award.queries.office import list_colleagues
from scoring_rules.words import Words

# begin | answer | again, number, code, label -> a mail; several, how many, codes, labels
Letter = Callable[[str, int, str, str], tuple[str, str]]
LEAST, MOST = 10, 2000  # characters
GROUPS = {  # as an act tells them, in the language of the office
    "": "",
    "strategy": "กลุ่มงานยุทธศาสตร์การพัฒนาชุมชน",
    "information": "กลุ่มงานสารสนเทศการพัฒนาชุมชน",
    "promotion": "กลุ่มงานส่งเสริมการพัฒนาชุมชน",
    "coordination": "กลุ่มงานประสานและสนับสนุนการบริหารงานพัฒนาชุมชน",
}
NAMES = {
    "text": Words("สิ่งที่ต้องดำเนินการ", "What is to be done"),
    "answer": Words("คำตอบ", "Answer"),
    "reason": Words("เหตุผล", "Reason"),
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be done about an entry: on a criterion of its rules, or "" for the whole of it."""

    entry_id: int
    criterion: str
    text: str


def begin_follow_up(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, entry_id: int, criterion: str, text: str,
    due_on: date | None, key: str, letter: Letter | None = None,
) -> int:  # fmt: skip
    """The id of a new follow-up about an entry of a closed slot; its province sees it at once. `criterion`: the path
    of a criterion of the entry's rules, "" for the whole entry.

    Raises NotFound, Forbidden for whoever does not decide on it (`may_judge`), Locked while the slot is not closed,
    Foreign for a criterion that the rules do not have, Invalid for too short a text or a day that is past.
    """
    said = clean_text(text, lines=True)[0]
    about = ("begin_follow_up", slot_id, entry_id, criterion, said, due_on.isoformat() if due_on else "")
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        entry = _judged_entry(u, slot_id, entry_id)
        if u.repeated:
            return int(u.repeated.body["follow_up"])
        _check_closed(u, slot_id)
        body = _put(u, clock, entry, slot_id, ToDo(entry_id, criterion, said), due_on)
        u.record("begin_follow_up", body)
        number = int(body["follow_up"])
        _mail(u, _office(u, clock, entry.province_code), letter, "begin", number, entry.code, entry.label)
        return number


def begin_follow_ups(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, asked: Sequence[ToDo], due_on: date | None,
    key: str, letter: Letter | None = None,
) -> int:  # fmt: skip
    """Several new follow-ups of a closed slot until one day, all or none; answers how many. The office gets one mail
    about all of them.

    Raises what `begin_follow_up` raises (details["at"]: which of them, from 0), and Invalid where none is asked for."""
    asked = [ToDo(each.entry_id, each.criterion, clean_text(each.text, lines=True)[0]) for each in asked]
    day = due_on.isoformat() if due_on else ""
    about = ("begin_follow_ups", slot_id, day, *((each.entry_id, each.criterion, each.text) for each in asked))
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        entries = {each.entry_id: _judged_entry(u, slot_id, each.entry_id) for each in asked}
        if u.repeated:
            return len(asked)
        if not asked:
            raise Invalid(N_("Tick at least one remark."), details={"field": "several"})
        _check_closed(u, slot_id)
        bodies = []
        for at, each in enumerate(asked):
            try:
                bodies.append(_put(u, clock, entries[each.entry_id], slot_id, each, due_on))
            except Invalid as refusal:
                refusal.details["at"] = at
                raise
        for body in bodies[:-1]:
            u.before("begin_follow_up", body, log=read_site_log(u.db))
        u.record("begin_follow_up", bodies[-1])
        codes = ", ".join(dict.fromkeys(each.code for each in entries.values()))
        labels = ", ".join(dict.fromkeys(each.label for each in entries.values()))
        office = {who for each in entries.values() for who in _office(u, clock, each.province_code)}
        _mail(u, sorted(office), letter, "several", len(asked), codes, labels)
        return len(asked)


def _judged_entry(u: Unit, slot_id: int, entry_id: int) -> FoundEntry:
    """The entry, for somebody who decides on the follow-ups of the slot. Raises NotFound and Forbidden."""
    entry = find_entry(u.db, u.actor, entry_id)
    if entry is None or slot_id > MOST_ID or u.db.get(Slot, slot_id) is None:
        raise NotFound
    if not may_judge(u.db, u.actor, entry_id=entry_id, slot_id=slot_id, province_code=entry.province_code):
        raise Forbidden
    return entry


def _check_closed(u: Unit, slot_id: int) -> None:
    if not may_compare(slot_state=u.db.get_one(Slot, slot_id).state):
        raise Locked(HIDDEN)


def _put(
    u: Unit, clock: Clock, entry: FoundEntry, slot_id: int, asked: ToDo, due_on: date | None
) -> dict[str, Any]:
    """Writes one follow-up down; what its line says. Raises Foreign and Invalid."""
    paths = {leaf.path for leaf in rules_of(entry.rules_text).category(entry.category).leaves}
    if asked.criterion not in paths | {""}:
        raise Foreign
    _check_text("text", asked.text)
    _check_day(clock, due_on)
    values = {
        "entry_id": entry.id, "slot_id": slot_id, "criterion": asked.criterion, "text": asked.text, "due_on": due_on,
    }  # fmt: skip
    number = int(u.db.execute(insert(FollowUp).values(**values).returning(FollowUp.id)).scalar_one())
    _say(u, number, "begin")
    return {
        "follow_up": number, "entry": entry.code, "slot": slot_id, "criterion": asked.criterion,
        "due_on": due_on.isoformat() if due_on else "", "text": Private(asked.text),
    }  # fmt: skip


def own_follow_up(
    database: Database, clock: Clock, *, actor: Actor, follow_up_id: int, work_group: str, user_id: int | None, key: str
) -> None:
    """Who of the province's office does it: a work group, a person, both or nobody. Raises NotFound, Forbidden outside
    the office, Foreign for who is not of it, Locked once it is over."""
    about = ("own_follow_up", follow_up_id, work_group, user_id or 0)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        found = _of_office(u, follow_up_id)
        if u.repeated:
            return
        _need(found, "open", "answered")
        people = {each.user_id for each in list_colleagues(u.db, found.province_code, today=clock.today())}
        if work_group not in WORK_GROUPS or user_id not in people | {None, found.owner_id}:
            raise Foreign
        if (work_group, user_id) == (found.work_group, found.owner_id):
            return
        _set(u, found, work_group=work_group, owner_id=user_id)
        _say(u, found.id, "own", GROUPS[work_group])
        body = {"follow_up": found.id, "entry": found.code, "work_group": work_group, "owner": user_id or 0}
        u.record("own_follow_up", body)


def answer_follow_up(
    database: Database, clock: Clock, *, actor: Actor, follow_up_id: int, text: str, key: str,
    letter: Letter | None = None,
) -> None:  # fmt: skip
    """The province says what was done. An answer may be followed by another until it is accepted. Raises NotFound,
    Forbidden outside the office, Locked once it is over, Invalid."""
    said = clean_text(text, lines=True)[0]
    about = ("answer_follow_up", follow_up_id, said)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        found = _of_office(u, follow_up_id)
        if u.repeated:
            return
        _need(found, "open", "answered")
        _check_text("answer", said)
        _set(u, found, state="answered")
        _say(u, found.id, "answer", said)
        u.record("answer_follow_up", {"follow_up": found.id, "entry": found.code, "text": Private(said)})
        asked = select(FollowUpAct.by_id).where(FollowUpAct.follow_up_id == found.id)
        askers = u.db.execute(asked.where(FollowUpAct.act.in_(("begin", "ask_again"))).distinct()).scalars().all()
        _mail(u, askers, letter, "answer", found.id, found.code, found.label)


def accept_follow_up(database: Database, clock: Clock, *, actor: Actor, follow_up_id: int, text: str, key: str) -> None:
    """What was answered is enough; a word about it may be added. Raises NotFound, Forbidden, Locked where there is no
    answer, Invalid."""
    _judge(database, clock, actor, follow_up_id, "accept", text, key, state="done", of=("answered",))


def ask_follow_up_again(
    database: Database, clock: Clock, *, actor: Actor, follow_up_id: int, text: str, due_on: date | None, key: str,
    letter: Letter | None = None,
) -> None:  # fmt: skip
    """What was answered is not enough, for the reason given; a new day may be set. Raises NotFound, Forbidden, Locked
    where there is no answer, Invalid."""
    _judge(
        database, clock, actor, follow_up_id, "ask_again", text, key, state="open", of=("answered", "done"),
        due_on=due_on, letter=letter,
    )  # fmt: skip


def drop_follow_up(database: Database, clock: Clock, *, actor: Actor, follow_up_id: int, text: str, key: str) -> None:
    """Nothing is to be done about it any more, for the reason given. Raises NotFound, Forbidden, Locked once it is
    over, Invalid."""
    _judge(database, clock, actor, follow_up_id, "drop", text, key, state="dropped", of=("open", "answered"))


def _judge(
    database: Database, clock: Clock, actor: Actor, follow_up_id: int, act: str, text: str, key: str, *, state: str,
    of: tuple[str, ...], due_on: date | None = None, letter: Letter | None = None,
) -> None:  # fmt: skip
    said = clean_text(text, lines=True)[0]
    day = due_on.isoformat() if due_on else ""
    about = (f"{act}_follow_up", follow_up_id, said, day)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        found = find_follow_up(u.db, actor, follow_up_id)
        if found is None:
            raise NotFound
        if not may_judge(
            u.db, actor, entry_id=found.entry_id, slot_id=found.slot_id, province_code=found.province_code
        ):
            raise Forbidden
        if u.repeated:
            return
        _need(found, *of)
        if act != "accept" or said:
            _check_text("reason", said, least=1 if act == "accept" else LEAST)
        _check_day(clock, due_on)
        _set(u, found, state=state, **({"due_on": due_on} if due_on else {}))
        _say(u, found.id, act, said)
        body = {"follow_up": found.id, "entry": found.code, "text": Private(said)} | ({"due_on": day} if day else {})
        verb = {"accept": "accept_follow_up", "ask_again": "ask_follow_up_again", "drop": "drop_follow_up"}[act]
        u.record(verb, body)
        if act == "ask_again":
            _mail(u, _office(u, clock, found.province_code), letter, "again", found.id, found.code, found.label)


def _office(u: Unit, clock: Clock, province_code: str) -> list[int]:
    return [each.user_id for each in list_colleagues(u.db, province_code, today=clock.today())]


def _mail(u: Unit, people: Collection[int], letter: Letter | None, *about: Any) -> None:
    if letter is not None:
        for each in people:
            queue_mail(u, each, *letter(*about))


def _of_office(u: Unit, follow_up_id: int) -> FoundFollowUp:
    found = find_follow_up(u.db, u.actor, follow_up_id)
    if found is None:
        raise NotFound
    if not may_write_for(u.actor, found.province_code):
        raise Forbidden
    return found


def _need(found: FoundFollowUp, *states: str) -> None:
    if found.state not in states:
        raise Locked(N_("That does not fit this follow-up as it stands. Reload the page to see how it stands."))


def _check_text(what: str, said: str, *, least: int = LEAST) -> None:
    if not least <= len(said) <= MOST:
        raise Invalid(
            N_("Write “%(what)s” in %(least)s to 2,000 characters."),
            details={"field": what}, what=NAMES[what], least=least,
        )  # fmt: skip
    refuse_national_ids(said, label=NAMES[what])


def _check_day(clock: Clock, due_on: date | None) -> None:
    if due_on is not None and due_on < clock.today():
        raise Invalid(N_("The day until which it is to be done must not lie in the past."), details={"field": "due"})


def _set(u: Unit, found: FoundFollowUp, **values: Any) -> None:
    u.db.execute(update(FollowUp).where(FollowUp.id == found.id).values(**values))


def _say(u: Unit, follow_up_id: int, act: str, text: str = "") -> None:
    u.db.execute(
        insert(FollowUpAct).values(follow_up_id=follow_up_id, act=act, text=text, at=u.now, by_id=u.actor.user_id)
    )
