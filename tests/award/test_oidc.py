"""Signing in by another provider: a real one on this machine, with real keys, that a test can make misbehave."""

import base64
import hashlib
import hmac
import importlib.util
import logging
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, jsonify, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from award import oidc
from award.config import Provider, read_settings
from award.errors import NotStarted
from tests.award.build import BuiltSite, build_site

SECRET, CLIENT = "the secret of the site", "award-site"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "r"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "e"}),
}
FOREIGN = RSAKey.generate_key(2048, {"kid": "r"})  # says it is the same key


@dataclass
class Elsewhere:
    """A provider of sign-ins. `person` is who is signed in there; `claims` and the rest make it misbehave."""

    issuer: str = ""
    person: str = "citizen-1"
    alg: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)  # None: left out
    sign: Any = None  # another key
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    calls_itself: str = ""
    published: list[str] = field(default_factory=lambda: ["RS256", "ES256"])

    def provider(self) -> Provider:
        return Provider("local", self.issuer, CLIENT, SECRET, "บัญชีทดสอบ", "Test account")

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.person, "iat": now, "exp": now + 60, "nonce": nonce}
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        key = self.sign or KEYS[self.alg]
        header = {"alg": self.alg, "kid": key.kid} if key.kid else {"alg": self.alg}
        return jwt.encode(header, claims, key, algorithms=[self.alg, "none"])


def make_provider(about: Elsewhere) -> Flask:
    app = Flask("provider")

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        return jsonify(
            issuer=about.calls_itself or about.issuer, authorization_endpoint=about.issuer + "/authorize",
            token_endpoint=about.issuer + "/token", jwks_uri=about.issuer + "/keys",
        )  # fmt: skip

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[KEYS[alg].as_dict(private=False) for alg in about.published])

    @app.get("/authorize")
    def authorize() -> Any:
        asked = request.args.to_dict()
        about.asked.append(asked)
        code = secrets.token_urlsafe(8)
        about.codes[code] = asked
        return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    @app.post("/token")
    def token() -> Any:
        asked = about.codes.pop(request.form["code"], None)  # once
        verifier = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        known = request.authorization and (request.authorization.username, request.authorization.password)
        if (
            asked is None or known != (CLIENT, SECRET) or asked["code_challenge"] != verifier.decode().rstrip("=")
            or asked["redirect_uri"] != request.form["redirect_uri"]
        ):  # fmt: skip
            return jsonify(error="invalid_grant"), 400
        return jsonify(access_token="x", token_type="Bearer", id_token=about.id_token(asked["nonce"]))

    return app


@pytest.fixture(scope="module")
def served() -> Iterator[Elsewhere]:
    about = Elsewhere()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, make_provider(about), threaded=True)
    about.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield about
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, served: Elsewhere) -> BuiltSite:
    made = build_site(tmp_path_factory.mktemp("oidc"))
    about = made.app.extensions["award"]
    settings = replace(about.settings, sign_in_with=(served.provider(),), limits=False)
    made.app.extensions["award"] = replace(about, settings=settings)
    return made


