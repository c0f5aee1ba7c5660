"""An office at work on an entry: who is there, others' saves, owners of sections, notes, answers of an earlier year."""

import json
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, text, update

from award.db.checking import ReturnedQuestion
from award.db.cycles import Adoption, Cycle
from award.db.entries import Entry, EntryRevision
from award.db.ledger import LedgerLine, LedgerText
from award.db.office import ColleagueNote, Presence, SectionOwner
from award.db.people import Duty, User
from award.views.unchanged import TRUSTED
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_entries import entry_of, save

KEY = "0123456789abcdef"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,))


@pytest.fixture
def officer(site: BuiltSite) -> FlaskClient:
    return site.client_as(f"p{TRAT}")


def colleague(site: BuiltSite) -> FlaskClient:
    """A second officer of Trat: the neighbour's account with a duty in Trat as well, signed in."""
    with site.database.writing() as db:
        user = db.execute(select(User.id).where(User.login == f"p{CHANTHABURI}")).scalar_one()
        day = site.clock.today()
        about = {"role": "officer", "province_code": TRAT, "title_th": "ช่วยงานตราด", "title_en": "Helps in Trat"}
        db.execute(insert(Duty).values(user_id=user, from_day=day, state="confirmed", **about))
        db.commit()
    csrf, site.app.config["WTF_CSRF_ENABLED"] = site.app.config["WTF_CSRF_ENABLED"], False
    client = site.client_as(f"p{CHANTHABURI}")
    site.app.config["WTF_CSRF_ENABLED"] = csrf
    return client


def live(client: FlaskClient, entry: Entry, *, since: int | None = None, at: str = "", tag: str = "") -> Any:
    since = entry.revision if since is None else since
    return client.get(f"/e/{entry.id}/live?since={since}&at={at}", headers={"If-None-Match": tag})


# --- together at one entry ------------------------------------------------------------------------------------------


def test_an_open_form_hears_what_others_saved_and_who_is_where(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site, f"to-{TRAT}"), colleague(site)
    assert live(other, entry, at="d2").status_code == 200
    save(other, entry, {"title": "ของเพื่อน"})
    told = live(officer, entry).json
    assert told["revision"] == entry.revision + 1
    assert told["stored"]["title"] == "ของเพื่อน"
    assert [each["section"] for each in told["people"]] == ["d2"]
    site.clock.set(site.clock.now() + timedelta(seconds=40))
    assert live(officer, entry).json["people"] == []


