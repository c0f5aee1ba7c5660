"""A whole day of Trat, lived by its panel of three, the province's officer and the organizer, each in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.award.scoring_day import ScoringDay
from tests.faults.program import award
from tests.journeys.living import (
    SEEN,
    Hours,
    Marks,
    be_ready,
    build_sent_day,
    declare_none,
    done,
    entered,
    gap,
    give_reason,
    press_step,
    send,
    step,
    tick,
    unfold,
)
from tests.journeys.serving import Person

CHAIR, MEMBER, LATE, OFFICER, ORGANIZER = "z9-chair", "z9-member", "z9-secretary", "p23", "organizer"
PANEL = (CHAIR, MEMBER, LATE)
MISSED, CHANGED = "รถเสียระหว่างทาง ได้ฟังบันทึกการนำเสนอครบแล้ว", "ขอแก้ข้อเดียวหลังหารือ"
DARK, CALLED = "ไฟฟ้าดับที่ศาลากลางจังหวัด", "ถูกเรียกไปราชการด่วน"
REASONS = (MISSED, CHANGED, DARK, CALLED)
People = dict[str, Person]


@pytest.fixture
def hours(tmp_path: Path) -> Iterator[Hours]:
    hours = Hours(build_sent_day(tmp_path))
    hours.at("08:15")
    yield hours
    hours.stop()


def test_a_whole_day_of_trat(browser: Browser, hours: Hours) -> None:
    day, marks = hours.day, Marks(hours.day)
    with entered(browser, hours, *PANEL, OFFICER, ORGANIZER) as people:
        the_morning(day, people)
        with gap(*people.values()):
            hours.at("09:00")
            the_presentation(day, people)
        the_marking(day, people, marks)
        the_discussion(day, people, marks)
        the_power_cut(day, people)
        with gap(*people.values()):
            hours.at("13:00")
            three_categories(day, people, marks)
        with gap(*people.values()):
            hours.at("15:00")
            the_last_slot(day, people, marks)
        the_papers(day, people, marks)
    hours.stop()
    checked = award("ledger", "check", data=day.site.settings.data)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def the_morning(day: ScoringDay, people: People) -> None:
    """08:15: who has come in time declares and is ready; the province too; the chair sees it without reloading."""
    first = day.first_slot
    chair = people[CHAIR]
    for login in (CHAIR, MEMBER):
        declare_none(people[login])
        be_ready(people[login], "/s/", first)
    page = chair.go(f"/s/{day.session}/chair")
    expect(page.locator("#stage .counts li").nth(1)).to_contain_text("2")
    be_ready(people[OFFICER], f"/s/{day.session}/province", first)
    expect(page.locator("#stage .counts li").nth(2)).to_contain_text("พร้อม", timeout=SEEN)
    expect(page.locator("#stage .counts li").nth(2)).not_to_contain_text("ยัง", timeout=SEEN)


def the_presentation(day: ScoringDay, people: People) -> None:
    """09:00: attendance is ticked, the slot opened, the presentation begun: everybody sees it count down."""
    first, page = day.first_slot, people[CHAIR].page
    people[CHAIR].go(f"/s/{day.session}/chair")
    people[MEMBER].go("/s/")
    for login in (CHAIR, MEMBER):
        unfold(page, first)
        tick(page, first, day.seat(login), "present")
    press_step(page, first)
    press_step(page, first, minutes="10")
    shown = f'[data-slot="{first}"] [data-countdown], [data-slot="{first}"][data-countdown]'
    for login in (CHAIR, MEMBER, OFFICER):
        counting = people[login].page.locator(shown).first
        expect(counting).to_have_text(re.compile(r"^(10:00|0?9:\d\d)$"), timeout=SEEN)
    expect(people[OFFICER].page.locator(".agenda-on")).to_be_visible(timeout=SEEN)
    page.click(f"#steps-{first} > summary")
    press_step(page, first, minutes="5")  # the questions
    expect(people[OFFICER].page.locator(".going-phase").first).to_have_text("ถาม-ตอบ", timeout=SEEN)


def the_marking(day: ScoringDay, people: People, marks: Marks) -> None:
    """One member comes late, one loses the network for a while; nobody sees another's marks; the chair waits."""
    first, chair, member, late = day.first_slot, people[CHAIR], people[MEMBER], people[LATE]
    seat = day.seat(LATE)
    unfold(chair.page, first)
    tick(chair.page, first, seat, "late")
    declare_none(late)

    card = day.card(MEMBER)
    member.go(f"/s/card/{card}")
    expect(member.page.locator(".seat")).to_be_visible()
    expect(member.page.locator("#am-i-who")).to_contain_text("ใช่หรือไม่")
    with gap(member):
        member.page.click("#am-i-yes")
        member.context.set_offline(True)
        for place in ("d1/commitment", "d1/plans", "d1/initiative"):
            member.page.click(f'[data-place="{place}"] label.choice:has(input[value="4"])')
        expect(member.page.locator("#saving")).to_contain_text("3", timeout=SEEN)
        assert day.revision(card) == 0
        member.context.set_offline(False)
        expect(member.page.locator('#saving[data-now="saved"]')).to_be_visible(timeout=SEEN)
    assert day.revision(card) > 0

    marks.give(member, MEMBER, "to-23", by_keyboard=True)
    send(member)
    marks.give(chair, CHAIR, "to-23", by_keyboard=True)
    send(chair)
    marks.give(late, LATE, "to-23", only="1")
    late.page.click("#to-send")
    late.page.wait_for_url("**/send")
    assert late.page.locator("form.send button").count() == 0, "whoever missed the presentation does not send"

    nobody_sees(day, people, marks, "to-23")
    page = chair.go(f"/s/{day.session}/chair")
    refused = chair.context.request.get(f"{chair.address}/s/slot/{first}/compare")
    assert refused.status == 423
    press_step(page, first)  # the time for marking
    expect(page.locator("#stage .step-wait")).to_be_visible(timeout=SEEN)
    unfold(page, first)
    give_reason(page, f"allow-{first}-{seat}", MISSED)
    late.go(f"/s/card/{day.card(LATE)}")
    send(late)
    nobody_sees(day, people, marks, "to-23")
    expect(step(page, first)).to_be_visible(timeout=SEEN)


