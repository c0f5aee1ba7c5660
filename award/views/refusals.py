"""Refusals and failures as answers: one sentence, the same id in every language, a number for what went wrong here."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, RequestEntityTooLarge

from award.errors import NotSaved, Refusal, TooMany
from award.views.context import site
from award.views.guard import wants_json
from award.views.language import said
from award.views.received import kept_names

IDS = {400: "not_understood", 404: "not_found", 405: "wrong_method", 413: "too_large", 415: "wrong_kind"}


class NumberedErrors(Flask):
    """Gives every crash a short number that stands in its log and on the page, so that the office can quote it."""

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]
    ) -> None:
        """One record with number, route and traceback; of the request nothing that a person typed."""
        g.error_number = f"{secrets.randbelow(10**8):08d}"
        rule = request.url_rule.rule if request.url_rule else "no route"
        self.logger.error("error %s: %s %s", g.error_number, request.method, rule, exc_info=exc_info)


def set_up_refusals(app: Flask) -> None:
    """Registers the answers."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(CSRFError, answer_csrf)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(InternalServerError, answer_crash)


def answer_refusal(refusal: Refusal) -> ResponseReturnValue:
    """The refusal's own sentence and status."""
    headers = {}
    if isinstance(refusal, NotSaved):
        g.database_failed = True  # so that this page asks it nothing
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, TooMany):
        from_then = refusal.values.get("time", site().clock.now() + timedelta(minutes=1))
        headers["Retry-After"] = str(max(1, ceil((from_then - site().clock.now()).total_seconds())))
    typed = tuple(typed_texts()) if refusal.status == 400 else ()  # otherwise the page one came from still has it
    return _answer(
        said(refusal), refusal.status, id=refusal.id, details=refusal.details, typed=typed, headers=headers
    )  # fmt: skip


def answer_csrf(_error: CSRFError) -> ResponseReturnValue:
    """The page's token is none of this browser's; what was typed is shown so that it can be copied."""
    text = gettext("The page had been open too long or was signed out in between. Go back, reload it and send again.")
    return _answer(text, 400, id="csrf", code="csrf", typed=tuple(typed_texts()))


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """What Flask and Werkzeug refuse by themselves."""
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        text = _too_large()
    elif status == 404:
        text = gettext("This page does not exist, or it is not within your duties.")
    elif status == 405:
        text = gettext("This address cannot be used that way. Go back and use the button of the page.")
    elif status == 415:
        text = gettext("This address does not take what was sent. Go back and use the form of the page.")
    elif isinstance(error, BadRequest) and request.is_json:
        text = gettext("The request could not be read. Reload the page and send again.")
    else:
        text = gettext("The request could not be understood. Go back and try again.")
    return _answer(text, status, id=IDS.get(status, "not_done"), headers=_kept_headers(error))


def answer_crash(_error: Exception) -> ResponseReturnValue:
    """Nothing of how it broke; the number that the log has too."""
    text = gettext("Something went wrong here, not with you. Nothing was half saved. Please try again.")
    return _answer(text, 500, id="crash", number=g.get("error_number", ""))


def typed_texts() -> Iterator[tuple[str, str]]:
    """Name and text of what a person typed into the form that is turned away; nothing secret, nothing hidden."""
    for name in kept_names():
        for text in request.form.getlist(name):
            if text.strip():
                yield name, text


def _too_large() -> str:
    most = request.max_content_length or 0
    if most >= 1024 * 1024:
        return gettext(
            "This is larger than %(limit)s MB. Send a smaller file, or a link to it instead.",
            limit=most // (1024 * 1024),
        )  # fmt: skip
    return gettext("This is more than the form can hold. Shorten it and send again.")


def _kept_headers(error: HTTPException) -> dict[str, str]:
    wanted = ("Allow", "Retry-After")
    return {name: value for name, value in error.get_headers(request.environ) if name in wanted}


def _answer(
    text: str, status: int, *, id: str, details: dict[str, Any] | None = None, code: str = "", number: str = "",
    typed: tuple[tuple[str, str], ...] = (), headers: dict[str, str] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    g.refused = id
    if wants_json():
        more = {name: value for name, value in (("code", code), ("number", number)) if value}
        return jsonify(error=text, id=id, details=details or {}, **more), status, headers or {}
    page = render_template(
        "refused.html", said=text, details=details or {}, status=status, id=id, number=number, typed=typed
    )
    return page, status, headers or {}
