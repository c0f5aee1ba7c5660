"""The organizer gives single questions of a sent entry back to its province; everything else of it stays locked."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import insert, update

from award.actions.entries import LABEL, OFFICE_ENTRANT
from award.actions.mail import queue_mail
from award.actions.news import tell_entry
from award.actions.sending import fingerprint, note_pulled_back
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key, entry_to_organize
from award.answers.codes import fields_with, find_field, parts_of
from award.answers.plain import clean_text
from award.answers.private_numbers import refuse_national_ids
from award.clock import Clock
from award.db.checking import EntryCheck, ReturnedQuestion
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Private
from award.errors import N_, Foreign, Invalid, Locked
from award.evaluation import rules_of
from award.policy import Actor
from award.queries.entries import FoundEntry, has_scoring_begun, list_evidence
from award.queries.office import list_colleagues
from scoring_rules.rules import Category
from scoring_rules.words import Words

LEAST_REASON, MOST_REASON = 10, 2000  # characters
Letter = Callable[[FoundEntry, datetime], tuple[str, str]]  # entry and new deadline -> subject and text
LABEL_ASKED = Words("ชื่อผู้ส่งผลงาน", "Who stands for this entry")


def return_questions(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, questions: Mapping[str, str], until: datetime,
    key: str, letter: Letter | None = None,
) -> None:  # fmt: skip
    """The organizer opens single questions (code → reason) of a sent entry for its province until a moment; with a
    number open also what it brings with it (its source, its rows). Questions that are open already stay so; given
    again, they get the new reason. The entry is a draft until the province sends it again. The people of its office
    who have an address get the letter.

    Raises Invalid for no question, a reason under ten characters (details["field"] names whose) or a moment that is
    past; Foreign for a question that the form does not have; Locked for a draft, and once it is being marked.
    """
    asked = {code: clean_text(reason, lines=True)[0] for code, reason in questions.items()}
    about = ("return_questions", entry_id, sorted(asked.items()), until.isoformat())
    with unit(database, clock, actor=actor, key=checked_key(key), about=about) as u:
        found = entry_to_organize(u.db, actor, entry_id)
        if u.repeated:
            return
        _check_state(u, found)
        category = rules_of(found.rules_text).category(found.category)
        _check_asked(category, asked, until=until, now=u.now)
        evidence = list_evidence(u.db, entry_id)
        opened = _with_companions(category, asked)
        _open(u, found, opened)
        whole = as_one_text(category, asked)
        u.db.execute(
            update(Entry).where(Entry.id == entry_id).values(
                state="draft", step="", submitted_at=None, submitted_by_id=None, receipt=None,
                due_at=until, reopened_at=u.now, reopened_reason=whole,
            )
        )  # fmt: skip
        u.db.execute(
            insert(EntryCheck).values(
                entry_id=entry_id, revision=found.revision, fingerprint=fingerprint(found.answers, evidence),
                outcome="returned", at=u.now, by_id=actor.user_id,
            )
        )  # fmt: skip
        tell_entry(u, entry_id)
        body = {"entry": found.code, "fields": sorted(opened), "reason": Private(whole), "until": until.isoformat()}
        u.record("return_questions", body, log=u.log_of(found.adoption_id))
        note_pulled_back(u, found)
        if letter is not None:
            for each in list_colleagues(u.db, found.province_code, today=clock.today()):
                queue_mail(u, each.user_id, *letter(found, until))


def _check_state(u: Unit, found: FoundEntry) -> None:
    if found.state not in ("draft", "submitted") or has_scoring_begun(u.db, found.id):
        raise Locked(N_("The committee has begun to mark this entry, so it can no longer be changed."))
    if found.state == "draft" and not found.returned:
        raise Locked(N_("This entry is with its province, which may change all of it: no single question is returned."))


def _check_asked(category: Category, asked: Mapping[str, str], *, until: datetime, now: datetime) -> None:
    if not asked:
        raise Invalid(N_("Choose at least one question to return, and write why."))
    for code, reason in asked.items():
        label = label_of(category, code)
        if label is None:
            raise Foreign
        if not LEAST_REASON <= len(reason) <= MOST_REASON:
            raise Invalid(
                N_("Write for “%(field)s” what is to be mended, in 10 to 2,000 characters: the province reads it."),
                details={"field": code}, field=label,
            )  # fmt: skip
        refuse_national_ids(reason, label=label)
    if until <= now:
        raise Invalid(N_("The new deadline must lie in the future."), details={"field": "until"})


def label_of(category: Category, code: str) -> Words | None:
    """What a question that can be returned is called; None where the form has no such question."""
    if code == LABEL:
        return None if category.entrant == OFFICE_ENTRANT else LABEL_ASKED
    field = find_field(category, code)
    return None if field is None else field.label


def _with_companions(category: Category, asked: Mapping[str, str]) -> dict[str, str]:
    """A number cannot be mended without its source, nor a sum without its rows: they open with it."""
    opened = dict(asked)
    for indicator in category.indicators:
        reason = next((asked[code] for code in parts_of(indicator) if code in asked), "")
        if reason:
            opened |= {each.code: reason for each in fields_with(category, indicator) if each.code not in asked}
    return opened


def _open(u: Unit, found: FoundEntry, opened: Mapping[str, str]) -> None:
    again = [each.field for each in found.returned if each.field in opened]
    u.db.execute(
        update(ReturnedQuestion)
        .where(
            ReturnedQuestion.entry_id == found.id,
            ReturnedQuestion.closed_at.is_(None),
            ReturnedQuestion.field.in_(again),
        )
        .values(closed_at=u.now)
    )
    rows = [
        {"entry_id": found.id, "field": code, "reason": reason, "at": u.now, "by_id": u.actor.user_id}
        for code, reason in opened.items()
    ]
    u.db.execute(insert(ReturnedQuestion), rows)


def as_one_text(category: Category, asked: Mapping[str, str]) -> str:
    """Questions and reasons as the record keeps them: one text, in the language of the office."""
    named = {code: label_of(category, code) for code in asked}
    return "\n".join(f"{label.th}: {asked[code]}" for code, label in named.items() if label is not None)