def the_discussion(day: ScoringDay, people: People, marks: Marks) -> None:
    """The slot is closed, the marks stand side by side; one card is opened again with a reason, sent and closed."""
    first, chair, late = day.first_slot, people[CHAIR], people[LATE]
    page = chair.page
    press_step(page, first, to="/close")
    for login in PANEL:
        compared = people[login].go(f"/s/slot/{first}/compare").locator("main").inner_text()
        assert all(total in compared for total in marks.totals.values())
        with pytest.raises(AssertionError, match="reads"):  # the control: what is open to all by now would be noticed
            marks.hidden_from(login, people[login].page.content(), "compare")
    chair.go(f"/s/{day.session}/chair")
    press_step(page, first, minutes="5")  # the discussion
    expect(page.locator("#stage .going-phase")).to_have_text("หารือ", timeout=SEEN)
    unfold(page, first)
    give_reason(page, f"card-{day.card(LATE)}", CHANGED)
    expect(page.locator("#stage .step-wait")).to_be_visible(timeout=SEEN)
    late.go(f"/s/card/{day.card(LATE)}")
    marks.change(late, LATE, "to-23", "d1/commitment", "3")
    assert late.status_of(f"/s/slot/{first}/compare") == 423, "open again, nothing stands side by side"
    send(late)
    press_step(page, first, to="/close")
    late.go(f"/s/slot/{first}/compare")
    opened = late.page.locator("main").inner_text()
    assert CHANGED in opened
    assert marks.totals["to-23", LATE] in opened
    chair.go(f"/s/{day.session}/chair")
    if step(page, first).is_visible():
        press_step(page, first)


def the_power_cut(day: ScoringDay, people: People) -> None:
    """Slot 2 is put off to 15:00: everybody sees it at once, the province in bold with the old time and the reason."""
    second, chair = day.slots[1], people[CHAIR]
    officer = people[OFFICER].go(f"/s/{day.session}/province")
    member = people[MEMBER].go("/s/")
    chair.go(f"/s/{day.session}/chair").click(f"#how-{second} a[href*='/move']")
    chair.page.fill("#time", "๑๕.๐๐")
    chair.page.fill("#reason", DARK)
    chair.page.click("main form button.btn-primary")
    if "/move" in chair.page.url:  # a clash is warned of once
        chair.page.click("main form button.btn-primary")
    moved = officer.locator(f"#slot-{second} .agenda-moved")
    expect(moved.locator("strong")).to_contain_text("15.00", timeout=SEEN)
    expect(moved.locator("strong")).to_contain_text("11.00")
    expect(moved).to_contain_text("ไฟฟ้าดับ")
    assert int(moved.locator("strong").evaluate("(each) => getComputedStyle(each).fontWeight")) >= 600
    expect(member.locator(f"#slot-{second} .slot-time")).to_have_text("15.00 น.", timeout=SEEN)
    chair.go(f"/s/{day.session}/chair")
    expect(chair.page.locator(f"#slot-{second} .slot-time")).to_have_text("15.00 น.")


