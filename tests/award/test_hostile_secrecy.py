"""No insider learns another member's marks before the slot is closed: not from a page, a length, a file or a header."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from award.clock import BANGKOK
from tests.award.access_world import drawn_alike
from tests.award.hostile import (
    EVERYBODY,
    PANEL,
    addresses,
    everything,
    freeze,
    give_duty,
    searchable,
    signed_in,
    without_tokens,
)
from tests.award.scoring_day import ScoringDay, build_day, new_key

SECRET = "SECRET-73"
OTHER = "HIDDEN-29"
NOON = datetime(2021, 7, 19, 10, 0, tzinfo=BANGKOK)
OWNER = "z9-member"


def marked_day(folder: Path, mark: str, note: str, *, send: bool) -> ScoringDay:
    """Trat's first slot is open; one member has marked all of a card, another the same criterion in every day."""
    folder.mkdir()
    day = build_day(folder)
    freeze(day.site, NOON)
    with drawn_alike(3):
        mark_first_card(day, mark, note, send=send)
    return day


def mark_first_card(day: ScoringDay, mark: str, note: str, *, send: bool) -> None:
    day.post(signed_in(day.site, "z9-chair"), f"/s/slot/{day.first_slot}/open")
    client, card = signed_in(day.site, OWNER), day.card(OWNER)
    changes = {name: f"{note} {name}" if name.startswith("note:") else mark for name in day.whole()}
    assert day.save(client, card, changes).status_code == 200
    if send:
        assert day.send(client, card).status_code == 303
    secretary = signed_in(day.site, "z9-secretary")
    assert day.save(secretary, day.card("z9-secretary"), {"d1/commitment": "3"}).status_code == 200
    run = day.post(signed_in(day.site, "organizer"), "/r/1/zone/calculate", kind="provisional")
    assert run.status_code == 303


def read(client: FlaskClient, address: str) -> tuple[int, list[tuple[str, str]], str | bytes]:
    answer = client.get(address, buffered=True)
    headers = [(name, value) for name, value in answer.headers if name not in CHANGING]
    body = without_tokens(answer.text) if (answer.mimetype or "").startswith("text/") else answer.data
    return answer.status_code, headers, body


CHANGING = ("Set-Cookie", "Content-Length", "Date", "Expires")  # a token; its length; the time of day


def said(client: FlaskClient, address: str) -> str:
    """All that an answer says; of a workbook the text of its parts."""
    answer = client.get(address, buffered=True)
    if not zipfile.is_zipfile(io.BytesIO(answer.data)):
        return answer.data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("send", [False, True])
def test_whatever_a_member_marks_every_answer_to_everybody_else_is_the_same_to_the_byte(
    tmp_path: Path, send: bool
) -> None:
    """The two days are drawn alike and differ in what the marks made of their tables: what read none of those has
    nothing to tell, and is not asked of the second day (test_authz_leaks.py asks of both all the same). The minutes as
    a PDF are the same to everybody who may have them."""
    low = marked_day(tmp_path / "low", "1", SECRET, send=send)
    high = marked_day(tmp_path / "high", "4", OTHER, send=send)
    walk = addresses(low.site)
    assert walk == addresses(high.site) and len(walk) > 30
    there, here = everything(low.site), everything(high.site)
    apart = {name for name in there if there[name] != here[name]}
    assert "mark" in apart and apart <= {"mark", "assignment", "ledger_line", "ledger_text"}
    reads_one = re.compile(rf"\b({'|'.join(apart)})\b")
    others = [login for login in EVERYBODY if login != OWNER]
    compared = 0
    for login in others if send else ("z9-chair", "organizer"):  # those who see more than others of a card not sent
        one, other = signed_in(low.site, login), signed_in(high.site, login)
        for address in walk:
            if address.endswith(".pdf") and login not in ("z9-chair", "organizer"):
                continue
            with low.site.statements() as statements:
                first = read(one, address)
            assert SECRET not in str(first[2])
            if any(map(reads_one.search, statements)):
                assert first == read(other, address), f"{login or 'nobody'} can tell the marks apart at {address}"
                compared += 1
    assert compared > 30
    mine = read(signed_in(low.site, OWNER), f"/s/card/{low.card(OWNER)}")[2]
    assert SECRET in str(mine), "the walk looks for what is really there"


