"""The minutes of a scoring day: what they say, what they keep back, and that page, text and print say the same."""

import io
import json
import re
import sys
import unicodedata
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest

from award.minutes.document import Document, Fact, Part, Print, Table, as_text, code_of, made_printable, printable
from award.minutes.pdf import MOST_SECONDS, NotPrinted, print_pdf
from award.views.minutes_told import INTERESTS, PHASES
from tests.award.build import TRAT
from tests.award.held_day import HOSTILE, REOPENED, hold_day, record_more
from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_seats import hand_over, stand_in

CODE = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> ScoringDay:
    """One day that was held; tests only read it."""
    day = hold_day(build_day(tmp_path_factory.mktemp("held")))
    record_more(day)
    return day


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def minutes(day: ScoringDay, login: str = "auditor", kind: str = ".txt", language: str = "en") -> str:
    answer = day.site.client_as(login, language=language).get(f"/s/{day.session}/minutes{kind}")
    assert answer.status_code == 200, answer.text
    return answer.text


def pdf_of(day: ScoringDay, login: str = "auditor", language: str = "en") -> bytes:
    answer = day.site.client_as(login, language=language).get(f"/s/{day.session}/minutes.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return answer.data


def text_of(printed: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed)).pages)


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None
    return found[0]


def latin(text: str) -> str:
    """What every reader of PDF gets back as it was: clusters of Thai letters come out in pieces, not always Thai."""
    kept = (sign for sign in unicodedata.normalize("NFKC", text) if sign.isascii() and not sign.isspace())
    return "".join(kept)


