"""Stored files go out to be saved, whatever is in them; the page says the server's own sentence; all are whole."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert, select, update

from award.cli import main
from award.db.engine import Database
from award.db.entries import Evidence
from award.db.evidence_files import PREVIEWS, EvidenceFiles
from award.uploads.kinds import EXTENSIONS, MEDIA_TYPES, kind_named
from award.uploads.names import extension
from award.uploads.preview import preview_of
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import served, signed_in
from tests.award.test_entries import entry_of
from tests.award.test_entries_evidence import attach
from tests.corpus.files import FILES, MB, PAGE
from tests.corpus.parts import pdf

OFFICER = f"p{TRAT}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return build_site(tmp_path_factory.mktemp("served"), live=(TRAT,))


def kept_past_the_door(site: BuiltSite) -> dict[int, bytes]:
    """Every file of the corpus in the store with a row of its own, as if nothing looked at what comes in."""
    store, rows = EvidenceFiles(site.settings.evidence), {}
    entry = entry_of(site, f"to-{TRAT}")
    with site.database.writing() as db:
        for sent in (each for tries in FILES.values() for each in tries):
            content = sent.make()
            if not 0 < len(content) < MB:
                continue
            with store.receive(io.BytesIO(content)) as incoming:
                store.keep(incoming)
            kind = kind_named(extension(sent.name)) or "pdf"
            row = {
                "entry_id": entry.id, "field": sent.field, "kind": "file", "title": "x", "sha256": incoming.sha256,
                "size": incoming.size, "media_type": MEDIA_TYPES[kind], "added_at": site.clock.now(), "added_by_id": 1,
            }  # fmt: skip
            rows[db.execute(insert(Evidence).values(**row).returning(Evidence.id)).scalar_one()] = content
        db.commit()
    return rows


def sign_in_to(page: Page, client: FlaskClient, address: str) -> None:
    """The browser gets the cookies of a test's client."""
    for name in ("sign_in", "language"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            page.context.add_cookies([{"name": name, "value": cookie.value, "url": address}])


def test_whatever_a_stored_file_holds_the_browser_only_saves_it(browser: Browser, site: BuiltSite) -> None:
    rows = kept_past_the_door(site)
    assert len(rows) > 35 and any(PAGE in content for content in rows.values())
    with served(site) as port:
        address = f"http://127.0.0.1:{port}"
        context = browser.new_context(accept_downloads=True, service_workers="block")
        page = context.new_page()
        sign_in_to(page, signed_in(site, OFFICER), address)
        page.goto(f"{address}/e/")
        asked: list[str] = []
        happened: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: happened.append(dialog.message))
        context.on("page", lambda other: happened.append(other.url))
        page.on("framenavigated", lambda frame: happened.append(frame.url))
        for number, content in rows.items():
            with page.expect_download() as download:
                page.evaluate("address => { location.href = address }", f"{address}/files/{number}")
            saved = download.value
            assert Path(saved.path()).read_bytes() == content
            assert saved.suggested_filename.rpartition(".")[2] in EXTENSIONS.values()
        assert page.url == f"{address}/e/"
        context.close()
    assert happened == []
    own = (f"{address}/assets/", f"{address}/now")  # the page's, fetched late
    asked = [each for each in asked if not each.startswith(own)]
    assert asked == [f"{address}/files/{number}" for number in rows], "no file asked for anything"


def test_every_download_says_what_it_is_and_that_nothing_may_be_made_of_it(site: BuiltSite) -> None:
    officer = signed_in(site, OFFICER)
    entry = entry_of(site, f"to-{TRAT}")
    assert attach(officer, entry, pdf(text="headers"), "../ประกาศ.pdf", field="procurement").status_code == 200
    with site.database.reading() as db:
        number = db.execute(select(Evidence.id).order_by(Evidence.id.desc()).limit(1)).scalar_one()
    for method in (officer.get, officer.head):
        with method(f"/files/{number}") as answer:
            headers = answer.headers
            assert headers["Content-Disposition"].startswith(f"attachment; filename=to-{TRAT}-procurement-")
            assert headers["Content-Disposition"].endswith(".pdf") and headers["Content-Disposition"].isascii()
            assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "private, no-store"
            assert headers["Content-Type"] == "application/pdf" and "ETag" not in headers


