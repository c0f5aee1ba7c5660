"""Two whole contests with exactly known answers, and the roundings (tests/data/fairness)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from scoring_rules import evaluate
from scoring_rules.exact import MODES, Rounding, exact_text, parse_exact, rounded, shown
from scoring_rules.facts import Facts
from scoring_rules.operations import known
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Drop, RuleSet
from tests.contests import Compared, compare, expected, rows
from tests.scoring_rules.build import card, category, entry, facts, marked, panel, roundings, rule_set, scale, stage

ONE_JURY, ZONES = "contest_76x5x8", "contest_zones_cal3"
CALIBRATION = "CAL"  # the zone of what every jury marked to be compared; it is nobody's entry
EXACT: dict[str, Any] = {"ties": ["share"], "rounding": roundings(rank_on="exact")}
TRIMMED: dict[str, Any] = {**EXACT, "panel": panel(combine="trimmed_mean", applied_to="totals", drop=Drop(1, 1, 4))}


def given(name: str, *, groups: str = "none", without: str = "", **rules: Any) -> tuple[RuleSet, Facts]:
    """The contest: each criterion's points are its weight, marks 0 to 10 by quarters. `without`: one judge left out."""
    leaves = [
        marked(row["criterion"], row["weight_percent"], on=scale(0, row["max_score"], "0.25"))
        for row in rows("fairness", f"{name}.weights.csv")
    ]
    marks: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    zones: dict[str, str] = {}
    for row in rows("fairness", f"{name}.csv"):
        if row["zone"] != CALIBRATION and row["judge"] != without:
            marks[row["entry"]][row["judge"]][row["criterion"]] = row["score"]
            zones[row["entry"]] = row["zone"]
    entries = [entry(code, zone=zones[code]) for code in marks]
    cards = {code: [card(judge, own) for judge, own in by_judge.items()] for code, by_judge in marks.items()}
    return rule_set(category(*leaves, **rules), stages=[stage(groups=groups)]), facts(entries, cards)


def contest(name: str, **rules: Any) -> tuple[Ranking, ...]:
    """The contest ranked by rules as `given` takes them."""
    return evaluate(*given(name, **rules)).rankings


def by_entry(rankings: tuple[Ranking, ...], read: Callable[[Standing], Any]) -> dict[str, Any]:
    """What `read` finds in every standing, by entry."""
    return {line.entry: read(line) for ranking in rankings for line in ranking.standings}


def totals_and_ranks(name: str) -> list[Compared]:
    """Totals, trimmed totals, and ranks by exact total, by rounded total, after tie-breaks and trimmed."""
    plain, exact = contest(name, ties=["share"]), contest(name, **EXACT)
    broken, trimmed = contest(name, ties=["criterion:K4", "median", "share"]), contest(name, **TRIMMED)
    ours = {
        "total_exact": by_entry(plain, lambda line: exact_text(known(line.total_exact))),
        "total_2dp": by_entry(plain, lambda line: shown(known(line.total), 2)),
        "rank_exact": by_entry(exact, rank_of),
        "rank_2dp": by_entry(plain, rank_of),
        "rank_tiebreak": by_entry(broken, rank_of),
        "trimmed_total_exact": by_entry(trimmed, lambda line: exact_text(known(line.total_exact))),
        "rank_trimmed": by_entry(trimmed, rank_of),
    }
    published = expected(name)
    return [compare(name, check, figures, published[check]) for check, figures in ours.items()]


def rank_of(line: Standing) -> int | None:
    """The rank of a standing."""
    return line.rank


def half_cents() -> Compared:
    """The totals that lie exactly on a half cent."""
    lines = by_entry(contest(ONE_JURY, ties=["share"]), lambda line: (known(line.total_exact), known(line.total)))
    ours = {code: shown(total, 2) for code, (exact, total) in lines.items() if exact * 200 % 2 == 1}
    published = expected(ONE_JURY)["total_2dp"]
    return compare(ONE_JURY, "total_2dp of half cents", ours, {code: published[code] for code in ours})


def leave_one_out() -> Compared:
    """The best and the worst rank of every entry when each judge in turn is left out and all is ranked again."""
    judges = {row["judge"] for row in rows("fairness", f"{ONE_JURY}.csv")}
    ranks = [by_entry(contest(ONE_JURY, without=judge, **EXACT), rank_of) for judge in sorted(judges)]
    ranges = {code: [min(each[code] for each in ranks), max(each[code] for each in ranks)] for code in ranks[0]}
    return compare(ONE_JURY, "ranks without each judge", ranges, expected(ONE_JURY)["leave_one_judge_out_rank_range"])


def ranks_inside_zones() -> Compared:
    """Ranks of 18 zones, each marked by a jury of its own."""
    ranks = by_entry(contest(ZONES, groups="zone", **EXACT), rank_of)
    return compare(ZONES, "zone_rank", ranks, expected(ZONES)["zone_rank"])


def exact_rounding() -> list[Compared]:
    """293 values rounded half up and half to even."""
    cases = rows("fairness", "exact_rounding.csv")
    return [
        compare(
            "exact_rounding",
            mode,
            {number: _rounded(case, mode) for number, case in enumerate(cases, 2)},
            {number: case[column] for number, case in enumerate(cases, 2)},
        )
        for mode, column in (("half_up", "half_up_away_from_zero"), ("half_even", "half_even"))
    ]


def _rounded(case: Mapping[str, str], mode: str) -> str:
    places = int(case["decimals"])
    mode = next(each for each in MODES if each == mode)
    return shown(rounded(_value(case["exact_value"]), Rounding(places, mode)), places)


def _value(text: str) -> int | Fraction:
    """A fraction whose denominator need not be in lowest terms, or a decimal."""
    top, slash, bottom = text.partition("/")
    return Fraction(int(top), int(bottom)) if slash else parse_exact(text)


def compared() -> list[Compared]:
    """Everything of this module."""
    return [
        *totals_and_ranks(ONE_JURY), half_cents(), leave_one_out(),
        *totals_and_ranks(ZONES), ranks_inside_zones(), *exact_rounding(),
    ]  # fmt: skip
