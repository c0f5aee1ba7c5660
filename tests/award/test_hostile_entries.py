"""A province's officer with bad intent: other provinces, other times, other answers, files that are none."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import EVERYBODY, PANEL, everything, searchable, signed_in, without_tokens
from tests.award.scoring_day import build_day, new_key
from tests.award.test_entries import entry_of, fill
from tests.award.test_entries_evidence import PDF, XLSX, attach

MARKUP = "<svg/onload=alert(1)>\"'><img src=x onerror=alert(1)>{{7*7}}</script>"
LINK = "https://example.org/?<svg/onload=alert(1)>"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """The morning of 19 July: Trat's entries are drafts until 08.55, Chanthaburi's were sent and marked."""
    return build_site(tmp_path, live=(TRAT,))


def save(client: FlaskClient, site: BuiltSite, code: str, changes: dict[str, Any], **more: Any) -> Any:
    entry = entry_of(site, code)
    body = {"key": new_key(), "base_revision": entry.revision, "changes": changes} | more
    return client.post(f"/e/{entry.id}/answers", json=body)


# --- whose entry it is ----------------------------------------------------------------------------------------------


def test_nobody_but_its_own_officer_writes_in_an_entry(site: BuiltSite) -> None:
    entry = fill(site, "to-23")
    clients = {login: signed_in(site, login) for login in EVERYBODY if login != "p23"}
    before = everything(site)
    for login, client in clients.items():
        begin = {"adoption": "1", "category": "office", "province": "23", "key": new_key(), "label": "x"}
        tries = [
            save(client, site, "to-23", {"title": "x"}),
            client.post(f"/e/{entry.id}/answers", data={"base_revision": entry.revision, "title": "x"}),
            client.post(f"/e/{entry.id}/submit", data={"key": new_key()}),
            attach(client, entry, PDF),
            client.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "url": "https://example.org/"}),
            client.post(f"/e/{entry.id}/evidence/1/remove"),
            client.post("/e/begin", data=begin),
        ]
        if login != "organizer":
            again = {"key": new_key(), "reason": "ขอแก้ไขเอกสาร", "day": "20/7/2564", "time": "16.30"}
            tries.append(client.post(f"/e/{entry.id}/return", data=again))
        wanted = {302, 401} if not login else {403, 404}
        assert {answer.status_code for answer in tries} <= wanted, login
    assert everything(site) == before, "not one row of any table"


def test_another_provinces_entry_is_answered_like_none(site: BuiltSite) -> None:
    officer, foreign = signed_in(site, "p23"), entry_of(site, "to-22").id
    for tail in ("", "/submit", "/receipt"):
        answers = [(number, officer.get(f"/e/{number}{tail}")) for number in (foreign, 999_999)]
        assert [answer.status_code for _, answer in answers] == [404, 404]
        pages = {without_tokens(answer.text).replace(f"/e/{number}", "/e/N") for number, answer in answers}
        assert len(pages) == 1, "to the byte"


def test_evidence_of_another_entry_is_not_taken_away_through_ones_own(site: BuiltSite) -> None:
    officer, own = signed_in(site, "p23"), entry_of(site, "to-23").id
    with site.database.reading() as db:
        foreign = db.execute(text("select min(id) from evidence")).scalar_one()
    assert officer.post(f"/e/{own}/evidence/{foreign}/remove").status_code == 404
    with site.database.reading() as db:
        assert db.execute(text("select count(*) from evidence where removed_at is not null")).scalar_one() == 0


def test_an_office_keeps_its_own_name(site: BuiltSite) -> None:
    """A provincial office stands for itself: its officer cannot put another name on it."""
    officer, name = signed_in(site, "p23"), entry_of(site, "to-23").label
    assert save(officer, site, "to-23", {"@label": "สำนักงานพัฒนาชุมชนจังหวัดจันทบุรี"}).status_code == 400
    form = {"base_revision": "1", "@label": "สำนักงานพัฒนาชุมชนจังหวัดจันทบุรี"}
    assert officer.post(f"/e/{entry_of(site, 'to-23').id}/answers", data=form).status_code == 400
    assert entry_of(site, "to-23").label == name
    assert save(officer, site, "wf-a-23", {"@label": "กลุ่มใหม่"}).status_code == 200, "others name themselves"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "submitted"}, {"province_code": "22"}, {"revision": 9}, {"submitted_at": "2021"}, {"receipt": "#1"},
        {"__proto__": "x"}, {"constructor": "x"}, {"declaration": "file"}, {"title": {"$gt": ""}}, {"title": ["x"]},
        {"title": 7}, {"title": None}, {"projects": "x"}, {"projects": [["x"]]}, {"projects": [{"nobody": "x"}]},
        {"projects": {"0": {"name": "x"}}}, {"plan_exists": "maybe"}, {"\ud800": "x"}, {"@LABEL": "x"}, {"@label": 7},
    ],
)  # fmt: skip
def test_what_does_not_belong_to_the_form_is_refused(site: BuiltSite, changes: dict[str, Any]) -> None:
    officer = signed_in(site, "p23")
    before = everything(site)
    assert save(officer, site, "wf-a-23" if "@label" in changes else "to-23", changes).status_code in (400, 422)
    assert everything(site) == before


def test_columns_of_the_tables_in_the_form_are_not_taken(site: BuiltSite) -> None:
    officer, entry = signed_in(site, "p23"), entry_of(site, "to-23")
    extra = {"state": "submitted", "province_code": "22", "code": "to-22", "invented": "0", "due_at": "2031-01-01"}
    answer = officer.post(f"/e/{entry.id}/answers", data={"base_revision": "1", "title": "ชื่อที่เพิ่งพิมพ์", **extra})
    assert answer.status_code == 400
    assert "ชื่อที่เพิ่งพิมพ์" in answer.text, "what was typed is shown, to be copied"
    after = entry_of(site, "to-23")
    assert (after.state, after.province_code, after.code, after.due_at) == ("draft", "23", "to-23", None)
    assert after.invented and "ชื่อที่เพิ่งพิมพ์" not in after.answers


# --- when -----------------------------------------------------------------------------------------------------------


def test_no_header_and_no_field_moves_the_deadline(site: BuiltSite) -> None:
    officer, entry = signed_in(site, "p23"), fill(site, "to-23")
    site.clock.set(site.clock.now() + timedelta(hours=1))
    before = everything(site)
    past = {"Date": "Mon, 19 Jul 2021 01:00:00 GMT", "X-Forwarded-For": "127.0.0.1", "If-Unmodified-Since": "1"}
    form = {"key": new_key(), "submitted_at": "2021-07-19T01:00:00Z", "closes_at": "2031-01-01", "due_at": "2031-01-01"}
    assert officer.post(f"/e/{entry.id}/submit", data=form, headers=past).status_code == 400
    assert officer.post(f"/e/{entry.id}/submit", data={"key": new_key()}, headers=past).status_code == 423
    assert save(officer, site, "to-23", {"title": "spät"}).status_code == 423
    assert attach(officer, entry, PDF).status_code == 423
    assert everything(site) == before
    assert not list(site.settings.evidence.rglob("*.pdf")) and not site.settings.evidence.exists()


def test_a_key_that_saved_does_not_pass_for_sending(site: BuiltSite) -> None:
    officer, key = signed_in(site, "p23"), new_key()
    fill(site, "to-23")
    assert save(officer, site, "to-23", {"title": "ผลงาน"}, key=key).status_code == 200
    assert officer.post(f"/e/{entry_of(site, 'to-23').id}/submit", data={"key": key}).status_code == 303
    assert entry_of(site, "to-23").state == "submitted"


# --- what -----------------------------------------------------------------------------------------------------------


def test_a_number_of_many_thousand_digits_leaves_the_page_readable(site: BuiltSite) -> None:
    officer = signed_in(site, "p23")
    for digits in ("9" * 5000, "-" + "9" * 15_000, "9" * 5000 + ".5", "๙" * 6000):
        assert save(officer, site, "to-23", {"findings": digits}).status_code == 200
        for login in ("p23", "organizer"):
            assert signed_in(site, login).get(f"/e/{entry_of(site, 'to-23').id}").status_code == 200
    assert signed_in(site, "p23").get("/e/").status_code == 200


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-" + "9" * 30, "0", "-1", "1_0", "๑", "1e3", "NaN"])
def test_ids_beyond_measure_are_ids_of_nothing(site: BuiltSite, number: str) -> None:
    officer, organizer = signed_in(site, "p23"), signed_in(site, "organizer")
    begun = officer.post(
        "/e/begin",
        data={"key": new_key(), "adoption": number, "category": "office", "province": "22", "label": "x"},
    )
    assert begun.status_code == 404
    for rule in ("/e/{}", "/e/{}/receipt", "/files/{}", "/s/{}", "/s/slot/{}/compare", "/r/run/{}", "/rules/{}"):
        assert organizer.get(rule.format(number)).status_code == 404, rule
    for rule in ("/s/{}/chair", "/s/card/{}", "/s/card/{}/send"):
        assert signed_in(site, "z9-chair").get(rule.format(number)).status_code == 404, rule
    assert organizer.post("/r/1/zone/resolve", data={"run": number, "key": new_key()}).status_code == 404


class Markup(HTMLParser):
    """Finds what a page could run: handlers, foreign scripts, addresses that are code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src", "action", "formaction") and _is_code(value or "")):
                self.found.append(f"<{tag} {name}={value}>")
        is_preview = tag == "img" and re.fullmatch(r"/files/[0-9]+/preview", dict(attrs).get("src") or "")
        if tag in ("img", "iframe", "object", "embed", "base") and not is_preview:
            self.found.append(f"<{tag}>")


