"""Who counts: from the cards of one entry to the rows of marks that are combined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scoring_rules.facts import Card
from scoring_rules.marks import Row, Sheet
from scoring_rules.words import Words

Absence = tuple[str, str]  # (member, why): recused, absent, blank


@dataclass(slots=True)
class Counted:
    """The rows that count for one entry: of members who gave marks, then lowest marks for those counted so."""

    seats: int
    members: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    stand_ins: int = 0  # the last so many of `members`
    left_out: list[Absence] = field(default_factory=list)
    lowest: list[Absence] = field(default_factory=list)  # counted with the lowest marks in every leaf
    filled: dict[int, list[Absence]] = field(default_factory=dict)  # leaf number -> blanks counted as lowest
    reasons: list[Words] = field(default_factory=list)  # why the entry is incomplete
    refused: list[tuple[str, str]] = field(default_factory=list)  # (member, path) of marks off the sheet

    @property
    def standing(self) -> int:
        """How many members gave marks themselves."""
        return len(self.members) - self.stand_ins


def count(sheet: Sheet, cards: Iterable[Card]) -> Counted:
    """Who counts for one entry, as the panel's `missing` policies and `quorum` say.

    A member with at least one mark stands. A standing card without any mark is blank in every leaf: its member does
    not stand, and the policy for `blank` decides. Members are taken in the order of their codes, so that the order of
    facts never shows. Marks on the card of a recused or absent member are not read.
    """
    panel = sheet.category.panel
    cards = sorted(cards, key=lambda card: card.member)
    counted = Counted(seats=len(cards))
    lowest: list[str] = []
    for card in cards:
        if card.state == "standing":
            row, refused = sheet.read(card.marks)
            if refused:
                counted.refused += [(card.member, path) for path in refused]
            if None not in row:
                counted.members.append(card.member)
                counted.rows.append(row)
            else:
                _count_blanks(counted, sheet, card, row, lowest)
            continue
        policy = panel.missing.recused if card.state == "recused" else panel.missing.absent
        if policy == "leave_out":
            counted.left_out.append((card.member, card.state))
        elif policy == "lowest":
            counted.lowest.append((card.member, card.state))
            lowest.append(card.member)
        else:
            counted.reasons.append(_must_mark(card))
    if counted.standing < panel.quorum:
        counted.reasons.append(_below_quorum(counted.standing, panel.quorum))
    for member in lowest:
        counted.members.append(member)
        counted.rows.append([leaf.bottom for leaf in sheet.leaves])
    counted.stand_ins = len(lowest)
    return counted


def _count_blanks(counted: Counted, sheet: Sheet, card: Card, row: Row, lowest: list[str]) -> None:
    """A standing card with blanks: what the policy for `blank` makes of it."""
    policy, whole = sheet.category.panel.missing.blank, not card.marks
    if policy == "refuse":
        counted.reasons.append(_blank(sheet, card, row))
        if not whole:
            counted.members.append(card.member)
            counted.rows.append(row)
    elif policy == "leave_out":
        if whole or sheet.category.panel.applied_to == "totals":
            counted.left_out.append((card.member, "blank"))
        else:
            counted.members.append(card.member)
            counted.rows.append(row)
    elif whole:
        counted.lowest.append((card.member, "blank"))
        lowest.append(card.member)
    else:
        for number, units in enumerate(row):
            if units is None:
                leaf = sheet.leaves[number]
                row[number] = sheet.ticked_so_far(card.marks, number) if leaf.ticked else leaf.bottom
                counted.filled.setdefault(number, []).append((card.member, "blank"))
        counted.members.append(card.member)
        counted.rows.append(row)


def _must_mark(card: Card) -> Words:
    if card.state == "recused":
        return Words(
            f"กรรมการ {card.member} ถอนตัว และเกณฑ์นี้ไม่ให้นับคะแนนโดยขาดกรรมการ",
            f"Member {card.member} is recused, and the rules do not count an entry without that member",
        )
    return Words(
        f"กรรมการ {card.member} ไม่อยู่ และเกณฑ์นี้ไม่ให้นับคะแนนโดยขาดกรรมการ",
        f"Member {card.member} is absent, and the rules do not count an entry without that member",
    )


def _blank(sheet: Sheet, card: Card, row: Sequence[int | None]) -> Words:
    if not card.marks:
        return Words(
            f"กรรมการ {card.member} ยังไม่ได้ให้คะแนนสักเกณฑ์เดียว", f"Member {card.member} has not marked any criterion"
        )
    nodes = [leaf.criterion for leaf, units in zip(sheet.leaves, row, strict=True) if units is None]
    return Words(
        f"กรรมการ {card.member} ยังไม่ได้ให้คะแนน " + ", ".join(f"“{node.label.th}” ({node.path})" for node in nodes),
        f"Member {card.member} has not marked "
        + ", ".join(f"“{node.label.in_language('en')}” ({node.path})" for node in nodes),
    )


def _below_quorum(standing: int, quorum: int) -> Words:
    return Words(
        f"มีกรรมการให้คะแนน {standing} คน ต้องมีอย่างน้อย {quorum} คน",
        f"{standing} member{'s' if standing != 1 else ''} marked; at least {quorum} must",
    )
