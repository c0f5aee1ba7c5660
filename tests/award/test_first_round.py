"""The whole way without a demo: from an empty folder to a published result whose package anybody can verify."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from award.actions.first_start import make_setup_code
from award.app import create_app
from award.clock import BANGKOK, Clock
from award.config import Settings
from award.db.engine import Database
from award.db.schema import upgrade_schema
from award.demo import DemoRound
from award.demo.answers import invent_answers
from award.evaluation import rules_of
from award.ledger_check import check_ledger
from award.views.context import Site
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from scoring_rules.cards import marked_leaves
from scoring_rules.marks import mark_places
from scoring_rules.rules import Category
from tests.award.build import BuiltSite
from tests.award.hostile import signed_in

APRIL = datetime(2021, 4, 20, 9, 0, tzinfo=BANGKOK)
OPEN = datetime(2021, 5, 3, 9, 0, tzinfo=BANGKOK)
THE_DAY = datetime(2021, 7, 19, 8, 30, tzinfo=BANGKOK)
AFTERNOON = datetime(2021, 7, 19, 16, 0, tzinfo=BANGKOK)
PASSWORD = "mangrove kite {} seventeen"
RULES = "transparent-office/2564-r1"
TIMES = {"opens_day": "3/5/2564", "opens_time": "08.30", "deadline_day": "9 ก.ค. 2564", "deadline_time": "๑๖.๓๐"}
SEATS = {"inspector": "z9-chair", "centre": "z9-member", "assistant": "z9-secretary", "deputy": "z9-member2"}
NO_DEMO = DemoRound(0, 0, 0, "", (), ())
_keys = count(1)


def new_key() -> str:
    return f"first-key-{next(_keys):06d}"


@dataclass
class Fresh:
    """A site in an empty folder, as `award serve` would serve it, and everybody who has an account there."""

    settings: Settings
    app: Any
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        found: Site = self.app.extensions["award"]
        return found

    def at(self, moment: datetime) -> None:
        """Time goes on; everybody signs in anew that day."""
        self.site.clock.set(moment)
        self.clients.clear()

    def client(self, login: str) -> FlaskClient:
        if login not in self.clients and login == "secretariat":
            client = self.clients[login] = self.app.test_client()
            answer = client.post("/sign-in", data={"login": login, "password": PASSWORD.format(login)})
            assert answer.status_code == 302, answer.text
            client.set_cookie("language", "en")
        elif login not in self.clients:  # the slow check of a password is made for one of them
            self.clients[login] = signed_in(BuiltSite(self.app, self.settings, NO_DEMO), login)
        return self.clients[login]

    def post(self, who: str, address: str, status: int = 303, /, **data: Any) -> TestResponse:
        answer = self.client(who).post(address, data={"key": new_key(), **data})
        assert answer.status_code == status, (address, answer.status_code, re.sub(r"<[^>]+>|\s+", " ", answer.text))
        return answer

    def value(self, sql: str, **values: Any) -> Any:
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).scalar_one()

    def accept(self, link: str, login: str) -> None:
        path = link[link.index("/invitation") :]
        assert self.app.test_client().post(path, data={"password": PASSWORD.format(login)}).status_code == 302

    def give(self, login: str, role: str, **place: str) -> None:
        """The organizer invites somebody and proposes the duty, the administrator confirms it."""
        page = self.post(
            "secretariat", "/people/invite", 200, login=login, title_th=f"ตำแหน่ง {login}", language="th"
        ).text
        link = re.search(r"/invitation\?link=[\w-]+", page)
        assert link is not None
        self.accept(link[0], login)
        person = self.value("select id from user where login = :l", l=login)
        about = {"role": role, "title_th": place.pop("title_th", f"ตำแหน่ง {login}"), "from_day": "1/10/2563"}
        self.post("secretariat", f"/people/{person}/duty", **about, **place)
        duty = self.value("select id from duty where user_id = :u", u=person)
        self.post("admin", f"/people/duty/{duty}/confirm")


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    """Nothing but the tables, as `award upgrade` leaves a new folder."""
    return served(tmp_path)


def served(data: Path) -> Fresh:
    """What is in a folder, or an empty one made ready, at the time before any round."""
    settings = Settings(
        data=data, secret_key="a secret for tests only", second_factor="offered", limits=False, idle_minutes=720
    )
    database = Database(settings.database)
    upgrade_schema(database)
    database.close()
    app = create_app(settings, clock=Clock(APRIL))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
    return Fresh(settings, app)


def begin(fresh: Fresh) -> None:
    """The first start, and a second organizer: a round takes two."""
    code = make_setup_code(fresh.site.database, fresh.site.clock)
    page = fresh.app.test_client().post(
        "/first-start",
        data={
            "code": code, "login": "admin", "title_th": "ผู้ดูแลระบบ", "password": PASSWORD.format("admin"),
            "organizer_login": "secretariat", "organizer_title_th": "ฝ่ายเลขานุการ",
        },
    )  # fmt: skip
    link = re.search(r"/invitation\?link=[\w-]+", page.text)
    assert page.status_code == 200 and link is not None, page.text
    fresh.accept(link[0], "secretariat")
    fresh.give("second", "organizer")


def prepare(fresh: Fresh, **more: str) -> int:
    """The plan of 2564: one award by rules of the first revision, whose papers are there but for one."""
    address = fresh.post("secretariat", "/cycles/", year="๒๕๖๔").location
    plan = int(address.rpartition("/")[2])
    papers = {
        f"paper_{kind}_{part}": said
        for kind in ("approval", "order", "guideline", "letters")
        for part, said in (("number", f"มท 0402/{kind}"), ("day", "1 เม.ย. 2564"))
    }
    chosen = {
        "award-transparent-office-rules": RULES, "award-transparent-office-order": "1",
        "award-cdd-policy-award-rules": "", "award-womens-fund-rules": "",
    }  # fmt: skip
    revision = fresh.value("select revision from round_plan where id = :p", p=plan)
    sent = {"base_revision": revision, "approval": "none"} | TIMES | papers | chosen | more
    fresh.post("secretariat", f"/cycles/{plan}", **sent)
    return plan


def open_round(fresh: Fresh, plan: int, who: str = "second", status: int = 303, **more: str) -> TestResponse:
    revision = fresh.value("select revision from round_plan where id = :p", p=plan)
    return fresh.post(who, f"/cycles/{plan}/open", status, base_revision=revision, **more)


def seat_zone_9(fresh: Fresh) -> None:
    """Three people with duties of zone 9 are seated as the page proposes it."""
    fresh.give("inspector", "chair", zone="9")
    fresh.give("centre", "member", zone="9")
    fresh.give("assistant", "member", zone="9", title_th="ผู้ช่วยผู้ตรวจราชการกรม")
    page = fresh.client("second").get("/agenda/seating").text
    proposed = dict(re.findall(r'<select[^>]*name="(seat-\d+-\d+)">.*?value="(\w+)" selected', page))
    panel = fresh.value("select id from panel where zone_number = 9")
    assert sorted(proposed.values()) == ["chair", "member", "secretary"], page
    fresh.post("second", "/agenda/seating", panel=str(panel), **proposed)


def add_deputy(fresh: Fresh) -> None:
    """One seat more, after the day was planned and entries were sent."""
    fresh.give("deputy", "member", zone="9")
    panel = fresh.value("select id from panel where zone_number = 9")
    duty = fresh.value("select d.id from duty d join user u on u.id = d.user_id where u.login = 'deputy'")
    fresh.post("secretariat", f"/agenda/{panel}/seating/add", duty=duty, kind="member")


def plan_day(fresh: Fresh, province: str, at: str) -> None:
    panel = fresh.value("select id from panel where zone_number = 9")
    adoption = fresh.value("select id from adoption")
    fresh.post(
        "secretariat", f"/agenda/{panel}/plan", province=province, day="19/7/2564", channel="Zoom",
        **{f"slot-{adoption}": "yes", f"slot-{adoption}-time": at},
    )  # fmt: skip


def category(fresh: Fresh) -> Category:
    return rules_of(fresh.value("select rules_text from adoption")).categories[0]


def send_entry(fresh: Fresh, province: str, quality: float) -> None:
    """The province begins an entry, fills it in and sends it."""
    login, adoption = f"office{province}", fresh.value("select id from adoption")
    rules = category(fresh)
    fresh.post(login, "/e/begin", adoption=adoption, category=rules.code, province=province, label="สำนักงาน")
    entry = fresh.value("select id from entry where province_code = :p", p=province)
    answers = invent_answers(rules, quality=quality, rng=Random(7), title="ผลงาน")
    save = {"key": new_key(), "base_revision": 0, "changes": answers}
    answer = fresh.client(login).post(f"/e/{entry}/answers", json=save, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    for each in rules.fields:
        if each.type == "files":
            fresh.post(login, f"/e/{entry}/evidence", field=each.code, title="ลิงก์", url="https://example.invalid/a")
    sure = [each.code for each in rules.indicators]
    fresh.post(login, f"/e/{entry}/submit", confirmed=sure)


def mark_and_close(fresh: Fresh, province: str, mark: str) -> None:
    slot, session = fresh.value(
        "select s.id || ' ' || s.session_id from slot s join scoring_session d on d.id = s.session_id"
        " where d.province_code = :p", p=province,
    ).split()  # fmt: skip
    fresh.post("inspector", f"/s/slot/{slot}/open")
    changes = dict.fromkeys(mark_places(category(fresh)), mark)
    changes |= {f"note:{leaf.path}": "ตามหลักฐาน" for leaf in marked_leaves(category(fresh))}
    for login, seat in SEATS.items():
        card = fresh.value(
            "select a.id from assignment a join seat s on s.id = a.seat_id where s.code = :s and a.slot_id = :l",
            s=seat, l=slot,
        )  # fmt: skip
        save = {"key": new_key(), "base_revision": 0, "changes": changes}
        assert fresh.client(login).post(f"/s/card/{card}/marks", json=save).status_code == 200
        fresh.post(login, f"/s/{session}/interest", interest="none")
        revision = fresh.value("select revision from assignment where id = :c", c=card)
        fresh.post(login, f"/s/card/{card}/send", base_revision=revision)
    fresh.post("inspector", f"/s/slot/{slot}/close")


def found_wrong(fresh: Fresh) -> list[Any]:
    with fresh.site.database.reading() as db:
        return check_ledger(db, anchors=fresh.settings.anchors)[1]


def test_a_real_round_goes_its_whole_way_from_an_empty_folder(fresh: Fresh) -> None:
    begin(fresh)
    assert 'href="/cycles/"' in fresh.client("second").get("/o/").text, "the round's page leads to the first step"
    plan = prepare(fresh)
    open_round(fresh, plan, "secretariat", 423, without="yes")
    open_round(fresh, plan, without="yes")
    assert fresh.value("select count(*) from panel") == 18
    for province in ("23", "22"):
        fresh.give(f"office{province}", "officer", province=province)
    plan_day(fresh, "23", "09.00")  # before anybody is seated
    fresh.at(OPEN)
    send_entry(fresh, "23", 0.9)
    seat_zone_9(fresh)
    send_entry(fresh, "22", 0.4)
    plan_day(fresh, "22", "13.00")
    add_deputy(fresh)
    assert fresh.value("select count(*) from assignment") == 8, "each of the four marks both entries"
    fresh.at(THE_DAY)
    mark_and_close(fresh, "23", "5")
    mark_and_close(fresh, "22", "4")
    assert found_wrong(fresh) == []
    fresh.at(AFTERNOON)
    run = fresh.post("secretariat", f"/r/{fresh.value('select id from adoption')}/zone/calculate", kind="official")
    number = int(run.location.rpartition("/")[2])
    fresh.post("secretariat", f"/r/run/{number}/certify")
    fresh.post("second", f"/r/run/{number}/publish")
    package = fresh.app.test_client().get(f"/results/{number}/package").data
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        assert "verify.py" in files.namelist()
    kept = fresh.settings.data / "package.zip"
    kept.write_bytes(package)
    assert [each.said.en for each in check_package(str(kept)) if each.state == FAIL] == []
    assert found_wrong(fresh) == []
    assert "ข้อมูลสมมติ" not in fresh.app.test_client().get("/results/").text
