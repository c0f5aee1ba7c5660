"""What every answer tells the browser, which hosts are ours, whose word on the caller counts, what a crash tells."""

import http.client
import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import request, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from award.app import create_app
from award.config import Settings, read_settings
from award.errors import NotStarted
from award.policy import anyone
from award.views.addresses import absolute, safe_next
from award.views.guard import guard
from award.views.headers import ALWAYS, CONTENT_POLICY
from award.views.received import FORMS
from tests.award.build import BuiltSite
from tests.award.hostile import served, signed_in
from tests.award.scoring_day import ScoringDay, build_day

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+\s*=\s*[\"']")
# Written down here once more: a header that is taken out of the program must be missed by somebody.
WANTED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Cache-Control": "no-store",
}
NOT_PERMITTED = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
LOGINS = ("", "p23", "z9-chair", "z9-member", "organizer", "auditor", "admin")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> ScoringDay:
    built = build_day(tmp_path_factory.mktemp("headers"), csrf=True)
    built.change("update slot set state = 'open' where id = :s", s=built.first_slot)
    built.change("update entry set state = 'draft', submitted_at = null where code = 'wf-a-23'")
    return built


def every_get(site: BuiltSite) -> Iterator[str]:
    """Each address that can be read, with ids of things that are there or are not."""
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            for number in ("1", "4"):
                yield re.sub(r"<\w+>", "site.css", re.sub(r"<int:\w+>", number, rule.rule))


@pytest.fixture(scope="module")
def answers(day: ScoringDay) -> list[tuple[str, str, TestResponse]]:
    """What each of LOGINS gets at every address."""
    found = []
    for login in LOGINS:
        client = signed_in(day.site, login)
        found += [(login, at, client.get(at, buffered=True)) for at in sorted(set(every_get(day.site)))]
    assert len(found) > 200
    return found


def test_every_answer_carries_every_header(answers: list[tuple[str, str, TestResponse]]) -> None:
    for login, address, answer in answers:
        assert all(f"{each}=()" in answer.headers["Permissions-Policy"] for each in NOT_PERMITTED)
        for name, value in WANTED.items():
            told = answer.headers.get(name, "")
            if name == "Cache-Control":
                assert address.startswith("/assets/") or "no-store" in told, f"{login} {address}: {told}"
            elif name == "Content-Security-Policy":
                assert told == value or told.startswith("sandbox"), f"{login} {address}: {told}"
            else:
                assert told == value, f"{login} {address}: {name}: {told}"
        assert "Strict-Transport-Security" not in answer.headers, "over plain http it would be a lie"
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    assert {*WANTED, "Permissions-Policy"} == set(ALWAYS)
    assert "unsafe" not in CONTENT_POLICY and "*" not in CONTENT_POLICY and "http" not in CONTENT_POLICY


def test_no_page_holds_what_its_own_policy_forbids(answers: list[tuple[str, str, TestResponse]]) -> None:
    pages = [(address, answer.text) for _, address, answer in answers if answer.mimetype == "text/html"]
    assert [address for address, page in pages if INLINE.search(page)] == []


def test_over_https_browsers_stay_there_and_cookies_go_nowhere_else(tmp_path: Path, day: ScoringDay) -> None:
    made = Settings(data=day.site.settings.data, secret_key="for this test only, of course", https=True)
    client = create_app(made, clock=day.site.clock).test_client()
    answer = client.get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies and all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


# --- forms ----------------------------------------------------------------------------------------------------------


def test_every_address_that_takes_a_form_says_what_it_holds(day: ScoringDay) -> None:
    writing = {
        rule.endpoint
        for rule in day.site.app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    }
    assert writing == set(FORMS), "award/views/received.py names every form, and no other"


