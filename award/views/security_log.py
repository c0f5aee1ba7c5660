"""Refusals that whoever watches over the site wants to know of: a line each in `award.security`, never content."""

import logging

from flask import Response, g, request

from award.tables.refusing import HOSTILE as HOSTILE_TABLES
from award.uploads.refusals import HOSTILE

SECURITY = logging.getLogger("award.security")
# Turned away at the door: not understood, not allowed, not there, not that way, too large, not of that kind, too often.
STATUSES = frozenset({400, 403, 404, 405, 413, 415, 429})
# Refused like a slip of the pen, and worth a line all the same: it means harm, or somebody guesses.
NOTED = frozenset({"web_address", "mail_address", "wrong_password"}) | HOSTILE | HOSTILE_TABLES


def note_refusal(response: Response) -> Response:
    """One line for a refusal that is worth one: its id and status. Who, from where and which address the log adds."""
    refused = g.get("refused", "")
    if response.status_code in STATUSES or refused in NOTED:
        note(refused or "unnamed", status=response.status_code)
    return response


def note(refused: str, **more: str | int) -> None:
    """Writes the line: `refused` with `id` and `more`, codes and counts only. Nothing that was sent is in it."""
    rule = request.url_rule.rule if request.url_rule else ""
    SECURITY.warning("refused", extra={"id": refused, "route": rule, **more})
