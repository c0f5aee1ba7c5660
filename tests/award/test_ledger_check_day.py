"""What somebody with the database file may change of a scoring day past the program: `award ledger check` names it.
The day as it was lived is whole, its packages pass, and so does what is left of it once a person is erased."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from award.actions.checkpoints import Witness
from award.actions.duties import Proposal, confirm_duty, propose_duty
from award.actions.packages import make_package
from award.actions.papers import confirm_paper
from award.actions.privacy_day import remove_photos
from award.actions.seats import hand_over
from award.db.cycles import Seat
from award.db.evidence_files import EvidenceFiles
from award.db.scoring import Assignment, Mark
from award.errors import Locked
from award.ledger_check.found import ERASED
from award.package.build import EDITIONS, Edition
from award.queries.tenures import list_tenures
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL, OK, Outcome
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.lived_day import live_around
from tests.award.scoring_day import new_key
from tests.award.test_ledger_check import AT, actor, ask, change, checked, copied, erase_all_of, found_in


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    built = build_site(tmp_path_factory.mktemp("lived"), provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    live_around(built)
    yield built
    built.database.close()


@pytest.fixture
def file(lived: BuiltSite, tmp_path: Path) -> Path:
    return copied(lived, tmp_path)



def test_the_lived_day_is_whole(lived: BuiltSite) -> None:
    assert checked(lived) == []
    acts = str(ask(lived, "select group_concat(distinct json_extract(line, '$.act')) from ledger_line")).split(",")
    assert set(acts) >= {
        "move_slot", "drop_slot", "begin_phase", "record_attendance", "allow_member", "pass_chair", "note_minutes",
        "declare_interest", "record_interest", "enter_paper", "confirm_paper", "ask_reopening", "decline_reopening",
    }  # fmt: skip


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_packages_of_the_lived_day_pass(lived: BuiltSite, edition: Edition, tmp_path: Path) -> None:
    outcomes = outcomes_of(lived, edition, tmp_path)
    assert outcomes[8].state == OK
    if edition == "auditor":
        assert "3 seats and 3 of their holders' duties are named" in outcomes[14].said.en


def outcomes_of(site: BuiltSite, edition: Edition, folder: Path) -> dict[int, Outcome]:
    """Every step of the verifier over a package made now; none fails."""
    witness, auditor = Witness("awards.example", folder / "anchors.log", None), actor(site, "auditor")
    made = make_package(site.database, site.clock, witness, actor=auditor, run_id=2, edition=edition)
    (folder / made.name).write_bytes(made.content)
    outcomes = {each.number: each for each in check_package(str(folder / made.name))}
    assert [each.said.en for each in outcomes.values() if each.state == FAIL] == []
    return outcomes


OPEN = "(select id from slot where state = 'closed' and id in (select slot_id from phase) limit 1)"
NOW = f"{AT}, 1"
TAMPERED: dict[str, tuple[list[str], str]] = {
    "a slot at another time": (["update slot set starts_at = '2021-07-19T05:00:00.000000Z' where id = 1"], "starts_at"),
    "a moved slot at the time it had": (
        ["update slot set starts_at = (select was_at from slot_move where slot_id = slot.id order by id desc limit 1) "
         "where id in (select slot_id from slot_move)"], "starts_at"),
    "a move forgotten": (["delete from slot_move where id = (select max(id) from slot_move)"], "the table lacks it"),
    "a move that nobody made": (
        ["insert into slot_move (slot_id, was_at, starts_at, reason, at, by_id) "
         f"select 1, {AT}, {AT}, 'x', {NOW}"], "no line tells of it"),
    "why a slot was moved": (["update slot_move set reason = 'x'"], "its reason is not"),
    "who moved a slot": (["update slot_move set by_id = 3"], "who did it"),
    "when a moved slot was to begin": ([f"update slot_move set was_at = {AT}"], "the table says"),
    "a dropped slot forgotten": (["delete from dropped_slot where adoption_id = 2"], "dropped slot"),
    "a slot said to be dropped": (["update dropped_slot set id = id + 100"], "no line tells of it"),
    "why a slot was dropped": (["update dropped_slot set reason = 'x'"], "its reason is not"),
    "a slot dropped elsewhere": (["update dropped_slot set province_code = '22'"], "province"),
    "the chair of a slot": (
        [f"update slot set chaired_by_id = (select max(id) from seat) where id = {OPEN}"], "chaired by"),
    "a phase forgotten": (["delete from phase where phase = 'questions'"], "the table lacks it"),
    "a phase that never was": (
        [f"insert into phase (slot_id, phase, seconds, at, by_id) values (1, 'done', null, {NOW})"], "no line tells"),
    "a longer countdown": (["update phase set seconds = 6000 where seconds is not null"], "the table says"),
    "who began a phase": (["update phase set by_id = 3"], "who did it"),
    "somebody absent there after all": (
        ["update attendance set state = 'present', arrived_at = null where state = 'absent'"], "attendance of seat"),
    "an earlier arrival": (
        ["update attendance set arrived_at = '2021-07-19T00:30:00.000000Z' where state = 'late'"],
        "attendance of seat"),
    "why somebody absent may send": (
        ["update attendance set allowed_reason = 'x' where allowed_reason != ''"], "why it may send"),
    "a leave that nobody gave": (
        ["update attendance set allowed_reason = 'x' where state = 'late'"], "why it may send"),
    "attendance forgotten": (["delete from attendance where state = 'late'"], "the table lacks it"),
    "attendance in another slot": (["update attendance set slot_id = 1"], "no line tells of it"),
    "who recorded attendance": (["update attendance set by_id = 3"], "who did it"),
    "a note changed": (["update minutes_note set text = 'x'"], "its text is not"),
    "a note forgotten": (["delete from minutes_note"], "the table lacks it"),
    "a note that nobody wrote": (
        [f"insert into minutes_note (slot_id, text, at, by_id) values (1, 'x', {NOW})"], "no line tells of it"),
    "an interest turned into none": (["update declaration set kind = 'none' where kind = 'relative'"], "lacks it"),
    "an interest forgotten": (["delete from declaration where kind = 'relative'"], "lacks it"),
    "a declaration that nobody made": (
        ["insert into declaration (session_id, seat_id, kind, proposed, reason, at, by_id) "
         f"select session_id, seat_id, 'none', '', '', {NOW} from declaration limit 1"], "no line tells of it"),
    "why an interest is none": (["update declaration set reason = 'x' where reason != ''"], "its reason is not"),
    "a duty that the program pointed at": (["update declaration set proposed = 'x' where kind = 'relative'"], "lacks"),
    "who declared": (["update declaration set by_id = 1 where kind = 'none' and reason = ''"], "who did it"),
    "a paper never confirmed": (["update assignment set paper = 'unconfirmed' where paper = ''"], "paper: "),
    "another photo": (["update paper_sheet set sha256 = replace(sha256, 'a', 'b')"], "photo"),
    "a confirmation put in": ([f"update paper_sheet set confirmed_at = {AT} where revision = 1"], "confirmed"),
    "who entered a paper": (["update paper_sheet set by_id = 3"], "who did it"),
    "why on paper": (["update paper_sheet set reason = 'x'"], "its reason is not"),
    "a paper forgotten": (["delete from paper_sheet where revision = 2"], "the table lacks it"),
    "a paper that nobody entered": (["update paper_sheet set revision = 7 where revision = 2"], "no line tells of it"),
    "a request forgotten": (["delete from reopening_request"], "the table lacks it"),
    "a request that nobody made": (
        ["insert into reopening_request (assignment_id, changes, reason, at, by_id, answer) "
         f"select min(id), 0, 'x', {NOW}, '' from assignment"], "no line tells of it"),
    "why a member asked": (["update reopening_request set reason = 'x'"], "its reason or answer"),
    "another answer": (["update reopening_request set answer = 'x' where answer != ''"], "its reason or answer"),
    "a request never answered": (["update reopening_request set answered_at = null where answer = ''"], "answered"),
    "more changes than were told": (["update reopening_request set changes = 9"], "changes"),
    "who asked": (["update reopening_request set by_id = 1"], "who did it"),
    "a rehearsal as a pretext": (
        [f"insert into phase (slot_id, phase, seconds, at, by_id) values ({OPEN}, 'done', null, {NOW})",
         "update scoring_session set rehearsed_from = '2021-07-19T09:00:00.000000Z'"], "no line tells"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_change_of_the_day_past_the_program_is_named(lived: BuiltSite, file: Path, what: str) -> None:
    statements, says = TAMPERED[what]
    assert change(file, *statements) > 0, "the statement changes something"
    found = found_in(file, lived.settings.anchors)
    assert any(says in each.says for each in found), found


def test_what_a_rehearsal_in_progress_left_is_no_finding(lived: BuiltSite, file: Path) -> None:
    change(
        file,
        "update scoring_session set rehearsed_from = '2021-07-19T01:00:00.000000Z' where id = 1",
        "insert into phase (slot_id, phase, seconds, at, by_id) "
        f"select min(id), 'presenting', 60, {NOW} from slot where session_id = 1",
    )
    assert found_in(file, lived.settings.anchors) == []


TEXTS = {
    "z9-member": ("declaration.reason", "attendance.allowed_reason", "reopening_request.reason", "paper_sheet.reason"),
    "z9-chair": ("minutes_note.text", "reopening_request.answer", "attendance.allowed_reason"),
    "organizer": ("paper_sheet.reason",),
}


@pytest.mark.parametrize("login", TEXTS)
def test_who_is_erased_leaves_no_word_of_the_day_and_a_whole_record(lived: BuiltSite, file: Path, login: str) -> None:
    person = int(ask(lived, f"select id from user where login = '{login}'"))
    before = words_of(file)
    erase_all_of(file, lived, person)
    left = words_of(file)
    for place in TEXTS[login]:
        assert before[place] - left[place], f"{place} holds what it held"
    assert found_in(file, lived.settings.anchors) == []


def words_of(file: Path) -> dict[str, set[str]]:
    """The free texts of the day's tables, by column."""
    raw = sqlite3.connect(file)
    places = {place for places in TEXTS.values() for place in places}
    found = {}
    for place in sorted(places):
        table, column = place.split(".")
        found[place] = {row[0] for row in raw.execute(f"select {column} from {table} where {column} != ''")}
    raw.close()
    return found


