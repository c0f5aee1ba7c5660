"""Single questions of a sent entry go back to the province: these alone are mended, and the record says so."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from award.actions.entries import reopen_entry, save_answers
from award.actions.evidence import attach_link, remove_evidence
from award.actions.returns import return_questions
from award.actions.sending import submit_entry
from award.answers.codes import parts_of
from award.db.checking import EntryCheck, ReturnedQuestion
from award.db.entries import Entry
from award.errors import Forbidden, Foreign, Invalid, Locked, NotFound
from award.evaluation import rules_of
from award.ledger_check import Found, check_ledger
from award.policy import Actor
from award.queries.entries import FoundEntry, find_entry
from award.queries.people import find_actor_by_login
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key

WHY = "ตัวเลขไม่ตรงกับเอกสารแนบ โปรดตรวจอีกครั้ง"
CODE = "to-23"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat's entries are drafts until 08.55; this one was filled in and sent."""
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill_and_send(built)
    return built


def actor(site: BuiltSite, login: str) -> Actor:
    with site.database.reading() as db:
        found = find_actor_by_login(db, login, today=site.clock.today())
    assert found is not None
    return found


def entry_of(site: BuiltSite, login: str = "p23") -> FoundEntry:
    with site.database.reading() as db:
        number = db.execute(select(Entry.id).where(Entry.code == CODE)).scalar_one()
        found = find_entry(db, actor(site, login), number)
    assert found is not None
    return found


def places(site: BuiltSite, login: str = "p23") -> dict[str, Any]:
    return {
        "database": site.database, "clock": site.clock, "actor": actor(site, login), "entry_id": entry_of(site).id,
    }  # fmt: skip


def fill_and_send(site: BuiltSite) -> None:
    with site.database.reading() as db:
        answers = db.execute(text("select answers from entry where code = 'to-22'")).scalar_one()
    save(site, answers=answers)
    attach_link(**places(site), field="declaration", url="https://example.invalid/one", title="")
    send(site)


def save(site: BuiltSite, answers: str = "", **changes: Any) -> None:
    whole = json.loads(answers) if answers else changes
    revision = entry_of(site).revision
    save_answers(**places(site), changes=whole, base_revision=revision, key=new_key())


def send(site: BuiltSite) -> None:
    found = entry_of(site)
    sure = [each.code for each in rules_of(found.rules_text).category(found.category).indicators]
    submit_entry(**places(site), key=new_key(), confirmed=sure)


def give_back(site: BuiltSite, *codes: str, login: str = "organizer", reason: str = WHY, **about: Any) -> None:
    until = about.pop("until", site.clock.now() + timedelta(days=3))
    questions = dict.fromkeys(codes or ("summary",), reason)
    return_questions(**places(site, login), questions=questions, until=until, key=about.pop("key", new_key()))


def found_by_check(site: BuiltSite) -> list[Found]:
    with site.database.reading(consistent=True) as db:
        return check_ledger(db, anchors=site.settings.anchors)[1]


def change(site: BuiltSite, statement: str) -> None:
    with site.database.writing() as db:
        assert db.execute(text(statement)).rowcount  # type: ignore[attr-defined]
        db.commit()


def test_the_province_mends_the_returned_question_and_nothing_else(site: BuiltSite) -> None:
    give_back(site, "summary", until=site.clock.now() + timedelta(days=3))
    entry = entry_of(site)
    assert (entry.state, entry.receipt, [each.field for each in entry.returned]) == ("draft", None, ["summary"])
    assert entry.why_returned("summary") == WHY
    with pytest.raises(Locked) as refused:
        save(site, title="another")
    assert refused.value.details == {"locked": ["title"]}
    save(site, summary="เขียนใหม่")
    assert entry_of(site).answers["summary"] == "เขียนใหม่"
    send(site)
    assert entry_of(site).state == "submitted" and entry_of(site).returned == ()
    assert found_by_check(site) == []


def test_what_was_not_changed_may_come_along_with_a_whole_form(site: BuiltSite) -> None:
    give_back(site, "summary")
    save(site, summary="เขียนใหม่", title=entry_of(site).answers["title"])
    assert entry_of(site).answers["summary"] == "เขียนใหม่"


def test_evidence_changes_only_beside_a_returned_question(site: BuiltSite) -> None:
    give_back(site, "summary")
    about = places(site)
    with pytest.raises(Locked):
        attach_link(**about, field="declaration", url="https://example.invalid/two", title="")
    with site.database.reading() as db:
        piece = db.execute(text(f"select max(id) from evidence where entry_id = {about['entry_id']}")).scalar_one()
    with pytest.raises(Locked):
        remove_evidence(**about, evidence_id=piece)
    give_back(site, "declaration")
    attach_link(**about, field="declaration", url="https://example.invalid/two", title="")
    assert {each.field for each in entry_of(site).returned} == {"summary", "declaration"}
    assert found_by_check(site) == []


