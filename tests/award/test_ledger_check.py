"""What a person with the database file may change past the program, table by table: `award ledger check` names it. And
what the program itself does (a round, a lived day, an erased person) it calls whole."""

import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from award.actions import privacy, tidy
from award.actions.duties import Proposal, confirm_duty, propose_duty, revoke_duty, withdraw_proposal
from award.actions.entries import reopen_entry, save_answers
from award.actions.evidence import attach_file, attach_link, remove_evidence
from award.actions.publications import certify_run, publish_run, withdraw_publication
from award.actions.ranking import calculate_run
from award.actions.score_sheets import CardChanges, record_sheet
from award.actions.scoring import recuse
from award.actions.sending import submit_entry
from award.actions.slots import excuse_member, record_presence, reopen_card, reopen_slot
from award.actions.unit import unit
from award.config import Uploads
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles
from award.evaluation import rules_of
from award.ledger_check import Found, check_ledger
from award.ledger_check.chain import parsed
from award.ledger_check.found import EMPTIED, ERASED
from award.policy import Actor
from award.queries.people import find_actor_by_login
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import ScoringDay, new_key
from tests.corpus.parts import pdf

LOG = "2564/transparent-office"
AT = "'2021-07-19T02:00:00.000000Z'"
RULES = "select rules_text from adoption where id = 1"
REASON = "because the committee heard more evidence"


def found_in(file: Path, anchors: Path) -> list[Found]:
    database = Database(file)
    try:
        with database.reading(consistent=True) as db:
            return check_ledger(db, anchors=anchors)[1]
    finally:
        database.close()


def checked(site: BuiltSite) -> list[Found]:
    with site.database.reading(consistent=True) as db:
        return check_ledger(db, anchors=site.settings.anchors)[1]


def actor(site: BuiltSite, login: str) -> Actor:
    with site.database.reading() as db:
        found = find_actor_by_login(db, login, today=site.clock.today())
    assert found is not None
    return found


def live_a_day(site: BuiltSite) -> None:
    """Trat fills an entry in, sends it, gets it back and sends it again; its panel marks, steps back, sends, opens
    again and closes; the result is published, withdrawn and another one made. Every act by the program's own ways."""
    day = ScoringDay(site, 0, (int(ask(site, "select min(s.id) from slot s where s.state = 'planned'")), 0, 0))
    fill_in(site)
    slot = day.first_slot
    about: dict[str, Any] = {
        "slot_id": slot,
        "database": site.database,
        "clock": site.clock,
        "actor": actor(site, "z9-chair"),
    }
    secretary, member = actor(site, "z9-secretary"), actor(site, "z9-member")
    day.open()
    day.send_all({"z9-chair": "4"})
    sheet = [CardChanges(day.card("z9-secretary"), 0, day.whole("3"))]
    record_sheet(site.database, site.clock, actor=secretary, slot_id=slot, cards=sheet, key=new_key())
    assert day.send(site.client_as("z9-secretary"), day.card("z9-secretary")).status_code == 303
    own: dict[str, Any] = {"actor": member, "assignment_id": day.card("z9-member")}
    recuse(site.database, site.clock, **own, reason="kin of the head of the office", key=new_key())
    entry = int(ask(site, "select id from entry where code = 'to-23'"))
    absent: dict[str, Any] = {"seat_id": day.seat("z9-member"), "entry_ids": [entry], "reason": "ill since the morning"}
    for kind in ("absent", "", "recused"):
        excuse_member(**about, **absent, kind=kind, key=new_key())
    for presented in (False, True):
        record_presence(**about, entry_id=entry, presented=presented, reason="came at last", key=new_key())
    reopen_card(**about, card_id=day.card("z9-secretary"), reason=REASON, key=new_key())
    assert day.send(site.client_as("z9-secretary"), day.card("z9-secretary")).status_code == 303
    day.close()
    reopen_slot(**about, reason=REASON + ", once more", key=new_key())
    day.save(site.client_as("z9-chair"), day.card("z9-chair"), {"note:d1/policy": "a reason that was written again"})
    for login in ("z9-chair", "z9-secretary"):
        assert day.send(site.client_as(login), day.card(login)).status_code == 303
    day.close()
    publish(site)
    give_duties(site)


def ask(site: BuiltSite, sql: str) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql)).scalar_one()