def test_where_nothing_is_new_the_answer_is_empty_and_takes_two_statements(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    tag = live(officer, entry).headers["ETag"]
    with site.statements() as counted:
        answer = live(officer, entry, tag=tag)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert len(counted) == 2, counted


def test_what_is_repeated_is_given_up_with_the_first_thing_that_is_new(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site, f"to-{TRAT}"), colleague(site)
    tag = live(officer, entry).headers["ETag"]
    assert live(officer, entry, tag=tag, at="d3").status_code == 304
    assert [each["section"] for each in live(other, entry).json["people"]] == ["d3"], "who asked was noted all the same"
    came = live(officer, entry, tag=tag)
    assert [each["section"] for each in came.json["people"]] == [""]
    assert live(officer, entry, tag=came.headers["ETag"]).status_code == 304
    live(other, entry, at="d2")
    moved = live(officer, entry, tag=came.headers["ETag"])
    assert [each["section"] for each in moved.json["people"]] == ["d2"]
    save(other, entry, {"title": "ของเพื่อน"})
    saved = live(officer, entry, tag=moved.headers["ETag"])
    assert saved.json["stored"]["title"] == "ของเพื่อน"
    assert live(officer, entry, tag=saved.headers["ETag"]).status_code == 304, "the page still builds on its version"
    assert live(officer, entry, since=entry.revision + 1, tag=saved.headers["ETag"]).status_code == 200


def test_what_is_repeated_is_so_for_seconds_only_and_to_whom_it_was_told(
    site: BuiltSite, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    tag = live(officer, entry).headers["ETag"]
    assert live(site.client_as(f"p{CHANTHABURI}"), entry, tag=tag).status_code == 404
    assert live(site.client(), entry, tag=tag).status_code in (302, 401)
    with site.database.writing() as db:
        asked = text("delete from sign_in where user_id = (select id from user where login = :login)")
        db.execute(asked, {"login": f"p{TRAT}"})
        db.commit()
    assert live(officer, entry, tag=tag).status_code == 304, "that nothing changed may be heard for seconds more"
    monkeypatch.setattr("award.views.unchanged.monotonic", lambda: monotonic() + TRUSTED + 1)
    assert live(officer, entry, tag=tag).status_code in (302, 401)


def test_who_is_there_is_told_to_other_processes_in_one_write(site: BuiltSite, officer: FlaskClient) -> None:
    entry, presences = entry_of(site, f"to-{TRAT}"), site._site.presences
    live(officer, entry, at="d1")
    live(officer, entry, at="d3")
    assert presences.flush(site.database, site.clock) == 1
    assert presences.flush(site.database, site.clock) == 0
    with site.database.reading() as db:
        assert db.execute(select(Presence.section)).scalars().all() == ["d3"]
    told = live(colleague(site), entry).json
    assert [each["section"] for each in told["people"]] == ["d3"]


@pytest.mark.parametrize("asked", ["since=x&at=", "since=1&at=<b>", "since=-1&at=", "since=99999999999&at="])
def test_what_no_page_of_ours_asks_is_refused(site: BuiltSite, officer: FlaskClient, asked: str) -> None:
    assert officer.get(f"/e/{entry_of(site, f'to-{TRAT}').id}/live?{asked}").status_code == 400


def test_two_saves_on_one_version_are_both_kept_where_they_met_nowhere(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site, f"to-{TRAT}"), colleague(site)
    assert save(other, entry, {"title": "ของเพื่อน"}).status_code == 200
    answer = save(officer, entry, {"summary": "ของฉัน"})
    assert answer.status_code == 200
    assert answer.json["stored"] == {"title": "ของเพื่อน", "summary": "ของฉัน"} | {
        code: value for code, value in answer.json["stored"].items() if code == "@label"
    }
    now = json.loads(entry_of(site, f"to-{TRAT}").answers)
    assert (now["title"], now["summary"]) == ("ของเพื่อน", "ของฉัน")


def test_a_whole_form_without_code_keeps_what_its_sender_did_not_touch(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site, f"to-{TRAT}"), colleague(site)
    save(other, entry, {"title": "เดิม", "summary": "เดิม"})
    base = entry.revision + 1
    save(other, entry, {"summary": "เพื่อนแก้"}, base=base)
    form = {"base_revision": base, "title": "ฉันแก้", "summary": "เดิม"}
    assert officer.post(f"/e/{entry.id}/answers", data=form).status_code == 303
    now = json.loads(entry_of(site, f"to-{TRAT}").answers)
    assert (now["title"], now["summary"]) == ("ฉันแก้", "เพื่อนแก้")


def test_a_form_that_comes_back_with_both_versions_undoes_nothing_else(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site, f"to-{TRAT}"), colleague(site)
    save(other, entry, {"title": "เดิม", "summary": "เดิม"})
    base = entry.revision + 1
    save(other, entry, {"title": "เพื่อนแก้", "summary": "เพื่อนแก้"}, base=base)
    page = officer.post(f"/e/{entry.id}/answers", data={"base_revision": base, "title": "ฉันแก้", "summary": "เดิม"})
    assert page.status_code == 409
    assert 'value="ฉันแก้"' in page.text
    assert ">เดิม</textarea>" not in page.text
    assert ">เพื่อนแก้</textarea>" in page.text


# --- owners and notes -----------------------------------------------------------------------------------------------


def test_sections_have_owners_that_the_form_names(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    with site.database.reading() as db:
        user = db.execute(select(User.id).where(User.login == f"p{TRAT}")).scalar_one()
    form = {"key": KEY, "own:d1:group": "information", "own:d1:person": str(user), "own:d2:group": "strategy"}
    assert officer.post(f"/e/{entry.id}/team", data=form).status_code == 303
    page = officer.get(f"/e/{entry.id}").text
    assert page.count("In charge:") == 2
    assert "Information work group" in page
    with site.database.reading() as db:
        lines = db.execute(select(func.count(LedgerLine.seq))).scalar_one()
    assert officer.post(f"/e/{entry.id}/team", data=form | {"key": KEY[::-1]}).status_code == 303
    with site.database.reading() as db:
        assert db.execute(select(func.count(LedgerLine.seq))).scalar_one() == lines, "nothing new, nothing written"
        assert db.execute(select(func.count()).select_from(SectionOwner)).scalar_one() == 2


@pytest.mark.parametrize(
    "form", [{"own:d1:group": "kings"}, {"own:d1:group": "", "own:d1:person": "1"}, {"own:d9:group": "strategy"}]
)
def test_owners_that_no_form_offers_are_refused(site: BuiltSite, officer: FlaskClient, form: dict[str, str]) -> None:
    path = f"/e/{entry_of(site, f'to-{TRAT}').id}/team"
    assert officer.post(path, data={"key": KEY, **form}).status_code == 400
    with site.database.reading() as db:
        assert db.execute(select(func.count()).select_from(SectionOwner)).scalar_one() == 0


def test_a_note_never_leaves_the_office_and_no_log_holds_it(site: BuiltSite, officer: FlaskClient) -> None:
    entry, words = entry_of(site, f"to-{TRAT}"), "รอตัวเลขจากอำเภอเกาะกูด"
    form = {"key": KEY, "section": "d1", "text": words}
    assert officer.post(f"/e/{entry.id}/notes", data=form).location == f"/e/{entry.id}#s-d1"
    assert words in officer.get(f"/e/{entry.id}").text
    for login in ("organizer", "auditor"):
        client = site.client_as(login)
        for path in ("", "/history", "?whole=1"):
            assert words not in client.get(f"/e/{entry.id}{path}").text
    assert words not in officer.get(f"/e/{entry.id}?whole=1").text, "not on what is printed either"
    assert words in officer.get(f"/e/{entry.id}/team").text
    with site.database.reading() as db:
        lines = db.execute(select(LedgerLine.line)).scalars().all()
        texts = db.execute(select(LedgerText.text)).scalars().all()
    assert not any(words in each or words.encode("unicode_escape").decode() in each for each in (*lines, *texts))
    with site.database.reading() as db:
        note = db.execute(select(ColleagueNote.id)).scalar_one()
    assert colleague(site).post(f"/e/{entry.id}/notes/{note}/remove").status_code == 303
    assert words not in officer.get(f"/e/{entry.id}").text


@pytest.mark.parametrize("words", ["  ", "ก" * 2001, "เลขบัตร 1-1017-00230-70-8"])
def test_a_note_that_may_not_be_is_refused(site: BuiltSite, officer: FlaskClient, words: str) -> None:
    path = f"/e/{entry_of(site, f'to-{TRAT}').id}/notes"
    answer = officer.post(path, data={"key": KEY, "section": "d1", "text": words})
    assert answer.status_code == 422
    with site.database.reading() as db:
        assert db.execute(select(func.count(ColleagueNote.id))).scalar_one() == 0


def test_another_provinces_people_see_and_do_nothing(site: BuiltSite, officer: FlaskClient) -> None:
    entry, stranger = entry_of(site, f"to-{TRAT}"), site.client_as(f"p{CHANTHABURI}")
    officer.post(f"/e/{entry.id}/notes", data={"key": KEY, "section": "d1", "text": "โน้ต"})
    for path in ("live", "team", "earlier", "history", "history/1"):
        assert stranger.get(f"/e/{entry.id}/{path}").status_code == 404, path
    for path in ("team", "notes", "notes/1/remove", "earlier", "history/restore"):
        assert stranger.post(f"/e/{entry.id}/{path}", data={"key": KEY}).status_code == 404, path


# --- answers of an earlier year -------------------------------------------------------------------------------------


def earlier_year(site: BuiltSite, answers: dict[str, Any]) -> None:
    """Trat's entry for the same award in the round of the year before."""
    with site.database.writing() as db:
        entry = db.execute(select(Entry).where(Entry.code == f"to-{TRAT}")).scalar_one()
        for table, id in ((Cycle, select(Adoption.cycle_id).where(Adoption.id == entry.adoption_id)), (Adoption, None)):
            row = dict(
                db.execute(
                    select(*table.__table__.columns).where(
                        table.id == (entry.adoption_id if id is None else id.scalar_subquery())
                    )
                )
                .mappings()
                .one()
            )
            row |= {"id": 900 if table is Cycle else 901}
            row |= {"year": row["year"] - 1} if table is Cycle else {"cycle_id": 900}
            row |= {name: f"{value}-earlier" for name, value in row.items() if name in ("code", "log", "seal")}
            db.execute(insert(table).values(row))
        about = {"adoption_id": 901, "category": entry.category, "province_code": TRAT, "number": 1}
        about |= {"label": entry.label, "state": "draft", "answers": json.dumps(answers), "revision": 1}
        db.execute(insert(Entry).values(code="to-23-2563", **about))
        db.execute(update(Entry).where(Entry.id == entry.id).values(answers="{}"))
        db.commit()


EARLIER = {
    "title": "ชื่อปีก่อน", "summary": "สรุปปีก่อน", "gone": "ไม่มีแล้ว", "projects": [{"name": "ก", "gone": "ข", "d1": "yes"}]
}  # fmt: skip


def test_earlier_answers_are_offered_and_never_taken_over_by_themselves(site: BuiltSite, officer: FlaskClient) -> None:
    earlier_year(site, EARLIER)
    entry = entry_of(site, f"to-{TRAT}")
    assert "Answers of 2020 (3)" in officer.get(f"/e/{entry.id}").text
    assert json.loads(entry_of(site, f"to-{TRAT}").answers) == {}
    form = {"key": KEY, "base_revision": entry.revision, "year": "2563", "take": ["title", "gone", "projects"]}
    assert officer.post(f"/e/{entry.id}/earlier", data=form).status_code == 303
    now = entry_of(site, f"to-{TRAT}")
    assert json.loads(now.answers) == {"title": "ชื่อปีก่อน", "projects": [{"name": "ก", "d1": "yes"}]}
    with site.database.reading() as db:
        way = select(EntryRevision.way).where(
            EntryRevision.entry_id == entry.id, EntryRevision.revision == now.revision
        )
        assert db.execute(way).scalar_one() == "earlier"


def test_all_that_is_blank_is_filled_and_nothing_else(site: BuiltSite, officer: FlaskClient) -> None:
    earlier_year(site, EARLIER)
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "ชื่อปีนี้"})
    form = {"key": KEY, "base_revision": entry.revision + 1, "year": "2563", "blank": "1"}
    assert officer.post(f"/e/{entry.id}/earlier", data=form).status_code == 303
    now = json.loads(entry_of(site, f"to-{TRAT}").answers)
    assert (now["title"], now["summary"]) == ("ชื่อปีนี้", "สรุปปีก่อน")


def test_an_earlier_entry_of_another_province_or_a_withdrawn_one_offers_nothing(
    site: BuiltSite, officer: FlaskClient
) -> None:
    earlier_year(site, EARLIER)
    entry = entry_of(site, f"to-{TRAT}")
    for change in (f"province_code = '{CHANTHABURI}'", f"province_code = '{TRAT}', state = 'withdrawn'"):
        with site.database.writing() as db:
            db.execute(text(f"update entry set {change} where code = 'to-23-2563'"))
            db.commit()
        assert "Answers of 2020" not in officer.get(f"/e/{entry.id}").text


# --- single questions that came back --------------------------------------------------------------------------------


def test_where_single_questions_came_back_the_form_has_only_these_with_the_reason(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry, reason = entry_of(site, f"to-{TRAT}"), "ระบุจำนวนอำเภอให้ตรงกับตาราง"
    with site.database.writing() as db:
        user = db.execute(select(User.id).where(User.login == "organizer")).scalar_one()
        about = {"entry_id": entry.id, "at": site.clock.now(), "by_id": user, "reason": reason}
        db.execute(insert(ReturnedQuestion), [about | {"field": "districts_full"}])
        db.commit()
    page = officer.get(f"/e/{entry.id}").text
    assert page.count(reason) == 2, "in the list above, and at the question"
    assert 'id="f-districts_full"' in page
    assert 'id="f-districts_all"' not in page
    assert 'id="f-title"' not in page
    assert 'id="s-d5"' not in page
    assert save(officer, entry, {"title": "แอบแก้"}).status_code == 423
    assert save(officer, entry, {"districts_full": "๗"}, key="another-key-of-mine").status_code == 200
    whole = officer.get(f"/e/{entry.id}?whole=1").text
    assert "Back to the form" in whole
    assert "Nothing can be entered now" not in whole
