"""Saving marks: every change is kept at its own revision, once, by its own member, while the slot is open."""

import re
from pathlib import Path

import pytest

from award.clock import BANGKOK
from tests.award.scoring_day import ScoringDay, build_day, new_key


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path)
    built.open()
    return built


def stored(day: ScoringDay, card: int) -> list[tuple[int, str, int | None, str]]:
    with day.site.database.reading() as db:
        rows = db.connection().exec_driver_sql(
            "select revision, criterion, value, note from mark where assignment_id = ? order by id", (card,)
        )
        return [tuple(row) for row in rows]


def test_a_mark_is_saved_with_a_receipt_and_the_members_own_total(day: ScoringDay) -> None:
    card = day.card("z9-chair")
    answer = day.save(day.site.client_as("z9-chair"), card, {"d1/commitment": "4", "note:d1/commitment": "ดี"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 1
    assert answer.json["total"] == "6.40", "8 points × 4/5"
    assert answer.json["blanks"] == 16
    assert answer.json["saved_at"] == "08:15"
    assert answer.json["receipt"].startswith("#")
    assert stored(day, card) == [(1, "d1/commitment", 40_000, "ดี")]


def test_every_change_is_appended_and_a_mark_taken_back_is_blank_not_zero(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, {"d1/commitment": "4", "d1/plans": "2"})
    answer = day.save(client, card, {"d1/commitment": ""})
    assert answer.json is not None
    assert (answer.json["revision"], answer.json["total"], answer.json["blanks"]) == (2, "2.00", 16)
    assert stored(day, card) == [
        (1, "d1/commitment", 40_000, ""),
        (1, "d1/plans", 20_000, ""),
        (2, "d1/commitment", None, ""),
    ]


def test_a_note_alone_keeps_the_mark_and_thai_digits_are_read(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, {"d1/commitment": " ๕ "})
    day.save(client, card, {"note:d1/commitment": "เห็นชัด"})
    assert stored(day, card)[-1] == (2, "d1/commitment", 50_000, "เห็นชัด")


def test_what_is_stored_already_is_acknowledged_and_not_written_again(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    first = day.save(client, card, {"d1/commitment": "4"})
    again = day.save(client, card, {"d1/commitment": "4.0"})
    assert first.json is not None and again.json is not None
    assert again.json["revision"] == 1
    assert again.json["receipt"] != first.json["receipt"]
    assert len(stored(day, card)) == 1


def test_a_repeated_key_answers_the_first_receipt_and_writes_nothing(day: ScoringDay) -> None:
    client, card, key = day.site.client_as("z9-chair"), day.card("z9-chair"), new_key()
    first = day.save(client, card, {"d1/commitment": "4"}, base=0, key=key)
    again = day.save(client, card, {"d1/commitment": "4"}, base=0, key=key)
    assert again.status_code == 200
    assert again.json == first.json
    assert len(stored(day, card)) == 1


def test_nobody_elses_key_is_ones_own(day: ScoringDay) -> None:
    key = new_key()
    day.save(day.site.client_as("z9-chair"), day.card("z9-chair"), {"d1/commitment": "5"}, key=key)
    card = day.card("z9-member")
    answer = day.save(day.site.client_as("z9-member"), card, {"d1/commitment": "1"}, key=key)
    assert answer.status_code == 200
    assert stored(day, card) == [(1, "d1/commitment", 10_000, "")]


def test_a_stale_save_is_refused_with_what_is_stored(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, {"d1/commitment": "4", "note:d1/commitment": "เครื่องแรก"})
    answer = day.save(client, card, {"d1/commitment": "2"}, base=0)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["details"] == {
        "revision": 1,
        "stored": {"d1/commitment": "4", "note:d1/commitment": "เครื่องแรก"},
    }
    assert len(stored(day, card)) == 1


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("d1/commitment", "6", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "2.5", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "-1", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "สี่", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "1e0", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "NaN", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "1_0", "from 0 to 5 in steps of 1"),
        ("d1/commitment", "3,5", "Use a point: 3.5?"),
        ("d1/commitment", "๑,๕", "Use a point: 1.5?"),
        ("d1/commitment", "1,000", "Use a point: 1.000?"),
        ("note:d1/commitment", "ก" * 2001, "at most 2000"),
    ],
)
def test_what_does_not_fit_the_scale_is_refused_with_what_was_expected(
    day: ScoringDay, name: str, typed: str, expected: str
) -> None:
    card = day.card("z9-chair")
    answer = day.save(day.site.client_as("z9-chair"), card, {"d1/plans": "3", name: typed})
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["details"]["problems"]) == [name], "the one that fits is not named"
    assert expected in answer.json["details"]["problems"][name]["en"]
    assert answer.json["details"]["problems"][name]["th"]
    assert stored(day, card) == [], "all of a save or none of it"


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {"key": "short", "base_revision": 0, "changes": {}},
        {"key": "../../etc/passwd", "base_revision": 0, "changes": {}},
        {"key": "a-proper-key", "base_revision": True, "changes": {}},
        {"key": "a-proper-key", "base_revision": "0", "changes": {}},
        {"key": "a-proper-key", "base_revision": 0, "changes": {"d1/commitment": 4}},
        {"key": "a-proper-key", "base_revision": 0, "changes": {str(n): "1" for n in range(501)}},
    ],
)
def test_a_save_of_another_shape_is_refused(day: ScoringDay, sent: object) -> None:
    answer = day.site.client_as("z9-chair").post(f"/s/card/{day.card('z9-chair')}/marks", json=sent)
    assert answer.status_code == 400
    assert day.value("select count(*) from mark where assignment_id = :c", c=day.card("z9-chair")) == 0


