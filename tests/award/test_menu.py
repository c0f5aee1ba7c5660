"""The menu says where one is, also on pages that it does not name, and is one line on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.award.build import BuiltSite, build_site
from tests.journeys.serving import serving, signed_in

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="(page|true)">')


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/e/", ("/e/", "page")), ("/e/check", ("/e/", "true")), ("/e/missing", ("/e/", "true")),
        ("/late/", ("/e/", "true")), ("/follow-ups", ("/e/", "true")), ("/reminders/", ("/e/", "true")),
        ("/people/", ("/people/", "page")), ("/search", ("/search", "page")), ("/agenda/", ("/agenda/", "page")),
    ],
)  # fmt: skip
def test_the_menu_marks_one_place_also_for_pages_that_it_does_not_name(
    site: BuiltSite, path: str, marked: tuple[str, str]
) -> None:
    text = site.client_as("organizer").get(path).text
    assert CURRENT.findall(text[: text.index("<main")]) == [marked]


def test_a_few_places_need_no_disclosure_and_the_many_are_open_without_our_code(site: BuiltSite) -> None:
    assert "site-menu" not in site.client_as("z9-member").get("/s/").text
    assert '<details class="site-menu" open>' in site.client_as("organizer").get("/o/").text


def test_on_a_phone_it_is_one_line_that_the_keyboard_unfolds(browser: Browser, site: BuiltSite) -> None:
    with serving(site) as address:
        narrow = {"width": 360, "height": 700}
        with signed_in(browser, address, "organizer", site.round.password, language="en", viewport=narrow) as person:
            page = person.go("/late/")
            people = page.locator('.site-nav a[href="/people/"]')
            summary = page.locator(".site-menu > summary")
            expect(summary).to_have_text("Menu: Entries")
            expect(people).to_be_hidden()
            summary.focus()
            page.keyboard.press("Enter")
            expect(people).to_be_visible()
            page.set_viewport_size({"width": 1000, "height": 700})
            expect(summary).to_be_hidden()
            expect(people).to_be_visible()
