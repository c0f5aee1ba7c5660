"""The workbooks of past contests compute what the engine computed: formulas and written values agree cell by cell."""

from tests.contests import workbooks


def test_every_formula_of_five_workbooks_comes_out_as_written() -> None:
    found = workbooks.compared()
    assert [each.wrong for each in found] == [()] * 5
    assert min(each.of for each in found) > 2000