def test_the_page_says_the_servers_sentence_at_the_question(browser: Browser, tmp_path: Path) -> None:
    site = build_site(tmp_path, live=(TRAT,), csrf=True)
    entry = entry_of(site, f"to-{TRAT}")
    with served(site) as port:
        address = f"http://127.0.0.1:{port}"
        page = browser.new_page()
        sign_in_to(page, signed_in(site, OFFICER, language="th"), address)
        page.goto(f"{address}/e/{entry.id}")
        page.fill("#f-title", "พิมพ์ไว้ก่อน")
        box = page.locator("#f-declaration")
        box.locator("summary").click()
        for content, said in (
            (pdf(catalog="/OpenAction<</S/JavaScript/JS(x)>>"), "มีคำสั่งที่ทำงานได้เอง (JavaScript)"),
            (PAGE + pdf(), "มีข้อมูลอื่นอยู่นอกเอกสาร"),
            (pdf()[:-60], "ไฟล์ไม่สมบูรณ์ อาจขาดระหว่างส่ง"),
            (b"", "ไฟล์ว่างเปล่า"),
            (PAGE, "เนื้อหาของไฟล์ “<b>ก.pdf” ไม่ใช่ PDF"),
        ):
            page.set_input_files("#f-declaration-file", {"name": "<b>ก.pdf", "mimeType": "", "buffer": content})
            box.get_by_role("button", name="แนบ").click()
            expect(box.locator(".on-the-way-said")).to_contain_text(said, timeout=60_000)
        expect(page.locator("#f-title")).to_have_value("พิมพ์ไว้ก่อน")
        page.set_input_files("#f-declaration-file", {"name": "<b>ก.pdf", "mimeType": "", "buffer": pdf()})
        box.get_by_role("button", name="แนบ").click()
        expect(box.locator(".pieces li")).to_contain_text("<b>ก.pdf")
        expect(box.locator(".on-the-way")).to_be_hidden()
        page.close()


def test_a_file_that_is_gone_or_changed_is_named_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = build_site(tmp_path, live=(TRAT,))
    entry = entry_of(site, f"to-{TRAT}")
    for number in range(3):
        assert attach(signed_in(site, OFFICER), entry, pdf(text=str(number))).status_code == 200
    database = Database(site.settings.database)
    with database.writing() as db:
        gone, changed, fine = db.execute(select(Evidence.sha256).where(Evidence.kind == "file")).scalars()
        db.execute(update(Evidence).where(Evidence.sha256 == fine).values(removed_at=site.clock.now()))
        db.commit()
    database.close()
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    command = ["evidence", "check", "--language", "en"]
    whole = CliRunner().invoke(main, command)
    assert (whole.exit_code, whole.output[:32]) == (0, "3 files, 0 missing or damaged; 0")
    store = site.settings.evidence
    (store / str(gone)[:2] / str(gone)).unlink()
    (store / str(changed)[:2] / str(changed)).write_bytes(b"x")
    (store / "ab").mkdir(exist_ok=True)
    (store / "ab" / ("ab" * 32)).write_bytes(b"x")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"missing: {gone}  to-{TRAT}/declaration",
        f"damaged: {changed}  to-{TRAT}/declaration",
        "3 files, 2 missing or damaged; 1 in the store that no record names",
    ]
    assert "หายไป" in CliRunner().invoke(main, ["evidence", "check"]).output


def test_what_cannot_be_shown_is_not_painted_again_at_every_look(tmp_path: Path) -> None:
    """A PDF that takes twenty seconds to fail must not cost them each time that somebody asks for it."""
    bad, good = tmp_path / "bad.pdf", tmp_path / "good.pdf"
    bad.write_bytes(b"%PDF-1.7 and nothing behind it")
    good.write_bytes(pdf())
    about: dict[str, Any] = {"sha256": "a" * 64, "media_type": MEDIA_TYPES["pdf"], "evidence": tmp_path}
    assert preview_of(bad, **about) is None
    assert preview_of(good, **about) is None, "nobody looked again"
    known = tmp_path / PREVIEWS / about["sha256"]
    os.utime(known, (known.stat().st_mtime - 3601,) * 2)
    shown = preview_of(good, **about)
    assert shown is not None
    assert shown.read_bytes()[:2] == b"\xff\xd8"