def without_feet(printed: bytes, text: str) -> str:
    """What the pages say one after the other, but for the lines below each of them."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed)).pages]
    foot = "".join(latin(line) for line in text.splitlines()[-2:])
    whole = ""
    for number, page in enumerate(pages, start=1):
        below = f"{foot}Page{number}/{len(pages)}"
        assert below in latin(page), page
        whole += latin(page).replace(below, "")
    return whole


def test_they_say_what_happened(held: ScoringDay) -> None:
    text = minutes(held)
    for said in (
        "Province heard: Trat", "Date: 19 July 2021", "Channel: Zoom",
        "Chair | CDD inspector, zone 9, East 2",
        "Moved: from 19 Jul 2021 08:30 to 19 Jul 2021 09:00, on 19 Jul 2021 08:10: ไฟฟ้าดับที่ศาลากลาง",
        "09:01 Presentation; 09:31 Questions; 09:45 Scoring; 10:02 Discussion; 10:05 opened again; 10:10 closed",
        "Chaired by: Chair – CDD inspector, zone 9, East 2",
        "late, came at 09:20 · may send all the same: ได้ดูวีดิทัศน์การนำเสนอแล้ว",
        "Did not present: กลุ่มอาชีพซื้อขายมะพร้าวในชุมชน",
        "Rules: transparent-office/2564-r1 (proposed), SHA-256 ",
        "Note for the minutes: 10:12 ให้ปรับปรุงลิงก์ สขร.1",
        "(เครื่องของกรรมการดับ), not confirmed by the member yet",
    ):  # fmt: skip
        assert said in text, said
    assert re.search(r"Member and secretary \| .* \| pa-23: recused \(เคยดูแลโครงการนี้\)", text)
    assert "Signed" in text and text.count("Signed ...") == 3, "a line to sign for every seat"


def test_a_closed_slot_tells_totals_and_what_was_opened_again(held: ScoringDay) -> None:
    text = minutes(held)
    assert re.search(r"\(to-23\) \| 100 \| 100\.00 \| 80\.00 \(paper\) \| \d\d\.\d\d \| ", text)
    assert re.search(rf"Opened again: .* – to-23: {REOPENED} · total 60\.00 → \d\d\.\d\d · .* 3 → 5", text)
    assert "stand in the ranking" in text


def test_who_asked_to_have_a_card_opened_and_what_came_of_it(day: ScoringDay) -> None:
    hold_day(day)
    asked, answered = "ขอแก้เกณฑ์ที่สองเพราะอ่านผิด", "ปิดช่วงไปแล้วและเหตุผลไม่ชัด"
    day.change(
        "insert into reopening_request (assignment_id, changes, reason, at, by_id, answered_at, answer) select :c, 0,"
        " :r, '2021-07-19T03:20:00.000000Z', id, '2021-07-19T03:25:00.000000Z', :a from user where login = 'z9-member'",
        c=day.card("z9-member"), r=asked, a=answered,
    )  # fmt: skip
    told = next(line for line in minutes(day).splitlines() if line.startswith("Asked to open again: "))
    assert asked in told and f"the chair declined: {answered}" in told and "10:20 Member – " in told
    day.change("update slot set state = 'open', closed_at = null where id = :s", s=day.slots[2])
    draft = minutes(day)
    assert "Asked to open again: " in draft and asked not in draft and answered not in draft


def test_page_and_print_hold_every_fact_of_the_text(held: ScoringDay) -> None:
    text, page, printed = minutes(held), minutes(held, kind=""), without_feet(pdf_of(held), minutes(held))
    plain_page = latin(re.sub(r"<[^>]+>", "", page).replace("&#39;", "'").replace("&amp;", "&").replace("&#34;", '"'))
    facts = 0
    for line in text.splitlines():
        for run in re.findall(r"[ -~]{4,}", "" if line.startswith(("Code ", "Whether ", "Signed ")) else line):
            for piece in re.split(r" \| |: |^\[|]$|^## ", run):
                facts += bool(latin(piece))
                assert latin(piece) in plain_page, piece
                assert latin(piece) in printed, piece
    assert facts > 100


def test_the_print_counts_its_pages_and_tells_its_code(held: ScoringDay) -> None:
    printed = pypdf.PdfReader(io.BytesIO(pdf_of(held)))
    for number, page in enumerate(printed.pages, start=1):
        assert f"Page{number}/{len(printed.pages)}" in latin(page.extract_text())
        assert code_in(page.extract_text()) == code_in(minutes(held))
    fonts = {str(font["/BaseFont"]) for page in printed.pages for font in _fonts(page)}
    assert fonts and all("Sarabun" in font for font in fonts), fonts


def _fonts(page: pypdf.PageObject) -> list[dict[str, object]]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


def test_thai_is_printed_with_the_year_of_the_buddhist_era(held: ScoringDay) -> None:
    text = minutes(held, language="th")
    assert "วันที่: 19 กรกฎาคม 2564" in text and "09.00 น." in text
    assert "รายงานการประชุมคณะกรรมการติดตามและประเมินผลการคัดเลือก" in text
    assert latin("19 2564") in latin(text_of(pdf_of(held, language="th")))


def test_the_code_is_the_same_in_both_languages_and_changes_with_what_they_say(day: ScoringDay) -> None:
    before = code_in(minutes(day))
    assert code_in(minutes(day, language="th")) == before
    day.site.clock.set(day.site.clock.now() + timedelta(minutes=40))
    assert code_in(minutes(day)) == before, "when it is printed is not part of it"
    day.open()
    after = code_in(minutes(day))
    assert after != before
    page = day.site.client_as("z9-member").get(f"/s/{day.session}/minutes?code={after.lower().replace('-', ' ')}").text
    assert "This print is the latest one." in page
    older = day.site.client_as("z9-member").get(f"/s/{day.session}/minutes?code={before}").text
    assert "Not the latest" in older


def test_minutes_do_not_age_with_the_days_of_other_panels(day: ScoringDay) -> None:
    hold_day(day)
    before = code_in(minutes(day))
    day.change(
        "insert into checkpoint (log, size, root, note, at) select log, 90000, root, note,"
        " '2021-08-01T00:00:00.000000Z' from checkpoint where log = '2564/transparent-office'"
        " order by size desc limit 1"
    )
    assert code_in(minutes(day)) == before


def test_the_root_of_the_record_is_printed_as_text_and_as_a_picture(held: ScoringDay) -> None:
    root = held.value("select root from checkpoint where log = '2564/transparent-office' order by size desc limit 1")
    groups = " ".join(root[place : place + 4] for place in range(0, 64, 4))
    assert groups in minutes(held)
    assert latin(groups) in latin(text_of(pdf_of(held)))


def test_a_draft_tells_nothing_that_hangs_on_a_mark(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    day.close()
    chair, card = day.site.client_as("z9-chair"), day.card("z9-secretary")
    day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="d1 ควรเป็น 4 ไม่ใช่ 3 ตามหลักฐาน")
    record_more(day, note="ประธานให้ 100.00 กรรมการให้ 80.00")
    for login in ("z9-chair", "z9-member", "organizer", "auditor"):
        for language in ("en", "th"):
            said = [minutes(day, login, ".txt", language), minutes(day, login, "", language)]
            said.append(text_of(pdf_of(day, login, language)))
            for text in said:
                for told in ("100.00", "80.00", "60.00", "d1 ", "36.80"):
                    assert told not in text, told
    text = minutes(day)
    assert "Draft: not every slot of the day is closed" in text and "Opened again: " in text
    assert "the reason is shown once every slot of the day is closed" in text
    assert "Signed" not in text, "a draft is not to be signed"


def test_a_draft_holds_no_mark_of_a_slot_that_is_closed_either(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    day.close()
    text = minutes(day, "z9-chair")
    assert "State: closed for marking" in text and "Totals" not in text and "80.00" not in text


def test_nothing_recorded_is_said(day: ScoringDay) -> None:
    text = minutes(day)
    assert "Went like this: not recorded" in text
    assert "Note for the minutes: not recorded" in text
    assert text.count("| not recorded") >= 6, "attendance and declarations"


def test_who_stepped_back_gets_an_extract(held: ScoringDay) -> None:
    extract, whole = minutes(held, "z9-secretary"), minutes(held, "z9-member")
    assert "An extract: " in extract and "Left out of this extract: " in extract
    totals = [line for line in whole.splitlines() if line.startswith("สำนักงานพัฒนาชุมชนจังหวัดตราด (pa-23) |")]
    assert len(totals) == 1 and totals[0] not in extract
    assert "An extract" not in whole
    assert code_in(extract) != code_in(whole)


def test_nobody_else_reads_them(held: ScoringDay) -> None:
    for kind in ("", ".txt", ".pdf"):
        address = f"/s/{held.session}/minutes{kind}"
        assert held.site.client().get(address).status_code in (302, 401)
        for login, status in (("p23", 403), ("z1-chair", 404), ("admin", 403)):
            assert held.site.client_as(login).get(address).status_code == status, (login, kind)


def test_no_name_of_a_person_stands_in_them_and_acting_is_told(day: ScoringDay) -> None:
    day.change("update duty set acting = 1 where id = (select duty_id from seat where code = 'z9-member')")
    assert "ผู้อำนวยการศูนย์ศึกษาและพัฒนาชุมชนชลบุรี (รักษาราชการแทน)" in minutes(day, language="th")


def test_they_name_who_held_a_seat_then_and_not_who_holds_it_now(day: ScoringDay) -> None:
    hold_day(day)
    before, then = minutes(day), "Member | Director of the training centre, zone 9, East 2"
    day.site.clock.set(day.site.clock.now() + timedelta(hours=2))
    assert hand_over(day, stand_in(day)).status_code == 303
    assert then in minutes(day) and "standin (acting)" not in minutes(day)
    assert code_in(minutes(day)) == code_in(before)


def test_a_seat_that_was_handed_over_while_the_day_went_on_is_told(day: ScoringDay) -> None:
    day.open()
    day.site.clock.set(day.site.clock.now() + timedelta(minutes=5))
    assert hand_over(day, stand_in(day)).status_code == 303
    text = minutes(day)
    assert "Member | standin (acting)" in text
    assert re.search(r"Seat handed over: .* Member: from Director of the training centre.* to standin \(acting\)", text)


def test_the_minutes_take_the_same_statements_however_much_was_recorded(day: ScoringDay) -> None:
    hold_day(day)
    client = day.site.client_as("auditor")
    client.get(f"/s/{day.session}/minutes.txt")
    with day.site.statements() as few:
        client.get(f"/s/{day.session}/minutes.txt")
    record_more(day)
    record_notes(day, 5)
    with day.site.statements() as many:
        client.get(f"/s/{day.session}/minutes.txt")
    assert len(many) == len(few)


def record_notes(day: ScoringDay, count: int) -> None:
    for number in range(count):
        day.change(
            "insert into minutes_note (slot_id, text, at, by_id) select :s, :t, '2021-07-19T03:30:00.000000Z', id "
            "from user where login = 'z9-chair'", s=day.first_slot, t=f"ข้อ {number}",
        )  # fmt: skip


def small(text: str) -> Document:
    return made_printable(
        Document(
            "th", "รายงาน", "เขต 9", (), (Fact("ก", text),), (Table("ต", ("a", "b"), ((text, text),), (1, 1)),),
            (Part("ช่วง", (Fact("ข", text),)),), (), "ลงชื่อ", (),
        )
    )  # fmt: skip


MADE = Print("0000-0000-0000", "foot", "where")


def test_what_people_typed_is_printed_and_never_carried_out() -> None:
    printed = text_of(print_pdf(small(HOSTILE), MADE, page="หน้า"))
    assert latin(printed).count(latin(HOSTILE)) >= 2


def test_signs_that_paper_cannot_show_are_named_and_those_nobody_sees_go() -> None:
    assert printable("ดี 😀") == "ดี [grinning face]"
    assert printable("a\u202egpj.exe\u202c\u200f\u200bb") == "agpj.exeb"
    assert printable("ปั๊มน้ำ “ก” – 5 → 4 ½") == "ปั๊มน้ำ “ก” – 5 → 4 ½"
    assert "[grinning face]" in text_of(print_pdf(small("😀 ดี"), MADE, page="p")).replace("\n", " ")


@pytest.mark.parametrize("text", ["a" * 5000, "ก" * 5000, "การพัฒนาชุมชน" * 385, "ก1" * 2500, "กี่ครั้ง " * 600])
def test_a_text_without_end_stays_on_the_paper(text: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(print_pdf(small(text), MADE, page="p")))
    furthest = 0.0

    def note(_text: str, _cm: list[float], matrix: list[float], _font: object, _size: float) -> None:
        nonlocal furthest
        furthest = max(furthest, matrix[4])

    whole = "".join(page.extract_text(visitor_text=note) for page in reader.pages)
    assert len(reader.pages) > 1 and furthest < 595 - 50, "nothing begins beyond the right margin"
    letters = "".join(whole.split())
    assert letters.count(text[0]) >= 3 * text.count(text[0]), "and nothing of it is lost"


def test_the_same_minutes_are_the_same_bytes() -> None:
    one, other = (print_pdf(small("ก"), MADE, page="หน้า") for _ in range(2))
    assert one == other


def test_a_print_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeping = tmp_path / "python"
    sleeping.write_text("#!/bin/sh\nsleep 5\n")
    sleeping.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeping))
    monkeypatch.setattr("award.minutes.pdf.MOST_SECONDS", 0.3)
    with pytest.raises(NotPrinted, match="not printed within"):
        print_pdf(small("ก"), MADE, page="หน้า")
    assert MOST_SECONDS <= 30, "a request does not wait longer"


def test_a_fault_of_printing_is_told_and_the_text_is_still_there(
    held: ScoringDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    answer = held.site.client_as("auditor").get(f"/s/{held.session}/minutes.pdf")
    assert answer.status_code == 503 and "The page and the text hold the same" in answer.text
    assert minutes(held)


def test_code_and_text_are_of_the_document_alone() -> None:
    assert code_of(small("ก")) == code_of(small("ก")) != code_of(small("ข"))
    assert as_text(small("ก"), MADE).splitlines()[0] == "รายงาน"
    assert json.loads(json.dumps(code_of(small("ก"))))


def test_every_phase_and_interest_has_a_word() -> None:
    from award.db.live import INTERESTS as STORED
    from award.db.live import PHASES as BEGUN

    assert set(PHASES) == set(BEGUN) and set(INTERESTS) == set(STORED)


def news(day: ScoringDay, login: str) -> str:
    answer = day.site.client_as(login).get(f"/s/{day.session}/news")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_paragraph_of_news_is_ready_once_the_day_is_closed(day: ScoringDay) -> None:
    assert day.site.client_as("p23").get(f"/s/{day.session}/news").status_code == 423
    hold_day(day)
    record_more(day)
    for login in ("p23", "organizer"):
        page = news(day, login)
        thai = page.split('id="news-th"')[1].split("</textarea>")[0]
        for said in (
            "เมื่อวันจันทร์ที่ 19 กรกฎาคม 2564 เวลา 09.00 น.", "ประธานคณะกรรมการ", "จังหวัดตราด", "(Zoom)",
            "ณ ห้องประชุมสำนักงานพัฒนาชุมชนจังหวัดตราด", "#กรมการพัฒนาชุมชน", "พร้อมด้วย",
        ):  # fmt: skip
            assert said in thai, said
        assert "มะพร้าว" not in thai, "what did not present was not heard"
        english = page.split('id="news-en"')[1].split("</textarea>")[0]
        assert "On 19 July 2021 at 09:00" in english
        for told in ("100.00", "80.00", "63.20", "recused", "ถอนตัว"):
            assert told not in page, told


def test_the_news_are_for_the_province_and_the_organizer(held: ScoringDay) -> None:
    for login, status in (("p22", 404), ("z9-chair", 403), ("auditor", 403), ("admin", 403)):
        assert held.site.client_as(login).get(f"/s/{held.session}/news").status_code == status, login
    assert TRAT in held.value("select province_code from scoring_session where id = :s", s=held.session)


def test_who_was_away_all_day_is_not_in_the_news(day: ScoringDay) -> None:
    hold_day(day)
    for slot in day.slots:
        day.change("delete from attendance where slot_id = :s", s=slot)
        day.change(
            "insert into attendance (slot_id, seat_id, state, at, by_id) select :s, :m, 'absent', "
            "'2021-07-19T02:00:00.000000Z', id from user where login = 'z9-chair'", s=slot, m=day.seat("z9-member"),
        )  # fmt: skip
    assert "ศูนย์ศึกษาและพัฒนาชุมชนชลบุรี" not in news(day, "p23").split('id="news-th"')[1]
