"""Acts that an open, unattended browser must not be enough for; and duties that a password alone must not open.

    @pages.post("/…")
    @guard(may)
    @fresh
    def view(): …

Whoever proved who they are within the last ten minutes (signing in counts) passes. Else:

* a page asked for (GET): to /confirm, and from there back to it;
* a form: nothing of it is done. The answer is the confirm page itself, which carries what was typed along as one hidden
  field. After the right proof a last page holds the same form again, filled in, and sends it (by itself where the
  browser runs our code, else by one button). The proof never goes to the act's address, the act never sees a field that
  is not its own, and nothing of what was typed is kept on the server meanwhile. Files would have to be chosen again:
  no act with files may be marked;
* a page's code (JSON): 401 with the code "reauth"; what was typed is still in the page.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.policy import anyone, is_fresh, needs_second_factor
from award.queries.accounts import get_factors
from award.queries.cycles import has_invented_data
from award.views.context import current_actor, reading, site
from award.views.guard import wants_json

View = Callable[..., ResponseReturnValue]
BEFORE_SECOND_FACTOR = ("accounts.", "people.sign_out", "people.language", "privacy.")


def fresh(view: View) -> View:
    """Asks for a proof of who it is where the last one is more than ten minutes old; see above."""

    @wraps(view)
    def proved(**values: Any) -> ResponseReturnValue:
        if is_fresh(current_actor(), site().clock.now()):
            return view(**values)
        if wants_json():
            text = gettext("Please confirm that it is you, then do this again. What you typed is kept in this page.")
            return jsonify(error=text, id="reauth", code="reauth"), 401
        here = request.full_path.rstrip("?")
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("accounts.confirm", next=here))
        return confirm_page(back=here, kept=keep(here)), 401

    proved.asks_again = True  # type: ignore[attr-defined]
    return proved


def keep(path: str) -> str:
    """The form that was sent, for the confirm page to carry along."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return json.dumps([path, fields], ensure_ascii=False)


def read_kept(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The address and the fields that `keep` wrote. Raises ValueError."""
    try:
        path, fields = json.loads(text)
        return str(path), [(str(name), str(value)) for name, value in fields]
    except (TypeError, ValueError) as error:
        raise ValueError("not what the confirm page was given") from error


def confirm_page(*, back: str, kept: str = "", said: str = "") -> str:
    """The page that asks who it is."""
    factors = get_factors(reading(), current_actor().user_id)
    return render_template("accounts/confirm.html", back=back, kept=kept, said=said, factors=factors)


def second_factor_required() -> bool:
    """Whether chairs, organizers and administrators must have a second factor: the setting's word, and without one
    everywhere but in an invented round, whose sign-ins everybody may read."""
    asked = site().settings.second_factor
    return asked == "required" if asked else not has_invented_data(reading())


def ask_for_second_factor() -> ResponseReturnValue | None:
    """Before each request: who needs a second factor and has none reaches the pages that set one up, and no other."""
    actor, endpoint = current_actor(), request.endpoint or ""
    if not needs_second_factor(actor) or endpoint.startswith(BEFORE_SECOND_FACTOR):
        return None
    view = current_app.view_functions.get(endpoint)
    if view is None or getattr(view, "access", None) is anyone or not second_factor_required():
        return None
    if wants_json():
        text = gettext("Your duty needs a second step when signing in. Set it up under My account first.")
        return jsonify(error=text, id="second_factor", code="second_factor"), 403
    return redirect(url_for("accounts.overview"))
