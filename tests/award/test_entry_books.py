"""An entry's workbook through the hands of other programs, of several districts, and row by row."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from award.entry_sheets import Preview, Stored, Version, open_entry_book, parts_in, read_entry_book
from award.entry_sheets.rows import merge_rows
from exports.entry_book import EntryBook, entry_book
from exports.entry_book_layout import FIRST_ROW
from scoring_rules.problems import FactsRefused
from scoring_rules.reader import read_rules
from scoring_rules.words import Words
from tests.award.filled_books import place_of, put, saved, table_place

SAVED = Path(__file__).parent.parent / "data" / "entry_books"
PROGRAMS = ("xlsx", "ods", "xls")
R1 = Path(__file__).parents[2] / "scoring_rules" / "sets" / "cdd_policy_award" / "2564-r1.yaml"
RULES = read_rules(R1.read_text(encoding="utf-8"), file=R1.name)  # released: it never changes under the saved files
CATEGORY = replace(
    RULES.categories[0],
    indicators=tuple(
        replace(each, rows="district") if each.code == "knn_plots_done" else each
        for each in RULES.categories[0].indicators
    ),
)
ROWS = "@rows:knn_plots_done"
LABEL = "สำนักงานพัฒนาชุมชนจังหวัดตราด"
ANSWERS: dict[str, Any] = {
    "title": "ผลงานของตราด",
    "summary": "บรรทัดแรก\nบรรทัดที่สอง <&> ๕",
    "all_dimensions": "yes",
    "plots_done": "63",
    "plots_planned": "63",
    "plots_date": "2021-07-01",
    "publicity_links": [{"name": "หน้าเว็บ", "address": "https://example.go.th", "updated": "2021-06-30"}],
    ROWS: [{"district": "เมืองตราด", "top": "40", "bottom": "40"}, {"district": "เขาสมิง", "top": "23", "bottom": "23"}],
}
# What was typed before LibreOffice saved the workbook in each of its formats.
TYPED = [
    ("title", "ผลงานของตราด", "ผลงานใหม่"),
    ("plots_done", "63", "64"),
    ("plots_date", "1 July 2021", "19 July 2021"),
    ("all_dimensions", "Yes", "No"),
]


def book_of(answers: dict[str, Any], *, language: str = "th", **more: Any) -> EntryBook:
    about: dict[str, Any] = {
        "award": RULES.award, "category": CATEGORY.label, "cycle": 2564, "rule_set": RULES.id, "proposed": True,
        "rules_sha256": RULES.sha256, "entry": "pa-23", "label": LABEL, "province": Words("จังหวัดตราด", "Trat"),
        "revision": 3, "parts": parts_in(CATEGORY), "answers": answers, "made_at": datetime(2021, 7, 1, tzinfo=UTC),
        "made_by": Words("ระบบ", "the site"), "districts": 7, "invented": True, "language": language,
    }  # fmt: skip
    return EntryBook(**about | more)


def read(data: bytes, now: dict[str, Any] = ANSWERS, then: dict[str, Any] | None = ANSWERS) -> Preview:
    stored = Stored(now, LABEL, {}, frozenset(), None if then is None else Version(then, LABEL), districts=7)
    return read_entry_book(
        open_entry_book(data, name="f.xlsx"), category=CATEGORY, book=book_of(now, language="en"), stored=stored,
        speak=lambda says, values: Words(says, says % values if values else says),
    )  # fmt: skip


def typed() -> bytes:
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    for code, value in (
        ("title", "ผลงานใหม่"),
        ("plots_done", 64),
        ("plots_date", "๑๙ ก.ค. ๒๕๖๔"),
        ("all_dimensions", "ไม่ใช่"),
    ):
        put(book, place_of(book, code), value)
    put(book, district(book, 3, "district"), "คลองใหญ่")
    for column in ("top", "bottom"):
        put(book, district(book, 3, column), 1)
    return saved(book)


def district(book: Any, row: int, column: str) -> tuple[str, str]:
    return table_place(book, column, row, beside="district")


def test_the_same_entry_at_the_same_moment_gives_the_same_bytes() -> None:
    assert entry_book(book_of(ANSWERS)) == entry_book(book_of(dict(ANSWERS)))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_workbook_that_libreoffice_saved_is_read_like_the_one_it_opened(program: str) -> None:
    preview = read((SAVED / f"typed.{program}").read_bytes())
    told = [(change.code, change.old, change.new) for change in preview.changes if change.code != ROWS]
    assert sorted(told) == sorted(TYPED)
    assert preview.values[ROWS] == [*ANSWERS[ROWS], {"district": "คลองใหญ่", "top": "1", "bottom": "1"}]
    assert preview.values["plots_date"] == "2021-07-19" and not preview.conflicts


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_itself_leaves_an_untouched_workbook_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "made.xlsx").write_bytes(entry_book(book_of(ANSWERS)))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", "--headless", "--norestore", home, "--convert-to", "ods", "made.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    preview = read((tmp_path / "made.ods").read_bytes())
    assert (preview.changes, dict(preview.values)) == ((), {})


def test_rows_by_district_stand_on_a_sheet_of_their_own_with_their_sums() -> None:
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    sheet, cell = district(book, 1, "top")
    rows = [book[sheet].cell(FIRST_ROW + 10, column).value for column in range(1, 5)]
    assert rows == [None, "รวม", "=SUM(C7:C16)", "=SUM(D7:D16)"], "as many rows as districts, and three more"
    assert book[sheet][cell].value == 40


def test_rows_that_do_not_add_up_yet_are_told_and_may_be_stored() -> None:
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    put(book, district(book, 2, "top"), 20)
    preview = read(saved(book))
    assert [(change.old, change.new) for change in preview.changes] == [("23", "20")]
    assert len(preview.unfinished) == 1 and preview.values[ROWS][1]["top"] == "20"


def test_a_wrong_number_of_a_district_is_refused_by_its_cell() -> None:
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    place = district(book, 2, "bottom")
    put(book, place, "ยี่สิบสาม")
    with pytest.raises(FactsRefused) as refused:
        read(saved(book))
    assert [each.path for each in refused.value.problems] == ["!".join(place)]


def test_two_districts_that_change_their_own_rows_do_not_meet() -> None:
    first = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    put(first, district(first, 1, "top"), 39)
    now = ANSWERS | {ROWS: read(saved(first)).values[ROWS]}
    second = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    put(second, district(second, 2, "top"), 22)
    preview = read(saved(second), now=now)
    assert [row["top"] for row in preview.values[ROWS]] == ["39", "22"]
    assert not preview.conflicts
    put(second, district(second, 1, "top"), 38)
    assert read(saved(second), now=now).conflicts, "both changed the same district"


A, B, C = ({"name": name, "owner": "x"} for name in "abc")
B2, B3 = B | {"owner": "y"}, B | {"owner": "z"}
MERGES = [
    ("untouched", [A, B], [A, B, C], [A, B], [A, B, C], set()),
    ("added by both", [A], [A, B], [A, C], [A, B, C], set()),
    ("changed by the file", [A, B], [A, B], [A, B2], [A, B2], set()),
    ("changed by both alike", [A, B], [A, B2], [A, B2], [A, B2], set()),
    ("changed by both", [A, B], [A, B2], [A, B3], [A, B3], {"b"}),
    ("taken away by the file", [A, B], [A, B], [A], [A], set()),
    ("taken away by the file, changed since", [A, B], [A, B2], [A], [A], {"b"}),
    ("taken away since, untouched in the file", [A, B], [A], [A, B], [A], set()),
    ("without a name, stored as it was", [A, {"owner": "q"}], [A, {"owner": "q"}], [A], [A], set()),
    ("without a name, saved since", [{"owner": "q"}], [{"owner": "r"}], [{"owner": "s"}], [{"owner": "s"}], {""}),
    ("from an unknown version", None, [A], [B], [B], {"a", "b"}),
]


@pytest.mark.parametrize(
    ("base", "stored", "found", "rows", "replaced"), [m[1:] for m in MERGES], ids=[m[0] for m in MERGES]
)
def test_rows_are_merged_by_what_each_hand_changed(
    base: Any, stored: Any, found: Any, rows: Any, replaced: set[str]
) -> None:
    merged = merge_rows(base, stored, found, key="name")
    assert (merged.rows, set(merged.replaced)) == (rows, replaced)
