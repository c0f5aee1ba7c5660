"""One category in one group: from tallies to ranks, tiers and who goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from scoring_rules.exact import Number
from scoring_rules.facts import Resolution
from scoring_rules.marks import in_units
from scoring_rules.operations import known
from scoring_rules.results import Ranking, Standing, Status, Step
from scoring_rules.rules import Category, Stage, Tier
from scoring_rules.ties import Settled, settle
from scoring_rules.totals import Tally, ranked_on
from scoring_rules.words import Words

UNRANKED: tuple[Status, ...] = ("incomplete", "not_eligible", "not_presented", "withdrawn")
NO_TIER = Words("ไม่ได้ระดับรางวัล", "No tier")


@dataclass(slots=True)
class _Block:
    """Entries on one rank, `first` to `last`: the ranks they could still get. More than one entry: equal to the end."""

    tallies: list[Tally]
    first: int
    unresolved: bool
    advances: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.tallies) - 1


@dataclass(slots=True)
class _Order:
    blocks: list[_Block] = field(default_factory=list)
    decided_by: dict[str, str] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)


def rank(
    category: Category, stage: Stage, group: str, tallies: Sequence[Tally], resolutions: Sequence[Resolution]
) -> Ranking:
    """Competition ranks (1, 1, 3) inside the group; entries without a rank follow by status and entry code.

    `resolutions` are those of this category, stage and group. `blocked`: a tie waits for the committee's decision.
    """
    ranked = [tally for tally in tallies if tally.status is None]
    order = _in_order(category, ranked, resolutions)
    if stage.advance is not None:
        _advance(order.blocks, stage.advance)
    standings = [
        _standing(category, stage, group, tally, block, order, len(ranked))
        for block in order.blocks
        for tally in block.tallies
    ]
    others = [tally for tally in tallies if tally.status is not None]
    others.sort(key=lambda tally: (UNRANKED.index(tally.status or "incomplete"), tally.entry.code))
    standings += [_unranked(tally, tally.status, stage, group) for tally in others if tally.status]
    blocked = any(block.unresolved for block in order.blocks)
    return Ranking(category.code, stage.code, group, blocked, tuple(standings), category.rounding.places)


def _in_order(category: Category, ranked: Sequence[Tally], resolutions: Sequence[Resolution]) -> _Order:
    rounding = category.rounding.total if category.rounding.rank_on == "rounded" else None

    def value(tally: Tally) -> Number:
        """What is compared; where it is rounded, counted in whole units of the last place (ints sort faster)."""
        found = known(ranked_on(category, tally))
        return found if rounding is None else in_units(found, int(10**rounding.places))

    order, place = _Order(), 1
    for _, equal in groupby(sorted(ranked, key=value, reverse=True), key=value):
        tied = list(equal)
        settled = settle(category, tied, resolutions) if len(tied) > 1 else Settled([tied])
        order.decided_by |= settled.decided_by
        order.steps |= settled.steps
        for tallies in settled.blocks:
            order.blocks.append(_Block(tallies, place, tallies[0].entry.code in settled.unresolved))
            place += len(tallies)
    return order


def _advance(blocks: Sequence[_Block], take: int) -> None:
    """Mark the blocks whose placed entries go on: `take` placed entries, passing over those that are not placed.

    A rank that the rules share at the border goes on together; a tie still unresolved at the border sends nobody on.
    """
    ahead = 0
    for block in blocks:
        placed = sum(tally.placed for tally in block.tallies)
        fits = ahead + placed <= take
        block.advances = fits if block.unresolved else ahead < take
        ahead += placed


def _tier(category: Category, tally: Tally, block: _Block) -> tuple[Tier | None, bool]:
    """(tier, whether it waits): the first that holds for every rank the entry can still get; None while they differ."""
    if not tally.placed:
        return None, False
    ranks = (block.first, block.last if block.unresolved else block.first)
    best, worst = (_tier_at(category, tally, rank) for rank in ranks)
    return (best, False) if best is worst else (None, True)


def _tier_at(category: Category, tally: Tally, rank: int) -> Tier | None:
    value = known(ranked_on(category, tally))
    for tier in category.tiers:
        high_enough = tier.at_least is None or value >= tier.at_least
        if high_enough and (tier.rank_at_most is None or rank <= tier.rank_at_most):
            return tier
    return None


def _standing(
    category: Category, stage: Stage, group: str, tally: Tally, block: _Block, order: _Order, ranked: int
) -> Standing:
    tier, _ = _tier(category, tally, block)
    return _line(tally, _status(tally, block), partial(_place, category, stage, group, tally, block, order, ranked), {
        "rank": block.first, "tied": len(block.tallies) > 1, "tier": tier.code if tier else None,
        "advances": block.advances and tally.placed, "decided_by": order.decided_by.get(tally.entry.code),
    })  # fmt: skip


def _status(tally: Tally, block: _Block) -> Status:
    return "tied_unresolved" if block.unresolved else "ranked" if tally.placed else "not_placed"


def _place(
    category: Category, stage: Stage, group: str, tally: Tally, block: _Block, order: _Order, ranked: int
) -> Step:
    code = tally.entry.code
    about = {
        "status": _status(tally, block), "group": group, "groups": stage.groups, "stage": stage.label, "of": ranked,
        "tied": len(block.tallies) > 1, "reasons": tally.reasons,
        "with": tuple(other.entry.code for other in block.tallies if other is not tally),
        "advances": block.advances and tally.placed, "take": stage.advance, "decided_by": order.decided_by.get(code),
    }  # fmt: skip
    tier_step = _tier_step(category, tally, *_tier(category, tally, block))
    steps = (*tally.steps, *order.steps.get(code, ()), *tier_step)
    return Step("place", _label(tally), block.first, 0, steps, about)


def _tier_step(category: Category, tally: Tally, tier: Tier | None, waits: bool) -> tuple[Step, ...]:
    if not category.tiers:
        return ()
    about = {"tier": tier, "waits": waits, "placed": tally.placed}
    value = ranked_on(category, tally)
    return (Step("tier", tier.label if tier else NO_TIER, value, None, (), about, tier.clause if tier else None),)


def _unranked(tally: Tally, status: Status, stage: Stage, group: str) -> Standing:
    return _line(tally, status, partial(_no_place, tally, status, stage, group), {})


def _no_place(tally: Tally, status: Status, stage: Stage, group: str) -> Step:
    about = {"status": status, "group": group, "groups": stage.groups, "stage": stage.label, "reasons": tally.reasons}
    return Step("place", _label(tally), None, 0, tuple(tally.steps), about)


def _line(tally: Tally, status: Status, why: Callable[[], Step], placed: dict[str, Any]) -> Standing:
    return Standing(
        entry=tally.entry.code,
        label=tally.entry.label,
        status=status,
        attributes=tally.entry.attributes,
        why=why,
        total=tally.total,
        total_exact=tally.total_exact,
        members=tally.members,
        spread=tally.spread,
        points=tally.points,
        combined=tally.combined,
        member_totals=tally.member_totals,
        indicators={code: each.value for code, each in tally.measured.items() if each.value is not None},
        reasons=tuple(tally.reasons),
        **placed,
    )


def _label(tally: Tally) -> Words:
    return Words(tally.entry.label, tally.entry.label)
