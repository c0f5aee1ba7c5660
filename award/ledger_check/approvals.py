"""Who passed an entry on within its office beside what the site's log says of it."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.entries import Entry
from award.db.ledger import SITE
from award.db.office import Approval
from award.ledger_check.chain import Line
from award.ledger_check.found import NO_TEXT, Found, Text

ACTS = {
    "send_on_entry": "send", "approve_entry": "approve", "hand_back_entry": "return", "take_back_entry": "take_back",
}  # fmt: skip
Told = tuple[str, str, str, int | None]  # act, step, person, duty


class Approvals:
    """What the lines of the site's log and its successors say of every entry's way up, in order."""

    def __init__(self) -> None:
        self.told: dict[str, list[tuple[Told, Text]]] = defaultdict(list)

    def read(self, line: Line) -> None:
        """Takes one line. Raises KeyError for a body that lacks something."""
        act = ACTS.get(line.act)
        if act is not None:
            body = line.body
            note = line.words_at("note") if act == "return" else NO_TEXT
            self.told[body["entry"]].append(((act, body["step"], line.actor, body.get("duty")), note))


def compare_approvals(db: Session, approvals: Approvals, *, erasures: bool) -> Iterator[Found]:
    """Each entry's acts against its lines; those that came with a demo round have none and stand before the others."""
    stored: dict[str, list[tuple[Told, str]]] = defaultdict(list)
    invented = set()
    rows = db.execute(
        select(
            Entry.code, Entry.invented, Approval.act, Approval.step, Approval.by_id, Approval.duty_id, Approval.note
        )
        .join(Entry, Entry.id == Approval.entry_id)
        .order_by(Approval.id)
    )  # fmt: skip
    for code, is_invented, act, step, by, duty, note in rows:
        stored[code].append(((act, step, f"u{by}", duty), note))
        if is_invented:
            invented.add(code)
    for code in sorted(stored.keys() | approvals.told.keys()):
        known, kept = approvals.told.get(code, []), stored.get(code, [])
        if code in invented:
            kept = kept[len(kept) - len(known) :] if len(kept) >= len(known) else kept
        if [about for about, _ in kept] != [about for about, _ in known]:
            yield Found(SITE, None, f"entry {code}: who passed it on within its office is not what was recorded")
        elif not all(text.fits(note, erasures=erasures) for (_, note), (_, text) in zip(kept, known, strict=True)):
            yield Found(SITE, None, f"entry {code}: why it was returned within its office is not what was recorded")
