"""The site as a whole: no act without the page's token, none by a GET, nothing after signing out, nothing too large."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher

from award.actions import passwords
from award.config import read_settings
from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.policy import anyone, is_signed_in
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import IDS, addresses, everything, served, signed_in
from tests.award.scoring_day import build_day, new_key
from tests.award.test_entries import entry_of
from tests.award.test_entries_evidence import attach

FOREIGN_SITE = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}


def ids_of(site: BuiltSite) -> dict[str, str]:
    """One id for each place in an address."""
    with site.database.reading() as db:
        found = {name: str(db.connection().exec_driver_sql(sql).scalar()) for name, sql in IDS.items()}
    return found | {"stage": "zone", "code": "en", "name": "site.css"}


def posts(site: BuiltSite, *, of_duties: bool = False) -> Iterator[str]:
    """Every address that can be posted to; `of_duties`: without what is everybody's, or of one's own account."""
    ids = ids_of(site)
    for rule in site.app.url_map.iter_rules():
        access = getattr(site.app.view_functions[rule.endpoint], "access", None)
        if of_duties and access in (anyone, is_signed_in):
            continue
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda place: ids[place[1]], rule.rule)


def test_no_post_of_anybody_is_done_without_the_token_of_a_page(tmp_path: Path) -> None:
    site = build_day(tmp_path, csrf=True).site
    with site.database.writing() as db:
        db.connection().exec_driver_sql("update slot set state = 'open' where state = 'planned'")
        db.commit()
    clients = [signed_in(site, login) for login in ("p23", "organizer", "z9-chair")]
    before = everything(site)
    for client in clients:
        for address in posts(site):
            forms: list[dict[str, Any]] = [
                {"data": {"key": new_key(), "csrf_token": "x", "base_revision": "0", "kind": "provisional"}},
                {"json": {"key": new_key(), "base_revision": 0, "changes": {"d1/commitment": "1"}}},
                {"data": b"{}", "content_type": "text/plain"},
            ]
            for form in forms:
                assert client.post(address, headers=FOREIGN_SITE, **form).status_code == 400, address
    assert everything(site) == before


def test_no_get_of_anybody_changes_a_row(tmp_path: Path) -> None:
    site = build_day(tmp_path).site
    clients = {login: signed_in(site, login) for login in ("", "p23", "organizer", "z9-chair", "z10-member")}
    before = everything(site)
    for login, client in clients.items():
        for address in addresses(site):
            if not address.endswith("/return"):  # where another provider's sign-in comes back: that is how one signs in
                assert client.get(address, buffered=True).status_code < 500, f"{login} {address}"
    for address in (each for each in addresses(site) if not each.endswith("/return")):
        for method in ("HEAD", "OPTIONS"):
            answer = clients["z9-chair"].open(address, method=method, buffered=True)
            assert answer.status_code < 500 and answer.data == b"", f"{method} {address}"
    assert everything(site) == before


def test_no_other_method_and_no_disguise_does_anything(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    chair = signed_in(day.site, "z9-chair")
    open_it = f"/s/slot/{day.first_slot}/open"
    before = everything(day.site)
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "GET", "HEAD"):
        assert chair.open(open_it, method=method).status_code == 405
    disguises: list[dict[str, Any]] = [
        {"headers": {"X-HTTP-Method-Override": "POST"}},
        {"query_string": {"_method": "POST", "key": new_key()}},
    ]
    for disguise in disguises:
        assert chair.get(open_it, **disguise).status_code == 405
    assert chair.get("/sign-out").status_code == 405
    assert everything(day.site) == before


def test_a_cookie_of_before_signing_out_does_and_reads_nothing(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    chair, thief = signed_in(day.site, "z9-chair"), day.site.client()
    kept = chair.get_cookie("sign_in")
    assert kept is not None
    thief.set_cookie("sign_in", kept.value)
    assert thief.get(f"/s/{day.session}/chair").status_code == 200
    chair.post("/sign-out")
    before = everything(day.site)
    assert thief.get(f"/s/{day.session}/chair").status_code == 302
    assert day.post(thief, f"/s/slot/{day.first_slot}/open").status_code == 302
    assert day.save(thief, day.card("z9-chair"), {"d1/commitment": "1"}).status_code == 401
    assert everything(day.site) == before


def test_a_duty_that_ended_yesterday_does_nothing(tmp_path: Path) -> None:
    site = build_day(tmp_path).site
    clients = [signed_in(site, login) for login in ("p23", "organizer", "auditor", "z9-chair", "z9-member")]
    with site.database.writing() as db:
        db.connection().exec_driver_sql("update duty set to_day = '2021-07-18'")
        db.commit()
    before = everything(site)
    for client in clients:
        for address in posts(site, of_duties=True):
            assert client.post(address, data={"key": new_key(), "base_revision": "0"}).status_code == 403, address
            sent = {"key": new_key(), "base_revision": 0, "changes": {}}
            assert client.post(address, json=sent).status_code == 403, address
    assert everything(site) == before


@pytest.mark.parametrize("cookie", ["", "x", "' or 1=1 --", "\x00", "ก" * 50, "a" * 3000])
def test_a_cookie_that_was_never_given_is_nobody(tmp_path: Path, cookie: str) -> None:
    client = build_site(tmp_path).client()
    client.set_cookie("sign_in", cookie)
    assert client.get("/e/").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "https://evil.example",
        "https:evil.example", "javascript:alert(1)", "/\n//evil.example", " //evil.example", "evil.example",
        "/\x00/evil.example", "%2f%2fevil.example",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(tmp_path: Path, address: str) -> None:
    client = signed_in(build_site(tmp_path), "p23")
    assert client.post("/language/en", data={"next": address}).headers["Location"] == "/"
    answer = client.get("/e/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.text


def test_what_is_too_large_is_refused_with_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    site = build_site(tmp_path, live=(TRAT,))
    officer = signed_in(site, "p23")
    before = everything(site)
    answers = [
        attach(officer, entry_of(site, "to-23"), b"%PDF-" + b"x" * 45_000_000),
        officer.post(
            "/e/6/answers", json={"key": new_key(), "base_revision": 1, "changes": {"title": "x" * 3_000_000}}
        ),
        signed_in(site, "z9-chair").post("/s/card/1/marks", data=b" " * 600_000, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [413, 413, 413]
    assert "20 MB" in answers[0].text
    assert everything(site)["entry"] == before["entry"]
    assert not [path for path in site.settings.evidence.rglob("*") if path.is_file()]


def test_the_server_takes_no_body_that_no_page_could_want(tmp_path: Path) -> None:
    """It is refused by its announced length: nothing of it is received, whoever sends it."""
    with served(build_site(tmp_path)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.putrequest("POST", "/sign-in")
        connection.putheader("Content-Length", str(900_000_000))
        connection.endheaders(b"login=")
        assert connection.getresponse().status == 413
        connection.close()


def test_many_who_sign_in_at_once_do_not_take_all_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a password takes 64 MB on purpose: only a few are checked at a time, the others wait their turn."""
    site = build_site(tmp_path)
    busy, most, lock = 0, 0, threading.Lock()

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            try:
                time.sleep(0.05)  # long enough to meet
                return super().verify(hash, password)
            finally:
                with lock:
                    busy -= 1

    monkeypatch.setattr(passwords, "_hasher", Counting())
    form = {"login": "p23", "password": "wrong"}
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: site.client().post("/sign-in", data=form).status_code, range(12)))
    assert answers == [422] * 12
    assert most <= passwords.AT_ONCE


