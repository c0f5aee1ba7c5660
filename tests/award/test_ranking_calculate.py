"""Calculating runs and deciding ties: what is frozen, what is refused, and that nothing counts twice."""

from pathlib import Path
from typing import Any

import pytest

from award.actions.ranking import calculate_run, record_resolution
from award.db.ledger import Log
from award.errors import Forbidden, Incomplete, Invalid, NotFound, Refusal, Stale
from award.queries.ranking import find_run
from award.queries.run_results import get_run_result
from tests.award.build import BuiltSite, build_site
from tests.award.results import (
    FUND,
    POLICY,
    TRANSPARENT,
    actor_of,
    award_of,
    calculated,
    card_of,
    change,
    make_equal,
    set_slot,
    value,
)

GROUP = {"category": "occupation_group", "group": "9"}


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


@pytest.fixture
def tied(tmp_path: Path) -> BuiltSite:
    """Three occupation groups of zone 9 that are equal to the end, and a fourth."""
    built = build_site(tmp_path, provinces=("22", "23", "25", "26"))
    make_equal(built, "wf-c-23", "wf-c-22", "wf-c-25")
    return built


def count(site: BuiltSite, table: str = "ranking_run") -> int:
    tables = {"ranking_run": "select count(*) from ranking_run", "ledger_line": "select count(*) from ledger_line"}
    return int(value(site, tables[table]))


def standings(site: BuiltSite, run: int, *, category: str, group: str) -> list[tuple[str, str, int | None, str | None]]:
    with site.database.reading() as db:
        found = find_run(db, run)
        assert found is not None
        ranking = get_run_result(db, found).find(category=category, group=group)
    assert ranking is not None
    return [(line.entry, line.status, line.rank, line.decided_by) for line in ranking.lines]


def test_an_official_run_freezes_rules_facts_and_result(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT, "official")
    with site.database.reading() as db:
        found = find_run(db, run)
    assert found is not None and found.kind == "official" and found.is_newest
    assert found.rules_sha256 == award_of(site, TRANSPARENT).rules_sha256
    line = value(site, "select line from ledger_line order by rowid desc limit 1")
    log = Log("", seal=str(value(site, "select seal from adoption where id = 1")))
    assert log.sealed("facts", found.facts_sha256) in line and log.sealed("result", found.result_sha256) in line
    assert found.facts_sha256 not in line and found.result_sha256 not in line, "they would tell by trying who is who"
    assert '"act":"calculate_run"' in line


def test_the_same_facts_give_the_same_hashes(site: BuiltSite) -> None:
    first, second = calculated(site, FUND), calculated(site, FUND)
    assert first != second
    for what in ("facts_sha256", "result_sha256"):
        column = {"facts_sha256": "select count(distinct facts_sha256) from ranking_run",
                  "result_sha256": "select count(distinct result_sha256) from ranking_run"}[what]  # fmt: skip
        assert value(site, column) == 1
    card = card_of(site, "wf-a-23")
    change(site, "update assignment set excused = 'absent' where id = :card", card=card)
    calculated(site, FUND)
    assert value(site, "select count(distinct facts_sha256) from ranking_run") == 2


def test_a_form_sent_twice_calculates_once(site: BuiltSite) -> None:
    assert calculated(site, POLICY, key="k" * 16) == calculated(site, POLICY, key="k" * 16)
    assert count(site) == 1


@pytest.mark.parametrize("state", ["planned", "open"])
def test_no_official_run_while_a_slot_is_not_closed(site: BuiltSite, state: str) -> None:
    set_slot(site, "to-23", state)
    lines = count(site, "ledger_line")
    with pytest.raises(Incomplete) as refused:
        calculated(site, TRANSPARENT, "official")
    (slot,) = refused.value.details["blockers"].open_slots
    assert (slot.province_th, slot.state) == ("ตราด", state)
    assert count(site) == 0 and count(site, "ledger_line") == lines
    assert calculated(site, POLICY, "official"), "the other awards are not held up"