def test_the_photos_of_an_erased_members_paper_leave_the_disk_and_no_others(lived: BuiltSite, file: Path) -> None:
    folder = file.parent / "evidence"
    shutil.copytree(lived.settings.evidence, folder)
    with lived.database.reading() as db:
        sheets = set(db.execute(text("select sha256 from paper_sheet")).scalars())
    before = {each.name for each in folder.rglob("*") if each.is_file()}
    assert len(sheets) == 2 and sheets < before
    member = int(ask(lived, "select id from user where login = 'z9-member'"))
    remove_photos(EvidenceFiles(folder), erase_all_of(file, lived, member).photos)
    assert {each.name for each in folder.rglob("*") if each.is_file()} == before - sheets


def test_a_photo_that_is_evidence_too_stays(lived: BuiltSite, file: Path) -> None:
    change(file, "update evidence set sha256 = (select min(sha256) from paper_sheet) where kind = 'file'")
    member = int(ask(lived, "select id from user where login = 'z9-member'"))
    assert len(erase_all_of(file, lived, member).photos) == 1


def test_who_held_a_seat_before_takes_their_words_along_and_leaves_those_of_who_holds_it_now(tmp_path: Path) -> None:
    """The member's seat goes to a stand-in after one slot; each is erased alone."""
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    live_around(site)
    hand_seat_over(site)
    assert "3 seats and 4 of their holders' duties" in outcomes_of(site, "auditor", tmp_path)[14].said.en
    with site.database.reading() as db:
        before, after = (int(str(ask(site, f"select user_id from duty where id = {duty}"))) for duty in duties_of(site))
        first, second = (
            [each for each in list_tenures(db, person).all if each.code == "z9-member"] for person in (before, after)
        )
        marks = [set(notes_of(db, each)) for each in (before, after)]
    assert (len(first), len(second)) == (1, 1)
    assert first[0].until == second[0].since and not first[0].covers(second[0].since)
    assert marks[0] and not marks[1], "the stand-in has marked nothing yet"
    with pytest.raises(Locked, match="held this seat when the sheet was signed"):
        confirm_again(site)
    file = site.settings.database
    erase_all_of(file, site, after)
    assert [notes_of_now(site), found_in(file, site.settings.anchors)] == [marks[0], []]
    erase_all_of(file, site, before)
    assert notes_of_now(site) == {ERASED}
    assert found_in(file, site.settings.anchors) == []


