"""Reminders in another language, to those of an office whom the organizer chose, and what was copied into LINE."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.answers.codes import ROWS
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import new_key
from tests.award.test_chain import give
from tests.award.test_coverage import BEFORE, change, rows


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat has an officer, a director and a head, all with addresses; nobody of Phrae has one."""
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT, PHRAE))
    built.clock.set(BEFORE)
    give(built, "p23-director", "director")
    give(built, "p23-chief", "chief")
    change(built, "update user set email = login || '@example.go.th' where login like 'p23%'")
    return built


def draft(client: FlaskClient, *provinces: str, **more: object) -> int:
    answer = client.post(
        "/reminders/draft", data={"key": new_key(), "province": list(provinces or (TRAT, PHRAE)), **more}
    )
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def send(site: BuiltSite, client: FlaskClient, number: int, **more: str) -> None:
    texts = {f"letter-{id}-text": body for id, body in rows(site, "select id, text from reminder_to")}
    sent = {"key": new_key(), "subject": "เรื่อง", "then": "send", **texts, **more}
    assert client.post(f"/reminders/{number}", data=sent).status_code == 303


def mailed(site: BuiltSite) -> list[tuple[str, str]]:
    return [tuple(row) for row in rows(site, "select address, text from mail_out order by address")]


@pytest.mark.parametrize(
    ("to", "addresses"),
    [
        ([], ["p23"]),
        (["director", "chief"], ["p23-chief", "p23-director"]),
        (["officer", "director", "chief"], ["p23", "p23-chief", "p23-director"]),
    ],
)
def test_a_letter_goes_to_everybody_of_the_chosen_duties(site: BuiltSite, to: list[str], addresses: list[str]) -> None:
    client = signed_in(site, "organizer")
    number = draft(client, to=to)
    assert client.get(f"/reminders/{number}").text.count("<textarea") == 2, "one text for each office"
    first = min(id for id, code in rows(site, "select id, province_code from reminder_to") if code == TRAT)
    send(site, client, number, **{f"letter-{first}-text": "ข้อความเดียวกัน"})
    assert sorted(mailed(site)) == sorted((f"{login}@example.go.th", "ข้อความเดียวกัน") for login in addresses)
    assert "provinces: 2" in client.get("/reminders/").text


def test_one_of_an_office_is_left_out_or_all_of_it(site: BuiltSite) -> None:
    client = signed_in(site, "organizer")
    number = draft(client, to=["officer", "director", "chief"])
    letters = [id for id, code in rows(site, "select id, province_code from reminder_to order by id") if code == TRAT]
    send(site, client, number, **{f"letter-{letters[1]}-out": "1"})
    assert len(mailed(site)) == 2
    number = draft(client, TRAT, PHRAE, to=["officer", "director", "chief"])
    first = rows(site, f"select min(id) from reminder_to where reminder_id = {number} and province_code = '23'")[0][0]
    send(site, client, number, **{f"letter-{first}-out": "1"})
    assert len(mailed(site)) == 2


@pytest.mark.parametrize(
    ("language", "begins", "subject"),
    [
        ("th", ["เรียน พัฒนาการจังหวัดตราด"], "ขอให้เร่งส่งผลงานรางวัลกรมการพัฒนาชุมชน ประจำปี 2564"),
        ("en", ["To the Community Development Office of Trat"], "CDD awards 2021: please send your entries"),
        ("both", ["เรียน พัฒนาการจังหวัดตราด", "--\n\nTo the Community Development Office of Trat"], "/ CDD awards 2021"),
    ],
)
def test_letters_are_thai_english_or_both(site: BuiltSite, language: str, begins: list[str], subject: str) -> None:
    draft(signed_in(site, "organizer"), TRAT, language=language)
    ((body,),) = rows(site, "select text from reminder_to")
    assert body.startswith(begins[0])
    assert all(each in body for each in begins)
    assert ("Transparent" in body or "still to come (5)" in body) == (language != "th")
    assert subject in rows(site, "select subject from reminder")[0][0]


def test_what_is_missing_counts_rows_of_districts_too(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), revision="r2")
    site.clock.set(BEFORE)
    change(site, "update entry set answers = (select answers from entry where code = 'pa-22') where code = 'pa-23'")
    answers = json.loads(rows(site, "select answers from entry where code = 'pa-23'")[0][0])
    by_district = [value for code, value in answers.items() if code.startswith(ROWS)]

    def lacking(districts: int) -> int:
        change(site, "delete from reminder_to")
        change(site, f"update province set districts = {districts} where code = '23'")
        draft(signed_in(site, "organizer"), TRAT)
        ((body,),) = rows(site, "select text from reminder_to")
        found = re.search("2[.] .*ยังขาด ([0-9]+) ข้อ", body)
        return int(found[1]) if found else 0

    assert by_district
    assert lacking(len(by_district[0]) + 1) == lacking(len(by_district[0])) + len(by_district)


def test_who_copied_a_text_and_when_is_noted_once_it_was_sent(site: BuiltSite) -> None:
    client = signed_in(site, "organizer")
    number = draft(client)
    letter = rows(site, "select id from reminder_to where province_code = '54'")[0][0]
    early = client.post(f"/reminders/letter/{letter}/copied", data={"key": new_key()})
    assert early.status_code == 423
    send(site, client, number)
    key = new_key()
    for _ in range(2):
        assert client.post(f"/reminders/letter/{letter}/copied", data={"key": key}).status_code == 303
    page = client.get(f"/reminders/{number}").text
    assert page.count("copied for LINE ") == 1
    assert "by Secretariat of the committee, CDD" in page
    assert signed_in(site, "p23").post(f"/reminders/letter/{letter}/copied", data={"key": key}).status_code == 403
    with site.database.reading() as db:
        lines = db.execute(text("select line from ledger_line where instr(line, 'copy_letter')")).scalars().all()
    assert [json.loads(line)["body"] for line in lines] == [{"letter": letter, "province": PHRAE}]
