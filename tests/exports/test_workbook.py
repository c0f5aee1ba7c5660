"""The careful cell writer: what goes in comes out, nothing becomes a formula, nothing is cut in silence."""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from exports import looks
from exports.text_width import lines_needed, text_width
from exports.workbook import Book, CannotWrite, Formula, Running, cell_text, legal_sheet_name
from tests.exports.example import HOSTILE, MADE_AT

NO_RUNNING = Running()


def written(*values, look=looks.TEXT, name="แผ่น", running=NO_RUNNING):
    """The bytes of a workbook with the values in one row."""
    with Book(title="t", made_by="ผู้จัด", made_at=MADE_AT) as book:
        sheet = book.sheet(name, widths=[20] * len(values), running=running)
        sheet.row([(value, book.look(look)) for value in values])
        return book.finish()


def opened(data):
    return openpyxl.load_workbook(BytesIO(data))


def cells(*values, **given):
    return next(opened(written(*values, **given)).worksheets[0].iter_rows())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text(text):
    (cell,) = cells(text)
    assert cell.data_type == "s"
    assert cell.value == cell_text(text)


def test_no_formula_is_written_for_any_text():
    data = written(*HOSTILE)
    sheet = ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 't="e"' not in sheet


def test_characters_that_xml_forbids_become_visible():
    assert cell_text("a\x00b\x0bc\x1f") == "a␀b␋c␟"
    assert cell_text("x\ud800y\ufffe") == "x\ufffdy\ufffd"


def test_what_excel_would_read_as_a_code_is_written_so_that_it_shows():
    assert cell_text("_x0041_") == "_x005F_x0041_"
    assert cell_text("my_xfile") == "my_xfile"


def test_line_ends_are_those_of_excel():
    assert cell_text("ก\r\nข\rค\n") == "ก\nข\nค\n"


def test_a_text_as_long_as_a_cell_is_kept_and_a_longer_one_refused_with_its_place():
    (cell,) = cells("ก" * 32_767)
    assert len(cell.value) == 32_767
    with pytest.raises(CannotWrite, match=r"B1: a text of 32,768 letters; an Excel cell holds 32,767"):
        written("ก", "ก" * 32_768)


def test_letters_that_excel_counts_twice_are_counted_twice():
    with pytest.raises(CannotWrite, match="32,768"):
        cell_text("🏆" * 16_384)


def test_a_refused_workbook_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(CannotWrite):
        written("ก" * 32_768)
    assert list(tmp_path.iterdir()) == []
    written("ก")
    assert list(tmp_path.iterdir()) == []


def test_spaces_at_the_ends_of_a_text_are_kept():
    assert [cell.value for cell in cells(" ก", "ก ", "  ", "ก  ข")] == [" ก", "ก ", "  ", "ก  ข"]


def test_a_formula_keeps_its_signs_and_the_value_beside_it():
    (cell,) = cells(formula := Formula('IF(B1<>"<a> & b",B1&"",B1>=2)', "<a> & b"))
    assert (cell.data_type, cell.value) == ("f", f"={formula.text}")
    shown = openpyxl.load_workbook(BytesIO(written(formula)), data_only=True).worksheets[0]["A1"]
    assert shown.value == formula.value


def test_a_formula_longer_than_excel_reads_is_refused_with_its_place():
    with pytest.raises(CannotWrite, match=r"A1: a formula of 8,193 letters; Excel reads 8,192"):
        written(Formula("1" * 8_193, 1))


def test_a_sheet_too_long_for_memory_is_whole():
    with Book(title="t", made_by="ผู้จัด", made_at=MADE_AT) as book:
        sheet, look = book.sheet("แผ่น", widths=[20], running=NO_RUNNING), book.look(looks.TEXT)
        for number in range(5_000):
            sheet.row([(number, look), ("ก" * 10, look)])
        data = book.finish()
    rows = opened(data).worksheets[0].iter_rows(values_only=True)
    assert list(rows) == [(number, "ก" * 10) for number in range(5_000)]


def test_numbers_are_real_numbers_of_the_value_shown():
    whole, places, negative, tiny = cells(7, Decimal("85.20"), Decimal("-0.05"), Decimal("0.000001"))
    assert (whole.value, places.value, negative.value, tiny.value) == (7, 85.2, -0.05, 0.000001)
    assert {cell.data_type for cell in (whole, places, negative, tiny)} == {"n"}


