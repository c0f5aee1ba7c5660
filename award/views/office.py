"""An entry as its office works on it together: who is where, others' saves as they come, owners of sections, notes."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import office as actions
from award.actions.entries import LABEL, save_answers
from award.actions.merging import merge
from award.actions.presences import STAYS
from award.db.office import WORK_GROUPS
from award.errors import N_, Foreign, Malformed, NotFound, Stale
from award.policy import Actor, is_officer, may_write_for
from award.queries.entries import FoundEntry, find_entry
from award.queries.office import (
    AtWork,
    Seen,
    find_at_work,
    find_version,
    list_colleagues,
    list_notes,
    list_present,
    map_owners,
)
from award.views.context import Site, current_actor, new_key, reading, site
from award.views.entries import may_change, offers_of, problems_of, sections_of, state_of
from award.views.guard import guard, row_id, wants_json
from award.views.history import CHANGED
from award.views.language import current_language
from award.views.limits import SAVES, limited
from award.views.received import EVERYWHERE
from award.views.unchanged import TOLD

pages = Blueprint("office", __name__)
_SECTION = re.compile(r"[A-Za-z0-9_-]{0,60}")
_ASKED = re.compile(r"since=([0-9]{1,9})&at=([A-Za-z0-9_-]{0,60})")


@dataclass(frozen=True, slots=True)
class FollowedForm:
    """An entry as an open form was told of it: by which version, and who else was at it, and where."""

    actor: Actor
    entry: AtWork
    since: int
    others: tuple[Seen, ...]

    def still_holds(self, site: Site, query: str) -> bool:
        """In two statements."""
        asked = _ASKED.fullmatch(query)
        if asked is None or int(asked[1]) != self.since:
            return False
        with site.database.reading() as db:
            if find_at_work(db, self.actor, self.entry.id) != self.entry:
                return False
            note(site, self.actor, self.entry.id, asked[2])
            others = find_others(site, db, self.actor, self.entry.id)
        return [_place(each) for each in others] == [_place(each) for each in self.others]


def note(site: Site, actor: Actor, entry_id: int, at: str) -> None:
    """That somebody's form asked, and where in it they write."""
    seen = Seen(actor.user_id, actor.title("th"), actor.title("en"), at, site.clock.now())
    site.presences.note(entry_id, seen)


def find_others(site: Site, db: Session, actor: Actor, entry_id: int) -> tuple[Seen, ...]:
    """Who else has the form open, in the order of accounts."""
    since = site.clock.now() - STAYS
    people = {each.user_id: each for each in list_present(db, entry_id, since=since)}
    people |= {each.user_id: each for each in site.presences.of(entry_id).values() if each.at >= since}
    return tuple(each for number, each in sorted(people.items()) if number != actor.user_id)


def _place(seen: Seen) -> tuple[str, str, str]:
    return seen.title_th, seen.title_en, seen.section


