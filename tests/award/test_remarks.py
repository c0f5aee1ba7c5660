"""What members noted, collected: for the panel once the slot is closed, for the province with the results, unsigned."""

from pathlib import Path

import pytest

from tests.award.results import publish_results
from tests.award.scoring_day import REASON, ScoringDay, build_day

NOTES = {"z9-chair": "ให้ปรับปรุงลิงก์ สขร.1", "z9-member": "ควรติดป้าย <b>ให้ชัด</b>", "z9-secretary": "ข้อ ๑ ดีมาก"}
UNSAID = "Who wrote what is not told"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    return build_day(tmp_path)


def mark(day: ScoringDay, logins: tuple[str, ...] = ("z9-chair", "z9-member", "z9-secretary")) -> None:
    """Every member marks, with a note of their own on the first criterion."""
    leaf = day.category().leaves[0].path
    for login in logins:
        client, card = day.site.client_as(login), day.card(login)
        assert day.save(client, card, day.whole("4") | {f"note:{leaf}": NOTES[login]}).status_code == 200
        assert day.send(client, card).status_code == 303


@pytest.fixture
def closed(day: ScoringDay) -> ScoringDay:
    day.open()
    mark(day)
    day.close()
    return day


def read(day: ScoringDay, login: str, status: int = 200, language: str = "en") -> str:
    answer = day.site.client_as(login, language=language).get(f"/s/slot/{day.first_slot}/remarks")
    assert answer.status_code == status, answer.text
    return answer.text


def test_until_the_slot_is_closed_nobody_reads_them(day: ScoringDay) -> None:
    day.open()
    mark(day)
    for login in ("z9-chair", "z9-member", "organizer", "auditor", "p23"):
        text = read(day, login, 423)
        assert not any(note in text for note in NOTES.values()), login


def test_the_panel_reads_them_by_criterion_with_who_wrote_them(closed: ScoringDay) -> None:
    for login in ("z9-chair", "z9-member", "organizer", "auditor"):
        page = read(closed, login)
        listed = page.split('class="remark"')[1].split("</ul>")[0]
        assert closed.category().leaves[0].label.en.replace("'", "&#39;") in listed
        assert "ให้ปรับปรุงลิงก์ สขร.1" in listed and "CDD inspector, zone 9" in listed
        assert "<b>" not in listed and "ควรติดป้าย &lt;b&gt;ให้ชัด" in listed
        assert REASON in page


def test_the_text_to_copy_does_not_tell_who_wrote_it(closed: ScoringDay) -> None:
    text = read(closed, "organizer").split('id="copy-text"')[1].split("</textarea>")[0]
    assert "ให้ปรับปรุงลิงก์ สขร.1" in text and "CDD inspector" not in text
    lines = [line for line in text.splitlines() if "•" in line][:3]
    assert len(set(lines)) == 3
    assert lines == sorted(lines), "nor does the order"


def test_the_province_reads_them_with_the_results_and_not_who_wrote_them(closed: ScoringDay) -> None:
    assert "once the results of this award are published" in read(closed, "p23", 423)
    publish_results(closed.site)
    page = read(closed, "p23")
    assert UNSAID in page and "ให้ปรับปรุงลิงก์ สขร.1" in page
    listed = page.split('class="remark"')[1].split("</ul>")[0]
    for who in ("inspector", "training centre", "Chair", "Member", "specialist"):
        assert who not in listed, who
    notes = [line.split("<li>")[1].split("</li>")[0] for line in listed.splitlines() if "<li>" in line]
    assert notes[0].count("</li>") == 0
    places = [listed.index(NOTES[login][:8]) for login in sorted(NOTES, key=lambda login: NOTES[login])]
    assert places == sorted(places), "in the order of their words"
    closed.change("update publication set withdrawn_at = published_at, withdrawn_by_id = certified_by_id")
    read(closed, "p23", 423)


def test_another_province_reads_nothing(closed: ScoringDay) -> None:
    publish_results(closed.site)
    read(closed, "p22", 404)
    read(closed, "z1-chair", 404)
    read(closed, "admin", 403)
    assert closed.site.client().get(f"/s/slot/{closed.first_slot}/remarks").status_code == 302


def test_notes_of_a_member_who_stepped_back_do_not_count_and_are_not_read_by_them(day: ScoringDay) -> None:
    day.open()
    leaf = day.category().leaves[0].path
    secretary, card = day.site.client_as("z9-secretary"), day.card("z9-secretary")
    assert day.save(secretary, card, {leaf: "4", f"note:{leaf}": NOTES["z9-secretary"]}).status_code == 200
    assert day.post(secretary, f"/s/card/{card}/recuse", reason="มีส่วนได้เสีย").status_code == 303
    mark(day, ("z9-chair", "z9-member"))
    day.close()
    page = read(day, "z9-chair")
    assert NOTES["z9-secretary"] not in page and NOTES["z9-chair"] in page
    assert NOTES["z9-chair"] not in read(day, "z9-secretary")


def test_the_newest_note_counts_and_a_note_taken_back_is_gone(closed: ScoringDay) -> None:
    chair, card, leaf = closed.site.client_as("z9-chair"), closed.card("z9-member"), closed.category().leaves[0].path
    address = f"/s/slot/{closed.first_slot}/cards/{card}/reopen"
    assert closed.post(chair, address, reason="ขอแก้ข้อเสนอแนะ").status_code == 303
    member = closed.site.client_as("z9-member")
    assert closed.save(member, card, {f"note:{leaf}": "ป้ายชัดเจนแล้ว"}).status_code == 200
    assert closed.send(member, card).status_code == 303
    closed.close()
    page = read(closed, "z9-chair")
    assert "ป้ายชัดเจนแล้ว" in page and "ควรติดป้าย" not in page


def test_nothing_written_is_said(closed: ScoringDay) -> None:
    closed.change("update mark set note = ''")
    assert "No remark was written." in read(closed, "z9-chair")


def test_remarks_take_the_same_few_statements_for_one_note_and_for_many(closed: ScoringDay) -> None:
    client, address = closed.site.client_as("z9-chair"), f"/s/slot/{closed.first_slot}/remarks"
    client.get(address)
    with closed.site.statements() as many:
        client.get(address)
    closed.change("update mark set note = '' where criterion <> :leaf", leaf=closed.category().leaves[0].path)
    with closed.site.statements() as few:
        client.get(address)
    assert len(many) == len(few)
