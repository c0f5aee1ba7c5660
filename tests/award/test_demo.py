"""The demo round: its size, the published facts in it, and that everything else is plainly invented and stands up."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from award.actions.declarations import post_words
from award.actions.unit import unit
from award.clock import BANGKOK, Clock
from award.config import Settings
from award.db.cycles import Adoption, Cycle, Panel, Seat
from award.db.engine import Database
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.ledger import FIRST, LedgerLine, LedgerText, alias, canonical, leaf_of, salted
from award.db.live import Attendance, Declaration, MinutesNote, Phase
from award.db.people import Duty, Province, User, Zone
from award.db.schema import METADATA
from award.db.scoring import Assignment, Mark, ScoringSession, Slot
from award.demo import DemoRound, load_demo
from award.demo.load import AFTER_THE_DAY, LIVE_DEADLINE, LIVE_MORNING
from award.demo.story import OVER, UNDER_WAY
from award.demo.texts import INVENTED, PHRAE_NUMBERS, TRAT
from award.errors import Invalid
from award.evaluation import card_gaps, collect_facts, evaluate_stage, numbers_in, rules_of
from award.ledger_check import check_ledger
from award.policy import Actor
from award.queries.cycles import list_award_cycles
from award.queries.declarations import list_posts
from award.start import with_demo_clock
from scoring_rules.exact import shown
from scoring_rules.indicators import measure_all
from scoring_rules.rules import Category
from tests.award.build import CHANTHABURI, PHRAE, empty_database
from tests.award.build import TRAT as TRAT_CODE


def new_database(folder: Path) -> Database:
    return empty_database(folder / "award.sqlite3")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, DemoRound]]:
    """The whole round, loaded once; tests read it only."""
    database = new_database(tmp_path_factory.mktemp("whole"))
    yield database, load_demo(database)
    database.close()


@pytest.fixture
def db(whole: tuple[Database, DemoRound]) -> Iterator[Session]:
    with whole[0].reading() as session:
        yield session


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = new_database(tmp_path)
    yield opened
    opened.close()


def count(db: Session, table: Any) -> int:
    return db.execute(select(func.count()).select_from(table)).scalar_one()


def categories_of(db: Session) -> dict[tuple[int, str], Category]:
    """(adoption, category code) → the category's rules."""
    return {
        (award.adoption_id, category.code): category
        for award in list_award_cycles(db)
        for category in rules_of(award.rules_text).categories
    }


def entry_of(db: Session, code: str) -> Entry:
    return db.execute(select(Entry).where(Entry.code == code)).scalar_one()


def all_text_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from all_text_in(each)


def test_the_round_has_76_provinces_18_zones_380_entries_and_1140_cards(whole: tuple[Database, DemoRound], db: Session):
    made = whole[1]
    assert (made.entries, made.cards) == (380, 1140)
    assert (count(db, Province), count(db, Zone), count(db, Panel)) == (76, 18, 18)
    assert (count(db, Entry), count(db, Assignment)) == (380, 1140)
    assert count(db, Mark) == made.marks
    assert count(db, Seat) == 18 * 3
    assert (count(db, ScoringSession), count(db, Slot)) == (76, 76 * 3)
    per_province = db.execute(select(Entry.province_code, func.count()).group_by(Entry.province_code)).all()
    assert {number for _, number in per_province} == {5}
    assert db.execute(select(Province.code).where(Province.code == "10")).first() is None, "Bangkok has no office"


def test_each_province_has_one_day_with_three_slots_in_the_order_of_the_awards(db: Session):
    slots = defaultdict(list)
    for row in db.execute(select(Slot.session_id, Slot.adoption_id, Slot.starts_at).order_by(Slot.starts_at)):
        slots[row.session_id].append((row.adoption_id, row.starts_at.astimezone(BANGKOK).strftime("%H:%M")))
    assert {tuple(each) for each in slots.values()} == {((1, "09:00"), (2, "11:00"), (3, "13:00"))}
    meetings = db.execute(select(ScoringSession.panel_id, ScoringSession.day)).all()
    assert max(Counter(map(tuple, meetings)).values()) == 1, "a panel hears one province a day"
    assert all(day.weekday() < 5 for _, day in meetings)


