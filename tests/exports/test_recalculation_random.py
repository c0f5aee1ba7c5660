"""Random rule sets that use every word, with random facts: each formula of their workbooks, calculated again."""

import pytest

from tests.recalculate import by_ironcalc, compare
from tests.recalculated import random_workbook

RANDOM_SETS = 200


@pytest.mark.parametrize("first", range(0, RANDOM_SETS, 20))
def test_random_rule_sets_with_random_facts(first):
    for seed in range(first, first + 20):
        assert compare(random_workbook(seed), by_ironcalc).different == (), seed


@pytest.mark.parametrize("seed", [2020, 2005, 2011])  # 2020: a category in which nothing is marked
def test_more_entries_than_a_members_sheet_shows_side_by_side(seed):
    found = compare(random_workbook(seed, most_entries=60, most_members=12), by_ironcalc)
    assert found.different == ()