@pages.get("/e/<int:entry>/live")
@guard(is_officer, entry=find_at_work)
def live(entry: AtWork) -> ResponseReturnValue:
    """What an open form asks every few seconds: who else is there, and what others saved since its own version."""
    at, since = request.args.get("at", ""), request.args.get("since", str(entry.revision))
    if not _SECTION.fullmatch(at) or not re.fullmatch(r"[0-9]{1,9}", since):
        raise Malformed(N_("The page asked in a way that is not understood. Reload it."))
    note(site(), current_actor(), entry.id, at)
    others = find_others(site(), reading(), current_actor(), entry.id)
    request.environ[TOLD] = FollowedForm(current_actor(), entry, int(since), others)
    english = current_language() == "en"
    told: dict[str, Any] = {
        "revision": entry.revision, "state": entry.state, "step": entry.step, "evidence": entry.evidence,
        "office": entry.office,
        "people": [
            {"title": (each.title_en if english else "") or each.title_th, "section": each.section} for each in others
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


def find_own(db: Session, actor: Actor, entry_id: int) -> FoundEntry | None:
    """The entry, for the people of its province's office only."""
    found = find_entry(db, actor, entry_id)
    return found if found is not None and may_write_for(actor, found.province_code) else None


# --- who answers for what -----------------------------------------------------------------------------------------


@pages.get("/e/<int:entry>/team")
@guard(is_officer, entry=find_own)
def team(entry: FoundEntry) -> ResponseReturnValue:
    """Which work group and which person answers for each part of the form."""
    return render_template(
        "office/team.html", entry=entry, sections=sections_of(entry, evidence=(), problems=problems_of(entry)),
        owners=map_owners(reading(), entry.id), groups=WORK_GROUPS, key=new_key(),
        notes=list_notes(reading(), entry.id),
        people=list_colleagues(reading(), entry.province_code, today=site().clock.today()),
    )  # fmt: skip


@pages.post("/e/<int:entry>/team")
@guard(is_officer, entry=find_own)
def share(entry: FoundEntry) -> ResponseReturnValue:
    """Stores who answers for what."""
    owners: dict[str, tuple[str, int | None]] = {}
    names = set(request.form) - set(EVERYWHERE)
    for section in actions.list_sections(entry):
        group, person = f"own:{section}:group", f"own:{section}:person"
        if group in names:
            owners[section] = request.form[group], _person(request.form.get(person, ""))
        names -= {group, person}
    if names:
        raise Foreign
    actions.own_sections(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id, owners=owners,
        key=request.form.get("key", ""),
    )  # fmt: skip
    return redirect(url_for("entries.page", entry=entry.id), 303)


def _person(text: str) -> int | None:
    try:
        return row_id(text) if text else None
    except ValueError:
        raise Foreign from None


# --- notes to colleagues ------------------------------------------------------------------------------------------


@pages.post("/e/<int:entry>/notes")
@guard(is_officer, entry=find_own)
@limited(SAVES)
def write(entry: FoundEntry) -> ResponseReturnValue:
    """Leaves a note beside a section."""
    section = request.form.get("section", "")
    actions.write_note(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id, section=section,
        text=request.form.get("text", ""), key=request.form.get("key", ""),
    )  # fmt: skip
    return _noted(entry, section)


@pages.post("/e/<int:entry>/notes/<int:note>/remove")
@guard(is_officer, entry=find_own)
def settle(entry: FoundEntry, note: int) -> ResponseReturnValue:
    """Takes a note away."""
    section = next((each.section for each in list_notes(reading(), entry.id) if each.id == note), "")
    actions.remove_note(site().database, site().clock, actor=current_actor(), entry_id=entry.id, note_id=note)
    return _noted(entry, section)


def _noted(entry: FoundEntry, section: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify(section=section, key=new_key())
    return redirect(url_for("entries.page", entry=entry.id, _anchor=f"s-{section}"), 303)


# --- answers of an earlier year -----------------------------------------------------------------------------------


@pages.get("/e/<int:entry>/earlier")
@guard(is_officer, entry=find_own)
def earlier(entry: FoundEntry) -> ResponseReturnValue:
    """What the province answered the same questions in an earlier round: offered, never taken over by itself."""
    found, offers = offers_of(entry) if may_change(entry) else (None, {})
    return render_template(
        "office/earlier.html", entry=entry, earlier=found, offers=list(offers.values()), key=new_key(),
        blank=sum(each.is_blank for each in offers.values()),
    )  # fmt: skip


@pages.post("/e/<int:entry>/earlier")
@guard(is_officer, entry=find_own)
def take_over(entry: FoundEntry) -> ResponseReturnValue:
    """Takes over what was ticked, or all that is still blank, as one version."""
    found, offers = offers_of(entry)
    if found is None or request.form.get("year") != str(found.year):
        raise Stale(N_("Somebody else changed this at the same moment. Look again, then repeat."))
    ticked = request.form.getlist("take")
    all_blank = "blank" in request.form
    changes = {code: each.value for code, each in offers.items() if (each.is_blank if all_blank else code in ticked)}
    if changes:
        try:
            save_answers(
                site().database, site().clock, actor=current_actor(), entry_id=entry.id, changes=changes, way="earlier",
                base_revision=request.form.get("base_revision", -1, int), key=request.form.get("key", ""),
            )  # fmt: skip
        except Stale as refusal:
            raise Stale(CHANGED) from refusal
    return redirect(url_for("entries.page", entry=entry.id), 303)
