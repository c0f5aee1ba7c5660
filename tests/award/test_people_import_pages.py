"""The pages of many people at once: the list out and in, links for many, duties confirmed by a second person."""

import html
import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from award.actions.first_start import make_setup_code
from award.app import create_app
from award.clock import Clock
from award.config import Settings, Smtp
from award.db.accounts import OneTimeLink
from award.db.engine import Database
from award.db.log_files import lines_of
from award.db.mail import MailOut
from award.db.people import Duty, User
from award.db.schema import upgrade_schema
from award.demo import DemoRound
from award.ledger_check import check_ledger
from tests.award.build import LIVE_MORNING, BuiltSite, build_site

MAIL_SERVER = Smtp(host="mail.example.org", port=587, sender="awards@example.org")
PASSWORD = "four plain words together"
HEADS = "login,title_th,title_en,email,role,province,zone,acting,from,to"
OFFICER = "new-officer,นักวิชาการพัฒนาชุมชน,Officer,officer@example.go.th,officer,ตราด,,,1/7/2564,"
MEMBER = "new-member,กรรมการผู้ทรงคุณวุฒิ,,,member,,9,,1/7/2564,"
ALIKE = "organiser,เลขานุการ,,,auditor,,,,1/7/2564,"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def bring(client: FlaskClient, *lines: str, name: str = "people.csv") -> TestResponse:
    data = "\n".join([HEADS, *lines]).encode()
    return client.post("/people/import", data={"file": (BytesIO(data), name)})


