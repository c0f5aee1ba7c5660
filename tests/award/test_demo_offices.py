"""The demo rounds in which entries go up each office, and the one that is still being collected."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from award.config import Settings
from award.db.checking import EntryCheck, FollowUp, ReturnedQuestion
from award.db.cycles import Cycle
from award.db.engine import Database
from award.db.entries import Entry
from award.db.office import Approval, ColleagueNote, SectionOwner
from award.db.people import Duty, User
from award.db.scoring import Assignment, Mark, Slot
from award.demo import load_demo
from award.demo.load import COLLECTING_MORNING
from award.demo.telling import tell_way
from award.demo.texts import INVENTED
from award.ledger_check import check_ledger
from award.ledger_check.found import Found
from award.queries.people import find_actor_by_login
from award.start import with_demo_clock
from tests.award.build import CHANTHABURI, PHRAE, TRAT, empty_database

NAKHON = "80"  # Nakhon Si Thammarat, whose published visit had an acting chief


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return empty_database(Settings(data=tmp_path, secret_key="x").database)


def ledger_findings(database: Database) -> list[Found]:
    with database.reading(consistent=True) as db:
        return check_ledger(db, anchors=database.file.with_name("none"))[1]


def test_each_office_has_a_director_and_a_chief_and_two_chiefs_are_acting(database: Database) -> None:
    made = load_demo(database, provinces=(TRAT, PHRAE), approval="chain")
    assert {"p23-director", "p23-chief", "p23-strategy", "p54-director", "p54-chief"} <= set(made.logins)
    with database.reading() as db:
        held = db.execute(
            select(User.login, Duty.role, Duty.acting).join(Duty, Duty.user_id == User.id)
            .where(Duty.role.in_(("director", "chief"))).order_by(User.login)
        ).all()  # fmt: skip
        assert [tuple(each) for each in held] == [
            ("p23-chief", "chief", False), ("p23-director", "director", False),
            ("p54-chief", "chief", True), ("p54-director", "director", False),
        ]  # fmt: skip
        chief = find_actor_by_login(db, "p54-chief", today=COLLECTING_MORNING.date())
        assert chief is not None and chief.title("th") == "พัฒนาการจังหวัดแพร่ (รักษาราชการแทน)"
    assert ledger_findings(database) == []


def test_without_a_chain_nobody_approves_and_there_are_no_such_accounts(database: Database) -> None:
    made = load_demo(database, provinces=(TRAT,))
    assert not [login for login in made.logins if login.startswith("p23-")]
    with database.reading() as db:
        assert db.execute(select(func.count(Approval.id))).scalar_one() == 0
        assert db.execute(select(Cycle.approval)).scalar_one() == "none"


def test_every_sent_entry_was_approved_by_director_and_chief_in_this_order(database: Database) -> None:
    load_demo(database, provinces=(TRAT, PHRAE), approval="chain")
    with database.reading() as db:
        for entry in db.execute(select(Entry)).scalars():
            acts = db.execute(select(Approval).where(Approval.entry_id == entry.id).order_by(Approval.at)).scalars()
            told = [(act.step, act.act, act.by_id) for act in acts]
            assert [each[:2] for each in told] == [("director", "send"), ("director", "approve"), ("chief", "approve")]
            assert entry.submitted_by_id == told[-1][2] and len({by for *_, by in told}) == 3


@pytest.mark.parametrize("approval", ["none", "chain"])
def test_a_round_that_is_being_collected_has_entries_on_all_parts_of_their_way(
    database: Database, approval: str
) -> None:
    made = load_demo(database, approval=approval, collecting=True)
    with database.reading() as db:
        found = Counter(map(tuple, db.execute(select(Entry.state, Entry.step)).all()))
        steps = {("draft", "director"), ("draft", "chief")} if approval == "chain" else set()
        assert set(found) == {("submitted", ""), ("draft", "")} | steps
        assert 300 < sum(found.values()) == made.entries < 380, "some were not even begun"
        assert set(db.execute(select(Slot.state)).scalars()) == {"planned"}
        assert db.execute(select(func.count(Mark.id))).scalar_one() == 0
        begun = dict(db.execute(select(Entry.code, Entry.step).where(Entry.province_code == TRAT)).all())
    assert set(begun) == {"to-23", "pa-23", "wf-b-23", "wf-c-23"}
    assert begun["pa-23"] == ("director" if approval == "chain" else "")
    assert with_demo_clock(Settings(data=database.file.parent, secret_key="x"), database).now == COLLECTING_MORNING
    assert ledger_findings(database) == []


def test_an_empty_province_has_its_day_and_nothing_else(database: Database) -> None:
    made = load_demo(database, provinces=(TRAT, CHANTHABURI), approval="chain", empty=(TRAT,))
    assert made.live == (TRAT,)
    with database.reading() as db:
        assert set(db.execute(select(Entry.province_code)).scalars()) == {CHANTHABURI}
        planned = select(func.count(Slot.id)).where(Slot.state == "planned")
        assert db.execute(planned).scalar_one() == 3
        assert db.execute(select(func.count(Assignment.id))).scalar_one() == 15
    assert ledger_findings(database) == []


def count(database: Database, table: type) -> int:
    with database.reading() as db:
        return db.execute(select(func.count()).select_from(table)).scalar_one()


def test_while_entries_are_collected_sections_have_owners_and_an_organizer_has_returned_two_questions(
    database: Database,
) -> None:
    load_demo(database, approval="chain", collecting=True, provinces=(TRAT, CHANTHABURI, PHRAE))
    tell_way(database)
    assert (count(database, SectionOwner), count(database, ColleagueNote)) == (6, 2)
    with database.reading() as db:
        assert sorted(db.execute(select(EntryCheck.outcome)).scalars()) == ["accepted", "accepted", "returned"]
        texts = [
            *db.execute(select(ColleagueNote.text)).scalars(),
            *db.execute(select(ReturnedQuestion.reason)).scalars(),
        ]
    assert len(texts) == 4 and all(INVENTED in text for text in texts)
    assert ledger_findings(database) == []


def test_after_the_days_remarks_are_follow_ups_in_three_states(database: Database) -> None:
    load_demo(database, approval="chain", provinces=(TRAT, PHRAE, NAKHON))
    tell_way(database)
    with database.reading() as db:
        assert sorted(db.execute(select(FollowUp.state)).scalars()) == ["answered", "done", "open"]
    assert count(database, ReturnedQuestion) == 0, "nothing is returned that was heard"
    assert ledger_findings(database) == []
