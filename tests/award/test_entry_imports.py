"""An organizer imports many entries: a dry run with every difference and refusal, then each entry by itself."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from award.cli import main
from award.db.entries import Entry, EntryRevision
from award.db.ledger import LedgerLine
from award.db.people import Province
from award.ledger_check.check import check_ledger
from exports.entry_book_layout import COLUMN_CODES, FIRST_ROW
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.filled_books import answers_of, entry_of, saved
from tests.award.test_entries import JSON

OFFICE, GROUPS = "transparent-office/office", "womens-fund/occupation_group"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """The morning of 19 July: Trat's entries are drafts until 08.55; Phrae and most others have begun none."""
    built = build_site(tmp_path, live=(TRAT,))
    begin_offices(built)
    return built


def begin_offices(site: BuiltSite) -> None:
    """Two offices that have begun nothing."""
    with site.database.writing() as db:
        for code, th, en in ((PHRAE, "แพร่", "Phrae"), ("50", "เชียงใหม่", "Chiang Mai")):
            db.add(Province(code=code, name_th=th, name_en=en, zone_number=16, districts=8, sort=int(code)))
        db.commit()


@pytest.fixture
def organizer(site: BuiltSite) -> FlaskClient:
    return site.client_as("organizer")


def template(client: FlaskClient) -> Workbook:
    answer = client.get("/e/import/template.xlsx")
    assert answer.status_code == 200, answer.text
    return load_workbook(BytesIO(answer.data))


def sheet_of(book: Workbook, key: str) -> Any:
    about = book.worksheets[-1]
    return next(book[str(about.cell(row, 4).value)] for row in range(1, 40) if about.cell(row, 3).value == key)


def columns_of(sheet: Any) -> dict[str, int]:
    return {sheet.cell(COLUMN_CODES, column).value: column for column in range(1, sheet.max_column + 1)}


def row_of(sheet: Any, province: str) -> int:
    column = columns_of(sheet)["province"]
    return next(row for row in range(FIRST_ROW, sheet.max_row + 1) if sheet.cell(row, column).value == province)


def put(book: Workbook, key: str, province: str, values: dict[str, Any], *, row: int = 0) -> int:
    """Types into a province's row (or that row); answers which row it was."""
    sheet = sheet_of(book, key)
    at = row or row_of(sheet, province)
    for code, value in values.items():
        cell = sheet.cell(at, columns_of(sheet)[code])
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    return at


def bring(client: FlaskClient, book: Workbook | bytes) -> TestResponse:
    data = book if isinstance(book, bytes) else saved(book)
    return client.post("/e/import", data={"file": (BytesIO(data), "import.xlsx")})


