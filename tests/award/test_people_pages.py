"""The pages of people: finding somebody, inviting, handing a link over, closing an account, confirming a duty."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from award.actions.invitations import accept_invitation
from award.db.ledger import LedgerLine
from award.db.mail import MailOut
from award.db.people import Duty, User
from award.errors import Invalid
from award.queries.duties import PER_PAGE
from tests.award.build import BuiltSite, build_site

PASSWORD = "four plain words together"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def user_id(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(User.id).where(User.login == login)).scalar_one()


def invited(site: BuiltSite, client: FlaskClient, **form: str) -> str:
    """The link of a new account."""
    page = client.post("/people/invite", data={"key": "key-of-invite", "title_th": "นักวิชาการ", "language": "th"} | form)
    assert page.status_code == 200, page.text
    return link_in(page.text)


def link_in(page: str) -> str:
    found = re.search(r'id="link"[^>]*>([^<]+)<', page)
    assert found, page
    return html.unescape(found[1])


def path_of(link: str) -> str:
    return link.partition("//")[2].partition("/")[1] + link.partition("//")[2].partition("/")[2]


def duty_of(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(Duty.id).where(Duty.user_id == user_id(site, login))).scalars().first() or 0


def proposed(site: BuiltSite, client: FlaskClient, login: str, **form: str) -> int:
    """A duty proposed on the page."""
    sent = {"key": f"key-{login}", "role": "auditor", "title_th": "ผู้ตรวจสอบ", "from_day": "๑๙/๗/๒๕๖๔"} | form
    answer = client.post(f"/people/{user_id(site, login)}/duty", data=sent)
    assert answer.status_code == 303, answer.text
    with site.database.reading() as db:
        return db.execute(select(Duty.id).order_by(Duty.id.desc()).limit(1)).scalar_one()


# --- who may be here ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["organizer", "admin"])
def test_organizers_and_administrators_manage_people(untouched: BuiltSite, login: str) -> None:
    client = untouched.client_as(login)
    for address in ("/people/", "/people/1", "/people/waiting", "/people/invite", "/people/1/duty", "/people/mail/"):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("login", ["p23", "z9-chair", "z9-member", "auditor"])
def test_others_do_not(untouched: BuiltSite, login: str) -> None:
    client = untouched.client_as(login)
    assert client.get("/people/").status_code == client.get("/people/1").status_code == 403
    for address in ("/people/invite", "/people/1/link", "/people/1/close", "/people/duty/1/revoke"):
        assert client.post(address, data={"key": "some-key"}).status_code == 403, address
    assert 'href="/people/"' not in client.get("/rules/").text


def test_an_administrator_comes_home_to_people_and_sees_nothing_of_an_award(untouched: BuiltSite) -> None:
    client = untouched.client_as("admin")
    assert client.get("/").headers["Location"] == "/people/"
    for address in ("/e/", "/e/1", "/r/", "/o/", "/s/", "/s/card/1"):
        assert client.get(address).status_code == 403, address


# --- the list -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("text=Z9-CH", ["z9-chair"]),
        ("text=จันทบุรี&role=officer", ["p22"]),
        ("province=23", ["p23"]),
        ("zone=9&role=member", ["z9-member", "z9-secretary"]),
        ("role=administrator", ["admin"]),
        ("text=_", []),
        ("text=%25", []),
        ("text=p23&role=chair", []),
        ("zone=x&page=x&role=organizer", ["organizer", "organizer2"]),
    ],
)
def test_people_are_found_by_name_place_and_role(untouched: BuiltSite, asked: str, found: list[str]) -> None:
    page = untouched.client_as("organizer").get(f"/people/?{asked}").text
    assert re.findall(r'<br><span class="quiet">([\w.-]+)</span></th>', page) == found
    assert f"Found: {len(found)}" in page
    assert ("Nobody is found by this." in page) == (not found)


def test_a_long_list_has_pages(site: BuiltSite) -> None:
    rows = [{"login": f"extra{n:03}", "title_th": "ผู้ทดสอบ", "title_en": "", "password_hash": ""} for n in range(120)]
    with site.database.writing() as db:
        db.execute(insert(User), rows)
        db.commit()
    client = site.client_as("organizer")
    first, last = client.get("/people/?text=extra").text, client.get("/people/?text=extra&page=99").text
    assert (first.count("extra0"), "extra119" in last) == (PER_PAGE, True)
    assert "Page 3 of 3" in last and 'rel="next"' in first and 'rel="next"' not in last
    assert "text=extra" in re.search(r'rel="next" href="([^"]+)"', first)[1]  # type: ignore[index]


def test_lists_ask_a_constant_number_of_statements(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    counts = []
    for asked in ("text=z9-chair", "zone=9", "text="):
        with site.statements() as seen:
            client.get(f"/people/?{asked}")
        counts.append(len(seen))
    assert len(set(counts)) == 1 and counts[0] <= 9, counts
    counts.clear()
    for login in ("p22", "p23", "auditor"):
        proposed(site, client, login, role="officer", province="23")
        client.post(f"/people/{user_id(site, login)}/link/ask", data={"key": f"ask-{login}"})
        with site.statements() as seen:
            client.get("/people/waiting")
        counts.append(len(seen))
    assert len(set(counts)) == 1, counts


# --- inviting -----------------------------------------------------------------------------------------------------


def test_from_the_invitation_to_a_right(site: BuiltSite) -> None:
    """Invited with a link, a password chosen, a duty proposed by one and confirmed by another; then, and only then."""
    organizer = site.client_as("organizer")
    link = invited(site, organizer, login="New.Person")
    assert site.client().post("/sign-in", data={"login": "new.person", "password": ""}).status_code == 422
    guest = site.client()
    guest.set_cookie("language", "th")
    page = guest.get(path_of(link)).text
    assert "ตั้งรหัสผ่านของท่าน" in page and "new.person" in page
    assert guest.post(path_of(link), data={"password": "too short"}).status_code == 422
    answer = guest.post(path_of(link), data={"password": PASSWORD})
    assert answer.headers["Location"].startswith("/sign-in")
    signed_in = guest.post("/sign-in", data={"login": "new.person", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert guest.get("/e/").status_code == 403
    duty = proposed(site, organizer, "new.person", role="officer", province="23")
    assert guest.get("/e/").status_code == 403
    assert (
        site.client_as("organizer2").post(f"/people/duty/{duty}/confirm", data={"key": "confirm-key"}).status_code
        == 303
    )
    assert guest.get("/e/").status_code == 200


def test_an_invitation_opens_once_for_three_days_and_looking_does_not_use_it_up(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    link = path_of(invited(site, client, login="once"))
    assert [site.client().get(link).status_code for _ in range(3)] == [200, 200, 200]
    site.clock.set(site.clock.now() + timedelta(hours=71))
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    again = site.client().post(link, data={"password": PASSWORD + " again"})
    assert again.status_code == 422
    assert site.client().get(link).status_code == 422
    assert site.client().post("/sign-in", data={"login": "once", "password": PASSWORD}).status_code == 302
    late = path_of(invited(site, site.client_as("organizer"), login="late", key="another-key"))
    site.clock.set(site.clock.now() + timedelta(hours=72, seconds=1))
    assert site.client().post(late, data={"password": PASSWORD}).status_code == 422


def test_of_two_who_open_one_invitation_at_one_moment_the_first_chooses(site: BuiltSite) -> None:
    """Both saw the page before either chose."""
    link = invited(site, site.client_as("organizer"), login="both").partition("link=")[2]
    assert accept_invitation(site.database, site.clock, link=link, password=PASSWORD) == user_id(site, "both")
    with pytest.raises(Invalid):
        accept_invitation(site.database, site.clock, link=link, password=PASSWORD + " too")


def test_a_new_invitation_ends_the_earlier_one(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    first = path_of(invited(site, client, login="lost"))
    answer = client.post(f"/people/{user_id(site, 'lost')}/link", data={"key": "renew-key"})
    second = path_of(link_in(answer.text))
    assert site.client().get(first).status_code == 422
    assert site.client().get(second).status_code == 200
    assert second.startswith("/invitation?link=")


def test_sent_twice_an_invitation_makes_one_account_and_shows_its_link_once(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    invited(site, client, login="twice")
    form = {"key": "key-of-invite", "title_th": "นักวิชาการ", "language": "th", "login": "twice"}
    again = client.post("/people/invite", data=form)
    assert again.status_code == 200
    assert "done already" in again.text and "/invitation?link=" not in again.text


@pytest.mark.parametrize(
    ("form", "said", "place"),
    [
        ({"login": ""}, "Write a sign-in name or an e-mail address.", "login"),
        ({"login": "p23"}, "This sign-in name is taken.", "login"),
        ({"login": "P23 "}, "This sign-in name is taken.", "login"),
        ({"login": "สมชาย"}, "small English letters", "login"),
        ({"login": "a b"}, "small English letters", "login"),
        ({"login": "x", "title_th": ""}, "Write the position.", "title_th"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "line break", "email"),
        ({"email": "someone@оffice.go.th"}, "only looks like it", "email"),
        ({"email": "no address"}, "This is no e-mail address.", "email"),
        ({"email": "x" * 250 + "@a.th"}, "at most 254", "email"),
    ],
)
def test_what_does_not_fit_is_said_above_and_beside_and_kept(
    untouched: BuiltSite, form: dict[str, str], said: str, place: str
) -> None:
    sent = {"key": "wrong-key", "title_th": "ผู้ทดสอบระบบ", "language": "th"} | form
    answer = untouched.client_as("organizer").post("/people/invite", data=sent)
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert f'href="#{place}"' in page and said in page
    assert form.get("title_th", "ผู้ทดสอบระบบ") in page
    with untouched.database.reading() as db:
        assert db.execute(select(User.id).where(User.title_th == "ผู้ทดสอบระบบ")).first() is None


def test_an_e_mail_address_may_be_the_sign_in_name(site: BuiltSite) -> None:
    invited(site, site.client_as("organizer"), email="Someone@Office.go.th")
    assert user_id(site, "someone@office.go.th")


def test_neither_link_nor_address_nor_name_stands_in_the_log(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    token = invited(site, client, email="someone@office.go.th", title_th="ตำแหน่งลับ").partition("link=")[2]
    with site.database.reading() as db:
        told = "\n".join(db.execute(select(LedgerLine.line).where(LedgerLine.log == "site")).scalars())
    assert '"act":"invite"' in told
    for secret in (token, "someone", "ลับ"):
        assert secret not in told
    assert token.encode() not in site.settings.database.read_bytes()


def test_a_link_is_mailed_only_where_the_site_knows_its_address(site: BuiltSite) -> None:
    """What a request calls the site may be anybody's word, so no mail is made of it."""
    invited(site, site.client_as("organizer"), email="someone@office.go.th")
    with site.database.reading() as db:
        assert db.execute(select(MailOut.id)).first() is None


