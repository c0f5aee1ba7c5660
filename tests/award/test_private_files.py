"""National ID numbers in files: in names, titles and the text of documents, by both doors. All numbers are invented."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.answers.private_numbers import checked_name, list_in_document
from award.errors import Invalid
from tests.award.build import BuiltSite
from tests.award.hostile import signed_in
from tests.award.test_corpus_files import OFFICER, open_site
from tests.award.test_entries import entry_of
from tests.award.test_entries_evidence import attach, stored_files
from tests.award.test_private_numbers import ID, made_up
from tests.award.test_uploads_hostile import through_both
from tests.award.test_uploads_pieces import begin, send_in_pieces
from tests.corpus.files import BOOKS, PICTURES
from tests.corpus.parts import office, pdf, picture

CARD = "1-2345-67890-12-1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return open_site(tmp_path_factory.mktemp("private"))


@pytest.fixture(scope="module")
def officer(site: BuiltSite) -> FlaskClient:
    return signed_in(site, OFFICER)


def docx(text_: str) -> bytes:
    """A document whose text stands in runs of five letters, as Word cuts them."""
    runs = "".join(f"<w:r><w:t>{text_[at : at + 5]}</w:t></w:r>" for at in range(0, len(text_), 5))
    return office("docx", body=f'<w:p xmlns:w="http://w.example">{runs}</w:p>')


def xlsx(*numbers: str) -> bytes:
    cells = "".join(f"<row><c><v>{number}</v></c></row>" for number in numbers)
    sheet = (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    return office("xlsx", more={"xl/worksheets/sheet1.xml": sheet.encode()})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", pdf(text=f"No. {CARD}")), ("a.pdf", pdf(text=ID)), ("a.docx", docx(f"เลขประจำตัว {CARD} ข้อมูลสมมติ")),
        ("a.docx", docx("๑-๒๓๔๕-๖๗๘๙๐-๑๒-๑")), ("a.xlsx", xlsx(*(made_up(seed=seed) for seed in range(20)))),
        ("a.xlsx", xlsx("1000", ID)),
    ],
)  # fmt: skip
def test_a_document_with_national_ids_is_refused_at_both_doors_and_nothing_of_it_stays(
    site: BuiltSite, officer: FlaskClient, name: str, content: bytes
) -> None:
    assert through_both(site, officer, name, content, BOOKS) == (422, "national_ids")
    assert list(site.settings.evidence.glob("pieces/*")) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", pdf(text="ID 1-2345-67890-12-2, tel. 081-234-5678")), ("a.docx", docx("รหัส 1234567890122")),
        ("a.xlsx", xlsx(*(str(10**12 + 7919 * number) for number in range(200)))),  # one in ten is one by chance
    ],
)  # fmt: skip
def test_other_long_numbers_keep_no_document_out(
    site: BuiltSite, officer: FlaskClient, name: str, content: bytes
) -> None:
    assert through_both(site, officer, name, content, BOOKS)[0] == 200


def test_names_and_titles_of_files_and_links_are_looked_at_too(site: BuiltSite, officer: FlaskClient) -> None:
    entry, files = entry_of(site, "to-23"), stored_files(site)
    told = [
        attach(officer, entry, pdf(), f"สำเนาบัตร {CARD}.pdf", field=BOOKS),
        begin(officer, entry, pdf(), f"{ID}.pdf", field=BOOKS),
        begin(officer, entry, pdf(), "a.pdf", field=BOOKS, title=f"บัตร {ID}"),
        begin(officer, entry, pdf(), "a.pdf", field=BOOKS, given_by=f"นางสมมติ {CARD}"),
        officer.post(
            f"/e/{entry.id}/evidence", data={"field": BOOKS, "url": f"https://a.example.go.th/{CARD}"},
            headers={"Accept": "application/json"},
        ),
    ]  # fmt: skip
    assert [(answer.status_code, answer.get_json()["id"]) for answer in told] == [(422, "national_id")] * len(told)
    assert stored_files(site) == files


def test_a_picture_named_by_its_moment_is_taken_and_its_name_keeps_no_number(
    site: BuiltSite, officer: FlaskClient
) -> None:
    moment = next(str(each) for each in range(1625097600000, 1625097600100) if checked_name(str(each)) != str(each))
    answer = send_in_pieces(officer, entry_of(site, "to-23"), picture("jpeg"), f"{moment}.jpg", field=PICTURES)
    assert answer.status_code == 200, answer.text
    with site.database.reading() as db:
        names = db.execute(text("select name from evidence")).scalars().all()
    assert moment not in str(names) and any("-xxxx-xxxxx-xx-" in name for name in names)
    with pytest.raises(Invalid):
        checked_name(f"{moment[:1]}-{moment[1:5]}-{moment[5:10]}-{moment[10:12]}-{moment[12]}.jpg")


def test_what_is_most_of_a_documents_long_numbers_counts_and_the_cards_groups_always() -> None:
    other = [str(2 * 10**12 + number) for number in range(3)]
    assert list_in_document([]) == ()
    assert list_in_document(other) == ()
    assert len(list_in_document([ID, made_up(seed=3), *other])) == 0
    assert len(list_in_document([CARD, *other])) == 1
