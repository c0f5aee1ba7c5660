"""Sending a card, stepping back from it, and what the card shows."""

from pathlib import Path

import pytest

from tests.award.scoring_day import ScoringDay, build_day


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path)
    built.open()
    return built


def test_the_card_is_made_from_the_rules(day: ScoringDay) -> None:
    page = day.site.client_as("z9-chair").get(f"/s/card/{day.card('z9-chair')}")
    assert page.status_code == 200
    assert page.text.count('<fieldset class="criterion') == 17
    assert "Passed on to every work group and at least half of the districts" in page.text
    assert "suggests level" in page.text
    assert "Proposed rules" in page.text
    assert "Invented data" in page.text
    assert "Chair" in page.text and "CDD inspector, zone 9" in page.text, "who I am"
    assert page.text.count("https://example.invalid/to-") == 0, "evidence of the neighbour is not the entry's"


def test_the_suggestion_shows_value_numerator_denominator_and_band(day: ScoringDay) -> None:
    day.change(
        "update entry set answers = json_set(answers, '$.districts_full', '107', '$.districts_all', '110')"
        " where code = 'to-23'"
    )
    page = day.site.client_as("z9-chair").get(f"/s/card/{day.card('z9-chair')}").text
    shown = page.split('id="c-d1--plans"')[1].split("</fieldset>")[0]
    for part in ("97.27", "107", "110", "90 or more", "suggests level 5"):
        assert part in shown
    day.change("update entry set answers = json_set(answers, '$.districts_all', '0') where code = 'to-23'")
    page = day.site.client_as("z9-chair").get(f"/s/card/{day.card('z9-chair')}").text
    shown = page.split('id="c-d1--plans"')[1].split("</fieldset>")[0]
    assert "is 0, so there is nothing to divide by" in shown
    assert "suggests level" not in shown, "missing is never zero"


