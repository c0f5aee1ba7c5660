"""Where a workbook has fewer formulas, or none: it says so, and its numbers are the engine's all the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from exports.audit import sheet as audit_sheet
from exports.ranking_workbook import ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.results import Ranking
from scoring_rules.rules import RuleSet
from tests.recalculate import Where, Written, by_ironcalc, compare, formulas, values, with_value
from tests.recalculated import MADE
from tests.scoring_rules.build import category, inner, marked, panel, rule_set, scale, stage


def rules_of(*, groups: str = "zone", **panel_rules: Any) -> RuleSet:
    """Two criteria of 50 points, marked 0 to 10; ties are settled by the first."""
    parts = [marked(f"d/{code}", 50, on=scale(0, 10)) for code in ("a", "b")]
    chosen = category(inner("d", *parts), panel=panel(**panel_rules), ties=["criterion:d/a", "share"])
    return rule_set(chosen, stages=[stage(groups=groups)])


CARD = "Card m00"


def evaluation_of(facts: Facts) -> Sequence[Ranking]:
    return evaluate(rules_of(), facts, stage="final").rankings


def book(rules: RuleSet, facts: Facts, language: str = "en") -> bytes:
    evaluation = evaluate(rules, facts, stage="final")
    return ranking_workbook(
        rules=rules, facts=facts, evaluation=evaluation, stage="final", provenance=MADE, language=language
    )


def marks_of(number: int, seat: int) -> dict[str, Number]:
    return {"d/a": number % 4 + seat, "d/b": 8 - number % 3}


def facts_of(sizes: dict[str, int], *, members: int = 2) -> Facts:
    """So many invented entries in each zone; some have equal totals."""
    entries, cards = [], {}
    for zone, size in sizes.items():
        for number in range(size):
            code = f"z{zone}e{number:02d}"
            entries.append(Entry(code, "office", f"Invented office {code}", "presented", {"zone": zone}, {}))
            cards[code] = [Card(f"m{seat:02d}", marks=marks_of(number, seat % 3)) for seat in range(members)]
    return Facts(tuple(entries), {code: tuple(some) for code, some in cards.items()})


def column(cells: dict[Where, Written], sheet: str, title: str) -> tuple[str, list[int]]:
    """(letter, rows below the heading) of a column of the audit sheet."""
    (found,) = [cell for (name, cell), value in cells.items() if name == sheet and value == title]
    letter = found.rstrip("0123456789")
    first = int(found[len(letter) :]) + 2  # the line of units stands between
    rows: list[int] = []
    while isinstance(cells.get((sheet, f"A{first + len(rows)}")), str):
        rows.append(first + len(rows))
    return letter, rows


@pytest.fixture
def three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_sheet, "LARGEST_GROUP", 3)


@pytest.mark.usefixtures("three_at_most")
def test_in_a_large_group_places_are_values_and_totals_formulas():
    data = book(rules_of(), facts_of({"1": 6, "2": 3}))
    cells, live = values(data), formulas(data)
    total, rows = column(cells, "Audit", "Exact total")
    place, _ = column(cells, "Audit", "Place by the total")
    assert len(rows) == 9
    assert all(("Audit", f"{total}{row}") in live for row in rows)
    assert [("Audit", f"{place}{row}") in live for row in rows] == [False] * 6 + [True] * 3
    assert all(cells["Audit", f"{place}{row}"] is not None for row in rows)


@pytest.mark.usefixtures("three_at_most")
def test_a_workbook_with_a_large_group_recalculates_to_the_engines_numbers():
    data = book(rules_of(), facts_of({"1": 6, "2": 3}))
    assert compare(data, by_ironcalc).different == ()
    cells = values(data)
    shown = {
        str(entry): cells.get(("Ranking", f"A{cell[1:]}"))
        for (sheet, cell), entry in cells.items()
        if (sheet, cell[0]) == ("Ranking", "B")
    }
    standings = [each for ranking in evaluation_of(facts_of({"1": 6, "2": 3})) for each in ranking.standings]
    assert {each.entry: each.rank for each in standings}.items() <= shown.items()


@pytest.mark.usefixtures("three_at_most")
def test_a_mark_changed_in_a_large_group_changes_the_total_and_shows_that_it_differs_from_the_system():
    data = book(rules_of(), facts_of({"1": 6, "2": 3}))
    cells = values(data)
    (letter,) = {cell[0] for (sheet, cell), value in cells.items() if sheet == CARD and str(value).endswith("z1e00")}
    row = min(int(cell[1:]) for (sheet, cell), value in cells.items() if sheet == CARD and value == "d/a")
    changed = with_value(data, CARD, f"{letter}{row}", 10)
    said = [str(value) for (sheet, _), value in by_ironcalc(changed).items() if sheet == "Ranking"]
    (verdict,) = [text for text in said if text.startswith("Check:")]
    assert verdict.startswith("Check: lines that differ from the system's result: 1 in all")
    assert cells["Ranking", "A4"] != verdict


@pytest.mark.usefixtures("three_at_most")
@pytest.mark.parametrize(
    ("language", "sheets", "said"),
    [
        (
            "en",
            ("Ranking", "Audit"),
            "In groups of more than 3 entries, ranks and what follows are the system's values",
        ),
        ("th", ("ผลการจัดอันดับ", "ตารางตรวจสอบ"), "ในกลุ่มที่มีเกิน 3 รายการ ลำดับที่และผลที่ตามมาเป็นค่าที่ระบบคำนวณ"),
    ],
)
def test_a_large_group_is_spoken_of_on_both_sheets(language, sheets, said):
    cells = values(book(rules_of(), facts_of({"1": 6, "2": 3}), language))
    assert {sheet for (sheet, _), value in cells.items() if said in str(value)} == set(sheets)
    small = values(book(rules_of(), facts_of({"1": 3, "2": 3}), language))
    assert not any(said in str(value) for value in small.values())


# Too fine for a spreadsheet ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sheet", "said"),
    [
        (
            "en",
            "Ranking",
            "The system's results, without formulas, because a spreadsheet could not compute them exactly: ",
        ),
        ("th", "ผลการจัดอันดับ", "แสดงผลที่ระบบคำนวณ ไม่มีสูตร เพราะโปรแกรมตารางคำนวณให้ตรงทุกหลักไม่ได้: "),
    ],
)
def test_the_mean_of_forty_members_is_too_fine_and_the_workbook_says_so_and_shows_values(language, sheet, said):
    rules, facts = rules_of(groups="none", combine="mean"), facts_of({"1": 4}, members=40)
    data = book(rules, facts, language)
    assert formulas(data) == {}
    notes = [str(value) for (name, _), value in values(data).items() if name == sheet and str(value).startswith(said)]
    assert len(notes) == 1
    assert "5,342,931,457,063,200" in notes[0]  # 1 to 40 members: the smallest number that all of these divide
    standings = evaluate(rules, facts).rankings[0].standings
    shown = {value for (name, _), value in values(data).items() if name == sheet}
    assert {standing.entry for standing in standings} <= shown
    assert {float(standing.total or 0) for standing in standings} <= {float(str(v)) for v in shown if _is_number(v)}


def _is_number(value: Written) -> bool:
    return value is not None and str(value).replace(".", "").isdigit()


def test_the_median_of_forty_members_is_not():
    data = book(rules_of(groups="none", combine="median"), facts_of({"1": 4}, members=40))
    assert len(formulas(data)) > 500
    assert compare(data, by_ironcalc).different == ()
