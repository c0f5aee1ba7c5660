"""An entry's form as a workbook: sent out filled, brought back, shown, stored whole or not at all."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from award.db.checking import ReturnedQuestion
from award.db.entries import EntryRevision
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.filled_books import (
    OFFICE,
    answers_of,
    download,
    entry_of,
    fill,
    place_of,
    problems_in,
    put,
    saved,
    sealed_in,
    store,
    table_place,
    upload,
)

CLIP = "https://example.go.th/clip"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """The morning of 19 July: Trat's entries are drafts until 08.55."""
    return build_site(tmp_path, live=(TRAT,))


@pytest.fixture
def officer(site: BuiltSite) -> FlaskClient:
    return site.client_as(f"p{TRAT}")


def save(client: FlaskClient, site: BuiltSite, changes: dict[str, Any], code: str = OFFICE) -> None:
    entry = entry_of(site, code)
    key = f"key-{json.dumps(changes)}".encode().hex()[:40]
    body = {"key": key, "base_revision": entry.revision, "changes": changes}
    answer = client.post(f"/e/{entry.id}/answers", json=body)
    assert answer.status_code == 200, answer.text


def stored_through(client: FlaskClient, site: BuiltSite, data: bytes) -> str:
    """Brings a file in and stores it; the page of the receipt."""
    entry = entry_of(site)
    answer = store(client, entry, sealed_in(upload(client, entry, data)))
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def test_the_workbook_holds_the_questions_the_answers_and_nothing_hidden(site: BuiltSite, officer: FlaskClient) -> None:
    save(officer, site, {"title": "=1+1", "plan_exists": "yes", "districts_full": "6", "districts_date": "19/7/2564"})
    book = load_workbook(BytesIO(download(officer, entry_of(site))))
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    found = {code: place_of(book, code) for code in ("title", "plan_exists", "districts_full", "districts_date")}
    cells = {code: book[sheet][cell] for code, (sheet, cell) in found.items()}
    assert (cells["title"].value, cells["title"].data_type) == ("=1+1", "s")
    assert cells["plan_exists"].value == "Yes"
    assert cells["districts_full"].value == 6
    assert cells["districts_date"].value.date() == date(2021, 7, 19)
    assert not cells["title"].protection.locked and book.worksheets[0].protection.sheet
    rules = {each.type for each in book.worksheets[0].data_validations.dataValidation}
    assert rules == {"list", "custom"}
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("Invented data · Points and criteria are proposed" in text for text in texts)