def sealed_in(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {name: re.search(rf'name="{name}" value="([^"]+)"', answer.text)[1] for name in ("key", "changes")}  # type: ignore[index]


def problems_in(answer: TestResponse) -> list[str]:
    found = re.findall(r'<li data-code="(\w+)">(?:<strong>(.*?)</strong>)?', answer.text)
    return [unescape(f"{code} {place}").strip() for code, place in found]


def store(client: FlaskClient, fields: dict[str, str]) -> TestResponse:
    return client.post("/e/import/store", data=fields)


def counts(site: BuiltSite) -> tuple[int, int, int]:
    with site.database.reading() as db:
        asked = (select(func.count()).select_from(table) for table in (Entry, EntryRevision, LedgerLine))
        return tuple(db.execute(each).scalar_one() for each in asked)  # type: ignore[return-value]


def test_the_template_has_a_row_for_every_open_entry_and_every_province_that_may_begin(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    book = template(organizer)
    sheet = sheet_of(book, OFFICE)
    columns = columns_of(sheet)
    trat = row_of(sheet, "Trat")
    assert sheet.cell(trat, columns["entry"]).value == "to-23"
    assert sheet.cell(trat, columns["districts_full"]).value == int(answers_of(site)["districts_full"])
    names = [sheet.cell(row, columns["province"]).value for row in range(FIRST_ROW, sheet.max_row + 1)]
    assert "Phrae" in names and "Chanthaburi" not in names, "what is sent is not there"
    projects = sheet_of(book, f"{OFFICE}/projects")
    assert projects.cell(FIRST_ROW, columns_of(projects)["province"]).value == "Trat"


def test_an_untouched_template_changes_nothing(organizer: FlaskClient) -> None:
    shown = bring(organizer, template(organizer))
    assert shown.status_code == 200, shown.text
    assert 'name="changes"' not in shown.text and "Rows refused: 0" in shown.text
    assert "Entries that would begin: 0" in shown.text


def test_what_is_ready_is_imported_each_by_itself_and_what_is_refused_is_named(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    book = template(organizer)
    put(book, OFFICE, "Trat", {"title": "ชื่อใหม่ของตราด", "districts_date": "๑ ก.ค. ๒๕๖๔"})
    put(book, OFFICE, "Phrae", {"title": "แพร่โปร่งใส", "plan_exists": "Yes", "districts_full": 8, "districts_all": 8})
    group = put(book, GROUPS, "Phrae", {"@label": "กลุ่มทอผ้า อำเภอลอง", "income_this_year": "๑,๒๕๐.๕๐"})
    wrong = put(book, OFFICE, "Chiang Mai", {"title": "ก", "districts_full": "แปด", "districts_date": "31/2/2564"})
    projects = sheet_of(book, f"{OFFICE}/projects")
    put(book, f"{OFFICE}/projects", "", {"province": "แพร่", "name": "โครงการของแพร่", "d1": "Yes"}, row=FIRST_ROW + 5)
    before = counts(site)
    shown = bring(organizer, book)
    name = sheet_of(book, OFFICE).title
    columns = columns_of(sheet_of(book, OFFICE))
    cells = [
        sheet_of(book, OFFICE).cell(wrong, columns[code]).coordinate for code in ("districts_full", "districts_date")
    ]
    assert problems_in(shown) == [f"not_acceptable {name}!{cell}" for cell in cells]
    assert "Entries that would begin: 2" in shown.text and "Entries that would change: 1" in shown.text
    assert "ชื่อใหม่ของตราด" in shown.text and projects.title in unescape(shown.text)
    assert counts(site) == before, "a dry run stores nothing"
    report = store(organizer, sealed_in(shown))
    assert "Entries imported: 3 of 3" in report.text and report.text.count("#") >= 3
    phrae = answers_of(site, "to-54")
    assert (phrae["districts_full"], phrae["projects"]) == ("8", [{"name": "โครงการของแพร่", "d1": "yes"}])
    assert answers_of(site)["districts_date"] == "2021-07-01"
    weavers = entry_of(site, "wf-c-54")
    assert (weavers.label, json.loads(weavers.answers)) == ("กลุ่มทอผ้า อำเภอลอง", {"income_this_year": "1250.5"})
    assert counts(site)[0] == before[0] + 2 and group
    with site.database.reading() as db:
        assert (
            db.execute(select(EntryRevision.way).order_by(EntryRevision.id.desc()).limit(3)).scalars().all()
            == ["import"] * 3
        )
        assert check_ledger(db, anchors=site.settings.anchors)[1] == []


def test_sent_twice_it_acts_once(site: BuiltSite, organizer: FlaskClient) -> None:
    book = template(organizer)
    put(book, OFFICE, "Phrae", {"title": "ครั้งเดียว"})
    put(book, GROUPS, "Phrae", {"@label": "กลุ่มเดียว อำเภอลอง"})
    fields = sealed_in(bring(organizer, book))
    pages = [store(organizer, fields).text for _ in range(2)]
    assert "Entries imported: 2 of 2" in pages[1]
    assert re.findall(r'class="number">(.*?)<', pages[0]) == re.findall(r'class="number">(.*?)<', pages[1])
    assert counts(site)[0] == counts(site)[0]
    assert entry_of(site, "wf-c-54").revision == 0 and entry_of(site, "to-54").revision == 1


def test_in_portions_a_lost_answer_is_asked_for_again_and_no_row_counts_twice(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    book = template(organizer)
    for province in ("Phrae", "Chiang Mai"):
        put(book, OFFICE, province, {"title": province})
        put(book, GROUPS, province, {"@label": f"กลุ่ม {province}"})
    fields, begun = sealed_in(bring(organizer, book)), counts(site)[0]
    told = []
    for first in (0, 0, 3, 3, 0):  # the answer to the first was lost; after a reload it begins anew
        answer = organizer.post("/e/import/store", data={**fields, "first": first, "most": 3}, headers=JSON)
        assert answer.status_code == 200, answer.text
        told.append(answer.get_json())
    begins, ends = (3, 3, 4), (1, 4, 4)
    assert [(each["done"], each["next"], each["all"]) for each in told] == [begins, begins, ends, ends, begins]
    assert told[0] == told[1] == told[4] and told[2] == told[3]
    assert counts(site)[0] == begun + 4 and "กลุ่ม Chiang Mai" in told[0]["rows"] + told[2]["rows"]
    for wrong in ({"first": 4}, {"first": -1}, {"most": 0}, {"most": 101}, {"changes": "made up"}):
        refused = organizer.post("/e/import/store", data={**fields, **wrong}, headers=JSON)
        assert refused.status_code in (400, 422) and refused.get_json()["error"], wrong


def test_one_entry_that_cannot_be_stored_keeps_no_other_out(site: BuiltSite, organizer: FlaskClient) -> None:
    book = template(organizer)
    put(book, OFFICE, "Trat", {"title": "จากไฟล์"})
    put(book, OFFICE, "Phrae", {"title": "แพร่"})
    fields = sealed_in(bring(organizer, book))
    entry = entry_of(site)
    saved_first = site.client_as(f"p{TRAT}").post(
        f"/e/{entry.id}/answers",
        json={"key": "0123456789abcdef", "base_revision": entry.revision, "changes": {"title": "ของจังหวัด"}},
    )
    assert saved_first.status_code == 200
    report = store(organizer, fields).text
    assert "Entries imported: 1 of 2" in report and "Somebody saved another version" in report
    assert answers_of(site)["title"] == "ของจังหวัด" and answers_of(site, "to-54") == {"title": "แพร่"}


def test_what_a_province_saved_since_the_template_stays_unless_the_organizer_says_so(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    book = template(organizer)
    put(book, OFFICE, "Trat", {"title": "จากไฟล์"})
    entry = entry_of(site)
    answer = site.client_as(f"p{TRAT}").post(
        f"/e/{entry.id}/answers",
        json={
            "key": "0123456789abcdef", "base_revision": entry.revision,
            "changes": {"title": "ของจังหวัด", "districts_full": "1"},
        },
    )  # fmt: skip
    assert answer.status_code == 200
    shown = bring(organizer, book)
    assert shown.text.count("saved since") >= 1 and "cells: 1" in shown.text, "what the file left alone is no change"
    fields = sealed_in(shown)
    assert 'name="take" value="0-0"' in shown.text
    for other in ({}, {"take": "1-0"}, {"take": "0"}):
        left = store(organizer, fields | other).text
        assert "Entries imported: 0 of 1" in left and "the file counts nowhere" in left
    assert answers_of(site)["title"] == "ของจังหวัด"
    assert "Entries imported: 1 of 1" in store(organizer, fields | {"take": "0-0"}).text
    after = answers_of(site)
    assert (after["title"], after["districts_full"]) == ("จากไฟล์", "1")


REFUSED_ROWS = [
    ("province_unknown", "Phrae", {"province": "Phraee", "title": "ก"}, "Phrae"),
    ("province_missing", "Phrae", {"province": None, "title": "ก"}, "This row names no province."),
    ("entry_unknown", "Phrae", {"entry": "to-99", "title": "ก"}, "There is no entry"),
    ("entry_elsewhere", "Phrae", {"entry": "to-23", "title": "ก"}, "is not of this province"),
    ("entry_shut", "Phrae", {"province": "Chanthaburi", "title": "ก"}, "This entry is sent"),
    ("not_a_choice", "Phrae", {"plan_exists": "อาจจะ"}, "is not one of the choices"),
    ("entry_twice", "Phrae", {"province": "Trat", "entry": "to-23", "title": "ก"}, "are the same entry"),
]


@pytest.mark.parametrize(("code", "province", "values", "says"), REFUSED_ROWS, ids=[each[0] for each in REFUSED_ROWS])
def test_a_row_that_may_not_be_is_named_by_its_cell(
    organizer: FlaskClient, code: str, province: str, values: dict[str, Any], says: str
) -> None:
    book = template(organizer)
    row = put(book, OFFICE, province, values)
    shown = bring(organizer, book)
    found = problems_in(shown)
    assert [each.split()[0] for each in found] == [code], shown.text
    assert re.search(rf"![A-Z]+{row}$", found[0]) and says in unescape(shown.text)
    assert 'name="changes"' not in shown.text


def test_a_column_that_is_gone_or_there_twice_refuses_the_whole_file(organizer: FlaskClient) -> None:
    for code, spoil in (
        ("column_missing", lambda sheet: setattr(sheet.cell(COLUMN_CODES, 3), "value", None)),
        ("column_unknown", lambda sheet: setattr(sheet.cell(COLUMN_CODES, 4), "value", "tittle")),
        ("column_twice", lambda sheet: setattr(sheet.cell(COLUMN_CODES, 5), "value", "title")),
    ):
        book = template(organizer)
        spoil(sheet_of(book, OFFICE))
        refused = bring(organizer, book)
        assert refused.status_code == 422
        assert code in [each.split()[0] for each in problems_in(refused)]


def test_an_entrys_own_workbook_is_no_import(site: BuiltSite, organizer: FlaskClient) -> None:
    own = site.client_as(f"p{TRAT}").get(f"/e/{entry_of(site).id}/sheet.xlsx").data
    assert problems_in(bring(organizer, own)) == ["not_an_import_book"]


def test_only_organizers_import(site: BuiltSite) -> None:
    for login in (f"p{TRAT}", f"p{CHANTHABURI}", "auditor", "z9-chair"):
        client = site.client_as(login)
        assert client.get("/e/import").status_code == 403
        assert client.post("/e/import/store", data={}).status_code == 403


def test_a_dry_run_of_one_person_is_not_anothers(site: BuiltSite, organizer: FlaskClient) -> None:
    book = template(organizer)
    put(book, OFFICE, "Phrae", {"title": "ก"})
    fields = sealed_in(bring(organizer, book))
    refused = store(site.client_as("organizer2"), fields)
    assert refused.status_code == 422 and "does not understand" in refused.text


def test_the_pages_take_few_statements(site: BuiltSite, organizer: FlaskClient) -> None:
    data = saved(template(organizer))
    found = {}
    for name, ask in (
        ("page", lambda: organizer.get("/e/import")),
        ("template", lambda: organizer.get("/e/import/template.xlsx")),
        ("dry run", lambda: bring(organizer, data)),
    ):
        with site.statements() as counted:
            assert ask().status_code == 200
        found[name] = len(counted)
    assert max(found.values()) <= 10, found


# The command line ----------------------------------------------------------------------------------------------------


def command(site: BuiltSite, *words: str) -> Any:
    """`award entries …` on the site's own data."""
    told = {"AWARD_DATA": str(site.settings.data), "AWARD_NOW": site.clock.now().isoformat()}
    return CliRunner().invoke(main, ["entries", *words, "--language", "en"], env=told)


def test_the_command_says_everything_first_and_imports_the_same(site: BuiltSite, tmp_path: Path) -> None:
    file = tmp_path / "round.xlsx"
    made = command(site, "template", str(file))
    assert made.exit_code == 0, made.output
    book = load_workbook(file)
    put(book, OFFICE, "Phrae", {"title": "แพร่", "districts_full": "แปด"})
    put(book, OFFICE, "Chiang Mai", {"title": "เชียงใหม่"})
    book.save(file)
    before = counts(site)
    dry = command(site, "import", str(file), "--dry-run")
    assert dry.exit_code == 2 and "dry run: 1 rows to import, 1 refused" in dry.output
    assert "is not a number" in dry.output and "Title: (blank) → เชียงใหม่" in dry.output
    assert counts(site) == before
    nobody = command(site, "import", str(file))
    assert nobody.exit_code == 1 and "--as" in nobody.output
    done = command(site, "import", str(file), "--as", "organizer")
    assert done.exit_code == 2 and "stored: to-50 #" in done.output, done.output
    assert answers_of(site, "to-50") == {"title": "เชียงใหม่"}
