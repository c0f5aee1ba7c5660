"""Random rule sets that use every word, with random facts: each formula of their workbooks, calculated again."""

import pytest

from tests.recalculate import by_ironcalc, compare
from tests.recalculated import random_workbook

RANDOM_SETS = 200


@pytest.mark.parametrize("first", range(0, RANDOM_SETS, 20))
def test_random_rule_sets_with_random_facts(first):
    for seed in range(first, first + 20):
        assert compare(random_workbook(seed), by_ironcalc).different == (), seed
