"""Each operation as a spreadsheet's formula: its text, and that another program finds the engine's value by it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from exports import looks
from exports.formulas import (
    COMBINE,
    COMPARE,
    LARGEST,
    MOST_NESTED,
    WORTH,
    TooFine,
    along,
    clamped,
    every,
    finest,
    first_places,
    next_places,
    on,
    on_bands,
    pairwise_wins,
    readable,
    rounded,
    shares,
    sharing,
    when,
    whole,
)
from exports.workbook import Book, Formula, Running, letter_of
from scoring_rules import exact, operations
from scoring_rules.exact import Rounding
from scoring_rules.rules import Bands, Drop, Linear, Scale
from tests.exports.example import MADE_AT
from tests.recalculate import by_ironcalc
from tests.scoring_rules.build import panel

MARKS = "$B{r}:$F{r}"
DROP = Drop(1, 1, 4)
HALVES = Scale(1, 5, Fraction(1, 2))


def recalculated(*rows: Sequence[Any]) -> list[object]:
    """What a spreadsheet finds in A1, A2, …: each row is a formula, then what stands beside it from B on."""
    with Book(title="t", made_by="t", made_at=MADE_AT) as book:
        sheet = book.sheet("s", widths=[10] * 8, running=Running())
        look = book.look(looks.TEXT)
        for number, (text, *cells) in enumerate(rows, 1):
            formula = Formula(str(text).format(r=number, a=1, b=len(rows)), None)
            sheet.row([(formula, look), *((cell, look) for cell in cells)])
        found = by_ironcalc(book.finish())
    return [found["s", f"A{number}"] for number in range(1, len(rows) + 1)]


# From members to one value ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "marks", "text"),
    [
        ("mean", [6, 7, 9], "SUM($B{r}:$F{r})*(60/COUNT($B{r}:$F{r}))"),
        ("mean", [6, 7, 9, 9, 2], "SUM($B{r}:$F{r})*(60/COUNT($B{r}:$F{r}))"),
        ("median", [6, 9, 7], "MEDIAN($B{r}:$F{r})*2"),
        ("median", [6, 9, 2, 7], "MEDIAN($B{r}:$F{r})*2"),
        ("sum", [6, 7, 9], "SUM($B{r}:$F{r})*5*(60/COUNT($B{r}:$F{r}))"),
        ("trimmed_mean", [6, 7, 9, 9, 2], None),
        ("trimmed_mean", [6, 7, 9], None),
    ],
)
def test_members_are_combined(how, marks, text):
    """Of five seats; who left no mark is a text, over which SUM, COUNT and MEDIAN pass."""
    share = shares(panel(combine=how, drop=DROP), 5)
    formula = COMBINE[how](MARKS, share, "5", DROP)
    assert text is None or formula == text
    value = operations.COMBINE[how](marks, 5, DROP)
    assert recalculated([formula, *marks, *[""] * (5 - len(marks))]) == [value * share]


def test_a_trimmed_mean_leaves_out_the_ends_from_so_many_members_on():
    kept = "(SUM($B{r}:$F{r})-LARGE($B{r}:$F{r},1)-SMALL($B{r}:$F{r},1))*(6/(COUNT($B{r}:$F{r})-2))"
    assert shares(panel(combine="trimmed_mean", drop=DROP), 5) == 6  # of 1, 2 or 3 members, or of 2 or 3 of 4 or 5
    whole_mean = "SUM($B{r}:$F{r})*(6/COUNT($B{r}:$F{r}))"
    formula = COMBINE["trimmed_mean"](MARKS, 6, "5", DROP)
    assert formula == f"IF(COUNT({MARKS})>=4,{kept},{whole_mean})"


# From marks to points ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worth", "text", "per"),
    [("share_of_top", "2*$B{r}", 1), ("share_of_range", "5*$B{r}-10", 2), ("as_points", "$B{r}", 2)],
)
def test_a_mark_is_worth_points(worth, text, per):
    """Twenty points for marks from 1 to 5 by halves: a mark is counted in halves, points in 1/`per`."""
    line = WORTH[worth](20, HALVES)
    assert finest(line, 2) == per
    assert on(line, "$B{r}", 2, per) == text
    halves = range(2, 11)
    found = recalculated(*([text, mark] for mark in halves))
    assert found == [operations.WORTH[worth](Fraction(mark, 2), 20, HALVES) * per for mark in halves]


@pytest.mark.parametrize("linear", [Linear(10, 90), Linear(90, 10)])
def test_an_indicator_is_worth_points_on_a_line_between_its_ends(linear):
    line = along(linear, 20)
    per = finest(line, 1)
    text = clamped(on(line, "$B{r}", 1, per), 0, 20 * per)
    assert text == {10: "MAX(0,MIN(80,$B{r}-10))", 90: "MAX(0,MIN(80,-1*$B{r}+90))"}[linear.zero_at]
    values = (0, 10, 11, 50, 89, 90, 100)
    found = recalculated(*([text, value] for value in values))
    assert found == [operations.on_line(value, linear, 20) * per for value in values]


@pytest.mark.parametrize(
    ("better", "text"),
    [
        ("higher", "IF($B{r}>=8000,20,IF($B{r}>=6050,10,0))"),
        ("lower", "IF($B{r}<=6050,10,IF($B{r}<=8000,20,0))"),
    ],
)
def test_an_indicator_is_worth_points_by_bands(better, text):
    """Counted in hundredths; both edges belong to their band."""
    bands = Bands(better, ((Fraction("60.5"), 5), (80, 10)), 0)
    assert on_bands("$B{r}", 100, bands, 2) == text
    values = (6049, 6050, 6051, 7999, 8000, 8001)
    found = recalculated(*([text, value] for value in values))
    assert found == [operations.on_bands(Fraction(value, 100), bands) * 2 for value in values]


@pytest.mark.parametrize(
    ("compare", "bound", "text"),
    [
        ("at_least", Fraction("2.55"), "$B{r}>=26"),
        ("at_most", Fraction("2.55"), "$B{r}<=25"),
        ("equals", Fraction("2.5"), "$B{r}=25"),
        ("equals", Fraction("2.55"), "1=0"),
    ],
)
def test_a_number_is_compared_in_tenths(compare, bound, text):
    assert COMPARE[compare]("$B{r}", bound, 10) == text
    values = (24, 25, 26, 27)
    found = recalculated(*([when(text, "1", "0"), value] for value in values))
    assert found == [int(operations.COMPARE[compare](Fraction(value, 10), bound)) for value in values]


def test_conditions_hold_together():
    assert every([]) == "1=1"
    assert every(["$B{r}=1"]) == "$B{r}=1"
    both = every(["$B{r}=1", "$C{r}=1"])
    assert both == "($B{r}=1)*($C{r}=1)=1"
    assert recalculated([when(both, "7"), 1, 1], [when(both, "7"), 1, 0]) == [7, ""]


# Rounding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("half_up", "INT((2*$B{r}*10+80)/(2*80))"),
        ("half_even", "(INT((2*$B{r}*10+80)/(2*80))-IF(2*$B{r}*10+80=INT((2*$B{r}*10+80)/(2*80))*2*80,"
                      "INT((2*$B{r}*10+80)/(2*80))-2*INT(INT((2*$B{r}*10+80)/(2*80))/2),0))"),
        ("down", "INT($B{r}*10/80)"),
    ],
)  # fmt: skip
def test_eightieths_are_rounded_to_tenths(mode, text):
    """Every fourth and twelfth eightieth is exactly half a tenth."""
    rounding = Rounding(1, mode)
    assert rounded("$B{r}", 80, rounding, high=1_000) == text
    found = recalculated(*([text, number] for number in range(200)))
    assert found == [exact.rounded(Fraction(number, 80), rounding) * 10 for number in range(200)]


@pytest.mark.parametrize("mode", ["half_up", "half_even", "down"])
def test_numbers_below_nothing_are_rounded_by_their_size(mode):
    """-2.5 becomes -3, -2 and -2."""
    rounding = Rounding(0, mode)
    text = rounded("$B{r}", 8, rounding, high=100, negative=True)
    assert text.startswith("SIGN($B{r})*")
    found = recalculated(*([text, number] for number in range(-40, 41)))
    assert found == [exact.rounded(Fraction(number, 8), rounding) for number in range(-40, 41)]
    assert found[20] == {"half_up": -3, "half_even": -2, "down": -2}[mode]


def test_people_read_round_where_a_spreadsheet_rounds_as_the_rules_do():
    assert readable("A1", Rounding(2, "half_up")) == "ROUND(A1,2)"
    assert readable("A1", None) == "A1"
    assert readable("A1", Rounding(2, "half_even")) is None
    assert readable("A1", Rounding(2, "down")) is None


# Places -----------------------------------------------------------------------------------------------------------


def test_places_are_counted_in_a_group_and_an_entry_that_is_not_ranked_has_none():
    """B: total, C: whether it takes a rank."""
    text = first_places("$B{r}", "$B${a}:$B${b}", "$C{r}", "$C${a}:$C${b}")
    assert text == "$C{r}*(1+SUMPRODUCT($C${a}:$C${b}*($B${a}:$B${b}>$B{r})))"
    assert recalculated([text, 70, 1], [text, 90, 1], [text, 70, 1], [text, 95, 0], [text, 60, 1]) == [2, 1, 2, 0, 4]


def test_the_next_rule_moves_only_those_who_are_equal():
    """B: place so far, C: what the rule compares."""
    text = next_places("$B{r}", "$B${a}:$B${b}", "$C{r}", "$C${a}:$C${b}")
    assert text == "IF($B{r}=0,0,$B{r}+SUMPRODUCT(($B${a}:$B${b}=$B{r})*($C${a}:$C${b}>$C{r})))"
    assert recalculated([text, 2, 5], [text, 1, 1], [text, 2, 7], [text, 2, 5], [text, 0, 9]) == [3, 1, 2, 3, 0]
    text = sharing("$B{r}", "$B${a}:$B${b}")
    assert recalculated([text, 2], [text, 1], [text, 2], [text, 0], [text, 0]) == [2, 1, 2, 0, 0]


def test_an_entry_beats_another_that_fewer_members_put_above_it():
    """B: place; C, D, E: totals of three members, F, G, H: whether there is one."""
    totals = [
        (f"${own}{{r}}", f"${own}${{a}}:${own}${{b}}", f"${has}{{r}}", f"${has}${{a}}:${has}${{b}}")
        for own, has in zip("CDE", "FGH", strict=True)
    ]
    text = pairwise_wins("$B{r}", "$B${a}:$B${b}", totals)
    first, second = [1, 80, 70, 60, 1, 1, 1], [1, 79, 69, 90, 1, 1, 1]
    without, alone = [1, 90, 0, 0, 1, 0, 0], [4, 99, 99, 99, 1, 1, 1]
    assert recalculated([text, *first], [text, *second], [text, *without], [text, *alone]) == [1, 0, 2, 0]


# Limits -----------------------------------------------------------------------------------------------------------


def test_a_number_too_large_to_be_rounded_exactly_is_refused_with_its_size():
    largest = (2**53 - 3 * 60 - 1) // 200
    assert rounded("A1", 60, Rounding(2, "half_up"), high=largest)
    with pytest.raises(TooFine) as refused:
        rounded("A1", 60, Rounding(2, "half_up"), high=largest + 1)
    assert refused.value.en == "a number to be rounded may reach 45,035,996,273,705 units of 1/60"
    assert refused.value.th == "ตัวเลขก่อนปัดเศษมีได้ถึง 45,035,996,273,705 หน่วย หน่วยละ 1/60"


def test_the_largest_number_is_rounded_to_the_last_unit():
    """The quotient of so large a number lies nearer to the next whole one than any other: INT must not reach it."""
    numbers = [LARGEST // 100 - 1, 4 * 10**12 + 1, 4 * 10**12 - 1]
    rounding = Rounding(0, "down")
    found = recalculated(*([rounded("$B{r}", 7, rounding, high=number), number] for number in numbers))
    assert found == [number // 7 for number in numbers]


def test_more_bands_than_ifs_may_stand_in_each_other_are_refused():
    edges = tuple((edge, edge) for edge in range(MOST_NESTED))
    assert on_bands("A1", 1, Bands("higher", edges, 0), 1).count("IF(") == MOST_NESTED
    with pytest.raises(TooFine) as refused:
        on_bands("A1", 1, Bands("higher", (*edges, (MOST_NESTED, 1)), 0), 1)
    assert refused.value.en == "there are 61 bands, and formulas nest 60 deep"
    assert refused.value.th == "มีช่วงคะแนน 61 ช่วง แต่สูตรซ้อนกันได้ 60 ชั้น"


def test_units_that_do_not_hold_a_number_are_a_mistake_of_ours():
    assert whole(Fraction(6, 2)) == 3
    with pytest.raises(ValueError, match="5/2 is not whole"):
        whole(Fraction(5, 2))


def test_a_column_letter_is_what_people_write():
    assert [letter_of(number) for number in (1, 26, 27, 16_384)] == ["A", "Z", "AA", "XFD"]
