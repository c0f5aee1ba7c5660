"""Duties take two people, end at once, and never let one person mark and run the round in one cycle."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from award import policy
from award.actions.duties import Proposal, confirm_duty, propose_duty, revoke_duty, withdraw_proposal
from award.actions.sign_ins import actor_of_token
from award.actions.slots import open_slot
from award.db.ledger import LedgerLine, Receipt
from award.db.people import Duty, User
from award.db.schema import downgrade_schema, upgrade_schema
from award.errors import Forbidden, Invalid, Locked, NotFound, Refusal, SignedOut
from tests.award.build import BuiltSite, actor, build_site

TODAY = date(2021, 7, 19)
KEY = "key-of-the-form"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def asked(site: BuiltSite, login: str = "p23", **changes: object) -> Proposal:
    """An officer of Trat is to be auditor from today on, unless `changes` say otherwise."""
    base = Proposal(actor(site, login).user_id, "auditor", "ผู้ตรวจสอบภายใน", TODAY)
    return replace(base, **changes)  # type: ignore[arg-type]


def propose(site: BuiltSite, by: str, proposal: Proposal, key: str = KEY) -> Receipt:
    return propose_duty(site.database, site.clock, actor=actor(site, by), proposal=proposal, key=key)


def confirm(site: BuiltSite, by: str, duty: int, key: str = KEY) -> Receipt:
    return confirm_duty(site.database, site.clock, actor=actor(site, by), duty_id=duty, key=key)


def revoke(site: BuiltSite, by: str, duty: int, key: str = KEY) -> Receipt:
    return revoke_duty(site.database, site.clock, actor=actor(site, by), duty_id=duty, key=key)


def withdraw(site: BuiltSite, by: str, duty: int, key: str = KEY) -> Receipt:
    return withdraw_proposal(site.database, site.clock, actor=actor(site, by), duty_id=duty, key=key)


def grant(site: BuiltSite, proposal: Proposal) -> int:
    """The duty, proposed by one organizer and confirmed by the other."""
    key = f"grant-{proposal.user_id}-{proposal.role}-{proposal.from_day}"
    duty = int(propose(site, "organizer", proposal, key).body["duty"])
    confirm(site, "organizer2", duty, key)
    return duty


def duty_of(site: BuiltSite, login: str) -> int:
    return actor(site, login).duty_ids[0]


def stored(site: BuiltSite) -> tuple[list[tuple], int]:
    """Every duty, and how many lines the site's log has."""
    with site.database.reading() as db:
        duties = db.execute(select(Duty.__table__).order_by(Duty.id)).all()
        return [tuple(row) for row in duties], db.execute(select(func.count()).select_from(LedgerLine)).scalar_one()


def refused(site: BuiltSite, act, kind: type[Refusal], field: str = "") -> str:
    """What the refusal says; nothing was changed by it."""
    before = stored(site)
    with pytest.raises(kind) as caught:
        act()
    assert stored(site) == before
    if field:
        assert caught.value.details["field"] == field
    return caught.value.says


def lines(site: BuiltSite, *verbs: str) -> list[dict]:
    with site.database.reading() as db:
        told = [json.loads(line) for line in db.execute(select(LedgerLine.line).order_by(LedgerLine.at)).scalars()]
    return [line for line in told if line["act"] in verbs]


# --- two people ---------------------------------------------------------------------------------------------------


def test_a_proposed_duty_gives_no_right_until_another_confirms_it(site: BuiltSite) -> None:
    duty = propose(site, "organizer", asked(site)).body["duty"]
    assert not actor(site, "p23").has("auditor")
    assert site.client_as("p23").get("/r/").status_code == 403
    confirm(site, "organizer2", duty)
    assert actor(site, "p23").has("auditor")
    assert site.client_as("p23").get("/r/").status_code == 200


@pytest.mark.parametrize("second", ["organizer2", "admin"])
def test_another_organizer_or_the_administrator_is_the_second_person(site: BuiltSite, second: str) -> None:
    duty = propose(site, "organizer", asked(site)).body["duty"]
    confirm(site, second, duty)
    [told] = lines(site, "confirm_duty")
    assert told["actor"] == actor(site, second).code
    assert told["body"]["user"] == actor(site, "p23").code


def test_nobody_confirms_a_proposal_of_their_own(site: BuiltSite) -> None:
    duty = propose(site, "organizer", asked(site)).body["duty"]
    assert "proposed this duty yourself" in refused(site, lambda: confirm(site, "organizer", duty), Forbidden)


