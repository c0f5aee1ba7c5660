"""Makes the README's pictures from a demo site: `.venv/bin/python -m docs.make_pictures` (needs Chromium; the
workbook's picture also needs LibreOffice and pdftoppm, and stays as it is without them)."""

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import select
from waitress import create_server

from award.db.cycles import Seat
from award.db.entries import Entry
from award.db.scoring import Assignment
from award.start import write_workbooks
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.lived import NINE, begin, tick
from tests.award.scoring_day import build_day
from tests.award.zones_day import build_zones_day, live_through
from tests.conftest import CHROMIUM_ARGS, find_chromium
from tests.recalculate import ALWAYS_RECALCULATE, with_value

PICTURES = Path(__file__).parent / "pictures"
ZONE_9 = ("22", "23", "25", "26", "27")
PHONE, LAPTOP = ViewportSize(width=360, height=780), ViewportSize(width=1280, height=860)
OVERVIEW = """<!doctype html><style>
body { margin: 0; padding: 28px; background: #eef3f0; color: #1c2420;
  width: 1544px; font: 600 17px Sarabun, sans-serif }
div { display: grid; grid-template-columns: 1fr 1fr; gap: 24px } figure { margin: 0 } figcaption { margin-bottom: 6px }
img { width: 100%; height: 480px; object-fit: cover; object-position: top; border: 1px solid #c5d0ca; background: #fff }
</style><div>
<figure><figcaption>Today's board · กระดานวันนี้</figcaption><img src="board-th-1280.png"></figure>
<figure><figcaption>The score card · ใบให้คะแนน</figcaption><img src="card-th-1280.png"></figure>
<figure><figcaption>The ranking · ผลการจัดอันดับ</figcaption><img src="ranking-th-1280.png"></figure>
<figure><figcaption>The workbook · ไฟล์ Excel</figcaption><img src="workbook.png"></figure></div>"""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_ARGS))
        done = build_site(Path(folder), provinces=ZONE_9)
        write_workbooks(done.database, done.clock, done.settings.workbooks)
        (Path(folder) / "live").mkdir()
        live = build_site(Path(folder) / "live", provinces=ZONE_9, live=(TRAT,))
        entry, card = _entry_and_card(live)
        with _served(done) as address:
            _take(browser, address, done, "z9-member", [("board", "/s/"), ("card", f"/s/card/{card}")])
            _take(browser, address, done, "organizer", [("ranking", "/r/run/1"), ("round", "/o/")])
            _take_trial(browser, address, done)
        with _served(live) as address:
            _take(browser, address, live, f"p{TRAT}", [("entry", f"/e/{entry}")])
        _take_scoring_day(browser, Path(folder))
        _take_workbook(next(done.settings.workbooks.glob("transparent*.xlsx")))
        page = browser.new_page(viewport={"width": 1600, "height": 1120})
        (PICTURES / "overview.html").write_text(OVERVIEW, encoding="utf-8")
        page.goto((PICTURES / "overview.html").as_uri())
        page.screenshot(path=PICTURES / "overview.png")
        (PICTURES / "overview.html").unlink()
        browser.close()


def _entry_and_card(site: BuiltSite) -> tuple[int, int]:
    """Trat's first entry, and the card of zone 9's member for it (the same numbers in both sites)."""
    with site.database.reading() as db:
        entry = db.execute(select(Entry.id).where(Entry.code == f"to-{TRAT}")).scalar_one()
        card = select(Assignment.id).join(Seat, Seat.id == Assignment.seat_id)
        return entry, db.execute(card.where(Assignment.entry_id == entry, Seat.code == "z9-member")).scalar_one()