@pytest.mark.parametrize("name", ["d1", "d9/nothing", "note:d1", "note:d9/nothing", "is_chair"])
def test_a_name_that_is_no_place_of_the_card_does_not_belong_to_the_form(day: ScoringDay, name: str) -> None:
    card = day.card("z9-chair")
    answer = day.save(day.site.client_as("z9-chair"), card, {"d1/plans": "3", name: "4"})
    assert answer.status_code == 400
    assert answer.json is not None and answer.json["id"] == "foreign_field"
    assert stored(day, card) == []


@pytest.mark.parametrize("typed", ["๔", "４", "４．０", " 4 ", "4.0"])
def test_thai_and_full_width_digits_are_the_mark_they_show(day: ScoringDay, typed: str) -> None:
    card = day.card("z9-chair")
    client = day.site.client_as("z9-chair")
    answer = day.save(client, card, {"d1/plans": typed})
    assert answer.status_code == 200 and answer.json is not None
    shown = answer.json["read"].get("d1/plans", typed.strip())
    assert shown == "4", "and to the page's code, so that a number field shows it"
    page = client.get(f"/s/card/{card}").text
    checked = re.search(r'name="d1/plans" value="(\d)" checked', page)
    assert checked is not None and checked[1] == "4", "shown back as it was read"


def test_broken_or_endless_json_is_refused(day: ScoringDay) -> None:
    client, address = day.site.client_as("z9-chair"), f"/s/card/{day.card('z9-chair')}/marks"
    for body, status in ((b"{", 400), (b"[" * 200_000, 400), (b'{"a": "' + b"x" * 600_000 + b'"}', 413)):
        assert client.post(address, data=body, content_type="application/json").status_code == status


def test_letters_that_cannot_be_stored_are_taken_out_of_a_note(day: ScoringDay) -> None:
    card = day.card("z9-chair")
    answer = day.save(day.site.client_as("z9-chair"), card, {"note:d1/commitment": "ก\ud800ข\x00\u202eค"})
    assert answer.status_code == 200
    assert stored(day, card) == [(1, "d1/commitment", None, "กขค")]


def test_only_the_member_who_holds_the_seat_saves(day: ScoringDay) -> None:
    card = day.card("z9-chair")
    for login in ("z9-member", "z9-secretary"):
        assert day.save(day.site.client_as(login), card, {"d1/commitment": "1"}).status_code == 404
    for login in ("p23", "organizer", "auditor"):
        assert day.save(day.site.client_as(login), card, {"d1/commitment": "1"}).status_code == 403
    assert day.save(day.site.client(), card, {"d1/commitment": "1"}).status_code == 401
    assert day.save(day.site.client_as("z9-chair"), 999_999, {"d1/commitment": "1"}, base=0).status_code == 404
    assert stored(day, card) == []


