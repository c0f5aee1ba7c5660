"""Signing in and out, who one is on a day, the language, and where one is sent back to."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.clock import BANGKOK
from award.views.addresses import safe_next
from tests.award.build import BuiltSite, build_site


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def change(site: BuiltSite, sql: str) -> None:
    with site.database.writing() as db:
        db.execute(text(sql))
        db.commit()


def sign_in(site: BuiltSite, login: str, password: str, address: str = "/sign-in") -> FlaskClient:
    client = site.client()
    client.set_cookie("language", "en")
    client.post(address, data={"login": login, "password": password})
    return client


def test_the_right_password_signs_in_and_goes_home(site: BuiltSite) -> None:
    answer = site.client().post("/sign-in", data={"login": " Z9-Chair ", "password": site.round.password})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("login", "home"), [("z9-chair", "/s/"), ("p23", "/e/"), ("organizer", "/o/"), ("auditor", "/o/")]
)
def test_home_is_the_page_of_ones_duty(site: BuiltSite, login: str, home: str) -> None:
    client = site.client_as(login)
    assert client.get("/").headers["Location"] == home
    assert client.get(home).status_code == 200


def test_an_unknown_name_and_a_wrong_password_are_told_the_same(site: BuiltSite) -> None:
    said = set()
    for login in ("z9-chair", "nobody-of-this-name"):
        client = site.client()
        client.set_cookie("language", "en")
        answer = client.post("/sign-in", data={"login": login, "password": "wrong"})
        assert answer.status_code == 422
        assert "sign_in=" not in str(answer.headers.getlist("Set-Cookie"))
        said.add(re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\1", answer.text.replace(login, "…")))
    assert len(said) == 1
    assert "The name or the password is not right" in said.pop()


def test_blank_fields_are_named_above_and_beside(site: BuiltSite) -> None:
    client = site.client()
    client.set_cookie("language", "en")
    page = client.post("/sign-in", data={"login": "", "password": ""}).text
    assert 'href="#login"' in page and "Type your sign-in name." in page
    assert 'href="#password"' in page and "Type your password." in page


def test_a_disabled_account_does_not_sign_in_and_is_out_at_once(site: BuiltSite) -> None:
    inside = site.client_as("z9-chair")
    change(site, "update user set disabled_at = '2021-07-19T00:00:00.000000Z' where login = 'z9-chair'")
    assert inside.get("/s/").status_code == 302
    assert (
        site.client().post("/sign-in", data={"login": "z9-chair", "password": site.round.password}).status_code == 422
    )


def test_a_cookie_copied_before_signing_out_opens_nothing_after(site: BuiltSite) -> None:
    client = site.client_as("z9-chair")
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    thief = site.client()
    thief.set_cookie("sign_in", cookie.value)
    assert thief.get("/s/").status_code == 200
    assert client.post("/sign-out").status_code == 302
    for who in (thief, client):
        answer = who.get("/s/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/s/")


def test_a_sign_in_ends_by_itself_after_twelve_hours(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    site.clock.set(site.clock.now() + timedelta(hours=8))
    assert client.get("/o/").status_code == 200
    site.clock.set(site.clock.now() + timedelta(hours=3, minutes=59))
    assert client.get("/o/").status_code == 200
    site.clock.set(site.clock.now() + timedelta(minutes=2))
    assert client.get("/o/").status_code == 302


def test_the_token_is_not_stored(site: BuiltSite) -> None:
    cookie = site.client_as("z9-chair").get_cookie("sign_in")
    assert cookie is not None
    stored = site.settings.database.read_bytes()
    assert cookie.value.encode() not in stored
    assert site.round.password.encode() not in stored


def test_after_signing_in_one_comes_back_to_where_one_was(site: BuiltSite) -> None:
    asked = site.client().get("/s/?from=line").headers["Location"]
    assert asked == "/sign-in?next=/s/?from%3Dline"
    answer = site.client().post(asked, data={"login": "z9-chair", "password": site.round.password})
    assert answer.headers["Location"] == "/s/?from=line"


@pytest.mark.parametrize(
    "address",
    [
        None, "", "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "http:evil.example", "javascript:alert(1)", "evil.example", "/\t/evil.example", "/\n//evil.example",
        "/s/\r\nSet-Cookie: a=b", " /s/", "/s\\..\\x",
    ],
)  # fmt: skip
def test_one_is_never_sent_to_another_site(site: BuiltSite, address: str | None) -> None:
    assert safe_next(address) == "/"
    answer = site.client().post(
        "/sign-in", query_string={"next": address or ""}, data={"login": "p23", "password": site.round.password}
    )
    assert answer.headers["Location"] == "/"


def test_an_own_page_is_gone_back_to() -> None:
    assert safe_next("/s/card/12?x=1#c-d1") == "/s/card/12?x=1#c-d1"


def test_a_duty_that_ended_gives_no_right(site: BuiltSite) -> None:
    client = site.client_as("z9-chair")
    assert client.get("/s/").status_code == 200
    change(site, "update duty set to_day = '2021-07-19' where user_id = (select id from user where login = 'z9-chair')")
    assert client.get("/s/").status_code == 200, "the last day is included"
    change(site, "update duty set to_day = '2021-07-18' where user_id = (select id from user where login = 'z9-chair')")
    assert client.get("/s/").status_code == 403
    assert "You hold no duty today" in client.get("/").text
    change(site, "update duty set to_day = null, from_day = '2021-07-20'")
    assert client.get("/s/").status_code == 403, "not yet begun"


def test_the_same_person_acts_by_another_duty_in_another_year(site: BuiltSite) -> None:
    """The zone's assistant inspector of 2564 is an officer of a province from the next fiscal year on."""
    change(
        site, "update duty set to_day = '2021-09-30' where user_id = (select id from user where login = 'z9-secretary')"
    )
    change(
        site,
        "insert into duty (user_id, role, province_code, title_th, title_en, acting, from_day) "
        "select id, 'officer', '22', 'พัฒนาการจังหวัดจันทบุรี', 'Chief, Chanthaburi', 0, '2021-10-01' "
        "from user where login = 'z9-secretary'",
    )
    client = site.client_as("z9-secretary")
    assert client.get("/").headers["Location"] == "/s/"
    assert client.get("/e/").status_code == 403
    site.clock.set(datetime(2022, 7, 1, 9, 0, tzinfo=BANGKOK))
    client = site.client_as("z9-secretary")
    assert client.get("/").headers["Location"] == "/e/"
    assert client.get("/s/").status_code == 403
    assert "Chief, Chanthaburi" in client.get("/e/").text


