"""What a member types survives a dead network, a dead server and a dead phone: stored as typed, and once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, Response, expect

from tests.award.scoring_day import build_day
from tests.journeys.survival import (
    LINE,
    RECORDED,
    SOON,
    Device,
    Line,
    Served,
    give,
    open_card,
    phone,
    saved,
    sign_in,
    waiting,
)

MEMBER = "z9-member"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    day = build_day(tmp_path, csrf=True)
    day.change(
        "update slot set state = 'open', opened_at = '2021-07-19T02:00:00.000000Z' where id = :s", s=day.first_slot
    )
    site = Served(day)
    site.start()
    yield site
    site.end()


def key_of(save: Request) -> str:
    """The client's key in a save."""
    return str((save.post_data_json or {})["key"])


def test_the_network_gone_for_minutes_leaves_every_change_in_the_page_and_sends_it_afterwards(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        page.clock.install()
        give(page, "d1/commitment", "4")
        page.clock.run_for(400)
        saved(page)
        context.set_offline(True)
        give(page, "d1/plans", "3")
        page.fill("#c-note-d1--plans", "สัญญาณหายระหว่างทาง")
        give(page, "d1/initiative", "5")
        page.clock.run_for(6_000)
        waiting(page, 3)
        page.clock.fast_forward("04:00")  # minutes in which it tries again and again
        give(page, "d1/initiative", "2")
        page.clock.run_for(6_000)
        waiting(page, 3)
        assert served.rows(card) == [(1, "d1/commitment", "4")]
        context.set_offline(False)
        page.clock.run_for(6_000)
        saved(page)
    assert served.marks(card) == {
        "d1/commitment": "4", "d1/plans": "3 สัญญาณหายระหว่างทาง", "d1/initiative": "2",
    }  # fmt: skip


def test_a_reload_without_a_network_shows_the_sheet_with_what_was_typed_and_sends_it_later(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        context.set_offline(True)
        give(page, "d1/commitment", "4")
        waiting(page, 1)
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-kept", "")
        expect(page.locator(".kept-page")).to_be_visible()
        expect(page.locator('[data-place="d1/commitment"] input[value="4"]')).to_be_checked()
        give(page, "d1/plans", "2")
        waiting(page, 2)
        page.goto(f"{served.address}/s/")  # the board was kept too
        page.click(f'a[href="/s/card/{card}"]')
        expect(page.locator('[data-place="d1/plans"] input[value="2"]')).to_be_checked()
        context.set_offline(False)
        saved(page)
    assert served.marks(card) == {"d1/commitment": "4", "d1/plans": "2"}


def test_the_server_stopped_and_restarted_gets_everything_once(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        give(page, "d1/commitment", "4")
        saved(page)
        served.stop()
        give(page, "d1/plans", "3")
        waiting(page, 1)
        page.reload()  # with the server away the sheet comes from the device
        expect(page.locator('[data-place="d1/plans"] input[value="3"]')).to_be_checked()
        give(page, "d2/spending", "1")
        waiting(page, 2)
        served.start()
        saved(page)
        expect(page.locator("#total")).not_to_have_text("6.40")
    assert served.marks(card) == {"d1/commitment": "4", "d1/plans": "3", "d2/spending": "1"}


def test_a_tab_closed_while_the_server_is_away_sends_when_the_card_is_opened_again(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    with phone(browser, served, MEMBER) as context:
        page = open_card(context, served, card)
        served.stop()
        give(page, "d2/spending", "2")
        page.close()  # at once: nothing was said yet
        served.start()
        page = open_card(context, served, card)
        saved(page)
        expect(page.locator('[data-place="d2/spending"] input[value="2"]')).to_be_checked()
    assert served.rows(card) == [(1, "d2/spending", "2")]


def test_a_phone_that_dies_has_everything_when_it_is_switched_on_again(
    browser: Browser, chromium_path: str, served: Served, tmp_path: Path
) -> None:
    card = served.day.card(MEMBER)
    device = Device(browser, chromium_path, tmp_path / "profile", served)
    context = device.on()
    sign_in(context.pages[0], served.address, MEMBER, served.day.site.round.password)
    page = open_card(context, served, card)
    served.stop()
    give(page, "d1/commitment", "4")
    page.fill("#c-note-d1--commitment", "จดไว้ก่อนแบตเตอรี่หมด")
    give(page, "d1/plans", "3")
    page.wait_for_timeout(100)  # a tenth of a second
    device.die()
    context = device.on()
    page = context.new_page()
    page.goto(f"{served.address}/s/card/{card}")  # the server is still away: the device has the page and the marks
    expect(page.locator('[data-place="d1/commitment"] input[value="4"]')).to_be_checked()
    expect(page.locator('[data-place="d1/plans"] input[value="3"]')).to_be_checked()
    expect(page.locator("#c-note-d1--commitment")).to_have_value("จดไว้ก่อนแบตเตอรี่หมด")
    waiting(page, 3)
    device.die()
    served.start()
    context = device.on()
    context.clear_cookies()  # browsers write them down every half a minute: the sign-in may be gone as well
    sign_in(context.pages[0], served.address, MEMBER, served.day.site.round.password)
    page = open_card(context, served, card)
    saved(page)
    context.close()
    assert served.marks(card) == {"d1/commitment": "4 จดไว้ก่อนแบตเตอรี่หมด", "d1/plans": "3"}
    assert served.saves() <= 2  # what was on its way when it died, and the rest


def test_an_answer_lost_on_the_way_is_asked_for_again_and_gives_the_first_receipt(
    browser: Browser, served: Served
) -> None:
    card = served.day.card(MEMBER)
    line = Line(served.port)
    behind = Served(served.day, port=line.port)
    with phone(browser, behind, MEMBER) as context:
        page = open_card(context, behind, card)
        receipts: list[tuple[str, str]] = []

        def note(answer: Response) -> None:
            if answer.url.endswith("/marks"):
                receipts.append((key_of(answer.request), answer.json()["receipt"]))

        page.on("response", note)
        line.swallow_next = True
        with page.expect_request("**/marks") as first:
            give(page, "d1/commitment", "3")
        waiting(page, 1)
        assert len(line.swallowed) == 1
        assert line.swallowed[0].startswith(b"HTTP/1.1 200")
        assert served.rows(card) == [(1, "d1/commitment", "3")]
        line.mend()
        saved(page)
        expect(page.locator(LINE)).to_contain_text("Saved 09:1", timeout=SOON)
        first_receipt = served.day.value(
            "select '#' || seq || ' · ' || substr(leaf, 1, 4) || ' ' || substr(leaf, 5, 4) from ledger_line "
            "where line like :act order by at desc, seq desc limit 1",
            act=RECORDED,
        )
        assert receipts == [(key_of(first.value), first_receipt)]
    line.close()
    assert served.rows(card) == [(1, "d1/commitment", "3")]
    assert served.saves() == 1


def test_an_answer_lost_and_the_tab_closed_doubles_nothing_either(browser: Browser, served: Served) -> None:
    card = served.day.card(MEMBER)
    line = Line(served.port)
    behind = Served(served.day, port=line.port)
    with phone(browser, behind, MEMBER) as context:
        page = open_card(context, behind, card)
        line.swallow_next = True
        give(page, "d1/commitment", "3")
        waiting(page, 1)
        page.close()
        line.mend()
        page = open_card(context, behind, card)
        expect(page.locator('[data-place="d1/commitment"] input[value="3"]')).to_be_checked()
        give(page, "d1/plans", "1")
        saved(page)
    line.close()
    assert served.rows(card) == [(1, "d1/commitment", "3"), (2, "d1/plans", "1")]