# --- handing a link over, closing, opening ------------------------------------------------------------------------


def test_a_link_for_a_new_password_is_handed_over(site: BuiltSite) -> None:
    """The person is not signed out by it until the new password is chosen."""
    inside = site.client_as("p23")
    page = site.client_as("admin").post(f"/people/{user_id(site, 'p23')}/link", data={"key": "reset-key"}).text
    link = path_of(link_in(page))
    assert link.startswith("/reset?link=")
    assert inside.get("/e/").status_code == 200
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    assert inside.get("/e/").status_code == 302
    assert site.client().post("/sign-in", data={"login": "p23", "password": PASSWORD}).status_code == 302


def test_a_closed_account_is_out_at_once_with_its_links_until_it_is_opened_again(site: BuiltSite) -> None:
    admin, inside, person = site.client_as("admin"), site.client_as("p23"), user_id(site, "p23")
    link = path_of(link_in(admin.post(f"/people/{person}/link", data={"key": "reset-key"}).text))
    assert admin.post(f"/people/{person}/close", data={"key": "close-key"}).status_code == 303
    assert inside.get("/e/").status_code == 302
    assert site.client().get(link).status_code == 422
    assert site.client().post("/sign-in", data={"login": "p23", "password": site.round.password}).status_code == 422
    assert admin.post(f"/people/{person}/link", data={"key": "other-key"}).status_code == 423
    assert admin.post(f"/people/{person}/close", data={"key": "again-key"}).status_code == 423
    assert admin.post(f"/people/{person}/open", data={"key": "open-key"}).status_code == 303
    assert inside.get("/e/").status_code == 302, "what was ended stays ended"
    assert site.client_as("p23").get("/e/").status_code == 200


