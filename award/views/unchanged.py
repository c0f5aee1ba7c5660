"""Answers "nothing changed" to the pages that follow a scoring day or an entry, before the application wakes up.

Every open page asks every two to four seconds, and nearly always nothing is new. Whoever was told a status within the
last seconds is told again that it still holds, after one look into the database; everything else, a new version first
of all, goes the whole way through the guard. So a right that has ended, or a sign-in that was ended elsewhere, learns
for at most `TRUSTED` seconds that nothing changed, and never what.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from werkzeug.http import parse_cookie

from award.errors import Refusal
from award.views.access_log import FOLLOWING
from award.views.context import Site
from award.views.sign_in_cookies import SIGN_IN

TRUSTED = 10.0  # seconds
MOST = 5_000  # pages that are remembered
TOLD = "award.followed"  # where the view says what it told of
NOW = "X-Now"  # by the site's clock, in milliseconds
_OWN = ("set-cookie", "content-type", "content-length", NOW.lower())  # of the one answer, not of its repetition
Key = tuple[str, str, str, str, bytes]


class Followed(Protocol):
    """What a page was told of."""

    def still_holds(self, site: Site, query: str) -> bool:
        """Whether the address's query asks what was told then, and that is as it was; then it notes who asked."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a page was told, and until when its right to it is taken for granted."""

    until: float
    followed: Followed
    headers: tuple[tuple[str, str], ...]
    with_now: bool


class Unchanged:
    """Around the application."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], site: Site):
        self._wsgi, self._site = wsgi, site
        self._told: dict[Key, Told] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """304 where it may be said at once; else what the application answers."""
        if environ.get("REQUEST_METHOD") != "GET" or not environ.get("PATH_INFO", "").endswith(FOLLOWING):
            return self._wsgi(environ, start_response)
        told = self._told.get(self._key(environ, environ.get("HTTP_IF_NONE_MATCH", "")))
        if told is not None and self._still_holds(told, environ.get("QUERY_STRING", "")):
            now = [(NOW, str(int(self._site.clock.now().timestamp() * 1000)))] if told.with_now else []
            start_response("304 NOT MODIFIED", [*told.headers, *now])
            return ()
        return self._ask(environ, start_response)

    def _still_holds(self, told: Told, query: str) -> bool:
        if monotonic() >= told.until:
            return False
        try:
            return told.followed.still_holds(self._site, query)
        except Refusal:
            return False  # the whole way says what is wrong

    def _ask(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def started(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if line[:3] in ("200", "304") and TOLD in environ:
                self._remember(environ, headers)
            return start_response(line, headers, *rest)

        return self._wsgi(environ, started)

    def _remember(self, environ: dict[str, Any], headers: list[tuple[str, str]]) -> None:
        if len(self._told) >= MOST:
            self._told.clear()
        tag = next(value for name, value in headers if name.lower() == "etag")
        kept = tuple((name, value) for name, value in headers if name.lower() not in _OWN)
        with_now = any(name.lower() == NOW.lower() for name, _ in headers)
        self._told[self._key(environ, tag)] = Told(monotonic() + TRUSTED, environ[TOLD], kept, with_now)

    def _key(self, environ: dict[str, Any], tag: str) -> Key:
        """The same page, asked through the same sign-in, holding the same tag. The sign-in's token is not kept."""
        token = parse_cookie(environ).get(self._site.settings.cookie(SIGN_IN), "")
        digest = hashlib.sha256(token.encode()).digest()
        return environ["PATH_INFO"], environ.get("HTTP_HOST", ""), environ.get("HTTP_X_PERSON", ""), tag, digest
