"""Taking an account over fails: by guessing, old cookies, old links, an open screen. A lost password is no end."""

import json
import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from award.actions import passwords
from award.actions.links import make_link, use_link
from award.actions.sign_ins import end_sign_ins
from award.actions.unit import unit
from award.actions.weak_passwords import is_common
from award.config import Smtp
from award.db.accounts import OneTimeLink
from award.db.mail import MailOut
from award.db.people import User
from award.errors import Invalid
from award.policy import Actor
from tests.award.build import BuiltSite, build_site

MAIL_SERVER = Smtp(host="mail.example.org", port=587, sender="awards@example.org")
NEW = "mangrove kite seventeen"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(
        tmp_path, limits=True, idle_minutes=30, site_address="https://awards.example.org", smtp=MAIL_SERVER
    )


def one(site: BuiltSite, sql: str, **values: object) -> object:
    with site.database.reading() as db:
        return db.execute(text(sql), values).scalar_one()


def change(site: BuiltSite, sql: str) -> None:
    with site.database.writing() as db:
        db.execute(text(sql))
        db.commit()


def user_id(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(User.id).where(User.login == login)).scalar_one()


def attempt(site: BuiltSite, login: str, password: str, *, client: FlaskClient | None = None):
    client = client or site.client()
    client.set_cookie("language", "en")
    return client.post("/sign-in", data={"login": login, "password": password})


def copied(site: BuiltSite, client: FlaskClient) -> FlaskClient:
    """Another browser with the same cookie."""
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    thief = site.client()
    thief.set_cookie("sign_in", cookie.value)
    assert thief.get("/account/").status_code == 200
    return thief


def is_out(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 302


def link_for(site: BuiltSite, login: str, purpose: str = "reset") -> str:
    with unit(site.database, site.clock, actor=Actor.nobody()) as u:
        return make_link(u, user_id(site, login), purpose)


def later(site: BuiltSite, **by: float) -> None:
    site.clock.set(site.clock.now() + timedelta(**by))


# guessing


def test_the_sixth_guess_is_refused_until_a_quarter_of_an_hour_has_passed(site: BuiltSite) -> None:
    assert [attempt(site, "p23", f"guess {number}").status_code for number in range(6)] == [422] * 5 + [429]
    answer = attempt(site, "p23", site.round.password)
    assert answer.status_code == 429, "the right password does not tell itself"
    assert "Nothing can be tried with it before 19 Jul 2021 16:15" in answer.text
    later(site, minutes=14, seconds=50)
    assert attempt(site, "p23", site.round.password).status_code == 429
    later(site, seconds=11)
    assert attempt(site, "p23", site.round.password).status_code == 302


def test_another_account_is_not_shut_and_a_known_name_not_told_from_an_unknown_one(site: BuiltSite) -> None:
    seen = {}
    for login in ("p23", "no-such-name"):
        answers = [attempt(site, login, "guess") for _ in range(6)]
        seen[login] = [
            (a.status_code, re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\1", a.text.replace(login, "…")))
            for a in answers
        ]
    assert seen["p23"] == seen["no-such-name"]
    assert attempt(site, "p22", site.round.password).status_code == 302


def test_a_right_password_forgives_the_wrong_ones_before(site: BuiltSite) -> None:
    for _round in range(3):
        assert [attempt(site, "p23", "guess").status_code for _ in range(4)] == [422] * 4
        assert attempt(site, "P23 ", site.round.password).status_code == 302


def test_a_hundred_guesses_at_once_are_still_a_hundred(site: BuiltSite) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: attempt(site, "p23", f"guess {number}").status_code, range(16)))
    assert sorted(answers) == [422] * 5 + [429] * 11


