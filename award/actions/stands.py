"""The organizer takes a return back: the entry stands again as its province had sent it."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select, update

from award.actions.mail import queue_mail
from award.actions.news import tell_entry
from award.actions.returns import LEAST_REASON, MOST_REASON
from award.actions.sending import fingerprint, note_pulled_back, refuse_heard, send
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key, entry_to_organize
from award.answers.plain import clean_text
from award.answers.private_numbers import REASON, refuse_national_ids
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.ledger import Log, Private
from award.errors import N_, Invalid, Locked, NotFound
from award.evaluation import sha256_of
from award.policy import Actor
from award.queries.entries import FoundEntry, find_entry, has_scoring_begun
from award.queries.office import list_colleagues
from award.queries.sent_versions import SentVersion, find_sent_version

Letter = Callable[[FoundEntry], tuple[str, str]]  # of the entry: subject and text
NOT_RETURNED = N_("Only an entry that was sent and that the organizer returned can be left standing as it was sent.")
NOT_KEPT = N_(
    "What this entry was sent with is no longer kept whole, so it cannot be put back. Give more time instead."
)
_COPIED = ("kind", "title", "url", "sha256", "size", "media_type", "name", "received_sha256", "given_by")


def let_stand(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, reason: str, key: str,
    letter: Letter | None = None,
) -> None:  # fmt: skip
    """A returned entry counts as sent again, with the answers and the evidence that it was sent with last. What its
    province changed since is set aside: its versions and removed files stay in the history. The reason is shown to the
    province. It has another receipt, for the same fingerprint unless files had to be put back.

    Raises NotFound, Forbidden, Invalid for a reason under ten characters, and Locked for what was not returned (or was
    withdrawn since), is being marked, was heard without it, or is no longer kept.
    """
    why, _ = clean_text(reason, lines=True)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("let_stand", entry_id, why)) as u:
        found = entry_to_organize(u.db, actor, entry_id)
        if u.repeated:
            return
        if found.state == "draft" and has_scoring_begun(u.db, entry_id):
            raise Locked(N_("The committee has begun to mark this entry, so it can no longer be changed."))
        sent = find_sent_version(u.db, found)
        if sent is None:
            raise Locked(NOT_RETURNED)
        refuse_heard(u.db, found)
        if not LEAST_REASON <= len(why) <= MOST_REASON:
            raise Invalid(
                N_("Give a reason of 10 to 2,000 characters: the province reads it, and it is kept."),
                details={"field": "stand-reason"},
            )
        refuse_national_ids(why, label=REASON, field="stand-reason")
        _open_until_now(u, found, why)
        _put_back_answers(u, found, sent)
        _put_back_evidence(u, found, sent)
        again = find_entry(u.db, actor, entry_id)
        if again is None:
            raise NotFound
        send(u, again, confirmed=None, duty=None)
        note_pulled_back(u, found)
        tell_entry(u, entry_id)
        if letter is not None:
            for each in list_colleagues(u.db, found.province_code, today=clock.today()):
                queue_mail(u, each.user_id, *letter(found))


def _open_until_now(u: Unit, found: FoundEntry, why: str) -> None:
    """The record lets nothing of an entry change after its time: it has time until this very moment, for the reason."""
    until = max(found.closes_at, u.now)
    u.db.execute(
        update(Entry).where(Entry.id == found.id).values(due_at=until, reopened_at=u.now, reopened_reason=why)
    )
    told = {"entry": found.code, "reason": Private(why), "until": until.isoformat()}
    u.before("extend_entry", told, log=_log(u, found))


def _put_back_answers(u: Unit, found: FoundEntry, sent: SentVersion) -> None:
    if (found.answers, found.label) == (json.loads(sent.answers), sent.label):
        return
    revision = found.revision + 1
    u.db.execute(
        update(Entry)
        .where(Entry.id == found.id)
        .values(answers=sent.answers, label=sent.label, revision=revision, saved_at=u.now)
    )
    u.db.execute(
        insert(EntryRevision).values(
            entry_id=found.id, revision=revision, answers=sent.answers, saved_at=u.now, saved_by_id=u.actor.user_id,
            label=sent.label, way="form",
        )
    )  # fmt: skip
    told = {"answers_sha256": sha256_of(sent.answers), "entry": found.code, "revision": revision}
    renamed = {"label": Private(sent.label)} if sent.label != found.label else {}
    u.before("save_answers", told | renamed, log=_log(u, found))


def _put_back_evidence(u: Unit, found: FoundEntry, sent: SentVersion) -> None:
    """Takes away what came since, puts back what went. Raises Locked where that is not what the entry was sent with."""
    rows = u.db.execute(select(Evidence).where(Evidence.entry_id == found.id).order_by(Evidence.id)).scalars().all()
    then = [row for row in rows if row.id in sent.pieces]
    named: list[Any] = list(then)
    if sent.fingerprint and fingerprint(json.loads(sent.answers), named) != sent.fingerprint:
        raise Locked(NOT_KEPT)
    for row in (row for row in rows if row.id not in sent.pieces and row.removed_at is None):
        u.db.execute(update(Evidence).where(Evidence.id == row.id).values(removed_at=u.now))
        told = {"entry": found.code, "evidence": row.id, "field": row.field, "sha256": row.sha256}
        u.before("remove_evidence", told, log=_log(u, found))
    for row in (row for row in then if row.removed_at is not None):
        copied = {name: getattr(row, name) for name in _COPIED}
        u.db.execute(
            insert(Evidence).values(
                entry_id=found.id, field=row.field, added_at=u.now, added_by_id=u.actor.user_id, **copied
            )
        )
        _say_put_back(u, found, row)


def _say_put_back(u: Unit, found: FoundEntry, row: Evidence) -> None:
    told: dict[str, Any] = {"entry": found.code, "field": row.field}
    if row.kind == "link":
        u.before("attach_link", told | {"url": Private(row.url or "")}, log=_log(u, found))
        return
    painted = {"received_sha256": row.received_sha256} if row.received_sha256 else {}
    u.before("attach_file", told | {"sha256": row.sha256} | painted, log=_log(u, found))


def _log(u: Unit, found: FoundEntry) -> Log:
    return u.log_of(found.adoption_id)
