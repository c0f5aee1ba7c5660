"""A closed slot side by side: who differs where, by how much, what was opened again; who may not look yet."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from markupsafe import escape

from award.comparison.compare import signed
from award.comparison.pictures import LEFT, RIGHT, ROOM, dots
from tests.award.results import publish_results
from tests.award.scoring_day import ScoringDay, build_day

PUBLIC_LATER = "its marks are shown to you once the results are public"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def closed(day: ScoringDay, marks: dict[str, str]) -> ScoringDay:
    day.open()
    day.send_all(marks)
    day.close()
    return day


def page(day: ScoringDay, login: str, more: str = "", language: str = "en") -> str:
    answer = day.site.client_as(login, language=language).get(f"/s/slot/{day.first_slot}/compare{more}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_each_member_stands_against_the_mean_exactly(day: ScoringDay) -> None:
    closed(day, {"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    text = page(day, "z9-chair")
    assert text.count('class="strip"') == 3 and text.count('class="scale"') > 5
    assert "+20 against the mean of 80" in text and "−20 against the mean of 80" in text
    assert "0 against the mean of 80" in text
    assert "higher than the panel on 0 criteria, the same on 17, lower on 0" in text or "the same on" in text
    assert '<span class="off">+1</span>' in text and '<span class="off">−1</span>' in text


def test_a_difference_is_never_rounded_to_none() -> None:
    assert signed(Fraction(1, 300)) == "+1/300"
    assert signed(Fraction(-4, 3)) == "−1.33"
    assert signed(Fraction(5, 4)) == "+1.25"
    assert signed(0) == "0"
    assert signed(Fraction(Decimal("0.0001"))) == "+0.0001"


def test_equal_and_near_marks_do_not_cover_each_other() -> None:
    placed = dots([(1, 4), (2, 4), (3, Fraction(41, 10)), (4, 0), (5, 5)], low=0, high=5)
    assert [(dot.number, dot.row) for dot in placed] == [(4, 0), (1, 0), (2, 1), (3, 2), (5, 0)]
    for one in placed:
        for other in placed:
            assert one is other or one.row != other.row or abs(one.x - other.x) >= ROOM
    assert (placed[0].x, placed[-1].x) == (LEFT, RIGHT)


def test_the_widest_spread_comes_first_where_it_is_asked_for(day: ScoringDay) -> None:
    day.open()
    for login, last in (("z9-chair", "0"), ("z9-member", "5"), ("z9-secretary", "4")):
        client, card = day.site.client_as(login), day.card(login)
        place = [path for path in day.whole() if not path.startswith("note:")][-1]
        assert day.save(client, card, day.whole("4") | {place: last}).status_code == 200
        assert day.send(client, card).status_code == 303
    day.close()
    leaf = day.category().leaves[-1].label.en
    plain_order, by_width = page(day, "z9-chair"), page(day, "z9-chair", "?order=widest")
    first = 'class="scale-of">'
    assert by_width.split(first)[1].startswith(leaf)
    assert not plain_order.split(first)[1].startswith(leaf)
    assert "furthest apart first</strong>" in by_width


def test_a_spread_that_asks_for_a_discussion_is_told_in_words(day: ScoringDay) -> None:
    closed(day, {"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    alert = day.category().panel.spread_alert
    assert alert is not None and f"worth a discussion: {alert} points or more apart" in page(day, "z9-chair")


def test_what_was_opened_again_keeps_old_and_new_and_the_reason(day: ScoringDay) -> None:
    closed(day, {"z9-chair": "4", "z9-member": "4", "z9-secretary": "3"})
    chair, card = day.site.client_as("z9-chair"), day.card("z9-secretary")
    address = f"/s/slot/{day.first_slot}/cards/{card}/reopen"
    assert day.post(chair, address, reason="กรอกผิดแถวในเกณฑ์แรก").status_code == 303
    assert day.site.client_as("z9-chair").get(f"/s/slot/{day.first_slot}/compare").status_code == 423
    member, leaf = day.site.client_as("z9-secretary"), day.category().leaves[0]
    assert day.save(member, card, {leaf.path: "5"}).status_code == 200
    assert day.send(member, card).status_code == 303
    day.close()
    told = page(day, "auditor").split("Opened again</h3>")[1].split("</ul>\n</li>")[0]
    assert "กรอกผิดแถวในเกณฑ์แรก" in told
    assert escape(leaf.label.en) in told and '<span class="number">3 → 5</span>' in told
    assert '<span class="number">60.00 → ' in told


def test_paper_sheets_are_marked(day: ScoringDay) -> None:
    closed(day, {"z9-chair": "4", "z9-member": "4", "z9-secretary": "3"})
    card = day.card("z9-member")
    for state, said in (("unconfirmed", "not confirmed by the member yet"), ("confirmed", "confirmed by the member")):
        day.change("update assignment set paper = :p where id = :c", p=state, c=card)
        assert f"from a signed paper sheet, {said}" in page(day, "z9-chair")


def recused(day: ScoringDay) -> None:
    """The secretary stepped back from Trat's entry; the two others marked it."""
    day.open()
    day.send_all({"z9-chair": "4", "z9-member": "3"})
    day.post(day.site.client_as("z9-secretary"), f"/s/card/{day.card('z9-secretary')}/recuse", reason="มีส่วนได้เสีย")
    day.close()


