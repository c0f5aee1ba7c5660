"""A province withdraws an entry before it is marked: what becomes of its cards, its slot, the result and the record."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from award.actions.checkpoints import Witness
from award.actions.entries import MOST_WITHDRAWN, begin_entry, reopen_entry, save_answers
from award.actions.evidence import attach_link
from award.actions.packages import make_package
from award.actions.publications import certify_run, publish_run
from award.actions.ranking import calculate_run
from award.actions.withdrawals import withdraw_entry
from award.db.notes import make_key
from award.errors import Forbidden, Invalid, Locked, NotFound
from award.ledger_check import check_ledger
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay, new_key
from tests.award.test_chain import actor, approve, by_chain, entry_of, fill, give, send_on

WHY = "The working group has dissolved."


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill(built)
    return built


def withdraw(site: BuiltSite, login: str = "p23", code: str = "to-23", reason: str = WHY, key: str = "") -> None:
    about: dict[str, Any] = {"entry_id": entry_of(site, code).id, "reason": reason, "key": key or new_key()}
    withdraw_entry(site.database, site.clock, actor=actor(site, login), **about)


def undo(site: BuiltSite, code: str = "to-23") -> None:
    reopen_entry(
        site.database, site.clock, actor=actor(site, "organizer"), entry_id=entry_of(site, code).id,
        reason="It was withdrawn by mistake.", until=site.clock.now() + timedelta(hours=1), key=new_key(),
    )  # fmt: skip


def whole(site: BuiltSite) -> list[str]:
    with site.database.reading(consistent=True) as db:
        return [each.says for each in check_ledger(db, anchors=site.settings.anchors)[1]]


def ask(site: BuiltSite, sql: str) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql)).scalar()


def day_of(site: BuiltSite) -> ScoringDay:
    return ScoringDay(site, 0, (int(ask(site, "select min(id) from slot where state = 'planned'")), 0, 0))


def result_of(site: BuiltSite) -> dict[str, Any]:
    calculate_run(
        site.database, site.clock, actor=actor(site, "organizer"), adoption_id=1, stage="zone", kind="official"
    )
    return json.loads(ask(site, "select result from ranking_run order by id desc limit 1"))


def test_a_sent_entry_is_withdrawn_and_its_reason_is_kept(site: BuiltSite) -> None:
    send_on(site, "p23")
    withdraw(site)
    entry = entry_of(site)
    assert (entry.state, entry.withdrawn_reason) == ("withdrawn", WHY)
    assert entry.submitted_at is not None
    assert whole(site) == []
    with pytest.raises(Locked):
        withdraw(site)


def test_nobody_marks_it_the_slot_closes_and_the_result_lists_it_below(site: BuiltSite) -> None:
    send_on(site, "p23")
    withdraw(site)
    day = day_of(site)
    day.open()
    card = day.card("z9-chair")
    assert day.save(site.client_as("z9-chair"), card, day.whole("4")).status_code == 423
    day.close()
    result = json.dumps(result_of(site))
    assert "to-23" in result
    assert '"withdrawn"' in result
    assert whole(site) == []


def test_the_package_of_such_a_result_passes_every_step(site: BuiltSite, tmp_path: Path) -> None:
    send_on(site, "p23")
    withdraw(site)
    result_of_closed(site)
    certified(site)
    key = make_key(tmp_path / "log.key", name="awards.example")
    witness = Witness("awards.example", tmp_path / "anchors.log", key)
    made = make_package(
        site.database, site.clock, witness, actor=actor(site, "organizer"), run_id=1, edition="public"
    )  # fmt: skip
    (tmp_path / "package.zip").write_bytes(made.content)
    outcomes = check_package(str(tmp_path / "package.zip"), keys=[key.vkey], anchors=[str(tmp_path / "anchors.log")])
    assert [each.said.en for each in outcomes if each.state == FAIL] == []


def certified(site: BuiltSite) -> None:
    certify_run(site.database, site.clock, actor=actor(site, "organizer"), run_id=1, key=new_key())
    publish_run(site.database, site.clock, actor=actor(site, "organizer2"), run_id=1, key=new_key())


def test_a_draft_that_was_withdrawn_stands_in_no_result(site: BuiltSite) -> None:
    withdraw(site)
    day = day_of(site)
    day.open()
    day.close()
    assert "to-23" not in json.dumps(result_of(site))
    assert whole(site) == []


def test_returned_and_then_withdrawn_it_stands_in_no_result_either(site: BuiltSite) -> None:
    send_on(site, "p23")
    undo(site)
    withdraw(site)
    assert "to-23" not in json.dumps(result_of_closed(site))
    assert whole(site) == []


def result_of_closed(site: BuiltSite) -> dict[str, Any]:
    day = day_of(site)
    day.open()
    day.close()
    return result_of(site)


def test_once_its_slot_was_opened_it_stays(site: BuiltSite) -> None:
    send_on(site, "p23")
    day_of(site).open()
    with pytest.raises(Locked, match="begun to hear"):
        withdraw(site)


def test_the_organizer_undoes_it_and_the_province_sends_it_again(site: BuiltSite) -> None:
    send_on(site, "p23")
    withdraw(site)
    with pytest.raises(Locked, match="withdrawn"):
        send_on(site, "p23")
    undo(site)
    entry = entry_of(site)
    assert (entry.state, entry.withdrawn_at, entry.withdrawn_reason) == ("draft", None, "")
    assert send_on(site, "p23").step == "sent"
    assert whole(site) == []


def test_it_makes_room_for_another_and_then_does_not_come_back(site: BuiltSite) -> None:
    withdraw(site)
    begin_entry(
        site.database, site.clock, actor=actor(site, "p23"), adoption_id=1, category=entry_of(site).category,
        province_code=TRAT, label="", key=new_key(),
    )  # fmt: skip
    with pytest.raises(Invalid, match="A province may send at most"):
        undo(site)


def test_after_the_deadline_it_can_still_be_withdrawn(site: BuiltSite) -> None:
    send_on(site, "p23")
    site.clock.set(site.clock.now() + timedelta(hours=1))
    withdraw(site)
    assert entry_of(site).state == "withdrawn"


def test_in_a_round_with_approval_the_head_alone_withdraws_also_what_is_on_its_way(site: BuiltSite) -> None:
    by_chain(site)
    give(site, "p22-chief", "chief", CHANTHABURI)
    send_on(site, "p23")
    for login in ("p23", "p23-director"):
        with pytest.raises(Forbidden):
            withdraw(site, login)
    with pytest.raises(NotFound):
        withdraw(site, "p22-chief")
    with pytest.raises(Forbidden):
        withdraw(site, "organizer")
    withdraw(site, "p23-acting")
    assert (entry_of(site).state, entry_of(site).step) == ("withdrawn", "")
    with pytest.raises(Locked):
        approve(site, "p23-acting")
    assert [each for each in whole(site) if not each.startswith("duty")] == []  # those given to this test only


@pytest.mark.parametrize("reason", ["", "   ", "too short", "x" * 2001])
def test_a_reason_that_says_nothing_is_refused(site: BuiltSite, reason: str) -> None:
    with pytest.raises(Invalid):
        withdraw(site, reason=reason)
    assert entry_of(site).state == "draft"


def test_nothing_of_a_withdrawn_entry_changes(site: BuiltSite) -> None:
    withdraw(site)
    entry = entry_of(site)
    with pytest.raises(Locked, match="withdrawn"):
        save_answers(
            site.database, site.clock, actor=actor(site, "p23"), entry_id=entry.id, changes={"summary": "x"},
            base_revision=entry.revision, key=new_key(),
        )  # fmt: skip


def test_the_same_press_withdraws_once(site: BuiltSite) -> None:
    withdraw(site, key="0123456789abcdef")
    lines = ask(site, "select count(*) from ledger_line")
    withdraw(site, key="0123456789abcdef")
    assert ask(site, "select count(*) from ledger_line") == lines


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update entry set withdrawn_reason = 'x' where code = 'to-23'", "to-23: why it was withdrawn"),
        ("update entry set withdrawn_by_id = 1 where code = 'to-23'", "to-23: who withdrew it"),
        ("update entry set withdrawn_at = null where code = 'to-23'", "to-23: who withdrew it"),
        ("update entry set state = 'submitted', withdrawn_at = null where code = 'to-23'", "to-23, state"),
        (
            "update entry set state = 'withdrawn', withdrawn_at = submitted_at, withdrawn_by_id = 1 "
            "where code = 'to-22'",
            "to-22: who withdrew it",
        ),
    ],
)
def test_a_change_past_the_program_is_named(site: BuiltSite, statement: str, says: str) -> None:
    send_on(site, "p23")
    withdraw(site)
    raw = sqlite3.connect(site.settings.database)
    raw.execute("pragma ignore_check_constraints = on")
    assert raw.execute(statement).rowcount == 1
    raw.commit()
    raw.close()
    assert any(says in each for each in whole(site))


def test_what_came_in_its_place_is_not_sent_into_a_closed_slot(site: BuiltSite) -> None:
    """A card in a closed slot would be one that the record cannot follow: every package of the round would fail."""
    withdraw(site)
    about: dict[str, Any] = {"actor": actor(site, "p23")}
    number = begin_entry(
        site.database, site.clock, **about, adoption_id=1, category=entry_of(site).category, province_code=TRAT,
        label="", key=new_key(),
    )  # fmt: skip
    answers = json.loads(entry_of(site).answers)
    save_answers(
        site.database, site.clock, **about, entry_id=number, changes=answers, base_revision=0, key=new_key()
    )  # fmt: skip
    attach_link(
        site.database, site.clock, **about, entry_id=number, field="declaration", url="https://example.invalid/",
        title="",
    )  # fmt: skip
    day = day_of(site)
    day.open()
    day.close()
    with pytest.raises(Locked, match="slot"):
        send_on(site, "p23", entry_id=number)
    day.post(
        site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/reopen", reason="Another entry came in time."
    )  # fmt: skip
    assert send_on(site, "p23", entry_id=number).step == "sent"
    assert ask(site, f"select count(*) from assignment where entry_id = {number}") > 0
    assert whole(site) == []


def test_entries_are_not_begun_and_withdrawn_without_end(site: BuiltSite) -> None:
    about: dict[str, Any] = {
        "adoption_id": entry_of(site, "to-23").adoption_id, "category": "office", "province_code": TRAT, "label": "",
    }  # fmt: skip
    for code in ("to-23", *(f"to-23-{number}" for number in range(2, 2 + MOST_WITHDRAWN - 1))):
        withdraw(site, code=code)
        if code != f"to-23-{MOST_WITHDRAWN}":
            begin_entry(site.database, site.clock, actor=actor(site, "p23"), key=new_key(), **about)
    with pytest.raises(Invalid, match="ask the organizer to open one again"):
        begin_entry(site.database, site.clock, actor=actor(site, "p23"), key=new_key(), **about)
    undo(site)
    assert entry_of(site, "to-23").state == "draft", "what helps then"
