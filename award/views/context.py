"""What every view needs of the site it runs in: settings, database, clock, who is signed in."""

import secrets
from dataclasses import dataclass, field
from typing import cast

from flask import current_app, g
from sqlalchemy.orm import Session

from award.actions.presences import Presences
from award.actions.sightings import Sightings
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.policy import Actor


@dataclass(frozen=True, slots=True)
class Site:
    """The opened site; one per application. `statuses`: answers made for the newest versions of scoring sessions."""

    settings: Settings
    database: Database
    clock: Clock
    sightings: Sightings = field(default_factory=Sightings)
    presences: Presences = field(default_factory=Presences)
    statuses: dict[tuple[int, str], tuple[str, bytes]] = field(default_factory=dict)


def site() -> Site:
    """The site that the request runs in."""
    return cast(Site, current_app.extensions["award"])


def current_actor() -> Actor:
    """Who is signed in; `Actor.nobody()` when none or before it is known."""
    return cast(Actor, g.get("actor") or Actor.nobody())


def reading() -> Session:
    """The request's session for reads; closed when the request ends."""
    if "reading" not in g:
        g.reading_context = site().database.reading()
        g.reading = g.reading_context.__enter__()
    return cast(Session, g.reading)


def close_reading(_error: BaseException | None = None) -> None:
    """Ends the request's session, where one was opened."""
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)


def new_key() -> str:
    """A client key for one form of a page: sent twice, it acts once."""
    return secrets.token_hex(16)
