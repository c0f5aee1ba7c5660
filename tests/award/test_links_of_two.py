"""Nobody alone gets into the account of another who judges, runs, checks or manages."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from award.actions.asked_links import WAITS
from award.actions.tidy import tidy
from award.cli import main
from award.config import Keeping
from award.db.accounts import OneTimeLink
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import LedgerLine
from award.db.mail import MailOut
from award.db.people import Duty, User
from award.queries.duties import takes_two
from tests.award.build import BuiltSite, build_site
from tests.award.scoring_day import build_day
from tests.award.test_mail import Post, with_server
from tests.award.test_people_pages import PASSWORD, invited, link_in, path_of, proposed, user_id

OF_TWO = ("z9-member", "z9-chair", "organizer2", "auditor", "admin")


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def post(client: FlaskClient, address: str, key: str = "") -> TestResponse:
    return client.post(address, data={"key": key or f"key of {address}"})


def ask(site: BuiltSite, login: str, by: str = "organizer") -> int:
    """The number of the link that a manager asks for."""
    answer = post(site.client_as(by), f"/people/{user_id(site, login)}/link/ask", f"ask-{by}-{login}")
    assert answer.status_code == 303, answer.text
    with site.database.reading() as db:
        return db.execute(select(OneTimeLink.id).where(OneTimeLink.sha256.is_(None))).scalar_one()


def acts(site: BuiltSite) -> list[tuple[str, str]]:
    """Act and actor of the site's log."""
    with site.database.reading() as db:
        lines = db.execute(select(LedgerLine.line).where(LedgerLine.log == "site").order_by(LedgerLine.seq)).scalars()
        return [(told["act"], told["actor"]) for told in map(json.loads, lines) if "link" in told["act"]]


# --- what one person tried ----------------------------------------------------------------------------------------


def lets_in(site: BuiltSite, answer: TestResponse, login: str) -> bool:
    """Whether what a manager was shown opens the account of another."""
    if 'id="link"' not in answer.text:
        return False
    site.client().post(path_of(link_in(answer.text)), data={"password": PASSWORD})
    return site.client().post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302


