"""The cookies of signing in, and what a browser tells about itself."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response

from award.actions.passkeys import Place
from award.actions.sign_ins import STAYS
from award.views.context import site

SIGN_IN, STEP = "sign_in", "sign_in_step"
STEP_STAYS = timedelta(minutes=10)
# The first word that is found names the browser or the device; the order matters (Edge calls itself Chrome too).
_BROWSERS = (
    ("Line/", "LINE"), ("FBAV", "Facebook"), ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_DEVICES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def read_cookie(name: str) -> str:
    """The value of one of our cookies; "" where there is none."""
    return request.cookies.get(site().settings.cookie(name), "")


def keep_sign_in(response: Response, token: str) -> Response:
    """Gives the browser its sign-in and takes the waiting step from it."""
    _set(response, SIGN_IN, token, STAYS)
    return drop(response, STEP)


def keep_step(response: Response, token: str) -> Response:
    """Gives the browser the token of the step that it is asked for."""
    return _set(response, STEP, token, STEP_STAYS)


def drop(response: Response, name: str) -> Response:
    """Takes one of our cookies from the browser."""
    response.delete_cookie(site().settings.cookie(name), secure=site().settings.https, httponly=True, samesite="Lax")
    return response


def _set(response: Response, name: str, value: str, stays: timedelta) -> Response:
    settings = site().settings
    response.set_cookie(
        settings.cookie(name), value, httponly=True, samesite="Lax", secure=settings.https,
        max_age=int(stays.total_seconds()),
    )  # fmt: skip
    return response


def device() -> str:
    """Browser and device in two words, for a person to know a sign-in by: "Chrome · Android"; "" for strange ones."""
    said = request.user_agent.string
    found = [next((name for word, name in known if word in said), "") for known in (_BROWSERS, _DEVICES)]
    return " · ".join(each for each in found if each)


def place() -> Place:
    """Where passkeys belong: the host of the setting `site_address`, else the one that is asked (a trusted one)."""
    address = site().settings.site_address or request.host_url
    parts = urlsplit(address)
    return Place(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")
