"""What the tests of results share: calculating as the organizer would, and bringing about what a test needs."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from award.actions.ranking import calculate_run
from award.policy import Actor
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.people import find_actor_by_login
from tests.award.build import BuiltSite

TRANSPARENT, POLICY, FUND = "transparent-office", "cdd-policy-award", "womens-fund"


def award_of(site: BuiltSite, code: str) -> AwardCycle:
    with site.database.reading() as db:
        return next(each for each in list_award_cycles(db) if each.code == code)


def actor_of(site: BuiltSite, login: str = "organizer") -> Actor:
    with site.database.reading() as db:
        actor = find_actor_by_login(db, login, today=site.clock.today())
    assert actor is not None
    return actor


def calculated(site: BuiltSite, code: str, kind: str = "provisional", **more: Any) -> int:
    """The number of a fresh run of the zone stage."""
    receipt = calculate_run(
        site.database, site.clock, actor=actor_of(site), stage="zone", kind=kind,
        adoption_id=award_of(site, code).adoption_id, **more,
    )  # fmt: skip
    return int(receipt.body["run"])


def change(site: BuiltSite, sql: str, **values: Any) -> None:
    """A change past the program."""
    with site.database.writing() as db:
        db.execute(text(sql), values)
        db.commit()


def value(site: BuiltSite, sql: str, **values: Any) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql), values).scalar_one()


def card_of(site: BuiltSite, entry: str, seat: str = "z9-chair") -> int:
    """The id of a member's card."""
    sql = (
        "select a.id from assignment a join entry e on e.id = a.entry_id join seat s on s.id = a.seat_id"
        " where e.code = :entry and s.code = :seat"
    )
    return int(value(site, sql, entry=entry, seat=seat))


def set_slot(site: BuiltSite, entry: str, state: str) -> None:
    """Opens (or closes) the slot in which an entry was heard."""
    change(
        site,
        "update slot set state = :state where id in (select slot_id from assignment a join entry e on e.id = a.entry_id"
        " where e.code = :entry)",
        state=state, entry=entry,
    )  # fmt: skip


def make_equal(site: BuiltSite, source: str, *others: str) -> None:
    """Gives other entries of the zone the very answers and marks of `source`, so that they tie to the end."""
    for entry in others:
        names = {"source": source, "entry": entry}
        change(
            site,
            "update entry set answers = (select answers from entry s where s.code = :source) where code = :entry",
            **names,
        )
        for sql in (
            "delete from mark where assignment_id in (select a.id from assignment a join entry e on e.id = a.entry_id"
            " where e.code = :entry)",
            "insert into mark (assignment_id, revision, criterion, value, note, at)"
            " select mine.id, m.revision, m.criterion, m.value, m.note, m.at from mark m"
            " join assignment a on a.id = m.assignment_id join entry s on s.id = a.entry_id and s.code = :source"
            " join assignment mine on mine.seat_id = a.seat_id"
            " join entry e on e.id = mine.entry_id and e.code = :entry",
            "update assignment set (state, excused, excused_reason) = (select a.state, a.excused, a.excused_reason"
            " from assignment a join entry s on s.id = a.entry_id and s.code = :source"
            " where a.seat_id = assignment.seat_id)"
            " where entry_id = (select id from entry where code = :entry)",
        ):
            change(site, sql, **names)


def decide(client: FlaskClient, site: BuiltSite, run: int, places: dict[str, int], reason: str, **more: str) -> Any:
    """Posts the committee's decision as the page's form does; more: category, group."""
    sent = {"run": str(run), "reason": reason, **more, **{f"place-{code}": str(at) for code, at in places.items()}}
    adoption = value(site, "select adoption_id from ranking_run where id = :run", run=run)
    return client.post(f"/r/{adoption}/zone/resolve", data=sent)


def publish_results(site: BuiltSite, code: str = TRANSPARENT) -> int:
    """One organizer calculates and certifies the official result of the zone stage, another publishes it."""
    run, key = calculated(site, code, "official", key="official-for-a-test"), {"key": "publish-for-a-test-01"}
    certified = site.client_as("organizer").post(f"/r/run/{run}/certify", data=key)
    assert certified.status_code == 303, certified.text
    assert site.client_as("organizer2").post(f"/r/run/{run}/publish", data=key).status_code == 303
    return run