def test_trats_five_entries_are_those_that_were_presented_on_19_july_2564(db: Session):
    entries = {entry.code: entry for entry in db.execute(select(Entry).where(Entry.province_code == "23")).scalars()}
    assert {code: entry.label for code, entry in entries.items()} == {
        "to-23": "สำนักงานพัฒนาชุมชนจังหวัดตราด",
        "pa-23": "สำนักงานพัฒนาชุมชนจังหวัดตราด",
        "wf-a-23": "สำนักงานเลขานุการฯ อำเภอเกาะกูด จังหวัดตราด",
        "wf-b-23": "คณะทำงานฯ ตำบลบางปิด อำเภอแหลมงอบ จังหวัดตราด",
        "wf-c-23": "กลุ่มอาชีพซื้อขายมะพร้าวในชุมชน อำเภอเกาะช้าง จังหวัดตราด",
    }
    office = json.loads(entries["to-23"].answers)
    assert [project["name"] for project in office["projects"]] == [
        "พช. ตราด คิดใหม่ ทำใหม่ ก้าวไปอย่างยั่งยืน (New Think New Trat)"
    ]
    assert (office["projects"][0]["d1"], office["projects"][0]["d4"]) == ("yes", "yes")
    days = db.execute(select(ScoringSession.day).where(ScoringSession.province_code == "23")).scalars().all()
    assert days == [date(2021, 7, 19)]
    places = db.execute(
        select(Slot.place_th)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .where(ScoringSession.province_code == "23")
        .order_by(Slot.starts_at)
    ).scalars()
    assert list(places) == ["ห้องประชุมสำนักงานพัฒนาชุมชนจังหวัดตราด"] * 2 + ["ห้องพัฒนาการจังหวัดตราด"]


@pytest.mark.parametrize(
    ("entry", "indicator", "published"),
    [
        ("pa-54", "households_10_vegetables", "97.27"),
        ("pa-54", "households_wet_bin", "97.87"),
        ("wf-a-54", "overdue_debt_rate", "3.27"),
        ("pa-54", "tambon_groups", "100.00"),
        ("pa-54", "healthy_menu", "100.00"),
    ],
)
def test_phraes_indicators_come_out_of_the_engine_as_they_were_published(
    db: Session, entry: str, indicator: str, published: str
):
    found = entry_of(db, entry)
    category = categories_of(db)[found.adoption_id, found.category]
    measured = measure_all(category, numbers_in(category, json.loads(found.answers)))
    value = measured[indicator].value
    assert value is not None
    assert shown(value, 2) == published


def test_every_answer_that_no_source_gives_says_that_it_is_invented(db: Session):
    categories = categories_of(db)
    published = {text for known in TRAT.values() for text in all_text_in(known)}
    unlabelled = []
    for entry in db.execute(select(Entry)).scalars():
        fields = {field.code: field for field in categories[entry.adoption_id, entry.category].fields}
        for code, answer in json.loads(entry.answers).items():
            if fields[code].type in ("text", "long_text", "link", "table"):
                known = published if entry.province_code == "23" else set()
                unlabelled += [(entry.code, code, text) for text in all_text_in(answer) if not is_labelled(text, known)]
    assert unlabelled == []


def is_labelled(text: str, published: set[str]) -> bool:
    """Words say that they are invented or are published, links lead nowhere; numbers, dates and ticks are no words."""
    wordless = re.fullmatch(r"[\d.,\-]*", text) is not None or text in ("yes", "no")
    return wordless or text in published or INVENTED in text or text.startswith("https://example.invalid/")


def test_rows_that_are_invented_are_marked_so(db: Session):
    assert db.execute(select(Entry.code).where(Entry.invented.is_(False))).all() == []
    assert db.execute(select(Cycle.invented)).scalars().all() == [True]
    assert db.execute(select(Province.code).where(Province.invented)).all() == []  # all 76 are real
    for title, url in db.execute(select(Evidence.title, Evidence.url)):
        assert INVENTED in title
        assert (url or "").startswith("https://example.invalid/")
    for (reason,) in db.execute(select(Assignment.excused_reason).where(Assignment.excused != "")):
        assert INVENTED in reason
    calls = db.execute(select(ScoringSession.call_url)).scalars().all()
    assert all(url.startswith("https://example.invalid/") for url in calls)


