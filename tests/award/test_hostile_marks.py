"""Marks are given by the member assigned, while the slot is open, once: whatever an insider sends."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from award.policy import OFFICE
from tests.award.hostile import EVERYBODY, everything, give_duty, signed_in
from tests.award.scoring_day import ScoringDay, build_day, new_key

MARK = {"d1/commitment": "0"}
MINE = "z9-member"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path)
    assert built.post(signed_in(built.site, "z9-chair"), f"/s/slot/{built.first_slot}/open").status_code == 303
    return built


def whole_card(day: ScoringDay, login: str, mark: str = "4") -> FlaskClient:
    """The member marks everything and sends."""
    client, card = signed_in(day.site, login), day.card(login)
    assert day.save(client, card, day.whole(mark)).status_code == 200
    assert day.send(client, card).status_code == 303
    return client


def closed(day: ScoringDay) -> None:
    for login in ("z9-chair", "z9-member", "z9-secretary"):
        whole_card(day, login)
    assert day.post(signed_in(day.site, "z9-chair"), f"/s/slot/{day.first_slot}/close").status_code == 303


def entry_of(day: ScoringDay) -> int:
    return int(day.value("select id from entry where code = 'to-23'"))


# --- whose card it is ---------------------------------------------------------------------------------------------


def test_nobody_but_the_member_changes_a_card_in_any_way(day: ScoringDay) -> None:
    card, slot = day.card(MINE), day.first_slot
    clients = {login: signed_in(day.site, login) for login in EVERYBODY if login != MINE}
    before = everything(day.site)
    for login, client in clients.items():
        tries = [
            day.save(client, card, MARK, base=0),
            client.post(f"/s/card/{card}/marks", data={"key": new_key(), "base_revision": "0", **MARK}),
            day.post(client, f"/s/card/{card}/send", base_revision=day.revision(card)),
            day.post(client, f"/s/card/{card}/recuse", reason="x"),
            day.post(client, f"/s/slot/{slot + 1}/cards/{card}/reopen", reason="x"),
        ]
        if login != "z9-chair":
            seat = day.seat(MINE)
            tries += [
                day.post(client, f"/s/slot/{slot}/excuse", seat=seat, kind="absent", reason="x", entry=entry_of(day)),
                day.post(client, f"/s/slot/{slot}/close"),
                day.post(client, f"/s/slot/{slot + 1}/open"),
                day.post(client, f"/s/slot/{slot}/reopen", reason="x"),
                day.post(client, f"/s/slot/{slot}/cards/{card}/reopen", reason="x"),
            ]
        wanted = (302, 401) if not login else (403, 404, 423)
        assert {answer.status_code for answer in tries} <= set(wanted), login
    assert everything(day.site) == before, "not one row of any table"


def test_the_answer_for_a_colleagues_card_is_that_for_none(day: ScoringDay) -> None:
    client = signed_in(day.site, MINE)
    missing, foreign = (day.save(client, card, MARK, base=0) for card in (999_999, day.card("z9-chair")))
    assert (missing.status_code, missing.json) == (foreign.status_code, foreign.json)
    pages = [client.get(f"/s/card/{card}") for card in (999_999, day.card("z9-chair"))]
    assert pages[0].status_code == pages[1].status_code == 404


def test_a_chair_excuses_nobody_of_another_panel_and_no_entry_of_another_slot(day: ScoringDay) -> None:
    chair, slot = signed_in(day.site, "z9-chair"), day.first_slot
    other_seat = day.value("select id from seat where code = 'z10-member'")
    before = everything(day.site)
    foreign = day.post(chair, f"/s/slot/{slot}/excuse", seat=other_seat, kind="absent", reason="x", entry=entry_of(day))
    assert foreign.status_code == 404
    elsewhere = day.value("select id from entry where code = 'pa-23'")
    other = day.post(chair, f"/s/slot/{slot}/excuse", seat=day.seat(MINE), kind="absent", reason="x", entry=elsewhere)
    assert other.status_code == 422
    kind = day.post(chair, f"/s/slot/{slot}/excuse", seat=day.seat(MINE), kind="sent", reason="x", entry=entry_of(day))
    assert kind.status_code == 422
    assert everything(day.site) == before


@pytest.mark.parametrize("role", OFFICE)
def test_a_member_who_works_in_the_provinces_office_marks_nothing_of_it(day: ScoringDay, role: str) -> None:
    give_duty(day.site, MINE, role=role, province="23")
    client, card = signed_in(day.site, MINE), day.card(MINE)
    saved = day.save(client, card, MARK)
    assert saved.status_code == 423
    assert saved.json is not None and "work in this province" in saved.json["error"]
    assert day.send(client, card).status_code == 423
    assert "work in this province" in client.get(f"/s/card/{card}").text
    assert day.value("select count(*) from mark where assignment_id = :c", c=card) == 0
    assert day.post(client, f"/s/card/{card}/recuse", reason="เป็นเจ้าหน้าที่ของจังหวัดนี้").status_code == 303


def test_an_officer_of_a_neighbouring_province_still_marks(day: ScoringDay) -> None:
    give_duty(day.site, MINE, role="officer", province="22")
    assert day.save(signed_in(day.site, MINE), day.card(MINE), MARK).status_code == 200


# --- when -----------------------------------------------------------------------------------------------------------


def test_after_sending_and_after_closing_nothing_is_changed(day: ScoringDay) -> None:
    card = day.card(MINE)
    client = whole_card(day, MINE)
    sent = everything(day.site)
    assert day.save(client, card, MARK).status_code == 423
    assert day.save(client, card, {"note:d1/commitment": ""}).status_code == 423
    assert day.post(client, f"/s/card/{card}/recuse", reason="x").status_code == 423
    assert everything(day.site) == sent
    for login in ("z9-chair", "z9-secretary"):
        whole_card(day, login)
    chair = signed_in(day.site, "z9-chair")
    assert day.post(chair, f"/s/slot/{day.first_slot}/close").status_code == 303
    shut = everything(day.site)
    for login in ("z9-chair", MINE, "z9-secretary"):
        again = signed_in(day.site, login)
        assert day.save(again, day.card(login), MARK).status_code == 423
        assert day.send(again, day.card(login)).status_code == 423
    who = {"seat": day.seat(MINE), "entry": entry_of(day)}
    assert day.post(chair, f"/s/slot/{day.first_slot}/excuse", kind="absent", reason="x", **who).status_code == 423
    shut.pop("sign_in"), (now := everything(day.site)).pop("sign_in")
    assert now == shut


def test_a_second_tab_with_an_old_revision_changes_and_sends_nothing(day: ScoringDay) -> None:
    client, card = signed_in(day.site, MINE), day.card(MINE)
    day.save(client, card, day.whole("4"), base=0)
    day.declare(client)
    assert day.save(client, card, {"d1/commitment": "1"}, base=0).status_code == 409
    assert client.post(f"/s/card/{card}/send", data={"key": new_key(), "base_revision": "0"}).status_code == 409
    for base in (2, -1, 10**30):
        assert day.save(client, card, {"d1/commitment": "1"}, base=base).status_code == 409
    assert day.revision(card) == 1


def test_a_chair_opens_no_slot_before_its_day_and_closes_none_with_blanks(day: ScoringDay) -> None:
    chair = signed_in(day.site, "z9-chair")
    day.change("update scoring_session set day = '2021-07-20' where id = :s", s=day.session)
    assert day.post(chair, f"/s/slot/{day.slots[1]}/open").status_code == 423
    whole_card(day, MINE)
    answer = day.post(chair, f"/s/slot/{day.first_slot}/close")
    assert answer.status_code == 422
    assert day.value("select state from slot where id = :s", s=day.first_slot) == "open"


# --- keys -----------------------------------------------------------------------------------------------------------


def test_a_key_of_somebody_else_brings_no_receipt_of_theirs(day: ScoringDay) -> None:
    """Same key, same words: each gets a receipt of the own act."""
    key = new_key()
    receipts = set()
    for login in ("z9-chair", MINE, "z9-secretary"):
        answer = day.save(signed_in(day.site, login), day.card(login), {"d1/commitment": "4"}, key=key)
        assert answer.status_code == 200 and answer.json is not None
        receipts.add(answer.json["receipt"])
    assert len(receipts) == 3


def test_the_key_of_a_save_passes_no_other_act_for_done(day: ScoringDay) -> None:
    client, card, key = signed_in(day.site, MINE), day.card(MINE), new_key()
    day.save(client, card, day.whole(), key=key)
    day.declare(client)
    client.post(f"/s/card/{card}/send", data={"key": key, "base_revision": "1"})
    assert day.value("select state from assignment where id = :c", c=card) == "sent"


def test_the_same_key_with_other_marks_is_no_repeat(day: ScoringDay) -> None:
    """Back to the form that was sent, another mark, sent again: it is refused as stale, never passed for saved."""
    client, card, key = signed_in(day.site, MINE), day.card(MINE), new_key()
    assert day.save(client, card, {"d1/commitment": "4"}, base=0, key=key).status_code == 200
    again = day.save(client, card, {"d1/commitment": "1"}, base=0, key=key)
    assert again.status_code == 409
    form = {"key": key, "base_revision": "0", "d1/commitment": "1"}
    assert client.post(f"/s/card/{card}/marks", data=form).status_code == 409


def test_the_same_form_with_another_member_chosen_is_recorded_for_that_member(day: ScoringDay) -> None:
    chair, address, key = signed_in(day.site, "z9-chair"), f"/s/slot/{day.first_slot}/excuse", new_key()
    for login in (MINE, "z9-secretary"):
        form: dict[str, Any] = {"seat": day.seat(login), "kind": "absent", "reason": "ป่วย", "entry": entry_of(day)}
        assert chair.post(address, data={"key": key, **form}).status_code == 303
        assert day.value("select excused from assignment where id = :c", c=day.card(login)) == "absent", login


def test_one_key_for_two_calculations_makes_both(day: ScoringDay) -> None:
    organizer, key = signed_in(day.site, "organizer"), new_key()
    answers = [
        organizer.post(f"/r/{award}/zone/calculate", data={"key": key, "kind": "provisional"}) for award in (1, 2, 1)
    ]
    assert [answer.headers["Location"] for answer in answers] == ["/r/run/1", "/r/run/2", "/r/run/1"]


def test_an_endless_key_is_not_kept(day: ScoringDay) -> None:
    organizer = signed_in(day.site, "organizer")
    organizer.post("/r/1/zone/calculate", data={"key": "k" * 100_000, "kind": "provisional"})
    assert day.value("select max(length(key)) from ledger_line") <= 80


# --- what -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["6", "-1", "4.5", "NaN", "nan", "Infinity", "1e0", "1_0", "0x1", "4,0", "٣", "4\u200b5", "½", "4" * 5000],
)  # fmt: skip
def test_what_is_no_mark_of_the_scale_is_refused(day: ScoringDay, value: str) -> None:
    card = day.card(MINE)
    assert day.save(signed_in(day.site, MINE), card, {"d1/commitment": value}).status_code == 422
    assert day.value("select count(*) from mark where assignment_id = :c", c=card) == 0


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "d1/commitment ", "D1/COMMITMENT", "d1", "state", "\ud800", "", "a" * 9999]
)  # fmt: skip
def test_a_name_that_the_card_does_not_ask_for_is_refused(day: ScoringDay, name: str) -> None:
    client, card = signed_in(day.site, MINE), day.card(MINE)
    before = everything(day.site)
    assert day.save(client, card, {name: "4"}).status_code == 400
    assert everything(day.site) == before


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"null", b"7", b'"marks"', b"{}", b'{"changes": {}, "key": "aaaaaaaa", "base_revision": 1e9}',
        b'{"changes": {"d1/commitment": 4}, "key": "aaaaaaaa", "base_revision": 0}',
        b'{"changes": {"d1/commitment": {"toString": "4"}}, "key": "aaaaaaaa", "base_revision": 0}',
        b'{"changes": {"d1/commitment": NaN}, "key": "aaaaaaaa", "base_revision": NaN}',
        b'{"changes": ' + b'{"a":' * 90_000, b"[" * 90_000, b'{"base_revision": ' + b"9" * 9999 + b"}",
        b"\xff\xfe\x00", b"",
    ],
)  # fmt: skip
def test_a_body_that_is_no_save_is_refused_with_a_sentence(day: ScoringDay, body: bytes) -> None:
    client, address = signed_in(day.site, MINE), f"/s/card/{day.card(MINE)}/marks"
    before = everything(day.site)
    answer = client.post(address, data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json is not None and len(answer.json["error"]) > 20
    assert everything(day.site) == before


def test_extra_fields_change_nothing(day: ScoringDay) -> None:
    """state, seat, revision and the like in the same request are not even read: the whole save is refused."""
    client, card = signed_in(day.site, MINE), day.card(MINE)
    extra = {"state": "sent", "seat_id": 1, "assignment_id": day.card("z9-chair"), "excused": "", "revision": 99}
    answer = client.post(
        f"/s/card/{card}/marks",
        json={"key": new_key(), "base_revision": 0, "changes": {"d1/commitment": "4"}, **extra},
    )
    assert answer.status_code == 400
    assert day.value("select state || revision from assignment where id = :c", c=card) == "draft0"
    assert day.value("select count(*) from mark where assignment_id = :c", c=day.card("z9-chair")) == 0


# --- results --------------------------------------------------------------------------------------------------------


def test_only_the_organizer_calculates_and_decides_and_nothing_is_ranked_from_open_slots(day: ScoringDay) -> None:
    whole_card(day, MINE, "5")
    for login in EVERYBODY:
        if login != "organizer":
            client = signed_in(day.site, login)
            for verb in ("calculate", "resolve"):
                answer = day.post(client, f"/r/1/zone/{verb}", kind="official", run="1", category="office", group="9")
                assert answer.status_code == (302 if not login else 403), login
    assert day.value("select count(*) from ranking_run") == 0
    organizer = signed_in(day.site, "organizer")
    assert day.post(organizer, "/r/1/zone/calculate", kind="official").status_code == 422
    assert day.post(organizer, "/r/1/zone/calculate", kind="provisional").status_code == 303
    assert day.value("select json_extract(facts, '$.cards.\"to-23\"') is null from ranking_run") == 1
    assert "to-22" in day.value("select json_extract(facts, '$.cards') from ranking_run")