def three_categories(day: ScoringDay, people: People, marks: Marks) -> None:
    """13:00: one slot, three entries, each with a card of its own."""
    third, chair = day.slots[2], people[CHAIR]
    page = chair.go(f"/s/{day.session}/chair")
    with done(page):
        page.click(f"#slot-{third} #step-{third}, #stage #step-{third}")
    with done(page):
        page.click(f"#all-{third}")
    codes = ("wf-a-23", "wf-b-23", "wf-c-23")
    for login in PANEL:
        for code in codes:
            marks.give(people[login], login, code)
            send(people[login])
    for code in codes:
        nobody_sees(day, people, marks, code)
    chair.go(f"/s/{day.session}/chair")
    press_step(page, third, to="/close")
    chair.go(f"/s/slot/{third}/compare")
    assert page.locator(".compared").count() == 3


def the_last_slot(day: ScoringDay, people: People, marks: Marks) -> None:
    """15:00: one member is called away: recorded as absent, two are enough, and the day is over."""
    second, chair = day.slots[1], people[CHAIR]
    page = chair.go(f"/s/{day.session}/chair")
    with done(page):
        page.click(f"#slot-{second} #step-{second}, #stage #step-{second}")
    unfold(page, second)
    form = f"excuse-{second}"
    page.click(f"#{form}-more > summary")
    page.select_option(f"#{form}-seat", str(day.seat(LATE)))
    page.fill(f"#{form}-reason", CALLED)
    with done(page):
        page.click(f"#{form}-more button")
    for login in (CHAIR, MEMBER):
        marks.give(people[login], login, "pa-23")
        send(people[login])
    nobody_sees(day, people, marks, "pa-23")
    chair.go(f"/s/{day.session}/chair")
    press_step(page, second, to="/close")
    expect(page.locator(f"#slot-{second}.slot-closed")).to_be_visible(timeout=SEEN)


def the_papers(day: ScoringDay, people: People, marks: Marks) -> None:
    """Minutes with the times, the late member, the reasons and, now that all is closed, the totals, for the panel; a
    paragraph of news without any for the province."""
    chair, officer = people[CHAIR], people[OFFICER]
    text = chair.text_of(f"/s/{day.session}/minutes.txt")
    for said in (*REASONS, "15.00 น.", *marks.totals.values()):
        assert said in text, said
    assert officer.status_of(f"/s/{day.session}/minutes.txt") in (403, 404)
    chair.go(f"/s/{day.session}/minutes")
    with chair.page.expect_download() as download:
        chair.page.evaluate("document.querySelector('a[href$=\".pdf\"]').setAttribute('download', '')")
        chair.page.click('a[href$=".pdf"]')
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"
    news = officer.go(f"/s/{day.session}/news").locator("#news-th").input_value()
    assert "ตราด" in news
    for total in marks.totals.values():
        assert total not in news


def nobody_sees(day: ScoringDay, people: People, marks: Marks, code: str) -> None:
    """Until the slot is closed no page of anybody shows another's total or note, and the comparison is locked."""
    session = day.session
    slot = int(day.value("select slot_id from assignment where id = :id", id=day.card(CHAIR, code)))
    only = Marks(day, totals={(entry, who): total for (entry, who), total in marks.totals.items() if entry == code})
    of_all = (f"/s/{session}", f"/s/{session}/live", f"/s/{session}/minutes", f"/s/{session}/minutes.txt")
    paths = {
        CHAIR: ("/s/", *of_all, f"/s/{session}/chair"),
        MEMBER: ("/s/", *of_all), LATE: ("/s/", *of_all, f"/s/slot/{slot}/paper"),
        OFFICER: (f"/s/{session}/province", f"/s/{session}/live", "/e/"),
        ORGANIZER: (*of_all, "/z/", "/z/wall", "/z/live", "/o/"),
    }  # fmt: skip
    for login, each in paths.items():
        person = people[login]
        own = (f"/s/card/{day.card(login, code)}", f"/s/card/{day.card(login, code)}/send") if login in PANEL else ()
        for path in (*each, *own):
            only.hidden_from(login, person.text_of(path), path)
        only.hidden_from(login, person.page.content(), person.page.url)
        assert person.status_of(f"/s/slot/{slot}/compare") in (403, 404, 423), login