def fill_in(site: BuiltSite) -> None:
    """Trat's entry with its neighbour's answers, two links of which one is taken away again, and a file."""
    entry = int(ask(site, "select id from entry where code = 'to-23'"))
    answers = json.loads(ask(site, "select answers from entry where code = 'to-22'"))
    about: dict[str, Any] = {"actor": actor(site, "p23"), "entry_id": entry}
    places = site.database, site.clock
    saved = save_answers(*places, **about, changes=answers, base_revision=1, key=new_key())
    for address in ("https://example.invalid/one", "https://example.invalid/two"):
        attach_link(*places, **about, field="declaration", url=address, title="")
    gone = int(ask(site, "select max(id) from evidence"))
    remove_evidence(*places, **about, evidence_id=gone)
    attach_file(
        *places, EvidenceFiles(site.settings.evidence), **about, field="declaration", name="a.pdf", title="",
        stream=io.BytesIO(pdf()), uploads=Uploads(),
    )  # fmt: skip
    sure = [each.code for each in rules_of(ask(site, RULES)).categories[0].indicators]
    submit_entry(*places, **about, key=new_key(), confirmed=sure)
    until = site.clock.now() + timedelta(minutes=30)
    organizer: dict[str, Any] = {"actor": actor(site, "organizer"), "entry_id": entry}
    reopen_entry(*places, **organizer, reason="The declaration is not signed.", until=until, key=new_key())
    changes = {"summary": "written anew"}
    save_answers(*places, **about, changes=changes, base_revision=saved.revision, key=new_key())
    submit_entry(*places, **about, key=new_key(), confirmed=sure)


def publish(site: BuiltSite) -> None:
    """Run 1 is certified, published and withdrawn; run 2 is certified only."""
    places, organizer, second = (site.database, site.clock), actor(site, "organizer"), actor(site, "organizer2")
    for run in (1, 2):
        calculate_run(*places, actor=organizer, adoption_id=1, stage="zone", kind="official")
        certify_run(*places, actor=organizer, run_id=run, key=new_key())
        if run == 1:
            publish_run(*places, actor=second, run_id=run, key=new_key())
            withdraw_publication(*places, actor=organizer, run_id=run, reason=REASON, key=new_key())


