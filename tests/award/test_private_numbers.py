"""National ID numbers are recognised however they are written, and nothing else is taken for one. All are invented."""

import random
import time
from typing import Any

import pytest

from award.answers.private_numbers import is_national_id, list_national_ids, refuse_national_ids
from award.answers.tidy import tidy_changes, tidy_label
from award.errors import Invalid
from scoring_rules.reader import read_rules
from tests.award.test_entries_answers import RULES

MASKED = "1-xxxx-xxxxx-xx-1"


def made_up(first: str = "1", seed: int = 7) -> str:
    """An invented number with a right check digit."""
    digits = first + "".join(random.Random(seed).choices("0123456789", k=11))
    weighed = sum(int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=True))
    return digits + str((11 - weighed % 11) % 10)


ID = "1234567890121"  # the example that everybody uses
THAI = ID.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


@pytest.mark.parametrize(
    "text",
    [
        ID, f"เลขประจำตัว {ID} ค่ะ", "1-2345-67890-12-1", "1 2345 67890 12 1", "1 - 2345 - 67890 - 12 - 1", THAI,
        "๑-๒๓๔๕-๖๗๘๙๐-๑๒-๑", "１２３４５６７８９０１２１", "123 456 789 012 1", "1\u20112345\u201167890\u201112\u20111",
        "1\u200b234567890121", "โทร 081-234-5678 1-2345-67890-12-1", f"เลขที่{ID}ออกให้", "1_2345_67890_12_1.jpg",
        "https://example.go.th/?id=1-2345-67890-12-1", f"{ID}/{ID}", "1 2 3 4 5 6 7 8 9 0 1 2 1",
        "1.2345.67890.12.1", "1\u00ad2345\u00ad67890\u00ad12\u00ad1", "1--2345--67890--12--1", "១២៣៤៥៦៧៨៩០១២១",
        "1\t2345\t67890\t12\t1", "1/2345/67890/12/1", "1,2345,67890,12,1", "1, 2345, 67890, 12, 1",
        "1-2345-67890-\n12-1", "1\n2345\n67890\n12\n1", "1 / 2345 / 67890 / 12 / 1", "1|2345|67890|12|1",
        "1/2/3/4/5/6/7/8/9/0/1/2/1",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 1", "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n1", "๑/๒๓๔๕/๖๗๘๙๐/๑๒/๑",
        "1.2345/67890.12-1", "ลำดับ 5, 1/2345/67890/12/1, ชาย", "1.2.3.4.5.6.7.8.9.0.1.2.1",
    ],
)  # fmt: skip
def test_a_national_id_is_seen_however_it_is_written(text: str) -> None:
    assert list_national_ids(text)[0] == MASKED


@pytest.mark.parametrize(
    "text",
    [
        "", "1234567890122", "123456789012", "12345678901211", "1,234,567,890,121", "123456789/0121", "081-234-5678",
        "02-141-6000 ต่อ 4521", "ปี 2562 2563 2564", "0234567890124", "https://example.go.th/p/1234567890121",
        "1234567\n890121", "97.27", "ที่ บร ๐๐๑๙/ว ๑๒๑๐", "1.234567890121", "1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 1, 5",
        "1/2345/67890/12/2", "1,2345,67890,12", "1, 2/3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 1", "12345/67890121",
        "12,345,678,901,21",
    ],
)  # fmt: skip
def test_what_is_no_national_id_is_let_pass(text: str) -> None:
    assert list_national_ids(text) == ()


def test_every_right_number_is_seen_and_no_number_with_another_check_digit() -> None:
    for seed in range(300):
        number = made_up(str(seed % 8 + 1), seed)
        assert is_national_id(number)
        assert list_national_ids(f"ก {number} ข")
        wrong = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
        assert not any(list_national_ids(each) for each in wrong)


def test_the_sentence_never_repeats_the_number() -> None:
    with pytest.raises(Invalid) as refused:
        refuse_national_ids(f"ชื่อ {ID}", label="หมายเหตุ")
    assert ID not in str(refused.value)
    assert MASKED in str(refused.value)
    assert refused.value.id == "national_id"


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ID}, {"story": f"ก\n{THAI}"}, {"top": ID}, {"projects": [{"name": "1-2345-67890-12-1"}]},
        {"page": "https://example.go.th/1-2345-67890-12-1"}, {"@source:share": f"ทะเบียน {ID}"},
    ],
)  # fmt: skip
def test_answers_with_a_national_id_are_not_even_kept_in_a_draft(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        tidy_changes(read_rules(RULES).category("office"), changes)
    assert refused.value.id == "national_id"


def test_a_name_with_a_national_id_is_refused() -> None:
    with pytest.raises(Invalid, match="national ID"):
        tidy_label(f"นางสมมติ {ID}")


def test_a_long_text_is_looked_through_in_no_time() -> None:
    numbers = ("1 - " * 5000, "1" * 20_000, "12 " * 6600, "1-2345-67890-12-2 " * 1100)
    for text in (*numbers, "1, " * 6600, "1/2345/67890/12/2,\n" * 1000, "1, 2345, 67890, " * 1200):
        begun = time.perf_counter()
        list_national_ids(text)
        assert time.perf_counter() - begun < 1
