"""The random contests are worth their name: 200 seeds use every word of the format, and everything happens in them."""

import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from scoring_rules import evaluate
from scoring_rules.exact import MODES
from scoring_rules.read_criteria import COMMENTS, LEAF_KEYS, WORTHS
from scoring_rules.read_fields import BETTER, LIMITS
from scoring_rules.read_panel import APPLIED_TO, COMBINES, COMPARES, OTHERWISE, POLICIES, RANK_ON, TIE_BREAKS
from scoring_rules.reader import BASES, ENTRANTS, GROUPS, LIMIT_PER
from scoring_rules.results import Standing, Step
from tests.random_facts import Contest, contest, contest_by

SEEDS = range(200)
EVERY_WORD = Path(__file__).parent / "cases" / "accepted" / "rules" / "every_word.yaml"
LISTED = {  # the closed choices of the format by the key they stand at
    "basis": BASES, "entrant": ENTRANTS, "per": LIMIT_PER, "type": LIMITS, "better": BETTER, "source": LEAF_KEYS,
    "worth": WORTHS, "comment": COMMENTS, "combine": COMBINES, "applied_to": APPLIED_TO, "recused": POLICIES,
    "absent": POLICIES, "blank": POLICIES, "mode": MODES, "rank_on": RANK_ON, "otherwise": OTHERWISE,
    "by": TIE_BREAKS, "groups": GROUPS, "combined": ["none"], "points": ["none"], "total": ["none", "ranked"],
    "rows": ["district"], "places": "01234",
}  # fmt: skip
CHOICES = {(key, value) for key, values in LISTED.items() for value in values}
LOOKED_AT = {("require", what) for what in ("field", "indicator", "criterion", "total")}
LOOKED_AT |= {(key, what) for key in ("when", "per") for what in ("field", "indicator")}
LOOKED_AT |= {(key, compare) for key in ("require", "when") for compare in COMPARES}

STATUSES = {
    "ranked", "not_placed", "tied_unresolved", "incomplete", "not_eligible", "not_presented", "withdrawn",
}  # fmt: skip
DECIDERS = {f"decided by {by}" for by in TIE_BREAKS if by != "share"}
HALVES = {f"{mode} of an exact half, {stage}" for mode in MODES for stage in ("combined", "points", "total")}
HAPPENS = STATUSES | DECIDERS | HALVES | {
    "a rank shared by rule", "a decision that names too few", "a tier that waits", "a tier taken", "no tier reached",
    "goes on", "stays behind", "an unresolved tie at the border", "several groups", "several categories",
    "earlier total carried", "earlier total missing", "kept above the floor", "kept under the ceiling",
    "nothing dropped, too few marks", "one dropped", "four dropped", "recused left out", "absent left out",
    "blank left out", "recused as lowest", "absent as lowest", "blank as lowest", "sum of fewer than the seats",
    "beyond the bands", "on a band", "on an edge", "line at zero", "line at full", "line between",
    "indicator missing, blank field", "indicator missing, zero denominator", "adjusted by nothing",
    "adjusted up", "adjusted down", "adjustment bounded", "rule of eligibility met", "rule of eligibility not met",
    "rule of eligibility without a number", "negative total", "no card at all", "one member", "seven members",
    "more than fifteen entries", "one entry", "ticks partly given", "a discussion asked for",
    "four equal entries",
}  # fmt: skip


def all_contests() -> Iterator[Contest]:
    return (contest(seed) for seed in SEEDS)


def test_every_key_and_every_choice_of_the_format_is_written():
    used = {pair for each in all_contests() for pair in pairs(json.loads(each.rules.text))}
    wanted = {key for key, _ in pairs(YAML(typ="base", pure=True).load(EVERY_WORD))}
    assert wanted - {key for key, _ in used} == set()
    assert CHOICES - used == set()
    assert LOOKED_AT - used == set()


def pairs(node: Any) -> Iterator[tuple[str, str]]:
    """Each key with its text, or with each key of the mapping that it holds."""
    if isinstance(node, list):
        for item in node:
            yield from pairs(item)
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str):
                yield key, value
            else:
                yield key, ""
                yield from ((key, inner) for inner in value if isinstance(value, dict))
                yield from pairs(value)


def test_everything_that_can_happen_happens():
    seen = Counter(what for each in all_contests() for what in set(happenings(each)))
    assert HAPPENS - seen.keys() == set()
    assert seen.keys() - HAPPENS == set()  # nothing is counted that is not asked for


def happenings(given: Contest) -> Iterator[str]:
    evaluation = evaluate(given.rules, given.facts, stage=given.stage, earlier=given.earlier)
    if len(given.rules.categories) > 1:
        yield "several categories"
    count = len(given.facts.entries)
    yield from ["more than fifteen entries"] * (count > 15) + ["one entry"] * (count == 1)
    yield from _about_cards(given)
    stage = given.rules.stage(given.stage)
    for ranking in evaluation.rankings:
        if len(evaluation.rankings) > len(given.rules.categories):
            yield "several groups"
        waiting = Counter(line.rank for line in ranking.standings if line.status == "tied_unresolved")
        if stage.advance and any(rank and rank <= stage.advance < rank - 1 + many for rank, many in waiting.items()):
            yield "an unresolved tie at the border"
        undecided = {line.entry for line in ranking.standings if line.status == "tied_unresolved"}
        if any(undecided & set(each.order) for each in given.facts.resolutions):
            yield "a decision that names too few"
        for line in ranking.standings:
            yield line.status
            if stage.advance and line.rank is not None:
                yield "goes on" if line.advances else "stays behind"
            yield from _about_line(line)


