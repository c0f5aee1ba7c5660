"""What the chair writes down of a day: who is there, who chairs, notes; whose network is gone; every act tells."""

import json
import re
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.award.lived import NINE, begin, last_line, slot, tick, version
from tests.award.scoring_day import MEMBERS, ScoringDay, build_day


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    return day


# --- who is there -------------------------------------------------------------------------------------------------


def test_attendance_is_ticked_late_comers_with_their_time(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    day.site.clock.set(NINE + timedelta(minutes=30))
    assert day.post(chair, f"/s/slot/{day.first_slot}/attendance/all").status_code == 303
    assert day.value("select count(*) from attendance where state = 'present'") == 3
    assert tick(day, chair, "z9-member", "late", arrived="๐๙.๒๐ น.").status_code == 303
    assert last_line(day, "record_attendance")["arrived_at"] == "2021-07-19T09:20:00+07:00"
    page = chair.get(f"/s/{day.session}/chair").text
    assert "late, since 09:20" in page
    assert tick(day, chair, "z9-secretary", "late").status_code == 303
    arrived = day.value("select arrived_at from attendance where seat_id = :s", s=day.seat("z9-secretary"))
    assert str(arrived).startswith("2021-07-19T02:30"), "without a time it is now"
    for wrong in ({"arrived": "25.00"}, {"arrived": "soon"}, {"arrived": "23.50"}):
        assert tick(day, chair, "z9-member", "late", **wrong).status_code == 422
    assert tick(day, chair, "z9-member", "asleep").status_code == 422
    assert tick(day, chair, "z9-member", "absent").status_code == 303
    assert day.value("select count(*) from attendance") == 3
    assert tick(day, chair, "z10-member", "present").status_code == 404


def test_all_present_leaves_those_alone_that_were_ticked(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    tick(day, chair, "z9-member", "absent")
    day.post(chair, f"/s/slot/{day.first_slot}/attendance/all")
    states = day.row("select group_concat(state) from (select state from attendance order by seat_id)")[0]
    assert sorted(states.split(",")) == ["absent", "present", "present"]


def test_who_missed_the_presentation_sends_only_with_the_chairs_reason(day: ScoringDay) -> None:
    day.open()
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    day.save(member, card, day.whole("4"))
    address, seat = f"/s/slot/{day.first_slot}/allow", str(day.seat("z9-member"))
    reason = "ได้ดูบันทึกวิดีโอการนำเสนอครบถ้วนแล้ว"
    assert day.post(chair, address, seat=seat, reason=reason).status_code == 423, (
        "nobody said that the member missed it"
    )
    tick(day, chair, "z9-member", "absent")
    assert day.send(member, card).status_code == 423
    assert day.post(chair, address, seat=seat, reason="ok").status_code == 422
    assert day.post(chair, address, seat=seat, reason=reason).status_code == 303
    assert day.send(member, card).status_code == 303
    assert set(last_line(day, "allow_member")) == {"slot", "member", "reason"}
    assert reason not in json.dumps(last_line(day, "allow_member"), ensure_ascii=False), (
        "free text stays out of the line"
    )
    assert reason in chair.get(f"/s/{day.session}/chair").text


def test_members_and_the_province_say_that_they_are_ready_and_take_it_back(day: ScoringDay) -> None:
    member, officer, chair = (day.site.client_as(login) for login in ("z9-member", "p23", "z9-chair"))
    address, lines = f"/s/slot/{day.first_slot}/ready", day.value("select count(*) from ledger_line")
    assert day.post(member, address, ready="yes", who="seat", back="/s/").headers["Location"] == "/s/"
    for _ in range(2):  # pressed twice
        assert day.post(officer, address, ready="yes", who="province").status_code == 303
    told = slot(day, chair)
    assert (told["ready_seats"], told["ready_province"]) == ([day.seat("z9-member")], True)
    before = version(day)
    assert day.post(member, address, ready="no", who="seat", back="//elsewhere.example/").headers["Location"] == "/"
    assert version(day) == before + 1
    assert slot(day, chair)["ready_seats"] == []
    assert day.value("select count(*) from ledger_line") == lines, "it decides nothing"
    for login, who in (("p23", "seat"), ("z9-member", "province"), ("p22", "province"), ("z10-member", "seat")):
        client = day.site.client_as(login)
        assert day.post(client, address, ready="yes", who=who).status_code == 404, (login, who)
    assert day.post(day.site.client_as("admin"), address, ready="yes", who="seat").status_code == 403


def test_an_absent_members_cards_are_put_aside_from_the_same_row(day: ScoringDay) -> None:
    day.open()
    chair, seat = day.site.client_as("z9-chair"), day.seat("z9-member")
    tick(day, chair, "z9-member", "absent")
    row = (
        chair.get(f"/s/{day.session}/chair")
        .text.split(f'id="away-{day.first_slot}-{seat}-more"')[1]
        .split("</form>")[0]
    )
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', row)
    sent = {name: value for name, value in hidden if name in ("seat", "kind", "entry")}
    assert sent == {
        "seat": str(seat),
        "kind": "absent",
        "entry": str(day.value("select id from entry where code = 'to-23'")),
    }
    assert day.post(chair, f"/s/slot/{day.first_slot}/excuse", reason="ป่วยทั้งวัน", **sent).status_code == 303
    day.send_all({"z9-chair": "4", "z9-secretary": "4"})
    day.close()


# --- passing the chair --------------------------------------------------------------------------------------------


def recuse_everywhere(day: ScoringDay, login: str) -> None:
    day.post(day.site.client_as(login), f"/s/card/{day.card(login)}/recuse", reason="เคยดำรงตำแหน่งในจังหวัดนี้")


def test_a_chair_who_is_recused_passes_the_slot_on_before_it_is_opened(day: ScoringDay) -> None:
    recuse_everywhere(day, "z9-chair")
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    refused = day.post(chair, f"/s/slot/{day.first_slot}/open")
    assert refused.status_code == 423
    assert "Pass the chair of it to another member first." in refused.text
    assert member.get(f"/s/{day.session}/chair").status_code == 403
    address = f"/s/slot/{day.first_slot}/pass"
    assert day.post(chair, address, seat=str(day.seat("z9-member")), reason=" ").status_code == 422
    assert day.post(chair, address, seat=str(day.seat("z10-member")), reason="x").status_code == 404
    passed = day.post(chair, address, seat=str(day.seat("z9-member")), reason="ประธานถอนตัวจากช่วงนี้")
    assert passed.status_code == 303
    assert set(last_line(day, "pass_chair")) == {"slot", "member", "reason"}

    page = member.get(f"/s/{day.session}/chair").text
    assert "Open this slot for marking" in page.split('id="stage"')[1].split('id="asked"')[0]
    assert f'action="/s/slot/{day.slots[1]}/open"' not in page, "this slot only"
    assert day.post(member, f"/s/slot/{day.slots[1]}/open").status_code == 403
    assert day.post(chair, f"/s/slot/{day.first_slot}/open").status_code == 423, "the panel's chair has passed it"
    assert day.post(member, f"/s/slot/{day.first_slot}/open").status_code == 303
    assert begin(day, member, "presenting").status_code == 303
    assert begin(day, chair, "questions").status_code == 423
    assert tick(day, member, "z9-chair", "present").status_code == 303
    day.send_all({"z9-member": "4", "z9-secretary": "4"})
    assert day.post(chair, f"/s/slot/{day.first_slot}/close").status_code == 423
    assert day.post(member, f"/s/slot/{day.first_slot}/close").status_code == 303
    again = day.post(
        member, f"/s/slot/{day.first_slot}/cards/{day.card('z9-secretary')}/reopen", reason="พบหลักฐานเพิ่มเติม"
    )
    assert again.status_code == 303
    back = day.post(member, address, seat="", reason="")
    assert back.headers["Location"] == f"/s/{day.session}", "no page of the chair any more"
    assert member.get(f"/s/{day.session}/chair").status_code == 403
    assert last_line(day, "pass_chair")["member"] is None


def test_the_panels_chair_takes_a_slot_back_and_others_pass_nothing(day: ScoringDay) -> None:
    chair, secretary = day.site.client_as("z9-chair"), day.site.client_as("z9-secretary")
    address, seat = f"/s/slot/{day.first_slot}/pass", str(day.seat("z9-member"))
    assert day.post(secretary, address, seat=seat, reason="ขอเป็นเอง").status_code == 403
    assert day.post(chair, address, seat="", reason="").status_code == 423, "nothing to take back"
    assert day.post(chair, address, seat=seat, reason="ติดราชการด่วน").status_code == 303
    assert day.post(secretary, address, seat=seat, reason="ขอเป็นเอง").status_code == 403
    assert "Take the chair back" in chair.get(f"/s/{day.session}/chair").text
    assert day.post(chair, address, seat="", reason="").status_code == 303
    assert day.post(chair, f"/s/slot/{day.first_slot}/open").status_code == 303


def test_nobody_who_is_recused_is_passed_the_chair(day: ScoringDay) -> None:
    recuse_everywhere(day, "z9-member")
    answer = day.post(
        day.site.client_as("z9-chair"),
        f"/s/slot/{day.first_slot}/pass",
        seat=str(day.seat("z9-member")),
        reason="ติดราชการ",
    )
    assert answer.status_code == 422
    assert "recused from the slot" in answer.text


# --- notes, requests, paper, network ------------------------------------------------------------------------------


def test_the_chair_notes_what_the_minutes_shall_say(day: ScoringDay) -> None:
    chair, address = day.site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/note"
    note = "ไฟฟ้าดับ 5 นาที เริ่มนำเสนอใหม่"
    assert day.post(chair, address, text=" ").status_code == 422
    assert day.post(chair, address, text="ก" * 2001).status_code == 422
    assert day.post(chair, address, text=note).status_code == 303
    assert note in chair.get(f"/s/{day.session}/chair").text
    assert note not in json.dumps(last_line(day, "note_minutes"), ensure_ascii=False)
    assert day.post(day.site.client_as("z9-member"), address, text=note).status_code == 403


def test_opening_a_card_again_answers_who_asked_for_it(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "4"})
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    reason = "ขอแก้คะแนนข้อ 2 ตามที่หารือ"
    assert day.post(member, f"/s/card/{card}/ask", changes="0", reason=reason).status_code == 303
    assert slot(day, chair)["asks"] == 1
    page = chair.get(f"/s/{day.session}/chair").text
    assert reason in page
    assert "Leave it as it is" in page
    assert day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="ให้แก้ไขตามที่ขอ").status_code == 303
    assert slot(day, chair)["asks"] == 0
    assert reason not in chair.get(f"/s/{day.session}/chair").text
    assert day.value("select answered_at is not null and answer = '' from reopening_request") == 1


