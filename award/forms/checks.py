"""What an organizer sends back to a province: a reason beside each question to be mended, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from award.answers.plain import plain_date
from award.clock import BANGKOK
from award.errors import N_, Invalid

REASON = "reason-"  # begins the name of each reason; the question's code follows


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed: shown again where it is refused."""

    reasons: dict[str, str]  # code of a question -> reason; only those that are not blank
    day: str
    time: str
    stand: str = ""  # why a returned entry may stand as it was sent


def read_typed(posted: Mapping[str, str]) -> Typed:
    """The reasons that are not blank, day and time as typed."""
    reasons = {
        name.removeprefix(REASON): text for name, text in posted.items() if name.startswith(REASON) and text.strip()
    }
    return Typed(reasons, posted.get("day", ""), posted.get("time", ""))


def read_moment(day_typed: str, time_typed: str) -> datetime:
    """The moment in Bangkok of a day such as 19/7/2564 and a time such as 16.30; Thai digits too. Raises Invalid."""
    day = plain_date(day_typed)
    hour, _, minute = time_typed.strip().replace(".", ":").partition(":")
    try:
        clock = time(int(hour), int(minute))
    except ValueError:
        clock = None
    if day is None or clock is None:
        raise Invalid(
            N_("Write the new deadline as a day such as 19/7/2564 and a time such as 16.30."),
            details={"field": "until"},
        )
    return datetime.combine(day, clock, BANGKOK)