def test_an_organizer_alone_does_not_mark_as_a_member(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.open()
    member, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.save(member, card, day.whole("4"))
    answer = post(day.site.client_as("organizer"), f"/people/{user_id(day.site, 'z9-member')}/link")
    assert not lets_in(day.site, answer, "z9-member")
    assert answer.status_code == 423
    assert member.get(f"/s/card/{card}").status_code == 200, "and nobody was signed out by the try"


def test_an_organizer_alone_does_not_publish_as_the_other_who_has_no_second_step_yet(tmp_path: Path) -> None:
    site = build_site(tmp_path, second_factor="offered", live=("23",))
    for by in ("organizer", "admin"):
        answer = post(site.client_as(by), f"/people/{user_id(site, 'organizer2')}/link", f"key-of-{by}")
        assert not lets_in(site, answer, "organizer2"), by
        assert answer.status_code == 423


def test_who_made_the_link_of_a_new_account_does_not_confirm_its_duty(site: BuiltSite) -> None:
    """Else one person would hold the account and have vouched for it, with a proposal of somebody in good faith."""
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    link = path_of(invited(site, second, login="invented.person"))
    duty = proposed(site, organizer, "invented.person", role="member", zone="9", title_th="กรรมการ")
    for moment in ("before the link is used", "after it"):
        refused = post(second, f"/people/duty/{duty}/confirm", f"key {moment}")
        assert refused.status_code == 403 and "handed a link of this account over" in refused.text, moment
        assert f"/people/duty/{duty}/confirm" not in second.get("/people/waiting").text
        site.client().post(link, data={"password": PASSWORD})
    assert f"/people/duty/{duty}/confirm" in site.client_as("admin").get("/people/waiting").text
    assert post(site.client_as("admin"), f"/people/duty/{duty}/confirm").status_code == 303


def test_nor_that_of_an_officer_whose_password_they_could_have_chosen_long_ago(site: BuiltSite, tmp_path: Path) -> None:
    admin = site.client_as("admin")
    link = path_of(link_in(post(admin, f"/people/{user_id(site, 'p23')}/link").text))
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    site.clock.set(site.clock.now() + timedelta(days=400))
    gone = tidy(
        site.database, site.clock, keeping=Keeping(), logs=tmp_path / "logs",
        evidence=EvidenceFiles(tmp_path / "evidence"), dry_run=False,
    )  # fmt: skip
    assert not [old for old in gone if old.what == "links" and old.count]
    duty = proposed(site, site.client_as("organizer"), "p23")
    assert post(site.client_as("admin"), f"/people/duty/{duty}/confirm").status_code == 403
    assert post(site.client_as("organizer2"), f"/people/duty/{duty}/confirm").status_code == 303


def test_a_confirmed_duty_of_an_account_that_nobody_entered_yet_guards_its_invitation(site: BuiltSite) -> None:
    """The one who confirmed would else make a new first link, and be that person."""
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    invited(site, organizer, login="new.chair")
    duty = proposed(site, organizer, "new.chair", role="chair", zone="10", title_th="ประธาน")
    assert post(second, f"/people/duty/{duty}/confirm").status_code == 303
    for client in (organizer, second):
        assert post(client, f"/people/{user_id(site, 'new.chair')}/link").status_code == 423
    shown = post(second, f"/people/link/{ask(site, 'new.chair')}/release").text
    assert "/invitation?link=" in link_in(shown)


# --- what two do --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", OF_TWO)
def test_who_judges_runs_checks_or_manages_takes_two_and_an_officer_one(site: BuiltSite, login: str) -> None:
    with site.database.reading() as db:
        assert takes_two(db, user_id(site, login), today=site.clock.today())
        assert not takes_two(db, user_id(site, "p23"), today=site.clock.today())


@pytest.mark.parametrize(
    ("change", "two"),
    [
        ("from_day = '2022-01-01'", True),
        ("to_day = '2021-07-19'", True),
        ("to_day = '2021-07-18'", False),
        ("state = 'proposed'", False),
        ("state = 'revoked'", False),
    ],
)
def test_a_duty_to_come_counts_one_that_is_over_or_not_confirmed_does_not(
    site: BuiltSite, change: str, two: bool
) -> None:
    with site.database.writing() as db:
        db.execute(text(f"update duty set {change} where role = 'auditor'"))
        db.commit()
        assert takes_two(db, user_id(site, "auditor"), today=site.clock.today()) is two


def test_one_asks_another_releases_and_only_that_one_sees_the_link(site: BuiltSite) -> None:
    asked = ask(site, "z9-member")
    organizer, second = site.client_as("organizer"), site.client_as("organizer2")
    own = organizer.get("/people/waiting").text
    assert "You asked for it" in own and f"/people/link/{asked}/release" not in own
    assert "Waiting for a second person: 1" in second.get("/people/").text
    for page in ("/people/waiting", f"/people/{user_id(site, 'z9-member')}"):
        assert f"/people/link/{asked}/release" in second.get(page).text
    answer = post(organizer, f"/people/link/{asked}/release")
    assert answer.status_code == 403 and "asked for this link yourself" in answer.text
    shown = post(second, f"/people/link/{asked}/release")
    again = post(second, f"/people/link/{asked}/release")
    assert again.status_code == 404 and 'id="link"' not in again.text
    link = path_of(link_in(shown.text))
    assert link not in organizer.get(f"/people/{user_id(site, 'z9-member')}").text
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    assert site.client().post("/sign-in", data={"login": "z9-member", "password": PASSWORD}).status_code == 302
    one, two = (f"u{user_id(site, login)}" for login in ("organizer", "organizer2"))
    assert acts(site) == [("ask_link", one), ("release_link", two)]


def test_it_is_not_for_the_person_whose_account_it_is_to_release(site: BuiltSite) -> None:
    asked = ask(site, "organizer2")
    second = site.client_as("organizer2")
    assert "for your own account" in second.get("/people/waiting").text
    assert post(second, f"/people/link/{asked}/release").status_code == 403
    assert 'id="link"' in post(site.client_as("admin"), f"/people/link/{asked}/release").text


@pytest.mark.parametrize("by", ["p23", "z9-chair", "z9-member", "auditor"])
def test_others_neither_ask_nor_release_nor_decline(site: BuiltSite, by: str) -> None:
    asked, client = ask(site, "z9-member"), site.client_as(by)
    for address in (f"/people/{user_id(site, 'p22')}/link/ask", f"/people/{user_id(site, 'p22')}/link/mail",
                    f"/people/link/{asked}/release", f"/people/link/{asked}/withdraw"):  # fmt: skip
        assert post(client, address).status_code == 403, address


def test_what_is_asked_for_opens_nothing_waits_three_days_and_is_declined_by_anybody_who_manages(
    site: BuiltSite,
) -> None:
    asked = ask(site, "z9-member")
    assert site.client().get("/reset?link=").status_code == site.client().get("/reset?link=None").status_code == 422
    ask_again = f"/people/{user_id(site, 'z9-member')}/link/ask"
    assert post(site.client_as("admin"), ask_again).status_code == 423
    site.clock.set(site.clock.now() + WAITS)
    second = site.client_as("organizer2")
    assert post(second, f"/people/link/{asked}/release").status_code == 423
    assert "Nothing is waiting." in second.get("/people/waiting").text
    newer = ask(site, "z9-member", by="admin")
    assert post(second, f"/people/link/{newer}/withdraw").status_code == 303
    assert post(second, f"/people/link/{newer}/release").status_code == 404
    assert [act for act, _ in acts(site)] == ["ask_link", "ask_link", "withdraw_link"]


def test_what_somebody_asked_for_who_lost_the_duty_is_not_released(site: BuiltSite) -> None:
    asked = ask(site, "z9-member")
    with site.database.writing() as db:
        db.execute(update(Duty).where(Duty.user_id == user_id(site, "organizer")).values(to_day=Duty.from_day))
        db.commit()
    assert post(site.client_as("admin"), f"/people/link/{asked}/release").status_code == 423


def test_a_closed_account_gets_no_link_and_closing_ends_what_is_asked_for(site: BuiltSite) -> None:
    asked, admin, person = ask(site, "z9-member"), site.client_as("admin"), user_id(site, "z9-member")
    assert post(admin, f"/people/{person}/close").status_code == 303
    assert post(admin, f"/people/link/{asked}/release").status_code == 404
    assert post(admin, f"/people/{person}/link/ask").status_code == 423


def test_the_table_itself_refuses_a_second_person_who_is_the_first(site: BuiltSite) -> None:
    ask(site, "z9-member")
    with site.database.writing() as db, pytest.raises(IntegrityError, match="second_person"):
        db.execute(text("update one_time_link set made_by_id = asked_by_id"))


def test_the_first_organizer_gets_a_new_first_link_while_the_administrator_is_alone(site: BuiltSite) -> None:
    """Nobody else is there to release it. From the first password on it takes two like any other."""
    address = f"/people/{user_id(site, 'organizer2')}/link"
    with site.database.writing() as db:
        db.execute(update(User).where(User.login == "organizer2").values(password_hash=""))
        db.commit()
    link = path_of(link_in(post(site.client_as("admin"), address).text))
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    assert post(site.client_as("admin"), address, "another-key").status_code == 423


def test_the_machines_own_command_line_makes_one_where_nobody_is_left_to_release_it(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    run = CliRunner().invoke
    assert "Say --yes" in run(main, ["account", "make-link", "admin"]).output
    assert run(main, ["account", "make-link", "nobody", "--yes"]).exit_code == 1
    link = run(main, ["account", "make-link", "admin", "--yes"]).output.strip()
    assert site.client().post(link, data={"password": PASSWORD}).status_code == 302
    assert site.client().post("/sign-in", data={"login": "admin", "password": PASSWORD}).status_code == 302
    assert acts(site) == [("make_link", "u0")]


# --- by mail ------------------------------------------------------------------------------------------------------


def test_a_mailed_link_is_shown_to_nobody_and_hinders_nobody_from_confirming(site: BuiltSite) -> None:
    with_server(site, Post())
    person = user_id(site, "z9-member")
    admin = site.client_as("admin")
    assert post(admin, f"/people/{person}/link/mail").status_code == 423, "there is no address"
    with site.database.writing() as db:
        db.execute(update(User).where(User.id == person).values(email="member@office.go.th"))
        db.commit()
    assert "Mail a link" in admin.get(f"/people/{person}").text
    answer = post(admin, f"/people/{person}/link/mail", "with-address")
    assert answer.status_code == 303
    with site.database.reading() as db:
        to, body = db.execute(select(MailOut.address, MailOut.text)).one()
    assert to == "member@office.go.th" and "/reset?link=" in body
    token = body.partition("/reset?link=")[2].split()[0]
    assert token not in admin.get(answer.headers["Location"]).text
    assert acts(site) == [("mail_link", f"u{user_id(site, 'admin')}")]
    with site.database.reading() as db:
        assert db.execute(select(OneTimeLink.made_by_id)).scalar_one() is None
