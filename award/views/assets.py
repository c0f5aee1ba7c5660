"""Our own CSS and code, and the files that packages bring (Bootstrap, Sarabun): from this site only, long cached."""

from pathlib import Path

import flask_bootstrap
import fontpkg_sarabun
from flask import Blueprint, abort, request, send_from_directory
from flask.typing import ResponseReturnValue

from award.policy import anyone
from award.views.guard import guard

pages = Blueprint("assets", __name__, url_prefix="/assets")

OWN = Path(__file__).parent.parent / "static"
_BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
LIBRARY = {
    "bootstrap.min.css": _BOOTSTRAP / "css",
    "bootstrap.min.css.map": _BOOTSTRAP / "css",
    **{file.name: file.parent for file in Path(fontpkg_sarabun.ROOT).rglob("*.[tw][to]f*")},
}
YEAR = 31_536_000


@pages.get("/library/<name>")
@guard(anyone)
def library(name: str) -> ResponseReturnValue:
    """A file of a package; its version is in the address's query, so it may be kept for a year."""
    if name not in LIBRARY:
        abort(404)
    return _kept(LIBRARY[name], name)


@pages.get("/<path:name>")
@guard(anyone)
def own(name: str) -> ResponseReturnValue:
    """A file of `award/static`."""
    return _kept(OWN, name)


def _kept(folder: Path, name: str) -> ResponseReturnValue:
    response = send_from_directory(folder, name)
    named = bool(request.query_string)  # the address holds a fingerprint: it will never mean another content
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if named else "no-cache"
    return response