@pytest.fixture
def elsewhere(served: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """The provider, behaving well again."""
    for name, value in vars(Elsewhere(issuer=served.issuer)).items():
        setattr(served, name, value)
    oidc._kept.clear()
    return served


@pytest.fixture
def site(built: BuiltSite, elsewhere: Elsewhere) -> BuiltSite:
    """One site for all tests, without what the one before linked."""
    with built.database.writing() as db:
        for forget in ("delete from identity", "delete from authenticator", "update user set disabled_at = null"):
            db.execute(text(forget))
        db.commit()
    return built


def go(client: FlaskClient, address: str) -> str:
    """Begins there and lets the provider answer; the address that it sends the browser back to."""
    answer = client.get(address)
    assert answer.status_code == 302, answer.text
    back = requests.get(answer.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    assert parts.netloc == "localhost"
    return f"{parts.path}?{parts.query}"


def linked(site: BuiltSite, login: str) -> FlaskClient:
    """Links the account with the provider's person and signs out."""
    client = site.client_as(login)
    answer = client.get(go(client, "/account/sign-in-with/local"))
    assert answer.location == "/account/sign-in-with/?done=linked", answer.text
    return client


def sign_in(site: BuiltSite, address: str = "/sign-in/with/local") -> TestResponse:
    client = site.client()
    client.set_cookie("language", "en")
    return client.get(go(client, address))


def links(site: BuiltSite) -> list[tuple]:
    with site.database.reading() as db:
        return [tuple(row) for row in db.execute(text("select user_id, subject from identity order by id")).all()]


# --- good ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_who_linked_the_account_signs_in_there_and_comes_back_to_where_they_were(
    site: BuiltSite, elsewhere: Elsewhere, alg: str
) -> None:
    elsewhere.alg = alg
    linked(site, "p23")
    client = site.client()
    answer = client.get(go(client, "/sign-in/with/local?next=/e/?from%3Dline"))
    assert answer.location == "/e/?from=line"
    assert client.get("/e/").status_code == 200
    asked = elsewhere.asked[-1]
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid")
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32


def test_the_button_shows_only_where_a_provider_is_set(site: BuiltSite, tmp_path: Path) -> None:
    assert "/sign-in/with/local" in site.client().get("/sign-in").text
    assert "เข้าสู่ระบบด้วย บัญชีทดสอบ" in site.client().get("/sign-in").text
    (tmp_path / "plain").mkdir()
    plain = build_site(tmp_path / "plain")
    assert "/sign-in/with/" not in plain.client().get("/sign-in").text
    assert plain.client().get("/sign-in/with/local").status_code == 404


def test_without_the_extra_nothing_of_it_shows(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "authlib" else found(name, *rest)
    )
    assert "/sign-in/with/" not in site.client().get("/sign-in").text
    assert site.client().get("/sign-in/with/local").status_code == 404


def test_a_second_step_stays_a_second_step(site: BuiltSite) -> None:
    linked(site, "p23")
    with site.database.writing() as db:
        db.execute(
            text(
                "insert into authenticator (user_id, secret, made_at, confirmed_at) select id, 'JBSWY3DPEHPK3PXP', "
                "'2021-07-19T00:00:00.000000Z', '2021-07-19T00:00:00.000000Z' from user where login = 'p23'"
            )
        )
        db.commit()
    client = site.client()
    answer = client.get(go(client, "/sign-in/with/local"))
    assert answer.location.startswith("/sign-in/second")
    assert client.get("/e/").status_code == 302


def test_an_invitation_is_accepted_without_a_password(site: BuiltSite) -> None:
    form = {"key": "invite-key", "title_th": "นักวิชาการ", "login": "new", "language": "th"}
    page = site.client_as("organizer").post("/people/invite", data=form).text
    found = re.search(r"link=([\w-]+)", page)
    assert found is not None
    client = site.client()
    assert f"/sign-in/with/local?link={found[1]}" in client.get(f"/invitation?link={found[1]}").text
    assert client.get(go(client, f"/sign-in/with/local?link={found[1]}")).location == "/"
    client.set_cookie("language", "en")
    assert "You hold no duty today" in client.get("/").text
    assert client.get(f"/invitation?link={found[1]}").status_code == 422, "used up"
    assert "invited, no password yet" not in site.client_as("organizer").get("/people/?text=new").text
    assert sign_in(site).status_code == 302


def test_a_link_is_taken_away_and_one_is_never_locked_out_by_it(site: BuiltSite) -> None:
    client = linked(site, "p23")
    [number] = re.findall(r"/account/sign-in-with/(\d+)/unlink", client.get("/account/sign-in-with/").text)
    assert site.client_as("p22").post(f"/account/sign-in-with/{number}/unlink").status_code == 404
    with site.database.writing() as db:
        kept = db.execute(text("select password_hash from user where login = 'p23'")).scalar_one()
        db.execute(text("update user set password_hash = '' where login = 'p23'"))
        db.commit()
    assert client.post(f"/account/sign-in-with/{number}/unlink").status_code == 423
    with site.database.writing() as db:
        db.execute(text("update user set password_hash = :kept where login = 'p23'"), {"kept": kept})
        db.commit()
    assert client.post(f"/account/sign-in-with/{number}/unlink").status_code == 303
    assert links(site) == []
    assert sign_in(site).status_code == 422


# --- not good -----------------------------------------------------------------------------------------------------


def test_nobody_is_known_by_an_e_mail_or_a_name(site: BuiltSite, elsewhere: Elsewhere) -> None:
    with site.database.writing() as db:
        db.execute(text("update user set email = 'p23@office.go.th' where login = 'p23'"))
        db.commit()
    elsewhere.claims = {"email": "p23@office.go.th", "email_verified": True, "preferred_username": "p23"}
    answer = sign_in(site)
    assert answer.status_code == 422 and "No account here is linked" in answer.text
    elsewhere.claims = {"sub": "p23"}
    assert sign_in(site).status_code == 422


TIMES = ("exp", "iat")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another-site"}, {"aud": [CLIENT, "another"]}, {"aud": []},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"azp": "another"}, {"iss": "https://another.example"},
        {"exp": -120}, {"exp": None}, {"exp": "soon"}, {"iat": 600}, {"iat": None},  # seconds from now
        {"sub": ""}, {"sub": None}, {"sub": 7}, {"sub": "x" * 256},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    site: BuiltSite, elsewhere: Elsewhere, claims: dict[str, Any]
) -> None:
    linked(site, "p23")
    now = int(time.time())
    elsewhere.claims = {name: now + value if name in TIMES and value in (-120, 600) else value
                        for name, value in claims.items()}  # fmt: skip
    answer = sign_in(site)
    assert answer.status_code == 422, claims
    assert "could not be completed" in answer.text
    assert not any("sign_in=" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_token_signed_by_a_key_that_is_not_the_providers_opens_nothing(site: BuiltSite, elsewhere: Elsewhere) -> None:
    linked(site, "p23")
    elsewhere.sign = FOREIGN
    assert sign_in(site).status_code == 422
    elsewhere.alg, elsewhere.sign = "HS256", OctKey.import_key(SECRET.encode())
    assert sign_in(site).status_code == 422


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_the_public_key_is_no_shared_secret(
    site: BuiltSite, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(site, "p23")
    signed = elsewhere.id_token

    def forged(nonce: str) -> str:
        body = unpadded(b'{"alg":"HS256","kid":"r"}') + "." + signed(nonce).split(".")[1]
        mark = hmac.digest(KEYS["RS256"].as_pem(private=False), body.encode(), "sha256")
        return f"{body}.{unpadded(mark)}"

    monkeypatch.setattr(elsewhere, "id_token", forged)
    assert sign_in(site).status_code == 422


def test_an_unsigned_token_opens_nothing(
    site: BuiltSite, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(site, "p23")
    signed = elsewhere.id_token

    def unsigned(nonce: str) -> str:
        return unpadded(b'{"alg":"none"}') + "." + signed(nonce).split(".")[1] + "."

    monkeypatch.setattr(elsewhere, "id_token", unsigned)
    assert sign_in(site).status_code == 422


def test_new_keys_of_the_provider_are_learnt(site: BuiltSite, elsewhere: Elsewhere) -> None:
    elsewhere.published = ["RS256"]
    linked(site, "p23")
    elsewhere.published, elsewhere.alg = ["RS256", "ES256"], "ES256"
    assert sign_in(site).status_code == 302


def test_a_state_of_another_browser_or_none_opens_nothing(site: BuiltSite) -> None:
    linked(site, "p23")
    mine, other = site.client(), site.client()
    back = go(mine, "/sign-in/with/local")
    assert other.get(back).status_code == 422, "never went"
    assert (
        parse_qs(urlsplit(go(other, "/sign-in/with/local")).query)["state"] != parse_qs(urlsplit(back).query)["state"]
    )
    assert other.get(back).status_code == 422, "went for something else"
    assert mine.get(re.sub("state=[^&]+", "state=x", back)).status_code == 422
    assert mine.get(re.sub("&state=[^&]+", "", back)).status_code == 422
    assert mine.get(back).status_code == 302, "and the right one still does"


def test_a_return_works_once(site: BuiltSite) -> None:
    linked(site, "p23")
    client = site.client()
    answer = client.get("/sign-in/with/local")
    cookie = client.get_cookie("sign_in_with")
    assert cookie is not None
    back = requests.get(answer.location, allow_redirects=False, timeout=5).headers["Location"]
    path = f"{urlsplit(back).path}?{urlsplit(back).query}"
    assert client.get(path).status_code == 302
    assert client.get(path).status_code == 422
    thief = site.client()  # with a copy of the cookie: the provider takes no code twice
    thief.set_cookie("sign_in_with", cookie.value)
    assert thief.get(path).status_code == 422


def test_no_answer_there_is_no_sign_in_here(site: BuiltSite, elsewhere: Elsewhere) -> None:
    client = site.client()
    back = go(client, "/sign-in/with/local")
    assert client.get(re.sub("code=[^&]+", "error=access_denied", back)).status_code == 422
    assert client.get(re.sub("code=[^&]+", "code=guessed", back)).status_code == 422
    oidc._kept.clear()
    elsewhere.calls_itself = "https://another.example"
    assert client.get("/sign-in/with/local").status_code == 422


def test_a_person_elsewhere_belongs_to_one_account(site: BuiltSite) -> None:
    linked(site, "p23")
    before = links(site)
    other = site.client_as("p22")
    assert other.get(go(other, "/account/sign-in-with/local")).status_code == 422
    assert links(site) == before
    again = site.client_as("p23")
    assert again.get(go(again, "/account/sign-in-with/local")).status_code == 303
    assert links(site) == before


def test_a_link_is_made_for_the_person_who_began_it(site: BuiltSite) -> None:
    """Signed out in between, or somebody else signed in with the same browser: nothing is linked."""
    client = site.client_as("p23")
    back = go(client, "/account/sign-in-with/local")
    client.post("/sign-out")
    assert client.get(back).status_code == 422
    back = go(site.client_as("p22"), "/account/sign-in-with/local")
    client.post("/sign-in", data={"login": "p22", "password": site.round.password})
    assert client.get(back).status_code == 422
    assert links(site) == []


def test_a_closed_account_stays_closed(site: BuiltSite) -> None:
    linked(site, "p23")
    with site.database.writing() as db:
        db.execute(text("update user set disabled_at = '2021-07-19T00:00:00.000000Z' where login = 'p23'"))
        db.commit()
    assert sign_in(site).status_code == 422


def test_the_record_holds_no_person_of_elsewhere(site: BuiltSite, elsewhere: Elsewhere) -> None:
    elsewhere.person = "1100700123456"
    linked(site, "p23")
    sign_in(site)
    with site.database.reading() as db:
        told = "\n".join(db.execute(text("select line from ledger_line where log = 'site'")).scalars())
    assert '"act":"link_identity"' in told and '"by":"oidc"' in told
    assert elsewhere.person not in told


# --- settings -----------------------------------------------------------------------------------------------------

TABLE = """[[sign_in_with]]
code = "thaid"
issuer = "https://provider.example"
client_id = "a"
client_secret = "from the file"
label_th = "ไทยดี"
label_en = "ThaiD"
"""


def read(tmp_path: Path, toml: str, **environ: str) -> tuple[Provider, ...]:
    file = tmp_path / "award.toml"
    file.write_text(toml, encoding="utf-8")
    return read_settings({"AWARD_DATA": str(tmp_path), "AWARD_CONFIG": str(file)} | environ).sign_in_with


def test_settings_name_providers(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ()
    [found] = read(tmp_path, TABLE)
    assert (found.code, found.client_secret) == ("thaid", "from the file")
    assert "from the file" not in repr(found)
    [found] = read(tmp_path, TABLE, AWARD_SIGN_IN_THAID_SECRET="from outside")
    assert found.client_secret == "from outside"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('code = "thaid"', 'code = "Thai D"'), ('issuer = "https:', 'issuer = "http:'), ('client_id = "a"\n', ""),
        (TABLE, TABLE + TABLE),
    ],
)  # fmt: skip
def test_settings_that_are_not_whole_stop_the_start(tmp_path: Path, was: str, now: str) -> None:
    with pytest.raises(NotStarted):
        read(tmp_path, TABLE.replace(was, now))
