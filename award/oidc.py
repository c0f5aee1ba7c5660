"""Proving who somebody is at another provider (OpenID Connect): authorization code with PKCE, state and nonce.

Needs the extra `oidc`; without it `is_there` is False and nothing of this shows. Knows nothing of HTTP requests to us.
"""

import hmac
import importlib.util
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from award.config import LOCAL_HOSTS, Provider

PATIENCE = 10  # seconds for one answer of a provider
KEPT = 3600.0  # seconds that what a provider says of itself is believed
SKEW = 60  # seconds that its clock may differ from ours
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LONGEST_SUBJECT = 255


class NotProved(Exception):
    """The provider did not prove who it is, for the reason given (for the log, not for people)."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what to hold its return against."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Proved:
    """Who it is, in the provider's words: the pair never means anybody else."""

    issuer: str
    subject: str


def is_there() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("authlib", "joserfc", "requests"))


def begin(provider: Provider, *, back: str) -> Begun:
    """The provider's page to go to; `back` is our address to return to. Raises NotProved where it cannot be reached."""
    about = _about(provider)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    with _session(provider, back=back) as session:
        address, state = session.create_authorization_url(
            about["authorization_endpoint"], state=secrets.token_urlsafe(24), nonce=nonce, code_verifier=verifier
        )
    return Begun(address, state, nonce, verifier)


def finish(provider: Provider, *, back: str, code: str, nonce: str, verifier: str, at: datetime) -> Proved:
    """Exchanges the code and checks the id token: signature, issuer, audience, times, nonce. Raises NotProved."""
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    about = _about(provider)
    try:
        with _session(provider, back=back) as session:
            token = session.fetch_token(
                about["token_endpoint"], code=code, code_verifier=verifier, timeout=PATIENCE, allow_redirects=False
            )
    except (AuthlibBaseError, RequestException, ValueError) as error:
        raise NotProved(f"the code was not taken: {error}") from error
    text = token.get("id_token") if isinstance(token, dict) else None
    if not isinstance(text, str):
        raise NotProved("there is no id token")
    claims = _verified(provider, about, text)
    return _checked(provider, claims, nonce=nonce, now=at.timestamp())


def _verified(provider: Provider, about: dict[str, Any], text: str) -> dict[str, Any]:
    """The claims, once the signature is one of the provider's keys'. A key that is not known yet is asked for once."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    for renew in (False, True):
        keys: Any = _fetched(provider, about["jwks_uri"], renew=renew)
        try:
            return dict(jwt.decode(text, KeySet.import_key_set(keys), algorithms=list(SIGNED_BY)).claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            refused = error
    raise NotProved(f"the signature is none of the provider's: {refused}") from refused


def _checked(provider: Provider, claims: dict[str, Any], *, nonce: str, now: float) -> Proved:
    if claims.get("iss") != provider.issuer:
        raise NotProved("another issuer")
    audience = claims.get("aud")
    audience = [audience] if isinstance(audience, str) else audience
    if not isinstance(audience, list) or provider.client_id not in audience:
        raise NotProved("another audience")
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise NotProved("another authorized party")
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int | float) or now > expires + SKEW:
        raise NotProved("expired")
    if not isinstance(issued, int | float) or issued > now + SKEW:
        raise NotProved("issued in the future")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise NotProved("another nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotProved("no subject")
    return Proved(provider.issuer, subject)


def _session(provider: Provider, *, back: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    return OAuth2Session(
        provider.client_id, provider.client_secret, scope="openid", redirect_uri=back, code_challenge_method="S256"
    )


def _about(provider: Provider) -> dict[str, Any]:
    """What the provider says of itself. Raises NotProved where it is another, or an address is unprotected."""
    about = _fetched(provider, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != provider.issuer:
        raise NotProved(f"it calls itself {about.get('issuer')!r}, not {provider.issuer!r}")
    local = urlsplit(provider.issuer).hostname in LOCAL_HOSTS
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = about.get(name)
        if not isinstance(address, str) or not (local or address.startswith("https://")):
            raise NotProved(f"its {name} is not usable")
    return about


_kept: dict[str, tuple[float, dict[str, Any]]] = {}
_turn = threading.Lock()


def _fetched(provider: Provider, address: str, *, renew: bool = False) -> dict[str, Any]:
    """A JSON object of the provider's, kept for an hour."""
    import requests

    with _turn:
        known = _kept.get(address)
    if known and not renew and time.monotonic() - known[0] < KEPT:
        return known[1]
    try:
        answer = requests.get(address, timeout=PATIENCE, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NotProved(f"{provider.code} does not answer: {error}") from error
    if answer.status_code != 200 or not isinstance(found, dict):
        raise NotProved(f"{provider.code} answers something else at {address}")
    with _turn:
        _kept[address] = (time.monotonic(), found)
    return found
