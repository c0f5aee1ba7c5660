"""An organizer looked an entry through and found it in order."""

from sqlalchemy import insert

from award.actions.sending import fingerprint
from award.actions.unit import unit
from award.actions.writable import checked_key, entry_to_organize
from award.answers.plain import clean_text
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.checking import EntryCheck
from award.db.engine import Database
from award.db.ledger import Private
from award.errors import N_, Invalid, Locked, Stale
from award.policy import Actor
from award.queries.entries import list_evidence
from scoring_rules.words import Words

MOST_NOTE = 2000  # characters


def accept_entry(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, seen: str, note: str, key: str
) -> None:
    """The entry is in order as the organizer saw it: `seen` is its fingerprint on their page. `note` is for
    organizers only. It decides nothing: the entry stays as it was sent.

    Raises Stale where it is another one by now, Locked where it is not sent, Invalid for a note that is too long.
    """
    said = clean_text(note, lines=True)[0]
    about = ("accept_entry", entry_id, seen, said)
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        found = entry_to_organize(u.db, actor, entry_id)
        if u.repeated:
            return
        if found.state != "submitted":
            raise Locked(N_("Only an entry that is sent can be found in order. Reload the page to see how it stands."))
        if len(said) > MOST_NOTE:
            raise Invalid(N_("A note has at most 2,000 characters."))
        refuse_national_ids(said, label=Words("บันทึกสำหรับผู้จัด", "Note for organizers"))
        now = fingerprint(found.answers, list_evidence(u.db, entry_id))
        if now != seen:
            raise Stale(N_("The entry was changed and sent again while you looked at it. Reload the page."))
        u.db.execute(
            insert(EntryCheck).values(
                entry_id=entry_id, revision=found.revision, fingerprint=now, outcome="accepted", note=said, at=u.now,
                by_id=actor.user_id,
            )
        )  # fmt: skip
        body = {"entry": found.code, "revision": found.revision, "fingerprint": now, "note": Private(said)}
        u.record("accept_entry", body)