def test_a_file_that_was_not_touched_offers_nothing_to_store(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    shown = upload(officer, entry, download(officer, entry))
    assert "Nothing: everything in the file is stored already." in shown.text
    assert 'name="changes"' not in shown.text


def test_every_difference_is_shown_with_its_cell_then_all_of_it_is_stored_at_once(
    site: BuiltSite, officer: FlaskClient
) -> None:
    save(officer, site, {"districts_full": "6", "districts_all": "7", "title": "ชื่อเดิม"})
    entry = entry_of(site)
    data = fill(
        download(officer, entry),
        {
            "districts_full": "๗", "districts_date": "๑๙ ก.ค. ๒๕๖๔", "title": None, "plan_exists": "ใช่",
            "initiative_clip": "https://example.go.th/clip", "summary": "<b>บรรทัดแรก</b>\nบรรทัดที่สอง",
        },
        {("name", 2): "โครงการใหม่", ("d4", 2): "Yes"},
    )  # fmt: skip
    shown = upload(officer, entry, data)
    book = load_workbook(BytesIO(data))
    assert place_of(book, "districts_full")[1] in shown.text
    assert "&lt;b&gt;บรรทัดแรก" in shown.text and "ชื่อเดิม" in shown.text and "cleared" in shown.text
    assert "19 July 2021" in shown.text and "โครงการใหม่" in shown.text
    before = answers_of(site)
    assert entry_of(site).revision == entry.revision, "looking changes nothing"
    page = stored_through(officer, site, data)
    assert "The file is stored. Changes: " in page
    after = answers_of(site)
    assert "title" not in after
    assert (after["districts_full"], after["districts_date"]) == ("7", "2021-07-19")
    assert (after["plan_exists"], after["summary"]) == ("yes", "<b>บรรทัดแรก</b>\nบรรทัดที่สอง")
    assert after["projects"] == [*before["projects"][:1], {"name": "โครงการใหม่", "d4": "yes"}, *before["projects"][2:]]
    with site.database.reading() as db:
        rows = db.execute(select(EntryRevision.revision, EntryRevision.way).order_by(EntryRevision.id)).all()
    assert tuple(rows[-1]) == (entry.revision + 1, "sheet")


def test_three_mistakes_are_named_by_their_cells_and_nothing_is_stored(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    data = fill(
        download(officer, entry),
        {"districts_full": "เจ็ด", "districts_date": "32/7/2564", "plan_exists": "อาจจะ", "title": "ชื่อที่ดี"},
    )
    book = load_workbook(BytesIO(data))
    places = ["!".join(place_of(book, code)) for code in ("plan_exists", "districts_full", "districts_date")]
    refused = upload(officer, entry, data)
    assert refused.status_code == 422
    assert sorted(problems_in(refused)) == sorted(
        [f"not_a_choice {places[0]}", f"not_acceptable {places[1]}", f"not_acceptable {places[2]}"]
    )
    assert "is not a number. Write digits only" in refused.text
    assert "Mend this cell in the file, then choose the file again." in refused.text
    assert 'name="changes"' not in refused.text
    thai = upload(site.client_as(f"p{TRAT}", language="th"), entry, data)
    assert "แก้ช่องนี้ในไฟล์ แล้วเลือกไฟล์อีกครั้ง" in thai.text and "ไม่ใช่ตัวเลข" in thai.text
    assert entry_of(site).revision == entry.revision


def test_what_was_wrong_before_and_is_left_alone_does_not_keep_the_rest_out(
    site: BuiltSite, officer: FlaskClient
) -> None:
    save(officer, site, {"districts_full": "หก"})
    data = fill(download(officer, entry_of(site)), {"title": "ชื่อใหม่"})
    assert "Cells that would change: 1." in upload(officer, entry_of(site), data).text


def test_two_districts_add_their_rows_and_neither_takes_the_others_away(site: BuiltSite, officer: FlaskClient) -> None:
    save(officer, site, {"projects": [{"name": "โครงการจังหวัด", "owner": "สพจ."}]})
    data = download(officer, entry_of(site), "?part=general&for=เกาะช้าง")
    first = fill(data, {}, {("name", 2): "โครงการเกาะช้าง"})
    second = fill(data, {}, {("name", 2): "โครงการเกาะกูด", ("d1", 2): "Yes"})
    assert "เกาะช้าง" in upload(officer, entry_of(site), first).text
    stored_through(officer, site, first)
    shown = upload(officer, entry_of(site), second)
    assert "saved since" not in shown.text
    stored_through(officer, site, second)
    assert [row["name"] for row in answers_of(site)["projects"]] == [
        "โครงการจังหวัด", "โครงการเกาะช้าง", "โครงการเกาะกูด",
    ]  # fmt: skip


def test_answers_saved_on_the_site_since_are_told_and_never_overwritten_silently(
    site: BuiltSite, officer: FlaskClient
) -> None:
    data = fill(download(officer, entry_of(site)), {"districts_full": 5, "title": "จากไฟล์", "items_page": CLIP})
    save(officer, site, {"districts_full": "6", "summary": "ของเพื่อนร่วมงาน", "title": "ภายหลัง"})
    shown = upload(officer, entry_of(site), data)
    assert "untouched in the file, so it stays as stored:" in shown.text
    assert shown.text.count("saved since") == shown.text.count('name="take"') == 2
    done = store(officer, entry_of(site), sealed_in(shown) | {"take": "1"})
    assert "The file is stored. Changes: 2" in officer.get(done.location).text
    after = answers_of(site)
    assert (after["districts_full"], after["items_page"], after["summary"]) == ("5", CLIP, "ของเพื่อนร่วมงาน")
    assert after["title"] == "ภายหลัง", "not ticked: it stays as it was saved since"


def test_a_file_that_counts_nowhere_stores_nothing(site: BuiltSite, officer: FlaskClient) -> None:
    data = fill(download(officer, entry_of(site)), {"districts_full": 5})
    save(officer, site, {"districts_full": "6"})
    now = entry_of(site)
    for ticked in ({}, {"take": "7"}, {"take": "everything"}):
        refused = store(officer, now, sealed_in(upload(officer, now, data)) | ticked)
        assert refused.status_code == 422 and "the file counts nowhere" in refused.text
    assert entry_of(site).revision == now.revision


def test_of_a_table_each_row_that_was_saved_since_is_asked_about_by_itself(
    site: BuiltSite, officer: FlaskClient
) -> None:
    names = ("หนึ่ง", "สอง", "สาม")
    save(officer, site, {"projects": [{"name": name, "owner": "เดิม"} for name in names]})
    data = fill(download(officer, entry_of(site)), {}, {("owner", row): "ไฟล์" for row in (1, 2, 3)})
    save(officer, site, {"projects": [{"name": name, "owner": "ภายหลัง"} for name in names[:2]]})
    shown = upload(officer, entry_of(site), data)
    assert shown.text.count('name="take"') == 3, "two changed since, and one taken away"
    assert store(officer, entry_of(site), sealed_in(shown) | {"take": "1"}).status_code == 303
    owners = {row["name"]: row["owner"] for row in answers_of(site)["projects"]}
    assert owners == {"หนึ่ง": "ภายหลัง", "สอง": "ไฟล์"}


def test_what_is_saved_between_looking_and_storing_keeps_the_whole_file_out(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = entry_of(site)
    fields = sealed_in(upload(officer, entry, fill(download(officer, entry), {"districts_full": 5, "title": "ก"})))
    save(officer, site, {"districts_full": "6"})
    refused = store(officer, entry, fields)
    assert refused.status_code == 409
    assert "one of these answers was saved since you looked" in refused.text
    assert answers_of(site).get("title") != "ก"


def test_the_same_file_stored_twice_acts_once(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    fields = sealed_in(upload(officer, entry, fill(download(officer, entry), {"title": "ครั้งเดียว"})))
    pages = [officer.get(store(officer, entry, fields).location).text for _ in range(2)]
    assert pages[0].count("#") == pages[1].count("#")
    assert entry_of(site).revision == entry.revision + 1


def test_only_the_parts_that_were_chosen_are_in_the_file_and_are_read(site: BuiltSite, officer: FlaskClient) -> None:
    save(officer, site, {"title": "อยู่นอกแฟ้ม"})
    data = download(officer, entry_of(site), "?part=d1&for=อำเภอเกาะกูด")
    book = load_workbook(BytesIO(data))
    assert len(book.worksheets) == 2
    assert "อำเภอเกาะกูด" in str(book.worksheets[0]["A2"].value)
    shown = upload(officer, entry_of(site), fill(data, {"districts_full": 4}))
    assert "sent to อำเภอเกาะกูด" in shown.text and "Cells that would change: 1." in shown.text


def test_a_file_of_another_entry_is_refused(site: BuiltSite, officer: FlaskClient) -> None:
    other = upload(officer, entry_of(site, "wf-a-23"), download(officer, entry_of(site)))
    assert other.status_code == 422
    assert problems_in(other)[0].startswith("other_rule_set")


def test_a_revision_that_somebody_wrote_into_the_file_is_no_way_around(site: BuiltSite, officer: FlaskClient) -> None:
    data = download(officer, entry_of(site))
    book = load_workbook(BytesIO(data))
    about = book.worksheets[-1]
    row = next(row for row in range(1, about.max_row + 1) if about.cell(row, 2).value == "revision")
    about.cell(row, 3).value = "99"
    refused = upload(officer, entry_of(site), saved(book))
    assert problems_in(refused) == ["identity_damaged About this file"]


def test_only_questions_that_were_returned_take_a_change(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    data = download(officer, entry)
    with site.database.writing() as db:
        now = site.clock.now()
        db.add(ReturnedQuestion(entry_id=entry.id, field="title", reason="ชื่อไม่ตรงกับเอกสาร", at=now, by_id=1))
        db.commit()
    again = load_workbook(BytesIO(download(officer, entry)))
    locked = {code: again[place_of(again, code)[0]][place_of(again, code)[1]].protection.locked
              for code in ("title", "summary")}  # fmt: skip
    assert locked == {"title": False, "summary": True}
    refused = upload(officer, entry, fill(data, {"title": "แก้แล้ว", "districts_full": 3}))
    assert [each.split()[0] for each in problems_in(refused)] == ["locked"]
    assert "Cells that would change: 1." in upload(officer, entry, fill(data, {"title": "แก้แล้ว"})).text


def test_after_the_deadline_the_page_says_so_and_takes_no_file(site: BuiltSite, officer: FlaskClient) -> None:
    data = fill(download(officer, entry_of(site)), {"title": "สาย"})
    site.clock.set(site.clock.now().replace(hour=10))
    entry = entry_of(site)
    refused = upload(officer, entry, data)
    assert refused.status_code == 423 and "The deadline was" in refused.text
    assert "The filled file" not in officer.get(f"/e/{entry.id}/sheet").text


def test_a_row_that_is_named_twice_or_lies_outside_is_noticed(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    book = load_workbook(BytesIO(download(officer, entry)))
    sheet, cell = table_place(book, "owner", 20, beside="objective")
    below = f"{cell[0]}{int(cell[1:]) + 2}"
    put(book, (sheet, below), "นอกตาราง")
    assert problems_in(upload(officer, entry, saved(book))) == [f"typed_elsewhere {sheet}!{below}"]


def test_a_national_id_is_refused_by_its_cell_and_never_shown(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    number = "1 2345 67890 12 1"  # the example that everybody uses
    data = fill(download(officer, entry), {"summary": f"ผู้รับผิดชอบ {number}"}, {("owner", 2): number.replace(" ", "")})
    book = load_workbook(BytesIO(data))
    places = [place_of(book, "summary"), table_place(book, "owner", 2, beside="objective")]
    refused = upload(officer, entry, data)
    assert [each.split(" ", 1)[1] for each in problems_in(refused)] == ["!".join(place) for place in places]
    assert "national ID number" in refused.text and "67890" not in refused.text


def test_somebody_elses_entry_is_none(site: BuiltSite) -> None:
    entry = entry_of(site)
    for login, status in (("p22", 404), ("organizer", 403), ("z9-member", 403)):
        assert site.client_as(login).get(f"/e/{entry.id}/sheet.xlsx").status_code == status


def test_a_sealed_preview_is_of_one_person_and_one_entry(site: BuiltSite, officer: FlaskClient) -> None:
    entry, other = entry_of(site), entry_of(site, "wf-a-23")
    fields = sealed_in(upload(officer, entry, fill(download(officer, entry), {"title": "ก"})))
    for changed in (fields, fields | {"changes": fields["changes"][:-2]}):
        refused = store(officer, other, changed)
        assert refused.status_code == 422 and "does not understand" in refused.text


def test_the_pages_take_few_statements(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site)
    officer.get(f"/e/{entry.id}/sheet")
    counts = {}
    for path in ("sheet", "sheet.xlsx"):
        with site.statements() as counted:
            assert officer.get(f"/e/{entry.id}/{path}").status_code == 200
        counts[path] = len(counted)
    assert counts["sheet"] <= 5 and counts["sheet.xlsx"] <= 5, counts