def _is_code(address: str) -> bool:
    return address.strip().lower().startswith(("javascript:", "data:", "vbscript:", "//"))


def runs(page: str) -> list[str]:
    parser = Markup()
    parser.feed(page)
    return parser.found


def strings_of(answer: Any) -> Iterator[str]:
    yield from (value for value in answer.values() if isinstance(value, str))


def test_markup_that_anyone_types_stays_text_on_every_page_of_everybody(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    site, slot = day.site, day.first_slot
    day.change("update entry set state = 'draft', submitted_at = null where code in ('wf-a-23', 'to-23')")
    officer, chair = signed_in(site, "p23"), signed_in(site, "z9-chair")
    assert save(officer, site, "wf-a-23", {"@label": MARKUP}).status_code == 200
    rows = [{"name": MARKUP, "owner": MARKUP, "objective": "ก", "results": MARKUP, "d1": "yes"}]
    changes = {"title": MARKUP, "summary": MARKUP, "initiative_clip": "javascript:alert(1)", "items_page": LINK}
    answer = save(officer, site, "to-23", changes | {"projects": rows, "findings": MARKUP, "districts_date": MARKUP})
    assert answer.status_code == 200
    assert [runs(piece) for piece in strings_of(answer.json)] == [[]] * len(list(strings_of(answer.json)))
    entry = entry_of(site, "to-23").id
    link = {"field": "declaration", "title": MARKUP, "url": LINK}
    assert officer.post(f"/e/{entry}/evidence", data=link).status_code == 303
    note = {"key": new_key(), "section": "general", "text": MARKUP}
    assert officer.post(f"/e/{entry}/notes", data=note).status_code == 303
    pieces = attach(officer, entry_of(site, "to-23"), PDF, title=MARKUP).json["pieces"]
    assert runs(pieces) == [] and "&lt;svg" in pieces
    day.change("update entry set state = 'submitted', submitted_at = '2021-07-09T02:00:00.000000Z'")
    day.post(chair, f"/s/slot/{slot}/open")
    for login in PANEL:
        client, card = signed_in(site, login), day.card(login)
        notes = {name: MARKUP if name.startswith("note:") else "4" for name in day.whole()}
        assert day.save(client, card, notes).status_code == 200
        assert day.send(client, card).status_code == 303
    day.post(chair, f"/s/slot/{slot}/close")
    day.post(chair, f"/s/slot/{slot}/cards/{day.card('z9-member')}/reopen", reason=MARKUP)
    who = {"seat": day.seat("z9-member"), "entry": entry}
    day.post(chair, f"/s/slot/{slot}/excuse", kind="absent", reason=MARKUP, **who)
    assert day.post(chair, f"/s/slot/{slot}/close").status_code == 303
    assert day.post(signed_in(site, "organizer"), "/r/1/zone/calculate", kind="provisional").status_code == 303
    seen, pages = 0, [each for each in searchable(site) if not each.endswith((".xlsx", ".ics", ".txt"))]
    for login in EVERYBODY:
        client = signed_in(site, login)
        for address in pages:
            answer = client.get(address, buffered=True)
            if answer.mimetype == "text/html":
                assert runs(answer.text) == [], f"{login} at {address}"
                seen += "&lt;svg/onload" in answer.text
    assert seen > 10, "it is shown, as text"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>%PDF-1.4\n%%EOF"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.html", PDF),
        ("a.pdf.exe", PDF),
        ("a.pdf\x00.html", PDF),
        ("pdf", PDF),
        ("", PDF),
        ("a.xlsx", b"PK\x03\x04" + b"\xff" * 500),
        ("a.xlsx", XLSX[:-30]),
        ("a.xlsx", XLSX.replace(b"PK\x01\x02\x14\x03\x14\x00", b"PK\x01\x02\x14\x03\xff\x00")),  # needs ZIP 25.5
    ],
)
def test_what_is_no_file_of_a_kind_asked_for_is_refused(site: BuiltSite, name: str, content: bytes) -> None:
    officer, entry = signed_in(site, "p23"), entry_of(site, "to-23")
    before = everything(site)
    answer = attach(officer, entry, content, name=name, field="items_table" if "xlsx" in name else "declaration")
    assert answer.status_code == 422
    assert answer.json is not None and len(answer.json["error"]) > 20
    assert everything(site) == before
    assert not [path for path in site.settings.evidence.rglob("*") if path.is_file()]


