"""Whole contests with exactly known answers (see tests/data/fairness/README.md)."""

import csv
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring_rules import evaluate
from scoring_rules.exact import Rounding, exact_text, parse_exact, rounded, shown
from scoring_rules.operations import known
from scoring_rules.results import Ranking
from scoring_rules.rules import Drop
from tests.scoring_rules.build import card, category, entry, facts, marked, panel, roundings, rule_set, scale

DATA = Path(__file__).parents[1] / "data" / "fairness"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contest(**rules: Any) -> Ranking:
    """contest_76x5x8 ranked: each criterion's points are its weight, marks 0 to 10 by quarters."""
    leaves = [
        marked(row["criterion"], row["weight_percent"], on=scale(0, row["max_score"], "0.25"))
        for row in rows("contest_76x5x8.weights.csv")
    ]
    marks: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows("contest_76x5x8.csv"):
        marks[row["entry"]][row["judge"]][row["criterion"]] = row["score"]
    given = facts(
        [entry(code) for code in marks],
        {code: [card(judge, own) for judge, own in cards.items()] for code, cards in marks.items()},
    )
    return evaluate(rule_set(category(*leaves, **rules)), given).rankings[0]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    checks = json.loads((DATA / "contest_76x5x8.expected.json").read_text(encoding="utf-8"))["checks"]
    return {check["id"]: check["value"] for check in checks}


def test_every_total_is_exact_and_rounded_half_up(expected: dict[str, Any]):
    lines = contest(ties=["share"]).standings
    assert {line.entry: exact_text(known(line.total_exact)) for line in lines} == expected["total_exact"]
    assert {line.entry: shown(known(line.total), 2) for line in lines} == expected["total_2dp"]


def test_ranks_on_the_exact_and_on_the_rounded_total(expected: dict[str, Any]):
    exact = contest(ties=["share"], rounding=roundings(rank_on="exact"))
    assert {line.entry: line.rank for line in exact.standings} == expected["rank_exact"]
    assert {line.entry: line.rank for line in contest(ties=["share"]).standings} == expected["rank_2dp"]


def test_ranks_after_the_tie_breaks(expected: dict[str, Any]):
    ranking = contest(ties=["criterion:K4", "median", "share"])
    assert {line.entry: line.rank for line in ranking.standings} == expected["rank_tiebreak"]


def test_trimmed_totals_and_their_ranks(expected: dict[str, Any]):
    trimmed = panel(combine="trimmed_mean", applied_to="totals", drop=Drop(1, 1, 4))
    lines = contest(ties=["share"], panel=trimmed, rounding=roundings(rank_on="exact")).standings
    assert {line.entry: exact_text(known(line.total_exact)) for line in lines} == expected["trimmed_total_exact"]
    assert {line.entry: line.rank for line in lines} == expected["rank_trimmed"]


def test_every_case_of_exact_rounding():
    cases = rows("exact_rounding.csv")
    assert len(cases) == 293
    for case in cases:
        value, places = _value(case["exact_value"]), int(case["decimals"])
        half_up = rounded(value, Rounding(places, "half_up"))
        assert shown(half_up, places) == case["half_up_away_from_zero"], case
        assert shown(value, places) == case["half_up_away_from_zero"], case
        assert shown(rounded(value, Rounding(places, "half_even")), places) == case["half_even"], case


def _value(text: str) -> int | Fraction:
    """A fraction whose denominator need not be in lowest terms, or a decimal."""
    top, slash, bottom = text.partition("/")
    return Fraction(int(top), int(bottom)) if slash else parse_exact(text)
