"""The workbook of a whole published season, calculated again: the largest that the tests have."""

from tests.recalculate import by_ironcalc, compare
from tests.recalculated import isu_workbook


def test_the_workbook_of_all_figure_skating_performances():
    found = compare(isu_workbook(), by_ironcalc)
    assert found.different == ()
    assert found.formulas > 200_000