def hand_seat_over(site: BuiltSite) -> None:
    """Through a duty of a member that two people gave."""
    places, organizer, second = (site.database, site.clock), actor(site, "organizer"), actor(site, "organizer2")
    asked = Proposal(int(ask(site, "select id from user where login = 'z10-member'")), "member", "กรรมการแทน",
                     site.clock.today(), zone_number=9)  # fmt: skip
    duty = propose_duty(*places, actor=organizer, proposal=asked, key=new_key()).body["duty"]
    confirm_duty(*places, actor=second, duty_id=duty, key=new_key())
    seat = "from seat where code = 'z9-member'"
    held = {name: int(ask(site, f"select {name} {seat}")) for name in ("panel_id", "id", "duty_id")}
    hand_over(*places, actor=organizer, panel_id=held["panel_id"], seat_id=held["id"], was=held["duty_id"],
              duty_id=duty, reason="the member was called to another post", key=new_key())  # fmt: skip


def confirm_again(site: BuiltSite) -> None:
    """The stand-in confirms the paper sheet of who sat there before, as if it had not been confirmed."""
    card = int(ask(site, "select assignment_id from paper_sheet limit 1"))
    with site.database.writing() as db:
        db.execute(text("update assignment set paper = 'unconfirmed' where id = :card"), {"card": card})
        db.commit()
    try:
        asked: dict[str, Any] = {"actor": actor(site, "z10-member"), "assignment_id": card, "revision": 2}
        confirm_paper(site.database, site.clock, **asked, key=new_key())
    finally:
        with site.database.writing() as db:
            db.execute(text("update assignment set paper = '' where id = :card"), {"card": card})
            db.commit()


def duties_of(site: BuiltSite) -> tuple[int, int]:
    """Through which the seat was held first, and is held now."""
    first = ask(site, "select id from duty where user_id = (select id from user where login = 'z9-member')")
    return int(first), int(ask(site, "select duty_id from seat where code = 'z9-member'"))


def notes_of(db: Session, person: int) -> set[str]:
    """The notes to marks that the export of this person would hold."""
    marks = list_tenures(db, person).of_cards(Mark)
    return set(db.execute(select(Mark.note).where(marks, Mark.note != "")).scalars())


def notes_of_now(site: BuiltSite) -> set[str]:
    """The notes that stand on the cards of the seat."""
    with site.database.reading() as db:
        own = select(Assignment.id).join(Seat, Seat.id == Assignment.seat_id).where(Seat.code == "z9-member")
        return set(db.execute(select(Mark.note).where(Mark.assignment_id.in_(own), Mark.note != "")).scalars())