def _about_cards(given: Contest) -> Iterator[str]:
    listed = {category.code: category for category in given.rules.categories}
    for entry in given.facts.entries:
        cards = given.facts.cards.get(entry.code, ())
        if entry.state == "presented" and not cards:
            yield "no card at all"
        yield from ["one member"] * (len(cards) == 1) + ["seven members"] * (len(cards) == 7)
        for card in cards:
            for leaf in listed[entry.category].leaves:
                items = getattr(leaf.source, "items", ())
                ticks = [f"{leaf.path}/{item.code}" in card.marks for item in items]
                if any(ticks) and not all(ticks):
                    yield "ticks partly given"


def _about_line(line: Standing) -> Iterator[str]:
    if line.decided_by:
        yield f"decided by {line.decided_by.partition(':')[0]}"
    if line.total is not None and line.total < 0:
        yield "negative total"
    if any("ไม่มีคะแนนรวมของรอบ" in reason.th for reason in line.reasons):
        yield "earlier total missing"
    for step in line.step.walk():
        about: Any = step.about
        found = ABOUT.get(step.operation)
        if found is not None:
            yield from found(step, about)
    for reason in line.reasons:
        if "is 0, so there is nothing to divide by" in (reason.en or ""):
            yield "indicator missing, zero denominator"
        if "is not filled in" in (reason.en or ""):
            yield "indicator missing, blank field"


def _combine(step: Step, about: Any) -> Iterator[str]:
    for key, what in (("left_out", "left out"), ("lowest", "as lowest")):
        yield from (f"{why} {what}" for _, why in about.get(key, ()))
    if about["how"] == "sum" and len(about["marks"]) < about["seats"]:
        yield "sum of fewer than the seats"
    if about["how"] == "trimmed_mean":
        dropped = len(about["dropped_high"]) + len(about["dropped_low"])
        if dropped in (1, 4):
            yield f"{'one' if dropped == 1 else 'four'} dropped"
        if len(about["marks"]) < about["drop"].when_at_least:
            yield "nothing dropped, too few marks"


def _rounding(step: Step, about: Any) -> Iterator[str]:
    value = step.inputs[0].value
    assert value is not None
    rest = abs(Fraction(value)) * 10 ** about["rounding"].places % 1
    if rest == Fraction(1, 2):
        yield f"{about['rounding'].mode} of an exact half, {about['stage']}"


def _bands(step: Step, about: Any) -> Iterator[str]:
    yield "beyond the bands" if about["edge"] is None else "on a band"
    if about["edge"] == step.inputs[0].value:
        yield "on an edge"


def _linear(step: Step, about: Any) -> Iterator[str]:
    yield "line at zero" if step.value == 0 else "line at full" if step.value == about["points"] else "line between"


def _adjustment(step: Step, about: Any) -> Iterator[str]:
    assert step.value is not None
    yield "adjusted up" if step.value > 0 else "adjusted down" if step.value < 0 else "adjusted by nothing"
    rule = about["rule"]
    if rule.per and rule.at_most is not None and abs(rule.amount * about["found"]) > rule.at_most:
        yield "adjustment bounded"


def _eligibility(step: Step, about: Any) -> Iterator[str]:
    if step.value is None:
        yield "rule of eligibility without a number"
    yield f"rule of eligibility {'met' if about['holds'] else 'not met'}"


def _tie(step: Step, about: Any) -> Iterator[str]:
    if len(about["order"][0]) >= 4:
        yield "four equal entries"
    if about["by"] == "share":
        yield "a rank shared by rule"


def _tier(step: Step, about: Any) -> Iterator[str]:
    yield "a tier that waits" if about["waits"] else "a tier taken" if about["tier"] else "no tier reached"


def _member_totals(step: Step, about: Any) -> Iterator[str]:
    if about["alert"] is not None and step.value is not None and step.value >= about["alert"]:
        yield "a discussion asked for"


ABOUT = {
    "combine": _combine,
    "rounding": _rounding,
    "bands": _bands,
    "linear": _linear,
    "adjustment": _adjustment,
    "eligibility": _eligibility,
    "tie": _tie,
    "tier": _tier,
    "member_totals": _member_totals,
    "floor": lambda step, about: ["kept above the floor"],
    "ceiling": lambda step, about: ["kept under the ceiling"],
    "carry": lambda step, about: ["earlier total carried"],
}


@pytest.mark.parametrize("seed", [0, 7, 123456789])
def test_a_seed_makes_the_same_contest_again(seed: int):
    assert contest_by(Random(seed)) == contest_by(Random(seed)) == contest(seed)
    assert json.loads(contest(seed).rules.text)["format"] == "1"
