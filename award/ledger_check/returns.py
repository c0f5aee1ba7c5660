"""Questions that were returned to a province beside what the lines say of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.checking import ReturnedQuestion
from award.db.entries import Entry
from award.db.ledger import Log
from award.ledger_check.found import ERASED, Found
from award.ledger_check.told import ToldEntry


def map_returned(db: Session, adoption: int) -> dict[int, list[Any]]:
    """The returned questions of each entry of an award, in their order."""
    found: dict[int, list[Any]] = defaultdict(list)
    asked = (
        select(ReturnedQuestion.__table__)
        .join(Entry, Entry.id == ReturnedQuestion.entry_id)
        .where(Entry.adoption_id == adoption)
        .order_by(ReturnedQuestion.id)
    )
    for row in db.execute(asked):
        found[row.entry_id].append(row)
    return found


def compare_returned(
    log: Log, code: str, stored: list[Any], known: ToldEntry, *, actor: Callable[[str, int | None], str], erasures: bool
) -> Iterator[Found]:
    """Which questions, who returned them, why, and which of them are open now."""
    rows = Counter((each.field, actor("return_questions", each.by_id)) for each in stored)
    told = Counter((field, by) for field, by, _ in known.given_back)
    for field, _ in sorted((rows - told).keys()):
        yield Found(log.name, None, f"entry {code}, question {field}: no line tells that this person returned it")
    for field, _ in sorted((told - rows).keys()):
        yield Found(log.name, None, f"entry {code}, question {field}: it was returned, and the table lacks it")
    if frozenset(each.field for each in stored if each.closed_at is None) != known.returned:
        yield Found(log.name, None, f"entry {code}: the questions that are open are not those that were returned")
    for each in stored:
        said = [text.text for field, _, text in known.given_back if field == each.field]
        is_said = any(text is None or each.reason in text for text in said) or (erasures and each.reason == ERASED)
        if said and not is_said:
            yield Found(log.name, None, f"entry {code}, question {each.field}: why it was returned is not as recorded")
