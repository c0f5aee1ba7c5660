"""Who has not sent, who follows up, and reminders that go out only after an organizer has looked them through."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.actions.mail import send_due
from award.clock import BANGKOK
from award.config import Smtp
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.hostile import everything, signed_in

BEFORE = datetime(2021, 7, 12, 9, 0, tzinfo=BANGKOK)
NUMBER = "1101700230708"  # an invented one with a right check digit


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat's and Phrae's entries are drafts, Chanthaburi has sent everything; a week is left."""
    built = build_site(
        tmp_path, provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT, PHRAE), site_address="https://awards.example.go.th"
    )
    built.clock.set(BEFORE)
    change(built, "update user set email = 'office@trat.example.go.th' where login = 'p23'")
    change(built, "delete from entry_revision where entry_id in (select id from entry where code = 'wf-c-23')")
    change(built, "delete from evidence where entry_id in (select id from entry where code = 'wf-c-23')")
    change(built, "delete from assignment where entry_id in (select id from entry where code = 'wf-c-23')")
    change(built, "delete from entry where code = 'wf-c-23'")
    return built


def change(site: BuiltSite, statement: str, **values: object) -> None:
    with site.database.writing() as db:
        db.execute(text(statement), values)
        db.commit()


def rows(site: BuiltSite, statement: str) -> list:
    with site.database.reading() as db:
        return [tuple(row) for row in db.execute(text(statement))]


def number_of(site: BuiltSite, login: str) -> int:
    return rows(site, f"select id from user where login = '{login}'")[0][0]


def assign(client: FlaskClient, **form):
    usual = {"key": "k" * 20, "province": [TRAT, PHRAE], "person": "", "day": "16/7/2564", "note": "โทรก่อน"}
    return client.post("/e/missing/follower", data=usual | form)


def draft(site: BuiltSite, client: FlaskClient, *provinces: str, key: str = "d" * 20) -> int:
    answer = client.post("/reminders/draft", data={"key": key, "province": list(provinces or (TRAT, PHRAE))})
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


# --- who has not sent --------------------------------------------------------------------------------------------


def test_the_list_shows_what_each_province_has_not_sent(site: BuiltSite):
    page = signed_in(site, "organizer").get("/e/missing").text
    assert "Trat" in page
    assert "Phrae" in page
    assert 'name="province" value="22"' not in page  # Chanthaburi has sent everything
    assert "Still to come: 10 entries" in page
    assert page.count("○ not begun") == 1
    assert page.count("● draft") == 9
    assert 'name="province" value="23"' not in signed_in(site, "organizer").get("/e/missing?zone=16").text


def test_an_organizer_gives_provinces_to_somebody_who_is_told(site: BuiltSite):
    client, inspector = signed_in(site, "organizer"), number_of(site, "z9-chair")
    change(site, "update user set email = 'inspector@example.go.th' where login = 'z9-chair'")
    answer = assign(client, person=str(inspector), province=[TRAT])
    assert answer.status_code == 303
    page = client.get("/e/missing").text
    assert "until 16 Jul 2021" in page
    assert "โทรก่อน" in page
    assert page.count("nobody yet") == 1
    (mail,) = rows(site, "select address, text from mail_out")
    assert mail[0] == "inspector@example.go.th"
    assert "- ตราด\n" in mail[1]
    assert "แพร่" not in mail[1]
    assert "https://awards.example.go.th/e/missing" in mail[1]
    site.clock.set(BEFORE + timedelta(days=5))
    assert "was due on 16 Jul 2021" in client.get("/e/missing").text


def test_whoever_follows_up_sees_their_provinces_and_no_other(site: BuiltSite):
    assign(signed_in(site, "organizer"), person=str(number_of(site, "z9-chair")), province=[TRAT])
    chair = signed_in(site, "z9-chair").get("/e/missing?by=0&zone=16").text
    assert "Trat" in chair
    assert "Phrae" not in chair
    assert not re.search('href="/e/[0-9]', chair)  # what is not sent is not theirs to open
    assert 'class="s-draft"' in chair
    assert "No province was given to you" in signed_in(site, "z9-member").get("/e/missing").text
    assert signed_in(site, "p23").get("/e/missing").status_code == 403


