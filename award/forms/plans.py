"""What an organizer writes about a round to be prepared: year, times, awards in their order, numbers of papers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext

from award.answers.plain import plain_date, plain_number
from award.clock import BANGKOK
from award.forms.agenda import plain_time
from award.forms.plain_text import one_line

MOST_NUMBER, MOST_ORDER = 80, 99
Errors = dict[str, str]  # by field, in the order of the page


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A plan as it was written. `awards`: the chosen rule sets by award, in the order of the day; `papers`: number and
    day by kind; `typed`: by field, what was not understood, to be shown again."""

    opens_at: datetime | None
    deadline_at: datetime | None
    approval: str
    awards: Mapping[str, str]
    papers: Mapping[str, tuple[str, date]]
    typed: Mapping[str, str]
    errors: Errors


def read_year(form: Mapping[str, str]) -> int | None:
    """The year of a round, in the Buddhist Era; None where none is written."""
    typed = plain_number(one_line(form.get("year")))
    return int(typed) if typed is not None and typed.isdecimal() and len(typed) == 4 else None


def read_plan(form: Mapping[str, str], *, awards: Mapping[str, tuple[str, ...]], papers: tuple[str, ...]) -> PlanForm:
    """A plan. `awards`: by award, the rule sets that may decide it; `papers`: the kinds there are. A field that is
    left empty is a gap of the plan, not an error."""
    reading = _Reading(form)
    opens_at, deadline_at = reading.moment("opens"), reading.moment("deadline", with_time=True)
    chosen = reading.awards(awards)
    found = {kind: paper for kind in papers if (paper := reading.paper(kind)) is not None}
    approval = form.get("approval", "none")
    return PlanForm(opens_at, deadline_at, approval, chosen, found, reading.typed, reading.errors)


def read_papers(form: Mapping[str, str], *, kinds: Iterable[str]) -> tuple[dict[str, tuple[str, date]], Errors]:
    """Number and day of each paper that was written down, by kind, and what is wrong."""
    reading = _Reading(form)
    found = {kind: paper for kind in kinds if (paper := reading.paper(kind)) is not None}
    return found, reading.errors


class _Reading:
    """Reads one form: what is wrong with a field goes to `errors`, and its text with that of its neighbour to `typed`,
    where the page finds both again."""

    def __init__(self, form: Mapping[str, str]):
        self.form = form
        self.errors: Errors = {}
        self.typed: dict[str, str] = {}

    def text(self, name: str) -> str:
        return one_line(self.form.get(name))

    def refuse(self, name: str, says: str, *neighbours: str) -> None:
        self.errors.setdefault(name, says)
        self.typed |= {each: self.text(each) for each in (name, *neighbours)}

    def moment(self, name: str, *, with_time: bool = False) -> datetime | None:
        """Day and time; without a time the day's beginning, where it may be left out."""
        day_name, time_name = f"{name}_day", f"{name}_time"
        day_typed, time_typed = self.text(day_name), self.text(time_name)
        if not day_typed and not time_typed:
            return None
        day, at = plain_date(day_typed), plain_time(time_typed) if time_typed else time(0, 0)
        if day is None:
            self.refuse(day_name, gettext("Write a day such as 19/7/2564."), time_name)
        if at is None or (with_time and not time_typed):
            self.refuse(time_name, gettext("Write a time such as 09.00."), day_name)
        return None if time_name in self.typed or day is None or at is None else datetime.combine(day, at, BANGKOK)

    def awards(self, awards: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """The rule set of each award that takes part, in the order that was written."""
        found: list[tuple[int, int, str, str]] = []
        for place, (code, sets) in enumerate(awards.items(), start=1):
            chosen = self.form.get(f"award-{code}-rules", "")
            if chosen in sets:
                found.append((self.order(f"award-{code}-order", place), place, code, chosen))
        orders = [order for order, *_ in found]
        for order, _, code, _ in found:
            if orders.count(order) > 1:
                says = gettext("Two awards have the same place in the order. Give each its own.")
                self.refuse(f"award-{code}-order", says)
        return {code: chosen for _, _, code, chosen in sorted(found)}

    def order(self, name: str, place: int) -> int:
        """A place in the order of the day; without one, that of the list."""
        typed = self.text(name)
        number = plain_number(typed) if typed else str(place)
        if number is not None and number.isdecimal() and 1 <= int(number) <= MOST_ORDER:
            return int(number)
        self.refuse(name, gettext("Write the place in the order as a number: 1, 2, 3."))
        return MOST_ORDER + place

    def paper(self, kind: str) -> tuple[str, date] | None:
        """Number and day of a paper; None where there is none yet."""
        number_name, day_name = f"paper_{kind}_number", f"paper_{kind}_day"
        number, day_typed = self.text(number_name), self.text(day_name)
        if not number and not day_typed:
            return None
        day = plain_date(day_typed)
        if not number:
            self.refuse(number_name, gettext("Write the number of the paper."), day_name)
        elif len(number) > MOST_NUMBER:
            self.refuse(number_name, gettext("At most %(most)s letters.", most=MOST_NUMBER), day_name)
        if day is None:
            self.refuse(day_name, gettext("Write a day such as 19/7/2564."), number_name)
        return None if number_name in self.typed or day is None else (number, day)
