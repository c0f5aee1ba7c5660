"""Search: what is found, by whom, and that nothing strange that is typed does any harm."""

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from award.db.entries import Entry, Evidence
from award.db.people import Duty, User
from award.queries.likeness import almost_holding, fold, holding, words_of
from award.queries.search import MOST_STATEMENTS
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT,))


def finds(typed: str, known: str) -> bool:
    return bool(holding(words_of(typed), [(fold(known), 1)]))


def almost_finds(typed: str, known: str) -> bool:
    return bool(almost_holding(words_of(typed), [(fold(known), 1)]))


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("๑๒๑๐", "ที่ บร 0019/ว 1210"),
        ("1210", "ที่ บร ๐๐๑๙/ว ๑๒๑๐"),
        ("ฝั่งอ่าวไทย", "กลุ่มจังหวัดภาคใต้อ่าวไทย"),
        ("อ่าวไทย", "กลุ่มจังหวัดภาคใต้ฝั่งอ่าวไทย"),
        ("จ.ตราด", "จังหวัดตราด"),
        ("สัมฤทธิ์ผล", "สัมฤทธิผล"),
        ("พ.ศ.2564", "พ.ศ. ๒๕๖๔"),
        ("เเม่ฮ่องสอน", "แม่ฮ่องสอน"),
        ("ลํานํ้า", "ลำน้ำ"),
        ("TRAT", "Trat"),
        ("ใสสะอาด ตราด", "สำนักงานจังหวัดตราด\nพัฒนาชุมชนใสสะอาด"),
    ],
)
def test_the_same_written_otherwise_is_found(typed: str, known: str):
    assert finds(typed, known)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("คันสนีย์", "นางศันสนีย์ (สมมติ)"),
        ("ตราค", "จังหวัดตราด"),
        ("จันทรบุรี", "จังหวัดจันทบุรี"),
        ("จันบุรี", "จังหวัดจันทบุรี"),
        ("chantaburi", "Chanthaburi"),
        ("กลุ่มแปรรูปมะพร้าว", "กลุ่มแปรูปมะพาว"),
    ],
)
def test_a_name_with_a_letter_wrong_is_found(typed: str, known: str):
    assert not finds(typed, known)
    assert almost_finds(typed, known)


@pytest.mark.parametrize(
    ("typed", "known"),
    [("1211", "ว 1210"), ("to-22", "to-23"), ("แพร่", "จังหวัดพะเยา"), ("เลย", "จังหวัดลพบุรี"), ("ชลบุรี", "จังหวัดสิงห์บุรี")],
)
def test_another_number_or_name_is_not_found(typed: str, known: str):
    assert not almost_finds(typed, known)


def test_the_organizer_finds_by_code_province_zone_position_receipt_and_title(site: BuiltSite):
    client = signed_in(site, "organizer")
    with site.database.writing() as db:
        entry = db.execute(text("select id, receipt from entry where code = 'to-22'")).one()
        db.execute(insert(Evidence).values(
            entry_id=entry.id, field="declaration", kind="link", url="https://example.invalid/", sha256=None,
            title="หนังสือที่ บร ๐๐๑๙/ว ๑๒๑๐", added_at=site.clock.now(), added_by_id=1,
        ))  # fmt: skip
        db.execute(update(Entry).where(Entry.code == "wf-c-54").values(label="กลุ่มของนางศันสนีย์ (สมมติ)"))
        who = select(User.id).where(User.login == "z9-member").scalar_subquery()
        db.execute(update(Duty).where(Duty.user_id == who).values(title_th="ผู้อำนวยการคันสนีย์ (สมมติ)"))
        db.commit()
    for typed, expected in {
        "to-22": f"/e/{entry.id}\"", "จันทบุรี": "to-22", "Trat": "to-23", "ว 1210": "๑๒๑๐", "ภาคตะวันออก 2": "zone=9",
        "ศันสนีย์": "นางศันสนีย์", "คันสนีย์": "นางศันสนีย์", entry.receipt: f"/e/{entry.id}/receipt",
        entry.receipt.split(" ")[0]: f"/e/{entry.id}/receipt", "ฝั่งอ่าวไทย": "zone=5", "นักวิชาการพัฒนาชุมชน": "z9-secretary",
    }.items():  # fmt: skip
        page = client.get("/search", query_string={"q": typed})
        assert page.status_code == 200
        assert expected in page.text, typed
    both = signed_in(site, "organizer", language="th").get("/search", query_string={"q": "ศันสนีย์"}).text
    assert "ผู้อำนวยการคันสนีย์" in both
    assert "(ต่างกันบางตัวอักษร)" in both


def test_what_waits_for_the_chief_is_no_draft_on_an_officers_desk(site: BuiltSite):
    with site.database.writing() as db:
        db.execute(update(Entry).where(Entry.code == f"to-{TRAT}").values(state="draft", step="chief"))
        db.commit()
    page = site.client_as("organizer").get(f"/search?q=to-{TRAT}").get_data(as_text=True)
    assert "with the chief" in page and " draft</span>" not in page


def test_everybody_finds_only_what_they_may_see(site: BuiltSite):
    for login, found, hidden in (
        ("p23", "to-23", "to-22"),
        ("p22", "to-22", "to-23"),
        ("z9-chair", "to-22", "to-23"),  # Trat's is a draft
        ("z16-chair", "to-54", "to-22"),
        ("admin", "/people/", "to-22"),
        ("director", "Zone", "to-22"),
    ):
        client = signed_in(site, login)
        said = "".join(
            client.get("/search", query_string={"q": typed}).text for typed in ("สำนักงาน", "เขตตรวจราชการ", found)
        )
        said = said.replace("a code such as to-23", "")
        assert found in said, login
        assert hidden not in said, login
    titles = signed_in(site, "p22").get("/search", query_string={"q": "สมมติ"}).text
    with site.database.reading() as db:
        others = db.execute(text(
            "select e.id from evidence e join entry n on n.id = e.entry_id where n.province_code <> '22'"
        )).scalars().all()  # fmt: skip
    assert not any(f'/files/{number}"' in titles for number in others)


