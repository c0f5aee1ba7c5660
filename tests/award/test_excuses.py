"""The workbook's change history tells who was excused from marking, who recorded it, when and why."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.award.lived import NINE
from tests.award.scoring_day import ScoringDay, build_day

ILL, AWAY, BACK = "ป่วย มีใบรับรองแพทย์", "เดินทางไปราชการด่วน", "กลับมาทันการนำเสนอ"


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    day.open()
    return day


def history(day: ScoringDay) -> list[tuple[str, ...]]:
    """(who, what, entry, reason) of each line of the sheet, in the workbook of a run."""
    organizer = day.site.client_as("organizer")
    assert day.post(organizer, "/r/1/zone/calculate", kind="provisional").status_code in (302, 303)
    run = day.value("select max(id) from ranking_run")
    answer = organizer.get(f"/r/run/{run}/workbook")
    assert answer.status_code == 200, answer.text
    rows = load_workbook(io.BytesIO(answer.data))["Change history"].iter_rows(values_only=True)
    return [(str(row[1]), str(row[2]), str(row[3]), str(row[6] or "")) for row in rows if row[3] == "to-23"]


def test_every_excuse_stands_there_with_who_recorded_it_and_why(day: ScoringDay) -> None:
    chair, seat = day.site.client_as("z9-chair"), day.seat("z9-member")
    entry = day.value("select id from entry where code = 'to-23'")
    day.send_all({"z9-chair": "4"})
    for kind, reason in (("absent", AWAY), ("", BACK), ("absent", ILL)):
        excused = day.post(chair, f"/s/slot/{day.first_slot}/excuse", seat=seat, entry=entry, kind=kind, reason=reason)
        assert excused.status_code == 303, excused.text
    day.send_all({"z9-secretary": "3"})
    day.close()
    by = str(day.value("select title_en from user where login = 'z9-chair'"))
    assert history(day) == [
        (by, "Absent, z9-member", "to-23", AWAY),
        (by, "Marks after all, z9-member", "to-23", BACK),
        (by, "Absent, z9-member", "to-23", ILL),
    ]


def test_a_member_who_stepped_back_is_told_under_their_own_name(day: ScoringDay) -> None:
    secretary = day.site.client_as("z9-secretary")
    day.send_all({"z9-chair": "4", "z9-member": "3"})
    stepped = day.post(secretary, f"/s/card/{day.card('z9-secretary')}/recuse", reason=AWAY)
    assert stepped.status_code == 303
    day.close()
    by = str(day.value("select title_en from user where login = 'z9-secretary'"))
    assert history(day) == [(by, "Recused, z9-secretary", "to-23", AWAY)]


def test_a_declared_interest_and_its_taking_back_are_told(day: ScoringDay) -> None:
    chair, seat = day.site.client_as("z9-chair"), day.seat("z9-member")
    address = f"/s/{day.session}/interest/{seat}"
    assert day.post(chair, address, interest="relative", reason=ILL).status_code == 303
    assert day.post(chair, address, interest="none", reason=BACK).status_code == 303
    day.send_all({"z9-chair": "4", "z9-member": "3", "z9-secretary": "3"})
    day.close()
    assert [(what, why) for _who, what, _entry, why in history(day)] == [
        ("Recused, z9-member", ILL), ("Marks after all, z9-member", BACK),
    ]  # fmt: skip