# A form of address followed by a name; positions that begin alike (นายอำเภอ, นายก, นายทะเบียน) are not names.
ADDRESSED = re.compile(
    r"(?<![ก-๙])(นาย(?!อำเภอ|ก|ทะเบียน|จ้าง)|นาง(?!รอง|แล|เลิ้ง)|น\.ส\.|ดร\.|พ\.ต\.|พล\.|หม่อม)\s*[ก-๙]"
    r"|\b(Mr|Mrs|Miss|Ms|Dr)\.? [A-Z]"
)
POSITIONS_TH = (
    "ฝ่ายเลขานุการ", "ผู้ดูแลระบบ", "ผู้ตรวจสอบภายใน", "เจ้าหน้าที่กลุ่มงาน", "ผู้ตรวจราชการ", "ผู้อำนวยการศูนย์",
    "นักวิชาการพัฒนาชุมชน", "ผู้บริหาร",
)  # fmt: skip


def test_people_are_positions_and_no_text_names_a_person(db: Session):
    for title_th, title_en, login in db.execute(select(User.title_th, User.title_en, User.login)):
        assert title_th.startswith(POSITIONS_TH)
        assert title_en
        assert re.fullmatch(r"organizer2?|auditor|admin|director|p\d\d|z\d{1,2}-(chair|member|secretary)", login)
    columns = [
        User.title_th, User.title_en, Duty.title_th, Duty.title_en, Entry.label, Entry.answers, Evidence.title,
        Mark.note, Assignment.excused_reason, EntryRevision.answers, Slot.presenters, Declaration.reason,
        Declaration.proposed, MinutesNote.text,
    ]  # fmt: skip
    for column in columns:
        for text in set(db.execute(select(column)).scalars()):
            assert not ADDRESSED.search(text), text
    assert ADDRESSED.search("โดย นายสมมติ ทดสอบ"), "the search finds a name where there is one"
    assert not ADDRESSED.search("นายอำเภอทุกอำเภอ")


def test_every_card_that_was_sent_could_have_been_sent(db: Session):
    categories = categories_of(db)
    entries = {entry.id: entry for entry in db.execute(select(Entry)).scalars()}
    marks: dict[int, dict[str, Any]] = defaultdict(dict)
    notes: dict[int, dict[str, str]] = defaultdict(dict)
    for mark in db.execute(select(Mark).order_by(Mark.revision)).scalars():
        marks[mark.assignment_id][mark.criterion] = mark.value
        notes[mark.assignment_id][mark.criterion] = mark.note
    excused = 0
    for card in db.execute(select(Assignment)).scalars():
        if card.excused:
            excused += 1
            assert card.id not in marks
            continue
        entry = entries[card.entry_id]
        category = categories[entry.adoption_id, entry.category]
        assert card.state == "sent"
        assert card.receipt
        assert not card_gaps(category, marks=marks[card.id], notes=notes[card.id], answers=entry.answers), entry.code
    assert 0 < excused < 1140 // 10


def test_every_award_can_be_ranked_in_every_zone(db: Session):
    for award in list_award_cycles(db):
        rules = rules_of(award.rules_text)
        evaluation = evaluate_stage(rules, collect_facts(db, award_cycle=award, stage="zone"), stage="zone")
        assert len(evaluation.rankings) == 18 * len(rules.categories)
        statuses = Counter(line.status for ranking in evaluation.rankings for line in ranking.standings)
        assert sum(statuses.values()) == 76 * len(rules.categories)
        assert statuses["ranked"] > 60 * len(rules.categories)
        assert statuses["incomplete"] == 0


def rows_of(database: Database) -> dict[str, list[Any]]:
    """All rows but passwords, the seals of the logs and what follows from them: those never come from the seed."""
    secret = {"user", "ledger_line", "ledger_text"}
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(column for column in table.c if column.name not in ("seal", "receipt"))).order_by(
                        *table.primary_key
                    )
                )
            ]
            for table in METADATA.sorted_tables
            if table.name not in secret
        }


def test_the_same_seed_gives_the_same_round_and_another_seed_other_marks(tmp_path: Path):
    rounds, passwords = [], set()
    for number, seed in enumerate((7, 7, 8)):
        (tmp_path / str(number)).mkdir()
        database = new_database(tmp_path / str(number))
        passwords.add(load_demo(database, provinces=(TRAT_CODE, PHRAE), seed=seed).password)
        rounds.append(rows_of(database))
        database.close()
    assert rounds[0] == rounds[1]
    assert rounds[0]["mark"] != rounds[2]["mark"]
    assert len(passwords) == 3


