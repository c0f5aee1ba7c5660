"""Search within what the person may see."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from award.policy import may_search
from award.queries.likeness import LONGEST
from award.queries.search import Found, search
from award.views.context import current_actor, reading, site
from award.views.guard import guard
from award.views.limits import limited

pages = Blueprint("search", __name__)
SEARCHES = "60 per minute"


@pages.get("/search")
@guard(may_search)
@limited(SEARCHES)
def index() -> ResponseReturnValue:
    """A few words; what they stand in, by kind. Too many letters are refused (400) before they are looked for."""
    typed = " ".join(request.args.get("q", "").replace("\x00", " ").split())
    if len(typed) > LONGEST:
        return render_template("search/index.html", typed=typed[:LONGEST], found=None, longest=LONGEST, long=True), 400
    found: Found | None = None
    if typed:
        found = search(reading(), current_actor(), typed, today=site().clock.today())
    return render_template("search/index.html", typed=typed, found=found, longest=LONGEST, long=False)