def test_declining_shows_a_refusal_on_the_chairs_page(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-member": "4"})
    chair, member, card = day.site.client_as("z9-chair"), day.site.client_as("z9-member"), day.card("z9-member")
    day.post(member, f"/s/card/{card}/ask", changes="2", reason="เครือข่ายขัดข้อง")
    ask = day.value("select id from reopening_request")
    address = f"/s/slot/{day.first_slot}/requests/{ask}/decline"
    refused = day.post(chair, address, reason="no", form=f"no-{ask}")
    assert refused.status_code == 422
    assert 'class="error-summary"' in refused.text
    assert ">no</textarea>" in refused.text, "what was typed is kept"
    assert day.post(chair, address, reason="ข้อมูลครบถ้วนตามที่ส่งแล้ว").status_code == 303
    assert slot(day, chair)["asks"] == 0


def test_a_paper_sheet_that_its_member_did_not_confirm_is_marked(day: ScoringDay) -> None:
    day.open()
    day.change("update assignment set state = 'sent', paper = 'unconfirmed' where id = :c", c=day.card("z9-member"))
    chair = day.site.client_as("z9-chair")
    assert "from paper, not confirmed yet" in chair.get(f"/s/{day.session}/chair").text


def test_the_chair_sees_whose_network_is_gone(day: ScoringDay) -> None:
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    sightings = day.site.app.extensions["award"].sightings
    lines, before = day.value("select count(*) from ledger_line"), version(day)
    member.get(f"/s/{day.session}/live?unsent=6")
    chair.get(f"/s/{day.session}/live")
    day.site.client_as("p23").get(f"/s/{day.session}/live?unsent=3")
    lines += 1  # the officer's sign-in
    with day.site.statements() as written:
        assert sightings.flush(day.site.database, day.site.clock) == 2, "who holds no seat is not kept"
    assert len(written) == 1, "all of them together"
    assert day.row("select unsent from sighting where seat_id = :s", s=day.seat("z9-member"))[0] == 6
    network = chair.get(f"/s/{day.session}/chair/network").text
    assert "6 changes wait on the device" in network
    assert network.count("connected") == 2
    assert network.count("page not opened yet") == 1
    day.site.clock.set(NINE + timedelta(seconds=90))
    member.get(f"/s/{day.session}/live?unsent=0")
    sightings.flush(day.site.database, day.site.clock)
    network = chair.get(f"/s/{day.session}/chair/network").text
    assert "changes wait" not in network
    assert network.count("not seen since 09:00") == 1, "the chair's own page"
    assert sightings.flush(day.site.database, day.site.clock) == 0
    assert (day.value("select count(*) from ledger_line"), version(day)) == (lines, before)
    assert member.get(f"/s/{day.session}/live?unsent=many").status_code == 400
    assert member.get(f"/s/{day.session}/chair/network").status_code == 403


def test_a_sighting_of_another_process_is_not_set_back(day: ScoringDay) -> None:
    member, sightings = day.site.client_as("z9-member"), day.site.app.extensions["award"].sightings
    member.get(f"/s/{day.session}/live?unsent=1")
    sightings.flush(day.site.database, day.site.clock)
    later = (NINE + timedelta(minutes=5)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    day.change("update sighting set seen_at = :at, unsent = 4", at=later)
    member.get(f"/s/{day.session}/live?unsent=1")
    sightings.flush(day.site.database, day.site.clock)
    assert day.row("select unsent, seen_at from sighting") == (4, later)


# --- every act tells ----------------------------------------------------------------------------------------------


def test_every_act_tells_the_pages_and_saving_marks_does_not(day: ScoringDay) -> None:
    chair, member, secretary = (day.site.client_as(login) for login in MEMBERS)
    at, card, entry = (
        f"/s/slot/{day.first_slot}",
        day.card("z9-member"),
        day.value("select id from entry where code = 'to-23'"),
    )
    seat = str(day.seat("z9-member"))
    day.site.clock.set(NINE + timedelta(minutes=1))
    known = version(day)

    def told(what: str, answer: Any) -> None:
        nonlocal known
        assert answer.status_code == 303, (what, answer.text[-500:])
        assert version(day) > known, what
        known = version(day)

    for login, client in zip(MEMBERS, (chair, member, secretary), strict=True):
        told(f"declare {login}", day.declare(client))
    told("ready", day.post(member, f"{at}/ready", ready="yes", who="seat"))
    told("open", day.post(chair, f"{at}/open"))
    told("attendance", tick(day, chair, "z9-member", "late"))
    told("allow", day.post(chair, f"{at}/allow", seat=seat, reason="เห็นควรให้ส่งคะแนนได้"))
    told("phase", begin(day, chair, "presenting"))
    told("note", day.post(chair, f"{at}/note", text="เริ่มช้า 5 นาที"))
    told("excuse", day.post(chair, f"{at}/excuse", seat=seat, entry=str(entry), kind="absent", reason="ลาป่วย"))
    told("excuse no more", day.post(chair, f"{at}/excuse", seat=seat, entry=str(entry), kind="", reason="มาแล้ว"))
    told("presence", day.post(chair, f"{at}/entries/{entry}/presence", presented="no", reason="ไฟดับ"))
    told("presence after all", day.post(chair, f"{at}/entries/{entry}/presence", presented="yes", reason="ไฟมา"))
    told("pass", day.post(chair, f"{at}/pass", seat=seat, reason="ติดราชการ"))
    told("back", day.post(chair, f"{at}/pass", seat="", reason=""))
    for login, client in zip(MEMBERS, (chair, member, secretary), strict=True):
        assert day.save(client, day.card(login), day.whole("4")).status_code == 200
        assert version(day) == known, "saving marks tells nobody"
        told(f"send {login}", day.send(client, day.card(login)))
    told("ask", day.post(member, f"/s/card/{card}/ask", changes="0", reason="ขอแก้ไข"))
    ask = day.value("select max(id) from reopening_request")
    told("decline", day.post(chair, f"{at}/requests/{ask}/decline", reason="ครบถ้วนแล้วไม่ต้องแก้"))
    told("reopen a card", day.post(chair, f"{at}/cards/{card}/reopen", reason="พบหลักฐานเพิ่มเติม"))
    told("recuse", day.post(member, f"/s/card/{card}/recuse", reason="เป็นญาติกับผู้เสนอผลงาน"))
    told("close", day.post(chair, f"{at}/close"))
    told("discussion", begin(day, chair, "discussion"))
    told("reopen the slot", day.post(chair, f"{at}/reopen", reason="หารือร่วมกันอีกครั้ง"))


def test_no_act_of_the_day_was_forgotten_above(day: ScoringDay) -> None:
    walked = {
        "panel.open_slot", "panel.close_slot", "panel.excuse", "panel.presence", "panel.reopen_card",
        "panel.reopen_slot", "live.ready", "live.attendance", "live.allow", "live.phase", "live.note",
        "live.pass_chair", "requests.ask", "requests.decline", "scoring.send", "scoring.recuse",
    }  # fmt: skip
    of_attendance, marks_only = {"live.all_present"}, {"scoring.save_card"}
    posts = {rule.endpoint for rule in day.site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    acts = {each for each in posts if each.split(".")[0] in ("panel", "live", "requests", "scoring")}
    assert acts == walked | of_attendance | marks_only


def test_an_entry_that_is_returned_and_sent_again_tells(day: ScoringDay) -> None:
    entry = day.value("select id from entry where code = 'to-23'")
    known = version(day)
    form = {"reason": "เอกสารหน้า 3 อ่านไม่ได้", "day": "20/7/2564", "time": "12.00"}
    assert day.post(day.site.client_as("organizer"), f"/e/{entry}/return", **form).status_code == 303
    assert version(day) > known
    known = version(day)
    about = (
        "field, kind, title, url, sha256, size, media_type, added_at, added_by_id, removed_at, name, received_sha256"
    )
    day.change(
        f"insert into evidence (entry_id, {about}) select :e, {about} from evidence where entry_id = "
        "(select id from entry where code = 'to-22')", e=entry,
    )  # fmt: skip
    assert day.post(day.site.client_as("p23"), f"/e/{entry}/submit").status_code == 303
    assert version(day) > known, "cards can be marked now"


# --- the chair's page ---------------------------------------------------------------------------------------------


def stage(day: ScoringDay, client: FlaskClient) -> str:
    return client.get(f"/s/{day.session}/chair").text.split('id="stage"')[1].split('id="asked"')[0]


def test_the_largest_thing_is_what_to_do_next(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")

    def next_step() -> str:
        found = re.search(r'<button class="btn btn-primary btn-stage"[^>]*>([^<]*)</button>', stage(day, chair))
        return found[1] if found else "Waiting" if "Waiting for cards" in stage(day, chair) else ""

    assert next_step() == "Open this slot for marking"
    day.open()
    for phase, button in (
        ("presenting", "Start the presentation"), ("questions", "Start the questions"),
        ("scoring", "Start the time for marking"),
    ):  # fmt: skip
        assert next_step() == button
        begin(day, chair, phase)
    assert next_step() == "Waiting"
    assert "Director of the training centre" in stage(day, chair)
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "2"})
    assert next_step() == "Close this slot"
    day.close()
    assert next_step() == "Start the discussion", "60 points apart"
    begin(day, chair, "discussion")
    assert next_step() == "Finish this slot"
    begin(day, chair, "done")
    assert next_step() == "Open this slot for marking", "of the next one"
    assert f"/s/slot/{day.slots[1]}/open" in stage(day, chair)


def test_the_chairs_page_never_shows_a_mark_before_closing(day: ScoringDay) -> None:
    day.open()
    begin(day, day.site.client_as("z9-chair"), "scoring")
    day.send_all({"z9-member": "2"})
    for address in (f"/s/{day.session}/chair", f"/s/{day.session}/live", f"/s/{day.session}/chair/network"):
        assert "40.00" not in day.site.client_as("z9-chair").get(address).text


def test_on_a_mixed_day_the_chair_finds_the_other_province(day: ScoringDay) -> None:
    chair = day.site.client_as("z9-chair")
    other = day.value("select id from scoring_session where province_code = '22'")
    assert f'href="/s/{other}/chair"' not in chair.get(f"/s/{day.session}/chair").text
    day.change("update scoring_session set day = '2021-07-19' where id = :id", id=other)
    assert f'href="/s/{other}/chair"' in chair.get(f"/s/{day.session}/chair").text
