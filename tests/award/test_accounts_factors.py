"""The second step of a sign-in: an app's codes, codes on paper, and who must have one."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import text

from award.cli import main
from award.clock import Clock
from tests.award.build import BuiltSite, build_site
from tests.award.test_accounts import attempt, change, is_out, later, one, stale


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, limits=True)


NOW = datetime(2021, 7, 19, 9, 0, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def the_machines_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clock, "actual", lambda _clock: NOW)


def near(app: pyotp.TOTP, steps: int = 0) -> str:
    """The code that a phone shows so many half minutes later."""
    return app.at(int(NOW.timestamp()) + 30 * steps)


def set_up(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    """The app as a phone has it, and the recovery codes as they are shown. Its first code is used up."""
    assert client.post("/account/app").status_code == 303
    page = client.get("/account/app").text
    shown = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert shown is not None
    app = pyotp.TOTP(shown[1].replace(" ", ""))
    answer = client.post("/account/app/confirm", data={"code": near(app, -1)})
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"<li><code>([a-z2-9-]{14})</code>", answer.text)
    assert len(set(codes)) == 10
    return app, codes


def second(client: FlaskClient, code: str):
    return client.post("/sign-in/second?next=/account/", data={"code": code})


def half_in(site: BuiltSite, login: str = "p23") -> FlaskClient:
    """The password was right, the second step waits."""
    client = site.client()
    answer = attempt(site, login, site.round.password, client=client)
    assert answer.location.startswith("/sign-in/second")
    assert client.get_cookie("sign_in") is None and is_out(client)
    return client


def test_after_the_password_the_apps_code_is_asked_for_and_only_then_one_is_in(site: BuiltSite) -> None:
    app, _codes = set_up(site.client_as("p23"))
    client = half_in(site)
    page = client.get("/sign-in/second").text
    assert "The six digits" in page and 'autocomplete="one-time-code"' in page
    answer = second(client, near(app))
    assert (answer.status_code, answer.location) == (302, "/account/")
    assert not is_out(client)


def test_a_code_works_once_and_none_before_it(site: BuiltSite) -> None:
    app, _codes = set_up(site.client_as("p23"))
    code = near(app)
    assert second(half_in(site), code).status_code == 302
    again = half_in(site)
    assert second(again, code).status_code == 422
    assert second(again, near(app, -1)).status_code == 422, "the step before"
    assert is_out(again)
    later_code = near(app, 1)
    assert second(again, later_code).status_code == 302


def test_a_phone_whose_clock_is_half_a_minute_off_is_understood_and_no_more(site: BuiltSite) -> None:
    app, _codes = set_up(site.client_as("p23"))
    client = half_in(site)
    for off in (-3, 3):
        assert second(client, near(app, off)).status_code == 422
    thai = near(app, 1).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert second(client, f" {thai[:3]} {thai[3:]} ").status_code == 302, "Thai digits, blanks between"


def test_guessing_codes_is_shut_like_guessing_passwords_and_the_password_does_not_open_it(site: BuiltSite) -> None:
    set_up(site.client_as("p23"))
    client = half_in(site)
    assert [second(client, "000000").status_code for _ in range(3)] == [422] * 3
    client = half_in(site)  # a right password does not forgive wrong codes
    assert [second(client, "000000").status_code for _ in range(3)] == [422, 422, 429]
    assert attempt(site, "p23", site.round.password).status_code == 429


def test_the_second_step_is_the_same_browsers_and_soon(site: BuiltSite) -> None:
    app, _codes = set_up(site.client_as("p23"))
    client = half_in(site)
    stranger = site.client()
    assert second(stranger, near(app)).location.startswith("/sign-in?")
    later(site, minutes=10)
    assert second(client, near(app)).location.startswith("/sign-in?")
    assert is_out(client) and is_out(stranger)


def test_a_recovery_code_works_once_instead_of_the_app(site: BuiltSite) -> None:
    _app, codes = set_up(site.client_as("p23"))
    client = half_in(site)
    assert second(client, codes[3].upper().replace("-", " ")).status_code == 302
    assert "Recovery codes left: 9 of 10." in client.get("/account/").text
    assert second(half_in(site), codes[3]).status_code == 422
    new = client.post("/account/codes").text
    assert codes[4] not in new
    assert second(half_in(site), codes[4]).status_code == 422, "the old ones end with the new"
    stored = site.settings.database.read_bytes()
    assert not any(code.replace("-", "").encode() in stored for code in codes)


def test_somebody_elses_codes_open_nothing(site: BuiltSite) -> None:
    app, codes = set_up(site.client_as("p22"))
    set_up(site.client_as("p23"))
    client = half_in(site)
    assert second(client, near(app)).status_code == 422
    assert second(client, codes[0]).status_code == 422


def test_an_app_counts_only_from_its_first_right_code_on(site: BuiltSite) -> None:
    client = site.client_as("p23")
    assert client.post("/account/app").status_code == 303
    assert client.post("/account/app/confirm", data={"code": "000000"}).status_code == 422
    assert attempt(site, "p23", site.round.password).location == "/"
    set_up(client)
    assert attempt(site, "p23", site.round.password).location.startswith("/sign-in/second")
    assert client.post("/account/app").status_code == 422, "a working one is not replaced by the way"
    assert client.get("/account/app").status_code == 404, "its secret is not shown again"
    assert client.post("/account/app/remove").status_code == 303
    assert attempt(site, "p23", site.round.password).location == "/"
    assert one(site, "select count(*) from recovery_code") == 0


def test_the_picture_is_drawn_in_the_page_without_a_style_or_a_foreign_file(site: BuiltSite) -> None:
    client = site.client_as("p23")
    client.post("/account/app")
    page = client.get("/account/app").text
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert "viewBox=" in picture and "width=" not in picture, "it shrinks with its frame, it is not cut"
    assert "style=" not in picture and "href" not in picture and "<path" in picture


def test_proving_again_who_one_is_asks_for_the_code_too(site: BuiltSite) -> None:
    app, codes = set_up(site.client_as("p23"))
    client = half_in(site)
    assert second(client, codes[0]).status_code == 302
    later(site, minutes=11)
    form = {"password": site.round.password, "next": "/account/"}
    assert client.post("/confirm", data=form).status_code == 422
    assert client.post("/confirm", data=form | {"code": "000000"}).status_code == 422
    assert client.post("/confirm", data=form | {"code": near(app)}).status_code == 302


def test_the_second_step_itself_is_changed_only_after_a_fresh_proof(site: BuiltSite) -> None:
    client = stale(site, "p23")
    for act in ("app", "app/confirm", "app/remove", "codes", "passkeys", "passkeys/1/remove"):
        assert client.post(f"/account/{act}", data={}).status_code == 401, act


def with_a_passkey(site: BuiltSite, login: str = "p23", name: str = "phone") -> None:
    """A passkey that no test can use: only what is asked beside it is looked at here."""
    change(
        site,
        "insert into passkey (user_id, credential_id, public_key, sign_count, name, made_at)"
        f" select id, '{name}-{login}', x'00', 0, '{name}', '2021-07-01T00:00:00.000000Z' from user"
        f" where login = '{login}'",
    )


def codes_in(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z2-9-]{14})</code>", page)


def test_who_has_only_a_passkey_has_recovery_codes_for_the_day_it_is_lost(site: BuiltSite) -> None:
    client = site.client_as("p23")
    assert client.post("/account/codes").status_code == 404, "there is nothing yet that they could stand in for"
    with_a_passkey(site)
    assert "a lost device shuts you out" in client.get("/account/").text
    codes = codes_in(client.post("/account/codes").text)
    assert len(set(codes)) == 10
    lost = half_in(site)
    assert "if the device with the passkey is not at hand" in lost.get("/sign-in/second").text
    assert second(lost, "000000").status_code == 422 and is_out(lost)
    assert second(lost, codes[0]).status_code == 302
    assert "Recovery codes left: 9 of 10." in lost.get("/account/").text
    assert second(half_in(site), codes[0]).status_code == 422, "once"


def test_who_has_only_a_passkey_proves_again_with_a_recovery_code_never_with_the_password_alone(
    site: BuiltSite,
) -> None:
    client = site.client_as("p23")
    with_a_passkey(site)
    codes = codes_in(client.post("/account/codes").text)
    later(site, minutes=11)
    form = {"password": site.round.password, "next": "/account/"}
    assert 'name="code"' in client.get("/confirm").text
    assert client.post("/confirm", data=form).status_code == 422
    assert client.post("/confirm", data=form | {"code": codes[1]}).status_code == 302


def test_whoever_removes_the_only_passkey_is_told_what_that_means(site: BuiltSite) -> None:
    change(site, "update user set email = 'p23@example.org' where login = 'p23'")
    client = site.client_as("p23")
    with_a_passkey(site)
    assert len(codes_in(client.post("/account/codes").text)) == 10
    with_a_passkey(site, name="laptop")
    assert "It is your only second step." not in client.get("/account/").text
    passkeys = re.findall(r"/account/passkeys/(\d+)/remove", client.get("/account/").text)
    answer = client.post(f"/account/passkeys/{passkeys[1]}/remove")
    assert answer.location == "/account/?done=removed"
    assert one(site, "select count(*) from recovery_code") == 10, "they stand in for the other one"
    assert "It is your only second step." in client.get("/account/").text
    answer = client.post(f"/account/passkeys/{passkeys[0]}/remove", follow_redirects=True)
    assert "your password alone opens the account now" in answer.text
    assert one(site, "select count(*) from recovery_code") == 0
    told = one(site, "select text from mail_out order by id desc limit 1")
    assert "the last passkey was removed" in str(told) and "พาสคีย์รายการสุดท้าย" in str(told)
    assert attempt(site, "p23", site.round.password).location == "/"


def test_the_codes_stay_when_the_app_goes_and_a_passkey_is_left(site: BuiltSite) -> None:
    client = site.client_as("p23")
    _app, codes = set_up(client)
    with_a_passkey(site)
    assert client.post("/account/app/remove").status_code == 303
    assert second(half_in(site), codes[2]).status_code == 302


def test_no_secret_stands_in_the_ledger(site: BuiltSite) -> None:
    client = site.client_as("p23")
    app, codes = set_up(client)
    client.post("/account/password", data={"password": "mangrove kite seventeen"})
    with site.database.reading() as db:
        lines = "\n".join(db.execute(text("select line from ledger_line")).scalars())
    assert '"act":"add_app"' in lines and '"act":"change_password"' in lines
    for secret in (app.secret, *codes, "mangrove", "p23"):
        assert secret not in lines


def test_only_the_machines_own_command_line_takes_a_lost_second_step_off(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.client_as("p23")
    set_up(client)
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    run = CliRunner().invoke
    assert "Say --yes" in run(main, ["account", "forget-second-step", "p23"]).output
    assert not is_out(client)
    assert run(main, ["account", "forget-second-step", "p23", "--yes"]).exit_code == 0
    assert is_out(client)
    assert attempt(site, "p23", site.round.password).location == "/"
    again = run(main, ["account", "forget-second-step", "p23", "--yes"])
    assert again.exit_code == 1 and "p23 has no second step." in again.output
    assert run(main, ["account", "forget-second-step", "nobody"]).exit_code == 1


def test_a_person_is_told_by_mail_what_was_changed_in_the_account(site: BuiltSite) -> None:
    change(site, "update user set email = 'p23@example.org' where login = 'p23'")
    client = site.client_as("p23")
    set_up(client)
    assert client.post("/account/codes").status_code == 200
    assert client.post("/account/app/remove").status_code == 303
    assert client.post("/account/password", data={"password": "mangrove kite seventeen"}).status_code == 303
    with site.database.reading() as db:
        mails = db.execute(text("select text from mail_out order by id")).scalars().all()
    told = ["an app for the second step was added", "new recovery codes", "app for the second step was removed"]
    assert len(mails) == 4
    assert all(said in mail for said, mail in zip([*told, "the password was changed"], mails, strict=True))
    assert "http" not in "".join(mails), "nobody is trained to follow links"


# who must have one


@pytest.fixture
def real(tmp_path: Path) -> BuiltSite:
    """A round that is not invented, with the setting left to itself."""
    site = build_site(tmp_path, second_factor="")
    change(site, "update cycle set invented = 0")
    return site


@pytest.mark.parametrize(("login", "home"), [("organizer", "/o/"), ("z9-chair", "/s/"), ("admin", "/rules/")])
def test_who_decides_reaches_only_the_page_that_sets_it_up(real: BuiltSite, login: str, home: str) -> None:
    client = real.client_as(login)
    assert (client.get(home).status_code, client.get(home).location) == (302, "/account/")
    answer = client.get(home, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "second_factor")
    assert "Set up a second step below" in client.get("/account/").text
    set_up(client)
    assert client.get(home).status_code == 200


def test_for_others_it_is_offered(real: BuiltSite) -> None:
    for login, home in (("p23", "/e/"), ("z9-member", "/s/"), ("auditor", "/o/")):
        client = real.client_as(login)
        assert client.get(home).status_code == 200
        assert ("is advised for your duty" in client.get("/account/").text) == (login == "auditor")


def test_an_invented_round_offers_it_and_says_so(tmp_path: Path) -> None:
    site = build_site(tmp_path, second_factor="")
    client = site.client_as("organizer")
    assert client.get("/o/").status_code == 200
    assert "This round is invented, so it is only offered." in html.unescape(client.get("/account/").text)


def test_the_setting_can_ask_for_it_in_an_invented_round_too(tmp_path: Path) -> None:
    site = build_site(tmp_path, second_factor="required")
    client = site.client_as("organizer")
    assert client.get("/o/").location == "/account/"
    assert client.post("/sign-out").status_code == 302


def test_whoever_has_one_is_asked_nothing_more(real: BuiltSite) -> None:
    client = real.client_as("organizer")
    set_up(client)
    real.clock.set(real.clock.now() + timedelta(minutes=20))
    with real.statements() as seen:
        client.get("/")
    assert len([each for each in seen if each.startswith("SELECT")]) == 1