def test_a_number_with_more_digits_than_excel_keeps_stays_whole_as_text():
    kept, lost = cells(Decimal("1234567890123.45"), Decimal("1234567890123456.78"))
    assert (kept.data_type, kept.value) == ("n", 1234567890123.45)
    assert (lost.data_type, lost.value) == ("s", "1234567890123456.78")


@pytest.mark.parametrize("value", [0.1, Fraction(1, 3), True, Decimal("NaN"), Decimal("Infinity"), b"x", [1]])
def test_what_is_not_exact_or_not_a_value_is_refused(value):
    with pytest.raises(CannotWrite, match="A1"):
        written(value)


def test_dates_are_true_dates_that_show_the_buddhist_era():
    day, moment = cells(date(2021, 7, 19), datetime(2021, 7, 19, 2, 0, 30, 5, tzinfo=UTC), look=looks.date_look("th"))
    assert day.value == datetime(2021, 7, 19)  # noqa: DTZ001
    assert moment.value == datetime(2021, 7, 19, 9, 0, 30)  # noqa: DTZ001
    assert day.number_format == "[$-107041E]d mmmm yyyy;@"
    assert day.is_date


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(CannotWrite, match=r"A1: .*time zone"):
        written(datetime(2021, 7, 19))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("อันดับ [ก]:*?/\\ข", "อันดับ ก ข"),
        ("", "-"),
        ("''", "-"),
        ("'คำพูด'", "คำพูด"),
        ("ก" * 40, "ก" * 31),
        ("🏆" * 20, "🏆" * 15),
        ("History", "History (2)"),
        ("จัดอันดับ", "จัดอันดับ (2)"),
        ("RANKING", "RANKING (3)"),
        ("x" * 31, "x" * 27 + " (2)"),
    ],
)
def test_sheet_names_are_legal_and_unique(wanted, name):
    assert legal_sheet_name(wanted, ["จัดอันดับ", "Ranking", "ranking (2)", "x" * 31]) == name


def test_the_same_input_gives_the_same_bytes_whenever_it_is_written():
    script = (
        "import sys; from tests.exports.test_workbook import written; from datetime import date;"
        "sys.stdout.buffer.write(written('ก', 7, date(2021, 7, 19)))"
    )
    root = Path(__file__).parents[2]
    made = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1] == written("ก", 7, date(2021, 7, 19))
    assert {info.date_time for info in ZipFile(BytesIO(made[0])).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_who_and_when_are_properties_of_the_file():
    properties = opened(written("ก")).properties
    assert properties.creator == "ผู้จัด"
    assert properties.created == datetime(2021, 7, 19, 17, 30)  # noqa: DTZ001


def test_widths_are_counted_in_the_font_of_thai_official_papers():
    book = opened(written("ก"))
    assert book._fonts[0].name == "TH SarabunPSK"
    assert book._fonts[0].sz == 16


def test_running_lines_keep_an_ampersand_and_stay_within_excels_limit():
    data = written("ก", running=Running(("R&D", "ก" * 300, "ข" * 300), ("", "หน้า {page} จาก {pages}", "{date} {time}")))
    sheet = opened(data).worksheets[0]
    assert sheet.oddHeader.left.text == "R&&D"
    assert sheet.oddFooter.center.text == "หน้า &P จาก &N"
    assert sheet.oddFooter.right.text == "&D &T"
    assert len(str(sheet.oddHeader)) <= 255


def test_marks_above_and_below_thai_letters_take_no_room():
    assert text_width("กี่") == 1
    assert text_width("ผู้ใหญ่บ้าน") == 7
    assert text_width("ร้อยละ 97.27") == 11


def test_rows_are_as_high_as_their_longest_text_and_joined_cells_count_as_one():
    assert lines_needed("ก" * 18, 20) == 1
    assert lines_needed("ก" * 19, 20) == 2
    assert lines_needed("ก\nข", 20) == 2
    with Book(title="t", made_by="m", made_at=MADE_AT) as book:
        text = book.look(looks.TEXT)
        sheet = book.sheet("ก", widths=[10, 10], running=Running())
        sheet.row([("ก" * 40, text), ("ข", text)])
        sheet.row([("ก" * 16, text), (None, text)], merge=[(1, 2)])
        sheet.row([("ก" * 40, text), (None, text)], merge=[(1, 2)])
        rows = opened(book.finish()).worksheets[0].row_dimensions
    assert rows[1].height == 24 + 4 * 21
    assert rows[2].height is None
    assert rows[3].height == 24 + 2 * 21
