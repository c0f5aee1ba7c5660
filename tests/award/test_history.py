"""The history of an entry: every version kept, told by sittings, old beside new, an older answer put back."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from award.db.entries import EntryRevision
from award.forms.versions import compare
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_chain import give
from tests.award.test_entries import entry_of, save
from tests.award.test_entries import officer as officer
from tests.award.test_entries import site as site


def test_saves_in_a_row_stand_together_and_each_can_be_opened(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    for number, text in enumerate(("ก", "กข", "กขค")):
        assert save(officer, entry, {"title": text}, base=entry.revision + number).status_code == 200
    site.clock.set(site.clock.now() + timedelta(minutes=20))
    assert save(officer, entry, {"summary": "สรุป"}, base=entry.revision + 3).status_code == 200
    page = officer.get(f"/e/{entry.id}/history").text
    first, last = entry.revision + 1, entry.revision + 3
    assert f"versions {first} to {last}" in page
    assert page.count('class="singles"') == 1
    assert len(re.findall(r'<ul class="singles">.*?</ul>', page, re.DOTALL)[0].split("<li>")) == 4
    whole = officer.get(f"/e/{entry.id}/history/{last}?since={entry.revision}").text
    assert f"What changed from version {entry.revision} to {last}" in whole
    single = officer.get(f"/e/{entry.id}/history/{last}").text
    assert "กข<ins>ค</ins>" in single


def test_a_table_is_told_by_rows_and_a_yes_by_its_word(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    rows = [{"name": "ก", "d1": "yes"}, {"name": "ข"}]
    answer = save(officer, entry, {"projects": rows, "plan_exists": "no"})
    base = answer.json["revision"]
    assert (
        save(officer, entry, {"projects": [rows[0], {"name": "ค"}], "plan_exists": "yes"}, base=base).status_code == 200
    )
    page = officer.get(f"/e/{entry.id}/history/{base + 1}").text
    assert "<del>ข</del>" in page
    assert "<ins>ค</ins>" in page
    assert "✓" not in page, "the row that stayed is not told"
    assert re.search(r"Before</dt><dd class=\"as-written\">No</dd><dt>After</dt><dd class=\"as-written\">Yes", page)


def test_an_older_answer_is_put_back_as_a_new_version(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "เดิม"})
    save(officer, entry, {"title": "ใหม่", "summary": "อยู่ต่อ"}, base=entry.revision + 1)
    page = officer.get(f"/e/{entry.id}/history/{entry.revision + 2}").text
    assert page.count("Put the answer of before back") == 2
    form = {
        "key": "0123456789abcdef",
        "code": "title",
        "version": entry.revision + 1,
        "base_revision": entry.revision + 2,
    }
    answer = officer.post(f"/e/{entry.id}/history/restore", data=form)
    assert (answer.status_code, answer.location) == (303, f"/e/{entry.id}#f-title")
    now = entry_of(site, f"to-{TRAT}")
    assert (json.loads(now.answers)["title"], json.loads(now.answers)["summary"]) == ("เดิม", "อยู่ต่อ")
    assert now.revision == entry.revision + 3, "nothing of the history was lost"


def test_putting_back_over_what_somebody_just_wrote_is_refused(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    save(officer, entry, {"title": "เดิม"})
    save(officer, entry, {"title": "ใหม่"}, base=entry.revision + 1)
    save(officer, entry, {"title": "ใหม่กว่า"}, base=entry.revision + 2)
    form = {
        "key": "0123456789abcdef",
        "code": "title",
        "version": entry.revision + 1,
        "base_revision": entry.revision + 2,
    }
    assert officer.post(f"/e/{entry.id}/history/restore", data=form).status_code == 409
    assert json.loads(entry_of(site, f"to-{TRAT}").answers)["title"] == "ใหม่กว่า"


def test_who_stands_for_the_entry_has_a_history_too(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"wf-a-{TRAT}")
    save(officer, entry, {"@label": "ชื่อหนึ่ง"})
    save(officer, entry, {"@label": "ชื่อสอง"}, base=entry.revision + 1)
    page = officer.get(f"/e/{entry.id}/history/{entry.revision + 2}").text
    assert "Who stands for the entry" in page
    form = {
        "key": "0123456789abcdef",
        "code": "@label",
        "version": entry.revision + 1,
        "base_revision": entry.revision + 2,
    }
    assert officer.post(f"/e/{entry.id}/history/restore", data=form).status_code == 303
    assert entry_of(site, f"wf-a-{TRAT}").label == "ชื่อหนึ่ง"


def test_the_history_takes_as_many_statements_for_one_version_as_for_many(
    site: BuiltSite, officer: FlaskClient
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    officer.get(f"/e/{entry.id}/history")
    counts = []
    for turn in range(3):
        save(officer, entry, {"title": f"ก{turn}"}, base=entry.revision + turn)
        with site.statements() as counted:
            assert officer.get(f"/e/{entry.id}/history").status_code == 200
        counts.append(len(counted))
    assert len(set(counts)) == 1
    assert counts[0] <= 5


def test_every_save_is_a_version_with_the_name_and_the_way(site: BuiltSite, officer: FlaskClient) -> None:
    entry = entry_of(site, f"wf-a-{TRAT}")
    save(officer, entry, {"title": "ก"})
    with site.database.reading() as db:
        row = db.execute(
            select(EntryRevision.label, EntryRevision.way).where(
                EntryRevision.entry_id == entry.id, EntryRevision.revision == entry.revision + 1
            )
        ).one()
    assert tuple(row) == (entry.label, "form")


@pytest.mark.parametrize("path", ["history/999999", "history/0", "history/1?since=7", "history?before=x"])
def test_what_was_never_stored_is_not_shown(site: BuiltSite, officer: FlaskClient, path: str) -> None:
    assert officer.get(f"/e/{entry_of(site, f'to-{TRAT}').id}/{path}").status_code in (400, 404)


def test_who_marks_an_entry_reads_no_drafts_of_it_also_as_an_officer_elsewhere(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI))
    give(site, "z9-member", "officer", CHANTHABURI)
    entry = entry_of(site, f"to-{TRAT}")
    member, auditor = site.client_as("z9-member"), site.client_as("auditor")
    assert member.get(f"/e/{entry.id}").status_code == 200, "it is assigned to them"
    for path in (f"/e/{entry.id}/history", f"/e/{entry.id}/history/{entry.revision}?since=0"):
        assert member.get(path).status_code == 404, path
        assert auditor.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("กำแพง", "กำแพงเมือง", [("same", "กำแพง"), ("new", "เมือง")]),
        ("น้ำใส", "น้าใส", [("out", "น้ำ"), ("new", "น้า"), ("same", "ใส")]),
        ("a" * 3000, "b" * 3000, [("out", "a" * 3000), ("new", "b" * 3000)]),
        ("", "ก", [("new", "ก")]),
    ],
)  # fmt: skip
def test_passages_are_told_apart_without_parting_a_letter_from_its_marks(
    old: str, new: str, told: list[tuple[str, str]]
) -> None:
    assert [(each.kind, each.text) for each in compare(old, new)] == told


def test_both_texts_can_be_read_from_the_passages() -> None:
    old, new = "โครงการปลูกผักสวนครัวตำบลแหลมงอบ ปี 2563", "โครงการผักสวนครัว ตำบลแหลมกลัด ปี 2564"
    pieces = list(compare(old, new))
    assert "".join(each.text for each in pieces if each.kind != "new") == old
    assert "".join(each.text for each in pieces if each.kind != "out") == new