def test_the_folder_of_the_data_is_for_its_owner_only(tmp_path: Path) -> None:
    """Other accounts of the machine read no marks past the site, and no demo password."""
    made = tmp_path / "new" / "data"
    upgrade_schema(Database(made / "award.sqlite3"))
    assert made.stat().st_mode & 0o077 == 0
    read_settings({"AWARD_DATA": str(tmp_path / "other")})
    assert (tmp_path / "other").stat().st_mode & 0o077 == 0


def test_nothing_of_the_data_folder_is_served(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    (site.settings.data / "demo_sign_ins.txt").write_text("password", encoding="utf-8")
    for name in (
        "demo_sign_ins.txt",
        "secret_key",
        "award.sqlite3",
        "data/award.sqlite3",
        "..%2f..%2fdata%2fsecret_key",
    ):
        for root in ("/", "/assets/", "/assets/library/", "/files/", "/assets/../", "/assets/%2e%2e/"):
            assert signed_in(site, "organizer").get(root + name).status_code == 404


def test_a_connection_that_says_nothing_holds_up_nobody(tmp_path: Path) -> None:
    opening = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nlogin="
    with served(build_site(tmp_path)) as port:
        silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(60)]
        for each in silent:
            each.sendall(opening)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/sign-in")
        assert connection.getresponse().status == 200
        connection.close()
        for each in silent:
            each.close()
