"""All zones in a real browser: fresh by itself, calm without a network, nothing to press on the wall, usable by all."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.award.zones_day import ON, ZonesDay, build_zones_day, live_through
from tests.journeys.axe import violations
from tests.journeys.serving import serving, signed_in

SIZES = tuple(ViewportSize(width=width, height=height) for width, height in ((360, 740), (1280, 800), (1920, 1080)))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ZonesDay, str]]:
    day = build_zones_day(tmp_path_factory.mktemp("zones"), csrf=True)
    live_through(day)
    with serving(day.site) as address:
        yield day, address


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_boards_are_usable_by_everyone_at_every_size(browser: Browser, lived: tuple[ZonesDay, str], language: str):
    """Nothing sticks out at any size; axe looks at the Thai boards at each, at the English ones where least fits."""
    day, address = lived
    found: dict[str, Any] = {}
    with signed_in(browser, address, "executive", day.site.round.password, language=language) as person:
        for path in ("/z/", "/z/?help=1", "/z/wall", "/o/"):
            page = person.go(path)
            for size in SIZES:
                page.set_viewport_size(size)
                if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                    found[f"{path} at {size['width']}"] = "scrolls sideways"
                for each in violations(page) if language == "th" or size == SIZES[0] else ():
                    found[f"{path} at {size['width']}: {each['id']}"] = [node["target"] for node in each["nodes"][:3]]
    assert found == {}


def test_the_wall_shows_eighteen_zones_on_one_screen_in_letters_that_are_read_from_afar(
    browser: Browser, lived: tuple[ZonesDay, str]
):
    day, address = lived
    with signed_in(browser, address, "executive", day.site.round.password) as person:
        person.page.set_viewport_size({"width": 1920, "height": 1080})
        page = person.go("/z/wall")
        assert page.locator(".wall-zone").count() == 18
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        sizes = page.evaluate(
            "['.wall-number', '.wall-province', '.wall-place'].map("
            "(each) => parseFloat(getComputedStyle(document.querySelector(each)).fontSize))"
        )
        assert sizes[0] >= 54 and sizes[1] >= 38 and sizes[2] >= 30
        expect(page.locator("nav")).to_be_hidden()


def test_what_happens_comes_by_itself_and_the_page_is_not_asked_for_while_nothing_does(
    browser: Browser, lived: tuple[ZonesDay, str]
):
    day, address = lived
    with signed_in(browser, address, "executive", day.site.round.password, language="en") as person:
        asked: list[str] = []
        person.page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page = person.go("/z/")
        day.attend(ON, day.seats(ON)[1], "absent")
        day.tell(ON)
        expect(page.locator(f"#zone-{ON}")).to_contain_text("Absent: Member (2).")
        assert "/z/live" in asked


def test_a_lost_network_is_told_calmly_and_what_was_missed_comes_when_it_is_back(
    browser: Browser, lived: tuple[ZonesDay, str]
):
    day, address = lived
    with signed_in(browser, address, "executive", day.site.round.password, language="en") as person:
        page = person.go("/z/wall")
        expect(page.locator(".news-time")).to_contain_text(":")
        person.context.set_offline(True)
        try:
            expect(page.locator(".news-trouble")).to_contain_text("No network since", timeout=30_000)
            assert page.locator(".wall-zone").count() == 18, "what was known still stands there"
            day.attend(ON, day.seats(ON)[2], "absent")
            day.tell(ON)
        finally:
            person.context.set_offline(False)
        expect(page.locator(".news-trouble")).to_have_text("", timeout=40_000)
        person.faults = [fault for fault in person.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_by_keyboard_a_tile_of_the_map_leads_to_its_zone(browser: Browser, lived: tuple[ZonesDay, str]):
    day, address = lived
    with signed_in(browser, address, "organizer", day.site.round.password) as person:
        page = person.go("/z/")
        page.locator(f"#tile-{ON}").focus()
        page.keyboard.press("Enter")
        assert page.url.endswith(f"#zone-{ON}")
        expect(page.locator(f"#zone-{ON}")).to_be_in_viewport()
        page.locator(f"#tile-{ON}").focus()
        day.tell(ON)
        page.wait_for_timeout(4_000)
        assert page.evaluate("document.activeElement.id") == f"tile-{ON}", "whoever goes by keyboard is not thrown out"
