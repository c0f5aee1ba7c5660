"""The application factory: opens the site, registers the pages, refuses to start where something is not declared."""

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from award.actions.people import actor_of_token
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.schema import check_schema
from award.errors import Refusal
from award.views import blueprints
from award.views.context import Site, close_reading, reading, site
from award.views.guard import RowId, check_access_declared, wants_json
from award.views.language import said, set_up_language
from award.views.layout import TEMPLATES, layout_values

SIGN_IN_COOKIE = "sign_in"


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """The web application on the database of `settings`. Raises NotStarted in one sentence where it may not run."""
    database = Database(settings.database)
    database.check()
    check_schema(database)
    app = Flask("award", template_folder=str(TEMPLATES), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_body_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: an hour's limit would lose people's work
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["award"] = Site(settings, database, clock or Clock(settings.now))
    CSRFProtect(app)
    set_up_language(app)
    app.url_map.converters["int"] = RowId
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.before_request(_who_is_it)
    app.after_request(_set_headers)
    app.teardown_request(close_reading)
    app.context_processor(layout_values)
    app.register_error_handler(Refusal, _answer_refusal)
    app.register_error_handler(CSRFError, _answer_csrf)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(500, _answer_crash)
    check_access_declared(app)
    return app


def _who_is_it() -> None:
    token = request.cookies.get(SIGN_IN_COOKIE)
    if token and not request.path.startswith("/assets/"):
        clock = site().clock
        g.actor = actor_of_token(reading(), token, now=clock.now(), today=clock.today())


def _set_headers(response):  # type: ignore[no-untyped-def]
    """No page of ours runs foreign code, is framed, or is kept by a cache that others share."""
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    return response


def _answer_refusal(refusal: Refusal) -> ResponseReturnValue:
    text = said(refusal)
    if wants_json():
        return jsonify(error=text, id=refusal.id, details=refusal.details), refusal.status
    return render_template("refused.html", said=text, details=refusal.details, status=refusal.status), refusal.status


def _answer_csrf(error: CSRFError) -> ResponseReturnValue:
    said = gettext("The page had been open too long or was signed out in between. Go back, reload it and send again.")
    if wants_json():
        return jsonify(error=said, code="csrf"), 400
    return render_template("refused.html", said=said, details={}, status=400), 400


def _answer_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        limit = site().settings.max_body_mb
        said = gettext("This is larger than %(limit)s MB. Send a smaller file, or a link to it instead.", limit=limit)
    elif status == 404:
        said = gettext("This page does not exist, or it is not within your duties.")
    elif status == 405:
        said = gettext("This address cannot be used that way. Go back and use the button of the page.")
    else:
        said = gettext("The request could not be understood. Go back and try again.")
    if wants_json():
        return jsonify(error=said), status
    return render_template("refused.html", said=said, details={}, status=status), status


def _answer_crash(error: Exception) -> ResponseReturnValue:
    said = gettext("Something went wrong here, not with you. Nothing was half saved. Please try again.")
    if wants_json():
        return jsonify(error=said), 500
    return render_template("refused.html", said=said, details={}, status=500), 500
