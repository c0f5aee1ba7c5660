"""A province's list of entries after the deadline: the deadline once, and for every draft what can be done."""

from datetime import timedelta

from flask.testing import FlaskClient

from tests.award.build import TRAT, BuiltSite
from tests.award.test_entries import entry_of, find
from tests.award.test_entries import officer as officer
from tests.award.test_entries import site as site


def test_a_begun_draft_says_that_it_may_be_opened_late_and_what_was_asked(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    ask = f'href="/late/ask/{entry.id}"'
    assert ask not in officer.get("/e/").text, "there is time"
    site.clock.set(find(site, entry.id).deadline_at + timedelta(seconds=2))
    shown = officer.get("/e/").text
    assert shown.count(ask) == 1 and "Not sent in time" in shown
    asked = officer.post(f"/late/ask/{entry.id}", data={"reason": "น้ำท่วมสำนักงานทั้งวัน", "key": "k" * 20})
    assert asked.status_code == 303
    shown = officer.get("/e/").text
    assert ask not in shown and "Asked to send late: waits for the organizer" in shown


def test_the_deadline_stands_once_before_it_and_after(site: BuiltSite, officer: FlaskClient) -> None:
    deadline = find(site, entry_of(site, f"to-{TRAT}").id).deadline_at
    for moment, told in ((-1, "Today is the last day"), (2, "The deadline was")):
        site.clock.set(deadline + timedelta(seconds=moment))
        shown = officer.get("/e/").text
        main = shown[shown.index("<main") :]
        assert main.count("08:55") == 1 and told in main
        assert ("data-closes" in shown) is (moment < 0), "nothing is counted down that is over"
