"""Every formula of a workbook, calculated again by programs that are not ours, gives the engine's own value."""

import pytest

from tests.recalculate import by_ironcalc, compare, find_soffice, many_by_libreoffice
from tests.recalculated import AWARDS, award_workbook, known, random_workbook

BY_LIBREOFFICE = 12


@pytest.mark.parametrize("code", AWARDS)
def test_the_workbooks_of_the_three_awards(code):
    found = compare(award_workbook(code), by_ironcalc)
    assert found.different == ()
    assert found.formulas > 1_000


def test_libreoffice_finds_the_same():
    if find_soffice() is None:
        pytest.skip("LibreOffice is not installed")
    books = [award_workbook(AWARDS[0]), *(random_workbook(seed) for seed in range(BY_LIBREOFFICE))]
    for book, again in zip(books, many_by_libreoffice(books), strict=True):
        assert compare(book, known(again)).different == ()