def test_what_was_removed_or_renamed_is_not_shown(site: BuiltSite):
    client = signed_in(site, "auditor")
    with site.database.writing() as db:
        entry = db.execute(text("select id from entry where code = 'to-22'")).scalar_one()
        added = {"entry_id": entry, "field": "declaration", "kind": "link", "url": "https://example.invalid/",
                 "added_at": site.clock.now(), "added_by_id": 1}  # fmt: skip
        db.execute(insert(Evidence), [{**added, "title": "บันทึกกขค"}, {**added, "title": "บันทึกกขค"}])
        db.commit()
    assert client.get("/search", query_string={"q": "บันทึกกขค"}).text.count('<br><span class="quiet">in</span>') == 2
    with site.database.writing() as db:
        last = db.execute(text("select max(id) from evidence")).scalar_one()
        db.execute(update(Evidence).where(Evidence.id == last).values(removed_at=site.clock.now()))
        db.execute(update(Evidence).where(Evidence.id == last - 1).values(title="อย่างอื่น"))
        db.commit()
    assert "Nothing of this is found" in client.get("/search", query_string={"q": "บันทึกกขค"}).text


@pytest.mark.parametrize(
    "typed", ["%", "_", "%%%", ".*.*.*(.*)+$", "marks desc;--", "' or 'q'='q' --", "\x00", "🙂", "*"]
)
def test_what_no_name_holds_finds_nothing_and_costs_little(site: BuiltSite, typed: str):
    client = signed_in(site, "organizer")
    client.get("/search?q=ก")
    began = time.process_time()
    page = client.get("/search", query_string={"q": typed, "sort": "marks desc;--"})
    assert time.process_time() - began < 0.3
    assert page.status_code == 200
    assert 'class="hits"' not in page.text


def test_too_many_letters_are_refused_before_they_are_looked_for(site: BuiltSite):
    client = signed_in(site, "organizer")
    with site.statements() as seen:
        page = client.get("/search", query_string={"q": "ก" * 5000})
    assert page.status_code == 400
    assert "at most 100 letters" in page.text
    assert not [each for each in seen if "FROM entry" in each]


def test_a_search_takes_the_same_statements_however_much_is_found(site: BuiltSite):
    client = signed_in(site, "organizer")

    def count(typed: str) -> int:
        client.get("/search", query_string={"q": typed})
        with site.statements() as seen:
            client.get("/search", query_string={"q": typed})
        return len(seen)

    before = count("7788")
    with site.database.writing() as db:
        entry = db.execute(text("select id from entry where code = 'to-22'")).scalar_one()
        more = {"entry_id": entry, "field": "declaration", "kind": "link", "url": "https://example.invalid/",
                "added_at": site.clock.now(), "added_by_id": 1}  # fmt: skip
        db.execute(insert(Evidence), [{**more, "title": f"หลักฐาน 7788 {number}"} for number in range(30)])
        db.commit()
    assert "หลักฐาน 7788 29" in client.get("/search", query_string={"q": "7788"}).text
    assert count("7788") == before
    counts = [count(typed) for typed in ("จังหวัด", "to-22", "สำนักงาน", "ฑฒณฎฏฐ", "ก")]
    assert max(counts) <= MOST_STATEMENTS


def test_a_word_inside_an_answer_is_found_with_either_digits(site: BuiltSite):
    with site.database.writing() as db:
        db.execute(update(Entry).where(Entry.code == "to-22").values(
            answers=json.dumps({"summary": "ตามหนังสือที่ บร ๐๐๑๙/ว ๑๒๑๐ \"ด่วน\" 100%"}, ensure_ascii=False)
        ))  # fmt: skip
        db.commit()
    for typed in ("1210", "๑๒๑๐", "0019/ว", "๑๐๐%", '"ด่วน"'):
        for login, finds in (("organizer", True), ("p22", True), ("z9-chair", True), ("p54", False)):
            page = signed_in(site, login).get("/search", query_string={"q": typed}).text
            assert ("ตามหนังสือที่ บร" in page) == finds, (typed, login)
    assert "ตามหนังสือที่ บร" not in signed_in(site, "organizer").get("/search?q=1211").text


def test_who_has_no_duty_does_not_search(site: BuiltSite):
    assert site.client().get("/search?q=ตราด").status_code == 302
    with site.database.writing() as db:
        db.execute(
            text("update duty set to_day = '2021-07-01' where user_id = (select id from user where login = 'p54')")
        )
        db.commit()
    assert signed_in(site, "p54").get("/search?q=ตราด").status_code == 403


def test_where_nothing_is_found_something_to_try_is_offered(site: BuiltSite):
    page = signed_in(site, "organizer").get("/search", query_string={"q": "ตราด กขคงจฉ"}).text
    assert "Nothing of this is found" in page
    assert 'href="/search?q=%E0%B8%95%E0%B8%A3%E0%B8%B2%E0%B8%94"' in page  # ตราด alone
    assert "See all entries instead" in page
    alone = signed_in(site, "organizer").get("/search", query_string={"q": "กขคงจฉ"}).text
    assert "one of the words alone" not in alone
    assert "See all entries instead" not in signed_in(site, "z9-member").get("/search", query_string={"q": "ฉฉฉ"}).text
