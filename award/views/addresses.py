"""Addresses that come from outside and addresses that go out: which host is ours, where one may be led back to."""

import re
from urllib.parse import unquote, urlsplit

from flask import g, request
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response

from award.views.context import site

HOME = "/"
MOST_LETTERS = 2000
# Controls and what browsers or proxies take for a slash or drop unseen: none of it is part of our addresses.
_STRANGE = re.compile(
    r"[\x00-\x1f\x7f-\xa0\\\u1680\u180e\u2000-\u200f\u2028-\u202f\u2044\u205f-\u206f\u2215\u29f8\u3000\ufeff\uff0e\uff0f\uff3c]"
)


def safe_next(address: str | None) -> str:
    """A path of this site to go back to; home for anything else, also where it only shows once or twice decoded."""
    if not address or len(address) > MOST_LETTERS or " " in address:
        return HOME
    read = address
    for _ in range(3):
        if not _is_own_path(read):
            return HOME
        read = unquote(read)
    return address


def _is_own_path(address: str) -> bool:
    path = address.partition("?")[0].partition("#")[0]
    if not path.startswith("/") or path.startswith("//") or "/../" in f"{path}/" or _STRANGE.search(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def check_host() -> Response | None:
    """Refuses a request for another host before anything of it is read. Nothing of the site is shown there."""
    try:
        known = bool(request.host)
    except SecurityError:
        known = False
    if known:
        return None
    g.refused = "foreign_host"
    text = "ไม่ใช่ที่อยู่ของระบบนี้ / This is not the address of this site.\n"
    return Response(text, 400, mimetype="text/plain")


def absolute(path: str) -> str:
    """The whole address of a path of the site, for mails: from the setting `site_address` only, never from a request.

    Raises ValueError where the path is no path of the site.
    """
    if not _is_own_path(path):
        raise ValueError(path)
    return site().settings.site_address.rstrip("/") + path