def test_another_one_takes_over_and_nobody_any_more(site: BuiltSite):
    client = signed_in(site, "organizer")
    for turn, login in enumerate(("z9-chair", "organizer2")):
        assert assign(client, person=str(number_of(site, login)), key=f"turn-{turn}-{'k' * 16}").status_code == 303
    assert {row[0] for row in rows(site, "select user_id from chaser")} == {number_of(site, "organizer2")}
    assign(client, person="0", key="away" * 6)
    assert rows(site, "select * from chaser") == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"province": []}, "Tick the provinces first"),
        ({"person": ""}, "Choose who follows up."),
        ({"person": "p23"}, None),
        ({"day": "yesterday"}, "Write a day such as"),
        ({"day": "1/7/2564"}, "Choose a day that is still to come."),
        ({"note": f"เลข {NUMBER}"}, "national ID"),
        ({"note": "ก" * 501}, "at most 500 letters"),
    ],
)
def test_what_cannot_be_given_is_refused_and_stays_typed(site: BuiltSite, form: dict, said: str | None):
    client = signed_in(site, "organizer")
    before = everything(site)
    person = str(number_of(site, "z9-chair"))
    if form.get("person") == "p23":
        form, said = {"person": str(number_of(site, "p23"))}, "Choose an organizer or somebody"
    answer = assign(client, **({"person": person} | form))
    assert answer.status_code == 422
    assert said is not None
    assert said in answer.text
    assert everything(site) == before
    if "note" not in form:
        assert "โทรก่อน" in answer.text
    if "province" not in form:
        assert answer.text.count(" checked") == 2


def test_the_list_takes_as_many_statements_for_one_province_as_for_three(site: BuiltSite):
    client = signed_in(site, "organizer")
    counts = []
    for address in ("/e/missing?zone=9", "/e/missing"):
        client.get(address)
        with site.statements() as seen:
            client.get(address)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 9


# --- reminders ---------------------------------------------------------------------------------------------------


def test_a_reminder_says_what_is_missing_and_goes_only_when_it_is_sent(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client, TRAT, PHRAE, CHANTHABURI)
    letters = dict(rows(site, "select province_code, text from reminder_to"))
    assert set(letters) == {TRAT, PHRAE}
    assert letters[TRAT].startswith("เรียน พัฒนาการจังหวัดตราด\n")
    assert "จำนวน 5 รายการ" in letters[TRAT]
    assert letters[TRAT].count("ยังไม่ได้เริ่มกรอก") == 1
    assert len(re.findall(r"ยังขาด [0-9]+ ข้อ|กรอกครบแล้ว", letters[TRAT])) == 4
    assert "เหลือเวลาอีก 7 วัน" in letters[TRAT]
    assert "19 กรกฎาคม 2564 เวลา 08.55 น." in letters[TRAT]
    assert "https://awards.example.go.th/e/" in letters[TRAT]
    assert "\n\n\n" not in letters[TRAT]
    assert rows(site, "select * from mail_out") == []
    page = client.get(f"/reminders/{number}").text
    assert "office@trat.example.go.th" in page
    assert "nobody of this office has an address" in page


