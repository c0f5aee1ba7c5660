"""A rehearsal works as the day does, and leaves nothing: every table and every award's log is as it was before."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from award.clock import BANGKOK
from award.db.schema import METADATA
from tests.award.scoring_day import MEMBERS, ScoringDay, build_day, new_key

UNTOUCHED_BY_INTENT = {"ledger_line", "ledger_text", "sign_in", "scoring_session"}


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


@pytest.fixture
def clients(day: ScoringDay) -> dict[str, FlaskClient]:
    """Everybody signed in, before anything is looked at."""
    return {login: day.site.client_as(login) for login in (*MEMBERS, "p23", "organizer", "auditor", "z1-chair")}


@pytest.fixture
def going_on(day: ScoringDay, clients: dict[str, FlaskClient]) -> Iterator[ScoringDay]:
    assert day.post(clients["z9-chair"], f"/s/{day.session}/rehearsal/begin").status_code == 303
    yield day


def everything(day: ScoringDay) -> dict[str, Any]:
    """Every row of every table but the site's log, sign-ins, and the version of sessions; award logs to the byte."""
    with day.site.database.reading() as db:
        tables: dict[str, Any] = {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
            if table.name not in UNTOUCHED_BY_INTENT
        }
        sessions = METADATA.tables["scoring_session"]
        columns = [column for column in sessions.c if column.name != "version"]
        tables["scoring_session"] = [tuple(row) for row in db.execute(select(*columns).order_by(sessions.c.id))]
        for log in ("ledger_line", "ledger_text"):
            lines = db.execute(text(f"select * from {log} where log <> 'site' order by 1, 2, 3"))
            tables[log] = [tuple(row) for row in lines]
    return tables


def practise(day: ScoringDay, client: FlaskClient, changes: dict[str, str], *, base: int = 0, key: str = "") -> Any:
    sent = {"key": key or new_key(), "base_revision": base, "changes": changes}
    return client.post(f"/s/practice/{day.first_slot}/marks", json=sent)


