"""The sheet in the hands of a tired member: small windows, large letters, every state of it readable by everyone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.award.scoring_day import ScoringDay, build_day
from tests.award.test_entries_browser import Running
from tests.journeys.axe import violations
from tests.journeys.survival import give, is_kept, saved
from tests.journeys.test_card_offline import browsing, open_card

MEMBER = "z9-member"
HIDDEN_BY_THE_BAR = """() => {
  const on = document.activeElement, bar = document.getElementById("bar");
  if (on === document.body || bar.contains(on) || getComputedStyle(bar).position !== "sticky") return "";
  const box = (on.closest("label") ?? on).getBoundingClientRect(), top = bar.getBoundingClientRect().top;
  return box.bottom > top + 1 && box.top < top ? `${on.id || on.name}: ${box.bottom} under ${top}` : "";
}"""


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path, csrf=True)
    built.change(f"update slot set state = 'open', opened_at = '2021-07-19T01:00:00Z' where id = {built.first_slot}")
    return built


@pytest.fixture
def running(day: ScoringDay) -> Iterator[Running]:
    server = Running(day.site)
    yield server
    server.stop()


def faults(page: Page) -> list[Any]:
    return [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in violations(page)]


@pytest.mark.parametrize(
    ("width", "height"),
    [(360, 480), (360, 740), (640, 400)],
    ids=["a window like that of a chat", "a phone", "a laptop at 200 %"],
)
def test_every_control_can_be_reached_by_keys_and_none_lies_under_the_bar(
    browser: Browser, running: Running, day: ScoringDay, width: int, height: int
) -> None:
    with browsing(browser, running, MEMBER, language="th", viewport={"width": width, "height": height}) as context:
        page = open_card(context, running, day.card(MEMBER))
        page.focus("#am-i-yes")
        seen = set()
        for _ in range(120):
            page.keyboard.press("Tab")
            assert page.evaluate(HIDDEN_BY_THE_BAR) == ""
            seen.add(page.evaluate("document.activeElement.name || document.activeElement.id"))
            if "to-send" in seen or "then" in seen:
                break
        assert {*day.whole(), "next-blank"} <= seen
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        thumb = page.locator('[data-place="d1/commitment"] label.choice').first.bounding_box()
        assert thumb is not None
        assert thumb["height"] >= 44


def test_who_it_is_is_asked_once_a_day_in_the_largest_letters(
    browser: Browser, running: Running, day: ScoringDay
) -> None:
    with browsing(browser, running, MEMBER) as context:
        page = open_card(context, running, day.card(MEMBER))
        who = page.locator("#am-i strong")
        expect(who).to_have_text("Director of the training centre, zone 9, East 2")
        assert who.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") >= 22
        page.click("#am-i-yes")
        page.reload()
        expect(page.locator("#am-i")).to_be_hidden()
        page.goto(f"{running.address}/s/card/{day.card(MEMBER, 'wf-a-23')}")
        expect(page.locator("#am-i")).to_be_hidden()
        page.evaluate("document.getElementById('am-i').hidden = false")
        page.click("#am-i-no")
        page.wait_for_url("**/sign-in")


def test_the_bar_counts_down_what_the_chair_set_in_motion(browser: Browser, running: Running, day: ScoringDay) -> None:
    day.change(
        "insert into phase (slot_id, phase, seconds, at, by_id) "
        f"values ({day.first_slot}, 'presenting', 600, '2021-07-19T01:14:30Z', 1)"
    )
    with browsing(browser, running, MEMBER) as context:
        page = open_card(context, running, day.card(MEMBER))
        expect(page.locator(".bar-going")).to_contain_text("Presentation")
        left = page.locator("#bar [data-countdown]")
        expect(left).to_be_visible()
        minutes, _, seconds = left.inner_text().partition(":")
        assert 500 < int(minutes) * 60 + int(seconds) <= 570


@pytest.mark.parametrize("language", ["th", "en"])
def test_what_is_kept_late_or_lost_is_said_so_that_everyone_can_read_it(
    browser: Browser, running: Running, day: ScoringDay, language: str
) -> None:
    card, slot = day.card(MEMBER), day.first_slot
    with browsing(
        browser, running, MEMBER, language=language, viewport={"width": 360, "height": 740}
    ) as context:  # fmt: skip
        page = open_card(context, running, card)
        is_kept(page, f"/s/card/{card}")
        assert faults(page) == []  # with the question who it is
        day.change(f"update slot set state = 'closed', closed_at = '2021-07-19T01:10:00Z' where id = {slot}")
        give(page, "d1/commitment", "4")
        expect(page.locator("#told a")).to_be_visible()
        assert faults(page) == []
        page.click("form[data-sign-out] button")
        expect(page.locator("dialog")).to_be_visible()
        assert faults(page) == []
        page.locator("dialog button").first.click()
        page.reload()
        expect(page.locator("#kept")).to_be_visible()
        expect(page.locator("#ask-reason")).to_be_visible()
        assert faults(page) == []
        day.change(f"update slot set state = 'open', closed_at = null where id = {slot}")
        page.reload()
        expect(page.locator("#late")).to_be_visible()
        assert faults(page) == []
        page.click("#late-send")
        saved(page)
        context.set_offline(True)
        page.goto(f"{running.address}/s/card/999999")  # kept nowhere: what opens is told
        expect(page.locator("ul.away a")).not_to_have_count(0)
        assert faults(page) == []
        page.goto(f"{running.address}/s/card/{card}")
        expect(page.locator(".kept-page")).to_be_visible()
        assert faults(page) == []
