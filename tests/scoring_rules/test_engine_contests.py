"""Past contests: every published figure that a rule set can say comes out exactly (tests/contests, tests/data)."""

from collections import Counter

import pytest

from scoring_rules.engine import evaluate
from scoring_rules.exact import Rounding, shown
from scoring_rules.operations import known
from scoring_rules.reader import read_rules
from tests.contests import Compared, __main__, ballots, compare, diving, expected, juries, rows, ski_jumping
from tests.contests.juries import ONE_JURY, ZONES, by_entry, contest, rank_of
from tests.scoring_rules.build import roundings

FIGURES = {
    "isu_2016_17": 8630 + 3 * 1726,
    ONE_JURY: 8 * 76 + 15,
    ZONES: 8 * 76,
    "exact_rounding": 2 * 293,
    "tennessee": 3 * 4 + 1,
    "schulze_45": 3 * 5 + 1,
    "three_cycle": 3 * 3 + 1,
    "winetaster_1998_9x9": 2 * 9,
    "diving 2016": 81 + 15 + 15,
    "ski jumping 2013": 50 + 50 + 30 + 30 + 50 + 30 + 30,
}


@pytest.fixture(scope="module")
def everything() -> list[Compared]:
    return __main__.all_compared()


@pytest.mark.parametrize("name", FIGURES)
def test_every_published_figure_is_met(everything: list[Compared], name: str) -> None:
    assert [each for each in everything if each.contest == name and each.wrong] == []


def test_no_figure_is_left_out(everything: list[Compared]) -> None:
    figures: Counter[str] = Counter()
    for each in everything:
        figures[each.contest] += each.of
    assert figures == FIGURES


def test_a_figure_that_differs_or_is_missing_is_told() -> None:
    told = compare("any", "rank", {"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4})
    assert (told.of, told.wrong) == (3, ("b: 2, published 3", "c: nothing, published 4"))


# Another rule gets some of them wrong, so the figures do tell rules apart --------------------------------------------


def wrong_totals(**rounding: object) -> int:
    """How many published totals of the one jury differ under another rounding."""
    rankings = contest(ONE_JURY, ties=["share"], rounding=roundings(**rounding))  # type: ignore[arg-type]
    ours = by_entry(rankings, lambda line: shown(known(line.total), 2))
    return len(compare(ONE_JURY, "total", ours, expected(ONE_JURY)["total_2dp"]).wrong)


def test_half_to_even_gets_half_cents_wrong() -> None:
    assert wrong_totals() == 0
    assert wrong_totals(total=Rounding(2, "half_even")) == 9
    assert wrong_totals(total=Rounding(2, "down")) == 37


def test_four_pairs_stay_tied_after_every_tie_break() -> None:
    lines = contest(ONE_JURY, ties=["criterion:K4", "median", "share"])[0].standings
    assert [line.entry for line in lines if line.tied] == ["P21", "P61", "P04", "P41", "P11", "P12", "P31", "P32"]


def test_one_ranking_over_all_zones_is_not_eighteen() -> None:
    ranks = by_entry(contest(ZONES, **juries.EXACT), rank_of)
    assert len(compare(ZONES, "rank", ranks, expected(ZONES)["zone_rank"]).wrong) == 75


def test_with_all_marks_counted_most_dives_differ() -> None:
    text = diving.RULES.read_text(encoding="utf-8")
    for drop in ("drop: {high: 1, low: 1, when_at_least: 3}", "drop: {high: 2, low: 2, when_at_least: 7}"):
        assert drop in text
        text = text.replace(f"combine: trimmed_mean, {drop}", "combine: mean")
    lines = [line for ranking in evaluate(read_rules(text), diving.given()).rankings for line in ranking.standings]
    dives = [dive for kind in diving.JUDGES for dive in rows("diving", f"{kind}.csv")]
    published = {diving.code_of(dive): dive["points"] for dive in dives}
    same = sum(shown(known(line.total), 2) == published[line.entry] for line in lines)
    assert len(lines) == 81
    assert same < 40


def test_the_two_who_shared_the_last_place_but_one_did_not_go_on() -> None:
    first, second = ski_jumping.both_rounds()
    assert [line.entry for line in first.standings if line.rank == 31] == ["S31", "S32"]
    assert [line.advances for line in first.standings].count(True) == len(second.standings) == 30
    assert [line.rank for line in second.standings].count(6) == 2


def test_a_cycle_has_nobody_who_beats_all() -> None:
    assert ballots.beats_all("tennessee") == "Nashville"
    assert {line.rank for line in ballots.borda("three_cycle").standings} == {1}
    assert ballots.beats_all("three_cycle") is None
