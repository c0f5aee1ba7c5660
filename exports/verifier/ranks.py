"""From totals to ranks: groups, ties settled rule by rule, tiers, and who goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from exports.verifier.amounts import number
from exports.verifier.rules import Category, Rules, Stage, Written
from exports.verifier.said import fail
from exports.verifier.totals import Line, Totaller

AFTER = ("incomplete", "not_eligible", "not_presented", "withdrawn")


class Left(NamedTuple):
    """What an earlier stage left of an entry."""

    total_exact: Fraction | None
    advances: bool


Earlier = Mapping[tuple[str, str], Left]  # by (stage, entry)


class Ranking(NamedTuple):
    """One category in one group. `blocked`: a tie waits for the committee."""

    category: Category
    stage: Stage
    group: str
    blocked: bool
    lines: list[Line]


class _Block(NamedTuple):
    lines: list[Line]
    waits: bool


def group_order(group: str) -> tuple[int, int, str]:
    """Groups that are numbers come first, by size; the others by name."""
    return (0, int(group), group) if group.isascii() and group.isdigit() else (1, 0, group)


def rank_all(rules: Rules, facts: Mapping[str, Any], *, stage: str, earlier: Earlier | None) -> list[Ranking]:
    """Every ranking of one stage, from facts as facts.json holds them. Raises Failed for facts that do not fit."""
    now, found = rules.stage(stage), []
    known = {category.code for category in rules.categories}
    for entry in facts["entries"]:
        if entry["category"] not in known:
            fail(
                f"ผลงาน {entry['code']} อยู่ในประเภท “{entry['category']}” ซึ่งไม่มีในเกณฑ์",
                f'entry {entry["code"]} is in the category "{entry["category"]}", which the rules do not have',
            )
    for category in rules.categories:
        totaller = Totaller(category)
        groups: dict[str, list[Line]] = {"": []} if now.groups == "none" else {}
        for entry in facts["entries"]:
            if entry["category"] != category.code or not _comes(rules, now, entry["code"], earlier):
                continue
            left = (earlier or {}).get((now.carries["stage"], entry["code"])) if now.carries else None
            cards = facts["cards"].get(entry["code"], [])
            carried = left.total_exact if left else None
            line = totaller.line(entry, cards, carries=now.carries, earlier=carried)
            group = "" if now.groups == "none" else entry["attributes"].get(now.groups, "")
            groups.setdefault(group, []).append(line)
        for group in sorted(groups, key=group_order):
            orders = [
                order
                for of_category, of_stage, of_group, order, _ in facts["resolutions"]
                if (of_category, of_stage, of_group) == (category.code, stage, group)
            ]
            found.append(_Ranker(totaller, now, orders).rank(group, groups[group]))
    return found


def _comes(rules: Rules, now: Stage, entry: str, earlier: Earlier | None) -> bool:
    """Whether the entry comes to this stage from the one before."""
    before = rules.before(now)
    if before is None or earlier is None:
        return True
    left = earlier.get((before.code, entry))
    return left is not None and (before.take is None or left.advances)


class _Ranker:
    def __init__(self, totaller: Totaller, stage: Stage, orders: Sequence[Sequence[str]]):
        self.totaller, self.stage, self.orders = totaller, stage, orders
        self.category = totaller.category

    def value(self, line: Line) -> Fraction:
        found = self.totaller.ranked_on(line)
        assert found is not None  # a ranked line has a total
        return found

    def rank(self, group: str, lines: Sequence[Line]) -> Ranking:
        ranked = [line for line in lines if line.status == "ranked"]
        blocks: list[_Block] = []
        for value in sorted({self.value(line) for line in ranked}, reverse=True):
            equal = [line for line in ranked if self.value(line) == value]
            blocks += self.settled(equal, self.category.written["tie_breaks"])
        before = ahead = 0
        for block in blocks:
            self.place(block, before, ahead)
            before += len(block.lines)
            ahead += sum(line.placed for line in block.lines)
        ordered = [line for block in blocks for line in sorted(block.lines, key=lambda each: each.entry)]
        for status in AFTER:
            ordered += sorted((line for line in lines if line.status == status), key=lambda each: each.entry)
        return Ranking(self.category, self.stage, group, any(block.waits for block in blocks), ordered)

    def place(self, block: _Block, before: int, ahead: int) -> None:
        """Rank, status, tier and going on of the lines of a block; `ahead` placed entries stand before it."""
        placed = sum(line.placed for line in block.lines)
        last = before + (len(block.lines) if block.waits else 1)
        for line in block.lines:
            line.rank, line.tied = before + 1, len(block.lines) > 1
            line.status = "tied_unresolved" if block.waits else "ranked" if line.placed else "not_placed"
            if self.stage.take is not None and line.placed:
                line.advances = ahead + placed <= self.stage.take if block.waits else ahead < self.stage.take
            tiers = {self.tier(line, rank) for rank in range(before + 1, last + 1)}
            line.tier = tiers.pop() if len(tiers) == 1 else None

    def tier(self, line: Line, rank: int) -> str | None:
        if line.placed:
            for tier in self.category.listed("tiers"):
                high = "at_least" not in tier or self.value(line) >= number(tier["at_least"])
                if high and ("rank_at_most" not in tier or rank <= number(tier["rank_at_most"])):
                    return str(tier["code"])
        return None

    def settled(self, equal: list[Line], rules: Sequence[Written]) -> list[_Block]:
        """The lines in blocks, best first, by the tie-breaks that are left."""
        if len(equal) == 1 or not rules or rules[0]["by"] == "share":
            return [_Block(equal, waits=len(equal) > 1 and not rules)]
        rule = rules[0]
        parts = self.split(rule, equal)
        if len(parts) == 1 and rule["by"] == "resolution":
            return [_Block(equal, waits=True)]
        if len(parts) > 1:
            for line in equal:
                line.decided_by = f"{rule['by']}:{rule['code']}" if "code" in rule else rule["by"]
        return [block for part in parts for block in self.settled(part, rules[1:])]

    def split(self, rule: Written, equal: list[Line]) -> list[list[Line]]:
        by = rule["by"]
        if by == "pairwise":
            return _by_pairs(equal)
        if by == "resolution":
            for order in self.orders:
                if all(line.entry in order for line in equal):
                    return [[line] for line in sorted(equal, key=lambda each: order.index(each.entry))]
            return [equal]
        lower_first = by == "spread"
        read: Callable[[Line], Fraction | None] = lambda line: line.spread  # noqa: E731
        if by == "criterion":
            read = lambda line: line.points[rule["code"]]  # noqa: E731
        elif by == "indicator":
            asked = next(each for each in self.category.listed("indicators") if each["code"] == rule["code"])
            lower_first = asked["better"] == "lower"
            read = lambda line: line.indicators.get(rule["code"])  # noqa: E731
        elif by == "median":
            read = _median
        values = {line.entry: read(line) for line in equal}
        there = sorted({value for value in values.values() if value is not None}, reverse=not lower_first)
        parts = [[line for line in equal if values[line.entry] == value] for value in there]
        missing = [line for line in equal if values[line.entry] is None]
        return [*parts, missing] if missing else parts


def _median(line: Line) -> Fraction | None:
    totals = sorted(line.member_totals.values())
    count = len(totals)
    return (totals[(count - 1) // 2] + totals[count // 2]) / 2 if totals else None


def _by_pairs(equal: list[Line]) -> list[list[Line]]:
    """First whoever beats every other, then the rest asked again; where nobody does, they stay equal."""
    parts, left = [], list(equal)
    while len(left) > 1:
        best = next((one for one in left if all(one is other or _beats(one, other) for other in left)), None)
        if best is None:
            break
        parts.append([best])
        left = [line for line in left if line is not best]
    return [*parts, left]


def _beats(one: Line, other: Line) -> bool:
    balance = 0
    for member, mine in one.member_totals.items():
        if member in other.member_totals:
            theirs = other.member_totals[member]
            balance += (mine > theirs) - (mine < theirs)
    return balance > 0
