"""The history of an entry: every version with who, when and what; an older answer put back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import entries as actions
from award.answers.codes import find_field
from award.errors import N_, Malformed, NotFound, Stale
from award.forms.versions import LABEL, list_changed, list_changes
from award.policy import Actor, is_officer, may_see_runs, may_use_entries, may_write_for
from award.queries.entries import FoundEntry, find_entry
from award.queries.office import EMPTY, Version, find_version
from award.queries.versions import SavedVersion, find_saved_version, list_pieces, list_versions
from award.views.context import current_actor, new_key, reading, site
from award.views.entries import category_of, may_change
from award.views.guard import guard
from award.views.language import current_language
from scoring_rules.rules import Field

pages = Blueprint("history", __name__)
MOST = 200  # versions on one page
TOGETHER = timedelta(minutes=15)  # saves of one person that are no further apart are told as one
Answers = dict[str, object]
CHANGED = N_(
    "Somebody changed this question meanwhile, so nothing was done. Open the page again and look at the newest answer."
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Saves of one person in a row: told as one, with what they changed altogether."""

    versions: tuple[SavedVersion, ...]  # the newest first
    since: int  # the version that they began on
    changed: tuple[Field, ...]

    @property
    def last(self) -> SavedVersion:
        """The newest of them."""
        return self.versions[0]

    @property
    def first(self) -> SavedVersion:
        """The oldest of them."""
        return self.versions[-1]


def find_kept(db: Session, actor: Actor, entry_id: int) -> FoundEntry | None:
    """The entry, for its province's office, organizers and auditors: a member of a panel who is an officer elsewhere
    reads what was sent, and no draft of it."""
    found = find_entry(db, actor, entry_id)
    return found if found and (may_see_runs(actor) or may_write_for(actor, found.province_code)) else None


@pages.get("/e/<int:entry>/history")
@guard(may_use_entries, entry=find_kept)
def versions(entry: FoundEntry) -> ResponseReturnValue:
    """All versions, the newest first, those of one sitting together."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 10):
        raise Malformed(N_("The page asked in a way that is not understood. Reload it."))
    up_to = int(before) - 1 if before else entry.revision
    found = list_versions(reading(), entry.id, up_to=up_to, most=MOST + 1)
    return render_template(
        "entries/history.html", entry=entry, sittings=list(_sittings(entry, found)),
        more=found[MOST - 1].revision if len(found) > MOST else None,
        pieces=[] if before else list_pieces(reading(), entry.id), field_of=lambda code: _label_of(entry, code),
    )  # fmt: skip


def _label_of(entry: FoundEntry, code: str) -> object:
    field = find_field(category_of(entry), code)
    return None if field is None else field.label


def _sittings(entry: FoundEntry, found: Sequence[SavedVersion]) -> Iterator[Sitting]:
    """`found` may end with one version more than is shown: what the oldest shown one is compared with."""
    shown = list(found[:MOST])
    while shown:
        sitting = [shown.pop(0)]
        while shown and _is_one_sitting(shown[0], sitting[-1]):
            sitting.append(shown.pop(0))
        at = found.index(sitting[-1]) + 1
        older = found[at] if at < len(found) else None
        before, after = _told(older or EMPTY, sitting[0])
        changed = list_changed(category_of(entry), before, after)
        yield Sitting(tuple(sitting), older.revision if older else 0, tuple(changed))


def _is_one_sitting(older: SavedVersion, newer: SavedVersion) -> bool:
    return (older.user_id, older.way) == (newer.user_id, newer.way) and newer.at - older.at <= TOGETHER


def _told(older: Version | SavedVersion, newer: SavedVersion) -> tuple[Answers, Answers]:
    """Both with who stood for the entry; where that was not kept yet, it is not known to have been another."""
    now = newer.label or ""
    was = now if older.label is None else older.label
    return {**older.answers, LABEL: was}, {**newer.answers, LABEL: now}


@pages.get("/e/<int:entry>/history/<int:version>")
@guard(may_use_entries, entry=find_kept)
def version(entry: FoundEntry, version: int) -> ResponseReturnValue:
    """What one version changed, old and new, or all since an older one (`since`)."""
    found = find_saved_version(reading(), entry.id, version)
    since = request.args.get("since", version - 1, int)
    older = find_version(reading(), entry.id, since) if 0 <= since < version else None
    if found is None or older is None:
        raise NotFound
    then, after = _told(older, found)
    changes = list_changes(category_of(entry), then, after, language=current_language())
    now = {**entry.answers, LABEL: entry.label}
    can_restore = {
        each.field.code
        for each in changes
        if may_change(entry) and entry.is_open(each.field.code) and each.is_restorable
        and (now.get(each.field.code) or "") != (then.get(each.field.code) or "")
    }  # fmt: skip
    return render_template(
        "entries/history_version.html", entry=entry, version=found, since=since, changes=changes,
        can_restore=can_restore, new_key=new_key,
    )  # fmt: skip


@pages.post("/e/<int:entry>/history/restore")
@guard(is_officer, entry=find_kept)
def restore(entry: FoundEntry) -> ResponseReturnValue:
    """Puts one older answer back, as a new version; refused where somebody changed the question meanwhile."""
    code, revision = request.form.get("code", ""), request.form.get("version", -1, int)
    older = find_version(reading(), entry.id, revision)
    if older is None or (code != LABEL and find_field(category_of(entry), code) is None):
        raise NotFound
    value = older.label if code == LABEL else older.answers.get(code, "")
    field = None if code == LABEL else find_field(category_of(entry), code)
    try:
        actions.save_answers(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id,
            changes={code: value or ([] if field and field.type == "table" else "")},
            base_revision=request.form.get("base_revision", -1, int), key=request.form.get("key", ""),
        )  # fmt: skip
    except Stale as refusal:
        raise Stale(CHANGED) from refusal
    return redirect(url_for("entries.page", entry=entry.id, _anchor="f-label" if code == LABEL else f"f-{code}"), 303)
