"""/verify/receipt: whoever holds a receipt looks up what its number stands for. No sign-in, no names of people."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.policy import anyone
from award.queries.receipts import find_receipts, read_number
from award.views.context import reading
from award.views.guard import guard
from award.views.limits import limited

pages = Blueprint("receipts", __name__, url_prefix="/verify/receipt")
MOST_TYPED = 60


@pages.get("")
@guard(anyone)
@limited("60 per 15 minutes")
def page() -> ResponseReturnValue:
    """The form; with `?number=`, what stands under it. A fingerprint given besides is compared."""
    typed, fingerprint = request.args.get("number", "")[:MOST_TYPED], request.args.get("fingerprint", "")[:100]
    asked = read_number(typed) if typed.strip() else None
    found = find_receipts(reading(), seq=asked[0], begins=asked[1]) if asked else []
    says = ""
    if typed.strip() and asked is None:
        says = gettext("A receipt number reads like #1234 · 7f3a 91c0.")
    plain = "".join(fingerprint.split()).lower()
    return render_template(
        "chain/receipt.html", typed=typed, fingerprint=fingerprint, plain=plain, asked=asked, found=found, says=says
    ), 422 if says else 200
