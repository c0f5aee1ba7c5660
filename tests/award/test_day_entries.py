"""What the pages of a scoring day say of an entry: its name, that it came late, its code only where that is needed."""

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.award.lived import NINE
from tests.award.scoring_day import ScoringDay, build_day

LATE = re.compile(r"sent late\b")
SEEN_BY = (("z9-member", "/s/"), ("z9-chair", "/s/{session}/chair"), ("z9-member", "/s/card/{card}"))


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    day = build_day(tmp_path)
    day.site.clock.set(NINE)
    day.open()
    return day


def pages(day: ScoringDay) -> dict[str, str]:
    card = day.card("z9-member")
    return {
        path: day.site.client_as(login).get(path.format(session=day.session, card=card)).text for login, path in SEEN_BY
    }


def heads(day: ScoringDay) -> list[str]:
    """The names over the columns of the member's score sheet."""
    answer = day.site.client_as("z9-member").get(f"/s/slot/{day.first_slot}/sheet.xlsx")
    assert answer.status_code == 200, answer.text
    page = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [str(cell.value) for row in page.iter_rows(max_row=8) for cell in row if cell.value]


def test_an_entry_that_was_sent_late_is_marked_so_where_it_is_heard(day: ScoringDay) -> None:
    day.change("update cycle set deadline_at = '2030-01-01T00:00:00.000000Z'")
    assert not any(LATE.search(text) for text in pages(day).values())
    assert not any(LATE.search(head) for head in heads(day))
    day.change(
        "update entry set submitted_at = '2021-07-10T02:00:00.000000Z', first_submitted_at = null where code = 'to-23'"
    )
    day.change("update cycle set deadline_at = '2021-07-09T09:30:00.000000Z'")
    for path, text in pages(day).items():
        assert LATE.search(text), path
    assert any(LATE.search(head) for head in heads(day)), "also where the network does not reach"
    day.change("update entry set first_submitted_at = '2021-07-01T02:00:00.000000Z' where code = 'to-23'")
    assert not any(LATE.search(text) for text in pages(day).values()), "it came in time and was mended"


def test_a_code_stands_beside_a_name_only_where_it_tells_two_apart(day: ScoringDay) -> None:
    for path, text in pages(day).items():
        assert '<span class="quiet">to-23</span>' not in text, path
    assert "entry code to-23" in pages(day)["/s/card/{card}"], "the paper sheet names it so"
    other = "wf-a-23"
    label, slot = day.row("select e.label, a.slot_id from entry e join assignment a on a.entry_id = e.id"
                          " where e.code = :c limit 1", c=other)  # fmt: skip
    twin = day.value("select count(distinct entry_id) from assignment where slot_id = :s", s=slot)
    assert twin > 1, "the slot holds more than one"
    day.change("update entry set label = :label where code like 'wf-%-23'", label=label)
    assert f'<span class="quiet">{other}</span>' in pages(day)["/s/"]