def test_nobody_closes_their_own_account_nor_the_last_that_can_manage_people(site: BuiltSite) -> None:
    admin = site.client_as("admin")
    own = user_id(site, "admin")
    assert "Close the account" not in admin.get(f"/people/{own}").text
    assert admin.post(f"/people/{own}/close", data={"key": "own-key"}).status_code == 403
    for login in ("organizer", "organizer2"):
        assert admin.post(f"/people/{user_id(site, login)}/close", data={"key": f"close-{login}"}).status_code == 303
    with site.database.writing() as db:  # as if the administrator's duty ended meanwhile, in another window
        db.execute(text("update duty set role = 'auditor' where role = 'administrator'"))
        db.commit()
    assert admin.post(f"/people/{own}/close", data={"key": "last-key"}).status_code == 403


# --- duties on pages ----------------------------------------------------------------------------------------------


def test_buttons_are_only_where_they_work(site: BuiltSite) -> None:
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    duty = proposed(site, organizer, "p23")
    assert f"/people/duty/{duty}/confirm" not in organizer.get("/people/waiting").text
    assert "You proposed it" in organizer.get("/people/waiting").text
    assert f"/people/duty/{duty}/confirm" in second.get("/people/waiting").text
    assert organizer.post(f"/people/duty/{duty}/confirm", data={"key": "own-key"}).status_code == 403
    revoke = f"/people/duty/{duty_of(site, 'z9-chair')}/revoke"
    person = f"/people/{user_id(site, 'z9-chair')}"
    assert revoke in organizer.get(person).text
    assert revoke not in site.client_as("admin").get(person).text
    assert site.client_as("admin").post(revoke, data={"key": "admin-key"}).status_code == 403