def test_a_file_is_saved_to_disk_under_our_name_and_never_opened_here(site: BuiltSite) -> None:
    officer, entry = signed_in(site, "p23"), entry_of(site, "to-23")
    page = PDF
    name = '../../../../etc/../a\r\nX-Evil: 1";.pdf'
    assert attach(officer, entry, page, name=name.replace("\r\n", "%0d%0a").replace('"', "%22")).status_code == 200
    with site.database.reading() as db:
        number = db.execute(text("select id from evidence where kind = 'file'")).scalar_one()
    answer = officer.get(f"/files/{number}", buffered=True)
    assert answer.data == page
    assert answer.headers["Content-Disposition"] == "attachment; filename=to-23-declaration-1.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "ETag" not in answer.headers
    kept = [path for path in site.settings.evidence.rglob("*") if path.is_file()]
    assert len(kept) == 1 and len(kept[0].name) == 64


def test_a_bomb_in_an_office_file_is_never_unpacked(site: BuiltSite) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"\0" * 20_000_000)
        package.writestr("xl/workbook.xml", b"<x/>")
    answer = attach(signed_in(site, "p23"), entry_of(site, "to-23"), bomb.getvalue(), "a.xlsx", field="items_table")
    assert (answer.status_code, answer.json["id"]) == (422, "office_bomb")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)//https://a.example", "data:text/html,x", "vbscript:x",
        "//evil.example", "https:evil.example", "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f.1/",
        "file:///etc/passwd", "https://user:pass@bank.example/", "https://a.example/\nx", " javascript:alert(1)",
        "java\tscript:alert(1)", "ftp://a.example",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_no_evidence(site: BuiltSite, address: str) -> None:
    officer, entry = signed_in(site, "p23"), entry_of(site, "to-23")
    answer = officer.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "url": address})
    if answer.status_code == 303:  # blanks around and within are taken out first: then it must be a harmless one
        with site.database.reading() as db:
            kept = db.execute(text("select url from evidence order by id desc limit 1")).scalar_one()
        assert kept.startswith(("https://", "http://")) and "\n" not in kept
    else:
        assert answer.status_code == 422
