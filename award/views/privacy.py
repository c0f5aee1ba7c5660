"""The privacy notice: what is kept of whom, why, how long, who sees it. Open to everybody, signed in or not."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from award.policy import anyone
from award.views.context import site
from award.views.guard import guard

pages = Blueprint("privacy", __name__)


@pages.get("/privacy")
@guard(anyone)
def notice() -> ResponseReturnValue:
    """The notice, with the periods and the contact that are set for this site."""
    settings = site().settings
    return render_template("privacy/notice.html", keeping=settings.keeping, contact=settings.privacy_contact)