def test_every_published_fact_stands_in_a_field_of_the_rules(db: Session):
    fields = {entry.code: set(json.loads(entry.answers)) for entry in db.execute(select(Entry)).scalars()}
    categories = categories_of(db)
    for known, where in zip(TRAT.values(), ("to-23", "pa-23", "wf-a-23", "wf-b-23", "wf-c-23"), strict=True):
        entry = entry_of(db, where)
        asked = {field.code for field in categories[entry.adoption_id, entry.category].fields}
        assert set(known) <= asked & fields[where]
    assert set(PHRAE_NUMBERS) <= fields["pa-54"] | fields["wf-a-54"]


def test_published_facts_do_not_depend_on_the_seed(tmp_path: Path):
    database = new_database(tmp_path)
    load_demo(database, provinces=(TRAT_CODE, PHRAE), seed=99)
    with database.reading() as db:
        policy = json.loads(entry_of(db, "pa-54").answers)
        assert {code: policy[code] for code in PHRAE_NUMBERS if code in policy} == {
            code: text for code, text in PHRAE_NUMBERS.items() if code in policy
        }
        assert policy["tambons_all"] == "78"
        trat = json.loads(entry_of(db, "pa-23").answers)
        assert {code: trat[code] for code in TRAT["cdd-policy-award"]} == TRAT["cdd-policy-award"]
    database.close()


def test_a_second_load_is_refused_and_changes_nothing(database: Database):
    load_demo(database, provinces=(TRAT_CODE,))
    before = rows_of(database)
    with pytest.raises(Invalid, match="already holds a cycle"):
        load_demo(database, provinces=(PHRAE,))
    assert rows_of(database) == before


@pytest.mark.parametrize(("entries", "members", "provinces"), [(7, 1, 2), (403, 5, 81)])
def test_a_round_may_have_any_size(database: Database, entries: int, members: int, provinces: int):
    made = load_demo(database, entries=entries, members=members)
    assert (made.entries, made.cards) == (entries, entries * members)
    with database.reading() as db:
        assert count(db, Province) == provinces
        beyond = db.execute(select(Province.code, Province.name_th).where(Province.invented)).all()
        assert len(beyond) == max(0, provinces - 76)
        assert all("สมมติ" in name for _, name in beyond)
        assert count(db, Seat) == 18 * members
        assert len(set(db.execute(select(Entry.code)).scalars())) == entries
        assert len(set(made.logins)) == 5 + provinces + 18 * members


def test_a_live_province_has_drafts_and_planned_slots_and_no_marks(database: Database):
    made = load_demo(database, provinces=(TRAT_CODE, CHANTHABURI), live=(TRAT_CODE,))
    assert made.live == (TRAT_CODE,)
    with database.reading() as db:
        states = db.execute(select(Entry.province_code, Entry.state, Entry.receipt).order_by(Entry.id)).all()
        assert {(province, state) for province, state, _ in states} == {
            (TRAT_CODE, "draft"),
            (CHANTHABURI, "submitted"),
        }
        assert all((receipt is None) == (province == TRAT_CODE) for province, _, receipt in states)
        slots = db.execute(
            select(ScoringSession.province_code, Slot.state).join(Slot, Slot.session_id == ScoringSession.id)
        ).all()
        assert Counter(map(tuple, slots)) == {(TRAT_CODE, "planned"): 3, (CHANTHABURI, "closed"): 3}
        marked = db.execute(
            select(Entry.province_code).join(Assignment).join(Mark, Mark.assignment_id == Assignment.id).distinct()
        ).scalars()
        assert list(marked) == [CHANTHABURI]
        assert db.execute(select(Cycle.deadline_at)).scalar_one() == LIVE_DEADLINE


