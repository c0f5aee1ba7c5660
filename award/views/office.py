"""An entry as its office works on it together: who is where, others' saves as they come, owners of sections, notes."""

import hashlib
import json
import re
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from award.actions.entries import LABEL
from award.actions.merging import merge
from award.actions.presences import STAYS
from award.errors import N_, Malformed, NotFound
from award.policy import is_officer
from award.queries.entries import find_entry
from award.queries.office import AtWork, Seen, find_at_work, find_version, list_present
from award.views.context import current_actor, reading, site
from award.views.entries import state_of
from award.views.guard import guard
from award.views.language import current_language

pages = Blueprint("office", __name__)
_SECTION = re.compile(r"[A-Za-z0-9_-]{0,60}")


@pages.get("/e/<int:entry>/live")
@guard(is_officer, entry=find_at_work)
def live(entry: AtWork) -> ResponseReturnValue:
    """What an open form asks every few seconds: who else is there, and what others saved since its own version."""
    now, actor = site().clock.now(), current_actor()
    at, since = request.args.get("at", ""), request.args.get("since", "")
    if not _SECTION.fullmatch(at) or not re.fullmatch(r"[0-9]{1,9}", since):
        raise Malformed(N_("The page asked in a way that is not understood. Reload it."))
    site().presences.note(entry.id, Seen(actor.user_id, actor.title("th"), actor.title("en"), at, now))
    people = {each.user_id: each for each in list_present(reading(), entry.id, since=now - STAYS)}
    people |= {each.user_id: each for each in site().presences.of(entry.id).values() if each.at >= now - STAYS}
    english = current_language() == "en"
    told: dict[str, Any] = {
        "revision": entry.revision, "state": entry.state, "step": entry.step, "evidence": entry.evidence,
        "office": entry.office,
        "people": [
            {"title": (each.title_en if english else "") or each.title_th, "section": each.section}
            for number, each in sorted(people.items())
            if number != actor.user_id
        ],
    }  # fmt: skip
    tag = hashlib.sha256(json.dumps([told, since, current_language()]).encode()).hexdigest()[:20]
    if request.if_none_match.contains(tag):
        return _answer(None, tag)
    return _answer(told | (_news(entry, int(since)) if int(since) != entry.revision else {}), tag)


def _answer(told: dict[str, Any] | None, tag: str) -> Response:
    body = None if told is None else json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    answer = Response(body, status=304 if told is None else 200, mimetype="application/json")
    answer.set_etag(tag)
    return answer


def _news(entry: AtWork, since: int) -> dict[str, Any]:
    """The answers that others changed since a version, as the page's code takes them in; all of them where that
    version is not known."""
    found = find_entry(reading(), current_actor(), entry.id)
    if found is None:
        raise NotFound
    before = find_version(reading(), entry.id, since)
    stored = {**found.answers, LABEL: found.label}
    old = {} if before is None else {LABEL: before.label or "", **before.answers}
    return {"revision": found.revision, **state_of(found, names=merge(old, stored, {}).theirs)}
