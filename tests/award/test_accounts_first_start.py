"""A site begins without any account: who reads the program's terminal makes the first two, once."""

import re
from pathlib import Path

import pytest

from award.actions.first_start import make_setup_code
from award.app import create_app
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.demo import DemoRound
from tests.award.build import LIVE_MORNING, BuiltSite
from tests.award.test_accounts import later, one

FORM = {
    "login": "admin", "title_th": "ผู้ดูแลระบบ", "password": "mangrove kite seventeen",
    "organizer_login": "secretariat", "organizer_title_th": "ฝ่ายเลขานุการ",
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    database = Database(tmp_path / "award.sqlite3")
    upgrade_schema(database)
    database.close()
    settings = Settings(data=tmp_path, secret_key="a secret for tests only")
    app = create_app(settings, clock=Clock(LIVE_MORNING))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return BuiltSite(app, settings, DemoRound(0, 0, 0, "", (), ()))


def code_of(site: BuiltSite) -> str:
    code = make_setup_code(site.database, site.clock)
    assert code is not None and re.fullmatch(r"([A-Z2-9]{4}-){3}[A-Z2-9]{4}", code)
    return code


def begin(site: BuiltSite, code: str, **more: str):
    client = site.client()
    client.set_cookie("language", "en")
    return client.post("/first-start", data=FORM | {"code": code} | more)


def test_whoever_opens_an_empty_site_is_led_to_the_first_start_until_there_is_an_account(site: BuiltSite) -> None:
    code = code_of(site)
    assert site.client().get("/sign-in").location == "/first-start"
    begin(site, code)
    assert site.client().get("/sign-in").status_code == 200


def test_the_code_makes_the_administrator_and_the_first_organizer_who_then_sign_in(site: BuiltSite) -> None:
    code = code_of(site)
    answer = begin(site, code.lower().replace("-", " "))
    assert answer.status_code == 200, answer.text
    link = re.search(r"/invitation\?link=[\w-]+", answer.text)
    assert link is not None
    duties = (
        "select group_concat(user.login || ' ' || role || ' ' || state, ', ') from duty join user on user.id = user_id"
    )
    assert one(site, duties) == "admin administrator confirmed, secretariat organizer confirmed"
    admin = site.client()
    form = {"login": "admin", "password": FORM["password"]}
    assert admin.post("/sign-in", data=form).location == "/"
    assert admin.get("/rules/").location == "/account/", "a round that is not invented: first the second step"
    assert site.client().post(link[0], data={"password": "quiet lagoon trumpet"}).status_code == 302
    form = {"login": "secretariat", "password": "quiet lagoon trumpet"}
    assert site.client().post("/sign-in", data=form).location == "/"


def test_it_works_once_and_the_page_is_gone_then(site: BuiltSite) -> None:
    code = code_of(site)
    assert begin(site, code).status_code == 200
    assert begin(site, code, login="second", organizer_login="third").status_code == 404
    assert site.client().get("/first-start").status_code == 404
    assert make_setup_code(site.database, site.clock) is None, "nor is a new code made"
    assert one(site, "select count(*) from user") == 2


def test_a_code_that_is_wrong_late_or_replaced_makes_nothing(site: BuiltSite) -> None:
    assert begin(site, "").status_code == 422
    assert begin(site, "AAAA-BBBB-CCCC-DDDD").status_code == 422, "before any was made"
    first = code_of(site)
    second = code_of(site)
    answer = begin(site, first)
    assert answer.status_code == 422 and "set-up code is not right" in answer.text and 'href="#code"' in answer.text
    later(site, hours=1)
    assert begin(site, second).status_code == 422
    assert one(site, "select count(*) from user") == 0
    assert second.replace("-", "").encode() not in site.settings.database.read_bytes()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"password": "password1234"}, "password"), ({"login": "ผู้ดูแล"}, "login"), ({"title_th": " "}, "title_th"),
        ({"organizer_login": "ADMIN"}, "organizer_login"), ({"organizer_title_th": ""}, "organizer_title_th"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_and_does_not_use_the_code_up(site: BuiltSite, wrong: dict[str, str], place: str) -> None:
    code = code_of(site)
    answer = begin(site, code, **wrong)
    assert answer.status_code == 422 and f'href="#{place}"' in answer.text
    assert one(site, "select count(*) from user") == 0
    assert begin(site, code).status_code == 200


def test_guessing_the_code_is_slowed_down(site: BuiltSite) -> None:
    code = code_of(site)
    assert [begin(site, "wrong").status_code for _ in range(31)] == [422] * 30 + [429]
    assert begin(site, code).status_code == 429


def test_zones_and_provinces_come_with_the_first_accounts_so_that_duties_can_be_held_there(site: BuiltSite) -> None:
    begin(site, code_of(site))
    assert one(site, "select count(*) from zone") == 18
    assert one(site, "select count(*) from province where invented = 0") == 76
    assert one(site, "select zone_number from province where code = '23'") == 9
    told = "select count(*) from ledger_line where log = 'site' and line like '%\"act\":\"put_places\"%'"
    assert one(site, told) == 1