def test_a_duty_that_ended_saves_nothing_any_more(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.change("update duty set to_day = '2021-07-18' where id = (select duty_id from seat where code = 'z9-member')")
    assert day.save(client, card, {"d1/commitment": "1"}).status_code == 403
    assert stored(day, card) == []


def test_before_the_slot_opens_the_card_is_locked_with_a_sentence(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    answer = day.save(day.site.client_as("z9-chair"), day.card("z9-chair"), {"d1/commitment": "4"})
    assert answer.status_code == 423
    assert answer.json is not None
    assert "planned for 19 Jul 2021 09:00; the chair of the panel opens it" in answer.json["error"]


def test_after_the_slot_closed_it_says_when_and_who_can_open_it(day: ScoringDay) -> None:
    day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "4"})
    day.site.clock.set(day.site.clock.now().astimezone(BANGKOK).replace(hour=10, minute=40))
    day.close()
    answer = day.save(day.site.client_as("z9-member"), day.card("z9-member"), {"d1/commitment": "1"})
    assert answer.status_code == 423
    assert answer.json is not None
    assert "closed this slot on 19 Jul 2021 10:40" in answer.json["error"]
    assert "Only the chair can open it again, with a written reason" in answer.json["error"]


def test_a_sent_card_and_a_recused_card_are_locked(day: ScoringDay) -> None:
    day.send_all({"z9-chair": "4"})
    sent = day.save(day.site.client_as("z9-chair"), day.card("z9-chair"), {"d1/commitment": "1"})
    assert sent.status_code == 423
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    day.post(client, f"/s/card/{card}/recuse", reason="เคยดำรงตำแหน่งในจังหวัดนี้")
    recused = day.save(client, card, {"d1/commitment": "1"})
    assert recused.status_code == 423
    assert recused.json is not None and "เคยดำรงตำแหน่งในจังหวัดนี้" in recused.json["error"]


def test_an_entry_that_was_not_sent_or_not_presented_is_not_marked(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.change("update entry set state = 'not_presented' where code = 'to-23'")
    assert day.save(client, card, {"d1/commitment": "1"}).status_code == 423
    day.change("update entry set state = 'draft' where code = 'to-23'")
    assert day.save(client, card, {"d1/commitment": "1"}).status_code == 423


def test_a_save_takes_seven_statements_and_one_for_all_its_notes(day: ScoringDay) -> None:
    client, card, whole = day.site.client_as("z9-chair"), day.card("z9-chair"), day.whole("5")
    day.save(client, card, {"d1/commitment": "1"}, base=0)  # the rules are read at the first
    with day.site.statements() as one:
        assert day.save(client, card, {"d1/commitment": "2"}, base=1).status_code == 200
    for revision in range(2, 12):
        day.save(client, card, {"d1/plans": str(revision % 5)}, base=revision)
    with day.site.statements() as many:
        assert day.save(client, card, whole, base=12).status_code == 200
    assert (len(one), len(many)) == (7, 8), "one more for the texts of all notes together"


def test_without_the_token_of_the_page_nothing_is_saved(tmp_path: Path) -> None:
    day = build_day(tmp_path, csrf=True)
    client, card = day.site.client(), day.card("z9-chair")
    page = client.get("/sign-in").text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    password = day.site.round.password
    client.post("/sign-in", data={"login": "z9-chair", "password": password, "csrf_token": token})
    day.change("update slot set state = 'open'")
    assert day.save(client, card, {"d1/commitment": "1"}).status_code == 400
    assert stored(day, card) == []
    with_token = client.post(
        f"/s/card/{card}/marks",
        json={"key": new_key(), "base_revision": 0, "changes": {"d1/commitment": "1"}},
        headers={"X-CSRFToken": token},
    )
    assert with_token.status_code == 200


def test_a_plain_form_saves_too_and_a_refused_one_keeps_what_was_typed(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    answer = client.post(
        f"/s/card/{card}/marks",
        data={"key": new_key(), "base_revision": "0", "d1/commitment": "4", "note:d1/commitment": "ดี", "then": "stay"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/card/{card}")
    wrong = client.post(
        f"/s/card/{card}/marks",
        data={"key": new_key(), "base_revision": "1", "d1/plans": "9", "note:d1/plans": "เขียนไว้แล้ว"},
    )
    assert wrong.status_code == 422
    assert "from 0 to 5 in steps of 1" in wrong.text
    assert "เขียนไว้แล้ว" in wrong.text, "nothing typed is lost"
    assert day.revision(card) == 1


def test_a_stale_plain_form_shows_both_versions(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, {"note:d1/commitment": "ฉบับที่บันทึกไว้"})
    answer = client.post(
        f"/s/card/{card}/marks", data={"key": new_key(), "base_revision": "0", "note:d1/commitment": "ฉบับที่เพิ่งพิมพ์"}
    )
    assert answer.status_code == 409
    assert "ฉบับที่บันทึกไว้" in answer.text and "ฉบับที่เพิ่งพิมพ์" in answer.text
