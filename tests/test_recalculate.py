"""The recalculation really recalculates: a written value is not believed, and a changed mark moves what follows."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from tests.recalculate import (
    Comparison,
    Recalculated,
    Where,
    by_ironcalc,
    by_libreoffice,
    compare,
    differences,
    find_soffice,
    formulas,
    many_by_libreoffice,
    values,
    with_value,
    with_written_value,
)

FORMULAS: dict[str, tuple[str, Any]] = {
    "B1": ("A1*2+A2", 25),
    "B2": ("ROUND(A3/7,2)", Decimal("1.43")),
    "B3": ('IF(A1>A2,"สูงกว่า",""&A4)', "สูงกว่า"),
    "B4": ('IF(A1>100,1,"")', ""),
    "B5": ("SUMPRODUCT(--(A1:A3>A2))", 2),
    "B6": ("A3/7", Decimal("1.428571428571428")),
    "B7": ("INDEX(A1:A3,MATCH(LARGE(A1:A3,1),A1:A3,0))", 10),
    "B8": ("'แผ่นที่ 2'!A1+1", 8),
    "B9": ("2^53-1", 9_007_199_254_740_991),
    "B10": ("AND(A1=A3,A1>A2)", True),
    "B11": ('"< & >"&CHAR(10)&"  ก"', "< & >\n  ก"),
}
LIES: dict[str, Any] = {"B1": 26, "B2": Decimal("1.42"), "B3": "ต่ำกว่า", "B4": 0, "B6": Decimal("1.42857142858")}


def book(**more: str) -> bytes:
    """Inputs in column A, formulas in column B, with the right values written beside them."""
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "แผ่น"
    for row, value in enumerate((10, 5, 10, "ข้อความ"), 1):
        sheet.cell(row, 1, value)
    made.create_sheet("แผ่นที่ 2")["A1"] = 7
    for cell, (formula, _) in FORMULAS.items():
        sheet[cell] = f"={formula}"
    for cell, formula in more.items():
        sheet[cell] = formula
    buffer = BytesIO()
    made.save(buffer)
    data = buffer.getvalue()
    for cell, (_, value) in FORMULAS.items():
        data = with_written_value(data, "แผ่น", cell, value)
    return data


def liar() -> bytes:
    data = book()
    for cell, lie in LIES.items():
        data = with_written_value(data, "แผ่น", cell, lie)
    return data


def books() -> dict[str, bytes]:
    """A right file, one that lies, two with another input, one with errors."""
    return {
        "right": book(),
        "liar": liar(),
        "another input": with_value(book(), "แผ่น", "A1", 4),
        "another sheet": with_value(book(), "แผ่นที่ 2", "A1", Decimal("0.5")),
        "errors": book(C1="=1/0", C2="=A4+1"),
    }


def all_by_ironcalc(data: Sequence[bytes]) -> list[dict[Where, Recalculated]]:
    return [by_ironcalc(each) for each in data]


def all_by_libreoffice(data: Sequence[bytes]) -> list[dict[Where, Recalculated]]:
    """By one start of the program, but for the last, which it is asked for alone."""
    if find_soffice() is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return [*many_by_libreoffice(data[:-1]), by_libreoffice(data[-1])]


@pytest.fixture(scope="module", params=[all_by_ironcalc, all_by_libreoffice], ids=["ironcalc", "libreoffice"])
def found(request: pytest.FixtureRequest) -> dict[str, Comparison]:
    """Each book calculated again by one engine and held against what is written in it."""
    made = books()
    again = dict(zip(made, request.param(list(made.values())), strict=True))
    return {name: compare(made[name], lambda _, name=name: again[name]) for name in made}  # type: ignore[misc]


def recalculated(comparison: Comparison) -> dict[str, Recalculated]:
    return {line.cell: line.recalculated for line in comparison.different}


def test_right_values_are_found_right_and_only_the_long_decimal_is_near(found: dict[str, Comparison]):
    assert found["right"].formulas == len(FORMULAS)
    assert found["right"].different == ()
    assert [line.cell for line in found["right"].near] == ["B6"]


def test_a_written_value_is_not_believed(found: dict[str, Comparison]):
    assert {line.cell: line.written for line in found["liar"].different} == LIES


def test_a_changed_input_moves_what_is_made_of_it_and_nothing_else(found: dict[str, Comparison]):
    assert recalculated(found["another input"]) == {"B1": 13, "B3": "ข้อความ", "B5": 1, "B10": False}
    assert recalculated(found["another sheet"]) == {"B8": 1.5}


def test_an_error_always_differs(found: dict[str, Comparison]):
    assert recalculated(found["errors"]) == {"C1": "#DIV/0!", "C2": "#VALUE!"}
    assert {line.written for line in found["errors"].different} == {None}


def test_differences_are_those_of_the_comparison():
    assert {line.cell for line in differences(liar(), by_ironcalc)} == set(LIES)


def test_a_file_is_read_as_it_is_written():
    found = formulas(book())
    assert {cell: pair for (_, cell), pair in found.items()} == FORMULAS


def test_only_inputs_can_be_typed_into():
    with pytest.raises(ValueError, match="B1 holds a formula"):
        with_value(book(), "แผ่น", "B1", 1)
    with pytest.raises(ValueError, match="A1 holds no formula"):
        with_written_value(book(), "แผ่น", "A1", 1)
    with pytest.raises(KeyError, match="Z9"):
        with_value(book(), "แผ่น", "Z9", 1)


@pytest.mark.parametrize("value", ["5", "< & >", Decimal("2.5"), None])
def test_what_is_typed_stands_in_the_file(value: Any):
    assert values(with_value(book(), "แผ่น", "A1", value)).get(("แผ่น", "A1")) == value
