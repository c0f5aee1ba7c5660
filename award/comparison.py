"""Once a slot is closed: all members of its panel side by side, each mark beside those it had before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from award.evaluation import adopted_rules, card_total, exact_marks, leaf_points, shown_total
from award.queries.cards import ReopeningShown, StoredCard, list_closed_cards, list_reopenings, map_answers
from award.queries.scoring import Day, SeatHeld, SlotLine
from scoring_rules.exact import Number, plain
from scoring_rules.rules import Category, Criterion, MarksSource


@dataclass(frozen=True, slots=True)
class Cell:
    """One member's mark on one criterion; `before` are the marks it had when the card was opened again."""

    mark: str | None
    before: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion in the comparison; a heading has no cells. `apart`: highest minus lowest mark."""

    node: Criterion
    depth: int
    cells: tuple[Cell, ...] = ()
    apart: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One member in the comparison of an entry."""

    seat: SeatHeld
    state: str  # sent | recused | absent | draft
    reason: str
    total: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry of a closed slot, all members side by side. `spread`: highest minus lowest total of those who mark."""

    entry_id: int
    code: str
    label: str
    full_mark: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    spread: str | None
    alert: str | None
    is_wide: bool


def compare_slot(db: Session, day: Day, slot: SlotLine) -> tuple[Compared, ...]:
    """Every entry of a closed slot, in three statements."""
    cards = list_closed_cards(db, slot.id)
    answers = map_answers(db, {card.entry_id for card in cards})
    reopenings = list_reopenings(db, slot.id)
    seats = {seat.id: seat for seat in day.seats}
    compared = []
    for entry in slot.entries():
        own = [card for card in cards if card.entry_id == entry.entry_id]
        if not own:
            continue  # not sent, or not presented: nothing to compare
        category = adopted_rules(db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256).category(entry.category)
        totals = {
            card.id: card_total(category, card.marks, answers[card.entry_id])
            for card in own
            if card.state == "sent" and not card.excused
        }
        spread = max(totals.values()) - min(totals.values()) if totals else None
        alert = category.panel.spread_alert
        columns = tuple(
            Column(
                seats[card.seat_id], card.excused or card.state, card.excused_reason,
                shown_total(category, totals[card.id]) if card.id in totals else None,
            )
            for card in own
        )  # fmt: skip
        compared.append(
            Compared(
                entry.entry_id, entry.code, entry.label, plain(category.full_mark), columns,
                tuple(_lines(category, own, reopenings)),
                None if spread is None else shown_total(category, spread), None if alert is None else plain(alert),
                alert is not None and spread is not None and spread >= alert,
            )
        )  # fmt: skip
    return tuple(compared)


def _lines(category: Category, cards: Sequence[StoredCard], reopenings: Sequence[ReopeningShown]) -> Iterator[Line]:
    stages = [_stages(category, card, reopenings) for card in cards]
    for node in category.nodes():
        depth = node.path.count("/")
        if node.parts:
            yield Line(node, depth)
            continue
        cells = tuple(_cell(node, card, values) for card, values in zip(cards, stages, strict=True))
        counted = [values[-1].get(node.path) for card, values in zip(cards, stages, strict=True) if not card.excused]
        given = [mark for mark in counted if mark is not None]
        yield Line(node, depth, cells, plain(max(given) - min(given)) if len(given) > 1 else None)


def _stages(category: Category, card: StoredCard, reopenings: Sequence[ReopeningShown]) -> list[dict[str, Number]]:
    """The card's marks by leaf at each time it was opened again, then as they are now; of a checklist, its points."""
    revisions = [each.revision for each in reopenings if each.assignment_id == card.id]
    return [_by_leaf(category, marks) for marks in (*(_marks_at(card, each) for each in revisions), card.marks)]


def _by_leaf(category: Category, marks: Mapping[str, Decimal]) -> dict[str, Number]:
    given, points = exact_marks(marks), leaf_points(category, marks)
    return {
        leaf.path: given[leaf.path] if isinstance(leaf.source, MarksSource) else points[leaf.path]
        for leaf in category.leaves
        if leaf.path in points
    }


def _marks_at(card: StoredCard, revision: int | None) -> dict[str, Decimal]:
    latest = {mark.criterion: mark.value for mark in card.history if revision is None or mark.revision <= revision}
    return {path: value for path, value in latest.items() if value is not None}


def _cell(leaf: Criterion, card: StoredCard, stages: Sequence[Mapping[str, Number]]) -> Cell:
    texts = [plain(marks[leaf.path]) if leaf.path in marks else "" for marks in stages]
    changes = [text for place, text in enumerate(texts) if place == 0 or text != texts[place - 1]]
    return Cell(changes[-1] or None, tuple(changes[:-1]), card.notes.get(leaf.path, ""))
