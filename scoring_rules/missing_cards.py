"""Entries with fewer cards than their group has members: nothing in the facts says why, so somebody must be asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from scoring_rules.engine import group_order
from scoring_rules.facts import Facts
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class MissingCards:
    """One entry: how many members have a card on it, how many mark its group, and who of them has none on it."""

    entry: str
    cards: int
    members: int
    without: tuple[str, ...]

    @property
    def says(self) -> Words:
        """The warning, with what to do."""
        listed = ", ".join(self.without)
        return Words(
            f"{self.entry} มีใบคะแนนของกรรมการ {self.cards} คน ขณะที่ผลงานในกลุ่มเดียวกันมีกรรมการรวม {self.members} คน"
            f" (ไม่มี {listed}): ถ้ากรรมการไม่ได้ให้คะแนน ให้ระบุในคอลัมน์ members หรือแฟ้ม recusals",
            f"{self.entry} has cards of {self.cards} member{'s' if self.cards > 1 else ''}, while its group is marked"
            f" by {self.members} (no {listed}): where a member gave no marks, say so in the column members or in the"
            " file of recusals.",
        )


def missing_cards(rules: RuleSet, facts: Facts, *, stage: str | None = None) -> tuple[MissingCards, ...]:
    """The entries of `facts` that lack the card of a member who marks others of their category and group.

    `stage` is the stage that the facts are of, else the first; entries stand in its order of categories and groups.
    A recusal or an absence is a card. Left out are entries without any card (they are not ranked, and their reasons
    say so) and entries that were not presented. Panels of one group without a member in common are each by themselves.
    """
    groups_by = (rules.stages[0] if stage is None else rules.stage(stage)).groups
    place = {category.code: number for number, category in enumerate(rules.categories)}
    groups: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for entry in facts.entries:
        members = frozenset(card.member for card in facts.cards.get(entry.code, ()))
        if members and entry.state == "presented":
            group = "" if groups_by == "none" else entry.attributes.get(groups_by, "")
            groups.setdefault((entry.category, group), {})[entry.code] = members
    found: list[MissingCards] = []
    for key in sorted(groups, key=lambda each: (place[each[0]], group_order(each[1]))):
        found += _of_group(groups[key])
    return tuple(found)


def _of_group(cards: dict[str, frozenset[str]]) -> Iterator[MissingCards]:
    panels: dict[str, set[str]] = {}  # by member: everybody joined with that member through some entry
    for members in set(cards.values()):
        touched = {id(panel): panel for member in members if (panel := panels.get(member))}.values()
        whole: set[str] = max(touched, key=len, default=set())  # the larger takes the smaller: each member moves seldom
        joining = members.union(*touched) - whole
        whole |= joining
        for member in joining:
            panels[member] = whole
    for entry, members in sorted(cards.items()):
        panel = panels[next(iter(members))]
        if panel != members:
            yield MissingCards(entry, len(members), len(panel), tuple(sorted(panel - members)))
