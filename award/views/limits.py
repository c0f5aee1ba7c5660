"""How often one address may ask for what costs something: Flask-Limiter, its answers in our words and by our clock.

    @pages.post("/…")
    @guard(may)
    @limited("30 per 15 minutes")
    def view(): …

The counts are kept in this process: a restart forgets them. What must not be forgotten is counted in the database
(`actions/attempts.py`).
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from award.errors import N_, TooMany
from award.policy import Actor
from award.views.context import current_actor, site

# What one person may ask for. An open page that asks anew every few seconds is not counted at all; a save every second,
# all day, stays far below SAVES, so that nobody's marks ever wait.
SAVES = "300 per minute"
BOOKS = "30 per minute"  # workbooks, sheets: half a second each
RUNS = "10 per minute"  # a whole award is calculated anew
TRIALS = "30 per minute"  # what-if and why: the same, for one category
FILES = "60 per minute"
PREVIEWS = "120 per minute"  # each one is painted once, but until then keeps a thread waiting
PIECES = "1200 per minute"  # of files on their way: small ones on a bad line, a fast line sends large ones

TOO_MANY = N_("Too many tries from here. Try again from %(time)s on.")


def _switched_off() -> bool:
    return not site().settings.limits


def _refuse(limit: RequestLimit) -> None:
    # The limiter counts by the machine's clock; people are told by the site's.
    wait = max(1.0, limit.reset_at - time.time())
    raise TooMany(TOO_MANY, time=site().clock.now() + timedelta(seconds=wait))


def whose() -> str:
    """The person where one is signed in, else the address: an office has many people behind one address."""
    actor: Actor = current_actor()
    return actor.code if actor.is_signed_in else get_remote_address()


limiter = Limiter(key_func=get_remote_address, strategy="moving-window", storage_uri="memory://", on_breach=_refuse)


def limited(
    how_often: str, *, by: Callable[[], str] = whose, scope: str = "", only: Callable[[Response], bool] | None = None
) -> Callable[[Any], Any]:
    """At most so often ("30 per 15 minutes") by the same one, else TooMany (429).

    `scope`: views with the same one share their count. `only`: only requests whose answer is like this are counted, so
    that a whole office that signs in rightly is not turned away. The setting `limits = "off"` counts nothing."""
    more: dict[str, Any] = {} if only is None else {"deduct_when": only}
    if scope:
        return limiter.shared_limit(how_often, scope=scope, key_func=by, exempt_when=_switched_off, **more)
    return limiter.limit(how_often, key_func=by, exempt_when=_switched_off, **more)


def wrong_ones() -> Callable[[Any], Any]:
    """Thirty wrong answers in a quarter of an hour from one address, at whatever page proves who one is; right ones do
    not count, since a whole office signs in from one address."""
    wrong = (409, 422, 429)
    return limited("30 per 15 minutes", by=get_remote_address, scope="sign-in", only=lambda a: a.status_code in wrong)


def set_up_limits(app: Flask) -> None:
    """Registers the limiter."""
    limiter.init_app(app)
