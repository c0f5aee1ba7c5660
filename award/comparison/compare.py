"""Once a slot is closed: all members of its panel side by side, each mark beside those it had before.

Who is shown an entry at all is decided where its cards are read. Every difference is exact; it is rounded to be shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from award.comparison.pictures import Bar, Dot, bars, dots
from award.evaluation import adopted_rules, card_total, exact_marks, leaf_points, shown_total
from award.policy import Actor
from award.queries.cards import ReopeningShown, StoredCard, list_closed_cards, list_reopenings, map_answers
from award.queries.scoring import CardLine, Day, SeatHeld, SlotLine
from award.queries.seats import Seating, seats_at
from scoring_rules.exact import Number, exact_text, plain, shown, simplest
from scoring_rules.rules import Category, Criterion, MarksSource

Marks = Mapping[str, Number]
MOST_PLACES = 4  # decimals of a difference; what does not end by then is rounded to two


@dataclass(frozen=True, slots=True)
class Cell:
    """One member's mark on one criterion; `before` are the marks it had when the card was opened again.

    `higher`: 1, 0, -1 as it lies above, on or below the panel's mean, `off` by how much; None where it does not count.
    """

    mark: str | None
    before: tuple[str, ...]
    note: str
    higher: int | None = None
    off: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion in the comparison; a heading has no cells. `apart`: highest minus lowest mark, `worth` in points.

    `dots`: the picture of it, from `low` to `high`; empty where members give no mark."""

    node: Criterion
    depth: int
    cells: tuple[Cell, ...] = ()
    apart: str | None = None
    worth: str | None = None
    mean: str | None = None
    low: str = ""
    high: str = ""
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One member in the comparison of an entry; `number` names them in the pictures. `off`: total minus mean total.

    `bars`: one for each criterion that members mark, in the order of the rules."""

    number: int
    seat: SeatHeld
    state: str  # sent | recused | absent | draft
    reason: str
    paper: str
    total: str | None
    off: str = ""
    bars: tuple[Bar, ...] = ()

    def count(self, higher: int) -> int:
        """How many criteria lie above (1), on (0) or below (-1) the panel's mean."""
        return sum(bar.higher == higher for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Changed:
    """One criterion of a card that was opened again: its mark then and the one that followed; "" is a blank."""

    node: Criterion
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A card was opened again: why, its member's total then, and the next one that counts (None: none followed)."""

    seat: SeatHeld
    at: datetime
    reason: str
    before: str
    after: str | None
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry of a closed slot, all members side by side. `spread`: highest minus lowest total of those who mark.

    `widest`: the criteria that members mark, furthest apart (in points) first; equal ones as the rules order.
    """

    entry_id: int
    code: str
    label: str
    full_mark: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    widest: tuple[Line, ...]
    opened: tuple[Opened, ...]
    spread: str | None
    mean: str | None
    alert: str | None
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A closed slot. `withheld`: entries whose marks this reader is not shown before the results are public."""

    entries: tuple[Compared, ...] = ()
    withheld: tuple[CardLine, ...] = ()


def compare_slot(
    db: Session, day: Day, slot: SlotLine, *, actor: Actor, seatings: Sequence[Seating] = ()
) -> Comparison:
    """Every entry of a closed slot that the actor may see marks of, in three statements; nothing of any other slot.

    `seatings`: how the panel was seated over time; each card stands under whoever held the seat when it was sent.
    """
    cards = list_closed_cards(db, slot.id, duty_ids=actor.duty_ids, provinces=actor.provinces)
    answers = map_answers(db, {card.entry_id for card in cards})
    reopenings = list_reopenings(db, slot.id)
    rules = adopted_rules(db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256)
    compared, withheld = [], []
    for entry in slot.entries():
        own = [card for card in cards if card.entry_id == entry.entry_id]
        if own:
            category = rules.category(entry.category)
            compared.append(_Entry(day, category, own, reopenings, answers[entry.entry_id], seatings).compared(entry))
        elif entry.entry_state == "submitted" and slot.state == "closed":
            withheld.append(entry)  # not sent or not presented: nothing to compare
    return Comparison(tuple(compared), tuple(withheld))


def signed(value: Number) -> str:
    """A difference as people read it: `+0.5`, `−1.33`, `0`. Exact where it ends within four decimals."""
    size = value if value >= 0 else -value
    text = plain(size)
    if "/" in text or len(text.partition(".")[2]) > MOST_PLACES:
        text = shown(size, 2)
        text = exact_text(size) if text == "0.00" else text
    return text if value == 0 else f"{'+' if value > 0 else '−'}{text}"


def mean_text(value: Number) -> str:
    """A mean as people read it, like `signed` without a sign."""
    return signed(value).lstrip("+−")


class _Entry:
    """Works out one entry: the cards of its members, their marks by leaf at each time, and what follows from them."""

    def __init__(
        self, day: Day, category: Category, cards: Sequence[StoredCard], reopenings: Sequence[ReopeningShown],
        answers: str, seatings: Sequence[Seating],
    ):  # fmt: skip
        self.category, self.cards, self.answers, self.seatings = category, cards, answers, seatings
        self.seats = {seat.id: (number, seat) for number, seat in enumerate(day.seats, start=1)}
        self.reopened = {card.id: [each for each in reopenings if each.assignment_id == card.id] for card in cards}
        self.stages = {card.id: self._stages(card) for card in cards}
        self.counts = [card for card in cards if card.state == "sent" and not card.excused]
        self.points = [leaf_points(category, card.marks) for card in self.counts]

    def compared(self, entry: CardLine) -> Compared:
        totals = {card.id: card_total(self.category, card.marks, self.answers) for card in self.counts}
        spread = max(totals.values()) - min(totals.values()) if totals else None
        mean = _mean(list(totals.values()))
        alert = self.category.panel.spread_alert
        lines = tuple(self._lines())
        return Compared(
            entry.entry_id, entry.code, entry.label, plain(self.category.full_mark),
            tuple(self._column(card, totals.get(card.id), mean) for card in self.cards),
            lines, self._widest(lines), tuple(self._opened()),
            None if spread is None else shown_total(self.category, spread), None if mean is None else mean_text(mean),
            None if alert is None else plain(alert), alert is not None and spread is not None and spread >= alert,
        )  # fmt: skip

    def _column(self, card: StoredCard, total: Number | None, mean: Number | None) -> Column:
        number, _ = self.seats[card.seat_id]
        return Column(
            number, self._held(card, card.sent_at), card.excused or card.state, card.excused_reason, card.paper,
            None if total is None else shown_total(self.category, total),
            "" if total is None or mean is None else signed(total - mean),
            () if total is None else bars(self._offs(card)),
        )  # fmt: skip

    def _held(self, card: StoredCard, at: datetime | None) -> SeatHeld:
        """The card's seat with whoever held it at a moment; with whoever holds it where nothing was sent."""
        seat = self.seats[card.seat_id][1]
        return seat if at is None else seats_at([seat], self.seatings, at)[0]

    def _offs(self, card: StoredCard) -> Iterator[tuple[Criterion, Number | None, Number]]:
        """For each criterion that members mark: how far the card lies off the mean, and how long its scale is."""
        for leaf in self._marked():
            own, mean = self._now(card, leaf), _mean(self._given(leaf))
            low, high = _ends(leaf)
            yield leaf, None if own is None or mean is None else own - mean, high - low

    def _marked(self) -> list[Criterion]:
        known = {path for stages in self.stages.values() for path in stages[-1]}
        return [leaf for leaf in self.category.leaves if leaf.path in known or isinstance(leaf.source, MarksSource)]

    def _now(self, card: StoredCard, leaf: Criterion) -> Number | None:
        return self.stages[card.id][-1].get(leaf.path)

    def _given(self, leaf: Criterion) -> list[Number]:
        return [mark for card in self.counts if (mark := self._now(card, leaf)) is not None]

    def _lines(self) -> Iterator[Line]:
        for node in self.category.nodes():
            depth = node.path.count("/")
            if node.parts:
                yield Line(node, depth)
                continue
            given = self._given(node)
            mean = _mean(given)
            cells = tuple(self._cell(node, card, mean) for card in self.cards)
            if mean is None:
                yield Line(node, depth, cells)
                continue
            low, high = _ends(node)
            places = [(self.seats[card.seat_id][0], self._now(card, node)) for card in self.counts]
            yield Line(
                node, depth, cells, plain(max(given) - min(given)) if len(given) > 1 else None,
                plain(simplest(self._worth(node))), mean_text(mean), plain(low), plain(high),
                dots([(number, mark) for number, mark in places if mark is not None], low=low, high=high),
            )  # fmt: skip

    def _cell(self, leaf: Criterion, card: StoredCard, mean: Number | None) -> Cell:
        texts = [plain(marks[leaf.path]) if leaf.path in marks else "" for marks in self.stages[card.id]]
        changes = [text for place, text in enumerate(texts) if place == 0 or text != texts[place - 1]]
        own = self._now(card, leaf) if card in self.counts else None
        before, note = tuple(changes[:-1]), card.notes.get(leaf.path, "")
        if own is None or mean is None:
            return Cell(changes[-1] or None, before, note)
        return Cell(changes[-1] or None, before, note, (own > mean) - (own < mean), signed(own - mean))

    def _worth(self, leaf: Criterion) -> Number:
        """How far the members are apart in points."""
        given = [points[leaf.path] for points in self.points if leaf.path in points]
        return max(given) - min(given) if given else 0

    def _widest(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        marked = [line for line in lines if line.dots]
        return tuple(sorted(marked, key=lambda line: -self._worth(line.node)))  # sorted() keeps the order of the rules

    def _stages(self, card: StoredCard) -> list[Marks]:
        """The card's marks by leaf each time it was opened again, then as they are now; of a checklist, its points."""
        revisions = [each.revision for each in self.reopened[card.id]]
        return [
            _by_leaf(self.category, marks) for marks in (*(_marks_at(card, each) for each in revisions), card.marks)
        ]

    def _opened(self) -> Iterator[Opened]:
        for card in self.cards:
            whole = [*(_marks_at(card, each.revision) for each in self.reopened[card.id]), card.marks]
            totals = [shown_total(self.category, card_total(self.category, marks, self.answers)) for marks in whole]
            stages = self.stages[card.id]
            for place, each in enumerate(self.reopened[card.id]):
                is_last = place + 1 == len(self.reopened[card.id])
                yield Opened(
                    self._held(card, each.at), each.at, each.reason, totals[place],
                    totals[place + 1] if not is_last or card in self.counts else None,
                    tuple(self._changed(stages[place], stages[place + 1])),
                )  # fmt: skip

    def _changed(self, before: Marks, after: Marks) -> Iterator[Changed]:
        for leaf in self.category.leaves:
            old, new = before.get(leaf.path), after.get(leaf.path)
            if old != new:
                yield Changed(leaf, "" if old is None else plain(old), "" if new is None else plain(new))


def _mean(values: Sequence[Number]) -> Number | None:
    return simplest(Fraction(sum(values, start=Fraction(0)), len(values))) if values else None


def _ends(leaf: Criterion) -> tuple[Number, Number]:
    """From where to where members' marks on a criterion go; of a checklist, its points."""
    if isinstance(leaf.source, MarksSource):
        return leaf.source.scale.from_, leaf.source.scale.to
    return 0, leaf.points


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