def test_an_unknown_name_costs_as_much_as_a_wrong_password(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = passwords._hasher

    class Noting:
        def verify(self, stored: str, typed: str) -> bool:
            compared.append(typed)
            return real.verify(stored, typed)

    monkeypatch.setattr(passwords, "_hasher", Noting())
    written = {}
    for login in ("p23", "no-such-name"):
        compared.clear()
        with site.statements() as seen:
            attempt(site, login, "wrong")
        written[login] = (len(compared), len([each for each in seen if not each.startswith("SELECT")]))
    assert written["p23"] == written["no-such-name"] == (1, 2)


def test_one_address_that_guesses_many_names_is_slowed_down_and_an_office_is_not(site: BuiltSite) -> None:
    tries = [{"passkey": "{}"}] * 31  # any page that proves who one is; this one compares no password, which takes long
    assert [site.client().post("/sign-in/passkey", data=each).status_code for each in tries] == [422] * 30 + [429]
    assert attempt(site, "p23", site.round.password).status_code == 429
    other = {"REMOTE_ADDR": "10.0.0.9"}
    form = {"login": "p23", "password": site.round.password}
    answers = [site.client().post("/sign-in", data=form, environ_overrides=other).status_code for _ in range(40)]
    assert answers == [302] * 40


# sign-ins


def test_each_sign_in_has_another_id_and_what_a_browser_brought_along_is_not_taken(site: BuiltSite) -> None:
    client = site.client()
    client.set_cookie("sign_in", "chosen-by-somebody-else")
    attempt(site, "p23", site.round.password, client=client)
    first = client.get_cookie("sign_in")
    attempt(site, "p23", site.round.password, client=client)
    second = client.get_cookie("sign_in")
    assert first is not None and second is not None
    assert len({"chosen-by-somebody-else", first.value, second.value}) == 3


def test_a_sign_in_ends_after_half_an_hour_without_use_and_lives_while_it_is_used(site: BuiltSite) -> None:
    client = site.client_as("p23")
    for _ in range(6):
        later(site, minutes=29)
        assert not is_out(client)
    later(site, minutes=30)
    assert is_out(client)


def test_looking_at_pages_writes_only_when_a_browser_was_last_seen(site: BuiltSite) -> None:
    client = site.client_as("p23")
    with site.statements() as seen:
        client.get("/account/")
    assert [each for each in seen if not each.startswith("SELECT")] == []
    later(site, minutes=6)
    before = one(site, "select count(*) from ledger_line")
    with site.statements() as seen:
        client.get("/account/")
        client.get("/account/")
    written = [each for each in seen if not each.startswith("SELECT")]
    assert len(written) == 1 and written[0].startswith("UPDATE sign_in SET last_seen_at=")
    assert one(site, "select count(*) from ledger_line") == before


def test_a_page_is_read_while_somebody_else_writes(site: BuiltSite) -> None:
    client = site.client_as("p23")
    later(site, minutes=6)
    with site.database.writing():
        asked = threading.Thread(target=client.get, args=("/account/",))
        asked.start()
        asked.join(5)
        assert not asked.is_alive()


def test_a_page_is_read_while_another_program_holds_the_database(site: BuiltSite) -> None:
    client = site.client_as("p23")
    later(site, minutes=6)
    event.listen(site.database.engine, "connect", lambda opened, _record: opened.execute("pragma busy_timeout=20"))
    site.database.engine.dispose()
    with closing(sqlite3.connect(site.settings.database, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert client.get("/account/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert one(site, "select count(*) from sign_in where last_seen_at > started_at") == 1, "told with the next request"


def test_over_https_the_cookies_belong_to_this_very_host(tmp_path: Path) -> None:
    site = build_site(tmp_path, https=True, csrf=True)
    client = site.client()
    page = client.get("/sign-in", base_url="https://localhost")
    token = re.search(r'name="csrf_token" value="([^"]+)', page.text)
    assert token is not None
    form = {"login": "p23", "password": site.round.password, "csrf_token": token[1]}
    answer = client.post(
        "/sign-in", data=form, base_url="https://localhost", headers={"Referer": "https://localhost/sign-in"}
    )
    assert answer.status_code == 302
    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    given = [each for each in cookies if "Max-Age=0" not in each]
    assert {each.partition("=")[0] for each in given} == {"__Host-sign_in", "__Host-session"}
    for each in given:
        assert "Secure" in each and "HttpOnly" in each and "SameSite=Lax" in each and "Path=/" in each
        assert "Domain" not in each
    assert client.get("/account/", base_url="https://localhost").status_code == 200


def test_a_person_sees_and_ends_the_own_sign_ins_and_nobody_elses(site: BuiltSite) -> None:
    phone = site.client()
    phone.post(
        "/sign-in", data={"login": "p23", "password": site.round.password},
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"},
    )  # fmt: skip
    desk, other = site.client_as("p23"), site.client_as("p22")
    page = desk.get("/account/").text
    assert "Chrome · Android" in page and "this browser" in page
    of_phone = re.findall(r"/account/sign-ins/(\d+)/end", page)
    assert len(of_phone) == 1
    assert other.post(f"/account/sign-ins/{of_phone[0]}/end").status_code == 404
    assert not is_out(phone)
    assert desk.post(f"/account/sign-ins/{of_phone[0]}/end").status_code == 303
    assert is_out(phone) and not is_out(desk)
    third = site.client_as("p23")
    assert third.post("/account/sign-ins/end-others").status_code == 303
    assert is_out(desk) and not is_out(third) and not is_out(other)


def test_a_disabled_account_and_a_revoked_duty_end_copied_cookies(site: BuiltSite) -> None:
    thief = copied(site, site.client_as("p23"))
    change(site, "update user set disabled_at = '2021-07-19T00:00:00.000000Z' where login = 'p23'")
    assert is_out(thief)
    thief = copied(site, site.client_as("p22"))
    with unit(site.database, site.clock, actor=Actor.nobody()) as u:  # what revoking a duty calls
        assert end_sign_ins(u, user_id(site, "p22")) == 1
    assert is_out(thief)


# passwords


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "P@55w0rd2564!", "123456789012", "aaaaaaaaaaaa", "abcabcabcabc", "qwertyuiop12", "qwerty123456",
        "1q2w3e4r5t6y", "CDDawards2564", "พัฒนาชุมชน2564", "รหัสผ่าน1234", "organizer-2564", "z9-chair-z9-chair",
        "letmein-letmein", "iloveyou2021!", "abcdefghijkl", "asdfghjkl;'12", "z9chair12345", "Thailand2021!!",
        "admin@admin.com1"[:12] + "!!",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    assert is_common(password, login="z9-chair")


@pytest.mark.parametrize(
    "password",
    [NEW, "correct horse battery", "ปลาทูกับจักรยานสีเขียว", "kX7#mmQ2!vTe", "the river sleeps at nine", "tr0mb0ne cellar"],
)
def test_what_only_its_person_would_put_together_is_one(password: str) -> None:
    assert not is_common(password, login="z9-chair")


def test_changing_the_password_ends_every_other_sign_in_and_this_ones_old_cookie(site: BuiltSite) -> None:
    client, elsewhere = site.client_as("p23"), site.client_as("p23")
    thief = copied(site, client)
    link = link_for(site, "p23")
    for short, said in (("short", "at least 12 characters"), ("password12345", "tried first")):
        answer = client.post("/account/password", data={"password": short})
        assert answer.status_code == 422 and said in answer.text and 'href="#password"' in answer.text
    assert not is_out(elsewhere), "nothing was changed"
    assert client.post("/account/password", data={"password": NEW}).status_code == 303
    assert is_out(thief) and is_out(elsewhere) and not is_out(client)
    assert attempt(site, "p23", site.round.password).status_code == 422
    assert attempt(site, "p23", NEW).status_code == 302
    assert site.client().get(f"/reset?link={link}").status_code == 422, "a link that was on its way"
    assert NEW.encode() not in site.settings.database.read_bytes()


# links for a forgotten password


def reset(site: BuiltSite, link: str, password: str = NEW):
    client = site.client()
    client.set_cookie("language", "en")
    return client.post(f"/reset?link={link}", data={"password": password})


def test_a_link_changes_the_password_once_and_signs_nobody_in(site: BuiltSite) -> None:
    inside = site.client_as("p23")
    link = link_for(site, "p23")
    for _ in range(2):
        assert site.client().get(f"/reset?link={link}").status_code == 200, "mail programs look at links"
    assert reset(site, link, "short").status_code == 422
    answer = reset(site, link)
    assert answer.status_code == 302 and "sign_in=" not in str(answer.headers.getlist("Set-Cookie"))
    assert is_out(inside)
    assert attempt(site, "p23", NEW).status_code == 302
    again = reset(site, link, "another quiet lagoon")
    assert again.status_code == 422 and "used already" in again.text
    assert attempt(site, "p23", "another quiet lagoon").status_code == 422
    assert link.encode() not in site.settings.database.read_bytes()


def is_refused(site: BuiltSite, link: str) -> bool:
    """By the page, and by the act behind it."""
    with pytest.raises(Invalid):
        passwords.reset_password(site.database, site.clock, link=link, password=NEW)
    return reset(site, link).status_code == 422


def test_a_link_that_is_late_replaced_for_something_else_or_of_a_disabled_account_is_refused(site: BuiltSite) -> None:
    first = link_for(site, "p23")
    second = link_for(site, "p23")
    assert is_refused(site, first), "replaced by a newer one"
    later(site, minutes=15)
    assert is_refused(site, second), "late"
    assert is_refused(site, link_for(site, "p23", "invite")), "an invitation"
    assert is_refused(site, "no-such-link") and is_refused(site, "")
    third = link_for(site, "p23")
    change(site, "update user set disabled_at = '2021-07-19T00:00:00.000000Z' where login = 'p23'")
    assert is_refused(site, third)
    change(site, "update user set disabled_at = null")
    assert attempt(site, "p23", site.round.password).status_code == 302


def test_a_link_is_its_persons_and_is_not_used_up_by_an_act_that_fails(site: BuiltSite) -> None:
    link, other = link_for(site, "p23"), user_id(site, "p22")
    with pytest.raises(Invalid), unit(site.database, site.clock, actor=Actor.nobody()) as u:
        use_link(u, link, "reset", user_id=other)
    with pytest.raises(ZeroDivisionError), unit(site.database, site.clock, actor=Actor.nobody()) as u:
        use_link(u, link, "reset")
        raise ZeroDivisionError
    assert reset(site, link).status_code == 302


def test_two_who_use_one_link_at_once_do_not_both_succeed(site: BuiltSite) -> None:
    link = link_for(site, "p23")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: reset(site, link, f"mangrove kite number {n} x").status_code, range(4)))
    assert sorted(answers) == [302, 422, 422, 422]


def test_asking_for_a_link_tells_nothing_about_who_has_an_account(site: BuiltSite) -> None:
    change(site, "update user set email = 'p23@example.org' where login = 'p23'")
    seen, written = {}, {}
    for login in ("p23", "p22", "no-such-name"):  # with an address, without one, unknown
        client = site.client()
        client.set_cookie("language", "en")
        commits: list[int] = []
        with site.statements() as statements:
            answer = client.post("/forgot", data={"login": login})
        commits.append(len([each for each in statements if "failed_sign_in" in each]))
        seen[login] = (answer.status_code, re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\1", answer.text))
        written[login] = commits
    assert seen["p23"] == seen["p22"] == seen["no-such-name"]
    assert seen["p23"][0] == 200
    assert written["p23"] == written["no-such-name"]
    with site.database.reading() as db:
        mail = db.execute(select(MailOut)).scalar_one()
    assert mail.address == "p23@example.org"
    found = re.search(r"https://awards\.example\.org/reset\?link=(\S+)", mail.text)
    assert found is not None
    assert "ลิงก์นี้ใช้ได้ครั้งเดียวภายใน 15 นาที" in mail.text, "in the language of whom it is for"
    assert reset(site, found[1]).status_code == 302


def test_nobody_is_flooded_with_links(site: BuiltSite) -> None:
    change(site, "update user set email = 'p23@example.org' where login = 'p23'")
    for number in range(9):
        where = {"REMOTE_ADDR": f"10.0.0.{number}"}
        assert site.client().post("/forgot", data={"login": "p23"}, environ_overrides=where).status_code == 200
    assert one(site, "select count(*) from mail_out") == 5


@pytest.mark.parametrize("half", [{"site_address": "https://awards.example.org"}, {"smtp": MAIL_SERVER}])
def test_a_site_that_cannot_mail_links_says_whom_to_ask(tmp_path: Path, half: dict[str, Any]) -> None:
    site = build_site(tmp_path, **half)
    change(site, "update user set email = 'p23@example.org'")
    client = site.client()
    client.set_cookie("language", "en")
    assert "they can hand you a link" in client.get("/forgot").text
    assert "they can hand you a link" in client.post("/forgot", data={"login": "p23"}).text
    assert one(site, "select count(*) from mail_out") == one(site, "select count(*) from one_time_link") == 0


# proving again who one is


def stale(site: BuiltSite, login: str) -> FlaskClient:
    client = site.client_as(login)
    later(site, minutes=11)
    return client


def test_an_open_screen_is_not_enough_for_what_matters(site: BuiltSite) -> None:
    client = stale(site, "p23")
    asked = client.get("/account/password")
    assert (asked.status_code, asked.location) == (302, "/confirm?next=/account/password")
    assert client.post("/confirm", data={"password": "wrong", "next": "/account/password"}).status_code == 422
    before = copied(site, client)
    answer = client.post("/confirm", data={"password": site.round.password, "next": "/account/password"})
    assert (answer.status_code, answer.location) == (302, "/account/password")
    assert is_out(before), "the sign-in goes on under another id"
    assert client.get("/account/password").status_code == 200
    later(site, minutes=10, seconds=1)
    assert client.get("/account/password").status_code == 302


def test_what_was_typed_goes_on_after_the_proof_and_the_proof_does_not_go_with_it(site: BuiltSite) -> None:
    client = stale(site, "p23")
    asked = client.post("/account/password", data={"password": NEW})
    assert asked.status_code == 401 and "What you typed is kept" in asked.text
    assert attempt(site, "p23", NEW).status_code == 422, "nothing is done yet"
    kept = re.search(r'name="kept" value="([^"]+)"', asked.text)
    assert kept is not None
    kept_text = kept[1].replace("&#34;", '"')
    wrong = client.post("/confirm", data={"password": "wrong", "kept": kept_text})
    assert wrong.status_code == 422 and 'name="kept"' in wrong.text, "still carried along"
    page = client.post("/confirm", data={"password": site.round.password, "kept": kept_text})
    assert page.status_code == 200 and 'action="/account/password"' in page.text
    assert site.round.password not in page.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text.partition("data-send")[2]))
    assert fields.pop("csrf_token", None) is not None and fields == {"password": NEW}
    assert client.post("/account/password", data=fields).status_code == 303
    assert attempt(site, "p23", NEW).status_code == 302


def test_what_is_carried_along_leads_nowhere_else(site: BuiltSite) -> None:
    client = stale(site, "p23")
    for address in ("//evil.example/x", "https://evil.example", "javascript:alert(1)"):
        kept = json.dumps([address, [["a", "b"]]])
        page = client.post("/confirm", data={"password": site.round.password, "kept": kept})
        assert page.status_code == 200 and 'action="/"' in page.text and "evil" not in page.text, address


def test_what_is_carried_along_and_no_list_is_refused(site: BuiltSite) -> None:
    assert stale(site, "p23").post("/confirm", data={"password": site.round.password, "kept": "{"}).status_code == 400


def test_a_page_that_asks_by_code_is_told_to_ask_for_the_proof(site: BuiltSite) -> None:
    answer = stale(site, "p23").post("/account/codes", headers={"Accept": "application/json"})
    assert answer.status_code == 401 and answer.json is not None and answer.json["code"] == "reauth"


def test_guessing_at_the_proof_is_limited_like_signing_in(site: BuiltSite) -> None:
    client = stale(site, "p23")
    answers = [client.post("/confirm", data={"password": f"guess {n}"}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_links_are_kept_by_hash_alone(site: BuiltSite) -> None:
    link = link_for(site, "p23")
    with site.database.reading() as db:
        row = db.execute(select(OneTimeLink)).scalar_one()
    assert row.sha256 is not None
    assert link not in (row.sha256, row.purpose) and len(row.sha256) == 64
