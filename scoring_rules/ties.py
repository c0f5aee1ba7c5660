"""Ties: entries equal on the value that ranks are made on, settled rule by rule as the file says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scoring_rules.exact import Number
from scoring_rules.facts import Resolution
from scoring_rules.operations import median
from scoring_rules.results import Step
from scoring_rules.rules import Category, TieBreak
from scoring_rules.totals import Tally
from scoring_rules.words import Words

Blocks = list[list[Tally]]  # best first; entries of one block are still equal


@dataclass(slots=True)
class Settled:
    """A tie after all rules: blocks best first; what separated each entry last; which blocks wait for a resolution."""

    blocks: Blocks
    decided_by: dict[str, str] = field(default_factory=dict)
    unresolved: set[str] = field(default_factory=set)
    steps: dict[str, list[Step]] = field(default_factory=dict)


def settle(category: Category, tied: Sequence[Tally], resolutions: Sequence[Resolution]) -> Settled:
    """Break a tie of two or more entries. What no rule separates shares its rank after `share`, else is unresolved.

    Entries that stay equal keep the order of their codes, which decides nothing.
    """
    settled = Settled(blocks=[])
    _settle(category, sorted(tied, key=_code), 0, resolutions, settled)
    return settled


def _settle(
    category: Category, block: list[Tally], number: int, resolutions: Sequence[Resolution], settled: Settled
) -> None:
    if len(block) == 1:
        settled.blocks.append(block)
        return
    rule = category.tie_breaks[number] if number < len(category.tie_breaks) else None
    if rule is None or rule.by == "share":
        settled.blocks.append(block)
        if rule is None:
            settled.unresolved |= {tally.entry.code for tally in block}
        else:
            _explain(settled, category, rule, block, {}, [block])
        return
    blocks, values = _separate(category, rule, block, resolutions)
    _explain(settled, category, rule, block, values, blocks)
    if len(blocks) > 1:
        settled.decided_by |= {tally.entry.code: rule.name for tally in block}
    for each in blocks:
        _settle(category, each, number + 1, resolutions, settled)


def _separate(
    category: Category, rule: TieBreak, block: list[Tally], resolutions: Sequence[Resolution]
) -> tuple[Blocks, dict[str, Any]]:
    """The block split by one rule, and the values it was split on by entry."""
    if rule.by == "pairwise":
        return by_pairs(block)
    if rule.by == "resolution":
        return _by_resolution(block, resolutions)
    read, better = _reading(category, rule)
    values = {tally.entry.code: read(tally) for tally in block}
    return by_value(block, values, better), values


def _reading(category: Category, rule: TieBreak) -> tuple[Callable[[Tally], Number | None], str]:
    """What a rule looks at, and whether the higher or the lower value goes first."""
    if rule.by == "criterion":
        return lambda tally: tally.points.get(rule.code), "higher"
    if rule.by == "indicator":
        return lambda tally: tally.measured[rule.code].value, category.indicator(rule.code).better
    if rule.by == "median":
        return lambda tally: median_of_members(tally), "higher"
    if rule.by == "spread":
        return lambda tally: tally.spread, "lower"
    raise ValueError(rule.by)  # the reader lets no other word in


def by_value(block: Sequence[Tally], values: Mapping[str, Number | None], better: str) -> Blocks:
    """Blocks of equal value, the better first; a missing value comes last."""
    equal: dict[Number | None, list[Tally]] = {}
    for tally in block:
        equal.setdefault(values[tally.entry.code], []).append(tally)
    ordered: list[Number | None] = [*sorted((v for v in equal if v is not None), reverse=better == "higher")]
    if None in equal:
        ordered.append(None)
    return [equal[value] for value in ordered]


def by_pairs(block: Sequence[Tally]) -> tuple[Blocks, dict[str, Any]]:
    """First the entry that beats every other, then the rest asked again; where none does, the rest stay equal.

    A beats B when more of the members who marked both gave A the higher total than the reverse. The values are, by
    entry, how many of the others it beats.
    """
    wins = {tally.entry.code: sum(_beats(tally, other) for other in block) for tally in block}
    left, blocks = sorted(block, key=lambda tally: -wins[tally.entry.code]), []
    # Whoever was taken had beaten all that are left, so wins over those left are all that each of them has.
    while len(left) > 1 and wins[left[0].entry.code] == len(left) - 1:
        blocks.append([left.pop(0)])
    left.sort(key=_code)
    return [*blocks, left], wins


def _beats(one: Tally, other: Tally) -> bool:
    balance = 0
    for member in one.member_totals.keys() & other.member_totals.keys():
        mine, theirs = one.member_totals[member], other.member_totals[member]
        balance += (mine > theirs) - (mine < theirs)
    return balance > 0


def median_of_members(tally: Tally) -> Number | None:
    """The median of the members' totals; None where there are none."""
    totals = list(tally.member_totals.values())
    return median(totals, len(totals), None) if totals else None


def _by_resolution(block: list[Tally], resolutions: Sequence[Resolution]) -> tuple[Blocks, dict[str, Any]]:
    """The committee's written order, where one resolution names every entry of the block; else the block as it is."""
    codes = {tally.entry.code for tally in block}
    for resolution in resolutions:
        if codes <= set(resolution.order):
            place = {code: number for number, code in enumerate(resolution.order)}
            return [[tally] for tally in sorted(block, key=lambda t: place[t.entry.code])], {"": resolution.reason}
    return [block], {}


def _explain(
    settled: Settled,
    category: Category,
    rule: TieBreak,
    block: Sequence[Tally],
    values: Mapping[str, Any],
    blocks: Blocks,
) -> None:
    if rule.by == "resolution" and len(blocks) == 1:
        settled.unresolved |= {tally.entry.code for tally in block}
    order = tuple(tuple(tally.entry.code for tally in each) for each in blocks)
    about = {"by": rule.by, "name": rule.name, "values": dict(values), "order": order}
    label = label_of(category, rule)
    for tally in block:
        value = values.get(tally.entry.code)
        step = Step("tie", label, value, None, (), about, rule.clause)
        settled.steps.setdefault(tally.entry.code, []).append(step)


LABELS: Mapping[str, Words] = {
    "pairwise": Words("จำนวนกรรมการที่ให้คะแนนสูงกว่ามีมากกว่า (เทียบทีละคู่)", "Put higher by more members, pair by pair"),
    "median": Words("มัธยฐานของคะแนนรวมของกรรมการสูงกว่า", "Higher median of the members' totals"),
    "spread": Words("ส่วนต่างระหว่างกรรมการน้อยกว่า", "Smaller spread between members"),
    "resolution": Words("มติคณะกรรมการเป็นลายลักษณ์อักษร", "The committee's written decision"),
    "share": Words("ครองลำดับร่วมกัน", "The rank is shared"),
}


def label_of(category: Category, rule: TieBreak) -> Words:
    """What people call a tie-break: the criterion's or indicator's own label, or the rule's."""
    if rule.by == "criterion":
        return category.criterion(rule.code).label
    if rule.by == "indicator":
        return category.indicator(rule.code).label
    return LABELS[rule.by]


def _code(tally: Tally) -> str:
    return tally.entry.code
