"""Asking the chair to open a card again: who may, what the chair may answer, and what stands in the record."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.award.scoring_day import ScoringDay, build_day, new_key

WHY = "สัญญาณขาดก่อนประธานปิดการให้คะแนน"
NO = "คณะกรรมการพิจารณาแล้วให้คงคะแนนเดิม"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path)
    built.open()
    sent = "update assignment set state = 'sent', sent_at = '2021-07-19T02:30:00.000000Z', receipt = '#9 · 0000 0000'"
    built.change(f"{sent} where id = :c", c=built.card("z9-member"))
    return built


def ask(day: ScoringDay, login: str = "z9-member", *, of: str = "", **data: Any) -> Any:
    card = day.card(of or login)
    form = {"key": new_key(), "changes": "2", "reason": WHY} | data
    return day.site.client_as(login).post(f"/s/card/{card}/ask", data=form)


def decline(day: ScoringDay, login: str = "z9-chair", **data: Any) -> Any:
    number = day.value("select max(id) from reopening_request")
    form = {"key": new_key(), "reason": NO} | data
    return day.site.client_as(login).post(f"/s/slot/{day.first_slot}/requests/{number}/decline", data=form)


def last_line(day: ScoringDay) -> dict[str, Any]:
    found = day.value("select line from ledger_line where log <> 'site' order by at desc, seq desc limit 1")
    line: dict[str, Any] = json.loads(found)
    return line


def test_a_member_asks_once_and_the_page_says_that_the_chair_has_not_answered(day: ScoringDay) -> None:
    version = day.value("select version from scoring_session where id = :s", s=day.session)
    assert ask(day).status_code == 303
    page = day.site.client_as("z9-member").get(f"/s/card/{day.card('z9-member')}").get_data(as_text=True)
    assert WHY in page
    assert "The chair has not answered yet" in page
    assert 'action="/s/card/' not in page.split('id="asked"')[1].split("</section>")[0]
    assert day.value("select version from scoring_session where id = :s", s=day.session) == version + 1
    again = ask(day)
    assert again.status_code == 423
    assert "You asked the chair on" in again.get_data(as_text=True)
    assert day.value("select count(*) from reopening_request") == 1


def test_the_record_holds_how_many_changes_and_never_a_mark_or_the_words(day: ScoringDay) -> None:
    ask(day)
    line = last_line(day)
    assert line["act"] == "ask_reopening"
    assert set(line["body"]) == {"slot", "card", "changes", "reason"}
    assert (line["body"]["slot"], line["body"]["changes"]) == (day.first_slot, 2)
    assert WHY not in json.dumps(line, ensure_ascii=False)
    assert day.value("select text from ledger_text where path = 'reason' order by seq desc limit 1") == WHY


def test_the_same_request_sent_twice_is_one(day: ScoringDay) -> None:
    key = new_key()
    assert [ask(day, key=key).status_code, ask(day, key=key).status_code] == [303, 303]
    assert day.value("select count(*) from reopening_request") == 1


@pytest.mark.parametrize(
    ("login", "of", "data", "status"),
    [
        ("z9-secretary", "", {}, 423),  # still open: nothing to ask for
        ("z9-secretary", "z9-member", {}, 404),
        ("organizer", "z9-member", {}, 403),
        ("z9-member", "", {"reason": "  "}, 422),
        ("z9-member", "", {"changes": "-1"}, 400),
        ("z9-member", "", {"changes": "999"}, 422),
        ("z9-member", "", {"marks": "5"}, 400),
    ],
)
def test_what_is_refused_leaves_no_request(
    day: ScoringDay, login: str, of: str, data: dict[str, str], status: int
) -> None:
    assert ask(day, login, of=of, **data).status_code == status
    assert day.value("select count(*) from reopening_request") == 0


def test_who_stepped_back_asks_for_nothing(day: ScoringDay) -> None:
    day.change("update assignment set excused = 'recused', excused_reason = 'x' where id = :c", c=day.card("z9-member"))
    assert ask(day).status_code == 423


def test_the_chairs_no_is_read_by_the_member_who_may_ask_anew(day: ScoringDay) -> None:
    ask(day)
    assert decline(day).status_code == 303
    assert last_line(day)["act"] == "decline_reopening"
    page = day.site.client_as("z9-member").get(f"/s/card/{day.card('z9-member')}").get_data(as_text=True)
    assert NO in page
    assert decline(day).status_code == 423
    assert ask(day).status_code == 303
    assert day.value("select count(*) from reopening_request") == 2


@pytest.mark.parametrize(
    ("login", "data", "status"),
    [("z9-member", {}, 403), ("z10-chair", {}, 404), ("z9-chair", {"reason": "ไม่"}, 422), ("organizer", {}, 403)],
)
def test_only_the_slots_chair_says_no_and_says_why(
    day: ScoringDay, login: str, data: dict[str, str], status: int
) -> None:
    ask(day)
    assert decline(day, login, **data).status_code == status
    assert day.value("select count(*) from reopening_request where answered_at is null") == 1


def test_a_request_of_another_slot_is_not_there(day: ScoringDay) -> None:
    ask(day)
    number = day.value("select max(id) from reopening_request")
    client = day.site.client_as("z9-chair")
    sent = {"key": new_key(), "reason": NO}
    assert client.post(f"/s/slot/{day.slots[1]}/requests/{number}/decline", data=sent).status_code == 404


