"""Dates and times as Thai officials write them: Buddhist Era, "09.00 น.", Thai digits where asked. Pure functions.

Moments are shown in Asia/Bangkok. A datetime without a time zone is refused: it could be any hour.
"""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

Digits = Literal["arabic", "thai"]

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_ERA = 543

THAI_MONTHS = (
    *("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน"),
    *("กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"),
)
THAI_SHORT_MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def thai_digits(text: str) -> str:
    """`text` with every Arabic digit as a Thai one: `๑๙ กรกฎาคม ๒๕๖๔`."""
    return text.translate(_TO_THAI)


def buddhist_year(year: int) -> int:
    """The Buddhist Era year of a Common Era year: 2021 is 2564."""
    return year + BUDDHIST_ERA


def in_bangkok(moment: datetime) -> datetime:
    """The same moment on a clock in Bangkok. Raises ValueError for a datetime without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(BANGKOK)


def thai_date(day: date, *, short: bool = False, digits: Digits = "arabic") -> str:
    """`19 กรกฎาคม 2564`, short `19 ก.ค. 64`. A datetime gives its day in Bangkok."""
    day = _day(day)
    year = buddhist_year(day.year)
    if short:
        text = f"{day.day} {THAI_SHORT_MONTHS[day.month - 1]} {year % 100:02d}"
    else:
        text = f"{day.day} {THAI_MONTHS[day.month - 1]} {year}"
    return _in_digits(text, digits)


def thai_time(moment: time | datetime, *, digits: Digits = "arabic") -> str:
    """`09.00 น.`: hours and minutes; a datetime is shown on Bangkok's clock."""
    if isinstance(moment, datetime):
        moment = in_bangkok(moment).time()
    return _in_digits(f"{moment.hour:02d}.{moment.minute:02d} น.", digits)


def thai_datetime(moment: datetime, *, short: bool = False, digits: Digits = "arabic") -> str:
    """`19 กรกฎาคม 2564 เวลา 09.00 น.`, short `19 ก.ค. 64 09.00 น.`, on Bangkok's clock."""
    between = " " if short else " เวลา "
    return thai_date(moment, short=short, digits=digits) + between + thai_time(moment, digits=digits)


def english_date(day: date, *, short: bool = False) -> str:
    """`19 July 2021`, short `19 Jul 2021`. A datetime gives its day in Bangkok."""
    day = _day(day)
    month = ENGLISH_MONTHS[day.month - 1]
    return f"{day.day} {month[:3] if short else month} {day.year}"


def english_time(moment: time | datetime) -> str:
    """`09:00`; a datetime is shown on Bangkok's clock."""
    if isinstance(moment, datetime):
        moment = in_bangkok(moment).time()
    return f"{moment.hour:02d}:{moment.minute:02d}"


def english_datetime(moment: datetime, *, short: bool = False) -> str:
    """`19 July 2021, 09:00`, on Bangkok's clock."""
    return f"{english_date(moment, short=short)}, {english_time(moment)}"


def date_text(day: date, *, language: str, short: bool = False, digits: Digits = "arabic") -> str:
    """thai_date or english_date, as `language` ("th" or "en") asks."""
    return english_date(day, short=short) if language == "en" else thai_date(day, short=short, digits=digits)


def datetime_text(moment: datetime, *, language: str, short: bool = False, digits: Digits = "arabic") -> str:
    """thai_datetime or english_datetime, as `language` ("th" or "en") asks."""
    if language == "en":
        return english_datetime(moment, short=short)
    return thai_datetime(moment, short=short, digits=digits)


def _day(day: date) -> date:
    return in_bangkok(day).date() if isinstance(day, datetime) else day


def _in_digits(text: str, digits: Digits) -> str:
    return thai_digits(text) if digits == "thai" else text
