"""A signed paper sheet is entered for a member with a photo of it; the member confirms it."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from award.db.backup import back_up, copy_evidence
from award.db.evidence_files import EvidenceFiles
from award.queries.ranking import list_progress
from award.queries.stored_files import list_stored_files
from tests.award.access_world import small_pdf
from tests.award.scoring_day import REASON, ScoringDay, build_day, new_key

WHY = "ไฟฟ้าดับที่ศูนย์ศึกษา 9.40–11.00 น."
ENTRY = "to-23"


def picture(colour: str = "white", kind: str = "JPEG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(file, kind)
    file.seek(0)
    return file


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    """The first slot is open, the members have declared, the secretary has sent the own card."""
    built = build_day(tmp_path)
    built.open()
    for login in ("z9-chair", "z9-member"):
        built.declare(built.site.client_as(login))
    built.send_all({"z9-secretary": "3"})
    return built


def typed(day: ScoringDay, client: FlaskClient, card: int, changes: dict[str, str] | None = None) -> TestResponse:
    """The form, filled in from the paper."""
    sheet = day.whole("4") if changes is None else changes
    return client.post(f"/s/card/{card}/paper", data={"key": new_key(), "base_revision": "0", **sheet})


def enter(
    day: ScoringDay, client: FlaskClient, card: int, *, photo: Any = None, name: str = "ใบคะแนน.jpg", why: str = WHY,
    changes: dict[str, str] | None = None, key: str = "", **more: Any,
) -> TestResponse:  # fmt: skip
    """The confirm step: every row as typed, with photo and reason."""
    sheet = day.whole("4") if changes is None else changes
    form = {"key": key or new_key(), "base_revision": str(day.revision(card)), "paper:reason": why, **sheet} | more
    # The body is written out here: the test client's own would leave large ones in open temporary files.
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in form.items()]
    if photo is not False:
        head = f'Content-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + (photo or picture()).read())
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    address, kind = f"/s/card/{card}/paper/enter", "multipart/form-data; boundary=limit"
    return client.post(address, data=body, content_type=kind)


def look(client: FlaskClient, photo: int) -> TestResponse:
    """The photo, read to its end."""
    answer = client.get(f"/s/paper/{photo}/photo")
    assert answer.data
    answer.close()
    return answer


def standing(day: ScoringDay, card: int) -> tuple[str, str, int]:
    row = day.row("select state, paper, revision from assignment where id = :c", c=card)
    return row[0], row[1], row[2]


def test_the_secretary_enters_a_sheet_after_a_look_at_every_row(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-secretary"), day.card("z9-member")
    assert f'href="/s/card/{card}/paper"' in client.get(f"/s/slot/{day.first_slot}/papers").text
    form = client.get(f"/s/card/{card}/paper")
    assert form.status_code == 200 and form.text.count('<fieldset class="criterion') == 17
    assert "Director of the training centre" in form.text, "whose sheet it is"
    rows = typed(day, client, card)
    assert rows.status_code == 200 and "80.00" in rows.text and "Hold every row against the paper" in rows.text
    assert rows.text.count("<strong>4</strong>") == 17
    assert standing(day, card) == ("draft", "", 0), "nothing is entered yet"
    done = enter(day, client, card)
    assert done.status_code == 303, done.text
    assert standing(day, card) == ("sent", "unconfirmed", 1)
    assert day.value("select count(*) from mark where assignment_id = :c", c=card) == 17
    listed = client.get(done.location).text
    assert "from paper, not confirmed yet" in listed and 'id="done"' in listed


def test_a_backup_brings_the_photo_too(day: ScoringDay, tmp_path: Path) -> None:
    assert enter(day, day.site.client_as("z9-secretary"), day.card("z9-member")).status_code == 303
    with day.site.database.reading() as db:
        named = {each.sha256 for each in list_stored_files(db)}
    assert day.value("select sha256 from paper_sheet") in named
    kept = back_up(day.site.settings.database, tmp_path / "copy.sqlite3")
    assert set(kept.files) == named, "whatever a record names is brought"
    copied = copy_evidence(kept, EvidenceFiles(day.site.settings.evidence), tmp_path / "files")
    assert (copied.new, copied.missing) == (len(named), ())
    assert {each.sha256 for each in EvidenceFiles(tmp_path / "files").stored()} == named


def test_whoever_entered_it_cannot_read_it_again(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-secretary"), day.card("z9-member")
    enter(day, client, card)
    photo = day.value("select id from paper_sheet")
    for login in ("z9-secretary", "z9-chair", "organizer", "auditor"):
        other = day.site.client_as(login)
        assert other.get(f"/s/paper/{photo}/photo").status_code == 404, login
        for address in (f"/s/card/{card}", f"/s/card/{card}/paper/mine"):
            assert other.get(address).status_code in (403, 404), (login, address)
    again = client.get(f"/s/card/{card}/paper")
    assert again.status_code == 200 and "80.00" not in again.text and REASON not in again.text
    assert "checked" not in again.text


def test_the_member_confirms_beside_the_photo(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    member = day.site.client_as("z9-member")
    assert f'href="/s/card/{card}/paper/mine"' in member.get(f"/s/card/{card}").text
    page = member.get(f"/s/card/{card}/paper/mine").text
    photo = day.value("select id from paper_sheet")
    assert f'src="/s/paper/{photo}/photo"' in page and "80.00" in page and WHY in page
    shown = look(member, photo)
    assert shown.status_code == 200 and shown.mimetype == "image/jpeg"
    assert "sandbox" in shown.headers["Content-Security-Policy"] and "no-store" in shown.headers["Cache-Control"]
    old = day.post(member, f"/s/card/{card}/paper/mine", base_revision=0)
    assert old.status_code == 409
    assert day.post(member, f"/s/card/{card}/paper/mine", base_revision=1).status_code == 303
    assert standing(day, card) == ("sent", "confirmed", 1)
    assert day.value("select confirmed_at from paper_sheet") is not None
    assert day.post(member, f"/s/card/{card}/paper/mine", base_revision=1).status_code == 423, "once"


def test_each_look_at_the_photo_is_in_the_log(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    photo = day.value("select id from paper_sheet")
    assert look(day.site.client_as("z9-member"), photo).status_code == 200
    user = day.value("select id from user where login = 'z9-member'")
    lines = [json.loads(line) for line in (day.site.settings.logs / "reads.jsonl").read_text().splitlines()]
    assert [(line["paper"], line["user"], line["entry"]) for line in lines] == [(photo, f"u{user}", ENTRY)]


def test_after_closing_the_panel_and_the_watchers_see_the_photo(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    day.send_all({"z9-chair": "4"})
    day.close()
    photo = day.value("select id from paper_sheet")
    for login, status in (
        ("z9-chair", 200), ("z9-secretary", 200), ("organizer", 200), ("auditor", 200), ("z10-chair", 404),
        ("p23", 403),
    ):  # fmt: skip
        assert look(day.site.client_as(login), photo).status_code == status, login
    assert day.post(day.site.client_as("z9-member"), f"/s/card/{card}/paper/mine", base_revision=1).status_code == 303


def test_opened_again_and_sent_by_the_member_it_is_their_own(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    chair = day.site.client_as("z9-chair")
    answer = day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="แถวที่สองผิดจากกระดาษ")
    assert answer.status_code == 303
    member = day.site.client_as("z9-member")
    assert day.save(member, card, {"d1/commitment": "1"}).status_code == 200
    assert day.send(member, card).status_code == 303
    assert standing(day, card) == ("sent", "", 2)
    day.post(chair, f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="ขอเปิดอีกครั้งหนึ่ง")
    again = enter(day, day.site.client_as("organizer"), card)
    assert again.status_code == 423 and "marked this card on the site" in again.text, "marks of their own stand"


def test_a_wrong_paper_that_was_opened_again_is_entered_anew(day: ScoringDay) -> None:
    card, organizer = day.card("z9-member"), day.site.client_as("organizer")
    enter(day, organizer, card)
    day.post(day.site.client_as("z9-chair"), f"/s/slot/{day.first_slot}/cards/{card}/reopen", reason="พิมพ์ผิดแถวหนึ่ง")
    same = enter(day, organizer, card, photo=picture("grey"))
    assert same.status_code == 422 and "nothing is different" in same.text
    assert enter(day, organizer, card, photo=picture("grey"), changes=day.whole("3")).status_code == 303
    assert standing(day, card) == ("sent", "unconfirmed", 2)
    assert day.value("select count(*) from paper_sheet") == 2


def test_marks_of_the_members_own_are_not_overwritten(day: ScoringDay) -> None:
    card = day.card("z9-member")
    day.save(day.site.client_as("z9-member"), card, {"d1/commitment": "5"})
    client = day.site.client_as("z9-secretary")
    page = client.get(f"/s/card/{card}/paper").text
    assert "marked this card on the site" in page and "absent for this entry" in page, "the way out"
    assert enter(day, client, card).status_code == 423
    assert day.value("select count(*) from mark where assignment_id = :c", c=card) == 1


def test_who_may_not_enter(day: ScoringDay) -> None:
    member, chair, own = day.card("z9-member"), day.card("z9-chair"), day.card("z9-secretary")
    for login, card, status in (
        ("z9-chair", member, 403), ("z9-member", chair, 403),  # no secretary
        ("z10-secretary", member, 404),  # of another panel
        ("p23", member, 403), ("auditor", member, 403),
        ("z9-secretary", own, 423),  # the own card
    ):  # fmt: skip
        client = day.site.client_as(login)
        assert typed(day, client, card).status_code == status, login
        assert enter(day, client, card).status_code == status, login
    assert day.value("select count(*) from paper_sheet") == 0
    assert not list(day.site.settings.evidence.rglob("incoming/*")), "nothing stays behind"


def test_the_secretary_first_sends_the_own_card(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.open()
    day.declare(day.site.client_as("z9-member"))
    client, card = day.site.client_as("z9-secretary"), day.card("z9-member")
    refused = enter(day, client, card)
    assert refused.status_code == 423 and "First send your own card" in refused.text
    recused = f"/s/card/{day.card('z9-secretary')}/recuse"
    assert day.post(client, recused, reason="เป็นญาติกับผู้เสนอ").status_code == 303
    assert enter(day, client, card).status_code == 303, "excused is done"


def test_when_nothing_is_entered(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    organizer, card = day.site.client_as("organizer"), day.card("z9-member")
    assert "not open yet" in organizer.get(f"/s/card/{card}/paper").text
    assert enter(day, organizer, card).status_code == 423, "planned"
    day.open()
    assert "has not declared yet" in enter(day, organizer, card).text
    chair = day.site.client_as("z9-chair")
    by_chair = f"/s/{day.session}/interest/{day.seat('z9-member')}"
    assert day.post(chair, by_chair, interest="none", reason="แจ้งทางโทรศัพท์").status_code == 303
    day.change(
        "insert into attendance (slot_id, seat_id, state, at, by_id) values (:l, :s, 'absent', "
        "'2021-07-19T02:00:00.000000Z', 1)",
        l=day.first_slot, s=day.seat("z9-member"),
    )  # fmt: skip
    assert "missed the presentation" in enter(day, organizer, card).text
    day.change("update attendance set allowed_reason = 'อยู่ร่วมจริง'")
    day.change("update duty set to_day = '2021-07-18' where title_en like 'Director of the training centre, zone 9%'")
    assert "Nobody holds this seat today" in enter(day, organizer, card).text
    day.change("update duty set to_day = null where title_en like 'Director of the training centre, zone 9%'")
    day.change("update slot set state = 'closed' where id = :s", s=day.first_slot)
    assert enter(day, organizer, card).status_code == 423
    day.change("update slot set state = 'open' where id = :s", s=day.first_slot)
    assert enter(day, organizer, card).status_code == 303


def test_a_sheet_that_is_not_whole_or_does_not_fit_is_not_entered(day: ScoringDay) -> None:
    client, card = day.site.client_as("organizer"), day.card("z9-member")
    whole = day.whole("4")
    blank = {name: mark for name, mark in whole.items() if name != "d5/waste"}
    for changes, says in (
        (blank, "no mark yet"),
        (whole | {"d1/commitment": "9"}, "c-d1--commitment"),
        (whole | {"d1/commitment": "four"}, "c-d1--commitment"),
    ):
        for answer in (typed(day, client, card, changes), enter(day, client, card, changes=changes)):
            assert answer.status_code == 422 and says in answer.text
    for changes in (whole | {"d9/invented": "4"}, whole | {"total": "100"}):
        for answer in (typed(day, client, card, changes), enter(day, client, card, changes=changes)):
            assert answer.status_code == 400
    assert standing(day, card) == ("draft", "", 0)
    assert day.value("select count(*) from paper_sheet") == 0


def test_a_row_that_is_wrong_is_mended_with_what_was_typed(day: ScoringDay) -> None:
    client, card = day.site.client_as("organizer"), day.card("z9-member")
    sheet = {"key": new_key(), "base_revision": "0", "then": "mend", **day.whole("4")}
    back = client.post(f"/s/card/{card}/paper", data=sheet)
    assert back.status_code == 200 and back.text.count("checked") >= 17


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("sheet.jpg", b"not a picture at all", 422, "The content of"),
        ("sheet.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "SVG is not accepted"),
        ("sheet.docx", b"PK\x03\x04", 422, "Accepted here"),
        ("sheet.jpg", b"", 422, "The file is empty"),
        ("sheet.jpg", b"\xff\xd8\xff" + b"\0" * 64, 422, "cannot be read"),
    ],
)
def test_a_photo_that_is_none_is_refused_and_what_was_typed_stays(day, name, content, status, says) -> None:
    client, card = day.site.client_as("organizer"), day.card("z9-member")
    answer = enter(day, client, card, photo=io.BytesIO(content), name=name)
    assert answer.status_code == status and says in answer.text
    assert 'name="d1/commitment" value="4"' in answer.text and WHY in answer.text
    assert standing(day, card) == ("draft", "", 0)


def test_a_photo_over_the_limit_or_without_one_or_without_a_reason(day: ScoringDay) -> None:
    client, card = day.site.client_as("organizer"), day.card("z9-member")
    most = day.site.settings.uploads.file_mb
    large = enter(day, client, card, photo=io.BytesIO(b"\xff\xd8\xff" + b"\0" * (most * 1024 * 1024 + 200_000)))
    assert large.status_code == 413 and f"the limit is {most} MB" in large.text
    assert enter(day, client, card, photo=False).status_code == 422
    short = enter(day, client, card, why="ไฟดับ")
    assert short.status_code == 422 and "why the member marked on paper" in short.text
    assert standing(day, card) == ("draft", "", 0)


def test_a_pdf_is_taken_and_only_downloaded(day: ScoringDay) -> None:
    card = day.card("z9-member")
    answer = enter(day, day.site.client_as("organizer"), card, photo=small_pdf(), name="scan.pdf")
    assert answer.status_code == 303
    member = day.site.client_as("z9-member")
    shown = look(member, day.value("select id from paper_sheet"))
    assert shown.mimetype == "application/pdf" and shown.headers["Content-Disposition"].startswith("attachment")
    assert "Download the scan" in member.get(f"/s/card/{card}/paper/mine").text


def test_entered_twice_is_entered_once(day: ScoringDay) -> None:
    client, card, key = day.site.client_as("organizer"), day.card("z9-member"), new_key()
    assert enter(day, client, card, key=key).status_code == 303
    again = enter(day, client, card, key=key, base_revision="0")
    assert again.status_code == 303, "the answer was lost: the repeat meets the first receipt"
    assert enter(day, client, card, base_revision="0").status_code == 423
    assert day.value("select count(*) from paper_sheet") == 1
    assert day.value("select count(*) from ledger_line where line like '%enter_paper%'") == 1


def test_two_people_at_the_same_moment_enter_one_sheet(day: ScoringDay) -> None:
    card = day.card("z9-member")
    clients = [day.site.client_as(login) for login in ("organizer", "organizer2", "z9-secretary")]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda client: enter(day, client, card).status_code, clients))
    assert sorted(answers)[0] == 303 and all(status in (303, 409, 423) for status in answers)
    assert answers.count(303) == 1
    assert day.value("select count(*) from paper_sheet") == 1


def test_the_photo_is_no_evidence_and_its_store_is_whole(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    sha256 = day.value("select sha256 from paper_sheet")
    assert day.value("select count(*) from evidence where sha256 = :s", s=sha256) == 0, "no evidence route leads there"
    with day.site.database.reading() as db:
        assert (sha256, ("to-23/paper",)) in [(each.sha256, each.places) for each in list_stored_files(db)]


def test_the_line_tells_no_name_and_the_marks_are_those_of_the_card(day: ScoringDay) -> None:
    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    with day.site.database.reading() as db:
        line = json.loads(
            db.execute(text('select line from ledger_line where line like \'%"act":"enter_paper"%\'')).scalar_one()
        )
    body = line["body"]
    assert len(body["marks"]) == 17 and set(body["marks"].values()) == {40_000}
    assert body["revision"] == 1 and body["slot"] == day.first_slot and len(body["photo_sha256"]) == 64
    assert WHY not in json.dumps(line, ensure_ascii=False)


def test_unconfirmed_papers_are_counted_for_who_certifies(day: ScoringDay) -> None:
    def counted() -> dict[int, int]:
        with day.site.database.reading() as db:
            return {each.adoption_id: each.unconfirmed for each in list_progress(db)}

    card = day.card("z9-member")
    enter(day, day.site.client_as("organizer"), card)
    assert counted() == {1: 1, 2: 0, 3: 0}
    day.post(day.site.client_as("z9-member"), f"/s/card/{card}/paper/mine", base_revision=1)
    assert counted() == {1: 0, 2: 0, 3: 0}


def test_the_pages_take_a_constant_number_of_statements(day: ScoringDay) -> None:
    client, card = day.site.client_as("organizer"), day.card("z9-member")
    counts = []
    for _ in range(2):
        row = []
        for address in (f"/s/slot/{day.first_slot}/papers", f"/s/card/{day.card('z9-chair')}/paper"):
            with day.site.statements() as seen:
                assert client.get(address).status_code == 200
            row.append(len(seen))
        counts.append(row)
        enter(day, client, card)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 16


def test_who_certifies_is_told_how_many_papers_wait(day: ScoringDay) -> None:
    organizer, card = day.site.client_as("organizer"), day.card("z9-member")
    enter(day, organizer, card)
    day.send_all({"z9-chair": "4"})
    day.close()
    day.post(organizer, "/r/1/zone/calculate", kind="provisional")
    run = day.value("select max(id) from ranking_run")
    for address in (f"/r/run/{run}", f"/r/run/{run}/public"):
        assert "members have not confirmed yet: 1" in organizer.get(address).text
    book = load_workbook(io.BytesIO(organizer.get(f"/r/run/{run}/workbook").data))
    told = {str(cell) for row in book["Change history"].iter_rows(values_only=True) for cell in row}
    assert "Entered from a signed paper sheet, z9-member (not confirmed yet)" in told and WHY in told
    day.post(day.site.client_as("z9-member"), f"/s/card/{card}/paper/mine", base_revision=1)
    for address in (f"/r/run/{run}", f"/r/run/{run}/public"):
        assert "have not confirmed yet" not in organizer.get(address).text
