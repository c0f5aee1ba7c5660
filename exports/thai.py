"""Dates and times as Thai officials write them: Buddhist Era, "09.00 น.". Pure functions.

Moments are shown in Asia/Bangkok. A datetime without a time zone is refused: it could be any hour.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

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


def in_bangkok(moment: datetime) -> datetime:
    """The same moment on a clock in Bangkok. Raises ValueError for a datetime without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(BANGKOK)


def thai_date(day: date, *, short: bool = False) -> str:
    """`19 กรกฎาคม 2564`, short `19 ก.ค. 64`. A datetime gives its day in Bangkok."""
    day = _day(day)
    year = day.year + BUDDHIST_ERA
    if short:
        return f"{day.day} {THAI_SHORT_MONTHS[day.month - 1]} {year % 100:02d}"
    return f"{day.day} {THAI_MONTHS[day.month - 1]} {year}"


def typed_date(day: date) -> str:
    """`19/7/2564`, as people type it. A datetime gives its day in Bangkok."""
    day = _day(day)
    return f"{day.day}/{day.month}/{day.year + BUDDHIST_ERA}"


def english_date(day: date, *, short: bool = False) -> str:
    """`19 July 2021`, short `19 Jul 2021`. A datetime gives its day in Bangkok."""
    day = _day(day)
    month = ENGLISH_MONTHS[day.month - 1]
    return f"{day.day} {month[:3] if short else month} {day.year}"


def date_text(day: date, *, language: str, short: bool = False) -> str:
    """thai_date or english_date, as `language` ("th" or "en") asks."""
    return english_date(day, short=short) if language == "en" else thai_date(day, short=short)


def time_text(moment: time | datetime, *, language: str) -> str:
    """`09.00 น.`, or `09:00` in English; a datetime is shown on Bangkok's clock."""
    if isinstance(moment, datetime):
        moment = in_bangkok(moment).time()
    return f"{moment:%H:%M}" if language == "en" else f"{moment:%H.%M} น."


def _day(day: date) -> date:
    return in_bangkok(day).date() if isinstance(day, datetime) else day
