"""Dates and times as Thai officials write them."""

from datetime import UTC, date, datetime, time
from functools import partial

import pytest

from exports.thai import date_text, english_date, thai_date, time_text

TRAT = datetime(2021, 7, 19, 2, 0, tzinfo=UTC)  # nine in the morning in Bangkok


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2021, 7, 19), "19 กรกฎาคม 2564", "19 ก.ค. 64"),
        (date(2021, 1, 20), "20 มกราคม 2564", "20 ม.ค. 64"),
        (date(2022, 1, 12), "12 มกราคม 2565", "12 ม.ค. 65"),
        (date(2019, 10, 16), "16 ตุลาคม 2562", "16 ต.ค. 62"),
        (date(1957, 2, 1), "1 กุมภาพันธ์ 2500", "1 ก.พ. 00"),
    ],
)
def test_a_date_is_written_in_the_buddhist_era(day, long, short):
    assert thai_date(day) == long
    assert thai_date(day, short=True) == short


def test_a_moment_is_shown_on_the_clock_of_bangkok():
    assert time_text(TRAT, language="th") == "09.00 น."
    assert time_text(TRAT, language="en") == "09:00"
    assert time_text(time(9, 0), language="th") == "09.00 น."


def test_late_in_the_evening_of_greenwich_is_already_tomorrow_in_bangkok():
    new_year = datetime(2021, 12, 31, 17, 0, tzinfo=UTC)
    assert thai_date(new_year) == "1 มกราคม 2565"
    assert english_date(new_year, short=True) == "1 Jan 2022"


def test_a_moment_without_a_time_zone_is_refused():
    naive = datetime(2021, 7, 19, 9, 0)  # noqa: DTZ001
    for write in (thai_date, english_date, partial(time_text, language="th"), partial(time_text, language="en")):
        with pytest.raises(ValueError, match="time zone"):
            write(naive)


def test_the_language_is_chosen_by_its_code():
    assert date_text(date(2021, 7, 19), language="en") == "19 July 2021"
    assert date_text(date(2021, 7, 19), language="th", short=True) == "19 ก.ค. 64"
