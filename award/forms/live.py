"""What the chair types while a slot goes on: minutes and times as people write them, Thai digits too."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from award.answers.plain import clean_text, plain_number
from award.errors import N_, Invalid, Malformed
from scoring_rules.exact import THAI_DIGITS

MOST_NOTE = 2000
# Seconds and their thousandths come from the page's code.
_TIME = re.compile(r"([0-9]{1,2})[.:]([0-9]{2})(?:[.:]([0-9]{2})(?:[.]([0-9]{3}))?)?")
_MILLISECONDS = re.compile(r"[0-9]{1,14}")
_NUMBER = re.compile(r"[0-9]{1,9}")


def read_number(form: Mapping[str, Any], name: str) -> int:
    """A number that a page of ours put in. Raises Malformed."""
    text = form.get(name, "")
    if _NUMBER.fullmatch(text) is None:
        raise Malformed(N_("The form was not understood. Reload the page and press again."))
    return int(text)


def read_until(form: Mapping[str, Any]) -> datetime | None:
    """Until when a press may still be done: milliseconds of the server's time, as the page reckons them; None where it
    does not say. Raises Malformed."""
    text = form.get("until", "")
    if not text:
        return None
    if _MILLISECONDS.fullmatch(text) is None:
        raise Malformed(N_("The form was not understood. Reload the page and press again."))
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))


def read_minutes(form: Mapping[str, Any]) -> int | None:
    """How many minutes a part of a slot lasts; None where nothing was typed. Raises Invalid."""
    typed = form.get("minutes", "").strip()
    if not typed:
        return None
    number = plain_number(typed)
    if number is None or not number.isdigit() or len(number) > 4:
        raise Invalid(N_("Write the minutes as a whole number, such as 15."), details={"field": "minutes"})
    return int(number)


def read_arrival(form: Mapping[str, Any]) -> time | None:
    """When a member came, such as 09.20 or ๐๙:๒๐; None where nothing was typed. Raises Invalid."""
    typed = form.get("arrived", "").translate(THAI_DIGITS).replace("น.", "").strip()
    if not typed:
        return None
    found = _TIME.fullmatch(typed)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise Invalid(N_("Write the time as 09.20."), details={"field": "arrived"})
    return time(int(found[1]), int(found[2]), int(found[3] or 0), int(found[4] or 0) * 1000)


def read_note(form: Mapping[str, Any]) -> str:
    """A text for the minutes; blank is for the action to refuse. Raises Invalid where it is endless."""
    text, _ = clean_text(form.get("text", ""), lines=True)
    if len(text) > MOST_NOTE:
        raise Invalid(N_("Write the note in at most %(most)s letters."), most=MOST_NOTE)
    return text