def test_a_provisional_run_takes_only_what_is_closed(site: BuiltSite) -> None:
    set_slot(site, "to-23", "open")
    run = calculated(site, TRANSPARENT)
    found = {entry: (status, rank) for entry, status, rank, _ in standings(site, run, category="office", group="9")}
    assert found == {"to-22": ("ranked", 1), "to-23": ("incomplete", None)}


def test_no_official_run_while_a_card_of_a_closed_slot_is_not_sent(site: BuiltSite) -> None:
    card = card_of(site, "to-22")
    change(site, "update assignment set state = 'draft', excused = '' where id = :card", card=card)
    with pytest.raises(Incomplete) as refused:
        calculated(site, TRANSPARENT, "official")
    (entry,) = refused.value.details["blockers"].waiting
    assert (entry.code, entry.why, entry.seat) == ("to-22", "card_not_sent", "z9-chair")


def test_no_official_run_while_an_entry_has_no_slot(site: BuiltSite) -> None:
    change(site, "delete from mark where assignment_id in (select a.id from assignment a join entry e"
           " on e.id = a.entry_id where e.code = 'to-22')")  # fmt: skip
    change(site, "delete from assignment where entry_id = (select id from entry where code = 'to-22')")
    with pytest.raises(Incomplete) as refused:
        calculated(site, TRANSPARENT, "official")
    assert [(each.code, each.why) for each in refused.value.details["blockers"].waiting] == [("to-22", "no_slot")]


def test_no_official_run_below_the_quorum(site: BuiltSite) -> None:
    for seat in ("z9-chair", "z9-member"):
        change(site, "update assignment set excused = 'absent' where id = :card", card=card_of(site, "to-22", seat))
    with pytest.raises(Incomplete) as refused:
        calculated(site, TRANSPARENT, "official")
    assert [each.entry for each in refused.value.details["blockers"].incomplete] == ["to-22"]


def test_drafts_never_sent_hold_nothing_up(site: BuiltSite) -> None:
    change(site, "update entry set state = 'draft', submitted_at = null where code = 'to-22'")
    run = calculated(site, TRANSPARENT, "official")
    assert [entry for entry, *_ in standings(site, run, category="office", group="9")] == ["to-23"]


def test_only_an_organizer_calculates(site: BuiltSite) -> None:
    adoption = award_of(site, POLICY).adoption_id
    for login in ("auditor", "z9-chair", "p23"):
        with pytest.raises(Forbidden):
            calculate_run(
                site.database, site.clock, actor=actor_of(site, login), adoption_id=adoption, stage="zone",
                kind="provisional",
            )  # fmt: skip
    assert count(site) == 0


def test_what_is_not_there_cannot_be_calculated(site: BuiltSite) -> None:
    actor, adoption = actor_of(site), award_of(site, POLICY).adoption_id
    for wrong in ({"adoption_id": 99, "stage": "zone"}, {"adoption_id": adoption, "stage": "moon"}):
        with pytest.raises(NotFound):
            calculate_run(site.database, site.clock, actor=actor, kind="provisional", **wrong)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        calculated(site, POLICY, "final")
    with pytest.raises(Incomplete):
        calculate_run(
            site.database, site.clock, actor=actor, adoption_id=adoption, stage="national", kind="provisional"
        )


def test_a_tie_waits_for_the_committee_and_its_decision_settles_it(tied: BuiltSite) -> None:
    with pytest.raises(Incomplete) as refused:
        calculated(tied, FUND, "official")
    (tie,) = refused.value.details["blockers"].ties
    assert (tie.category, tie.group, set(tie.entries)) == ("occupation_group", "9", {"wf-c-22", "wf-c-23", "wf-c-25"})
    run = calculated(tied, FUND)
    order = ("wf-c-25", "wf-c-22", "wf-c-23")
    record_resolution(
        tied.database, tied.clock, actor=actor_of(tied), run_id=run, order=order, reason="มติที่ 1/2564", **GROUP
    )
    assert "มติที่ 1/2564" in value(tied, "select line from ledger_line order by rowid desc limit 1")
    official = calculated(tied, FUND, "official")
    found = [each for each in standings(tied, official, **GROUP) if each[0] in order]
    assert [entry for entry, *_ in found] == list(order)
    assert {by for *_, by in found} == {"resolution"}
    ranks = [rank for _, _, rank, _ in found]
    assert ranks == [ranks[0], (ranks[0] or 0) + 1, (ranks[0] or 0) + 2]


