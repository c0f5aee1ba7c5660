"""Files and links beside a question: what is taken, what is refused with a sentence, who may download what."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from award.db.entries import Evidence
from award.db.evidence_files import EvidenceFiles
from award.errors import Invalid
from award.uploads.kinds import in_mb
from award.uploads.look import look_at
from tests.award.build import CHANTHABURI, TRAT, BuiltSite
from tests.award.test_entries import JSON, entry_of, everything, fill, send
from tests.award.test_entries import officer as officer
from tests.award.test_entries import site as site
from tests.corpus.parts import mp4, office, packed, pdf, picture

PDF, PNG, JPG, MP4 = pdf(), picture("png"), picture("jpeg"), mp4()
XLSX, DOCX = office("xlsx"), office("docx")
ANY_KIND = ("pdf", "jpg", "jpeg", "png", "xlsx", "docx", "mp4")


def attach(
    client: FlaskClient, entry: Any, content: bytes, name: str = "a.pdf", field: str = "declaration", title: str = ""
) -> Any:
    # The body is written out here: the test client's own would leave large ones in open temporary files.
    parts = [
        b'Content-Disposition: form-data; name="field"\r\n\r\n' + field.encode(),
        b'Content-Disposition: form-data; name="title"\r\n\r\n' + title.encode(),
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content,
    ]
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    kind = "multipart/form-data; boundary=limit"
    return client.post(f"/e/{entry.id}/evidence", data=body, content_type=kind, headers=JSON)


def pieces(site: BuiltSite) -> list[Evidence]:
    with site.database.reading() as db:
        found = db.execute(select(Evidence).where(Evidence.kind == "file").order_by(Evidence.id)).scalars().all()
    return list(found)


def stored_files(site: BuiltSite) -> list[str]:
    return sorted(path.name for path in site.settings.evidence.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"), ("ภาพ.PNG", PNG, "image/png"), ("a.jpeg", JPG, "image/jpeg"),
        ("a.mp4", MP4, "video/mp4"),
        ("ตาราง.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with look_at(path, name=name, size=len(content), accept=ANY_KIND, most_mb=1) as taken:
        assert (taken.media_type, taken.name) == (media_type, name)
        assert (taken.clean == path) == (media_type not in ("image/png", "image/jpeg"))
        assert taken.clean.is_file()
    assert list(tmp_path.iterdir()) == [path], "what was made to look at it is gone"


@pytest.mark.parametrize(
    ("name", "content", "id"),
    [
        ("a.pdf", b"", "empty_file"),
        ("a.pdf", b"%PDF-1.4 cut", "not_whole"),
        ("a.png", PNG[:-40], "not_whole"),
        ("a.jpg", JPG[:-200], "not_whole"),
        ("a.mp4", MP4[:-1], "not_whole"),
        ("a.xlsx", XLSX[:-30], "not_whole"),
        ("a.xlsx", XLSX[:200] + b"\0" + XLSX[201:], "office_altered"),
        ("photo.jpg", b"<html><script>alert(1)</script></html>", "not_its_kind"),
        ("a.xlsx", DOCX, "not_its_kind"),
        ("a.docx", packed({"word/document.xml": b"<x/>"}), "not_its_kind"),
        ("a.docx", office("docx", more={"word/vbaProject.bin": b"x"}), "macros"),
        ("a.png", b"<svg onload='alert(1)'/>", "svg"),
        ("a.html", b"<svg/>", "kind_not_accepted"),
        ("a.pdf.exe", PDF, "kind_not_accepted"),
        ("pdf", PDF, "kind_not_accepted"),
        ("a.pdf", PDF + b"\0" * 2**20, "file_too_large"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(tmp_path: Path, name: str, content: bytes, id: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with (
        pytest.raises(Invalid) as refused,
        look_at(path, name=name, size=len(content), accept=ANY_KIND, most_mb=1),
    ):  # fmt: skip
        pass
    assert refused.value.id == id


def test_a_size_over_the_limit_never_reads_as_the_limit() -> None:
    assert [in_mb(size) for size in (0, 1, 2**20, 2**20 + 1, 20 * 2**20 + 1)] == ["0.0", "0.1", "1.0", "1.1", "20.1"]


def test_the_store_keeps_a_content_once_and_notices_damage(tmp_path: Path) -> None:
    files = EvidenceFiles(tmp_path)
    for _ in range(2):
        with files.receive(io.BytesIO(PDF)) as incoming:
            files.keep(incoming)
    with files.receive(io.BytesIO(PNG)):
        pass  # looked at and not kept
    place = files.find(incoming.sha256)
    assert place is not None
    assert place.read_bytes() == PDF
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]
    place.write_bytes(PDF.replace(b"1.4", b"1.5"))
    assert files.find(incoming.sha256) is None
    assert files.find("0" * 64) is None


def test_a_file_is_attached_listed_and_downloaded_under_our_own_name(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    answer = attach(officer, entry, PDF, "../../Untitled(3) final จริง.pdf", title="ประกาศ <b>")
    assert answer.status_code == 200
    assert "ประกาศ &lt;b&gt;" in answer.get_json()["pieces"]
    piece = pieces(site)[-1]
    assert stored_files(site) == [piece.sha256]
    with officer.get(f"/files/{piece.id}") as download:
        assert download.data == PDF
    assert download.headers["Content-Disposition"] == f"attachment; filename=to-{TRAT}-declaration-1.pdf"
    assert download.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.headers["Content-Type"] == "application/pdf"


def test_without_code_in_the_page_one_comes_back_to_the_question(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    answer = officer.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "url": "https://trat.cdd.go.th/ก"})
    assert (answer.status_code, answer.location) == (303, f"/e/{entry.id}#f-declaration")
    page = officer.get(f"/e/{entry.id}").text
    assert 'href="https://trat.cdd.go.th/ก" rel="noreferrer noopener"' in page


def test_what_is_refused_stores_nothing_and_says_what_to_do(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    attach(officer, entry, PDF)
    before, files = everything(site), stored_files(site)
    refusals = [
        (attach(officer, entry, b""), 422, "The file is empty"),
        (attach(officer, entry, PNG, "a.png"), 422, "Accepted here: PDF."),
        (attach(officer, entry, PNG, "a.pdf"), 422, "is not PDF"),
        (attach(officer, entry, PDF), 422, "This file is already attached as “a.pdf”"),
        (attach(officer, entry, PDF + b"\0" * (20 * 2**20)), 413, "The file is 20.1 MB; the limit is 20 MB"),
        (attach(officer, entry, PDF + b"\0" * (50 * 2**20)), 413, "The file is 50.0 MB; the limit is 20 MB"),
        (attach(officer, entry, PDF, field="title"), 404, "does not exist"),
        (attach(officer, entry, PDF, field="none"), 404, "does not exist"),
    ]
    for number, (answer, status, words) in enumerate(refusals):
        assert answer.status_code == status, number
        assert words in answer.get_json()["error"]
    for url in ("javascript:alert(1)", "", "http://127.0.0.1/x"):
        link = officer.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "url": url}, headers=JSON)
        assert link.status_code == 422
        assert "They begin with https://" in link.get_json()["error"]
    assert (everything(site), stored_files(site)) == (before, files)


def test_no_more_files_than_the_rules_allow(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    for number in range(5):
        assert attach(officer, entry, PDF + b" " * number).status_code == 200
    sixth = attach(officer, entry, PDF + b" " * 5)
    assert sixth.status_code == 422
    assert "already 5 here" in sixth.get_json()["error"]
    assert len(stored_files(site)) == 5
    gone = officer.post(f"/e/{entry.id}/evidence/{pieces(site)[-1].id}/remove", data={"field": "declaration"})
    assert gone.status_code == 303
    assert attach(officer, entry, PDF + b" " * 6).status_code == 200


def test_a_removed_piece_leaves_the_page_and_stays_in_the_record(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    attach(officer, entry, PDF)
    piece = pieces(site)[-1]
    answer = officer.post(f"/e/{entry.id}/evidence/{piece.id}/remove", data={"field": "declaration"}, headers=JSON)
    assert "No file and no link yet." in answer.get_json()["pieces"]
    after = everything(site)
    officer.post(f"/e/{entry.id}/evidence/{piece.id}/remove", data={"field": "declaration"}, headers=JSON)
    assert everything(site) == after  # twice is once
    assert officer.get(f"/files/{piece.id}").status_code == 404
    assert [each.removed_at is not None for each in pieces(site)] == [True]
    assert stored_files(site) == [piece.sha256]


def test_a_piece_of_another_entry_is_not_removed(site: BuiltSite, officer: FlaskClient) -> None:
    one, other = entry_of(site, f"to-{TRAT}"), entry_of(site, f"pa-{TRAT}")
    attach(officer, one, PDF)
    before = everything(site)
    assert officer.post(f"/e/{other.id}/evidence/{pieces(site)[-1].id}/remove").status_code == 404
    assert everything(site) == before


def test_after_sending_nothing_is_attached_or_removed(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    attach(officer, entry, PDF)
    send(officer, entry)
    before, files = everything(site), stored_files(site)
    assert attach(officer, entry, PDF + b" ").status_code == 423
    assert officer.post(f"/e/{entry.id}/evidence/{pieces(site)[-1].id}/remove", headers=JSON).status_code == 423
    assert (everything(site), stored_files(site)) == (before, files)


def test_who_may_download_a_file(site: BuiltSite, officer: FlaskClient) -> None:
    entry = fill(site, f"to-{TRAT}")
    attach(officer, entry, PDF)
    path = f"/files/{pieces(site)[-1].id}"
    member, stranger, far = (site.client_as(login) for login in ("z9-member", f"p{CHANTHABURI}", "z1-member"))
    assert member.get(path).status_code == 404  # a draft is nobody's to judge
    send(officer, entry)
    seen = {"member": member, "chair": site.client_as("z9-chair"), "organizer": site.client_as("organizer")}
    for who, client in seen.items():
        with client.get(path) as download:
            assert (who, download.status_code, download.data) == (who, 200, PDF)
    assert (stranger.get(path).status_code, far.get(path).status_code) == (404, 404)
    assert stranger.get(path).text.replace(path, "") == stranger.get("/files/99999").text.replace("/files/99999", "")
    assert site.client().get(path).status_code == 302


def test_a_missing_or_damaged_file_is_told_apart_from_none(site: BuiltSite, officer: FlaskClient) -> None:
    attach(officer, entry_of(site, f"to-{TRAT}"), PDF)
    piece = pieces(site)[-1]
    with site.database.writing() as db:
        db.execute(update(Evidence).where(Evidence.id == piece.id).values(sha256="ab" * 32))
        db.commit()
    answer = officer.get(f"/files/{piece.id}")
    assert answer.status_code == 500
    assert "missing in the store or damaged" in answer.text
    assert f"to-{TRAT}" in answer.text
