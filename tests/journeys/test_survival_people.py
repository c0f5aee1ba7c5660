"""What a member types survives a sign-in that ended, a closed slot and a second device, and reaches nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.scoring_day import build_day
from tests.journeys.survival import (
    LINE,
    SOON,
    Served,
    files_of,
    give,
    is_kept,
    kept,
    newer_site,
    open_card,
    phone,
    replaced,
    saved,
    sign_in,
    waiting,
)

MEMBER, OTHER, CHAIR = "z9-member", "z9-secretary", "z9-chair"
REASON = "สัญญาณขาดหายก่อนปิดการให้คะแนน"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    day = build_day(tmp_path, csrf=True)
    day.change(f"update slot set state = 'open', opened_at = '2021-07-19T02:00:00.000000Z' where id = {day.first_slot}")
    site = Served(day)
    site.start()
    yield site
    site.end()


def kept_in_storage(page: Page) -> list[list[str]]:
    """Every change in the device's storage, whoever's: [person, address, name]."""
    found: list[list[str]] = page.evaluate(
        """() => new Promise((resolve) => {
             const open = indexedDB.open("outbox", 1);
             open.onsuccess = () => {
               const keys = open.result.transaction("changes").objectStore("changes").getAllKeys();
               keys.onsuccess = () => { open.result.close(); resolve(keys.result); };
             };
           })"""
    )
    return found


def test_a_sign_in_that_ended_keeps_the_marks_until_one_signs_in_again(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        served.day.change("delete from sign_in")
        give(page, "d1/commitment", "5")
        expect(page.locator(LINE)).to_contain_text("Signed out. What you typed is kept", timeout=SOON)
        page.reload()  # to the sign-in: nothing of the sheet is shown to whoever holds the phone now
        expect(page).to_have_url(f"{served.address}/sign-in?next=/s/card/{card}")
        assert not any(name.startswith("pages:") for name in kept(page))
        page.fill("#login", MEMBER)
        page.fill("#password", served.day.site.round.password)
        page.click("main button")
        page.wait_for_url(f"**/s/card/{card}")
        saved(page)
    assert served.rows(card) == [(1, "d1/commitment", "5")]


def test_a_page_whose_token_is_no_longer_good_takes_a_new_one_and_sends(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        context.clear_cookies(name="session")  # the secret behind the page's token is gone; the sign-in is not
        give(page, "d1/commitment", "2")
        saved(page)
        (served.day.site.settings.data / "secret_key").unlink(missing_ok=True)
        give(page, "d1/plans", "3")
        saved(page)
    assert served.rows(card) == [(1, "d1/commitment", "2"), (2, "d1/plans", "3")]


def test_a_slot_closed_meanwhile_keeps_shows_asks_and_sends_once_the_chair_opens_it(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        context.set_offline(True)
        give(page, "d1/commitment", "1")
        page.fill("#c-note-d1--commitment", "ขอหลักฐานเพิ่ม")
        waiting(page, 2)
        slot = served.day.first_slot
        served.day.change("update slot set state = 'closed', closed_at = '2021-07-19T03:30:00Z' where id = :s", s=slot)
        context.set_offline(False)
        told = page.locator("#told")
        expect(told).to_contain_text("The chair closed this slot on 19 Jul 2021 10:30", timeout=SOON)
        told.get_by_role("link", name="Ask the chair to open this card again").click()
        box = page.locator("#kept")
        expect(box).to_contain_text("Kept on this device, and not accepted")
        expect(box).to_contain_text("personal example: 1")
        page.fill("#ask-reason", REASON)
        page.get_by_role("button", name="Ask the chair").click()
        expect(page.locator("#asked")).to_contain_text("Changes that did not arrive: 2")
        expect(page.locator("#asked")).to_contain_text("The chair has not answered yet")
        assert served.rows(card) == []
        asked = served.day.value("select changes || ' ' || reason from reopening_request")
        assert asked == f"2 {REASON}"

        served.day.change(f"update slot set state = 'open', closed_at = null where id = {served.day.first_slot}")
        page.goto(f"{served.address}/s/card/{card}")
        late = page.locator("#late")
        expect(late).to_contain_text("personal example: 1")
        expect(page.locator(LINE)).to_contain_text("(2)")
        page.wait_for_timeout(700)
        assert served.rows(card) == []  # nothing goes by itself: the panel may have talked meanwhile
        late.get_by_role("button", name="Send these changes").click()
        saved(page)
        expect(late).to_be_hidden()
        page.reload()
        expect(page.locator("#late")).to_be_hidden()
    assert served.rows(card) == [(1, "d1/commitment", "1 ขอหลักฐานเพิ่ม")]


def test_two_devices_with_different_marks_show_both_and_the_person_chooses(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as telephone, phone(browser, served, MEMBER) as laptop:
        mobile, desk = open_card(telephone, served, card), open_card(laptop, served, card)
        telephone.set_offline(True)
        give(mobile, "d1/commitment", "4")
        give(mobile, "d1/plans", "4")
        waiting(mobile, 2)
        give(desk, "d1/commitment", "2")
        give(desk, "d2/spending", "1")
        saved(desk)
        telephone.set_offline(False)
        conflict = mobile.locator("#conflict")
        expect(conflict).to_contain_text("Here: 4 · Stored: 2", timeout=SOON)
        expect(conflict.locator("li")).to_have_count(1)  # what only one of them changed is not asked
        assert served.marks(card) == {"d1/commitment": "2", "d2/spending": "1"}
        conflict.get_by_role("button", name="Keep what is here").click()
        saved(mobile)
        expect(mobile.locator('[data-place="d2/spending"] input[value="1"]')).to_be_checked()
    assert served.marks(card) == {"d1/commitment": "4", "d2/spending": "1", "d1/plans": "4"}


def test_a_device_that_was_off_meanwhile_does_not_silently_wipe_the_newer_mark(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as telephone, phone(browser, served, MEMBER) as laptop:
        mobile = open_card(telephone, served, card)
        mobile.route("**/marks", lambda route: route.abort())
        served.stop()
        give(mobile, "d1/commitment", "4")
        mobile.close()  # the tab is closed before anything was tried
        served.start()
        desk = open_card(laptop, served, card)
        give(desk, "d1/commitment", "2")
        saved(desk)
        mobile = open_card(telephone, served, card)  # the page is made from what the laptop saved
        conflict = mobile.locator("#conflict")
        expect(conflict).to_contain_text("Here: 4 · Stored: 2")
        assert served.marks(card) == {"d1/commitment": "2"}
        mobile.reload()  # not chosen yet: asked again
        expect(conflict).to_contain_text("Here: 4 · Stored: 2")
        conflict.get_by_role("button", name="Take what is stored").click()
        expect(mobile.locator('[data-place="d1/commitment"] input[value="2"]')).to_be_checked()
        mobile.reload()
        expect(conflict).to_be_hidden()
    assert served.rows(card) == [(1, "d1/commitment", "2")]


def test_signing_out_with_something_unsent_says_how_much_and_lets_one_stay(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        served.stop()
        give(page, "d1/commitment", "4")
        give(page, "d1/plans", "3")
        waiting(page, 2)
        page.click("form[data-sign-out] button")
        dialog = page.locator("dialog")
        expect(dialog).to_contain_text("2 changes on this device are not sent yet.")
        dialog.get_by_role("button", name="Stay signed in").click()
        expect(dialog).to_have_count(0)
        assert len(kept_in_storage(page)) == 2
        served.start()
        saved(page)
        assert served.marks(card) == {"d1/commitment": "4", "d1/plans": "3"}
        page.click("form[data-sign-out] button")  # nothing is lost: nothing is asked
        page.wait_for_url("**/sign-in")
        assert kept_in_storage(page) == []


def test_signing_out_all_the_same_leaves_nothing_on_the_device(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        page.route("**/marks", lambda route: route.abort())
        context.set_offline(True)
        give(page, "d1/commitment", "4")
        waiting(page, 1)
        context.set_offline(False)
        served.day.change(f"update slot set state = 'planned' where id = {served.day.first_slot}")
        page.goto(f"{served.address}/s/")  # signing out from any page counts what every page left
        page.click("form[data-sign-out] button")
        dialog = page.locator("dialog")
        expect(dialog).to_contain_text("1 changes on this device are not sent yet.")
        expect(dialog.locator("a")).to_have_attribute("href", f"/s/card/{card}")
        dialog.get_by_role("button", name="Sign out and lose them").click()
        page.wait_for_url("**/sign-in")
        assert kept_in_storage(page) == []
        assert not any(name.startswith("pages:") for name in kept(page))
    assert served.rows(card) == []


def test_another_person_on_the_same_device_sees_and_sends_nothing_of_it(browser: Browser, served: Served) -> None:
    card, others = served.day.card(MEMBER), served.day.card(OTHER)
    password = served.day.site.round.password
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        page.click("#am-i-yes")
        served.stop()
        give(page, "d1/commitment", "4")
        waiting(page, 1)
        served.start()
        served.day.change("delete from sign_in")  # the sign-in ends by itself; nobody signs out
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        second = context.new_page()
        sign_in(second, served.address, OTHER, password)
        assert {name for name in kept(second) if name.startswith("pages:")} <= {f"pages:{person(second)}"}
        second.goto(f"{served.address}/s/card/{others}")
        expect(second.locator("#am-i")).to_be_visible()  # asked who it is, though the first had said so today
        expect(second.locator('[data-place="d1/commitment"] input:checked')).to_have_count(0)
        expect(page.locator(LINE)).to_contain_text("Signed out", timeout=SOON)  # the first page, still open
        is_kept(second, f"/s/card/{others}")
        context.set_offline(True)
        second.goto(f"{served.address}/s/card/{card}")  # the first one's card: not on this device for this person
        expect(second.locator("h1")).to_have_text("ไม่มีเครือข่าย")
        assert "d1/commitment" not in second.content()
        context.set_offline(False)
        assert served.rows(card) == served.rows(others) == []
        second.goto(f"{served.address}/s/")
        second.click(
            "form[data-sign-out] button"
        )  # nothing of the second is unsent; the first one's is not asked about
        second.wait_for_url("**/sign-in")
        assert [row[1:] for row in kept_in_storage(second)] == [[f"/s/card/{card}/marks", "d1/commitment"]]
        page.close()
        sign_in(second, served.address, MEMBER, password)
        second.goto(f"{served.address}/s/card/{card}")
        expect(second.locator("#am-i")).to_be_visible()  # somebody else was here meanwhile
        saved(second)
    assert served.rows(card) == [(1, "d1/commitment", "4")]
    assert served.rows(others) == []


def person(page: Page) -> str:
    return str(page.locator('meta[name="actor"]').get_attribute("content"))


def test_the_device_keeps_sheets_days_and_files_and_nothing_else(browser: Browser, served: Served) -> None:
    day, card = served.day, served.day.card(CHAIR)
    with phone(browser, served, CHAIR) as context:
        page = open_card(context, served, card)
        visited = [
            "/s/", f"/s/{day.session}", f"/s/{day.session}/chair", f"/s/card/{card}/send", f"/s/card/{card}/recuse",
            "/rules/", f"/s/slot/{day.first_slot}/sheet", "/account/", "/results/", f"/s/card/{card}?again=1",
            "/s/card/999999",
        ]  # fmt: skip
        closed = day.value("select min(id) from slot where state = 'closed'")
        for path in (*visited, f"/s/slot/{closed}/compare"):
            page.goto(served.address + path)
        page.goto(f"{served.address}/s/card/{card}")
        give(page, "d1/commitment", "3")
        saved(page)
        page.wait_for_timeout(1500)  # the cards that a day names are fetched ahead
        found = kept(page)
        own = {f"/s/card/{day.card(CHAIR, entry)}" for entry in ("to-23", "wf-a-23", "wf-b-23", "wf-c-23", "pa-23")}
        assert set(found) == {f"pages:{person(page)}", next(name for name in found if name.startswith("files:"))}
        assert set(found[f"pages:{person(page)}"]) == {"/s/", f"/s/{day.session}", *own}
        files = next(paths for name, paths in found.items() if name.startswith("files:"))
        assert all(path.startswith("/assets/") for path in files)


def test_every_file_of_a_kept_page_is_kept_so_nothing_is_missing_without_a_network(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        for path in ("/s/", f"/s/{served.day.session}"):
            page.goto(served.address + path)
            is_kept(page, path)
        context.set_offline(True)
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        for path in ("/s/", f"/s/{served.day.session}", f"/s/card/{card}"):
            page.goto(served.address + path, wait_until="networkidle")  # also what its code asks for once it runs
            expect(page.locator("html")).to_have_attribute("data-kept", "")
        assert [url for url in failed if "/assets/" in url] == []


def test_a_new_version_of_the_site_replaces_the_worker_and_its_files(
    browser: Browser, served: Served, tmp_path: Path
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        is_kept(page, f"/s/card/{card}")
        [before] = files_of(page)
        served.stop()
        served.start(code=newer_site(tmp_path / "newer"))
        page.reload()
        replaced(page, before)
        is_kept(page, f"/s/card/{card}")
        page.reload()
        assert "NEWER" in page.evaluate("import('/assets/device.js').then((code) => Object.keys(code))")
        give(page, "d1/commitment", "4")
        saved(page)


def test_what_an_older_page_left_in_local_storage_is_sent_too(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = context.new_page()
        page.goto(f"{served.address}/s/")
        key = f"outbox:{person(page)}:/s/card/{card}/marks"
        left = json.dumps({"changes": {"d1/commitment": "4"}, "inFlight": None})
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, left])
        page.goto(f"{served.address}/s/card/{card}")
        saved(page)
        assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('outbox:'))") == []
    assert served.rows(card) == [(1, "d1/commitment", "4")]


SLOW_STORAGE = """
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...asked) {
    const slow = {};
    setTimeout(() => {
      const real = open.apply(this, asked);
      for (const name of ["onupgradeneeded", "onsuccess", "onerror"]) {
        real[name] = (event) => {
          slow.result = real.result;
          slow[name]?.(event);
        };
      }
    }, 4000);
    return slow;
  };
"""


def test_a_storage_that_answers_late_is_used_as_soon_as_it_does(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        first = open_card(context, served, card)
        served.stop()
        give(first, "d1/plans", "2")
        first.close()
        page = context.new_page()
        page.add_init_script(SLOW_STORAGE)
        page.goto(f"{served.address}/s/card/{card}")  # from the device
        give(page, "d1/commitment", "4")
        expect(page.locator(LINE)).to_contain_text("Kept only in this window (1)")
        expect(page.locator('[data-place="d1/plans"] input[value="2"]')).to_be_checked(timeout=SOON)
        waiting(page, 2)
        page.close()
        served.start()
        page = open_card(context, served, card)
        saved(page)
    assert served.marks(card) == {"d1/commitment": "4", "d1/plans": "2"}


def test_without_a_storage_the_line_says_that_only_this_window_keeps_it(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('refused') } })")
        page.goto(f"{served.address}/s/card/{card}")
        served.stop()
        give(page, "d1/commitment", "4")
        expect(page.locator(LINE)).to_have_text(
            "Kept only in this window (1): leave it open until it is sent", timeout=SOON
        )  # fmt: skip
        served.start()
        saved(page)
    assert served.rows(card) == [(1, "d1/commitment", "4")]