def test_a_later_decision_leaves_the_earlier_one_in_force(tied: BuiltSite) -> None:
    actor = actor_of(tied)
    run = calculated(tied, FUND)
    three = ("wf-c-25", "wf-c-22", "wf-c-23")
    record_resolution(tied.database, tied.clock, actor=actor, run_id=run, order=three, reason="1", **GROUP)
    make_equal(tied, "wf-c-23", "wf-c-26")
    run = calculated(tied, FUND)
    tied_now = [entry for entry, status, *_ in standings(tied, run, **GROUP) if status == "tied_unresolved"]
    assert "wf-c-26" in tied_now
    order = ["wf-c-26", *(entry for entry in three if entry in tied_now)]
    record_resolution(tied.database, tied.clock, actor=actor, run_id=run, order=order, reason="2", **GROUP)
    run = calculated(tied, FUND, "official")
    assert [entry for entry, *_ in standings(tied, run, **GROUP)] == ["wf-c-26", *three]


def test_decisions_that_do_not_fit_are_refused(tied: BuiltSite) -> None:
    actor = actor_of(tied)
    run = calculated(tied, FUND)
    order = ("wf-c-25", "wf-c-22", "wf-c-23")
    usual: dict[str, Any] = {"actor": actor, "run_id": run, "order": order, "reason": "เหตุผล", **GROUP}
    cases: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"actor": actor_of(tied, "auditor")}, Forbidden),
        ({"reason": "  "}, Invalid),
        ({"reason": "x" * 4001}, Invalid),
        ({"order": order[:2]}, Invalid),
        ({"order": (*order, "wf-c-26")}, Invalid),
        ({"order": (order[0], order[0], order[1])}, Invalid),
        ({"group": "1"}, Invalid),
        ({"run_id": 99}, NotFound),
    ]
    for wrong, refusal in cases:
        with pytest.raises(refusal):
            record_resolution(tied.database, tied.clock, **(usual | wrong))
    calculated(tied, FUND)
    with pytest.raises(Stale):
        record_resolution(tied.database, tied.clock, **usual)
    assert value(tied, "select count(*) from resolution") == 0


def test_a_later_stage_starts_from_who_advanced_in_the_official_run(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=("22", "23", "54"))
    zone = calculated(site, TRANSPARENT, "official")
    with site.database.reading() as db:
        found = find_run(db, zone)
        assert found is not None
        advanced = {line.entry for each in get_run_result(db, found).rankings for line in each.lines if line.advances}
    adoption = award_of(site, TRANSPARENT).adoption_id
    receipt = calculate_run(
        site.database, site.clock, actor=actor_of(site), adoption_id=adoption, stage="national", kind="provisional"
    )
    listed = standings(site, receipt.body["run"], category="office", group="")
    assert len(advanced) == 2 and {entry for entry, *_ in listed} == advanced
    assert {status for _, status, *_ in listed} == {"incomplete"}, "nobody has marked there yet"
    page = site.client_as("organizer").get(f"/r/run/{receipt.body['run']}/why/{min(advanced)}")
    assert "Calculated again: the same result." in page.text
    with pytest.raises(Incomplete) as refused:
        calculate_run(
            site.database, site.clock, actor=actor_of(site), adoption_id=adoption, stage="national", kind="official"
        )
    assert {each.code for each in refused.value.details["blockers"].waiting} == advanced