def test_nobody_confirms_a_duty_of_their_own(site: BuiltSite) -> None:
    duty = propose(site, "organizer", asked(site, "organizer2")).body["duty"]
    assert "for yourself" in refused(site, lambda: confirm(site, "organizer2", duty), Forbidden)
    confirm(site, "admin", duty)
    assert actor(site, "organizer2").has("auditor")


def test_one_may_propose_for_oneself_since_another_decides(site: BuiltSite) -> None:
    duty = propose(site, "organizer", asked(site, "organizer")).body["duty"]
    refused(site, lambda: confirm(site, "organizer", duty), Forbidden)
    confirm(site, "organizer2", duty)
    assert actor(site, "organizer").has("auditor", "organizer")


@pytest.mark.parametrize("columns", ["proposed_by_id = 1, confirmed_by_id = 1", "confirmed_by_id = user_id"])
def test_the_table_itself_refuses_a_second_person_who_is_the_first(untouched: BuiltSite, columns: str) -> None:
    with untouched.database.writing() as db, pytest.raises(IntegrityError, match="second_person"):
        db.execute(text(f"update duty set {columns} where id = 2"))


@pytest.mark.parametrize("by", ["p23", "auditor", "z9-chair"])
def test_others_neither_propose_nor_confirm_nor_end(site: BuiltSite, by: str) -> None:
    duty = propose(site, "organizer", asked(site)).body["duty"]
    for act in (
        lambda: propose(site, by, asked(site), "other-key"), lambda: confirm(site, by, duty),
        lambda: withdraw(site, by, duty), lambda: revoke(site, by, duty_of(site, "z9-chair")),
    ):  # fmt: skip
        refused(site, act, Forbidden)


def test_an_administrator_proposes_and_ends_administrators_only(site: BuiltSite) -> None:
    for role in ("officer", "member", "chair", "organizer", "auditor"):
        refused(site, lambda role=role: propose(site, "admin", asked(site, role=role)), Forbidden)
    refused(site, lambda: revoke(site, "admin", duty_of(site, "z9-chair")), Forbidden)
    duty = propose(site, "admin", asked(site, role="administrator")).body["duty"]
    confirm(site, "organizer", duty)
    assert actor(site, "p23").has("administrator")
    revoke(site, "admin", duty, "another-key")
    assert not actor(site, "p23").has("administrator")


def test_who_lost_the_duty_meanwhile_confirms_nothing(site: BuiltSite) -> None:
    """The actor was read before; what permits the write is read inside it."""
    duty, late = propose(site, "organizer", asked(site)).body["duty"], actor(site, "organizer2")
    revoke(site, "organizer", duty_of(site, "organizer2"))
    refused(site, lambda: confirm_duty(site.database, site.clock, actor=late, duty_id=duty, key="late-key"), Forbidden)


def test_a_proposal_is_confirmed_once_and_not_after_it_was_withdrawn(site: BuiltSite) -> None:
    first = propose(site, "organizer", asked(site)).body["duty"]
    confirm(site, "organizer2", first)
    refused(site, lambda: confirm(site, "admin", first, "another-key"), Locked)
    refused(site, lambda: withdraw(site, "organizer", first, "another-key"), Locked)
    second = propose(site, "organizer", asked(site, "p22"), "second-key").body["duty"]
    withdraw(site, "organizer2", second)
    refused(site, lambda: confirm(site, "admin", second), Locked)
    assert not actor(site, "p22").has("auditor")


def test_sent_twice_it_happens_once(site: BuiltSite) -> None:
    first = propose(site, "organizer", asked(site))
    assert propose(site, "organizer", asked(site)).seq == first.seq
    assert confirm(site, "organizer2", first.body["duty"]).seq == confirm(site, "organizer2", first.body["duty"]).seq
    assert len(lines(site, "propose_duty", "confirm_duty")) == 2


def test_every_step_stands_in_the_site_log_with_ids_only(site: BuiltSite) -> None:
    duty = grant(site, asked(site, title_th="ตำแหน่งลับเฉพาะ"))
    revoke(site, "organizer", duty)
    other = propose(site, "organizer", asked(site, "p22"), "third-key").body["duty"]
    withdraw(site, "organizer", other)
    told = lines(site, "propose_duty", "confirm_duty", "revoke_duty", "withdraw_proposal")
    assert [line["act"] for line in told] == [
        "propose_duty", "confirm_duty", "revoke_duty", "propose_duty", "withdraw_proposal",
    ]  # fmt: skip
    assert {line["log"] for line in told} == {"site"}
    assert told[0]["body"] == {
        "duty": duty, "user": actor(site, "p23").code, "role": "auditor", "province": None, "zone": None,
        "acting": False, "from": "2021-07-19", "to": None,
    }  # fmt: skip
    assert "ตำแหน่งลับ" not in json.dumps(told, ensure_ascii=False)