def test_who_stepped_back_sees_no_mark_of_the_entry_before_the_results_are_public(day: ScoringDay) -> None:
    recused(day)
    withheld = page(day, "z9-secretary")
    assert PUBLIC_LATER in withheld
    for told in ("80.00", "60.00", 'class="scale"', "Spread", "to-23 side"):
        assert told not in withheld, told
    others = page(day, "z9-member")
    assert PUBLIC_LATER not in others and "80.00" in others and "60.00" in others
    assert PUBLIC_LATER not in page(day, "organizer")


def test_a_chair_who_stepped_back_does_not_see_them_on_the_chairs_page_either(day: ScoringDay) -> None:
    day.open()
    day.send_all({"z9-member": "4", "z9-secretary": "3"})
    chair = day.site.client_as("z9-chair")
    day.post(chair, f"/s/slot/{day.first_slot}/pass", seat=str(day.seat("z9-member")), reason="ประธานถอนตัว")
    day.post(chair, f"/s/card/{day.card('z9-chair')}/recuse", reason="มีส่วนได้เสีย")
    closing = day.post(day.site.client_as("z9-member"), f"/s/slot/{day.first_slot}/close")
    assert closing.status_code == 303, closing.text
    text = day.site.client_as("z9-chair").get(f"/s/{day.session}/chair").text
    assert "80.00" not in text and "60.00" not in text
    assert PUBLIC_LATER in page(day, "z9-chair")


def test_who_answers_for_the_province_sees_no_mark_of_it_either(day: ScoringDay) -> None:
    closed(day, {"z9-chair": "5", "z9-member": "4", "z9-secretary": "3"})
    day.change(
        "insert into duty (user_id, role, province_code, title_th, title_en, acting, from_day, state) "
        "select d.user_id, 'officer', '23', 'นักวิชาการ', 'Officer', 0, '2021-01-01', 'confirmed' from duty d "
        "join seat s on s.duty_id = d.id where s.code = 'z9-member'"
    )
    withheld = page(day, "z9-member")
    assert PUBLIC_LATER in withheld and "100.00" not in withheld


def test_once_the_results_are_public_who_stepped_back_sees_them_and_not_after_they_are_withdrawn(
    day: ScoringDay,
) -> None:
    recused(day)
    publish_results(day.site)
    assert "80.00" in page(day, "z9-secretary")
    day.change("update publication set withdrawn_at = published_at, withdrawn_by_id = certified_by_id")
    assert "80.00" not in page(day, "z9-secretary")


def test_the_comparison_takes_the_same_few_statements_for_any_number_of_entries(day: ScoringDay) -> None:
    counts = set()
    for entries in (1, 3):
        slot = day.slots[0] if entries == 1 else day.slots[2]
        day.open(slot)
        codes = [day.value("select e.code from entry e join assignment a on a.entry_id = e.id where a.slot_id = :s "
                           "group by e.code order by e.code limit 1 offset :o", s=slot, o=each)
                 for each in range(entries)]  # fmt: skip
        for code in codes:
            day.send_all({"z9-chair": "4", "z9-member": "4", "z9-secretary": "3"}, code)
        day.close(slot)
        client = day.site.client_as("z9-chair")
        client.get(f"/s/slot/{slot}/compare")
        with day.site.statements() as counted:
            shown = client.get(f"/s/slot/{slot}/compare").text
        assert shown.count('class="compared"') == entries
        counts.add(len(counted))
    assert len(counts) == 1, counts
