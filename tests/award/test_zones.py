"""All zones at once: where each is, what is late, who needs help; counts and states, cheap to ask for every second."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text, update

from award.db.scoring import Assignment, Mark, Slot
from award.policy import Actor, HeldDuty, may_see_days, may_see_progress, may_see_runs
from award.queries.zones import get_version, list_zones_on
from tests.award.hostile import freeze
from tests.award.zones_day import ASKED, DONE, LATE, LOST, NOW, ON, WAITING, ZonesDay, build_zones_day, live_through

SECRET = "73.19"


@pytest.fixture
def day(tmp_path: Path) -> ZonesDay:
    return build_zones_day(tmp_path, zones=9)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZonesDay]:
    """For reading only."""
    made = build_zones_day(tmp_path_factory.mktemp("lived"))
    live_through(made)
    yield made


def block(page: str, zone: int) -> str:
    """What the page says of one zone."""
    return page.split(f'id="zone-{zone}"')[1].split("</tbody>")[0]


def live(client: FlaskClient, zone: int = ON) -> dict[str, Any]:
    told: Any = client.get("/z/live").json
    found: dict[str, Any] = next(each for each in told["zones"] if each["number"] == zone)["sessions"][0]
    return found


# --- what stands there ------------------------------------------------------------------------------------------------


def test_each_zone_is_told_by_where_it_is(lived: ZonesDay):
    page = lived.site.client_as("organizer").get("/z/").text
    on = block(page, ON)
    assert "Scoring" in on and "Began 4 min late." in on and "1/15" in on
    assert "All slots closed" in block(page, DONE)
    assert "Should have begun 30 min ago." in block(page, LATE)
    assert "On now: 16" in page and "Late: 1" in page and "Finished: 1" in page


def test_what_needs_help_is_named_by_seats_and_never_by_persons(lived: ZonesDay):
    freeze(lived.site, NOW)
    page = lived.site.client_as("organizer").get("/z/").text
    assert "No network: Member (2)." in block(page, LOST)
    waiting = block(page, WAITING)
    assert "Absent: Member (2)." in waiting and "Changes waiting on devices: 6 (Secretary (3))." in waiting
    asked = block(page, ASKED)
    assert "Requests to open a sheet again: 1." in asked and "Paper sheets not confirmed: 1." in asked
    assert "Head of the department" in lived.site.client_as("executive").get("/z/").text, "the reader's own title"
    assert "training centre" not in page.split('id="main"')[1]


def test_only_those_that_need_help_are_shown_when_asked_for(lived: ZonesDay):
    freeze(lived.site, NOW)
    page = lived.site.client_as("organizer").get("/z/?help=1").text
    shown = [zone for zone in range(1, 19) if f'id="zone-{zone}"' in page]
    assert shown == sorted({LATE, LOST, WAITING, ASKED})


def test_a_zone_says_who_has_not_declared_once_it_has_begun(day: ZonesDay):
    day.open(ON)
    day.do(text("delete from declaration where seat_id = :s").bindparams(s=day.seats(ON)[0]))
    day.tell(ON)
    assert "Interest not declared: Chair." in block(day.site.client_as("organizer").get("/z/").text, ON)


def test_an_entry_that_was_not_presented_is_counted_and_its_sheets_are_not_waited_for(day: ZonesDay):
    day.open(ON)
    before = live(day.site.client_as("organizer"))["slots"][0]
    day.do(
        text(
            "update entry set state = 'not_presented', submitted_at = '2021-07-09T02:00:00.000000Z' where id in "
            "(select entry_id from assignment where slot_id = :s)"
        ).bindparams(s=day.slot(ON))
    )
    day.tell(ON)
    after = live(day.site.client_as("organizer"))["slots"][0]
    assert (before["cards"], before["not_presented"]) == (3, 0)
    assert (after["cards"], after["not_presented"]) == (0, 1)


def test_who_has_sent_everything_may_close_their_page(day: ZonesDay):
    day.open(ON)
    gone = day.seats(ON)[1]
    day.see(ON, gone, ago=600)
    assert live(day.site.client_as("organizer"))["lost"] == [gone]
    day.do(update(Assignment).where(Assignment.seat_id == gone).values(state="sent", receipt="#1", sent_at=NOW))
    day.tell(ON)
    assert live(day.site.client_as("organizer"))["lost"] == []


def test_thirty_seconds_of_silence_are_trouble_and_the_page_learns_of_it_without_any_act(day: ZonesDay):
    day.open(ON)
    client = day.site.client_as("organizer")
    first = client.get("/z/live")
    freeze(day.site, NOW + timedelta(seconds=20))
    assert client.get("/z/live", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    freeze(day.site, NOW + timedelta(seconds=27))
    second = client.get("/z/live", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert len(live(client)["lost"]) == 3


def test_a_rehearsal_is_called_one(day: ZonesDay):
    day.do(
        text("update scoring_session set rehearsed_from = '2021-07-19T01:00:00.000000Z' where id = :s").bindparams(
            s=day.session(ON)
        )
    )
    day.tell(ON)
    assert "Rehearsal since 08:00." in block(day.site.client_as("organizer").get("/z/").text, ON)


def test_other_days_are_reached_by_links_and_a_day_without_sessions_says_so(day: ZonesDay):
    client = day.site.client_as("organizer")
    day.do(text("update scoring_session set day = '2021-07-20' where id = :s").bindparams(s=day.session(ON)))
    day.tell(ON)
    assert "/z/?day=2021-07-20" in client.get("/z/").text
    there = client.get("/z/?day=2021-07-20").text
    assert f'id="zone-{ON}"' in there and "/z/?day=2021-07-19" in there and "/z/live?day=2021-07-20" in there
    assert "No zone has a session on this day." in client.get("/z/?day=2021-07-25").text
    assert client.get("/z/?day=yesterday").status_code == 404


def test_a_slot_that_was_never_opened_on_its_day_is_told_the_day_after(day: ZonesDay):
    freeze(day.site, NOW + timedelta(days=1))
    page = day.site.client_as("organizer").get("/z/?day=2021-07-19").text
    assert "was not opened on its day." in block(page, ON)


# --- who sees it ------------------------------------------------------------------------------------------------------


def test_an_executive_sees_progress_and_nothing_else(lived: ZonesDay):
    client = lived.site.client_as("executive")
    assert client.get("/").location == "/z/"
    for address in ("/z/", "/z/wall", "/z/live", "/o/", "/rules/", "/results/"):
        assert client.get(address).status_code == 200, address
    for address in ("/r/", "/e/", "/people/", f"/s/{lived.session(ON)}", f"/s/slot/{lived.slot(DONE)}/compare"):
        assert client.get(address).status_code == 403, address
    pages = client.get("/o/").text + client.get("/z/").text + client.get("/z/wall").text
    assert not [each for each in ('href="/r/', 'href="/e/', 'href="/s/', 'href="/people/') if each in pages]


def test_progress_is_for_those_who_run_watch_or_head_the_round():
    def holding(role: str) -> Actor:
        return Actor(1, "x", "x", "x", (HeldDuty(1, role, None, None, "x", "x"),))

    allowed = {
        role for role in ("officer", "member", "chair", "organizer", "auditor", "administrator", "executive")
        if may_see_progress(holding(role))
    }  # fmt: skip
    assert allowed == {"organizer", "auditor", "executive"}
    assert not may_see_runs(holding("executive")) and not may_see_days(holding("executive"))


def test_an_organizer_proposes_an_executive_and_a_second_person_confirms(day: ZonesDay):
    client, person = day.site.client_as("organizer"), day.value("select id from user where login = 'p22'")
    assert "Executive" in client.get(f"/people/{person}/duty").text
    sent = {"key": "an executive", "role": "executive", "title_th": "ผู้บริหาร", "from_day": "19/7/2564"}
    assert client.post(f"/people/{person}/duty", data=sent).status_code == 303
    duty = day.value("select id from duty where role = 'executive' and state = 'proposed'")
    other = day.site.client_as("organizer2")
    assert other.post(f"/people/duty/{duty}/confirm", data={"key": "confirmed"}).status_code == 303
    assert day.value("select state from duty where id = :id", id=duty) == "confirmed"


# --- no mark --------------------------------------------------------------------------------------------------------


def test_no_statement_of_these_pages_touches_a_mark_and_no_value_of_one_shows(day: ZonesDay):
    day.open(ON)
    card = day.value("select min(id) from assignment where slot_id = :s", s=day.slot(ON))
    client = day.site.client_as("organizer")
    before = {address: client.get(address).data for address in ("/z/live",)}
    day.do(insert(Mark).values(assignment_id=card, revision=1, criterion="d1", value=Decimal(4), note=SECRET, at=NOW))
    with day.site.statements() as asked:
        for address in ("/z/", "/z/wall", "/z/live"):
            assert SECRET not in client.get(address).text
    assert asked and not [each for each in asked if " mark" in each.lower()]
    assert client.get("/z/live").data == before["/z/live"]


# --- cheap ------------------------------------------------------------------------------------------------------------


def counted(day: ZonesDay) -> int:
    with day.site.database.reading() as db, day.site.statements() as asked:
        found = list_zones_on(db, day=NOW.date(), now=NOW)
    assert len(found) == 18
    return len(asked)


def test_one_zone_and_eighteen_take_the_same_statements(tmp_path: Path, lived: ZonesDay):
    (tmp_path / "one").mkdir()
    alone = build_zones_day(tmp_path / "one", zones=1)
    one = alone.value("select panel.zone_number from scoring_session join panel on panel.id = panel_id")
    alone.open(one)
    assert counted(alone) == counted(lived) <= 11


def test_what_has_not_changed_takes_one_statement_besides_who_asks_and_is_read_once_for_all(lived: ZonesDay):
    freeze(lived.site, NOW)
    clients = [lived.site.client_as(login) for login in ("organizer", "auditor", "executive")]
    etag = clients[0].get("/z/live").headers["ETag"]
    for client in clients:
        with lived.site.statements() as asked:
            answer = client.get("/z/live")
        assert (answer.status_code, answer.headers["ETag"], len(asked)) == (200, etag, 2), "read before, by another"
        with lived.site.statements() as asked:
            answer = client.get("/z/live", headers={"If-None-Match": etag})
        assert (answer.status_code, answer.data, len(asked)) == (304, b"", 2)
        assert answer.headers["X-Now"] == str(round(NOW.timestamp() * 1000))


def test_the_version_changes_with_every_act_and_stays_without_one(day: ZonesDay):
    def version() -> str:
        with day.site.database.reading() as db:
            return get_version(db, day=NOW.date(), now=NOW)

    first = version()
    assert version() == first
    day.tell(ON)
    assert version() != first
    second = version()
    day.see(ON, day.seats(ON)[0], unsent=2)
    assert version() != second
    third = version()
    day.do(text("update scoring_session set day = '2021-07-20' where id = :s").bindparams(s=day.session(ON)))
    assert version() != third


def test_a_real_act_of_a_chair_is_on_the_board_at_once(day: ZonesDay):
    client = day.site.client_as("organizer")
    first = client.get("/z/live").headers["ETag"]
    chair = day.site.client_as(f"z{ON}-chair")
    opened = chair.post(f"/s/slot/{day.slot(ON)}/open", data={"key": "key-of-the-chair"})
    assert opened.status_code == 303
    answer = client.get("/z/live", headers={"If-None-Match": first})
    assert answer.status_code == 200
    assert live(client)["slots"][0]["state"] == "open"
    assert (
        day.value("select state from slot where id = :s", s=day.slot(ON)) == "open" == live(client)["slots"][0]["state"]
    )


# --- the wall ---------------------------------------------------------------------------------------------------------


def test_the_wall_has_nothing_to_press_and_may_stay_awake(lived: ZonesDay):
    answer = lived.site.client_as("executive").get("/z/wall")
    main = answer.text.split("<main")[1].split("</main>")[0]
    assert not [each for each in ("<a ", "<button", "<input", "<select", "<form") if each in main]
    assert "screen-wake-lock=(self)" in answer.headers["Permissions-Policy"]
    assert "screen-wake-lock=()" in lived.site.client_as("executive").get("/z/").headers["Permissions-Policy"]


def test_the_wall_names_the_zones_that_rest(day: ZonesDay):
    page = day.site.client_as("organizer").get("/z/wall").text
    sql = "select distinct p.zone_number from scoring_session d join panel p on p.id = d.panel_id"
    with day.site.database.reading() as db:
        busy = {row[0] for row in db.execute(text(sql))}
    resting = ", ".join(str(each) for each in range(1, 19) if each not in busy)
    assert f"No session: zones {resting}" in page


def test_a_slot_that_takes_too_long_needs_help(day: ZonesDay):
    day.open(ON)
    lengths = {"presenting_minutes": 5, "questions_minutes": 5, "scoring_minutes": 5}
    day.do(update(Slot).where(Slot.id == day.slot(ON)).values(**lengths))
    day.tell(ON)
    assert "Takes 15 min longer than planned." in block(day.site.client_as("organizer").get("/z/").text, ON)