def sealed_in(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code in (200, 422), answer.text
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', answer.text) for name in ("key", "changes")}
    return {name: value[1] for name, value in found.items() if value}


def store(client: FlaskClient, *lines: str, **answers: str) -> TestResponse:
    return client.post("/people/import/store", data=sealed_in(bring(client, *lines)) | answers)


def does_in(answer: TestResponse) -> list[str]:
    return re.findall(r'data-does="(\w+)"', answer.text)


def user_id(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(User.id).where(User.login == login)).scalar_one()


def waiting(site: BuiltSite) -> list[int]:
    with site.database.reading() as db:
        return list(db.execute(select(Duty.id).where(Duty.state == "proposed").order_by(Duty.id)).scalars())


def accounts(site: BuiltSite) -> int:
    with site.database.reading() as db:
        return db.execute(select(func.count(User.id))).scalar_one()


def slips_in(page: str) -> list[tuple[str, str]]:
    """Sign-in name and link of each slip."""
    found = re.findall(r'<article class="slip">.*?: <strong>([^<]+)</strong>.*?slip-link">([^<]+)<', page, re.S)
    return [(login, html.unescape(link)) for login, link in found]


def test_the_list_of_the_site_comes_down_is_filled_and_makes_accounts_with_proposals(site: BuiltSite) -> None:
    client = site.client_as("organizer", language="th")
    assert "นำเข้าบุคคล" in client.get("/people/import").text
    book = load_workbook(BytesIO(client.get("/people/import/template.xlsx").data))
    page = book.worksheets[0]
    page["A2"], page["B2"] = "new-chief", "พัฒนาการจังหวัด"
    file = BytesIO()
    book.save(file)
    answer = client.post("/people/import", data={"file": (BytesIO(file.getvalue()), "people.xlsx")})
    assert does_in(answer) == ["account_duty"], answer.text
    before = accounts(site)
    assert waiting(site) == []
    stored = client.post("/people/import/store", data=sealed_in(answer))
    assert (stored.status_code, stored.location) == (303, "/people/slips?done=imported")
    assert (accounts(site), len(waiting(site))) == (before + 1, 1)


def test_a_refused_row_is_shown_with_its_cell_and_remedy_and_nothing_can_be_stored(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    answer = bring(client, OFFICER, "x,กรรมการ,,,member,,9,,,", "new-2,กรรมการ,,,member,,เก้า,,,")
    assert does_in(answer) == ["account_duty", "refused", "refused"]
    assert re.findall(r'<li data-code="\w+"><strong>(\w+)</strong>', answer.text) == ["A3", "G4"]
    assert "A sign-in name has 3 to 80" in answer.text
    assert sealed_in(answer) == {}


def test_a_file_that_is_none_is_refused_in_a_sentence(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    for data, name in ((b"PK\x03\x04 not a workbook", "people.xlsx"), (b"who,what\na,b\n", "people.csv")):
        answer = client.post("/people/import", data={"file": (BytesIO(data), name)})
        assert answer.status_code == 422 and "The file was not accepted" in answer.text
    assert client.post("/people/import", data={}).status_code == 422


def test_who_may_be_somebody_else_is_asked_and_stored_only_with_an_answer(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    shown = bring(client, ALIKE, OFFICER)
    assert "Is this the same person?" in shown.text and "There is an account organizer" in shown.text
    before = accounts(site)
    unanswered = store(client, ALIKE, OFFICER)
    assert unanswered.status_code == 422 and "say for each marked row" in unanswered.text
    assert sealed_in(unanswered), "it can be answered on the same page"
    assert accounts(site) == before
    assert store(client, ALIKE, OFFICER, **{"same-2": "organizer"}).status_code == 303
    assert accounts(site) == before + 1
    assert store(client, ALIKE, **{"same-2": "-"}).status_code == 303
    assert accounts(site) == before + 2


def test_who_cannot_be_the_person_is_said_and_can_be_answered_otherwise(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    line = "organiser,กรรมการ,,,member,,9,,1/7/2564,"  # the organizer runs the round, so cannot mark in it
    answer = store(client, line, **{"same-2": "organizer"})
    assert answer.status_code == 422 and "It cannot be the same person:" in answer.text
    assert does_in(answer) == ["account_duty"] and waiting(site) == []
    again = sealed_in(answer) | {"same-2": "-"}
    assert client.post("/people/import/store", data=again).status_code == 303
    assert len(waiting(site)) == 1


def test_a_seal_of_another_person_or_of_none_stores_nothing(site: BuiltSite) -> None:
    sealed = sealed_in(bring(site.client_as("organizer"), OFFICER))
    before = accounts(site)
    for by, changed in (("organizer2", {}), ("organizer", {"changes": sealed["changes"][:-4] + "AAAA"})):
        assert site.client_as(by).post("/people/import/store", data=sealed | changed).status_code == 422
    assert accounts(site) == before


def test_what_changed_in_between_is_shown_anew_and_not_stored(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    sealed = sealed_in(bring(client, OFFICER))
    assert store(site.client_as("organizer2"), OFFICER).status_code == 303
    answer = client.post("/people/import/store", data=sealed)
    assert answer.status_code == 409 and does_in(answer) == ["unchanged"]
    assert len(waiting(site)) == 1


def test_a_stored_list_leads_through_slips_and_confirmation_to_a_right(site: BuiltSite) -> None:
    organizer = site.client_as("organizer")
    store(organizer, OFFICER, MEMBER)
    page = organizer.get("/people/slips?done=imported").text
    assert page.count('name="person"') == page.count(" checked") == 2
    chosen = {"key": "links-1", "person": [user_id(site, "new-officer"), user_id(site, "new-member")]}
    slips = organizer.post("/people/slips", data=chosen).text
    links = dict(slips_in(slips))
    assert set(links) == {"new-officer", "new-member"} and slips.count("<svg") == 2
    assert slips.count('class="slip-sheet"') == 2, "one sheet for each office"
    again = organizer.post("/people/slips", data=chosen).text
    assert slips_in(again) == [] and "the links were shown then" in again
    assert " checked" not in organizer.get("/people/slips").text, "their links still open"

    many = organizer.get("/people/waiting/many?tick=all").text
    assert 'name="duty"' not in many and "You proposed it: somebody else confirms." in many
    second = site.client_as("organizer2")
    shown = second.get("/people/waiting/many?tick=9").text
    assert shown.count(" checked") == 2
    done = second.post("/people/waiting/many", data={"key": "confirm-1", "duty": waiting(site)})
    assert (done.status_code, waiting(site)) == (303, [])

    person = site.client()
    path = "/" + links["new-officer"].partition("//")[2].partition("/")[2]
    assert person.post(path, data={"password": PASSWORD}).status_code == 302
    assert person.post("/sign-in", data={"login": "new-officer", "password": PASSWORD}).status_code == 302
    assert person.get("/e/").status_code == 200


def test_links_are_mailed_where_that_can_be_done_and_then_shown_to_nobody(tmp_path: Path) -> None:
    site = build_site(tmp_path, site_address="https://awards.example.org", smtp=MAIL_SERVER)
    organizer = site.client_as("organizer")
    store(organizer, OFFICER, MEMBER)
    ids = [user_id(site, "new-officer"), user_id(site, "new-member")]
    slips = organizer.post("/people/slips", data={"key": "links-1", "person": ids}).text
    assert [login for login, _ in slips_in(slips)] == ["new-member"]
    assert "Mailed: 1" in slips and "officer@example.go.th" in slips
    with site.database.reading() as db:
        [mail] = db.execute(select(MailOut)).scalars().all()
    assert mail.address == "officer@example.go.th" and "/invitation?link=" in mail.text
    assert re.search(r"link=[\w-]+", mail.text)[0] not in slips  # type: ignore[index]


def test_who_was_shown_a_link_confirms_nothing_of_it_and_a_judges_link_takes_two(
    site: BuiltSite,
) -> None:
    store(site.client_as("organizer"), OFFICER, MEMBER)
    second = site.client_as("organizer2")
    officer, member = user_id(site, "new-officer"), user_id(site, "new-member")
    second.post("/people/slips", data={"key": "links-1", "person": [officer]})
    page = second.get("/people/waiting/many?tick=all").text
    assert "You handed a link of this account over" in page and page.count('name="duty"') == 1
    refused = second.post("/people/waiting/many", data={"key": "both", "duty": waiting(site)})
    assert refused.status_code == 422 and "You handed a link of this account over yourself" in refused.text
    assert len(waiting(site)) == 2, "all or nothing"
    admin = site.client_as("admin")
    assert admin.post("/people/waiting/many", data={"key": "admin", "duty": waiting(site)}).status_code == 303
    alone = second.post("/people/slips", data={"key": "links-2", "person": [member, officer]})
    assert [login for login, _ in slips_in(alone.text)] == ["new-officer"] and "Asked for: 1" in alone.text
    assert 'name="asked"' not in second.get("/people/slips").text, "not for the one who asked"
    assert second.post("/people/slips", data={"key": "links-3", "person": [member]}).status_code == 423
    [asked] = re.findall(r'name="asked" value="(\d+)"', admin.get("/people/slips").text)
    assert second.post("/people/slips/release", data={"key": "own", "asked": asked}).status_code == 403
    released = admin.post("/people/slips/release", data={"key": "release", "asked": asked})
    [(login, link)] = slips_in(released.text)
    assert login == "new-member"
    assert slips_in(admin.post("/people/slips/release", data={"key": "release", "asked": asked}).text) == []
    path = "/" + link.partition("//")[2].partition("/")[2]
    assert site.client().post(path, data={"password": PASSWORD}).status_code == 302


def test_links_that_were_asked_for_are_released_all_or_none_and_only_invitations(site: BuiltSite) -> None:
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    store(organizer, MEMBER, "new-chair,ประธานคนใหม่,,,chair,,10,,1/10/2564,")
    second.post("/people/waiting/many", data={"key": "confirm", "duty": waiting(site)})
    people = [user_id(site, "new-member"), user_id(site, "new-chair")]
    organizer.post("/people/slips", data={"key": "ask", "person": people})
    organizer.post(f"/people/{user_id(site, 'z9-member')}/link/ask", data={"key": "reset"})
    with site.database.reading() as db:
        rows = db.execute(select(OneTimeLink.user_id, OneTimeLink.id).where(OneTimeLink.sha256.is_(None))).all()
    asked = {row.user_id: row.id for row in rows}
    both = second.post("/people/slips/release", data={"key": "all", "asked": list(asked.values())})
    assert both.status_code == 423 and slips_in(both.text) == []
    page = second.get("/people/slips").text
    assert page.count('name="asked"') == 2, "the new password of somebody is released by itself"
    invited = [asked[each] for each in people]
    assert len(slips_in(second.post("/people/slips/release", data={"key": "two", "asked": invited}).text)) == 2
    assert second.post("/people/slips/release", data={"key": "none"}).status_code == 422


def test_a_post_that_is_held_is_told_before_it_is_confirmed(site: BuiltSite) -> None:
    store(site.client_as("organizer"), "z9-chair-2,ประธานคนใหม่,,,chair,,9,,1/10/2564,", **{"same-2": "-"})
    page = site.client_as("organizer2").get("/people/waiting/many").text
    assert "This post is held by:" in page and "z9-chair" in page


def test_nothing_ticked_or_nobody_known_is_refused(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    assert client.post("/people/waiting/many", data={"key": "none"}).status_code == 422
    assert client.post("/people/waiting/many", data={"key": "who", "duty": "999999"}).status_code == 404
    assert client.post("/people/waiting/many", data={"key": "what", "duty": "one"}).status_code == 400
    assert client.post("/people/slips", data={"key": "none"}).status_code == 422
    known = user_id(site, "p23")
    assert client.post("/people/slips", data={"key": "has-a-password", "person": known}).status_code == 423


@pytest.mark.parametrize("page", ["/people/import", "/people/slips", "/people/waiting/many"])
def test_others_do_not_come_here(site: BuiltSite, page: str) -> None:
    assert site.client_as("p23").get(page).status_code == 403
    assert site.client_as("admin").get(page).status_code == 200


def test_pages_ask_a_constant_number_of_statements(site: BuiltSite) -> None:
    store(site.client_as("organizer"), MEMBER)
    client = site.client_as("organizer2")

    def counted(page: str) -> int:
        client.get(page)
        with site.statements() as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    pages = ("/people/slips", "/people/waiting/many")
    before = [counted(page) for page in pages]
    more = (f"more-{number},กรรมการ {number},,,member,,{number},,1/7/2564," for number in (10, 11, 12))
    store(site.client_as("organizer"), *more)
    assert [counted(page) for page in pages] == before


def test_on_an_empty_site_two_people_bring_in_every_office_and_panel(tmp_path: Path) -> None:
    database = Database(tmp_path / "award.sqlite3")
    upgrade_schema(database)
    database.close()
    settings = Settings(data=tmp_path, secret_key="a secret for tests only", second_factor="offered")
    app = create_app(settings, clock=Clock(LIVE_MORNING))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    site = BuiltSite(app, settings, DemoRound(0, 0, 0, PASSWORD, (), ()))
    code = make_setup_code(site.database, site.clock)
    first = {"code": code, "login": "admin", "title_th": "ผู้ดูแลระบบ", "password": PASSWORD}
    second = {"organizer_login": "secretariat", "organizer_title_th": "ฝ่ายเลขานุการ"}
    link = re.search(r"/invitation\?link=[\w-]+", site.client().post("/first-start", data=first | second).text)
    assert link and site.client().post(link[0], data={"password": PASSWORD}).status_code == 302
    organizer, admin = site.client_as("secretariat"), site.client_as("admin")

    book = load_workbook(BytesIO(organizer.get("/people/import/template.xlsx").data))
    page = book.worksheets[0]
    for row in range(2, page.max_row + 1):
        if page.cell(row, 5).value:
            page.cell(row, 1).value, page.cell(row, 2).value = f"post-{row}", f"ตำแหน่งที่ {row}"
    file = BytesIO()
    book.save(file)
    answer = organizer.post("/people/import", data={"file": (BytesIO(file.getvalue()), "people.xlsx")})
    assert does_in(answer) == ["account_duty"] * (76 * 3 + 18 * 4)
    assert organizer.post("/people/import/store", data=sealed_in(answer)).status_code == 303
    chosen = re.findall(r'name="person" value="(\d+)" checked', organizer.get("/people/slips").text)
    assert len(chosen) == 300
    slips = organizer.post("/people/slips", data={"key": "links", "person": chosen[:5]})
    assert len(slips_in(slips.text)) == 5
    ticked = re.findall(r'name="duty" value="(\d+)" checked', admin.get("/people/waiting/many?tick=all").text)
    assert len(ticked) == 300
    assert admin.post("/people/waiting/many", data={"key": "confirm", "duty": ticked}).status_code == 303
    assert waiting(site) == []
    with site.database.reading(consistent=True) as db:
        assert check_ledger(db, anchors=settings.anchors)[1] == []


def test_bringing_in_and_handing_out_are_security_events_without_names(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    store(client, OFFICER)
    client.post("/people/slips", data={"key": "links", "person": user_id(site, "new-officer")})
    told = [line for line in lines_of(site.settings.logs, "security") if line["event"] == "account"]
    acts = [line["act"] for line in told]
    assert acts[-2:] == ["people_import.store", "invitation_slips.hand_out"]
    assert "new-officer" not in json.dumps(told)
