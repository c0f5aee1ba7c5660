"""Ranks, ties, tiers and who goes on, worked out again in the obvious way (see plain.py)."""

from dataclasses import dataclass
from statistics import median

from tests.scoring_rules.plain import Line, ranked_on, tally

AFTER = ("incomplete", "not_eligible", "not_presented", "withdrawn")


@dataclass
class Block:
    """Entries on one rank."""

    lines: list[Line]
    waits: bool  # for the committee


def rankings(rules, facts, *, stage, earlier=None) -> dict[tuple[str, str], tuple[bool, list[Line]]]:
    """{(category, group): (blocked, lines in order)} of one stage."""
    number = [each.code for each in rules.stages].index(stage)
    now, made = rules.stages[number], {}
    for category in rules.categories:
        groups: dict[str, list[Line]] = {"": []} if now.groups == "none" else {}
        for entry in facts.entries:
            if entry.category != category.code or not _comes(rules, number, entry, earlier):
                continue
            left = (earlier or {}).get((now.carries.stage, entry.code)) if now.carries else None
            line = tally(
                category,
                entry,
                facts.cards.get(entry.code, ()),
                carries=now.carries,
                earlier_total=left.total_exact if left else None,
            )
            group = "" if now.groups == "none" else entry.attributes[now.groups]
            groups.setdefault(group, []).append(line)
        for group, lines in groups.items():
            decisions = [
                each.order
                for each in facts.resolutions
                if (each.category, each.stage, each.group) == (category.code, stage, group)
            ]
            made[category.code, group] = _ranking(category, now, lines, decisions)
    return made


def _comes(rules, number, entry, earlier):
    """Whether the entry comes to this stage from the one before it."""
    if number == 0 or earlier is None:
        return True
    before = rules.stages[number - 1]
    left = earlier.get((before.code, entry.code))
    return left is not None and (before.advance is None or left.advances)


def _ranking(category, stage, lines, decisions):
    ranked = [line for line in lines if line.status == "ranked"]
    blocks: list[Block] = []
    for value in sorted({ranked_on(category, line) for line in ranked}, reverse=True):
        equal = [line for line in ranked if ranked_on(category, line) == value]
        blocks += _settled(category, equal, list(category.tie_breaks), decisions)
    before = placed_before = 0
    for block in blocks:
        placed = sum(line.placed for line in block.lines)
        for line in block.lines:
            line.rank = before + 1
            line.tied = len(block.lines) > 1
            if block.waits:
                line.status = "tied_unresolved"
            elif not line.placed:
                line.status = "not_placed"
            if stage.advance is not None and line.placed:
                room = stage.advance - placed_before
                line.advances = placed <= room if block.waits else room > 0
            possible = range(line.rank, line.rank + (len(block.lines) if block.waits else 1))
            tiers = {_tier(category, line, rank) for rank in possible}
            line.tier = tiers.pop() if len(tiers) == 1 else None
        before += len(block.lines)
        placed_before += placed
    order = [line for block in blocks for line in sorted(block.lines, key=lambda each: each.entry)]
    for status in AFTER:
        order += sorted((line for line in lines if line.status == status), key=lambda each: each.entry)
    return any(block.waits for block in blocks), order


def _tier(category, line, rank):
    if line.placed:
        for tier in category.tiers:
            enough = tier.at_least is None or ranked_on(category, line) >= tier.at_least
            if enough and (tier.rank_at_most is None or rank <= tier.rank_at_most):
                return tier.code
    return None


def _settled(category, equal, rules, decisions):
    """Blocks, best first, by the tie-breaks that are left."""
    if len(equal) == 1:
        return [Block(equal, waits=False)]
    rule = rules[0]
    if rule.by == "share":
        return [Block(equal, waits=False)]
    parts = _split(category, rule, equal, decisions)
    if len(parts) > 1:
        for line in equal:
            line.decided_by = rule.name
    elif rule.by == "resolution":
        return [Block(equal, waits=True)]
    return [block for part in parts for block in _settled(category, part, rules[1:], decisions)]


def _split(category, rule, equal, decisions):
    if rule.by == "pairwise":
        return _by_pairs(equal)
    if rule.by == "resolution":
        for order in decisions:
            if all(line.entry in order for line in equal):
                return [[line] for line in sorted(equal, key=lambda each: order.index(each.entry))]
        return [equal]
    lower_first = rule.by == "spread" or (rule.by == "indicator" and category.indicator(rule.code).better == "lower")
    values = {line.entry: _value(rule, line) for line in equal}
    ordered = sorted({value for value in values.values() if value is not None}, reverse=not lower_first)
    parts = [[line for line in equal if values[line.entry] == value] for value in ordered]
    missing = [line for line in equal if values[line.entry] is None]
    return [*parts, missing] if missing else parts


def _value(rule, line):
    if rule.by == "criterion":
        return line.points[rule.code]
    if rule.by == "indicator":
        return line.indicators.get(rule.code)
    if rule.by == "spread":
        return line.spread
    return median(line.member_totals.values()) if line.member_totals else None


def _by_pairs(equal):
    parts, left = [], list(equal)
    while len(left) > 1:
        winner = [one for one in left if all(_beats(one, other) for other in left if other is not one)]
        if not winner:
            break
        parts.append(winner)
        left = [line for line in left if line is not winner[0]]
    return [*parts, left]


def _beats(one, other):
    both = set(one.member_totals) & set(other.member_totals)
    higher = [member for member in both if one.member_totals[member] > other.member_totals[member]]
    lower = [member for member in both if one.member_totals[member] < other.member_totals[member]]
    return len(higher) > len(lower)
