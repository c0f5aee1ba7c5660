"""What a workbook is made from: the engine's values and what the web application adds to them. Values only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from scoring_rules.engine import group_order
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.marks import Sheet
from scoring_rules.results import Evaluation, Ranking, Standing
from scoring_rules.rules import Category, RuleSet, Stage
from scoring_rules.words import Words

Said = Words | str
"""A text of the interface in both languages, or one that is the same in all (a name, a code)."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a workbook comes from. kind: an official or a provisional run, or `file` (ranked from files, no run)."""

    run: str | None
    kind: Literal["provisional", "official", "file"]
    made_at: datetime  # with a time zone
    made_by: Said  # a position, not a person
    invented: bool  # some of it is made-up demo data
    ledger_size: int | None = None
    ledger_root: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A committee member: position in words, seat (chair, member and secretary), a short name for the sheet's tab."""

    code: str
    name: Said
    seat: Said = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One file or link of an entry; `size` in bytes, None for a link."""

    entry: str
    field: Said
    name: str
    kind: Said
    size: int | None
    received_at: datetime | None
    late: bool = False
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change after a card was sent or an entry submitted."""

    at: datetime
    who: Said
    what: Said
    entry: str
    before: str = ""
    after: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Material:
    """Everything the sheets of one workbook may show: one award, one stage, where asked one group."""

    rules: RuleSet
    facts: Facts
    evaluation: Evaluation
    stage: Stage
    provenance: Provenance
    members: Mapping[str, Member] = field(default_factory=dict)
    evidence: Sequence[EvidenceLine] = ()
    history: Sequence[HistoryLine] = ()
    notes: Mapping[tuple[str, str, str], str] = field(default_factory=dict)  # (entry, member, path)
    dates: Mapping[tuple[str, str], date] = field(default_factory=dict)  # (entry, field)
    language: str = "th"
    group: str | None = None

    def say(self, said: Said) -> str:
        """The text in the workbook's language."""
        return said if isinstance(said, str) else said.in_language(self.language)

    @cached_property
    def rankings(self) -> tuple[Ranking, ...]:
        """The rankings of this stage (and group), categories as the rules list them, groups in order: 2 before 10."""
        order = {category.code: place for place, category in enumerate(self.rules.categories)}
        chosen = self.evaluation.rankings_of(stage=self.stage.code, group=self.group)
        return tuple(sorted(chosen, key=lambda each: (order[each.category], group_order(each.group))))

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The categories that have a ranking here."""
        ranked = {ranking.category for ranking in self.rankings}
        return tuple(category for category in self.rules.categories if category.code in ranked)

    def of_category(self, category: Category) -> tuple[Ranking, ...]:
        """This category's rankings, one for each group."""
        return tuple(ranking for ranking in self.rankings if ranking.category == category.code)

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Entries by code, as they were sent in."""
        return {entry.code: entry for entry in self.facts.entries}

    @cached_property
    def cards(self) -> Mapping[tuple[str, str], Card]:
        """Cards by (entry, member), of the entries ranked here."""
        return {
            (standing.entry, card.member): card
            for ranking in self.rankings
            for standing in ranking.standings
            for card in self.facts.cards.get(standing.entry, ())
        }

    @cached_property
    def _marked_by(self) -> Mapping[tuple[str, str], Sequence[Standing]]:
        found: dict[tuple[str, str], list[Standing]] = {}
        for ranking in self.rankings:
            for standing in ranking.standings:
                for card in self.facts.cards.get(standing.entry, ()):
                    found.setdefault((card.member, ranking.category), []).append(standing)
        return found

    def marked_by(self, member: str, category: Category) -> Sequence[Standing]:
        """The standings of entries on which this member has a card, in the order of the rankings."""
        return self._marked_by.get((member, category.code), ())

    @cached_property
    def _score_sheets(self) -> Mapping[str, Sheet]:
        return {category.code: Sheet(category) for category in self.categories}

    def score_sheet(self, category: Category) -> Sheet:
        """How the engine reads marks of this category."""
        return self._score_sheets[category.code]

    def panel(self, ranking: Ranking) -> tuple[Member, ...]:
        """The members with a card on any entry of this ranking, as `seated` orders them."""
        codes = {card.member for each in ranking.standings for card in self.facts.cards.get(each.entry, ())}
        return tuple(self.seated(codes))

    @cached_property
    def panel_members(self) -> tuple[Member, ...]:
        """Every member with a card here."""
        return tuple(self.seated({member for _, member in self.cards}))

    def seated(self, codes: set[str]) -> Iterator[Member]:
        """Members as the caller listed them, then those known by code only, by code."""
        for code, member in self.members.items():
            if code in codes:
                yield member
        for code in sorted(codes - self.members.keys()):
            yield Member(code, code)
