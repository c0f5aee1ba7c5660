"""Signing in by another provider: there and back again, linking, unlinking."""

import logging
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from award import oidc
from award.actions import oidc as actions
from award.config import Provider
from award.errors import N_, Invalid
from award.policy import Actor, anyone, is_signed_in
from award.queries.identities import list_own_identities
from award.views.addresses import absolute, safe_next
from award.views.context import current_actor, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.limits import wrong_ones
from award.views.sign_in_cookies import device, keep_sign_in, keep_step

pages = Blueprint("oidc", __name__)
UNDER_WAY, LASTS = "sign_in_with", 600
FAILED = N_(
    "The other sign-in could not be completed. Nothing was changed. Begin again, or use your name and password."
)
_log = logging.getLogger("award.oidc")


def providers() -> tuple[Provider, ...]:
    """Where one may sign in beside our own page: none without the extra."""
    return site().settings.sign_in_with if oidc.is_there() else ()


@pages.app_context_processor
def offered() -> dict[str, object]:
    """For the pages that offer it."""
    return {"sign_in_with": providers}


def find_provider(_db: Session, _actor: Actor, code: str) -> Provider | None:
    """A provider that the settings name."""
    return next((each for each in providers() if each.code == code), None)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a browser that went to a provider carries back, signed: what for, and what the answer is held against."""

    provider: str
    state: str
    nonce: str
    verifier: str
    next: str = ""
    user_id: int = 0  # who was signed in and wants to link
    invitation: str = ""


@pages.get("/sign-in/with/<provider>")
@guard(anyone, provider=find_provider)
@wrong_ones()
def begin(provider: Provider) -> ResponseReturnValue:
    """To the provider: to sign in, or (`link`) to accept an invitation."""
    return _go(provider, next=safe_next(request.args.get("next")), invitation=request.args.get("link", "")[:200])


@pages.get("/account/sign-in-with/<provider>")
@guard(is_signed_in, provider=find_provider)
@fresh
def begin_link(provider: Provider) -> ResponseReturnValue:
    """To the provider, to link one's own account with it."""
    return _go(provider, user_id=current_actor().user_id)


@pages.get("/sign-in/with/<provider>/return")
@guard(anyone, provider=find_provider)
@wrong_ones()
def come_back(provider: Provider) -> ResponseReturnValue:
    """From the provider. The state must be the one that this browser went away with, ten minutes ago at most."""
    going = _under_way()
    if going is None or going.provider != provider.code or request.args.get("state") != going.state:
        raise Invalid(FAILED)
    if "code" not in request.args:  # the person said no there, or the provider did
        raise Invalid(FAILED)
    try:
        proved = oidc.finish(
            provider, back=_back(provider), code=request.args["code"], nonce=going.nonce, verifier=going.verifier,
            at=site().clock.actual(),
        )  # fmt: skip
    except oidc.NotProved as error:
        _log.warning("%s: %s", provider.code, error)
        raise Invalid(FAILED) from error
    return _done(_go_on(provider, going, proved))


def _go_on(provider: Provider, going: UnderWay, proved: oidc.Proved) -> Response:
    about = site().database, site().clock
    if going.user_id:
        actor = current_actor()
        if actor.user_id != going.user_id:  # signed out, or somebody else by now
            raise Invalid(FAILED)
        actions.link_identity(*about, actor=actor, proved=proved, provider=provider.code)
        return redirect(url_for("oidc.own", done="linked"), 303)
    if going.invitation:
        actions.accept_by_identity(*about, link=going.invitation, proved=proved, provider=provider.code)
    passed = actions.sign_in_by_identity(*about, proved=proved, device=device())
    if passed.more:
        return keep_step(redirect(url_for("accounts.second", next=going.next or "/")), passed.token)
    return keep_sign_in(redirect(going.next or "/"), passed.token)


@pages.get("/account/sign-in-with/")
@guard(is_signed_in)
def own() -> ResponseReturnValue:
    """One's own links."""
    return render_template(
        "people/sign_in_with.html", providers=providers(), done=request.args.get("done", ""),
        identities=list_own_identities(reading(), current_actor().user_id),
    )  # fmt: skip


@pages.post("/account/sign-in-with/<int:identity>/unlink")
@guard(is_signed_in)
@fresh
def unlink(identity: int) -> ResponseReturnValue:
    """A link is gone."""
    actions.unlink_identity(site().database, site().clock, actor=current_actor(), identity_id=identity)
    return redirect(url_for("oidc.own", done="unlinked"), 303)


def _go(provider: Provider, *, next: str = "", user_id: int = 0, invitation: str = "") -> Response:
    try:
        begun = oidc.begin(provider, back=_back(provider))
    except oidc.NotProved as error:
        _log.warning("%s: %s", provider.code, error)
        raise Invalid(FAILED) from error
    going = [provider.code, begun.state, begun.nonce, begun.verifier, next, user_id, invitation]
    response = redirect(begun.address)
    settings = site().settings
    response.set_cookie(  # Lax: it comes along when the provider sends the browser back
        settings.cookie(UNDER_WAY), _signer().dumps(going), httponly=True, samesite="Lax", secure=settings.https,
        max_age=LASTS,
    )  # fmt: skip
    return response


def _under_way() -> UnderWay | None:
    try:
        return UnderWay(*_signer().loads(request.cookies.get(site().settings.cookie(UNDER_WAY), ""), max_age=LASTS))
    except (BadSignature, TypeError):
        return None


def _done(response: Response) -> Response:
    """Takes what was under way from the browser: the same return does not work again."""
    settings = site().settings
    response.delete_cookie(settings.cookie(UNDER_WAY), secure=settings.https, httponly=True, samesite="Lax")
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site().settings.secret_key, salt="sign in with")


def _back(provider: Provider) -> str:
    path = url_for("oidc.come_back", provider=provider.code)
    return absolute(path) if site().settings.site_address else request.host_url.rstrip("/") + path
