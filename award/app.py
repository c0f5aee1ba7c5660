"""The application factory: opens the site, registers the pages, refuses to start where something is not declared."""

from datetime import timedelta

from flask import Flask, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from award.actions.sign_ins import actor_of_token, tell_seen
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.evidence_bucket import open_evidence
from award.db.ledger import last_moment
from award.gate import pass_gate
from award.views import blueprints
from award.views.access_log import set_up_logs
from award.views.addresses import check_host
from award.views.context import Site, close_reading, reading, site
from award.views.fresh import ask_for_second_factor
from award.views.guard import RowId, check_access_declared
from award.views.headers import set_headers
from award.views.language import set_up_language
from award.views.layout import TEMPLATES, layout_values
from award.views.limits import set_up_limits
from award.views.received import StrictJson, bound_request
from award.views.refusals import NumberedErrors, set_up_refusals
from award.views.security_log import note_refusal
from award.views.sign_in_cookies import SIGN_IN, read_cookie
from award.views.unchanged import Unchanged
from award.views.worker import tell_worker


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """The web application on the database of `settings`. Raises NotStarted in one sentence where it may not run."""
    pass_gate(settings)
    open_evidence(settings)  # a bucket without the library for it is told now, not at the first file
    database = Database(settings.database)
    app = NumberedErrors("award", template_folder=str(TEMPLATES), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_body_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: an hour's limit would lose people's work
        SESSION_COOKIE_NAME=settings.cookie("session"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        TRUSTED_HOSTS=list(settings.hosts),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["award"] = Site(settings, database, clock or _clock(settings, database))
    set_up_logs(app, settings)
    app.json = StrictJson(app)
    app.before_request(check_host)
    app.before_request(bound_request)
    CSRFProtect(app)
    set_up_language(app)
    app.url_map.converters["int"] = RowId
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.before_request(_who_is_it)
    app.before_request(ask_for_second_factor)
    set_up_limits(app)
    app.after_request(set_headers)
    app.after_request(tell_worker)
    app.after_request(note_refusal)
    app.teardown_request(close_reading)
    app.context_processor(layout_values)
    set_up_refusals(app)
    check_access_declared(app)
    app.wsgi_app = Unchanged(app.wsgi_app, app.extensions["award"])  # type: ignore[method-assign]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _clock(settings: Settings, database: Database) -> Clock:
    """The machine's time, never before the last act on record: a clock set back overnight opens no deadline again."""
    clock = Clock(settings.now)
    if settings.now is None:
        with database.reading() as db:
            last = last_moment(db)
        if last is not None:
            clock.not_before(last)
    return clock


def _who_is_it() -> None:
    token = read_cookie(SIGN_IN)
    if token and not request.path.startswith("/assets/"):
        clock, idle = site().clock, timedelta(minutes=site().settings.idle_minutes)
        g.actor = actor_of_token(reading(), token, now=clock.now(), today=clock.today(), idle=idle)
        if g.actor is not None:
            tell_seen(site().database, clock, actor=g.actor)
