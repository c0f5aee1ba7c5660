"""The chair opens, excuses, closes and opens again; nobody sees another's marks before a slot is closed."""

import re
from pathlib import Path

import pytest

from tests.award.scoring_day import MEMBERS, ScoringDay, build_day

SECRET = "ความลับก่อนปิดช่วง"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def state(day: ScoringDay) -> str:
    return str(day.value("select state from slot where id = :s", s=day.first_slot))


def test_the_chair_opens_a_slot_on_its_day_once(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    address = f"/s/slot/{day.first_slot}/open"
    answer = chair.post(address, data={"key": "opened-twice"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/{day.session}/chair#stage")
    assert chair.post(address, data={"key": "opened-twice"}).status_code == 303, "the same press again"
    assert state(day) == "open"
    assert day.post(chair, address).status_code == 423, "another press"
    assert day.value("select count(*) from ledger_line where line like '%\"act\":\"open_slot\"%' and line like :s",
                     s=f'%"slot":{day.first_slot}}}%') == 1  # fmt: skip


def test_a_slot_is_not_opened_before_its_day(day: ScoringDay) -> None:
    day.change("update scoring_session set day = '2021-07-20' where id = :s", s=day.session)
    answer = day.post(day.site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/open")
    assert answer.status_code == 423
    assert "cannot be opened before its day" in answer.text
    assert state(day) == "planned"


def test_only_the_chair_of_the_panel_acts(day: ScoringDay) -> None:
    card = day.card("z9-member")
    posts = (
        f"/s/slot/{day.first_slot}/open",
        f"/s/slot/{day.first_slot}/close",
        f"/s/slot/{day.first_slot}/excuse",
        f"/s/slot/{day.first_slot}/reopen",
        f"/s/slot/{day.first_slot}/cards/{card}/reopen",
    )
    lines = day.value("select count(*) from ledger_line")
    for login, status in (("z9-member", 403), ("p23", 403), ("organizer", 403), ("auditor", 403), ("z1-chair", 404)):
        client = day.site.client_as(login)
        lines += 1  # the sign-in
        assert client.get(f"/s/{day.session}/chair").status_code == status
        for address in posts:
            assert day.post(client, address, reason="เหตุผล", seat="1", kind="absent", entry="1").status_code == status
    assert day.value("select count(*) from ledger_line") == lines, "nothing was changed"
    assert state(day) == "planned"


def test_closing_is_refused_with_what_is_missing(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4"})
    chair = day.site.client_as("z9-chair")
    answer = day.post(chair, f"/s/slot/{day.first_slot}/close")
    assert answer.status_code == 422
    missing = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert missing.count("<li>") == 2
    assert "Director of the training centre" in missing and "has not sent the card" in missing
    assert state(day) == "open"


def test_below_the_quorum_a_slot_is_not_closed(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4"})
    chair = day.site.client_as("z9-chair")
    entry = day.value("select id from entry where code = 'to-23'")
    for login in ("z9-member", "z9-secretary"):
        answer = day.post(
            chair, f"/s/slot/{day.first_slot}/excuse",
            seat=day.seat(login), kind="absent", reason="ลาป่วย", entry=str(entry),
        )  # fmt: skip
        assert answer.status_code == 303
    answer = day.post(chair, f"/s/slot/{day.first_slot}/close")
    assert answer.status_code == 422
    assert "1 of the panel mark it; at least 2 must" in answer.text


def test_an_absent_member_is_left_out_with_a_reason_and_may_come_back(day: ScoringDay) -> None:
    day.open()
    chair, card = day.site.client_as("z9-chair"), day.card("z9-member")
    entry, seat = day.value("select id from entry where code = 'to-23'"), day.seat("z9-member")
    address = f"/s/slot/{day.first_slot}/excuse"
    for wrong in ({"reason": " "}, {"reason": "x", "kind": "ill"}, {"reason": "x", "entry": "999999"}):
        data = {"seat": seat, "kind": "absent", "reason": "ลาป่วย", "entry": str(entry), **wrong}
        assert day.post(chair, address, **data).status_code == 422
    assert day.post(chair, address, seat="999999", kind="absent", reason="x", entry=str(entry)).status_code == 404
    day.post(chair, address, seat=seat, kind="absent", reason="ลาป่วย", entry=str(entry))
    assert day.value("select excused || ':' || excused_reason from assignment where id = :c", c=card) == "absent:ลาป่วย"
    assert day.save(day.site.client_as("z9-member"), card, {"d1/commitment": "1"}).status_code == 423
    day.post(chair, address, seat=seat, kind="", reason="มาทันช่วงถาม-ตอบ", entry=str(entry))
    assert day.save(day.site.client_as("z9-member"), card, {"d1/commitment": "1"}).status_code == 200


def test_two_of_three_are_enough_to_close(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "3"})
    secretary, card = day.site.client_as("z9-secretary"), day.card("z9-secretary")
    day.post(secretary, f"/s/card/{card}/recuse", reason="มีส่วนได้เสีย")
    day.close()
    assert state(day) == "closed"
    page = day.site.client_as("z9-chair").get(f"/s/slot/{day.first_slot}/compare").text
    assert "Recused" in page and "มีส่วนได้เสีย" in page


def test_an_entry_that_did_not_present_needs_no_marks_and_may_present_after_all(day: ScoringDay) -> None:
    day.open()
    chair, entry = day.site.client_as("z9-chair"), day.value("select id from entry where code = 'to-23'")
    address = f"/s/slot/{day.first_slot}/entries/{entry}/presence"
    assert day.post(chair, address, presented="no", reason="").status_code == 422
    assert day.post(chair, address, presented="no", reason="ไฟฟ้าดับทั้งจังหวัด").status_code == 303
    assert "Not presented" in chair.get(f"/s/{day.session}/chair").text
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    assert day.save(member, card, {"d1/commitment": "4"}).status_code == 423
    assert day.post(chair, address, presented="yes", reason="ไฟฟ้ามาแล้ว").status_code == 303
    assert day.save(member, card, {"d1/commitment": "4"}).status_code == 200
    assert day.post(chair, address, presented="no", reason="ไฟฟ้าดับอีก").status_code == 303
    day.close()
    assert state(day) == "closed"
    assert day.post(chair, address, presented="yes", reason="สายไป").status_code == 423
    assert day.value("select state from entry where id = :e", e=entry) == "not_presented"


def test_a_draft_never_sent_does_not_hold_up_the_slot(day: ScoringDay) -> None:
    day.open()
    day.change("update entry set state = 'draft', submitted_at = null where code = 'to-23'")
    day.close()
    assert state(day) == "closed"


def test_nobody_sees_anothers_marks_before_the_slot_is_closed(day: ScoringDay) -> None:
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    whole = day.whole("2") | {"d1/commitment": "3", "note:d1/commitment": SECRET}
    day.save(member, card, whole)
    day.send(member, card)
    total = re.compile(r"(?<![0-9.])41\.60?(?![0-9])")
    own = member.get(f"/s/card/{card}").text
    assert SECRET in own and total.search(own)
    watchers = ("z9-chair", "z9-secretary", "organizer", "auditor", "p23", "p22", "z1-chair")
    addresses = [
        "/", "/s/", f"/s/{day.session}", f"/s/{day.session}/chair", f"/s/slot/{day.first_slot}/compare",
        f"/s/card/{card}", f"/s/card/{card}/send", f"/s/card/{card}/recuse",
        *(f"/s/card/{day.card(login)}" for login in MEMBERS), *(f"/s/card/{day.card(login)}/send" for login in MEMBERS),
    ]  # fmt: skip
    shown = 0
    for login in watchers:
        client = day.site.client_as(login)
        for address in addresses:
            answer = client.get(address)
            shown += answer.status_code == 200
            assert SECRET not in answer.text, (login, address)
            assert not total.search(answer.text), (login, address)
    assert shown > 10, "the pages were really looked at"


def test_the_comparison_is_locked_until_closed_and_then_shows_the_panel(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "2"})
    address = f"/s/slot/{day.first_slot}/compare"
    locked = day.site.client_as("z9-member").get(address)
    assert locked.status_code == 423
    assert "side by side once the chair has closed this slot" in locked.text
    day.close()
    for login in (*MEMBERS, "organizer", "auditor"):
        page = day.site.client_as(login).get(address)
        assert page.status_code == 200
        for total in ("100.00", "80.00", "40.00", "60.00"):  # three totals and their spread
            assert total in page.text
        assert "worth a discussion: 15 points or more apart" in page.text
    assert day.site.client_as("z1-chair").get(address).status_code == 404
    assert day.site.client_as("p23").get(address).status_code == 403


def test_a_small_spread_asks_for_no_discussion(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    day.close()
    page = day.site.client_as("z9-chair").get(f"/s/{day.session}/chair").text
    assert "worth a discussion" not in page
    assert "a discussion is asked for from 15 points" in page


def test_a_card_opened_again_keeps_the_old_marks_beside_the_new(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    day.close()
    chair, card = day.site.client_as("z9-chair"), day.card("z9-member")
    address = f"/s/slot/{day.first_slot}/cards/{card}/reopen"
    assert day.post(chair, address, reason="").status_code == 422
    assert state(day) == "closed"
    assert day.post(chair, address, reason="พบหลักฐานเพิ่มเติม").status_code == 303
    assert state(day) == "open", "a closed slot is open again then"
    member = day.site.client_as("z9-member")
    assert member.get(f"/s/slot/{day.first_slot}/compare").status_code == 423, "hidden again"
    assert "พบหลักฐานเพิ่มเติม" in member.get(f"/s/card/{card}").text
    sent = day.save(day.site.client_as("z9-chair"), day.card("z9-chair"), {"d1/commitment": "1"})
    assert sent.status_code == 423, "only this one card"
    assert day.save(member, card, {"d1/commitment": "3"}).status_code == 200
    assert day.send(member, card).status_code == 303
    day.close()
    page = member.get(f"/s/slot/{day.first_slot}/compare").text
    row = page.split("personal example</th>")[1].split("</tr>")[0]
    assert "<del" in row and ">4</del>" in row and "3" in row.split("</del>")[1]
    assert page.count("<del") == 1
    assert day.value("select revision from reopening where assignment_id = :c", c=card) == 1
    assert day.value("select count(*) from mark where assignment_id = :c and criterion = 'd1/commitment'", c=card) == 2


def test_the_whole_slot_is_opened_again(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    chair, address = day.site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/reopen"
    assert day.post(chair, address, reason="ยังไม่ปิด").status_code == 423
    day.close()
    assert day.post(chair, address, reason="หารือร่วมกัน").status_code == 303
    assert state(day) == "open"
    assert day.value("select count(*) from assignment where slot_id = :s and state = 'draft'", s=day.first_slot) == 3
    assert day.value("select count(*) from reopening where slot_id = :s", s=day.first_slot) == 4, "the slot and 3 cards"
    assert day.save(chair, day.card("z9-chair"), {"d1/commitment": "1"}).status_code == 200


def test_the_chairs_page_takes_a_constant_number_of_statements(day: ScoringDay) -> None:
    chair, address = day.site.client_as("z9-chair"), f"/s/{day.session}/chair"
    day.open()
    chair.get(address)
    with day.site.statements() as before:
        chair.get(address)
    day.open(day.slots[2])
    day.send_all({"z9-chair": "4", "z9-member": "4"})
    with day.site.statements() as later:
        chair.get(address)
    assert len(before) == len(later)
