"""Passkeys in a real browser with an authenticator of its own, and every page of the own account usable by everyone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from award.actions.links import make_link
from award.actions.unit import unit
from award.policy import Actor
from tests.award.build import build_site
from tests.award.test_accounts import MAIL_SERVER, user_id
from tests.journeys.axe import Place, faults_of
from tests.journeys.serving import serving, signed_in


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Served under a name: passkeys belong to names, not to numbers."""
    site = build_site(tmp_path_factory.mktemp("accounts"), csrf=True, limits=True)
    with serving(site) as address:
        address = address.replace("127.0.0.1", "localhost")
        opened = site.app.extensions["award"]
        settings = replace(opened.settings, site_address=address, smtp=MAIL_SERVER)
        site.app.extensions["award"] = replace(opened, settings=settings)
        yield Place(site, address, {})


def with_authenticator(page: Page) -> tuple[Any, str]:
    """The device's own: it holds passkeys, and its person unlocks it each time."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def is_at(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(r"http://[^/]+" + re.escape(path) + "$"))


def visitor(browser: Browser, place: Place, language: str = "en") -> BrowserContext:
    context = browser.new_context()
    context.add_cookies([{"name": "language", "value": language, "url": place.address}])
    return context


def test_a_passkey_is_made_signs_in_alone_proves_again_and_is_removed(browser: Browser, place: Place) -> None:
    with signed_in(browser, place.address, "p23", place.site.round.password, language="en") as person:
        page = person.page
        session, device = with_authenticator(page)
        person.go("/account/")
        page.get_by_role("button", name="Add a passkey of this device").click()
        expect(page.get_by_text("The passkey is added.")).to_be_visible()
        expect(page.locator(".codes li")).to_have_count(10)
        recovery = page.locator(".codes li").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_label("Name of the passkey").fill("โทรศัพท์ของฉัน")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_text("The name is changed.")).to_be_visible()
        expect(page.get_by_label("Name of the passkey")).to_have_value("โทรศัพท์ของฉัน")
        assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

        page.get_by_role("button", name="Sign out", exact=True).click()
        is_at(page, "/sign-in")
        page.goto(f"{place.address}/sign-in?next=/account/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        is_at(page, "/account/")
        expect(page.get_by_text("Last used")).to_be_visible()

        lost = visitor(browser, place).new_page()  # another browser, without the passkey
        lost.goto(f"{place.address}/sign-in?next=/account/")
        lost.fill("#login", "p23")
        lost.fill("#password", place.site.round.password)
        lost.keyboard.press("Enter")
        expect(lost.get_by_label("Code")).to_be_visible()
        assert faults_of(lost, "second, a passkey alone") == {}
        lost.fill("#code", recovery)
        lost.keyboard.press("Enter")
        is_at(lost, "/account/")
        expect(lost.get_by_text("Recovery codes left: 9 of 10.")).to_be_visible()
        assert faults_of(lost, "account, a passkey alone") == {}
        lost.context.close()

        with place.site.database.writing() as db:  # the proof is old
            db.execute(text("update sign_in set fresh_at = '2021-07-01T00:00:00.000000Z'"))
            db.commit()
        page.get_by_role("link", name="Change the password").click()
        page.get_by_role("button", name="Confirm with a passkey").click()
        is_at(page, "/account/password")
        page.goto(f"{place.address}/account/")
        page.get_by_role("button", name="Remove this passkey").click()
        expect(page.get_by_text("The passkey is removed.")).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        is_at(page, "/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("The passkey was not accepted")).to_be_visible()
        person.faults[:] = [fault for fault in person.faults if "/sign-in/passkey" not in fault and "422" not in fault]


def test_where_the_browser_knows_no_passkeys_none_is_offered(browser: Browser, place: Place) -> None:
    context = visitor(browser, place)
    context.add_init_script("delete window.PublicKeyCredential")  # as in LINE's own browser
    page = context.new_page()
    page.goto(place.address + "/sign-in")
    expect(page.get_by_label("Show the password")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    page.fill("#password", "seen")
    page.get_by_label("Show the password").check()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    context.close()


def test_what_was_typed_goes_on_by_itself_after_the_proof(browser: Browser, place: Place) -> None:
    password = place.site.round.password
    with signed_in(browser, place.address, "p22", password, language="en") as person:
        page = person.go("/account/password")
        page.fill("#password", "mangrove kite seventeen")
        with place.site.database.writing() as db:
            db.execute(text("update sign_in set fresh_at = '2021-07-01T00:00:00.000000Z'"))
            db.commit()
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
        assert faults_of(page, "confirm with what was typed") == {}
        page.fill("#password", password)
        page.get_by_role("button", name="It is me").click()
        expect(page.get_by_text("Your password is changed, and every other browser is signed out.")).to_be_visible()
        person.faults[:] = [fault for fault in person.faults if "401" not in fault]


def test_every_page_of_accounts_is_usable_by_everyone(browser: Browser, place: Place) -> None:
    """From the first sign-in to the second step with the app, each page held to the same as all others."""
    site, login, language = place.site, "z9-member", "th"
    found: dict[str, Any] = {}
    with signed_in(browser, place.address, login, site.round.password, language=language) as person:
        page = person.go("/account/")
        found |= faults_of(page, "account")
        page.locator("form[action='/account/app'] button").click()
        is_at(page, "/account/app")
        found |= faults_of(page, "app")
        app = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
        page.fill("#code", app.now())
        page.locator("form[action='/account/app/confirm'] button").click()
        expect(page.locator(".codes li")).to_have_count(10)
        code = page.locator(".codes li").nth(4).inner_text()
        found |= faults_of(page, "codes")
        found |= faults_of(person.go("/account/password"), "password")
        found |= faults_of(person.go("/confirm?next=/account/"), "confirm with a code")

        other = visitor(browser, place, language).new_page()
        other.goto(place.address + "/sign-in")
        other.fill("#login", login)
        other.fill("#password", site.round.password)
        other.keyboard.press("Enter")
        other.fill("#code", "000000")
        other.keyboard.press("Enter")
        expect(other.locator(".error-summary")).to_be_focused()
        found |= faults_of(other, "second, wrong")
        other.fill("#code", code)
        other.keyboard.press("Enter")
        is_at(other, "/s/")
        other.goto(place.address + "/forgot")
        found |= faults_of(other, "forgot")
        other.fill("#login", "p23")
        other.keyboard.press("Enter")
        expect(other.locator("#login")).to_have_count(0)
        with unit(site.database, site.clock, actor=Actor.nobody()) as u:
            link = make_link(u, user_id(site, login), "reset")
        other.goto(f"{place.address}/reset?link={link}")
        other.fill("#password", "password1234")
        other.keyboard.press("Enter")
        expect(other.locator(".error-summary")).to_be_focused()
        found |= faults_of(other, "reset, too common")
        other.context.close()
    assert found == {}
