"""Files in pieces, asked over HTTP: begun, continued, ended twice, given up; nobody else's; never more than allowed."""

import hashlib
import os
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from award.config import Uploads
from award.db.uploads import Upload
from award.db.waiting_files import WaitingFiles
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.hostile import everything
from tests.award.test_entries import JSON, entry_of, fill, send
from tests.award.test_entries_evidence import pieces, stored_files
from tests.corpus.files import PICTURES
from tests.corpus.parts import pdf, picture

MB, RAW = 1024 * 1024, "application/octet-stream"


def mark_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def begin(
    client: FlaskClient, entry: Any, content: bytes, name: str = "a.pdf", *, field: str = "declaration", **more: Any
) -> Any:
    data = {"field": field, "name": name, "size": len(content), "mark": mark_of(content), **more}
    return client.post(f"/e/{entry.id}/uploads", data=data, headers=JSON)


def put(client: FlaskClient, upload: int, at: int, piece: bytes) -> Any:
    return client.post(f"/uploads/{upload}/piece?at={at}", data=piece, content_type=RAW, headers=JSON)


def finish(client: FlaskClient, upload: int, content: bytes) -> Any:
    return client.post(f"/uploads/{upload}/finish", data={"mark": mark_of(content)}, headers=JSON)


def send_in_pieces(
    client: FlaskClient, entry: Any, content: bytes, name: str = "a.pdf", *, field: str = "declaration",
    piece: int = MB, **more: Any,
) -> Any:  # fmt: skip
    """The last answer: of the end, or of whatever was refused before it."""
    begun = begin(client, entry, content, name, field=field, **more)
    if begun.status_code != 200:
        return begun
    upload, at = begun.get_json()["upload"], begun.get_json()["at"]
    while at < len(content):
        answer = put(client, upload, at, content[at : at + piece])
        if answer.status_code != 200:
            return answer
        at = answer.get_json()["at"]
    return finish(client, upload, content)


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,))


@pytest.fixture
def officer(site: BuiltSite) -> FlaskClient:
    return site.client_as(f"p{TRAT}")


def uploads(site: BuiltSite) -> list[Upload]:
    with site.database.reading() as db:
        return list(db.execute(select(Upload).order_by(Upload.id)).scalars())


def limited_to(site: BuiltSite, uploads: Uploads) -> None:
    there = site.app.extensions["award"]
    site.app.extensions["award"] = replace(there, settings=replace(there.settings, uploads=uploads))