@contextmanager
def _served(site: BuiltSite) -> Iterator[str]:
    site.app.config.update(WTF_CSRF_ENABLED=True)
    server = create_server(site.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def _take(browser: Browser, address: str, site: BuiltSite, login: str, pages: list[tuple[str, str]]) -> None:
    for language in ("th", "en"):
        for viewport in (PHONE, LAPTOP):
            context = browser.new_context(viewport=viewport)
            context.add_cookies([{"name": "language", "value": language, "url": address}])
            page = context.new_page()
            _sign_in(page, address, login, site.round.password)
            for name, path in pages:
                page.goto(address + path)
                page.wait_for_load_state("load" if page.locator("[data-status]").count() else "networkidle")
                page.wait_for_timeout(1500)  # what follows the day has asked once by then
                if page.locator("#am-i").is_visible():
                    page.click("#am-i-yes")
                if name == "sheet" and viewport is PHONE:
                    page.locator("fieldset.criterion").first.evaluate(
                        '(each) => each.scrollIntoView({ behavior: "instant" })'
                    )
                page.screenshot(path=PICTURES / f"{name}-{language}-{viewport['width']}.png")
            context.close()


def _take_scoring_day(browser: Browser, folder: Path) -> None:
    """Trat presents: the chair's screen, a member's half-marked sheet, the province's page; all zones on the wall."""
    for name in ("day", "wall"):
        (folder / name).mkdir()
    day = build_day(folder / "day")
    day.site.clock.set(NINE)
    chair, member = day.site.client_as("z9-chair"), day.site.client_as("z9-member")
    for client in (chair, member):
        day.declare(client)
        day.post(client, f"/s/slot/{day.first_slot}/ready", who="seat", ready="yes", back="/s/")
    officer = day.site.client_as(f"p{TRAT}")
    day.post(officer, f"/s/slot/{day.first_slot}/ready", who="province", ready="yes", back="/s/")
    for login, state in (("z9-chair", "present"), ("z9-member", "present"), ("z9-secretary", "late")):
        tick(day, chair, login, state)
    day.open()
    begin(day, chair, "presenting", minutes="30")
    day.post(chair, f"/agenda/slot/{day.slots[1]}/move", time="15.00", reason="ไฟฟ้าดับ (สมมติ)", seen="")
    day.send_all({"z9-chair": "4"})
    card = day.card("z9-member")
    day.save(member, card, dict(list(day.whole("3").items())[:6]))
    with _served(day.site) as address:
        _take(browser, address, day.site, "z9-chair", [("chair", f"/s/{day.session}/chair")])
        _take(browser, address, day.site, "z9-member", [("sheet", f"/s/card/{card}")])
        _take(browser, address, day.site, f"p{TRAT}", [("province", f"/s/{day.session}/province")])
    zones = build_zones_day(folder / "wall")
    live_through(zones)
    with _served(zones.site) as address:
        _take(browser, address, zones.site, "organizer", [("wall", "/z/wall")])


def _take_trial(browser: Browser, address: str, site: BuiltSite) -> None:
    """The what-if page of zone 9 with another weight and one member left out, down to the first intervals."""
    for language in ("th", "en"):
        context = browser.new_context(viewport={"width": 1280, "height": 2350})
        context.add_cookies([{"name": "language", "value": language, "url": address}])
        page = context.new_page()
        _sign_in(page, address, "organizer", site.round.password)
        page.goto(f"{address}/r/run/1/whatif?group=9&points-d1=60&without=z9-secretary")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"whatif-{language}-{LAPTOP['width']}.png")
        context.close()


def _sign_in(page: Page, address: str, login: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("main button")


def _take_workbook(workbook: Path) -> None:
    """The ranking, a member's card and the audit sheet; and the ranking once a mark was changed in the file."""
    if not all(map(shutil.which, ("soffice", "pdftoppm", "pdftotext"))):
        print("workbook*.png are left as they are: LibreOffice and poppler are needed for them.", file=sys.stderr)
        return
    pdf = _to_pdf(workbook)
    _page_of(pdf, "", PICTURES / "workbook")
    _page_of(pdf, "ใบให้คะแนน ·", PICTURES / "workbook-card")
    _page_of(pdf, "ตารางตรวจสอบ ·", PICTURES / "workbook-audit")
    card = next(
        name for name in openpyxl.load_workbook(workbook, read_only=True).sheetnames if name.startswith("ใบคะแนน")
    )
    changed = workbook.with_name("changed.xlsx")
    book = workbook.read_bytes()
    for cell in _first_marks(workbook, card)[:9]:
        book = with_value(book, card, cell, 0)
    changed.write_bytes(book)
    _page_of(_to_pdf(changed), "", PICTURES / "workbook-changed")


def _first_marks(workbook: Path, card: str) -> list[str]:
    """The marks of the first entry on a member's sheet: the numbers in its column, below the headings."""
    sheet = openpyxl.load_workbook(workbook)[card]
    return [cell.coordinate for cell in sheet["C"] if isinstance(cell.value, int)]


def _to_pdf(workbook: Path) -> Path:
    """As LibreOffice prints it, every formula computed anew."""
    profile = workbook.parent / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(workbook.parent), str(workbook)], check=True, capture_output=True)  # noqa: S603 - our own words only
    return workbook.with_suffix(".pdf")


def _page_of(pdf: Path, text: str, picture: Path) -> None:
    """A picture of the first page that holds the text."""
    pages = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, text=True).stdout.split("\f")  # noqa: S603, S607
    number = str(1 + next(place for place, page in enumerate(pages) if text in page))
    command = ["pdftoppm", "-r", "110", "-f", number, "-l", number, "-singlefile", "-png", str(pdf), str(picture)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words only


if __name__ == "__main__":
    main()
