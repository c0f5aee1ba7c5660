"""The pages of results: who sees them, that they show the engine's numbers, and that nothing open leaks into them."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from award.evaluation import recalculate
from award.queries import run_results
from award.queries.cycles import find_award_cycle
from award.queries.ranking import find_run
from scoring_rules.exact import shown
from scoring_rules.results import Evaluation
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.results import (
    FUND,
    POLICY,
    TRANSPARENT,
    award_of,
    calculated,
    card_of,
    change,
    decide,
    make_equal,
    set_slot,
    value,
)

GROUP = {"category": "occupation_group", "group": "9"}


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def evaluated(site: BuiltSite, run: int) -> Evaluation:
    with site.database.reading() as db:
        found = find_run(db, run)
        assert found is not None
        award = find_award_cycle(db, found.adoption_id)
        assert award is not None
        return recalculate(db, run=found, award_cycle=award).evaluation


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def rows_of(page: str) -> dict[str, str]:
    """Entry → its row of the table, tags taken out."""
    rows = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*?/why/([\w-]+)\"(.*?)</tr>", page, flags=re.S)
    ranks = re.findall(r'<td class="number rank">([^<]*)</td><td><a href="[^"]*/why/([\w-]+)"', page)
    by_rank = {entry: rank for rank, entry in ranks}
    return {entry: f"{by_rank.get(entry, '')} {re.sub('<[^>]*>', ' ', row)}" for entry, row in rows}


@pytest.mark.parametrize("code", [TRANSPARENT, POLICY, FUND])
def test_the_ranking_shows_what_the_engine_found(site: BuiltSite, code: str) -> None:
    run = calculated(site, code)
    page = site.client_as("organizer").get(f"/r/run/{run}")
    assert page.status_code == 200
    rows = rows_of(page.text)
    standings = [each for ranking in evaluated(site, run).rankings for each in ranking.standings]
    assert set(rows) == {each.entry for each in standings} and len(rows) >= 2
    for each in standings:
        assert each.total is not None
        cells = rows[each.entry].split()
        assert cells[0] == str(each.rank)
        assert shown(each.total, 2) in cells
        roots = [shown(points, 2) for path, points in each.points.items() if "/" not in path]
        assert roots and set(roots) <= set(cells)


def test_a_run_says_what_it_is(site: BuiltSite) -> None:
    client = site.client_as("auditor")
    provisional = calculated(site, TRANSPARENT)
    page = client.get(f"/r/run/{provisional}").text
    assert "Provisional result – not for publication" in page
    assert "Proposed rules" in page and "Invented data" in page
    assert "would go on" in page and "Not the latest" not in page
    official = calculated(site, TRANSPARENT, "official")
    assert "Not the latest" in client.get(f"/r/run/{provisional}").text
    page = client.get(f"/r/run/{official}").text
    assert "Official result" in page and "would go on" not in page
    thai = site.client_as("auditor", language="th").get(f"/r/run/{official}").text
    assert "ผลอย่างเป็นทางการ" in thai and "ตราด" in thai and "เกณฑ์ที่เสนอ" in thai


def test_the_index_says_where_each_award_stands(site: BuiltSite) -> None:
    organizer = site.client_as("organizer")
    assert organizer.get("/r/").text.count("Not calculated yet.") == 3
    set_slot(site, "to-23", "open")
    page = organizer.get("/r/").text
    assert "1 of 2 slots are closed" in page and page.count("All 2 slots are closed") == 2
    assert page.count("Calculate the official result") == 2, "no button for what would be refused"
    calculated(site, TRANSPARENT)
    change(site, "update slot set state = 'closed', closed_at = '2021-07-19T23:00:00.000000Z' where state = 'open'")
    assert "Slots were closed after it: calculate again." in organizer.get("/r/").text
    assert "Calculate" not in site.client_as("auditor").get("/r/").text


def test_calculating_by_the_button_leads_to_the_run(site: BuiltSite) -> None:
    organizer = site.client_as("organizer")
    adoption = award_of(site, POLICY).adoption_id
    sent = {"kind": "provisional", "key": key_in(organizer.get("/r/").text)}
    first = organizer.post(f"/r/{adoption}/zone/calculate", data=sent)
    assert (first.status_code, first.headers["Location"]) == (303, "/r/run/1")
    assert organizer.post(f"/r/{adoption}/zone/calculate", data=sent).headers["Location"] == "/r/run/1"


def test_a_refused_calculation_lists_what_blocks(site: BuiltSite) -> None:
    organizer = site.client_as("organizer")
    set_slot(site, "to-23", "open")
    change(site, "update entry set state = 'draft', submitted_at = null where code = 'to-22'")
    answer = organizer.post(f"/r/{award_of(site, TRANSPARENT).adoption_id}/zone/calculate", data={"kind": "official"})
    assert answer.status_code == 422
    assert "Slots not closed yet: 1" in answer.text and "Trat (Zone 9)" in answer.text
    assert "Drafts never sent, which do not take part: 1" in answer.text and "to-22" in answer.text
    wrong = organizer.post(f"/r/{award_of(site, TRANSPARENT).adoption_id}/zone/calculate", data={"kind": "best"})
    assert wrong.status_code == 422
    assert value(site, "select count(*) from ranking_run") == 0


def test_why_tells_every_step_and_calculates_again(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    client = site.client_as("organizer")
    page = client.get(f"/r/run/{run}/why/to-23").text
    standing = evaluated(site, run).standing("to-23")
    assert "Calculated again: the same result." in page
    assert f"Rank {standing.rank}" in page
    assert standing.total is not None and f"{shown(standing.total, 2)} points" in page
    cards = value(site, "select count(*) from assignment a join entry e on e.id = a.entry_id where e.code = 'to-23'")
    assert f"{standing.members} members gave" in page and "rounded to 2 decimals" in page
    assert page.count('<td class="number">') == 17 * (cards + 1), (
        "every member's mark of every criterion, and the points"
    )
    assert "คำนวณซ้ำได้ผลตรงกัน" in site.client_as("organizer", language="th").get(f"/r/run/{run}/why/to-23").text
    assert client.get(f"/r/run/{run}/why/to-54").status_code == 404


def test_why_explains_a_run_as_it_was_although_marks_changed_since(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    client = site.client_as("organizer")
    before = client.get(f"/r/run/{run}/why/to-23").text
    change(site, "update mark set value = 0 where assignment_id = :card", card=card_of(site, "to-23"))
    assert client.get(f"/r/run/{run}/why/to-23").text.split("<h2>")[1] == before.split("<h2>")[1]
    later = calculated(site, TRANSPARENT)
    assert client.get(f"/r/run/{later}/why/to-23").text.split("<h2>")[1] != before.split("<h2>")[1]


def test_an_altered_run_is_noticed(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> None:
    run = calculated(site, TRANSPARENT)
    client = site.client_as("organizer")
    change(site, "update ranking_run set facts = replace(facts, '\"4\"', '\"5\"')")
    for page in (f"/r/run/{run}/why/to-23", f"/r/run/{run}/workbook"):
        answer = client.get(page)
        assert answer.status_code == 422 and "they were altered" in answer.text
    monkeypatch.setattr(run_results, "_kept", {})  # as after a restart
    change(site, "update ranking_run set result = replace(result, '\"rank\": 2', '\"rank\": 1')")
    answer = client.get(f"/r/run/{run}")
    assert answer.status_code == 422 and "it was altered" in answer.text


def test_rules_adopted_later_do_not_explain_an_older_run(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    change(site, "update adoption set rules_text = rules_text || '\n# later'")
    answer = site.client_as("organizer").get(f"/r/run/{run}/why/to-23")
    assert answer.status_code == 422 and "Other rules have been adopted" in answer.text


def test_members_stand_beside_each_other_with_what_they_gave(site: BuiltSite) -> None:
    make_equal(site, "pa-22", "pa-23")
    change(site, "update assignment set excused = 'recused' where id = :card", card=card_of(site, "pa-23"))
    change(site, "update adoption set rules_text = replace(rules_text, 'spread_alert: 15', 'spread_alert: 0.01')")
    run = calculated(site, POLICY)
    page = site.client_as("auditor").get(f"/r/run/{run}/members").text
    for each in evaluated(site, run).rankings[0].standings:
        row = rows_of(page)[each.entry]
        assert len(each.member_totals) == (2 if each.entry == "pa-23" else 3)
        for total in each.member_totals.values():
            assert shown(total, 2) in row
        assert each.spread is not None and shown(each.spread, 2) in row
        assert ("! discuss" in " ".join(row.split())) == (each.spread > 0)
        assert ("recused" in row) == (each.entry == "pa-23")
    assert "CDD inspector, zone 9" in page


def test_nothing_of_an_open_slot_is_on_any_page(site: BuiltSite) -> None:
    told = evaluated(site, calculated(site, TRANSPARENT)).standing("to-23")
    assert told.total is not None
    secret = shown(told.total, 2)
    set_slot(site, "to-23", "open")
    run = calculated(site, TRANSPARENT)
    client = site.client_as("organizer")
    for page in (f"/r/run/{run}", f"/r/run/{run}/members", f"/r/run/{run}/why/to-23", "/o/"):
        text = client.get(page).text
        assert secret not in text, page
    assert "Incomplete, not ranked" in client.get(f"/r/run/{run}").text
    assert "Slots not closed yet: 1. Only closed ones are counted" in client.get(f"/r/run/{run}").text
    assert "What members marked" not in client.get(f"/r/run/{run}/why/to-23").text
    book = load_workbook(io.BytesIO(client.get(f"/r/run/{run}/workbook").data), data_only=True)
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert secret not in cells and str(float(secret)) not in cells


def test_one_group_or_category_can_be_shown_alone(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, PHRAE))
    run = calculated(site, FUND)
    client = site.client_as("organizer")
    assert len(rows_of(client.get(f"/r/run/{run}").text)) == 6
    assert set(rows_of(client.get(f"/r/run/{run}?group=9").text)) == {"wf-a-23", "wf-b-23", "wf-c-23"}
    assert set(rows_of(client.get(f"/r/run/{run}?category=occupation_group").text)) == {"wf-c-23", "wf-c-54"}
    alone = client.get(f"/r/run/{run}?group=9").text
    assert alone.count("Signed …") == 3 and "Director of the training centre, zone 9" in alone
    for wrong in ("?group=3", "?category=best"):
        assert client.get(f"/r/run/{run}{wrong}").status_code == 404
    assert client.get("/r/run/99").status_code == 404


def test_the_form_for_a_tie_keeps_what_was_typed_and_records_the_decision(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI))
    make_equal(site, "wf-c-23", "wf-c-22")
    run = calculated(site, FUND)
    organizer = site.client_as("organizer")
    assert "Record the committee" in organizer.get(f"/r/run/{run}").text
    assert "Record the committee" not in site.client_as("auditor").get(f"/r/run/{run}").text
    assert "Ties that wait for the committee's decision: 1" in organizer.get("/r/").text
    for places, reason, said in [
        ({"wf-c-22": 1, "wf-c-23": 1}, "as agreed", "Two entries have the same place"),
        ({"wf-c-22": 1, "wf-c-23": 7}, "as agreed", "wf-c-23: choose a place from 1 to 2"),
        ({"wf-c-22": 1}, "as agreed", "wf-c-23: choose a place from 1 to 2"),
        ({"wf-c-22": 2, "wf-c-23": 1}, " ", "Write the committee&#39;s reason."),
    ]:
        answer = decide(organizer, site, run, places, reason, **GROUP)
        assert answer.status_code == 422 and said in answer.text
        assert reason.strip() in answer.text and "<option selected>" in answer.text
    done = decide(organizer, site, run, {"wf-c-22": 2, "wf-c-23": 1}, "as agreed", **GROUP)
    assert done.status_code == 303
    assert "Decision recorded." in organizer.get(f"/r/run/{run}").text
    final = calculated(site, FUND, "official")
    rows = rows_of(organizer.get(f"/r/run/{final}?category=occupation_group").text)
    assert rows["wf-c-23"].startswith("1 ") and rows["wf-c-22"].startswith("2 ")
    assert "The committee&#39;s written decision" in rows["wf-c-23"]
    assert decide(organizer, site, run, {"wf-c-22": 2, "wf-c-23": 1}, "again", **GROUP).status_code in (409, 422)


def pages(run: int) -> list[str]:
    return ["/o/", "/r/", f"/r/run/{run}", f"/r/run/{run}/members", f"/r/run/{run}/why/to-23", f"/r/run/{run}/workbook"]


def test_only_organizers_and_auditors_see_results(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    for login, status in [("organizer", 200), ("auditor", 200), ("z9-chair", 403), ("z9-member", 403), ("p23", 403)]:
        client = site.client_as(login)
        assert {client.get(page).status_code for page in pages(run)} == {status}, login
    anonymous = site.client()
    assert {anonymous.get(page).status_code for page in pages(run)} == {302}


@pytest.mark.parametrize("login", ["auditor", "z9-chair", "p23"])
def test_only_organizers_calculate_and_record(site: BuiltSite, login: str) -> None:
    run = calculated(site, TRANSPARENT)
    client = site.client_as(login)
    assert client.post("/r/1/zone/calculate", data={"kind": "provisional"}).status_code == 403
    assert decide(client, site, run, {"to-23": 1}, "x", category="office", group="9").status_code == 403
    assert value(site, "select count(*) from ranking_run") == 1


def statements(site: BuiltSite, client: FlaskClient, page: str) -> int:
    client.get(page)  # what is read once (rules, frozen results) is read
    with site.statements() as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_statements_do_not_grow_with_the_round(tmp_path: Path) -> None:
    counts = []
    for number, provinces in enumerate([(TRAT,), (TRAT, CHANTHABURI, PHRAE)]):
        site = build_site(tmp_path / str(number), provinces=provinces)
        run = calculated(site, TRANSPARENT)
        client = site.client_as("organizer")
        counts.append([statements(site, client, page) for page in [*pages(run), "/rules/", "/rules/1"]])
    assert counts[0] == counts[1]
    assert counts[0][0] <= 12 and counts[0][2] <= 8  # the first tells of checking, late requests and follow-ups too


def test_the_workbook_holds_the_run(site: BuiltSite) -> None:
    run = calculated(site, FUND, "official")
    answer = site.client_as("organizer").get(f"/r/run/{run}/workbook")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="womens-fund-2564-r1-zone-official-run{run}.xlsx"'
    )
    book = load_workbook(io.BytesIO(answer.data), data_only=True)
    cells = {
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    }
    for standing in (each for ranking in evaluated(site, run).rankings for each in ranking.standings):
        assert standing.entry in cells
        assert standing.total is not None and f"{float(standing.total):g}" in {
            f"{float(c):g}" for c in cells if _number(c)
        }
    assert {"Official result", "Invented data"} <= cells
    assert any("CDD inspector, zone 9" in cell for cell in cells), "positions, not codes only"
    assert any(cell.startswith(f"{run}-") for cell in cells), "the code that finds the run again"


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_the_workbook_tells_what_was_changed_after_sending(site: BuiltSite) -> None:
    card = card_of(site, "to-23")
    change(site, "update assignment set state = 'sent', excused = '' where id = :card", card=card)
    last = value(site, "select max(revision) from mark where assignment_id = :card", card=card)
    slot = value(site, "select slot_id from assignment where id = :card", card=card)
    change(
        site,
        "insert into reopening (slot_id, assignment_id, revision, reason, at, by_id)"
        " values (:slot, :card, :last, 'หารือแล้ว', '2021-07-19T03:20:00.000000Z', 1)",
        slot=slot, card=card, last=last,
    )  # fmt: skip
    change(site, "update mark set value = 40000 where assignment_id = :card and criterion = 'd1/commitment'", card=card)
    change(
        site,
        "insert into mark (assignment_id, revision, criterion, value, note, at)"
        " values (:card, :next, 'd1/commitment', 30000, 'ลดระดับ', '2021-07-19T03:25:00.000000Z')",
        card=card, next=last + 1,
    )  # fmt: skip
    run = calculated(site, TRANSPARENT)
    book = load_workbook(io.BytesIO(site.client_as("organizer").get(f"/r/run/{run}/workbook").data), data_only=True)
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True) if "หารือแล้ว" in row]
    assert len(rows) == 1
    assert [str(cell) for cell in rows[0][3:7]] == ["to-23", "4", "3", "หารือแล้ว"]
    assert "Leader's declared commitment" in str(rows[0][2])
    assert any("ลดระดับ" in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
