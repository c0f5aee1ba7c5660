"""Several people of one office at one entry, at once: nothing that anybody typed is lost, in numbers."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from award.db.entries import EntryRevision
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.test_entries import entry_of, save
from tests.award.test_entries_browser import Running, open_form, saved, signed_in, stored
from tests.award.test_merging import ROWS
from tests.award.test_office import EARLIER, colleague, earlier_year
from tests.journeys.serving import enter

SAVES = 60  # each of three people
SEEN = 30_000  # milliseconds: pages ask every four seconds, on a busy machine later


def test_three_people_save_their_questions_at_once_and_every_save_is_kept(tmp_path: Path) -> None:
    """Each always builds on the version they began with, as a page does that hears of nobody else."""
    site = build_site(tmp_path, live=(TRAT,))
    entry = entry_of(site, f"to-{TRAT}")
    questions = ("title", "summary", "items_page")

    def work(code: str) -> Counter[int]:
        client, answers = site.client_as(f"p{TRAT}"), Counter[int]()
        base = entry.revision
        for turn in range(SAVES):
            answer = save(
                client, entry, {code: f"https://example.test/{code}/{turn}"}, base=base, key=f"{code[:5]}-{turn:06}"
            )
            answers[answer.status_code] += 1
            base = answer.json["revision"]
        return answers

    with ThreadPoolExecutor(len(questions)) as pool:
        counted = sum(pool.map(work, questions), Counter[int]())
    assert counted == Counter({200: SAVES * len(questions)}), "no save was refused"
    now = entry_of(site, f"to-{TRAT}")
    assert now.revision == entry.revision + SAVES * len(questions)
    last = {code: f"https://example.test/{code}/{SAVES - 1}" for code in questions}
    assert {code: json.loads(now.answers)[code] for code in questions} == last
    with site.database.reading() as db:
        versions = db.execute(
            select(EntryRevision.answers).where(EntryRevision.entry_id == entry.id).order_by(EntryRevision.revision)
        ).scalars()
        seen = {(code, json.loads(text).get(code)) for text in versions for code in questions}
    wanted = {(code, f"https://example.test/{code}/{turn}") for code in questions for turn in range(SAVES)}
    assert wanted <= seen, "every single save stands in some version"


def test_two_people_at_one_question_lose_nothing_silently(tmp_path: Path) -> None:
    """Every save is either stored or answered with what is stored instead: never both told as kept and gone."""
    site = build_site(tmp_path, live=(TRAT,))
    entry = entry_of(site, f"to-{TRAT}")

    def work(who: int) -> list[tuple[int, str]]:
        client, base, done = site.client_as(f"p{TRAT}"), entry.revision, []
        for turn in range(SAVES):
            text = f"{who}:{turn}"
            answer = save(client, entry, {"title": text}, base=base, key=f"person-{who}-{turn:04}")
            done.append((answer.status_code, text))
            body: dict[str, Any] = answer.json
            if answer.status_code == 409:
                assert body["details"]["disputed"] == ["title"]
                assert body["details"]["stored"]["title"] != text
                base = body["details"]["revision"]
            else:
                base = body["revision"]
        return done

    with ThreadPoolExecutor(2) as pool:
        done = [each for one in pool.map(work, (1, 2)) for each in one]
    accepted = [text for status, text in done if status == 200]
    with site.database.reading() as db:
        kept = [
            json.loads(text)["title"]
            for text in db.execute(
                select(EntryRevision.answers)
                .where(EntryRevision.entry_id == entry.id, EntryRevision.revision > entry.revision)
                .order_by(EntryRevision.revision)
            ).scalars()
        ]
    assert sorted(kept) == sorted(accepted), "one version for each receipt, and no other"
    assert {status for status, _ in done} == {200, 409}


@pytest.fixture
def running(tmp_path: Path) -> Any:
    server = Running(build_site(tmp_path, live=(TRAT,), csrf=True))
    yield server
    server.stop()


def type_into(page: Page, place: str, words: list[str]) -> None:
    page.focus(place)
    page.keyboard.press("End")
    for word in words:
        page.keyboard.type(word)


def test_in_two_browsers_what_one_types_appears_with_the_other_and_nothing_is_lost(
    browser: Browser, running: Running
) -> None:
    with signed_in(browser, running) as mine, signed_in(browser, running) as theirs:
        open_form(mine, running)
        open_form(theirs, running)
        mine.fill("#f-title", "")
        theirs.fill("#f-summary", "")
        for turn in range(10):
            type_into(mine, "#f-title", [f"ก{turn} "])
            type_into(theirs, "#f-summary", [f"ข{turn} "])
            mine.wait_for_timeout(300)
        saved(mine)
        saved(theirs)
        expect(mine.locator("#f-summary")).to_have_value(
            "".join(f"ข{turn} " for turn in range(10)).strip(), timeout=SEEN
        )
        expect(theirs.locator("#f-title")).to_have_value(
            "".join(f"ก{turn} " for turn in range(10)).strip(), timeout=SEEN
        )
        expect(mine.locator("[data-dispute]")).to_have_count(0)
        expect(theirs.locator("[data-dispute]")).to_have_count(0)
    answers = stored(running)
    assert answers["title"] == "".join(f"ก{turn} " for turn in range(10)).strip()
    assert answers["summary"] == "".join(f"ข{turn} " for turn in range(10)).strip()


def test_colleagues_see_who_writes_where_and_leave_notes_that_appear(browser: Browser, running: Running) -> None:
    colleague(running.site)
    with signed_in(browser, running) as mine:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": "language", "value": "th", "url": running.address}])
        theirs = context.new_page()
        enter(context, running.address, f"p{CHANTHABURI}", running.site.round.password)
        open_form(mine, running)
        open_form(theirs, running)
        theirs.fill("#f-items_page", "https://example.test/theirs")
        where = theirs.evaluate("document.querySelector('#f-items_page').closest('section').id.slice(2)")
        expect(mine.locator(f"[data-here='{where}']")).to_contain_text("จันทบุรี", timeout=SEEN)
        expect(mine.locator("#f-items_page")).to_have_value("https://example.test/theirs", timeout=SEEN)
        expect(mine.locator("[data-question=items_page] .came")).to_be_visible()
        mine.fill("#f-title", "พิมพ์ค้างไว้")
        mine.click("#s-general .notes > summary")
        mine.fill("#n-general", "โทรตามเกาะกูดวันพุธ")
        mine.locator("#s-general").get_by_role("button", name="ฝากโน้ต").click()
        expect(mine.locator("#s-general .note-list")).to_contain_text("เกาะกูด")
        expect(mine.locator("#n-general")).to_have_value("")
        expect(mine.locator("#f-title")).to_have_value("พิมพ์ค้างไว้")
        theirs.click("#s-general .notes > summary")
        expect(theirs.locator("#s-general .note-list")).to_contain_text("เกาะกูด", timeout=SEEN)
        theirs.locator("#s-general .note-list button").click()
        expect(theirs.locator("#s-general .note-list li")).to_have_count(0)
        expect(mine.locator("#s-general .note-list li")).to_have_count(0, timeout=SEEN)
        context.close()


def test_last_years_answer_is_put_in_by_one_press_and_the_next_missing_question_found(
    browser: Browser, running: Running
) -> None:
    earlier_year(running.site, EARLIER)
    with signed_in(browser, running, viewport={"width": 360, "height": 740}, has_touch=True) as page:
        open_form(page, running)
        expect(page.locator("#f-title")).to_have_value("")
        page.locator("[data-offer=title] summary").tap()
        page.locator("[data-offer=title] [data-take]").tap()
        expect(page.locator("#f-title")).to_have_value("ชื่อปีก่อน")
        saved(page)
        line = page.locator("[data-next-missing]")
        before = line.text_content()
        line.tap()
        expect(page.locator("#f-summary")).to_be_focused()
        page.locator("[data-offer=summary] summary").tap()
        page.locator("[data-offer=summary] [data-take]").tap()
        expect(line).not_to_have_text(before or "")
        saved(page)
    assert stored(running) == {"title": "ชื่อปีก่อน", "summary": "สรุปปีก่อน"}


def test_rows_that_two_people_wrote_at_once_are_all_kept_and_one_row_of_both_is_asked_about(
    browser: Browser, running: Running
) -> None:
    site, entry = running.site, entry_of(running.site, f"to-{TRAT}")
    with signed_in(browser, running) as page:
        open_form(page, running)
        running.stop()
        page.locator("[data-question=projects] [data-add-row]").click()
        rows = page.locator("[data-question=projects] [data-row]")
        rows.last.locator("[data-answer]").first.fill("โครงการของฉัน")
        rows.first.locator("[name$=':owner']").fill("ฉันเอง")
        expect(page.locator("#saving[data-now=waiting]")).to_be_visible(timeout=SEEN)
        site.app.config["WTF_CSRF_ENABLED"] = False
        before = json.loads(entry.answers)["projects"]
        first = before[0] | {"owner": "เพื่อน"}
        changed = [first, *before[1:], {"name": "โครงการของเพื่อน", "d2": "yes"}]
        assert save(site.client_as(f"p{TRAT}"), entry, {"projects": changed}).status_code == 200
        running.start()
        box = page.locator("[data-dispute=projects]")
        expect(box).to_contain_text(f"“{first['name']}”", timeout=SEEN)
        expect(box).to_have_count(1)
        expect(box.get_by_role("button")).to_have_text(["ใช้ของผู้อื่น", "ใช้ของฉัน"])
        box.get_by_role("button", name="ใช้ของผู้อื่น").click()
        saved(page)
        merging = "import(new URL('./entry_merging.js', document.querySelector('script[src*=\"/entry.\"]').src))"
        for name, base, theirs, mine, wanted, disputed in ROWS:
            told = page.evaluate(
                f"async (rows) => {{ const found = (await {merging}).mergeRows(...rows, 'name');"
                " return found && [found.rows, found.disputed.map((each) => each.name)] }",
                [base, theirs, mine],
            )
            assert told == (None if wanted is None else [wanted, disputed]), f"as on the server: {name}"
    found = stored(running)["projects"]
    assert found == [first, *before[1:], {"name": "โครงการของเพื่อน", "d2": "yes"}, {"name": "โครงการของฉัน"}]


def test_a_project_written_once_and_ticked_stands_in_each_of_its_dimensions(browser: Browser, running: Running) -> None:
    with signed_in(browser, running, viewport={"width": 360, "height": 740}, has_touch=True) as page:
        open_form(page, running)
        page.locator("[data-question=projects] [data-add-row]").tap()
        row = page.locator("[data-question=projects] [data-row]").last
        row.locator("[data-answer]").first.fill("ปลูกผักสวนครัว")
        for code in ("d2", "d5"):
            row.locator(f"input[name$=':{code}']").tap()
        for code in ("d2", "d5"):
            expect(page.locator(f"[data-serving={code}]")).to_contain_text("ปลูกผักสวนครัว")
        expect(page.locator("[data-serving=d3]")).not_to_contain_text("ปลูกผักสวนครัว")
        saved(page)
    assert stored(running)["projects"][-1] == {"name": "ปลูกผักสวนครัว", "d2": "yes", "d5": "yes"}
