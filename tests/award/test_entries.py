"""A province's entries on the site: begin, save, send, and every way in which that is refused."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from award.answers.check import list_problems
from award.db.cycles import Adoption
from award.db.entries import Entry, EntryRevision
from award.db.ledger import LedgerLine
from award.evaluation import numbers_in
from award.queries.entries import find_entry
from award.queries.people import find_actor_by_login
from award.views.entries import category_of
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site

JSON = {"Accept": "application/json"}


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """The morning of 19 July: Trat's entries are drafts until 08.55, Chanthaburi's were sent and marked."""
    return build_site(tmp_path, live=(TRAT,))


@pytest.fixture
def officer(site: BuiltSite) -> FlaskClient:
    return site.client_as(f"p{TRAT}")


def entry_of(site: BuiltSite, code: str) -> Entry:
    with site.database.reading() as db:
        return db.execute(select(Entry).where(Entry.code == code)).scalar_one()


def everything(site: BuiltSite) -> tuple[Any, ...]:
    """What may not change when something is refused."""
    with site.database.reading() as db:
        entries = db.execute(select(Entry.id, Entry.state, Entry.answers, Entry.revision, Entry.label)).all()
        versions = db.execute(select(EntryRevision.id).order_by(EntryRevision.id)).all()
        return entries, versions, db.execute(select(LedgerLine.seq).order_by(LedgerLine.seq)).all()


def save(client: FlaskClient, entry: Entry, changes: dict[str, Any], *, base: int | None = None, key: str = "") -> Any:
    body = {"key": key or f"key-{json.dumps(changes)}".encode().hex()[:40], "changes": changes}
    base_revision = entry.revision if base is None else base
    return client.post(f"/e/{entry.id}/answers", json=body | {"base_revision": base_revision}, headers=JSON)


def fill(site: BuiltSite, code: str) -> Entry:
    """Makes a draft whole: what is required is filled in."""
    with site.database.writing() as db:
        entry = db.execute(select(Entry).where(Entry.code == code)).scalar_one()
        answers = json.loads(entry.answers) | {
            "title": "ผลงาน",
            "summary": "สรุป",
            "findings": "0",
            "plan_exists": "yes",
        }
        answers["projects"] = [{"name": "ก", "owner": "ข", "objective": "ค", "results": "ง", "d1": "yes", "d4": "yes"}]
        db.execute(update(Entry).where(Entry.id == entry.id).values(answers=json.dumps(answers)))
        db.commit()
    return entry_of(site, code)


def send(client: FlaskClient, entry: Entry, key: str = "0123456789abcdef", **form: Any) -> Any:
    return client.post(f"/e/{entry.id}/submit", data={"key": key, **form})


# --- the list ---------------------------------------------------------------------------------------------------


def test_an_officer_sees_five_cards_with_state_and_time_left(site: BuiltSite, officer: FlaskClient) -> None:
    page = officer.get("/e/").text
    assert page.count('class="card-line"') == 5
    assert "Today is the last day: until 08:55." in page
    assert "Chanthaburi" not in page


def test_the_organizer_sees_who_has_sent_what(site: BuiltSite) -> None:
    page = site.client_as("organizer").get("/e/").text
    assert "Trat" in page
    assert "Chanthaburi" in page
    assert page.count(">● draft</a>") == 5
    assert page.count(">✓ sent</a>") == 5
    only = site.client_as("auditor").get("/e/?award=1&zone=9").text
    assert only.count(">✓ sent</a>") == 1


def test_a_member_has_no_list_of_entries(site: BuiltSite) -> None:
    assert site.client_as("z9-member").get("/e/").status_code == 403


@pytest.mark.parametrize("login", [f"p{TRAT}", "organizer"])
def test_the_list_takes_eight_statements_at_any_size(tmp_path: Path, login: str) -> None:
    counts = []
    for number, provinces in enumerate([(TRAT,), (TRAT, CHANTHABURI, "54")]):
        (tmp_path / str(number)).mkdir()
        built = build_site(tmp_path / str(number), provinces=provinces, live=(TRAT,))
        client = built.client_as(login)
        client.get("/e/")
        with built.statements() as counted:
            assert client.get("/e/").status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


# --- beginning ----------------------------------------------------------------------------------------------------


def begin(client: FlaskClient, **form: Any) -> Any:
    usual = {"adoption": 3, "category": "occupation_group", "province": TRAT, "label": "กลุ่ม", "key": "abcdefgh12345678"}
    return client.post("/e/begin", data=usual | form)


def test_a_province_begins_no_more_entries_than_the_rules_allow(site: BuiltSite, officer: FlaskClient) -> None:
    before = everything(site)
    answer = begin(officer)
    assert answer.status_code == 422
    assert "A province may send at most 1 in “" in answer.text
    assert everything(site) == before


@pytest.mark.parametrize(("per", "said"), [("zone", "inspection zone"), ("region", "region"), ("cycle", "round")])
def test_a_limit_over_several_provinces_counts_the_entries_of_all_of_them(
    site: BuiltSite, officer: FlaskClient, per: str, said: str
) -> None:
    """Trat and Chanthaburi lie in one zone and one region, and each has begun one entry of the category."""
    for most, status in ((2, 422), (3, 303)):
        limit = f"limit: {{entries: {most}, per: {per}}}"
        with site.database.writing() as db:
            text = db.get_one(Adoption, 3).rules_text
            changed = re.sub(r"limit: \{entries: \d+, per: \w+\}", limit, text)
            db.execute(update(Adoption).where(Adoption.id == 3).values(rules_text=changed))
            db.commit()
        answer = begin(officer, key=f"abcdefgh-{most}")
        assert answer.status_code == status
        assert (f"takes at most 2 entries for each {said}" in answer.text) == (status == 422)


def test_an_entry_that_was_withdrawn_makes_room_and_a_second_click_begins_no_second(
    site: BuiltSite, officer: FlaskClient
) -> None:
    with site.database.writing() as db:
        db.execute(
            update(Entry).where(Entry.code == f"wf-c-{TRAT}").values(state="withdrawn", submitted_at=site.clock.now())
        )
        db.commit()
    first, second = begin(officer), begin(officer)
    assert (first.status_code, first.location) == (303, second.location)
    begun = entry_of(site, f"wf-c-{TRAT}-2")
    assert (begun.label, begun.state, begun.answers, begun.number) == ("กลุ่ม", "draft", "{}", 2)
    assert officer.get(first.location).status_code == 200
    assert "0 of 5 sent" in officer.get("/e/").text  # a withdrawn one counts neither way


def test_nobody_begins_for_another_province_or_an_unknown_award(site: BuiltSite, officer: FlaskClient) -> None:
    before = everything(site)
    for form in ({"province": CHANTHABURI}, {"adoption": 99}, {"category": "none"}, {"province": "zz"}):
        assert begin(officer, **form).status_code == 404
    assert everything(site) == before


# --- saving -------------------------------------------------------------------------------------------------------


def test_a_change_is_stored_with_a_receipt_and_as_a_version(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    answer = save(officer, entry, {"findings": "๑,๒๓๔"})
    assert answer.status_code == 200
    assert answer.json["revision"] == entry.revision + 1
    assert re.fullmatch(r"#\d+ · [0-9a-f]{4} [0-9a-f]{4}", answer.json["receipt"])
    assert answer.json["values"] == {"findings": "1234"}
    stored = entry_of(site, f"to-{TRAT}")
    assert json.loads(stored.answers)["findings"] == "1234"
    assert json.loads(stored.answers)["title"] == json.loads(entry.answers)["title"]
    with site.database.reading() as db:
        versions = db.execute(select(EntryRevision.revision).where(EntryRevision.entry_id == entry.id)).scalars().all()
    assert versions[-2:] == [entry.revision, entry.revision + 1]


def test_a_draft_keeps_what_is_wrong_and_says_so(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    answer = save(officer, entry, {"findings": "ไม่มี"})
    assert answer.json["wrong"] == {
        "f-findings": "“Findings of corruption in the year assessed”: “ไม่มี” is not a number. "
        "Write digits only, such as 97.27 or 1,250."
    }
    page = officer.get(f"/e/{entry.id}").text
    assert 'value="ไม่มี"' in page
    assert "is not a number" in page


def test_numbers_are_worked_out_and_the_level_is_suggested(site: BuiltSite, officer: FlaskClient) -> None:
    answer = save(officer, entry_of(site, f"to-{TRAT}"), {"districts_full": "๗", "districts_all": "8"}).json
    result = answer["results"]["districts_with_full_plan"]
    assert result["shown"] == "87.50"
    assert "<strong>4</strong>" in result["level"]


def test_a_repeat_of_a_save_gets_the_first_receipt(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    first = save(officer, entry, {"title": "ก"}).json
    before = everything(site)
    again = save(officer, entry, {"title": "ก"}).json
    assert (first["receipt"], first["revision"]) == (again["receipt"], again["revision"])
    assert everything(site) == before


def test_a_key_of_somebody_else_opens_no_receipt_of_theirs(site: BuiltSite, officer: FlaskClient) -> None:
    first, other = entry_of(site, f"to-{TRAT}"), entry_of(site, f"pa-{TRAT}")
    one = save(officer, first, {"title": "ก"}, key="one-and-the-same-key").json
    two = save(officer, other, {"title": "ก"}, key="one-and-the-same-key").json
    assert one["receipt"] != two["receipt"]


def test_a_save_on_an_old_version_is_refused_with_what_is_stored(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "ของเขา"})
    before = everything(site)
    answer = save(officer, entry, {"title": "ของฉัน"}, key="another-key-of-mine")
    assert answer.status_code == 409
    assert answer.json["details"]["revision"] == entry.revision + 1
    assert answer.json["details"]["stored"]["title"] == "ของเขา"
    assert everything(site) == before


def test_without_code_in_the_page_the_form_is_saved_and_shown_again(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"wf-a-{TRAT}")
    form = {"base_revision": entry.revision, "title": "ใหม่", "@label": "ชื่อใหม่"}
    answer = officer.post(f"/e/{entry.id}/answers", data=form)
    assert (answer.status_code, answer.location) == (303, f"/e/{entry.id}")
    stored = entry_of(site, f"wf-a-{TRAT}")
    assert (json.loads(stored.answers)["title"], stored.label, stored.revision) == ("ใหม่", "ชื่อใหม่", entry.revision + 1)
    again = officer.post(f"/e/{entry.id}/answers", data=form)  # posted twice: stored already, nothing new
    assert again.status_code == 303
    assert entry_of(site, f"wf-a-{TRAT}").revision == entry.revision + 1


def test_without_code_in_the_page_both_versions_are_shown(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "ของเขา"})
    answer = officer.post(f"/e/{entry.id}/answers", data={"base_revision": entry.revision, "title": "ของฉัน"})
    assert answer.status_code == 409
    assert 'value="ของฉัน"' in answer.text
    assert "<p>ของเขา</p>" in answer.text
    assert json.loads(entry_of(site, f"to-{TRAT}").answers)["title"] == "ของเขา"


NONSENSE: list[Any] = [
    {}, [], {"key": "k" * 10, "base_revision": "1", "changes": {}}, {"key": 5, "base_revision": 1, "changes": {}},
    {"key": "k" * 10, "base_revision": True, "changes": {}}, {"key": "k" * 10, "base_revision": 1, "changes": []},
    {"key": "short", "base_revision": 1, "changes": {"title": "a"}},
    {"key": "k" * 10, "base_revision": 1, "changes": {"receipt": "a"}},
    {"key": "k" * 10, "base_revision": 1, "changes": {"@label": " "}},
]  # fmt: skip


def test_a_request_that_makes_no_sense_changes_nothing(site: BuiltSite, officer: FlaskClient) -> None:
    before = everything(site)
    for body in (b"[" * 100_000, b"{", b'{"key": ' + b'"' + b"k" * 2_200_000 + b'"}'):
        path = f"/e/{entry_of(site, f'wf-a-{TRAT}').id}/answers"
        answer = officer.post(path, data=body, content_type="application/json", headers=JSON)
        assert answer.status_code in (400, 413)
    for body in NONSENSE:
        answer = officer.post(f"/e/{entry_of(site, f'wf-a-{TRAT}').id}/answers", json=body, headers=JSON)
        assert answer.status_code in (400, 422), body
        assert answer.get_json()["error"]
    assert everything(site) == before


def test_invisible_characters_are_taken_out_and_that_is_said(site: BuiltSite, officer: FlaskClient) -> None:
    answer = save(officer, entry_of(site, f"to-{TRAT}"), {"title": "ก\x00\u202eข"}).json
    assert answer["values"]["title"] == "กข"
    assert answer["notice"] == "Invisible characters were taken out of what you typed."


def test_a_form_takes_eight_statements_and_a_save_seven(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    officer.get(f"/e/{entry.id}")
    with site.statements() as counted:
        assert officer.get(f"/e/{entry.id}").status_code == 200
    assert len(counted) <= 8, counted
    with site.statements() as counted:
        assert save(officer, entry, {"title": "ก"}).status_code == 200
    assert len(counted) <= 7, counted


# --- sending ------------------------------------------------------------------------------------------------------


def test_a_whole_entry_is_sent_once_and_locked(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    assert "Send the entry" in officer.get(f"/e/{entry.id}/submit").text
    first = send(officer, entry)
    assert (first.status_code, first.location) == (303, f"/e/{entry.id}/receipt")
    stored = entry_of(site, f"to-{TRAT}")
    assert stored.state == "submitted"
    receipt = officer.get(first.location).text
    assert stored.receipt and stored.receipt in receipt
    after = everything(site)
    assert send(officer, entry).location == first.location  # the same click again
    assert send(officer, entry, key="f" * 16).location == first.location  # another tab
    assert everything(site) == after
    assert entry_of(site, f"to-{TRAT}").receipt == stored.receipt
    assert save(officer, stored, {"title": "ช้าไป"}).status_code == 423
    page = officer.get(f"/e/{entry.id}").text
    assert "<textarea" not in page
    assert "The entry is locked." in page


def test_an_entry_begun_by_the_province_reaches_every_seat_of_its_panel_once(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = fill(site, f"to-{TRAT}")
    held = "select count(*) from assignment where entry_id = :e"
    with site.database.writing() as db:  # as if the province had begun it itself: nobody has a card for it yet
        db.execute(text("delete from assignment where entry_id = :e"), {"e": entry.id})
        db.commit()
    assert send(officer, entry).status_code == 303
    assert send(officer, entry, key="e" * 16).status_code == 303
    with site.database.reading() as db:
        assert db.execute(text(held), {"e": entry.id}).scalar_one() == 3
        card = db.execute(
            text(
                "select a.id from assignment a join seat s on s.id = a.seat_id "
                "where a.entry_id = :e and s.code = 'z9-member'"
            ),
            {"e": entry.id},
        ).scalar_one()
    assert site.client_as("z9-member").get(f"/s/card/{card}").status_code == 200


def test_the_ledger_holds_the_fingerprint_that_the_receipt_shows(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    send(officer, entry)
    with site.database.reading() as db:
        line = db.execute(select(LedgerLine.line).order_by(text("rowid desc")).limit(1)).scalar_one()
    body = json.loads(line)["body"]
    assert body["entry"] == f"to-{TRAT}"
    assert body["late"] is False
    assert body["fingerprint"] in officer.get(f"/e/{entry.id}/receipt").text


def test_an_entry_with_faults_is_not_sent_and_all_of_them_are_named(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    save(officer, entry, {"title": "", "findings": "none", "items_listed": "9727"})
    before = everything(site)
    answer = send(officer, entry)
    assert answer.status_code == 422
    for words in ("“Title” is not filled in.", "“none” is not a number", "9727 is too large; the most possible is 12"):
        assert words in answer.text
    assert f'href="/e/{entry.id}?check=1#f-title"' in answer.text
    assert everything(site) == before
    assert "“Title” is not filled in." in officer.get(f"/e/{entry.id}?check=1").text


def test_more_than_a_hundred_percent_must_be_confirmed(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    save(officer, entry, {"districts_full": "9", "districts_all": "8"})
    refused = send(officer, entry)
    assert refused.status_code == 422
    assert "112.50" in refused.text
    assert entry_of(site, f"to-{TRAT}").state == "draft"
    assert send(officer, entry, confirmed="districts_with_full_plan").status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-1, 303), (0, 303), (0.9, 303), (1, 423)])
def test_the_deadline_is_kept_to_the_second(site: BuiltSite, officer: FlaskClient, seconds: float, status: int) -> None:
    entry = fill(site, f"to-{TRAT}")
    deadline = find(site, entry.id).deadline_at
    fixed = deadline + timedelta(seconds=seconds)
    site.clock.now = lambda: fixed  # type: ignore[method-assign]
    assert send(officer, entry).status_code == status


def find(site: BuiltSite, entry_id: int) -> Any:
    with site.database.reading() as db:
        organizer = find_actor_by_login(db, "organizer", today=site.clock.today())
        assert organizer is not None
        return find_entry(db, organizer, entry_id)


def test_after_the_deadline_nothing_changes_and_the_page_says_when_it_was(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = fill(site, f"to-{TRAT}")
    site.clock.set(find(site, entry.id).deadline_at + timedelta(minutes=40))
    before = everything(site)
    saved, sent = save(officer, entry, {"title": "ก"}), send(officer, entry)
    link = officer.post(f"/e/{entry.id}/evidence", data={"field": "cascade", "url": "https://example.test/"})
    assert f'href="/e/{entry.id}"' in sent.text, "there it may ask to send late"
    for answer in (saved, sent, link, officer.get(f"/e/{entry.id}/submit")):
        assert answer.status_code == 423
    for said in (saved.get_json()["error"], sent.text):
        assert "19 Jul 2021 08:55" in said
        assert "the organizer" in said
    assert everything(site) == before
    assert "Nothing can be entered now." in officer.get(f"/e/{entry.id}").text


# --- returned by the organizer ------------------------------------------------------------------------------------


def reopen(client: FlaskClient, entry: Entry, **form: Any) -> Any:
    usual = {"reason": "เอกสารหน้า 3 อ่านไม่ได้", "day": "19/7/2564", "time": "12.00", "key": "abcdef0123456789"}
    return client.post(f"/e/{entry.id}/return", data=usual | form)


def test_the_organizer_returns_a_sent_entry_and_what_was_mended_is_not_late(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = fill(site, f"to-{TRAT}")
    send(officer, entry)
    site.clock.set(find(site, entry.id).deadline_at + timedelta(minutes=40))
    organizer = site.client_as("organizer")
    assert reopen(organizer, entry).status_code == 303
    assert reopen(organizer, entry).status_code == 303  # a second click
    page = officer.get(f"/e/{entry.id}").text
    assert "เอกสารหน้า 3 อ่านไม่ได้" in page
    assert "<textarea" in page
    assert send(officer, entry, key="c" * 16).status_code == 303
    receipt = officer.get(f"/e/{entry.id}/receipt").text
    assert "mended since" in receipt
    assert "sent late" not in receipt
    with site.database.reading() as db:
        lines = db.execute(select(LedgerLine.line).order_by(text("rowid desc")).limit(2)).scalars().all()
    assert [json.loads(line)["act"] for line in lines] == ["submit_entry", "return_entry"]


def test_an_entry_is_not_returned_without_a_reason_and_a_time(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    send(officer, entry)
    organizer = site.client_as("organizer")
    before = everything(site)
    for form, words in (
        ({"reason": "."}, "Give a reason of 10 to 2,000 characters"),
        ({"day": "18/7/2564"}, "must lie in the future"),
        ({"day": "soon"}, "Write the new deadline"),
        ({"time": "noon"}, "Write the new deadline"),
    ):
        answer = reopen(organizer, entry, **form)
        assert answer.status_code == 422
        assert words in answer.text
    assert everything(site) == before


def test_an_entry_that_is_being_marked_stays_as_it_is(site: BuiltSite) -> None:
    entry, organizer = entry_of(site, f"to-{CHANTHABURI}"), site.client_as("organizer")
    before = everything(site)
    assert reopen(organizer, entry).status_code == 423
    assert everything(site) == before


def test_only_the_organizer_returns_an_entry(site: BuiltSite) -> None:
    for login in (f"p{TRAT}", "z9-chair", "auditor"):
        assert reopen(site.client_as(login), entry_of(site, f"to-{TRAT}")).status_code == 403


# --- who sees what ------------------------------------------------------------------------------------------------


def test_another_provinces_entry_looks_like_none(site: BuiltSite) -> None:
    stranger, own = site.client_as(f"p{CHANTHABURI}"), entry_of(site, f"to-{TRAT}").id
    for page in ("", "/submit", "/receipt"):
        foreign, missing = stranger.get(f"/e/{own}{page}"), stranger.get(f"/e/99999{page}")
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.text.replace(f"/e/{own}{page}", f"/e/99999{page}") == missing.text


def test_a_number_that_no_database_counts_to_is_none(site: BuiltSite, officer: FlaskClient) -> None:
    most, entry = 2**63, entry_of(site, f"to-{TRAT}")
    assert officer.get(f"/e/{most}").status_code == 404
    assert officer.get(f"/files/{most}").status_code == 404
    assert officer.post(f"/e/{entry.id}/evidence/{most}/remove").status_code == 404
    assert begin(officer, adoption=most).status_code == 404


def test_nothing_is_written_for_another_province(site: BuiltSite) -> None:
    stranger, entry = site.client_as(f"p{CHANTHABURI}"), fill(site, f"to-{TRAT}")
    before = everything(site)
    answers = [
        save(stranger, entry, {"title": "ก"}),
        stranger.post(f"/e/{entry.id}/answers", data={"base_revision": entry.revision, "title": "ก"}),
        send(stranger, entry),
        stranger.post(f"/e/{entry.id}/evidence", data={"field": "cascade", "url": "https://example.test/"}),
        stranger.post(f"/e/{entry.id}/evidence/1/remove"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert everything(site) == before


def test_who_may_only_read_writes_nothing(site: BuiltSite) -> None:
    entry = fill(site, f"to-{TRAT}")
    clients = [site.client_as(login) for login in ("z9-chair", "z9-member", "organizer", "auditor")]
    before = everything(site)
    for client in clients:
        assert save(client, entry, {"title": "ก"}).status_code == 403
        assert send(client, entry).status_code == 403
    assert everything(site) == before


def test_a_member_reads_what_is_assigned_once_it_is_sent(site: BuiltSite, officer: FlaskClient) -> None:
    member, entry = site.client_as("z9-member"), fill(site, f"to-{TRAT}")
    assert member.get(f"/e/{entry.id}").status_code == 404
    send(officer, entry)
    page = member.get(f"/e/{entry.id}")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert site.client_as("organizer").get(f"/e/{entry.id}").status_code == 200
    assert site.client_as("auditor").get(f"/e/{entry.id}").status_code == 200


def test_nobody_signed_in_is_asked_to_sign_in(site: BuiltSite) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    assert site.client().get(f"/e/{entry.id}").location == f"/sign-in?next=/e/{entry.id}"
    assert save(site.client(), entry, {"title": "ก"}).status_code == 401


def test_a_form_without_its_token_is_refused(tmp_path: Path) -> None:
    built = build_site(tmp_path, live=(TRAT,))
    client, entry = built.client_as(f"p{TRAT}"), fill(built, f"to-{TRAT}")
    built.app.config["WTF_CSRF_ENABLED"] = True
    before = everything(built)
    assert save(client, entry, {"title": "ก"}).status_code == 400
    assert send(client, entry).status_code == 400
    assert everything(built) == before


def test_typed_markup_stays_text(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"wf-a-{TRAT}")
    hostile = '"><script>alert(1)</script>{{ 7*7 }}%s'
    saved = save(officer, entry, {"title": hostile, "summary": hostile, "@label": hostile})
    assert saved.status_code == 200
    for page in (officer.get(f"/e/{entry.id}").text, site.client_as("organizer").get(f"/e/{entry.id}").text):
        assert "<script>alert" not in page
        assert "{{ 7*7 }}%s" in page


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_shows_in_both_languages(site: BuiltSite, language: str) -> None:
    client = site.client_as(f"p{TRAT}", language=language)
    entry = fill(site, f"to-{TRAT}")
    for path in ("/e/", f"/e/{entry.id}", f"/e/{entry.id}/submit"):
        assert client.get(path).status_code == 200
    send(client, entry)
    receipt = client.get(f"/e/{entry.id}/receipt").text
    assert ("เลขที่ใบรับ" in receipt) is (language == "th")


def test_the_list_and_the_check_agree_on_what_is_missing(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "", "summary": ""})
    found = find(site, entry.id)
    category = category_of(found)
    problems = list_problems(
        category, found.answers, numbers=numbers_in(category, found.answers), evidence=found.evidence_count
    )
    assert f"still to do: {len(problems)}" in officer.get("/e/").text