# --- days ---------------------------------------------------------------------------------------------------------


def test_a_duty_counts_from_its_first_day_to_its_last(site: BuiltSite) -> None:
    grant(site, asked(site, from_day=TODAY + timedelta(1), to_day=TODAY + timedelta(2)))
    seen = []
    for _day in range(4):
        seen.append(actor(site, "p23").has("auditor"))
        site.clock.set(site.clock.now() + timedelta(1))
    assert seen == [False, True, True, False]


def test_an_ended_duty_and_every_sign_in_of_the_person_end_at_once(site: BuiltSite) -> None:
    chair, other = site.client_as("z9-chair"), site.client_as("z9-member")
    revoke(site, "organizer", duty_of(site, "z9-chair"))
    assert chair.get("/s/").headers["Location"].startswith("/sign-in")
    assert other.get("/s/").status_code == 200
    assert site.client_as("z9-chair").get("/s/").status_code == 403


def test_a_mark_that_was_on_its_way_when_the_duty_ended_is_not_taken(tmp_path: Path) -> None:
    from award.actions.scoring import record_marks

    site = build_site(tmp_path, live=("23",))
    late = actor(site, "z9-member")
    with site.database.reading() as db:
        card = db.execute(
            text("select a.id from assignment a join seat s on s.id = a.seat_id where s.code = 'z9-member'")
        ).scalars()
        card_id = next(iter(card))
    revoke(site, "organizer", late.duty_ids[0])
    with pytest.raises(NotFound):
        record_marks(
            site.database, site.clock, actor=late, assignment_id=card_id, changes={}, base_revision=0, key="late-key"
        )


def test_an_act_that_waited_for_its_turn_while_the_duty_ended_does_not_happen(tmp_path: Path) -> None:
    """The request was let in; then it waited for the writer before it, which took the duty."""
    site = build_site(tmp_path, live=("23",))
    client = site.client_as("z9-chair")
    cookie = client.get_cookie("sign_in")
    assert cookie is not None
    with site.database.reading() as db:
        now, today = site.clock.now(), site.clock.today()
        chair = actor_of_token(db, cookie.value, now=now, today=today)
        slot = db.execute(text("select id from slot where state = 'planned' order by id")).scalars().first()
    assert chair is not None and slot is not None
    revoke(site, "organizer", chair.duty_ids[0])
    before = stored(site)
    with pytest.raises(SignedOut):
        open_slot(site.database, site.clock, actor=chair, slot_id=slot, key="late-key")
    assert stored(site) == before


def test_the_last_who_can_manage_people_stays(site: BuiltSite) -> None:
    revoke(site, "organizer", duty_of(site, "organizer2"))
    revoke(site, "organizer", duty_of(site, "admin"))
    assert "Nobody would be left" in refused(
        site, lambda: revoke(site, "organizer", duty_of(site, "organizer"), "last-key"), Locked
    )


def test_a_proposal_is_not_ended_but_withdrawn(site: BuiltSite) -> None:
    duty = propose(site, "organizer", asked(site)).body["duty"]
    refused(site, lambda: revoke(site, "organizer", duty), Locked)


# --- who marks does not run the round -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["organizer", "administrator"])
def test_a_member_does_not_run_the_round_or_its_accounts_in_one_cycle(untouched: BuiltSite, role: str) -> None:
    for login in ("z9-chair", "z9-member"):
        proposal = asked(untouched, login, role=role)
        said = refused(untouched, lambda p=proposal: propose(untouched, "organizer", p), Invalid, "role")
        assert "chair or member of a panel in the same cycle" in said


@pytest.mark.parametrize("role", ["member", "chair"])
def test_who_runs_the_round_or_its_accounts_does_not_mark_in_it(untouched: BuiltSite, role: str) -> None:
    for login in ("organizer2", "admin"):
        proposal = asked(untouched, login, role=role, zone_number=9)
        refused(untouched, lambda p=proposal: propose(untouched, "organizer", p), Invalid, "role")


def test_in_another_cycle_one_may(site: BuiltSite) -> None:
    with site.database.writing() as db:
        db.execute(text("update duty set to_day = '2021-09-30' where role = 'member'"))
        db.commit()
    refused(site, lambda: propose(site, "organizer", asked(site, "z9-member", role="organizer")), Invalid, "role")
    grant(site, asked(site, "z9-member", role="organizer", from_day=date(2021, 10, 1)))
    site.clock.set(site.clock.now() + timedelta(90))
    assert actor(site, "z9-member").has("organizer")


