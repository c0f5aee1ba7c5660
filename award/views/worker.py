"""The service worker: its code at the root of the site, and what answers tell it of pages that may be kept.

It keeps a member's own cards, the days they belong to and today's board on the member's device, and an office's list
and forms on its people's, for the time without a network. What may be kept is this module's word (KEPT), said of each
answer in a header; all else is kept nowhere.
"""

import hashlib
import json
import re
from functools import lru_cache

from flask import Blueprint, Response, g, request, url_for

from award.policy import anyone, is_committee, is_officer
from award.views.assets import OWN
from award.views.context import current_actor
from award.views.guard import guard
from award.views.layout import TEMPLATES, asset

pages = Blueprint("worker", __name__)

KEPT = {  # pages, and for whom
    "scoring.board": is_committee, "scoring.day": is_committee, "scoring.card": is_committee,
    "entries.index": is_officer, "entries.page": is_officer,  # of single entries only the form, see `may_keep`
}  # fmt: skip
SHEETS = (
    "base.html", "scoring/board.html", "scoring/day.html", "scoring/card.html", "entries/index.html",
    "entries/form.html",
)  # fmt: skip
_NAMED = re.compile(r"'(\w+\.(?:js|css|svg))'")
_IMPORTED = re.compile(r'(?:from |import\()"\./(\w+\.js)"')
LIBRARY = (
    "bootstrap.min.css?2.6.0", "Sarabun-Regular.ttf", "Sarabun-SemiBold.ttf", "Sarabun-Bold.ttf",
)  # fmt: skip


@lru_cache
def addresses() -> tuple[str, ...]:
    """What the kept pages load: the files that their templates name, the code that these import, the library's.
    Imported code is asked for without a fingerprint."""
    templates = [(TEMPLATES / page).read_text(encoding="utf-8") for page in SHEETS]
    named = {name for text in templates for name in _NAMED.findall(text)}
    imported: set[str] = set()
    new = {name for name in named if name.endswith(".js")}
    while new:
        code = [(OWN / name).read_text(encoding="utf-8") for name in new]
        new = {name for text in code for name in _IMPORTED.findall(text)} - imported
        imported |= new
    return (
        *(f"/assets/library/{name}" for name in LIBRARY),  # ours come after Bootstrap, as in every page
        *(asset(name) for name in sorted(named)),
        *(url_for("assets.own", name=name) for name in sorted(imported)),
    )


@pages.get("/sw.js")
@guard(anyone)
def code() -> Response:
    """The worker's code. It differs by one byte as soon as any file does that it keeps: browsers then replace it."""
    files = addresses()
    own = (OWN / "sw.js").read_text(encoding="utf-8")
    marks = [asset(file.name) for file in sorted(OWN.glob("*.js"))]
    version = hashlib.sha256("\n".join([*files, *marks, own]).encode()).hexdigest()[:12]
    site = json.dumps({"version": version, "files": files})
    return Response(f"const SITE = {site};\n{own}", mimetype="text/javascript")


def tell_worker(response: Response) -> Response:
    """Says of every page whose it is, and of the few that may be kept on the person's device that they may."""
    if response.mimetype == "text/html":
        actor = current_actor()
        response.headers["X-Person"] = actor.code
        may = KEPT.get(request.endpoint or "")
        plain = request.method == "GET" and response.status_code == 200
        if plain and may is not None and may(actor) and g.get("may_keep", request.endpoint != "entries.page"):
            response.headers["X-Keep"] = actor.code
    return response


def may_keep() -> None:
    """Says of the page that is being answered that it may be kept, where its address alone does not tell."""
    g.may_keep = True