def test_every_page_speaks_thai_first_and_english_on_request(site: BuiltSite) -> None:
    client = site.client()
    page = client.get("/sign-in").text
    assert '<html lang="th">' in page and "เข้าสู่ระบบ" in page and "Sign in" not in page
    answer = client.post("/language/en", data={"next": "/sign-in"})
    assert answer.headers["Location"] == "/sign-in"
    page = client.get("/sign-in").text
    assert '<html lang="en">' in page and "เข้าสู่ระบบ" not in page
    client.post("/language/xx", data={"next": "//evil.example"})
    assert '<html lang="en">' in client.get("/sign-in").text


def test_who_is_not_signed_in_gets_a_page_or_a_json_answer(site: BuiltSite) -> None:
    assert site.client().get("/s/").status_code == 302
    answer = site.client().get("/s/", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None and "error" in answer.json


def test_signing_out_needs_a_sign_in_and_is_a_post(site: BuiltSite) -> None:
    assert site.client().post("/sign-out").status_code == 302
    assert site.client_as("p23").get("/sign-out").status_code == 405


def test_a_request_asks_who_it_is_in_one_statement(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    change(
        site,
        "insert into duty (user_id, role, title_th, title_en, acting, from_day) "
        "select id, 'auditor', 'ก', 'A', 0, '2020-10-01' from user where login = 'organizer'",
    )
    with site.statements() as seen:
        client.get("/")
    assert len(seen) == 1, seen


def test_signing_in_without_the_pages_token_is_refused(tmp_path: Path) -> None:
    site = build_site(tmp_path, csrf=True)
    answer = site.client().post("/sign-in", data={"login": "p23", "password": site.round.password})
    assert answer.status_code == 400
    assert "sign_in=" not in str(answer.headers.getlist("Set-Cookie"))
    assert site.client().post("/language/en").status_code == 400


def test_wrong_is_wrong_however_it_is_asked(site: BuiltSite) -> None:
    password = site.round.password
    for typed in (password.upper() if password.upper() != password else password + "x", password[:-1], password + " "):
        assert sign_in(site, "p23", typed).get("/e/").status_code == 302