def test_on_a_live_morning_nothing_of_that_day_has_happened_yet(database: Database):
    """Trat's day is 19 July; another live province of its zone waits for the next working day; one of another zone has
    begun its day; all others are done."""
    load_demo(database, entries=380, live=(TRAT_CODE, CHANTHABURI))
    with database.reading() as db:
        sessions = db.execute(select(ScoringSession.province_code, ScoringSession.day)).all()
        days = {row.province_code: row.day for row in sessions}
        last_line = db.execute(select(func.max(LedgerLine.at))).scalar_one()
        meetings = db.execute(select(ScoringSession.panel_id, ScoringSession.day)).all()
    assert (days.pop(TRAT_CODE), days.pop(CHANTHABURI)) == (date(2021, 7, 19), date(2021, 7, 20))
    assert days.pop(UNDER_WAY) == date(2021, 7, 19)
    assert max(days.values()) == date(2021, 7, 16)
    assert last_line < LIVE_MORNING
    assert max(Counter(map(tuple, meetings)).values()) == 1, "a panel hears one province a day"
    assert all(day.weekday() < 5 for _, day in meetings)


def test_elsewhere_a_day_has_begun_on_the_live_morning_and_nobody_has_marked_yet(database: Database):
    load_demo(database, live=(TRAT_CODE,))
    with database.reading(consistent=True) as db:
        slots = db.execute(
            select(Slot).join(ScoringSession, ScoringSession.id == Slot.session_id)
            .where(ScoringSession.province_code == UNDER_WAY).order_by(Slot.starts_at)
        ).scalars().all()  # fmt: skip
        first = slots[0].id
        phases = db.execute(select(Phase.phase).where(Phase.slot_id == first)).scalars().all()
        there = db.execute(select(Attendance.state).where(Attendance.slot_id == first)).scalars().all()
        cards = db.execute(select(Assignment.state, Assignment.revision).where(Assignment.slot_id == first)).all()
        asked = select(func.count()).select_from(Declaration).where(Declaration.session_id == slots[0].session_id)
        declared = db.execute(asked).scalar_one()
        assert check_ledger(db, anchors=database.file.with_name("none"))[1] == []
    assert [slot.state for slot in slots] == ["open", "planned", "planned"]
    assert (phases, sorted(there), declared) == (["presenting"], ["late", "present", "present"], 3)
    assert set(map(tuple, cards)) == {("draft", 0)}


def test_no_panel_hears_two_provinces_on_the_live_morning(database: Database):
    load_demo(database, live=(TRAT_CODE, PHRAE))
    with database.reading() as db:
        meetings = db.execute(select(ScoringSession.panel_id, ScoringSession.day)).all()
    assert max(Counter(map(tuple, meetings)).values()) == 1


def test_who_held_a_post_in_a_province_is_recused_from_its_day_by_what_they_declared(db: Session):
    session = db.execute(select(ScoringSession).where(ScoringSession.province_code == OVER)).scalar_one()
    declared = db.execute(select(Declaration).where(Declaration.session_id == session.id)).scalars().all()
    assert sorted(each.kind for each in declared) == ["former_post", "none", "none"]
    interest = next(each for each in declared if each.kind == "former_post")
    posts = list_posts(db, user_id=interest.by_id, province_code=OVER, day=session.day)
    assert interest.proposed == "; ".join(map(post_words, posts)), "as the page of declarations would have it"
    cards = db.execute(
        select(Assignment.excused, Assignment.excused_reason, Assignment.revision)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.session_id == session.id, Assignment.seat_id == interest.seat_id)
    ).all()
    assert set(map(tuple, cards)) == {("recused", interest.reason, 0)} and INVENTED in interest.reason
    assert not list_posts(db, user_id=interest.by_id, province_code=TRAT_CODE, day=LIVE_MORNING.date())


def test_every_slot_says_who_presents_and_that_it_is_invented(db: Session):
    for slot in db.execute(select(Slot)).scalars():
        assert INVENTED in slot.presenters and slot.exhibition_url.startswith("https://example.invalid/")
        assert (slot.presenting_minutes, slot.questions_minutes, slot.scoring_minutes) == (30, 20, 25)


def test_a_province_that_is_not_in_the_round_cannot_be_live(database: Database):
    with pytest.raises(Invalid, match="provinces 99, trat"):
        load_demo(database, entries=10, live=("trat", "99", "81"))
    with database.reading() as db:
        assert count(db, Entry) == 0