def give_duties(site: BuiltSite) -> None:
    """One duty is proposed and confirmed, one withdrawn, one of those that came with the round revoked."""
    places, organizer, second = (site.database, site.clock), actor(site, "organizer"), actor(site, "organizer2")
    for end in (confirm_duty, withdraw_proposal):
        asked = Proposal(int(ask(site, "select id from user where login = 'p22'")), "officer", "เจ้าหน้าที่",
                         site.clock.today(), province_code=TRAT)  # fmt: skip
        duty = propose_duty(*places, actor=organizer, proposal=asked, key=new_key()).body["duty"]
        end(*places, actor=second, duty_id=duty, key=new_key())
    held = int(ask(site, "select id from duty where user_id = (select id from user where login = 'auditor')"))
    revoke_duty(*places, actor=organizer, duty_id=held, key=new_key())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltSite]:
    built = build_site(tmp_path_factory.mktemp("lived"), provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    live_a_day(built)
    yield built
    built.database.close()


@pytest.fixture
def file(lived: BuiltSite, tmp_path: Path) -> Path:
    return copied(lived, tmp_path)


def copied(lived: BuiltSite, folder: Path) -> Path:
    """A copy of the lived day's database."""
    copy = folder / "award.sqlite3"
    with sqlite3.connect(lived.settings.database) as raw, sqlite3.connect(copy) as into:
        raw.backup(into)
    return copy


def change(file: Path, *statements: str) -> int:
    """What somebody with the file can do; answers how many rows it was."""
    raw = sqlite3.connect(file)
    raw.execute("pragma foreign_keys = off")
    raw.execute("pragma ignore_check_constraints = on")
    count = sum(raw.execute(statement).rowcount for statement in statements)
    raw.commit()
    raw.close()
    return count


def test_what_the_program_did_is_whole(lived: BuiltSite) -> None:
    assert checked(lived) == []
    acts = ask(lived, "select count(distinct json_extract(line, '$.act')) from ledger_line")
    assert int(str(acts)) >= 28, "the day held nearly every act there is"


TO_23 = "(select id from entry where code = 'to-23')"
SENT = "(select min(id) from assignment where state = 'sent')"
MORE_SEATS = "select s.id from seat s where s.panel_id = (select panel_id from seat where id = assignment.seat_id)"
TAMPERED: dict[str, tuple[list[str], str]] = {
    # entries
    "answers": (
        ["update entry set answers = replace(answers, '1', '9') where code = 'to-23'"], "entry to-23: its answers"),
    "answers of an entry of the demo": (
        ["update entry set answers = replace(answers, '1', '9') where code = 'to-22'"], "entry to-22: its answers"),
    "answers that are none": (["update entry set answers = '{x' where code = 'to-23'"], "entry to-23: its answers"),
    "an earlier version": (
        [f"update entry_revision set answers = '{{}}' where entry_id = {TO_23} and revision = 2"], "to-23, revision 2"),
    "a version that is gone": (
        [f"delete from entry_revision where entry_id = {TO_23} and revision = 2"], "to-23, revision 2"),
    "a version that was added": (
        [f"insert into entry_revision (entry_id, revision, answers, saved_at, saved_by_id) "
         f"values ({TO_23}, 9, '{{}}', {AT}, 1)"], "to-23, revision 9"),
    "who saved": (
        [f"update entry_revision set saved_by_id = 1 where entry_id = {TO_23} and revision = 2"], "revision 2"),
    "who sent": ([f"update entry set submitted_by_id = 1 where id = {TO_23}"], "entry to-23: who sent it"),
    "a label": (["update entry set label = 'x' where adoption_id = 1"], "entry to-23: its label"),
    "a category": ([f"update entry set category = 'x' where id = {TO_23}"], "entry to-23, category"),
    "another province": ([f"update entry set province_code = '22', number = 2 where id = {TO_23}"], "to-23, province"),
    "a province's zone": (["update province set zone_number = 1 where code = '23'"], "entry to-23, zone"),
    "a province's region": (["update province set region_th = 'x' where code = '23'"], "entry to-23, region"),
    "a deadline": ([f"update entry set due_at = '2031-01-01T00:00:00.000000Z' where id = {TO_23}"], "to-23, deadline"),
    "why it was returned": ([f"update entry set reopened_reason = 'x' where id = {TO_23}"], "to-23: why it was opened"),
    "codes exchanged": (
        ["update entry set code = 'tmp' where code = 'to-23'", "update entry set code = 'to-23' where code = 'to-22'",
         "update entry set code = 'to-22' where code = 'tmp'"], "entry to-23, id"),
    "an entry that nobody began": (
        ["insert into entry (code, adoption_id, category, province_code, number, label, state, answers, revision, "
         "invented, reopened_reason) select 'to-99', 1, category, '23', 9, 'x', 'draft', '{}', 0, 0, '' "
         f"from entry where id = {TO_23}"], "entry to-99: no line tells of it"),
    "an entry deleted": ([f"delete from entry where id = {TO_23}"], "entry to-23: a line tells of it"),
    "an entry emptied": (
        [f"update entry set answers = '{{}}', label = '—' where id = {TO_23}"], "entry to-23: its answers"),
    # evidence
    "a file exchanged": (["update evidence set sha256 = replace(sha256, 'a', 'b') where kind = 'file'"], "the file"),
    "a file removed": ([f"update evidence set removed_at = {AT} where kind = 'file'"], "removed evidence"),
    "what was removed is back": (["update evidence set removed_at = null"], "removed evidence"),
    "a link": (
        [f"update evidence set url = 'https://x.invalid' where kind = 'link' and entry_id = {TO_23}"], "a link was"),
    "a link of the demo": (["update evidence set url = 'x' where url like '%to-22%'"], "to-22: answers and evidence"),
    "evidence deleted": (["delete from evidence where kind = 'file'"], "was attached, and the table lacks it"),
    "a link of the demo removed": (
        [f"update evidence set removed_at = {AT} where url like '%to-22%'"], "removed evidence"),
    "evidence that was added": (
        ["insert into evidence (entry_id, field, kind, title, sha256, name, added_at, added_by_id) "
         f"values ({TO_23}, 'declaration', 'file', '', 'ab', '', {AT}, 1)"], "no line tells of the file ab"),
    # panels, slots, cards, marks
    "a seat given to another person": (
        ["update seat set duty_id = (select id from duty where role = 'auditor') where code = 'z9-chair'"],
        "seat z9-chair: it is held through duty"),
    "a seat more": (
        ["insert into seat (panel_id, duty_id, kind, position, code) "
         "select panel_id, 1, 'member', 9, 'z9-x' from seat where code = 'z9-chair'"], "its seats are not"),
    "a panel of another stage": (["update panel set stage = 'x'"], "stage"),
    "a card given to another seat": (
        ["insert into seat (id, panel_id, duty_id, kind, position, code) "
         "select 99, panel_id, 1, 'member', 9, 'z9-x' from seat where code = 'z9-chair'",
         f"update assignment set seat_id = 99 where id = {SENT}"], ", the ledger ("),
    "the cards of two seats exchanged": (
        [f"update assignment set seat_id = -seat_id where id in (select id from assignment where entry_id = {TO_23} "
         "order by id limit 2)",
         "update assignment set seat_id = (select -b.seat_id from assignment b where b.seat_id < 0 and "
         "b.id != assignment.id) where id = (select min(id) from assignment where seat_id < 0)",
         f"update assignment set seat_id = ({MORE_SEATS.replace('assignment.seat_id', '-assignment.seat_id')} and s.id "
         "not in (select seat_id from assignment a where a.entry_id = assignment.entry_id)) where seat_id < 0"],
        ", the ledger ("),
    "a card deleted": ([f"delete from assignment where id = {SENT}"], "the table lacks it"),
    "a slot with its cards deleted": (
        ["delete from mark where assignment_id in (select id from assignment where slot_id = 1)",
         "delete from assignment where slot_id = 1", "delete from slot where id = 1"], "slot 1: a line tells of it"),
    "a slot of another province": (
        ["update scoring_session set province_code = case province_code when '22' then '23' else '22' end"],
        "slot 1, province"),
    "a slot that nobody planned": (
        ["insert into slot (id, session_id, adoption_id, starts_at, place_th, state) "
         f"values (99, 9, 1, {AT}, '', 'planned')", "insert into scoring_session (id, panel_id, province_code, day, "
         "channel, call_url, call_id, call_passcode) values (9, 1, '23', '2021-07-20', '', '', '', '')"],
        "slot 99: no line tells of it"),
    "a note to a mark": (["update mark set note = 'other' where note != ''"], "its note is not"),
    "a note taken away": (["update mark set note = '' where note != ''"], "its note is not"),
    "a note said to be erased": ([f"update mark set note = '{ERASED}' where note != ''"], "its note is not"),
    "a note with its text": (
        ["delete from ledger_text where path like 'notes/%'", f"update mark set note = '{ERASED}' where note != ''"],
        "texts are gone"),
    "why a member is excused": (
        ["update assignment set excused_reason = 'x' where excused != ''"], "why it is excused"),
    "why a card was reopened": (
        ["update reopening set reason = 'x' where assignment_id is not null"], "its reason is not"),
    "who reopened": (["update reopening set by_id = 1 where assignment_id is null"], "who did it"),
    "a reopening deleted": (["delete from reopening where assignment_id is null"], "opened again, and the table lacks"),
    "a reopening that never was": (
        [f"insert into reopening (slot_id, reason, at, by_id) select id, 'x', {AT}, 1 from slot where id = 1"],
        "no line tells of it"),
    # results
    "a tie decision nobody took": (
        ["insert into resolution (adoption_id, stage, category, \"group\", \"order\", reason, at, by_id) "
         f"values (1, 'zone', 'x', 'z9', 'to-23|to-22', 'because', {AT}, 1)"], "resolution 1: no line tells of it"),
    "a run deleted": (["delete from ranking_run where id = 2"], "run 2: a line tells of it"),
    "a run of another kind": (["update ranking_run set kind = 'provisional' where id = 1"], "run 1, kind"),
    "a run by somebody else": (["update ranking_run set made_by_id = 3 where id = 1"], "run 1, who"),
    "a run never calculated": (
        ["insert into ranking_run select 9, adoption_id, stage, kind, rule_set, rules_sha256, facts_sha256, facts, "
         "engine, result, result_sha256, made_at, made_by_id, seq from ranking_run where id = 1"], "run 9: no line"),
    "a run public without its second person": (
        [f"update publication set published_at = {AT}, published_by_id = 3 where run_id = 2"], "run 2, published by"),
    "a certificate deleted": (["delete from publication where run_id = 2"], "publication of run 2: lines tell of it"),
    "a withdrawal undone": (
        ["update publication set withdrawn_at = null, withdrawn_by_id = null, withdrawn_reason = ''"],
        "run 1, withdrawn by"),
    "a run withdrawn silently": (
        [f"update publication set withdrawn_at = {AT}, withdrawn_by_id = 1, withdrawn_reason = 'x' where run_id = 2"],
        "run 2, withdrawn by"),
    "who certified": (["update publication set certified_by_id = published_by_id where run_id = 1"], "certified by"),
    "why it was withdrawn": (
        ["update publication set withdrawn_reason = 'x' where run_id = 1"], "why it was withdrawn"),
    # the round itself
    "the deadline of all": (["update cycle set deadline_at = '2031-01-01T00:00:00.000000Z'"], "the round, deadline_at"),
    "another year": (["update cycle set year = 2565"], "the round, year"),
    "invented no more": (["update cycle set invented = 0"], "the round, invented"),
    "the seal": (["update adoption set seal = '00' || substr(seal, 3) where id = 2"], "the seal is another"),
    "a text that is gone": (["delete from ledger_text where path = 'reason'"], "texts are gone"),
    # duties
    "a duty made out of nothing": (
        ["insert into duty (user_id, role, title_th, title_en, acting, from_day, state) "
         "select id, 'organizer', 'x', '', 0, '2021-01-01', 'confirmed' from user where login = 'z9-member'"],
        "no line tells of it"),
    "a proposal confirmed by nobody": (
        ["update duty set state = 'confirmed', revoked_at = null, revoked_by_id = null where state = 'withdrawn'"],
        "state"),
    "a duty in force again": (["update duty set state = 'confirmed' where state = 'revoked'"], "state"),
    "a duty of another person": (["update duty set user_id = 1 where role = 'chair'"], "user"),
    "a duty of another place": (["update duty set zone_number = 8 where role = 'chair'"], "zone"),
    "a duty of more days": (["update duty set from_day = '2019-01-01' where role = 'officer'"], "from"),
    "a higher role": (["update duty set role = 'organizer' where role = 'auditor'"], "role"),
    "who confirmed a duty": (["update duty set confirmed_by_id = 3 where confirmed_by_id is not null"], "confirmed by"),
    "a duty deleted": (["delete from duty where proposed_by_id is not null"], "a line tells of it"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_a_change_past_the_program_is_named(lived: BuiltSite, file: Path, what: str) -> None:
    statements, says = TAMPERED[what]
    assert change(file, *statements) > 0, "the statement changes something"
    found = found_in(file, lived.settings.anchors)
    assert any(says in each.says for each in found), found


def test_a_finding_about_a_text_does_not_repeat_the_text(lived: BuiltSite, file: Path) -> None:
    change(
        file, "update mark set note = 'what nobody may read' where note != ''", "update reopening set reason = 'same'"
    )
    assert not [
        each for each in found_in(file, lived.settings.anchors) if "nobody may" in each.says or "same" in each.says
    ]


def test_who_is_erased_leaves_texts_that_nobody_misses_and_no_others(
    lived: BuiltSite, file: Path, tmp_path: Path
) -> None:
    chair = int(ask(lived, "select id from user where login = 'z9-chair'"))
    erase_all_of(file, lived, chair)
    assert found_in(file, lived.settings.anchors) == []
    change(file, "delete from ledger_text where rowid = (select max(rowid) from ledger_text)")
    assert any("texts are gone" in each.says for each in found_in(file, lived.settings.anchors))


def erase_all_of(file: Path, lived: BuiltSite, person: int) -> privacy.Erased:
    """Erases in the copy; that the person still holds a duty and the round runs is not what is asked here."""
    database = Database(file)
    try:
        with unit(database, lived.clock, actor=privacy.MACHINE) as u:
            return privacy._erase(u, person)
    finally:
        database.close()


def test_the_words_that_stand_for_what_is_gone_are_those_that_are_written() -> None:
    assert (ERASED, EMPTIED) == (privacy.ERASED, tidy.EMPTIED)


def test_a_line_that_lacks_something_is_named_and_the_rest_is_read(lived: BuiltSite, file: Path) -> None:
    raw = sqlite3.connect(file)
    raw.execute("drop trigger if exists ledger_line_UPDATE")
    raw.execute(
        "update ledger_line set line = replace(line, '\"slot\":1,', '') where log = ? and line like '%plan_slot%'",
        (LOG,),
    )
    raw.commit()
    raw.close()
    says = [each.says for each in found_in(file, lived.settings.anchors)]
    assert any("cannot be followed: plan_slot" in each for each in says)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"a":1}', False), ('{"ก":1}', True), ('{"a":"ก"}', False), ('{"a":1.0}', True), ('{"a":1e3}', True),
        ('{"a":NaN}', True), ('{"a":9007199254740992}', True), ('{"a":9007199254740991}', False), ('{"a": 1}', True),
        ('{"b":1,"a":1}', True), ('{"a":1,"a":1}', True), ("[1]", True), ("{", True), ('{"a":"\\u0061"}', True),
    ],
)  # fmt: skip
def test_a_line_has_one_text_only(line: str, fault: bool) -> None:
    assert (parsed(line) is None) == fault
