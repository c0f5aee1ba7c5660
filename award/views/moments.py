"""A day and a time as people type them in two fields."""

from collections.abc import Mapping
from datetime import datetime, time

from award.answers.plain import plain_date
from award.clock import BANGKOK
from award.errors import N_, Invalid


def moment_in(form: Mapping[str, str]) -> datetime:
    """What stands in the fields `day` and `time`, in Bangkok's time. Raises Invalid."""
    day = plain_date(form.get("day", ""))
    try:
        hour, minute = form.get("time", "").strip().replace(".", ":").split(":")
        clock = time(int(hour), int(minute))
    except ValueError:
        clock = None
    if day is None or clock is None:
        raise Invalid(N_("Write the new deadline as a day such as 19/7/2564 and a time such as 16.30."))
    return datetime.combine(day, clock, BANGKOK)