def test_a_person_shows_what_waits_holds_comes_and_went(site: BuiltSite) -> None:
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    coming = proposed(site, organizer, "p23", from_day="1/10/2564", to_day="30/9/2565", acting="y")
    second.post(f"/people/duty/{coming}/confirm", data={"key": "confirm-key"})
    proposed(site, organizer, "p23", key="third-key", title_th="ที่รออยู่")
    organizer.post(f"/people/duty/{duty_of(site, 'p23')}/revoke", data={"key": "revoke-key"})
    page = organizer.get(f"/people/{user_id(site, 'p23')}").text
    places = [page.index(f"<h2>{title}") for title in (
        "Waiting for a second person", "Duties today", "Duties to come", "Earlier duties and proposals",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "ที่รออยู่" in page[places[0] : places[1]]
    assert "none: the person can sign in" in page[places[1] : places[2]]
    assert "(acting)" in page[places[2] : places[3]] and "30 Sep 2022" in page[places[2] : places[3]]
    assert "Ended by organizer" in page[places[3] :]


def test_a_wrong_proposal_is_said_at_its_place_and_kept(untouched: BuiltSite) -> None:
    sent = {"key": "wrong-key", "role": "officer", "title_th": "ตำแหน่งที่พิมพ์", "from_day": "31/2/2565", "to_day": "x"}
    answer = untouched.client_as("organizer").post("/people/3/duty", data=sent)
    assert answer.status_code == 422
    assert 'href="#from_day"' in answer.text and 'href="#to_day"' in answer.text and "ตำแหน่งที่พิมพ์" in answer.text
    answer = untouched.client_as("organizer").post(
        "/people/3/duty", data=sent | {"from_day": "1/10/2564", "to_day": ""}
    )
    assert answer.status_code == 422
    assert 'href="#province"' in answer.text


def test_an_unknown_person_or_duty_is_not_there(untouched: BuiltSite) -> None:
    client = untouched.client_as("organizer")
    assert client.get("/people/99999").status_code == 404
    for act in ("confirm", "withdraw", "revoke"):
        assert client.post(f"/people/duty/99999/{act}", data={"key": "some-key"}).status_code == 404


def test_every_page_is_thai_first(site: BuiltSite) -> None:
    client = site.client_as("organizer", language="th")
    proposed(site, client, "p23")
    link = client.post("/people/3/link", data={"key": "link-key"}).text
    pages = [client.get(address).text for address in (
        "/people/", "/people/?text=zzz", "/people/3", "/people/waiting", "/people/invite", "/people/3/duty",
        "/people/mail/",
    )]  # fmt: skip
    for page in [*pages, link]:
        main = page[page.index("<main") : page.index("</main>")]
        words = re.sub(r"<[^>]+>|https?://\S+|smtp_\w+|site_address|\b[a-z]+\d*(-[a-z]+)?\b", " ", html.unescape(main))
        assert re.findall(r"[A-Z][a-z]+ [a-z]+", words) == []