def test_the_demo_clock_goes_on_from_the_last_act_when_the_site_is_started_again(tmp_path: Path):
    settings = Settings(data=tmp_path, secret_key="x")
    database = empty_database(settings.database)
    load_demo(database, provinces=(TRAT_CODE,), live=(TRAT_CODE,))
    assert with_demo_clock(settings, database).now == LIVE_MORNING
    later = LIVE_MORNING + timedelta(hours=3)
    with unit(database, Clock(later), actor=Actor(1, "organizer", "", "")) as u:
        u.record("look", {})
    again = with_demo_clock(settings, database).now
    assert again is not None
    assert timedelta(0) <= again - later < timedelta(seconds=5)
    told = replace(settings, now=AFTER_THE_DAY)
    assert with_demo_clock(told, database).now == AFTER_THE_DAY, "AWARD_NOW decides where it is set"
    database.close()


def test_each_log_of_the_ledger_is_an_unbroken_chain_and_holds_every_receipt(db: Session):
    previous: dict[str, str] = defaultdict(lambda: FIRST)
    moments: dict[str, datetime] = {}
    receipts, numbers = {}, Counter[str]()
    for row in db.execute(select(LedgerLine).order_by(LedgerLine.log, LedgerLine.seq)).scalars():
        content = json.loads(row.line)
        numbers[row.log] += 1
        assert row.log == content["log"]
        assert row.seq == content["seq"] == numbers[row.log]
        assert row.prev == content["prev"] == previous[row.log]
        assert row.leaf == hashlib.sha256(b"\x00" + row.line.encode()).hexdigest() == leaf_of(row.line)
        assert row.line == canonical(content)
        assert content["at"] == row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "what is hashed says the same moment, in UTC"
        assert row.log not in moments or row.at >= moments[row.log]
        previous[row.log], moments[row.log] = row.leaf, row.at
        receipts[f"#{row.seq} · {row.leaf[:4]} {row.leaf[4:8]}"] = content
    assert set(numbers) == {"site", "2564/transparent-office", "2564/cdd-policy-award", "2564/womens-fund"}
    acts = Counter(content["act"] for content in receipts.values())
    assert (acts["submit_entry"], acts["open_slot"], acts["close_slot"], acts["load_demo"]) == (380, 228, 228, 1)
    seals = dict(db.execute(select(Adoption.log, Adoption.seal)).all())
    for entry in db.execute(select(Entry)).scalars():
        assert receipts[entry.receipt or ""]["body"]["entry"] == entry.code
    for card in db.execute(select(Assignment).where(Assignment.state == "sent")).scalars():
        told = receipts[card.receipt or ""]
        assert told["body"]["card"] == alias(seals[told["log"]], f"card {card.id}")


def test_an_award_s_log_names_nobody_and_holds_no_free_text(db: Session):
    """Who has the seal works the aliases out again; the texts lie beside the log, where they can be erased."""
    adoption = db.execute(select(Adoption).order_by(Adoption.id)).scalars().first()
    assert adoption is not None
    lines = [
        line
        for (line,) in db.execute(
            select(LedgerLine.line).where(LedgerLine.log == adoption.log).order_by(LedgerLine.seq)
        )
    ]
    codes = db.execute(select(Seat.code)).scalars().all()
    whole = "\n".join(lines)
    assert not any(f'"{code}"' in whole for code in codes)
    assert not re.search(r'"actor":"u[0-9]', whole)
    seats = {alias(adoption.seal, f"seat {code}") for code in codes}
    seated = [json.loads(line)["body"]["members"] for line in lines if '"act":"seat_panel"' in line]
    assert seated, "each panel is told"
    assert {member for members in seated for member in members} <= seats
    assert all(members == sorted(members) for members in seated), "the order of the seats would tell who is who"
    cards = [json.loads(line)["body"]["cards"] for line in lines if '"act":"plan_slot"' in line]
    assert all(planned == sorted(planned) and not any(str(card).isdigit() for card, *_ in planned) for planned in cards)
    texts = db.execute(select(LedgerText).where(LedgerText.log == adoption.log)).scalars().all()
    assert texts
    for text in texts[:50]:
        place = json.loads(lines[text.seq - 1])["body"]
        for name in text.path.split("/", 1):
            place = place[name]
        assert place == {"salted": salted(text.salt, text.text)}
        assert len(text.text) < 8 or text.text not in whole