def test_the_card_and_the_board_take_a_constant_number_of_statements(day: ScoringDay) -> None:
    client = day.site.client_as("z9-chair")
    for login, entry in (("z9-chair", "to-23"), ("z9-chair", "wf-a-23")):
        client.get(f"/s/card/{day.card(login, entry)}")
    client.get("/s/")
    counts = []
    for mark in ("", "4"):
        if mark:
            day.send_all({"z9-chair": mark, "z9-member": mark})
        card = day.card("z9-chair")
        with day.site.statements() as of_card:
            assert client.get(f"/s/card/{card}").status_code == 200
        with day.site.statements() as of_board:
            assert client.get("/s/").status_code == 200
        counts.append((len(of_card), len(of_board)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 7
    one_slot = counts[0][1]
    for sql in (
        "delete from assignment where slot_id in (select id from slot where session_id = :d and id != :s)",
        "delete from slot where session_id = :d and id != :s",
    ):
        day.change(sql, d=day.session, s=day.first_slot)
    with day.site.statements() as of_board:
        client.get("/s/")
    assert len(of_board) == one_slot


def test_a_whole_card_is_sent_with_a_receipt_and_locked(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, day.whole("4"))
    confirm = client.get(f"/s/card/{card}/send")
    assert "80.00" in confirm.text and "Send the card" in confirm.text
    assert day.send(client, card).status_code == 303
    page = client.get(f"/s/card/{card}").text
    receipt = day.value("select receipt from assignment where id = :c", c=card)
    assert receipt and receipt in page
    assert "own total 80.00 of 100" in page
    assert day.value("select state from assignment where id = :c", c=card) == "sent"


def test_blanks_are_refused_and_the_page_links_to_each(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    whole = day.whole("4")
    del whole["d5/waste"], whole["d2/spending"]
    day.save(client, card, whole)
    answer = day.send(client, card)
    assert answer.status_code == 422
    for path in ("d5--waste", "d2--spending"):
        assert f'href="/s/card/{card}#c-{path}"' in answer.text
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert summary.count("<li>") == 2
    assert day.value("select state from assignment where id = :c", c=card) == "draft"


def test_another_mark_than_the_suggested_needs_its_reason(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.change(
        "update entry set answers = json_set(answers, '$.districts_full', '9', '$.districts_all', '10')"
        " where code = 'to-23'"
    )
    whole = day.whole("4") | {"note:d1/plans": "  "}
    day.save(client, card, whole)
    answer = day.send(client, card)
    assert answer.status_code == 422
    assert "the mark differs from the suggested one, and the reason is missing" in answer.text
    day.save(client, card, {"d1/plans": "5"})
    assert day.send(client, card).status_code == 303, "the suggested mark needs none"


def test_a_card_changed_after_the_confirm_page_is_not_sent(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, day.whole("4"))
    seen = day.revision(card)
    day.declare(client)
    day.save(client, card, {"d1/commitment": "1"})
    answer = client.post(f"/s/card/{card}/send", data={"key": "confirm-key-1", "base_revision": seen})
    assert answer.status_code == 409
    assert "changed after this page was made" in answer.text
    assert day.value("select state from assignment where id = :c", c=card) == "draft"


def test_sending_twice_is_sending_once(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, day.whole("4"))
    day.declare(client)
    form = {"key": "pressed-twice", "base_revision": day.revision(card)}
    lines = "select count(*) from ledger_line"
    assert client.post(f"/s/card/{card}/send", data=form).status_code == 303
    before = day.value(lines)
    assert client.post(f"/s/card/{card}/send", data=form).status_code == 303
    assert day.value(lines) == before


def test_a_member_steps_back_with_a_reason(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    assert client.get(f"/s/card/{card}/recuse").status_code == 200
    empty = day.post(client, f"/s/card/{card}/recuse", reason="   ")
    assert empty.status_code == 422 and "Write the reason" in empty.text
    assert day.value("select excused from assignment where id = :c", c=card) == ""
    assert day.post(client, f"/s/card/{card}/recuse", reason="เป็นญาติกับสมาชิกกลุ่ม").status_code == 303
    assert day.value("select excused from assignment where id = :c", c=card) == "recused"
    assert "เป็นญาติกับสมาชิกกลุ่ม" in client.get(f"/s/card/{card}").text


def test_a_sent_card_is_not_stepped_back_from(day: ScoringDay) -> None:
    day.send_all({"z9-member": "4"})
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    assert day.post(client, f"/s/card/{card}/recuse", reason="เพิ่งนึกได้").status_code == 423
    assert day.value("select excused from assignment where id = :c", c=card) == ""


def test_cards_of_others_are_not_found_and_other_duties_may_not(day: ScoringDay) -> None:
    card = day.card("z9-chair")
    for address in (f"/s/card/{card}", f"/s/card/{card}/send", f"/s/card/{card}/recuse"):
        assert day.site.client_as("z9-member").get(address).status_code == 404
        assert day.site.client_as("z1-chair").get(address).status_code == 404
        assert day.site.client_as("p23").get(address).status_code == 403
        assert day.site.client_as("organizer").get(address).status_code == 403
        assert day.site.client().get(address).status_code == 302


def test_the_board_is_home_and_shows_today(day: ScoringDay) -> None:
    client = day.site.client_as("z9-secretary")
    assert client.get("/").headers["Location"] == "/s/"
    board = client.get("/s/").text
    assert "Trat province" in board and "000 0000" in board and "example.invalid/call" in board
    assert "Member and secretary" in board
    assert board.index("09:00") < board.index("11:00") < board.index("13:00")
    assert "Open for marking" in board and "Not open yet" in board
    assert "Chanthaburi province" in board, "the other day of the panel"
    card = day.card("z9-secretary")
    day.save(client, card, {"d1/commitment": "4", "d1/plans": "4"})
    assert "2 of 17 marked" in client.get("/s/").text
    assert day.site.client_as("p23").get("/s/").status_code == 403


def test_a_day_without_a_session_names_the_next(day: ScoringDay) -> None:
    day.change("update scoring_session set day = '2021-07-20' where id = :s", s=day.session)
    board = day.site.client_as("z9-chair").get("/s/").text
    assert "No scoring session today" in board
    assert "Trat province, 20 July 2021" in board


def test_a_day_is_seen_by_its_panel_and_as_counts_by_those_who_look_on(day: ScoringDay) -> None:
    address = f"/s/{day.session}"
    assert day.site.client_as("z9-member").get(address).status_code == 200
    for login in ("organizer", "auditor"):
        page = day.site.client_as(login).get(address)
        assert page.status_code == 200
        assert "0 of 3 members done" in page.text
        assert "/s/card/" not in page.text
    assert day.site.client_as("z1-chair").get(address).status_code == 404
    assert day.site.client_as("p23").get(address).status_code == 403