def test_the_organizer_edits_leaves_out_and_sends(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    trat, phrae = (row[0] for row in rows(site, "select id from reminder_to order by province_code"))
    sent = {"subject": "เรื่องใหม่", f"letter-{trat}-text": "ข้อความ\r\nใหม่", f"letter-{phrae}-text": "ถึงแพร่",
            f"letter-{phrae}-out": "1"}  # fmt: skip
    answer = client.post(f"/reminders/{number}", data={**sent, "key": "e" * 20, "then": ""})
    assert answer.status_code == 303
    assert rows(site, "select * from mail_out") == []
    answer = client.post(f"/reminders/{number}", data={**sent, "key": "f" * 20, "then": "send"})
    assert answer.status_code == 303
    assert rows(site, "select address, subject, text, state from mail_out") == [
        ("office@trat.example.go.th", "เรื่องใหม่", "ข้อความ\nใหม่", "waiting")
    ]
    page = client.get(f"/reminders/{number}").text
    assert "left out" in page
    assert "the mail waits to be sent" in page
    assert "reminded 12 Jul 2021" in client.get("/e/missing").text
    again = client.post(f"/reminders/{number}", data={**sent, "key": "g" * 20, "then": "send"})
    assert again.status_code == 423
    assert len(rows(site, "select * from mail_out")) == 1


def test_pressing_send_twice_sends_once(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    texts = {f"letter-{id}-text": body for id, body in rows(site, "select id, text from reminder_to")}
    sent = {"subject": "เรื่อง", "key": "s" * 20, "then": "send", **texts}
    assert [client.post(f"/reminders/{number}", data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(rows(site, "select * from mail_out")) == 1


def test_who_has_sent_meanwhile_gets_no_reminder(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    texts = {f"letter-{id}-text": body for id, body in rows(site, "select id, text from reminder_to")}
    change(site, "update entry set state = 'submitted', submitted_at = '2021-07-12T00:00:00.000000Z' "
                 "where province_code = '54'")  # fmt: skip
    client.post(f"/reminders/{number}", data={"subject": "เรื่อง", "key": "s" * 20, "then": "send", **texts})
    (left_out,) = rows(site, "select province_code from reminder_to where left_out_at is not null")
    assert left_out == (PHRAE,)


def test_a_mail_that_failed_is_seen_and_sent_again(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    texts = {f"letter-{id}-text": body for id, body in rows(site, "select id, text from reminder_to")}
    client.post(f"/reminders/{number}", data={"subject": "เรื่อง", "key": "s" * 20, "then": "send", **texts})
    nobody = Smtp(host="127.0.0.1", port=9, sender="awards@example.go.th", security="none")  # nobody listens there
    assert send_due(site.database, site.clock, nobody) == 0
    assert "The mail server said:" in client.get(f"/reminders/{number}").text
    change(site, "update mail_out set state = 'failed', said = '550 no such user'")
    page = client.get(f"/reminders/{number}").text
    assert "550 no such user" in page
    assert "failed: 1" in client.get("/reminders/").text
    (letter,) = rows(site, "select id from reminder_to where mail_id is not null")
    change(site, "update user set email = 'new@trat.example.go.th' where login = 'p23'")
    assert client.post(f"/reminders/letter/{letter[0]}/resend", data={"key": "r" * 20}).status_code == 303
    assert rows(site, "select address, state from mail_out order by id")[-1] == ("new@trat.example.go.th", "waiting")
    assert client.post(f"/reminders/letter/{letter[0]}/resend", data={"key": "q" * 20}).status_code == 423


def test_what_is_wrong_with_a_letter_is_said_beside_it_and_nothing_typed_is_lost(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    trat, phrae = (row[0] for row in rows(site, "select id from reminder_to order by province_code"))
    sent = {"subject": "เรื่องของฉัน", f"letter-{trat}-text": f"เลขของฉัน {NUMBER}", f"letter-{phrae}-text": "พิมพ์ไว้แล้ว",
            "key": "w" * 20, "then": "send"}  # fmt: skip
    before = everything(site)
    answer = client.post(f"/reminders/{number}", data=sent)
    assert answer.status_code == 422
    assert f'href="#letter-{trat}-text"' in answer.text
    assert "พิมพ์ไว้แล้ว" in answer.text
    assert "เรื่องของฉัน" in answer.text
    assert everything(site) == before


def test_a_draft_is_dropped_and_nothing_of_it_is_sent(site: BuiltSite):
    client = signed_in(site, "organizer")
    number = draft(site, client)
    assert client.post(f"/reminders/{number}", data={"key": "x" * 20, "then": "drop"}).status_code == 303
    assert client.post(f"/reminders/{number}", data={"key": "y" * 20, "then": "send"}).status_code == 423
    assert rows(site, "select * from mail_out") == []


def test_provinces_that_have_sent_are_not_reminded(site: BuiltSite):
    answer = signed_in(site, "organizer").post("/reminders/draft", data={"key": "n" * 20, "province": CHANTHABURI})
    assert answer.status_code == 422
    assert "None of these provinces has anything to send." in answer.text
    assert rows(site, "select * from reminder") == []


def test_who_may_do_what(site: BuiltSite):
    number = draft(site, signed_in(site, "organizer"))
    for login, reads in (("auditor", 200), ("z9-chair", 403), ("p23", 403), ("admin", 403), ("director", 403)):
        client = signed_in(site, login)
        assert client.get("/reminders/").status_code == reads
        assert client.get(f"/reminders/{number}").status_code == reads
        assert client.post("/reminders/draft", data={"key": "a" * 20, "province": TRAT}).status_code == 403
        assert client.post(f"/reminders/{number}", data={"key": "a" * 20, "then": "send"}).status_code == 403
        assert assign(client, person="1").status_code == 403


# --- the list of all entries -------------------------------------------------------------------------------------


def test_the_list_of_entries_by_state_and_words(site: BuiltSite):
    client = signed_in(site, "auditor")
    change(site, "update entry set first_submitted_at = '2021-07-20T00:00:00.000000Z', submitted_at = "
                 "'2021-07-20T00:00:00.000000Z' where code = 'to-22'")  # fmt: skip
    late = client.get("/e/?state=late").text
    assert "Found: 1" in late
    assert "to-22" in late
    assert "sent late" in late
    assert "Found: 9" in client.get("/e/?state=draft").text
    assert "Found: 5" in client.get("/e/?text=แพร่").text
    assert "Found: 1" in client.get("/e/", query_string={"text": "๒๓", "award": "1"}).text
    assert "No entry is like this." in client.get("/e/?text=ไม่มีชื่อนี้").text
    for strange in ("?page=0", "?page=99999999999", "?state=;--", "?zone=77", "?award=x", "?text=%25", "?page=-1"):
        assert client.get(f"/e/{strange}").status_code == 200