def rehearse_all(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    """Everything that can be rehearsed, by everybody who can."""
    chair = clients["z9-chair"]
    seat = day.seat("z9-member")
    for slot in day.slots:
        last = 0
        for phase in ("presenting", "questions", "scoring", "done"):
            sent = {"phase": phase, "minutes": "5" if phase != "done" else "", "after": str(last), "form": "x"}
            assert day.post(chair, f"/s/slot/{slot}/phase", **sent).status_code == 303
            last = day.value("select max(id) from phase where slot_id = :s", s=slot)
        for state in ("absent", "present"):
            sent = {"seat": str(seat), "state": state, "form": "x"}
            assert day.post(chair, f"/s/slot/{slot}/attendance", **sent).status_code == 303
        assert day.post(chair, f"/s/slot/{slot}/note", text="ทดลองบันทึก", form="x").status_code == 303
        for client, who in ((clients["p23"], "province"), (clients["z9-member"], "seat")):
            assert day.post(client, f"/s/slot/{slot}/ready", who=who, ready="yes", back="/s/").status_code == 303
    for login in MEMBERS:
        assert practise(day, clients[login], day.whole("4")).status_code == 200
        sent = {"base_revision": "1"}
        assert day.post(clients[login], f"/s/practice/{day.first_slot}/send", **sent).status_code == 303


def test_after_a_rehearsal_everything_is_as_before(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    before = everything(day)
    assert day.post(clients["z9-chair"], f"/s/{day.session}/rehearsal/begin").status_code == 303
    rehearse_all(day, clients)
    during = everything(day)
    assert during["phase"] and during["attendance"] and during["ready"] and during["minutes_note"]
    assert len(during["practice_card"]) == 9
    assert during["ledger_line"] == before["ledger_line"], "no line of an award while it goes on"
    assert day.post(clients["z9-chair"], f"/s/{day.session}/rehearsal/end").status_code == 303
    assert everything(day) == before
    acts = ("select group_concat(act) from (select json_extract(line, '$.act') act from ledger_line "
            "where log = 'site' and line like '%_rehearsal\"%' order by seq)")  # fmt: skip
    assert day.value(acts) == "begin_rehearsal,end_rehearsal"


def test_what_was_said_before_the_rehearsal_stays(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    ready = {"who": "province", "ready": "yes", "back": "/s/"}
    assert day.post(clients["p23"], f"/s/slot/{day.first_slot}/ready", **ready).status_code == 303
    before = everything(day)
    for act in ("begin", "end"):
        assert day.post(clients["organizer"], f"/s/{day.session}/rehearsal/{act}").status_code == 303
    assert everything(day) == before and len(before["ready"]) == 1


def test_who_begins_and_ends_a_rehearsal(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    for login, status in (("z9-member", 403), ("p23", 403), ("auditor", 403), ("z1-chair", 404)):
        for act in ("begin", "end"):
            assert day.post(clients[login], f"/s/{day.session}/rehearsal/{act}").status_code == status
    assert day.post(clients["organizer"], f"/s/{day.session}/rehearsal/end").status_code == 423, "there is none"
    assert day.post(clients["organizer"], f"/s/{day.session}/rehearsal/begin").status_code == 303
    assert day.post(clients["z9-chair"], f"/s/{day.session}/rehearsal/begin").status_code == 423
    assert day.post(clients["z9-chair"], f"/s/{day.session}/rehearsal/end").status_code == 303


def test_a_day_is_rehearsed_before_it_begins(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    address = f"/s/{day.session}/rehearsal/begin"
    day.site.clock.set(datetime(2021, 7, 14, 9, tzinfo=BANGKOK))
    chair = day.site.client_as("z9-chair")
    assert day.post(chair, address).status_code == 303
    sent = {"phase": "presenting", "minutes": "5", "after": "0", "form": "x"}
    assert day.post(chair, f"/s/slot/{day.first_slot}/phase", **sent).status_code == 303, "days before"
    step = chair.get(f"/s/{day.session}/chair").text.split('class="step"')[1].split("</form>")[0]
    assert 'value="questions"' in step, "the chair is led on as on the day"
    assert day.post(chair, f"/s/{day.session}/rehearsal/end").status_code == 303
    day.site.clock.set(datetime(2021, 7, 19, 8, 30, tzinfo=BANGKOK))
    chair = day.site.client_as("z9-chair")
    day.open()
    answer = day.post(chair, address)
    assert answer.status_code == 423 and "This day has begun" in answer.text
    day.change("update slot set state = 'planned'")
    day.site.clock.set(datetime(2021, 7, 20, 8, 30, tzinfo=BANGKOK))
    answer = day.post(day.site.client_as("z9-chair"), address)
    assert answer.status_code == 423 and "This day is over" in answer.text


def test_a_rehearsal_shows_on_every_page_of_the_day(going_on: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    session = going_on.session
    for login, addresses in {
        "z9-chair": (f"/s/{session}/chair", f"/s/{session}", "/s/", f"/s/{session}/rehearsal"),
        "z9-member": (f"/s/{session}", f"/s/practice/{going_on.first_slot}", f"/s/practice/{going_on.first_slot}/send"),
        "p23": (f"/s/{session}/province",),
        "organizer": (f"/agenda/day/{session}",),
    }.items():
        for address in addresses:
            page = clients[login].get(address)
            assert page.status_code == 200 and 'class="rehearsal-banner"' in page.text, address
    assert clients["z9-member"].get(f"/s/{session}/live").get_json()["rehearsal"] is True


def test_no_slot_is_opened_for_real_meanwhile_but_one_button_ends_it_and_opens(
    going_on: ScoringDay, clients: dict[str, FlaskClient]
) -> None:
    chair, slot = clients["z9-chair"], going_on.first_slot
    answer = going_on.post(chair, f"/s/slot/{slot}/open")
    assert answer.status_code == 423 and "End the rehearsal first" in answer.text
    entry = going_on.value("select id from entry where code = 'to-23'")
    excuse = {"seat": going_on.seat("z9-member"), "kind": "absent", "reason": "ทดลองบันทึก", "entry": str(entry)}
    assert going_on.post(chair, f"/s/slot/{slot}/excuse", **excuse).status_code == 423, "it would count for good"
    sent = {"seat": going_on.seat("z9-member"), "reason": "ทดลอง", "form": "x"}
    assert going_on.post(chair, f"/s/slot/{slot}/pass", **sent).status_code == 423
    assert f"/s/slot/{slot}/rehearsal/open" in chair.get(f"/s/{going_on.session}/rehearsal").text
    assert going_on.post(clients["z9-member"], f"/s/slot/{slot}/rehearsal/open").status_code == 403
    assert going_on.post(chair, f"/s/slot/{slot}/rehearsal/open").status_code == 303
    assert going_on.value("select state from slot where id = :s", s=slot) == "open"
    assert going_on.value("select count(*) from scoring_session where rehearsed_from is not null") == 0


def test_a_practice_card_saves_as_a_real_one_does(going_on: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    member, key = clients["z9-member"], new_key()
    answer = practise(going_on, member, {"d1/commitment": "๔", "note:d1/commitment": "ดี"}, key=key)
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["revision"], told["total"], told["read"]) == (1, "6.40", {"d1/commitment": "4"})
    assert practise(going_on, member, {"d1/commitment": "4"}, key=key).get_json()["revision"] == 1, "a lost answer"
    stale = practise(going_on, member, {"d1/commitment": "2"})
    assert stale.status_code == 409
    assert stale.get_json()["details"] == {"revision": 1, "stored": {"d1/commitment": "4", "note:d1/commitment": "ดี"}}
    assert practise(going_on, member, {"d1/commitment": "9"}, base=1).status_code == 422
    assert practise(going_on, member, {"nothing": "1"}, base=1).status_code == 400
    taken_back = practise(going_on, member, {"d1/commitment": "", "note:d1/commitment": ""}, base=1)
    assert taken_back.get_json()["total"] == "0.00"
    assert practise(going_on, clients["z9-chair"], {"d1/commitment": "3"}).status_code == 200, "a card of one's own"
    assert going_on.value("select count(*) from mark where at > '2021-07-19'") == 0


def test_a_practice_card_without_script(going_on: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    member, address = clients["z9-member"], f"/s/practice/{going_on.first_slot}"
    page = member.get(address).text
    assert "Invented entry for the rehearsal" in page and "invented data" in page
    sent = {"base_revision": "0", "d1/commitment": "3"}
    assert going_on.post(member, f"{address}/marks", **sent).headers["Location"] == address
    answer = going_on.post(member, f"{address}/marks", **sent | {"d1/commitment": "4"})
    assert answer.status_code == 409 and "Stored:" in answer.text
    answer = going_on.post(member, f"{address}/marks", base_revision="1", **{"d1/commitment": "x"})
    assert answer.status_code == 422
    answer = going_on.post(member, f"{address}/send", base_revision="1")
    assert answer.status_code == 422 and "no mark yet" in answer.text


def test_the_chair_sees_who_has_sent_and_nothing_else(going_on: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    page = clients["z9-chair"].get(f"/s/{going_on.session}/rehearsal").text
    assert page.split('id="sent"')[1].count("not sent yet") == 9
    member = clients["z9-member"]
    assert practise(going_on, member, going_on.whole("5")).status_code == 200
    assert going_on.post(member, f"/s/practice/{going_on.first_slot}/send", base_revision="1").status_code == 303
    page = clients["z9-chair"].get(f"/s/{going_on.session}/rehearsal").text.split('id="sent"')[1]
    assert page.count("not sent yet") == 8 and "100" not in page.split("</table>")[0]
    assert practise(going_on, member, {"d1/commitment": "1"}, base=1).status_code == 423, "sent is sent"
    for login, status in (("organizer", 403), ("p23", 403), ("z1-chair", 404)):
        assert clients[login].get(f"/s/practice/{going_on.first_slot}").status_code == status


def test_without_a_rehearsal_there_are_no_practice_cards(day: ScoringDay, clients: dict[str, FlaskClient]) -> None:
    answer = clients["z9-member"].get(f"/s/practice/{day.first_slot}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/{day.session}/rehearsal")
    assert clients["z1-chair"].get(f"/s/practice/{day.first_slot}").status_code == 404
    assert day.post(clients["z9-member"], f"/s/practice/{day.first_slot}/send", base_revision="0").status_code == 404
    assert practise(day, clients["z9-member"], {"d1/commitment": "1"}).status_code == 404
    assert "No rehearsal is going on" in clients["z9-member"].get(f"/s/{day.session}/rehearsal").text
