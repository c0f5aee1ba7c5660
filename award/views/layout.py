"""What the frame around every page shows: who is signed in, where they may go, and that demo data is invented."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import g, request, url_for

from award import policy
from award.queries.cycles import has_invented_data
from award.views.assets import OWN
from award.views.context import current_actor, reading, site
from award.views.language import LANGUAGES, current_language

TEMPLATES = Path(__file__).parent.parent.parent / "templates"


@lru_cache
def asset(name: str) -> str:
    """The address of one of our files, with its content's fingerprint."""
    mark = hashlib.sha256((OWN / name).read_bytes()).hexdigest()[:10]
    return f"{url_for('assets.own', name=name)}?{mark}"


def here() -> str:
    """The address to come back to: this page's; home after a post, whose address may not be opened."""
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"


def layout_values() -> dict[str, Any]:
    """What `base.html` needs on every page, in one statement."""
    actor = current_actor()
    return {
        "actor": actor,
        "asset": asset,
        "language": current_language(),
        "languages": LANGUAGES,
        "policy": policy,
        "here": here(),
        "invented": "database_failed" not in g and has_invented_data(reading()),
        "clock_is_set": site().clock.is_set,
        "now": site().clock.now(),
    }
