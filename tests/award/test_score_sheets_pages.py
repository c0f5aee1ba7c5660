"""A member takes the sheet of a slot along and brings it back: shown first, then stored whole, as a card is."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from werkzeug.test import TestResponse

from tests.award.filled_sheets import changed, filled
from tests.award.scoring_day import ScoringDay, build_day, new_key

COMMITMENT = "E8"  # the mark of d1/commitment, first of the card


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def download(client: FlaskClient, slot: int) -> bytes:
    answer = client.get(f"/s/slot/{slot}/sheet.xlsx")
    assert answer.status_code == 200, answer.text
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")
    return answer.data


def page_of(data: bytes) -> str:
    return str(load_workbook(BytesIO(data)).sheetnames[0])


def fill(data: bytes, cells: dict[str, Any]) -> bytes:
    return filled(data, cells, page=page_of(data))


def upload(client: FlaskClient, slot: int, data: bytes, name: str = "my sheet.xlsx") -> TestResponse:
    return client.post(f"/s/slot/{slot}/sheet", data={"file": (BytesIO(data), name)})


def sealed_in(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    fields = {
        name: found[1]
        for name in ("key", "changes")
        if (found := re.search(rf'name="{name}" value="([^"]+)"', answer.text)) is not None
    }
    assert set(fields) == {"key", "changes"}, "this preview cannot be stored"
    return fields


def store(client: FlaskClient, slot: int, fields: dict[str, str]) -> TestResponse:
    return client.post(f"/s/slot/{slot}/sheet/store", data=fields)


def stored(day: ScoringDay, card: int) -> list[tuple[int, str, int | None, str]]:
    with day.site.database.reading() as db:
        rows = db.connection().exec_driver_sql(
            "select revision, criterion, value, note from mark where assignment_id = ? order by id", (card,)
        )
        return [tuple(row) for row in rows]


def test_the_day_links_to_the_sheet_of_each_slot_that_is_not_closed(day: ScoringDay) -> None:
    member = day.site.client_as("z9-member")
    for slot in day.slots:
        assert f'href="/s/slot/{slot}/sheet"' in member.get(f"/s/{day.session}").text
    assert "/sheet" not in day.site.client_as("organizer").get(f"/s/{day.session}").text
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    day.close()
    assert f'href="/s/slot/{day.first_slot}/sheet"' not in member.get(f"/s/{day.session}").text


def test_the_sheet_holds_the_members_own_entries_and_marks_and_no_others(day: ScoringDay) -> None:
    day.open()
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    day.save(chair, day.card("z9-chair"), {"d1/commitment": "5", "note:d1/commitment": "ของประธาน"})
    day.save(member, day.card("z9-member"), {"d1/commitment": "2"})
    book = load_workbook(BytesIO(download(member, day.first_slot)))
    page = book[book.sheetnames[0]]
    assert [page["E5"].value, page["H5"].value] == ["to-23", None]
    assert page[COMMITMENT].value == 2
    everything = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "z9-member" in everything
    assert "ของประธาน" not in everything and "z9-chair" not in everything
    assert "Invented data · Points and criteria are proposed" in everything


def test_a_sheet_can_be_taken_along_and_filled_before_its_slot_opens(day: ScoringDay) -> None:
    member = day.site.client_as("z9-member")
    data = download(member, day.first_slot)
    assert not load_workbook(BytesIO(data)).worksheets[0][COMMITMENT].protection.locked
    early = upload(member, day.first_slot, fill(data, {COMMITMENT: 4}))
    assert early.status_code == 200
    assert "This slot is not open yet. It is planned for" in early.text
    assert 'name="changes"' not in early.text
    day.open()
    assert (
        store(
            member, day.first_slot, sealed_in(upload(member, day.first_slot, fill(data, {COMMITMENT: 4})))
        ).status_code
        == 303
    )


def test_every_change_is_shown_before_anything_is_stored_then_all_of_it_is_with_one_receipt(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.save(member, card, {"d1/commitment": "2", "d1/plans": "3"})
    data = fill(download(member, day.first_slot), {COMMITMENT: None, "E9": "๕", "G9": "<b>เห็นชัด</b>"})
    shown = upload(member, day.first_slot, data)
    assert "Cells that would change: 3. Nothing is stored yet." in shown.text
    assert "taken back" in shown.text
    assert "&lt;b&gt;เห็นชัด" in shown.text
    assert len(stored(day, card)) == 2
    lines = day.value("select count(*) from ledger_line")
    fields = sealed_in(shown)
    answer = store(member, day.first_slot, fields)
    assert answer.status_code == 303
    done = member.get(answer.location)
    assert "The sheet is stored. Cells changed: 3" in done.text
    assert re.search(r"#\d+ · [0-9a-f]{4} [0-9a-f]{4}", done.text)
    assert stored(day, card)[2:] == [(2, "d1/commitment", None, ""), (2, "d1/plans", 50_000, "<b>เห็นชัด</b>")]
    assert day.value("select count(*) from ledger_line") == lines + 1
    again = store(member, day.first_slot, fields)
    assert again.status_code == 303, "sent twice, it acts once"
    assert member.get(again.location).text.count("#") == done.text.count("#")
    assert len(stored(day, card)) == 4


def test_an_untouched_sheet_offers_nothing_to_store(day: ScoringDay) -> None:
    day.open()
    member = day.site.client_as("z9-member")
    shown = upload(member, day.first_slot, download(member, day.first_slot))
    assert "Nothing: everything in the file is stored already." in shown.text
    assert 'name="changes"' not in shown.text


def test_a_card_saved_since_the_download_is_told_and_not_overwritten_silently(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 4})
    day.save(member, card, {"d1/commitment": "1"})
    shown = upload(member, day.first_slot, data)
    assert "This card was saved after the sheet was downloaded." in shown.text
    fields = sealed_in(shown)
    refused = store(member, day.first_slot, fields)
    assert refused.status_code == 422
    assert "say that the file counts" in refused.text
    assert len(stored(day, card)) == 1
    assert store(member, day.first_slot, fields | {"overwrite": "yes"}).status_code == 303
    assert stored(day, card)[-1] == (2, "d1/commitment", 40_000, "")


def test_the_same_file_filled_further_is_stored_again_without_a_question(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 4})
    assert store(member, day.first_slot, sealed_in(upload(member, day.first_slot, data))).status_code == 303
    shown = upload(member, day.first_slot, fill(data, {"E9": 3}))
    assert "saved after the sheet was downloaded" not in shown.text
    assert store(member, day.first_slot, sealed_in(shown)).status_code == 303
    assert stored(day, card) == [(1, "d1/commitment", 40_000, ""), (2, "d1/plans", 30_000, "")]


def test_a_mark_given_on_the_site_since_stays_where_the_file_left_it_alone(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 4})
    day.save(member, card, {"d1/plans": "1", "note:d1/plans": "ในระบบ"})
    shown = upload(member, day.first_slot, data)
    assert "to-23: cells saved after the download and untouched in the file, which stay as stored: 2" in shown.text
    assert "Cells that would change: 1." in shown.text
    assert store(member, day.first_slot, sealed_in(shown)).status_code == 303
    assert stored(day, card)[-1] == (2, "d1/commitment", 40_000, "")


def test_what_is_saved_between_preview_and_storing_keeps_the_whole_file_out(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    fields = sealed_in(upload(member, day.first_slot, fill(download(member, day.first_slot), {COMMITMENT: 4})))
    day.save(member, card, {"d1/plans": "1"})
    refused = store(member, day.first_slot, fields)
    assert refused.status_code == 409
    assert "Nothing was stored: a card was saved since you looked at the changes." in refused.text
    assert len(stored(day, card)) == 1


def slot_of_two(day: ScoringDay) -> int:
    """A slot in which each member has more than one card."""
    return int(
        day.value(
            "select a.slot_id from assignment a join slot s on s.id = a.slot_id where s.session_id = :day "
            "group by a.slot_id, a.seat_id having count(*) > 1 limit 1",
            day=day.session,
        )
    )


def test_of_two_cards_both_are_stored_or_none(day: ScoringDay) -> None:
    slot = slot_of_two(day)
    day.open(slot)
    member = day.site.client_as("z9-member")

    def mark_all(book: Workbook) -> None:
        for page in book.worksheets[:-2]:
            first = next(row for row in range(7, 60) if not page.cell(row, 5).protection.locked)
            for column in range(5, page.max_column, 3):
                page.cell(first, column).value = 1

    fields = sealed_in(upload(member, slot, changed(download(member, slot), mark_all)))
    cards = [
        int(row[0])
        for row in _rows(
            day, "select id from assignment where slot_id = ? and seat_id = ?", slot, day.seat("z9-member")
        )
    ]
    assert len(cards) > 1
    day.change("update assignment set state = 'sent', receipt = 'x', sent_at = '2021-07-19T02:00:00.000000Z' "
               "where id = :id", id=cards[-1])  # fmt: skip
    assert store(member, slot, fields).status_code == 423
    assert [stored(day, card) for card in cards] == [[]] * len(cards)
    day.change("update assignment set state = 'draft', receipt = null, sent_at = null where id = :id", id=cards[-1])
    assert store(member, slot, fields).status_code == 303
    assert [len(stored(day, card)) for card in cards] == [1] * len(cards)
    assert [day.revision(card) for card in cards] == [1] * len(cards)


def _rows(day: ScoringDay, sql: str, *values: Any) -> list[Any]:
    with day.site.database.reading() as db:
        return list(db.connection().exec_driver_sql(sql, values))


def test_a_card_sent_since_is_told_in_words_and_keeps_the_file_out(day: ScoringDay) -> None:
    day.open()
    member = day.site.client_as("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 1})
    day.send_all({"z9-member": "4"})
    shown = upload(member, day.first_slot, data)
    assert "This file cannot be stored now" in shown.text
    assert "You sent this card on" in shown.text
    assert 'name="changes"' not in shown.text


def test_a_recused_member_sees_neither_marks_nor_suggestions_there(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.save(member, card, {"d1/commitment": "2"})
    day.post(member, f"/s/card/{card}/recuse", reason="เคยดำรงตำแหน่งในจังหวัด")
    page = load_workbook(BytesIO(download(member, day.first_slot))).worksheets[0]
    assert page[COMMITMENT].value is None
    assert page[COMMITMENT].protection.locked
    assert "recused" in str(page["E4"].value) and "เคยดำรงตำแหน่งในจังหวัด" in str(page["E4"].value)
    label = next(row[1] for row in page.iter_rows() if row[1].value == "Not marked yet (cells)")
    assert page.cell(label.row, 5).value == '="Recused"', "not how many cells are blank"


def test_a_file_that_does_not_fit_is_refused_with_every_problem_in_thai_and_english(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 6, "E9": "=1+1"})
    refused = upload(member, day.first_slot, data)
    assert refused.status_code == 422
    assert "The file was not accepted, and nothing of it is stored. Problems: 2" in refused.text
    assert "A mark of 6 is not on the scale" in refused.text
    assert "!E9</strong> A cell to fill holds a formula" in refused.text
    thai = upload(day.site.client_as("z9-member", language="th"), day.first_slot, data)
    assert "ไม่รับไฟล์นี้ และไม่ได้บันทึกส่วนใดของไฟล์ (พบปัญหา 2 ข้อ)" in thai.text
    assert "คะแนน 6 ไม่อยู่ในมาตรวัด" in thai.text
    assert stored(day, card) == []


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_sheet_is_refused(day: ScoringDay, data: bytes) -> None:
    assert upload(day.site.client_as("z9-member"), day.first_slot, data).status_code == 422


def test_no_file_chosen_is_said_beside_the_field(day: ScoringDay) -> None:
    answer = day.site.client_as("z9-member").post(f"/s/slot/{day.first_slot}/sheet", data={})
    assert answer.status_code == 422
    assert '<a href="#file">Choose the filled file first.</a>' in answer.text


def test_another_members_sheet_and_another_slots_sheet_are_refused(day: ScoringDay) -> None:
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    foreign = upload(member, day.first_slot, download(chair, day.first_slot))
    assert foreign.status_code == 422
    assert "Member code of the file is &#34;z9-chair&#34;; &#34;z9-member&#34; is needed." in foreign.text
    elsewhere = upload(member, day.first_slot, download(member, day.slots[1]))
    assert elsewhere.status_code == 422
    assert "Rule set of the file is" in elsewhere.text


def test_only_who_sits_on_the_panel_gets_there(day: ScoringDay) -> None:
    slot = day.first_slot
    for login in ("organizer", "auditor", "p23"):
        client = day.site.client_as(login)
        assert client.get(f"/s/slot/{slot}/sheet").status_code == 403
        assert client.get(f"/s/slot/{slot}/sheet.xlsx").status_code == 403
        assert upload(client, slot, b"x").status_code == 403
        assert store(client, slot, {"key": new_key(), "changes": "x"}).status_code == 403
    assert day.site.client().get(f"/s/slot/{slot}/sheet").status_code == 302
    assert day.site.client_as("z9-member").get("/s/slot/999999/sheet").status_code == 404


def test_changes_sealed_for_one_person_or_slot_are_no_others(day: ScoringDay) -> None:
    day.open()
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    fields = sealed_in(upload(chair, day.first_slot, fill(download(chair, day.first_slot), {COMMITMENT: 4})))
    assert store(member, day.first_slot, fields).status_code == 422
    assert store(chair, day.slots[1], fields).status_code == 422
    torn = fields | {"changes": fields["changes"][:-3] + "abc"}
    assert store(chair, day.first_slot, torn).status_code == 422
    assert stored(day, day.card("z9-chair")) == []
    assert chair.get(f"/s/slot/{day.first_slot}/sheet?done={fields['changes']}").status_code == 422


def test_every_post_needs_the_pages_token(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    member = day.site.client_as("z9-member")
    data = download(member, day.first_slot)
    day.site.app.config["WTF_CSRF_ENABLED"] = True
    assert upload(member, day.first_slot, data).status_code == 400
    assert store(member, day.first_slot, {"key": new_key(), "changes": "x"}).status_code == 400


def test_reading_takes_the_same_statements_however_many_cards(day: ScoringDay) -> None:
    member = day.site.client_as("z9-member")
    counts = []
    for slot in (day.first_slot, slot_of_two(day)):
        member.get(f"/s/slot/{slot}/sheet.xlsx")
        with day.site.statements() as seen:
            member.get(f"/s/slot/{slot}/sheet.xlsx")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14
