"""Words inside the answers of entries: as they are typed, with either script's digits."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from award.db.entries import Entry
from award.policy import Actor
from award.queries.entries import seen_by
from award.queries.likeness import DIGITS, LEFT_OUT, MOST_WORDS

SHOWN = 10
MOST_ENTRIES = 2_000  # where a person sees more, their answers are too much to be read through while one waits
SHORTEST = 3  # letters; a shorter word stands in nearly every answer
AROUND = 40  # letters shown on each side of what was found
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


@dataclass(frozen=True, slots=True)
class AnswerHit:
    """An entry with the words in its answers, and the piece of text where the first of them stands."""

    id: int
    code: str
    label: str
    excerpt: str


def search_answers(
    db: Session, actor: Actor, typed: str, *, own: Sequence[int] | None
) -> tuple[tuple[AnswerHit, ...], bool]:
    """Entries in whose answers every word stands, SHOWN at most, and whether there are more; in two statements.

    `own`: the entries that the person sees, None for all; nothing is looked for among more than MOST_ENTRIES."""
    words = [tuple(_written(word)) for word in typed.split()[:MOST_WORDS]]
    if not words or any(len(forms[0]) < SHORTEST for forms in words):
        return (), False
    if not 0 < (_count(db) if own is None else len(own)) <= MOST_ENTRIES:
        return (), False
    wanted = and_(*(or_(*(_holds(form) for form in forms)) for forms in words))
    asked = select(Entry.id, Entry.code, Entry.label, Entry.answers).where(seen_by(actor))
    if own is not None:  # first of all: answers are long
        asked = asked.where(Entry.id.in_(own))
    rows = db.execute(asked.where(wanted).order_by(Entry.id.desc()).limit(SHOWN * 3)).all()
    hits = []
    for row in rows:
        texts = list(_texts(json.loads(row.answers)))
        if all(any(form.lower() in text.lower() for text in texts for form in forms) for forms in words):
            hits.append(AnswerHit(row.id, row.code, row.label, _excerpt(texts, words[0])))
    return tuple(hits[:SHOWN]), len(hits) > SHOWN


def _count(db: Session) -> int:
    """How many entries there are, as far as it matters here."""
    some = select(Entry.id).limit(MOST_ENTRIES + 1).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


def _written(word: str) -> Iterator[str]:
    plain = word.translate(DIGITS)
    yield plain
    if (thai := plain.translate(_THAI)) != plain:
        yield thai
    if LEFT_OUT in plain and plain != LEFT_OUT:
        yield plain.replace(LEFT_OUT, "")


def _holds(form: str) -> ColumnElement[bool]:
    text = json.dumps(form, ensure_ascii=False)[1:-1].replace("/", "//").replace("%", "/%").replace("_", "/_")
    return Entry.answers.like(f"%{text}%", escape="/")


def _texts(value: Any) -> Iterator[str]:
    """What people typed, without the codes of fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _excerpt(texts: Sequence[str], forms: Sequence[str]) -> str:
    for text in texts:
        for form in forms:
            at = text.lower().find(form.lower())
            if at >= 0:
                start, end = max(0, at - AROUND), at + len(form) + AROUND
                before, after = "…" if start else "", "…" if end < len(text) else ""
                return f"{before}{' '.join(text[start:end].split())}{after}"
    return ""