def test_with_a_number_its_source_is_open_too(site: BuiltSite) -> None:
    found = entry_of(site)
    indicator = rules_of(found.rules_text).category(found.category).indicators[0]
    give_back(site, parts_of(indicator)[0])
    assert {each.field for each in entry_of(site).returned} >= {parts_of(indicator)[0], f"@source:{indicator.code}"}
    assert found_by_check(site) == []


def test_a_question_given_again_has_the_newer_reason_and_date(site: BuiltSite) -> None:
    give_back(site, "summary", "title")
    later = site.clock.now() + timedelta(days=9)
    give_back(site, "summary", reason="เพิ่มจำนวนผู้เข้าร่วมด้วย", until=later)
    entry = entry_of(site)
    assert {each.field: each.reason for each in entry.returned} == {
        "title": WHY,
        "summary": "เพิ่มจำนวนผู้เข้าร่วมด้วย",
    }
    assert entry.closes_at == later
    assert found_by_check(site) == []


def test_more_time_is_for_the_returned_questions_only(site: BuiltSite) -> None:
    give_back(site, "summary")
    until = site.clock.now() + timedelta(days=9)
    reopen_entry(**places(site, "organizer"), reason="จังหวัดขอเวลาเพิ่มเพราะน้ำท่วม", until=until, key=new_key())
    entry = entry_of(site)
    assert ([each.field for each in entry.returned], entry.closes_at) == (["summary"], until)
    with pytest.raises(Locked):
        save(site, title="another")
    assert found_by_check(site) == []


def test_after_its_day_nothing_is_mended_until_the_organizer_gives_more_time(site: BuiltSite) -> None:
    give_back(site, "summary", until=site.clock.now() + timedelta(hours=2))
    site.clock.set(site.clock.now() + timedelta(hours=3))
    with pytest.raises(Locked):
        save(site, summary="สายไป")
    give_back(site, "summary", until=site.clock.now() + timedelta(hours=2))
    save(site, summary="ทันเวลา")
    send(site)
    assert not entry_of(site).is_late, "it came in time when it was first sent"
    assert found_by_check(site) == []


def test_a_repeat_of_the_key_returns_once(site: BuiltSite) -> None:
    key, until = new_key(), site.clock.now() + timedelta(days=3)
    for _ in range(2):
        give_back(site, "summary", key=key, until=until)
    with site.database.reading() as db:
        assert len(db.execute(select(ReturnedQuestion.id)).all()) == 1
        check = db.execute(select(EntryCheck)).scalar_one()
    assert (check.outcome, check.revision, len(check.fingerprint)) == ("returned", entry_of(site).revision, 64)


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"login": "p23"}, Forbidden),
        ({"login": "auditor"}, Forbidden),
        ({"login": "z9-chair"}, Forbidden),
        ({"login": "p22"}, NotFound),
        ({"reason": "สั้น"}, Invalid),
        ({"reason": "ก" * 2001}, Invalid),
        ({"until": datetime.fromisoformat("2021-07-01T00:00:00+00:00")}, Invalid),
        ({"codes": ("no_such",)}, Foreign),
        ({"codes": ("@label",)}, Foreign),  # an office stands for itself
    ],
)
def test_what_is_refused_changes_nothing(site: BuiltSite, about: dict[str, Any], refusal: type[Exception]) -> None:
    codes = about.pop("codes", ("summary",))
    with pytest.raises(refusal):
        give_back(site, *codes, **about)
    assert entry_of(site).state == "submitted" and entry_of(site).returned == ()


def test_a_draft_and_what_is_being_marked_are_not_returned(site: BuiltSite) -> None:
    with site.database.writing() as db:
        db.execute(update(Entry).where(Entry.code == CODE).values(state="draft", submitted_at=None))
        db.commit()
    with pytest.raises(Locked):
        give_back(site)
    sent = "state = 'submitted', submitted_at = '2021-07-19T01:00:00.000000Z'"
    change(site, f"update entry set {sent} where code = '{CODE}'")
    change(site, "update slot set state = 'open' where state = 'planned'")
    with pytest.raises(Locked):
        give_back(site)


def test_nothing_chosen_is_said(site: BuiltSite) -> None:
    with pytest.raises(Invalid):
        return_questions(
            **places(site, "organizer"), questions={}, until=site.clock.now() + timedelta(days=1), key=new_key()
        )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update returned_question set field = 'title'", "question title: no line tells"),
        ("delete from returned_question", "question summary: it was returned, and the table lacks it"),
        ("update returned_question set by_id = by_id + 1", "no line tells that this person"),
        ("update returned_question set closed_at = at", "the questions that are open"),
        ("update returned_question set reason = 'x'", "why it was returned"),
        ("update entry set reopened_reason = 'x' where code = 'to-23'", "why it was opened again"),
        ("update entry set due_at = '2031-01-01T00:00:00.000000Z' where code = 'to-23'", "deadline"),
    ],
)
def test_a_change_past_the_program_is_found(site: BuiltSite, statement: str, words: str) -> None:
    give_back(site, "summary")
    assert found_by_check(site) == []
    change(site, statement)
    assert any(words in each.says for each in found_by_check(site)), found_by_check(site)
