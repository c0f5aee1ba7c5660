"""Files over a bad line, in a real browser: torn connections, a reload, a browser that is killed; whole in the end."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select

from award.db.entries import Entry, Evidence
from award.db.uploads import Upload
from tests.award.build import TRAT, BuiltSite, build_site
from tests.corpus.files import PICTURES
from tests.corpus.parts import pdf, picture
from tests.journeys.axe import violations
from tests.journeys.bad_line import BadLine
from tests.journeys.serving import serving
from tests.journeys.survival import Device, sign_in

MB = 1024 * 1024
OFFICER = f"p{TRAT}"
LONG = 60_000


def large_pdf(mb: int, *, seed: int = 1) -> bytes:
    """A PDF of so many MB that does not pack."""
    noise = random.Random(seed).randbytes(mb * MB)
    return pdf(more=(b"<</Length %d>>stream\n%s\nendstream" % (len(noise), noise),))


@dataclass
class Reached:
    """The site behind a line, for `Device`."""

    site: BuiltSite
    line: BadLine

    @property
    def address(self) -> str:
        return self.line.address


@pytest.fixture
def reached(tmp_path: Path) -> Iterator[Reached]:
    site = build_site(tmp_path, live=(TRAT,), csrf=True)
    with serving(site) as address:
        line = BadLine(int(address.rpartition(":")[2]))
        with closing(line):
            yield Reached(site, line)


def entry_id(site: BuiltSite) -> int:
    with site.database.reading() as db:
        return db.execute(select(Entry.id).where(Entry.code == f"to-{TRAT}")).scalar_one()


def pieces(site: BuiltSite) -> list[Evidence]:
    with site.database.reading() as db:
        return list(db.execute(select(Evidence).where(Evidence.kind == "file").order_by(Evidence.id)).scalars())


def uploads(site: BuiltSite) -> list[Upload]:
    with site.database.reading() as db:
        return list(db.execute(select(Upload).order_by(Upload.id)).scalars())


def opened(page: Page, reached: Reached, *, phone: bool = True) -> Page:
    sign_in(page, reached.address, OFFICER, reached.site.round.password)
    page.goto(f"{reached.address}/e/{entry_id(reached.site)}")
    return page


def person(browser: Browser, reached: Reached, **more: Any) -> Page:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce", **more
    )
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "language", "value": "en", "url": reached.address}])
    return context.new_page()


def choose(page: Page, file: Any, field: str = "declaration", *, title: str = "") -> None:
    box = page.locator(f'[data-attach="{field}"]')
    if not box.evaluate("box => box.open"):
        box.locator("summary").click()
    box.locator('input[name="file"]').set_input_files(file)
    box.locator('input[name="title"]').fill(title)
    box.get_by_role("button", name="Attach").click()


def in_memory(content: bytes, name: str = "รายงาน.pdf") -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def has_come(site: BuiltSite) -> int:
    folder = site.settings.evidence / "pieces"
    return sum(path.stat().st_size for path in folder.glob("*")) if folder.exists() else 0


def test_a_file_comes_whole_over_a_line_that_breaks_three_times(browser: Browser, reached: Reached) -> None:
    content = large_pdf(6)
    page = opened(person(browser, reached), reached)
    reached.line.left = [reached.line.carried + each for each in (MB, 3 * MB, 5 * MB)]
    start = reached.line.carried
    choose(page, in_memory(content), title="แผนของจังหวัด")
    shown: list[int] = []
    bar = page.locator("[data-on-the-way] progress")
    bar.wait_for(state="attached")
    # One look each: between two of them the bar may go.
    look = "() => document.querySelector('[data-on-the-way] progress')?.value ?? -1"
    while (value := int(page.evaluate(look))) >= 0:
        shown.append(value)
        page.wait_for_timeout(50)
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("แผนของจังหวัด", timeout=LONG)
    (piece,) = pieces(reached.site)
    assert (piece.sha256, piece.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert len(reached.line.broken) == 3
    assert shown == sorted(shown) and len(set(shown)) > 5, "what has come is not taken back"
    extra = reached.line.carried - start - len(content)
    assert extra < 3 * MB + 200_000, f"{extra} bytes more than the file"
    assert has_come(reached.site) == 0, "what waited is tidied away"
    page.context.close()


def test_a_dead_line_is_said_and_the_file_goes_on_by_itself(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    reached.line.slow = 2 * MB
    choose(page, in_memory(large_pdf(4)))
    page.wait_for_function("() => document.querySelector('[data-on-the-way] progress')?.value > 20")
    reached.line.tear(3600)
    said = page.locator(".on-the-way-said")
    expect(said).to_contain_text("No connection. The file is kept on this device")
    reached.line.mend()
    reached.line.slow = 0
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("รายงาน.pdf", timeout=LONG)
    page.context.close()


def test_nobody_goes_on_to_sending_without_the_file_they_chose(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    form = page.url
    box = page.locator('[data-attach="declaration"]')
    box.locator("summary").click()
    box.locator('input[name="file"]').set_input_files(in_memory(large_pdf(2)))
    page.click("[data-check]")
    expect(page.locator("#message")).to_contain_text("chosen and is not attached yet")
    page.click("#message button")
    expect(box.get_by_role("button", name="Attach")).to_be_focused()
    expect(page.locator("#message")).to_be_empty()
    reached.line.tear(3600)
    box.get_by_role("button", name="Attach").click()
    expect(page.locator(".on-the-way-said")).to_contain_text("No connection")
    page.click("[data-check]")
    expect(page.locator("#message")).to_contain_text("still on its way")
    assert page.url == form
    reached.line.mend()
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("รายงาน.pdf", timeout=LONG)
    page.click("[data-check]")
    page.wait_for_url("**/submit")
    page.context.close()


def test_after_a_reload_the_file_goes_on_without_being_chosen_again(browser: Browser, reached: Reached) -> None:
    content = large_pdf(4)
    page = opened(person(browser, reached), reached)
    reached.line.slow = 2 * MB
    choose(page, in_memory(content), title="หลังโหลดใหม่")
    page.wait_for_function("() => document.querySelector('[data-on-the-way] progress')?.value > 30")
    came = has_come(reached.site)
    reached.line.slow = 0
    before = reached.line.carried
    page.reload()
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("หลังโหลดใหม่", timeout=LONG)
    assert came > MB and reached.line.carried - before < len(content) - came + 300_000, "it began where it stopped"
    assert pieces(reached.site)[0].sha256 == hashlib.sha256(content).hexdigest()
    page.reload()
    expect(page.locator("[data-on-the-way]").first).to_be_hidden()
    assert len(pieces(reached.site)) == 1
    page.context.close()


@pytest.mark.parametrize("kept", [True, False], ids=["kept on the device", "chosen again"])
def test_a_browser_that_is_killed_half_way_picks_the_file_up(
    browser: Browser, chromium_path: str, reached: Reached, tmp_path: Path, kept: bool
) -> None:
    content = large_pdf(4, seed=2)
    (tmp_path / "แผน.pdf").write_bytes(content)
    device = Device(browser, chromium_path, tmp_path / "profile", reached)  # type: ignore[arg-type]
    page = opened(device.on().new_page(), reached)
    reached.line.slow = MB
    choose(page, tmp_path / "แผน.pdf", title="หลังเครื่องดับ")
    page.wait_for_function("() => document.querySelector('[data-on-the-way] progress')?.value > 30")
    device.die()
    came = has_come(reached.site)
    reached.line.slow = 0
    before = reached.line.carried
    context = device.on()
    page = context.new_page()
    if not kept:
        page.goto(f"{reached.address}/sign-in")
        page.evaluate("() => new Promise((done) => { indexedDB.deleteDatabase('files').onsuccess = done; })")
    page.goto(f"{reached.address}/e/{entry_id(reached.site)}")
    if "/sign-in" in page.url:  # the cookie of the session went with the browser
        opened(page, reached)
    if not kept:
        choose(page, tmp_path / "แผน.pdf", title="หลังเครื่องดับ")
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("หลังเครื่องดับ", timeout=LONG)
    assert came >= MB and reached.line.carried - before < len(content) - came + 400_000, "it began where it stopped"
    assert [each.sha256 for each in pieces(reached.site)] == [hashlib.sha256(content).hexdigest()]
    context.close()


def test_what_is_refused_says_why_and_leaves_nothing(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    choose(page, {"name": "a.pdf", "mimeType": "application/pdf", "buffer": picture("png")})
    said = page.locator("#f-declaration .on-the-way-said")
    expect(said).to_contain_text("The content of “a.pdf” is not PDF")
    page.get_by_role("button", name="Do not send a.pdf").click()
    expect(page.locator("#f-declaration [data-on-the-way]")).to_be_hidden()
    choose(page, {"name": "a.exe", "mimeType": "application/pdf", "buffer": b"MZ"})
    expect(said).to_contain_text("Accepted here: PDF.")
    assert has_come(reached.site) == 0 and pieces(reached.site) == []
    page.context.close()


def test_files_are_dropped_onto_a_question(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    dropped = page.evaluate_handle(
        """([one, two]) => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(one)], "หนึ่ง.pdf"));
        data.items.add(new File([new Uint8Array(two)], "สอง.pdf"));
        return data; }""",
        [list(pdf(text="1")), list(pdf(text="2"))],
    )
    page.dispatch_event("#f-declaration", "dragover", {"dataTransfer": dropped})
    assert "drop-here" in (page.locator("#f-declaration").get_attribute("class") or "")
    page.dispatch_event("#f-declaration", "drop", {"dataTransfer": dropped})
    there = page.locator("#f-declaration [data-pieces]")
    expect(there).to_contain_text("หนึ่ง.pdf")
    expect(there).to_contain_text("สอง.pdf")
    page.context.close()


def test_a_file_is_shown_in_the_page_once_somebody_asks_for_it(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/preview" in request.url else None)
    files = (("declaration", "แผน.pdf", pdf()), (PICTURES, "a.png", picture("png", size=(900, 600))))
    for field, name, content in files:
        choose(page, in_memory(content, name), field)
        shown = page.locator(f"#f-{field} .preview")
        expect(shown).to_be_visible()
        page.wait_for_timeout(300)
        assert asked == [], "nothing is fetched, and nobody noted as a reader, before it is opened"
        shown.locator("summary").click()
        image = shown.locator("img")
        expect(image).to_have_attribute("alt", f"Preview of {name}")
        page.wait_for_function("image => image.complete && image.naturalWidth > 100", arg=image.element_handle())
        assert len(asked) == 1
        asked.clear()
    page.context.close()


def test_two_windows_of_one_person_send_a_file_once(browser: Browser, reached: Reached) -> None:
    content = large_pdf(3)
    page = opened(person(browser, reached), reached)
    reached.line.slow = MB
    choose(page, in_memory(content), title="สองหน้าต่าง")
    page.wait_for_function("() => document.querySelector('[data-on-the-way] progress')?.value > 0")
    other = page.context.new_page()
    other.goto(page.url)
    expect(page.locator("#f-declaration [data-pieces]")).to_contain_text("สองหน้าต่าง", timeout=LONG)
    expect(other.locator("[data-on-the-way]").first).to_be_hidden(timeout=LONG)
    assert [each.sha256 for each in pieces(reached.site)] == [hashlib.sha256(content).hexdigest()]
    assert len(uploads(reached.site)) == 1
    page.context.close()


def test_files_on_their_way_and_shown_ones_are_accessible(browser: Browser, reached: Reached) -> None:
    page = opened(person(browser, reached), reached)
    choose(page, in_memory(picture("jpeg", size=(300, 200)), "a.jpg"), PICTURES)
    page.locator(f"#f-{PICTURES} .preview summary").click()
    reached.line.tear(3600)
    choose(page, [in_memory(large_pdf(1)), in_memory(pdf(text="2"), "b.pdf")])
    expect(page.locator(".on-the-way-said").first).to_contain_text("No connection")
    for place in ("#f-declaration", f"#f-{PICTURES}"):
        found = violations(page, place)
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.locator(".on-the-way button:visible").evaluate_all(
        "all => all.filter(e => e.offsetHeight < 44).length"
    )
    assert small == 0, "each can be pressed with a thumb"
    page.context.close()


def test_a_large_photo_is_made_smaller_on_the_phone_unless_the_person_wants_it_whole(
    browser: Browser, reached: Reached
) -> None:
    """3,000 × 2,000 points, lying on its side as phones note it, with the place where it was taken."""
    grain = Image.frombytes("RGB", (375, 250), random.Random(2).randbytes(375 * 250 * 3)).resize((3000, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter to look at it
    exif.get_ifd(0x8825)[1] = "N"
    file = BytesIO()
    grain.save(file, "JPEG", quality=97, exif=exif)
    photo = file.getvalue()
    assert len(photo) > MB
    page = opened(person(browser, reached), reached)
    box = page.locator('[data-attach="cascade"]')
    for number, whole in enumerate((False, True), start=1):
        box.locator("summary").click()
        box.get_by_label("Send photos in full size instead").set_checked(whole)
        taken: FilePayload = {"name": f"ภาพ{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
        choose(page, taken, "cascade", title=f"ภาพที่ {number}")
        expect(page.locator("#f-cascade [data-pieces]")).to_contain_text(f"ภาพที่ {number}", timeout=LONG)
        box.locator("summary").click()
    path = reached.site.settings.evidence
    kept = [str(each.sha256) for each in pieces(reached.site)]
    small, large = (Image.open(BytesIO((path / each[:2] / each).read_bytes())) for each in kept)
    assert (max(small.size), max(large.size)) == (2560, 3000)
    assert small.size[0] < small.size[1], "upright, as it is looked at"
    assert [bool(each.getexif().get_ifd(0x8825)) for each in (small, large)] == [False, False], "no place in either"
