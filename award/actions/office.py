"""What the people of a provincial office arrange among themselves: who answers for a section, notes to colleagues."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, update

from award.actions.unit import unit
from award.actions.writable import checked_key, entry_of_office
from award.answers.plain import clean_text
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.engine import Database
from award.db.office import WORK_GROUPS, ColleagueNote, SectionOwner
from award.errors import N_, Foreign, Invalid, NotFound
from award.evaluation import rules_of
from award.policy import Actor
from award.queries.entries import FoundEntry
from award.queries.office import list_colleagues, list_notes, map_owners
from scoring_rules.words import Words

GENERAL = "general"  # the section of what belongs to no dimension
LONGEST_NOTE = 2000
Owned = tuple[str, int | None]  # work group, person


def list_sections(entry: FoundEntry) -> list[str]:
    """The codes of the form's sections, in its order."""
    return [GENERAL, *(root.code for root in rules_of(entry.rules_text).category(entry.category).criteria)]


def own_sections(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, owners: Mapping[str, Owned], key: str
) -> None:
    """Says which work group and which person answers for sections; ("", None) for nobody. It locks nothing: everybody
    of the office may still write everywhere. Unchanged, nothing is written.

    Raises NotFound outside the person's scope, Forbidden where the person only reads, Foreign for a section, a group or
    a person that no form of ours offers.
    """
    asked = tuple(f"{section}:{group}:{user}" for section, (group, user) in sorted(owners.items()))
    with unit(database, clock, actor=actor, key=checked_key(key), about=("own_sections", entry_id, *asked)) as u:
        if u.repeated:
            return
        entry = entry_of_office(u.db, actor, entry_id)
        people = {each.user_id for each in list_colleagues(u.db, entry.province_code, today=clock.today())}
        before = map_owners(u.db, entry_id)
        known = {section: (each.work_group, each.user_id) for section, each in before.items()}
        changed = {section: each for section, each in owners.items() if known.get(section, ("", None)) != each}
        for section, (group, user_id) in changed.items():
            left = known.get(section, ("", None))[1]  # who left the office meanwhile may stay named
            if section not in list_sections(entry) or group not in WORK_GROUPS or user_id not in {None, left, *people}:
                raise Foreign
        if not changed:
            return
        here = SectionOwner.entry_id == entry_id
        u.change(delete(SectionOwner).where(here, SectionOwner.section.in_(changed)))
        u.db.execute(
            insert(SectionOwner),
            [
                {
                    "entry_id": entry_id, "section": section, "work_group": group, "user_id": user_id, "at": u.now,
                    "by_id": actor.user_id,
                }
                for section, (group, user_id) in sorted(changed.items())
            ],
        )  # fmt: skip
        told = [[section, group, user and f"u{user}"] for section, (group, user) in sorted(changed.items())]
        u.record("own_sections", {"entry": entry.code, "owners": told})


def write_note(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, section: str, text: str, key: str
) -> None:
    """Leaves a note to colleagues beside a section. Its text stands in no log, and nobody outside the office reads it.

    Raises Invalid for a blank or endless note and for one that holds a national ID number, NotFound and Forbidden as
    for the entry.
    """
    plain, _ = clean_text(text, lines=True)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("write_note", entry_id, section)) as u:
        if u.repeated:
            return
        entry = entry_of_office(u.db, actor, entry_id)
        if section not in list_sections(entry):
            raise Foreign
        if not plain or len(plain) > LONGEST_NOTE:
            raise Invalid(N_("Write the note in 1 to 2,000 characters."))
        refuse_national_ids(plain, label=Words("โน้ตถึงเพื่อนร่วมงาน", "Note to colleagues"))
        u.db.execute(
            insert(ColleagueNote).values(
                entry_id=entry_id, section=section, text=plain, at=u.now, by_id=actor.user_id
            )
        )  # fmt: skip
        u.record("write_note", {"entry": entry.code, "section": section})


def remove_note(database: Database, clock: Clock, *, actor: Actor, entry_id: int, note_id: int) -> None:
    """Takes a note away: everybody of the office may, for it is settled then. Raises NotFound for any other."""
    with unit(database, clock, actor=actor) as u:
        entry = entry_of_office(u.db, actor, entry_id)
        note = next((each for each in list_notes(u.db, entry_id) if each.id == note_id), None)
        if note is None:
            raise NotFound
        u.db.execute(update(ColleagueNote).where(ColleagueNote.id == note_id).values(removed_at=u.now))
        u.record("remove_note", {"entry": entry.code, "section": note.section})