def test_a_duty_held_and_ended_in_the_cycle_still_counts(site: BuiltSite) -> None:
    revoke(site, "organizer", duty_of(site, "z9-member"))
    refused(site, lambda: propose(site, "organizer", asked(site, "z9-member", role="organizer")), Invalid, "role")


def test_one_that_was_ended_before_it_began_does_not(site: BuiltSite) -> None:
    duty = grant(site, asked(site, role="member", zone_number=9, from_day=TODAY + timedelta(5)))
    revoke(site, "organizer", duty)
    assert propose(site, "organizer", asked(site, role="organizer"), "new-key")


def test_two_proposals_that_must_not_meet_cannot_both_be_confirmed(site: BuiltSite) -> None:
    first = propose(site, "organizer", asked(site, role="organizer")).body["duty"]
    member = asked(site, role="member", zone_number=9)
    refused(site, lambda: propose(site, "organizer", member, "member-key"), Invalid, "role")
    withdraw(site, "organizer", first)
    second = propose(site, "organizer", member, "member-key").body["duty"]
    with site.database.writing() as db:  # as if both had been proposed at one moment
        db.execute(text(f"update duty set state = 'proposed', revoked_at = null where id = {first}"))
        db.commit()
    confirm(site, "organizer2", second, "one-key")
    refused(site, lambda: confirm(site, "organizer2", first, "two-key"), Invalid, "role")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (("2020-10-01", "2021-09-30"), ("2021-10-01", None), False),
        (("2020-10-01", "2021-10-01"), ("2022-09-30", None), True),
        (("2020-10-01", None), ("2030-01-01", "2030-01-02"), True),
        (("2021-01-01", "2021-01-31"), ("2021-07-01", "2021-07-31"), True),
        (("2021-01-01", "2021-01-31"), ("2020-09-30", "2020-09-30"), False),
    ],
)
def test_a_cycle_is_a_fiscal_year(one: tuple[str, str | None], other: tuple[str, str | None], shared: bool) -> None:
    spans = [(date.fromisoformat(a), None if b is None else date.fromisoformat(b)) for a, b in (one, other)]
    assert policy.share_a_cycle(*spans[0], *spans[1]) is shared
    assert policy.share_a_cycle(*spans[1], *spans[0]) is shared


# --- what is typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "king"}, "role"),
        ({"role": "officer"}, "province"),
        ({"role": "officer", "province_code": "99"}, "province"),
        ({"province_code": "23"}, "province"),
        ({"role": "member"}, "zone"),
        ({"role": "chair", "zone_number": 99}, "zone"),
        ({"zone_number": 9}, "zone"),
        ({"title_th": "  "}, "title_th"),
        ({"title_th": "ก" * 201}, "title_th"),
        ({"to_day": TODAY - timedelta(1)}, "to_day"),
        ({"from_day": date(2564, 7, 19)}, "from_day"),
        ({"to_day": date(2564, 9, 30)}, "to_day"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(untouched: BuiltSite, changes: dict, field: str) -> None:
    refused(untouched, lambda: propose(untouched, "organizer", asked(untouched, **changes)), Invalid, field)


def test_nobody_and_a_closed_account_get_no_duty(site: BuiltSite) -> None:
    refused(site, lambda: propose(site, "organizer", asked(site, user_id=9999)), NotFound)
    duty = propose(site, "organizer", asked(site)).body["duty"]
    with site.database.writing() as db:
        db.execute(text("update user set disabled_at = '2021-07-19T00:00:00.000000Z' where login = 'p23'"))
        db.commit()
    refused(site, lambda: confirm(site, "organizer2", duty), Locked)
    closed = Proposal(site_user(site, "p23"), "auditor", "ผู้ตรวจสอบภายใน", TODAY)
    refused(site, lambda: propose(site, "organizer", closed, "other-key"), Locked)


def site_user(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(User.id).where(User.login == login)).scalar_one()


# --- the tables ---------------------------------------------------------------------------------------------------


@pytest.fixture
def going_back(site: BuiltSite) -> Iterator[BuiltSite]:
    yield site
    upgrade_schema(site.database)


def test_an_older_program_gives_no_right_by_what_waits_or_was_ended(going_back: BuiltSite) -> None:
    site = going_back
    waiting = propose(site, "organizer", asked(site)).body["duty"]
    ended = duty_of(site, "z9-chair")
    revoke(site, "organizer", ended)
    downgrade_schema(site.database, "0004")
    with site.database.engine.connect() as connection:
        asked_of_all = text("select id from duty where from_day <= '2021-07-19' and to_day is null")
        held_ids = set(connection.execute(asked_of_all).scalars())
    assert waiting not in held_ids and ended not in held_ids
    assert len(held_ids) > 50