class Forms(HTMLParser):
    """The posted forms of a page: address → the names of what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: dict[str, str] = {}
        self.held: dict[str, list[str]] = {}
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and (given.get("method") or "get").lower() == "post":
            self._in = given.get("id") or f"form-{len(self.actions)}"
            self.actions[self._in] = given.get("action") or ""
            self.held.setdefault(self._in, [])
        elif tag in ("input", "select", "textarea", "button") and given.get("name"):
            belongs = given.get("form") or self._in
            if belongs and "formaction" not in given:
                self.held.setdefault(belongs, []).append(given["name"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in = ""


def test_no_form_of_our_own_pages_holds_what_its_address_refuses(
    day: ScoringDay, answers: list[tuple[str, str, TestResponse]]
) -> None:
    match = day.site.app.url_map.bind("localhost").match
    met = set()
    for _, address, answer in answers:
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        forms = Forms(answer.text)
        for id, action in forms.actions.items():
            endpoint = match((action or address).partition("?")[0], method="POST")[0]
            form, names = FORMS[str(endpoint)], forms.held[id]
            met.add(endpoint)
            known = {"csrf_token", "key", *form.fields, *form.many, *form.files}
            if not form.by_rules:
                foreign = [n for n in names if n not in known and not (form.begins and n.startswith(form.begins))]
                assert foreign == [], f"{address} → {action}"
    assert len(met) > 12, met


# --- hosts and proxies ----------------------------------------------------------------------------------------------


def settings_of(day: ScoringDay, **more: object) -> Settings:
    return Settings(data=day.site.settings.data, secret_key="for this test only, of course", **more)  # type: ignore[arg-type]


def test_the_site_answers_to_its_own_names_only(day: ScoringDay) -> None:
    made = settings_of(day, site_address="https://awards.example.go.th/x", trusted_hosts=("other.example",))
    client = create_app(made).test_client()
    for host, status in {
        "127.0.0.1": 200, "127.0.0.1:8000": 200, "localhost": 200, "awards.example.go.th": 200, "other.example:1": 200,
        "evil.example": 400, "xawards.example.go.th": 400, "awards.example.go.th.evil.example": 400, "example": 400,
        "AWARDS.EXAMPLE.GO.TH@evil.example": 400, "": 400, "[::1]:8000": 400, "other.example:0": 400,
    }.items():  # fmt: skip
        assert client.get("/sign-in", headers={"Host": host}).status_code == status, host


@pytest.mark.parametrize("names", ["*", ".", ".th", "*.example", "a/b", "a:80", "['a', 'b']", "ตัวอย่าง.ไทย", "a..b"])
def test_no_setting_lets_any_host_in(names: str, tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="AWARD_TRUSTED_HOSTS"):
        read_settings({"AWARD_DATA": str(tmp_path), "AWARD_TRUSTED_HOSTS": names})


@pytest.mark.parametrize("address", ["awards.example", "ftp://a.example", "https://", "javascript:alert(1)", "https://a?b"])
def test_an_address_of_the_site_that_is_none_stops_the_start(address: str, tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="AWARD_SITE_ADDRESS"):
        read_settings({"AWARD_DATA": str(tmp_path), "AWARD_SITE_ADDRESS": address})


def test_a_link_in_a_mail_begins_with_the_setting_whatever_host_was_asked(day: ScoringDay) -> None:
    app = create_app(settings_of(day, site_address="https://awards.example.go.th", proxies=1))
    with app.test_request_context("/", headers={"Host": "localhost", "X-Forwarded-Host": "awards.example.go.th"}):
        assert absolute(url_for("people.sign_in")) == "https://awards.example.go.th/sign-in"
        for path in ("//evil.example", "https://evil.example", "x", "/\\evil"):
            with pytest.raises(ValueError):
                absolute(path)


@pytest.mark.parametrize(
    ("proxies", "said", "caller", "status"),
    [
        (0, {"X-Forwarded-For": "1.2.3.4"}, "127.0.0.1", 200),
        (0, {"X-Forwarded-Host": "evil.example", "Forwarded": "for=1.2.3.4;host=evil.example"}, "127.0.0.1", 200),
        (1, {"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}, "1.2.3.4", 200),
        (1, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil.example"}, "1.2.3.4", 400),
        (2, {"X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.0.0.1"}, "1.2.3.4", 200),
        (2, {"X-Forwarded-For": "6.6.6.6"}, "127.0.0.1", 200),
    ],
)  # fmt: skip
def test_what_a_caller_says_of_itself_counts_as_far_as_proxies_are_ours(
    day: ScoringDay, proxies: int, said: dict[str, str], caller: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    made = settings_of(day, proxies=proxies)
    app = create_app(made)
    noted: list[str] = []
    heard: set[str] = set()

    @app.before_request
    def note() -> None:
        noted.append(request.remote_addr or "")
        heard.update(name.lower() for name, _ in request.headers if name.lower().startswith(("x-forw", "forw")))

    with served(BuiltSite(app, made, day.site.round)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/sign-in", headers={"Host": "localhost", **said})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
    assert answer.status == status
    assert answer.getheader("Server") is None
    assert "evil.example" not in page
    if status == 200:
        assert noted == [caller]
    if not proxies:
        assert heard == set(), "nobody after the server even sees what it said"


@pytest.mark.parametrize("address", ["/", "/e/6?check=1", "/s/card/12?x=1", "/e/?q=%E0%B8%81", "/r/run/1?group=%20"])
def test_ones_own_page_is_come_back_to(address: str) -> None:
    assert safe_next(address) == address


# --- failures -------------------------------------------------------------------------------------------------------


def crashing_client(day: ScoringDay) -> FlaskClient:
    made = settings_of(day)
    app = create_app(made)

    @guard(anyone)
    def crash() -> str:
        raise RuntimeError("password=hunter2\nERROR forged line")

    app.add_url_rule("/crash", view_func=crash)
    return app.test_client()


def test_a_crash_tells_a_number_that_the_log_has_too_and_nothing_else(
    day: ScoringDay, caplog: pytest.LogCaptureFixture
) -> None:
    client = crashing_client(day)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/crash")
        by_code = client.get("/crash", headers={"Accept": "application/json"})
    assert answer.status_code == by_code.status_code == 500
    number = re.search(r": (\d{6,12})<", answer.text)
    assert number is not None
    assert by_code.json is not None and by_code.json["number"] != number[1]
    for told in (number[1], by_code.json["number"]):
        assert [record for record in caplog.records if told in record.getMessage() and record.exc_info]
    for page in (answer.text, by_code.text):
        assert not any(secret in page for secret in ("hunter2", "Traceback", "RuntimeError", ".py", "crash()"))
