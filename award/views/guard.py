"""Every route declares who may use it, here and nowhere else. A route without a declaration stops the start."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter

from award.errors import Forbidden, Foreign, NotFound, NotStarted
from award.policy import Actor, anyone, is_signed_in
from award.views.context import current_actor, reading
from award.views.received import check_received, kept_names

View = Callable[..., ResponseReturnValue]
Predicate = Callable[[Actor], bool]
Loader = Callable[[Session, Actor, Any], Any]


class RowId(IntegerConverter):
    """An id in an address: plain digits, no more than a database counts; anything else is no address of the site."""

    regex = "[0-9]{1,18}"


def row_id(text: str) -> int:
    """The same for an id in a form. Raises ValueError."""
    if re.fullmatch(RowId.regex, text) is None:
        raise ValueError(text)
    return int(text)


def ticked_ids(name: str) -> list[int]:
    """The ids of what is ticked in the form that was sent. Raises Foreign where one is none."""
    try:
        return [row_id(each) for each in request.form.getlist(name)]
    except ValueError:
        raise Foreign from None


def guard(may: Predicate, /, **loaders: Loader) -> Callable[[View], View]:
    """Declares a route's access and turns its URL ids into objects within the person's scope.

    `may(actor)` asks whether the person's duties include the function at all (else 403). Each loader
    `find_x(db, actor, id)` answers the object, or None where it is missing or outside the scope (404, the same answer).
    Not signed in: a page goes to the sign-in and comes back; a JSON request gets 401.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(**ids: Any) -> ResponseReturnValue:
            actor = current_actor()
            if may is not anyone:
                if not is_signed_in(actor) or _speaks_for_another(actor):
                    return _ask_to_sign_in()
                if not may(actor):
                    raise Forbidden
            for name, load in loaders.items():
                found = load(reading(), actor, ids[name])
                if found is None:
                    raise NotFound
                ids[name] = found
            check_received()
            return view(**ids)

        guarded.access = may  # type: ignore[attr-defined]
        return guarded

    return declare


def _speaks_for_another(actor: Actor) -> bool:
    """Whether a page's code sends what another person typed, who was signed in in this browser before."""
    return request.headers.get("X-Person", actor.code) != actor.code


def had_signed_in() -> bool:
    """Whether the browser still shows a cookie of a sign-in, which has ended then."""
    return any(name.removeprefix("__Host-") == "sign_in" for name in request.cookies)


def wants_json() -> bool:
    """Whether the browser's code asks (fetch), not a person's click."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json():
        g.refused = "signed_out"
        text = gettext("Please sign in again. What you typed is kept on this device.")
        return jsonify(error=text, id=g.refused), 401
    typed = [(name, text) for name in kept_names() for text in request.form.getlist(name) if text.strip()]
    if typed and had_signed_in():
        g.refused = "signed_out"
        says = gettext("Your sign-in has ended. What you typed is kept here: copy it, then sign in again.")
        return render_template("refused.html", said=says, details={}, status=401, id=g.refused, typed=typed), 401
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("people.sign_in", next=back))


def check_access_declared(app: Flask) -> None:
    """Raises NotStarted naming every route whose view declares no access."""
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    if bare:
        raise NotStarted(f"These addresses declare no access: {', '.join(sorted(bare))}.")