def test_a_file_in_pieces_becomes_evidence_like_one_that_came_at_once(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf(text="in pieces")
    answer = send_in_pieces(officer, entry, content, "แผน.pdf", piece=100, title="แผน", given_by="อำเภอเกาะช้าง")
    assert answer.status_code == 200
    assert "แผน" in answer.get_json()["pieces"] and "อำเภอเกาะช้าง" in answer.get_json()["pieces"]
    (piece,) = pieces(site)
    assert (piece.sha256, piece.size, piece.name) == (hashlib.sha256(content).hexdigest(), len(content), "แผน.pdf")
    assert (piece.title, piece.given_by) == ("แผน", "อำเภอเกาะช้าง")
    assert stored_files(site) == [piece.sha256], "no piece is left"
    with site.database.reading() as db:
        lines = db.connection().exec_driver_sql(
            "select count(*) from ledger_line where line like '%attach_file%' and line like ?", (f"%{piece.sha256}%",)
        )
        assert lines.scalar_one() == 1


def test_it_goes_on_where_it_stopped_also_for_a_page_that_knows_less(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf(text="x" * 1000)
    upload = begin(officer, entry, content).get_json()["upload"]
    assert put(officer, upload, 0, content[:400]).get_json()["at"] == 400
    for wrong in (0, 200, 401, 10_000):
        answer = put(officer, upload, wrong, content[wrong : wrong + 100] or b"x")
        assert (answer.status_code, answer.get_json()["details"]) == (409, {"at": 400})
    early = finish(officer, upload, content)
    assert (early.status_code, early.get_json()["details"]) == (409, {"at": 400})
    again = begin(site.client_as(f"p{TRAT}"), entry, content).get_json()  # another device of the same person
    assert again == {"upload": upload, "at": 400, "size": len(content), "done": False}
    assert put(officer, upload, 400, content[400:]).get_json()["at"] == len(content)
    assert finish(officer, upload, content).status_code == 200
    assert begin(officer, entry, content).get_json()["done"] is True


def test_an_end_that_is_asked_twice_is_one(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    assert send_in_pieces(officer, entry, content).status_code == 200
    (upload,) = uploads(site)
    before = everything(site)
    again = finish(officer, upload.id, content)
    assert again.status_code == 200 and "a.pdf" in again.get_json()["pieces"]
    assert {name: rows for name, rows in everything(site).items() if name not in ("visit", "sign_in")} == {
        name: rows for name, rows in before.items() if name not in ("visit", "sign_in")
    }
    assert put(officer, upload.id, len(content), b"more").status_code == 404


def test_a_content_that_is_refused_is_refused_again_without_being_sent_again(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), picture("png")
    first = send_in_pieces(officer, entry, content)
    assert (first.status_code, first.get_json()["id"]) == (422, "not_its_kind")
    assert stored_files(site) == []
    (upload,) = uploads(site)
    again = finish(officer, upload.id, content)
    assert again.get_json()["error"] == first.get_json()["error"]
    assert put(officer, upload.id, 0, content).status_code == 404
    assert begin(officer, entry, content).get_json()["at"] == 0, "who sends it anew may try"


def test_a_file_that_changed_while_it_was_sent_starts_anew(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    upload = begin(officer, entry, content).get_json()["upload"]
    put(officer, upload, 0, content[:-5] + b"other")
    answer = finish(officer, upload, content)
    assert (answer.status_code, answer.get_json()["details"]) == (409, {"at": 0})
    assert stored_files(site) == [] and pieces(site) == []
    put(officer, upload, 0, content)
    assert finish(officer, upload, content).status_code == 200


def test_what_can_be_told_before_a_byte_comes_is_told_then(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    send_in_pieces(officer, entry, pdf(), "there.pdf")
    before = everything(site)["upload"]

    def told(**asked: Any) -> tuple[int, str, str]:
        data = {"field": "declaration", "name": "b.pdf", "size": 10, "mark": "time:1", **asked}
        answer = officer.post(f"/e/{entry.id}/uploads", data=data, headers=JSON)
        return answer.status_code, answer.get_json()["id"], answer.get_json()["error"]

    assert told(size=5 * 2**30)[:2] == (413, "file_too_large")
    assert "5120.0 MB; the limit is 20 MB" in told(size=5 * 2**30)[2]
    assert told(size=0)[:2] == (422, "empty_file")
    assert told(name="b.exe")[:2] == (422, "kind_not_accepted")
    assert told(name="b.svg")[:2] == (422, "svg")
    assert told(name="b\u202efdp.pdf")[:2] == (422, "name_forbidden")
    assert told(mark=mark_of(pdf()))[:2] == (422, "already_attached")
    assert told(mark="no mark")[:2] == (400, "not_understood")
    assert told(size="many")[:2] == (422, "empty_file")
    assert told(field="title")[0] == told(field="none")[0] == 404
    assert everything(site)["upload"] == before


def test_nobody_else_meets_a_file_on_its_way(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    upload = begin(officer, entry, content).get_json()["upload"]
    put(officer, upload, 0, content[:100])
    others = {"neighbour": site.client_as(f"p{CHANTHABURI}"), "organizer": site.client_as("organizer")}
    for who, status in (("neighbour", 404), ("organizer", 403)):
        client = others[who]
        assert put(client, upload, 100, content[100:]).status_code == status
        assert finish(client, upload, content).status_code == status
        assert client.post(f"/uploads/{upload}/drop", headers=JSON).status_code == status
        assert begin(client, entry, content).status_code == status
    assert begin(officer, entry, content).get_json()["at"] == 100
    assert site.client().post(f"/uploads/{upload}/drop", headers=JSON).status_code == 401


def test_a_piece_is_neither_empty_nor_too_large_nor_more_than_the_file(site: BuiltSite, officer: FlaskClient) -> None:
    content = pdf()
    upload = begin(officer, entry_of(site, f"to-{TRAT}"), content).get_json()["upload"]
    assert put(officer, upload, 0, b"").status_code == 400
    assert put(officer, upload, 0, content + b"x").status_code == 400
    assert put(officer, upload, 0, b"x" * (MB + 1)).status_code == 413
    assert officer.post(f"/uploads/{upload}/piece", data=content, content_type=RAW).status_code == 409
    assert officer.post(f"/uploads/{upload}/piece?at=0", data={"a": "b"}, headers=JSON).status_code == 400
    assert put(officer, upload, 0, content).get_json()["at"] == len(content)


def test_a_deadline_that_passes_on_the_way_locks_the_file_out(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = fill(site, f"to-{TRAT}"), pdf()
    upload = begin(officer, entry, content).get_json()["upload"]
    put(officer, upload, 0, content)
    send(officer, entry)
    assert finish(officer, upload, content).status_code == 423
    assert begin(officer, entry, content).status_code == 423
    assert [each for each in pieces(site) if each.field == "declaration" and each.name == "a.pdf"] == []


def test_a_person_has_only_so_much_on_the_way_and_what_lies_still_gives_way(
    site: BuiltSite, officer: FlaskClient
) -> None:
    limited_to(site, Uploads(waiting_files=2))
    entry = entry_of(site, f"to-{TRAT}")
    contents = [pdf(text=str(number)) for number in range(4)]
    for number, content in enumerate(contents[:2]):
        put(officer, begin(officer, entry, content, f"{number}.pdf").get_json()["upload"], 0, content[:100])
    third = begin(officer, entry, contents[2], "2.pdf")
    assert (third.status_code, third.get_json()["id"]) == (422, "waiting_full")
    assert "3 files of yours (0.1 MB) would be on their way at once; 2 files and 400 MB" in third.get_json()["error"]
    assert begin(officer, entry, contents[0], "0.pdf").status_code == 200, "the same one is none more"
    site.clock.set(site.clock.now() + timedelta(hours=2))
    with site.database.writing() as db:
        db.connection().exec_driver_sql("update cycle set deadline_at = '2029-01-01T00:00:00.000000Z'")
        db.commit()
    folder = site.settings.evidence / "pieces"
    for path in folder.iterdir():
        os.utime(path, (time.time() - 7200,) * 2)
    assert begin(officer, entry, contents[2], "2.pdf").status_code == 200
    assert [each.name for each in uploads(site)] == ["0.pdf", "2.pdf"], "the one that lay still for longest went"
    limited_to(site, Uploads(waiting_mb=1))
    large = officer.post(
        f"/e/{entry.id}/uploads", headers=JSON,
        data={"field": "declaration", "name": "l.pdf", "size": MB + 1, "mark": "time:1"},
    )  # fmt: skip
    assert large.status_code == 422


def test_what_is_given_up_is_gone(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    upload = begin(officer, entry, content).get_json()["upload"]
    put(officer, upload, 0, content[:50])
    assert officer.post(f"/uploads/{upload}/drop", headers=JSON).status_code == 200
    assert uploads(site) == [] and stored_files(site) == []
    assert officer.post(f"/uploads/{upload}/drop", headers=JSON).status_code == 404
    send_in_pieces(officer, entry, content)
    officer.post(f"/uploads/{uploads(site)[-1].id}/drop", headers=JSON)
    assert len(pieces(site)) == len(uploads(site)) == 1, "what is evidence stays evidence"


def test_a_file_taken_away_may_be_sent_again(site: BuiltSite, officer: FlaskClient) -> None:
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    for turn in range(2):
        assert send_in_pieces(officer, entry, content).status_code == 200
        assert len(pieces(site)) == turn + 1
        officer.post(f"/e/{entry.id}/evidence/{pieces(site)[-1].id}/remove", data={"field": "declaration"})


def test_what_was_taken_away_takes_no_pieces_before_it_is_begun_anew(site: BuiltSite, officer: FlaskClient) -> None:
    """They would lie on the disk beside what a person may have on the way, and count nowhere."""
    entry, content = entry_of(site, f"to-{TRAT}"), pdf()
    send_in_pieces(officer, entry, content)
    officer.post(f"/e/{entry.id}/evidence/{pieces(site)[-1].id}/remove", data={"field": "declaration"})
    upload = uploads(site)[-1].id
    assert put(officer, upload, 0, content).status_code == 404
    assert begin(officer, entry, content).status_code == 200
    assert put(officer, upload, 0, content).status_code == 200


def test_a_crash_between_two_pieces_loses_no_more_than_what_had_not_come(tmp_path: Path) -> None:
    waiting, content = WaitingFiles(tmp_path), pdf()
    waiting.add("ab" * 24, content[:100])
    assert WaitingFiles(tmp_path).came("ab" * 24) == 100
    waiting.add("ab" * 24, content[100:])
    measured = waiting.measured("ab" * 24)
    assert (measured.sha256, measured.size) == (hashlib.sha256(content).hexdigest(), len(content))
    waiting.drop("ab" * 24)
    waiting.drop("ab" * 24)
    assert (waiting.came("ab" * 24), list((tmp_path / "pieces").iterdir())) == (0, [])


def test_one_file_at_several_questions_is_stored_once(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    send_in_pieces(officer, entry, pdf(), "แผน.pdf", title="แผนทั้งปี", given_by="อำเภอคลองใหญ่")
    (first,) = pieces(site)
    page = officer.get(f"/e/{entry.id}").text
    assert f'<option value="{first.id}">แผนทั้งปี</option>' in page
    fields = [each.split('"')[0] for each in page.split('data-attach="')[1:]]
    other = next(each for each in fields if each != "declaration" and f'id="f-{each}-sent"' in page)
    answer = officer.post(f"/e/{entry.id}/evidence", data={"field": other, "sent": first.id}, headers=JSON)
    assert answer.status_code == 200 and "แผนทั้งปี" in answer.get_json()["pieces"]
    second = pieces(site)[-1]
    assert (second.field, second.sha256, second.given_by) == (other, first.sha256, "อำเภอคลองใหญ่")
    assert stored_files(site) == [first.sha256]
    twice = officer.post(f"/e/{entry.id}/evidence", data={"field": other, "sent": first.id}, headers=JSON)
    assert (twice.status_code, twice.get_json()["id"]) == (422, "already_attached")


def test_a_file_of_another_province_or_of_another_kind_is_not_used_again(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    send_in_pieces(officer, entry, picture("jpeg"), "a.jpg", field=PICTURES)
    mine = pieces(site)[-1].id
    wrong = officer.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "sent": mine}, headers=JSON)
    assert (wrong.status_code, wrong.get_json()["id"]) == (422, "kind_not_accepted")
    with site.database.writing() as db:
        db.connection().exec_driver_sql(
            "update evidence set entry_id = (select id from entry where code = ?) where id = ?",
            (f"to-{CHANTHABURI}", mine),
        )
        db.commit()
    theirs = officer.post(f"/e/{entry.id}/evidence", data={"field": PICTURES, "sent": mine}, headers=JSON)
    assert theirs.status_code == 404
    nothing = officer.post(f"/e/{entry.id}/evidence", data={"field": PICTURES, "sent": "x"}, headers=JSON)
    assert nothing.status_code == 404


def test_a_photo_taken_without_the_pages_code_comes_in(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    data = {"field": PICTURES, "file": (BytesIO(b""), ""), "photo": (BytesIO(picture("jpeg")), "IMG_1.jpg")}
    assert officer.post(f"/e/{entry.id}/evidence", data=data).status_code == 303
    assert pieces(site)[-1].name == "IMG_1.jpg"
    page = officer.get(f"/e/{entry.id}").text
    assert page.count('capture="environment"') >= 1 and 'id="f-declaration-photo"' not in page