def test_a_workbook_of_a_run_made_while_a_slot_is_open_holds_nothing_of_it(tmp_path: Path) -> None:
    day = marked_day(tmp_path / "day", "1", SECRET, send=True)
    file = signed_in(day.site, "organizer").get("/r/run/1/workbook").data
    cells = [
        str(cell)
        for sheet in load_workbook(io.BytesIO(file), data_only=True)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    assert not any(SECRET in cell for cell in cells)
    assert any("to-22" in cell for cell in cells), "the neighbour's closed slot is in it"


def test_actions_answer_nothing_about_the_cards_of_others(tmp_path: Path) -> None:
    """Errors of saving, sending and closing speak of the own card, or of who is missing, never of marks."""
    day = marked_day(tmp_path / "day", "1", SECRET, send=False)
    hidden = day.card(OWNER)
    for login in (name for name in EVERYBODY if name != OWNER):
        client = signed_in(day.site, login)
        answers = [
            day.save(client, hidden, {"d1/commitment": "0"}, base=0),
            day.send(client, hidden),
            day.post(client, f"/s/card/{hidden}/recuse", reason="x"),
            day.post(client, f"/s/slot/{day.first_slot}/close"),
            day.post(client, f"/s/slot/{day.first_slot}/cards/{hidden}/reopen", reason="x"),
            day.post(client, "/r/1/zone/calculate", kind="official"),
        ]
        for answer in answers:
            assert SECRET not in answer.text, login
            assert not (answer.is_json and answer.json.get("details")), login  # type: ignore[union-attr]
            assert answer.status_code in (302, 303, 401, 403, 404, 422, 423)


def test_closing_shows_the_panel_its_marks_and_nobody_of_another_zone_or_a_province(tmp_path: Path) -> None:
    day = marked_day(tmp_path / "day", "4", SECRET, send=True)
    day.send_all({"z9-chair": "4", "z9-secretary": "4"})
    page = f"/s/slot/{day.first_slot}/compare"
    before = {login: signed_in(day.site, login).get(page).status_code for login in EVERYBODY}
    assert before["z9-chair"] == before["z9-secretary"] == before["organizer"] == before["auditor"] == 423
    day.close()
    for login in EVERYBODY:
        answer = signed_in(day.site, login).get(page)
        knows = login in (*PANEL, "organizer", "auditor")
        assert (SECRET in answer.text) == knows, login
        assert knows or answer.status_code in (302, 403, 404)


def test_opened_again_it_is_hidden_again(tmp_path: Path) -> None:
    day = marked_day(tmp_path / "day", "4", SECRET, send=True)
    day.send_all({"z9-chair": "4", "z9-secretary": "4"})
    day.close()
    chair = signed_in(day.site, "z9-chair")
    assert day.post(chair, f"/s/slot/{day.first_slot}/reopen", reason="ขอตรวจคะแนนใหม่").status_code == 303
    for address in (f"/s/slot/{day.first_slot}/compare", f"/s/{day.session}/chair", f"/s/{day.session}"):
        assert SECRET not in chair.get(address).text


def test_the_chair_cannot_stay_out_read_the_marks_of_the_others_and_then_mark(tmp_path: Path) -> None:
    """Excused, closed, read, opened again, excused no more: that would be marking with the others' marks in hand."""
    day = marked_day(tmp_path / "day", "4", SECRET, send=True)
    day.send_all({"z9-secretary": "4"})
    chair, slot = signed_in(day.site, "z9-chair"), day.first_slot
    who = {"seat": day.seat("z9-chair"), "entry": day.value("select id from entry where code = 'to-23'")}
    day.post(chair, f"/s/slot/{slot}/excuse", kind="absent", reason="ประชุมด่วน", **who)
    assert day.post(chair, f"/s/slot/{slot}/close").status_code == 303
    assert SECRET in chair.get(f"/s/slot/{slot}/compare").text
    assert day.post(chair, f"/s/slot/{slot}/reopen", reason="ขอตรวจคะแนนใหม่").status_code == 303
    back = day.post(chair, f"/s/slot/{slot}/excuse", kind="", reason="กลับมาแล้ว", **who)
    assert back.status_code == 423
    assert "has seen the marks" in back.text
    assert day.save(chair, day.card("z9-chair"), {"d1/commitment": "0"}).status_code == 423


def test_the_chair_cannot_call_an_entry_not_presented_read_its_marks_and_then_mark_it(tmp_path: Path) -> None:
    """Marks of an entry that did not present decide nothing, so closing shows them to nobody: it may be taken back."""
    day = marked_day(tmp_path / "day", "4", SECRET, send=False)
    chair, slot = signed_in(day.site, "z9-chair"), day.first_slot
    entry = day.value("select id from entry where code = 'to-23'")
    presence = f"/s/slot/{slot}/entries/{entry}/presence"
    assert day.post(chair, presence, presented="no", reason="ไม่เข้าประชุม").status_code == 303
    assert day.post(chair, f"/s/slot/{slot}/close").status_code == 303
    for login in EVERYBODY:
        client = signed_in(day.site, login)
        if login != OWNER:
            for address in searchable(day.site):
                assert SECRET not in said(client, address), f"{login} at {address}"
    assert day.post(chair, f"/s/slot/{slot}/reopen", reason="กรรมการมาสาย").status_code == 303
    assert day.post(chair, presence, presented="yes", reason="กรรมการมาสาย").status_code == 303
    assert day.save(chair, day.card("z9-chair"), {"d1/commitment": "4"}).status_code == 200


def test_a_member_reads_nothing_of_an_entry_before_the_province_sends_it(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.change("update entry set state = 'draft' where code = 'to-23'")
    entry = day.value("select id from entry where code = 'to-23'")
    saved = signed_in(day.site, "p23").post(
        f"/e/{entry}/answers",
        json={"key": new_key(), "base_revision": day.value("select revision from entry where id = :e", e=entry),
              "changes": {"summary": SECRET, "districts_full": "7719"}},
    )  # fmt: skip
    assert saved.status_code == 200
    for login in PANEL:
        client = signed_in(day.site, login)
        for address in searchable(day.site):
            page = said(client, address)
            assert SECRET not in page and "7719" not in page, f"{login} at {address}"


def test_who_stepped_back_reads_the_entry_no_more(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.change("update entry set answers = json_set(answers, '$.summary', :s) where code = 'to-23'", s=SECRET)
    client, card = signed_in(day.site, OWNER), day.card(OWNER)
    assert SECRET in client.get(f"/s/card/{card}").text
    assert day.post(client, f"/s/card/{card}/recuse", reason="เป็นญาติ").status_code == 303
    for address in searchable(day.site):
        assert SECRET not in said(client, address), address


# What nobody needs a duty for: rules, published results, the own account and data, signing in.
OPEN = ("/rules/", "/results/", "/verify", "/privacy", "/account/", "/my-data", "/sign-in", "/confirm", "/forgot",
        "/reset", "/invitation", "/first-start", "/sw.js", "/now")  # fmt: skip


def test_a_duty_that_ended_yesterday_reads_nothing(tmp_path: Path) -> None:
    day = marked_day(tmp_path / "day", "4", SECRET, send=True)
    clients = {login: signed_in(day.site, login) for login in ("p23", "organizer", *PANEL)}
    day.change("update duty set to_day = '2021-07-18'")
    for login, client in clients.items():
        for address in searchable(day.site):
            answer = client.get(address, buffered=True)
            if address != "/" and not address.startswith(OPEN):
                assert answer.status_code == 403, f"{login} at {address}"
            assert SECRET not in answer.text


def test_a_second_duty_opens_nothing_of_the_first_ones_panel(tmp_path: Path) -> None:
    """An officer of Trat who also chairs zone 10 is no chair of zone 9."""
    day = marked_day(tmp_path / "day", "4", SECRET, send=True)
    give_duty(day.site, "z10-chair", role="officer", province="23")
    both = signed_in(day.site, "z10-chair")
    assert both.get(f"/s/{day.session}/chair").status_code == 404
    assert both.get(f"/s/slot/{day.first_slot}/compare").status_code == 404
    assert both.get(f"/s/card/{day.card('z9-chair')}").status_code == 404
    assert day.post(both, f"/s/slot/{day.first_slot}/close").status_code == 404
