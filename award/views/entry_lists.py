"""A province's entries as cards, with what is missing and how long there is."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.answers.check import list_problems
from award.clock import BANGKOK
from award.evaluation import numbers_in, rules_of
from award.policy import is_in_time
from award.queries.chain import list_returned
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.entries import EntryLine, count_evidence, list_entry_lines
from award.queries.late import list_late
from award.queries.provinces import ProvinceLine, list_province_lines
from award.views.context import current_actor, new_key, reading, site
from award.views.language import clock_time, moment
from scoring_rules.rules import Category


@dataclass(frozen=True, slots=True)
class Card:
    """One entry that a province may send: begun or not."""

    award: AwardCycle
    category: Category
    number: int
    province: ProvinceLine
    entry: EntryLine | None
    missing: int
    evidence: int
    is_open: bool
    is_over: bool
    left: str

    @property
    def is_sent(self) -> bool:
        """Sent, also where it was not presented afterwards."""
        return self.entry is not None and self.entry.state in ("submitted", "not_presented")

    @property
    def is_missed(self) -> bool:
        """A draft whose time is over: nothing can be done with it but to ask for more."""
        return self.entry is not None and self.entry.state == "draft" and not self.entry.step and self.is_over

    @property
    def is_withdrawn(self) -> bool:
        """Withdrawn: it makes room for another."""
        return self.entry is not None and self.entry.state == "withdrawn"


def time_left(closes_at: datetime) -> str:
    """The days to a deadline in words, in the page's language."""
    now = site().clock.now()
    if not is_in_time(now, closes_at):
        return gettext("The deadline was %(at)s.", at=moment(closes_at))
    days = (closes_at.astimezone(BANGKOK).date() - now.astimezone(BANGKOK).date()).days
    if days == 0:
        return gettext("Today is the last day: until %(time)s.", time=clock_time(closes_at))
    if days == 1:
        return gettext("One day left: until tomorrow, %(time)s.", time=clock_time(closes_at))
    return gettext("%(days)s days left: until %(at)s.", days=days, at=moment(closes_at))


def _newest_cycle() -> list[AwardCycle]:
    awards = list_award_cycles(reading())
    return [award for award in awards if award.cycle_id == awards[0].cycle_id]


def province_page() -> ResponseReturnValue:
    """The officer's provinces with all the entries each may send."""
    db, actor, now = reading(), current_actor(), site().clock.now()
    awards = _newest_cycle()
    if not awards:
        return render_template("entries/no_cycle.html")
    cycle = awards[0]
    provinces = list_province_lines(db, cycle_id=cycle.cycle_id, provinces=actor.provinces)
    lines = list_entry_lines(db, cycle_id=cycle.cycle_id, provinces=actor.provinces, with_answers=True)
    evidence = count_evidence(db, [line.id for line in lines])
    cards = [
        card for province in provinces for award in awards for card in _cards(award, province, lines, evidence, now)
    ]
    return render_template(
        "entries/index.html", cycle=cycle, provinces=provinces, cards=cards, left=time_left(cycle.deadline_at),
        is_open=now >= cycle.opens_at, new_key=new_key, asked=_asked_to_send_late(cycle, now),
        came_back=list_returned(db, [line.id for line in lines if line.state == "draft" and not line.step]),
    )  # fmt: skip


def _asked_to_send_late(cycle: AwardCycle, now: datetime) -> set[int]:
    """Entries for which the organizer has a request to decide; none can be while there is time."""
    if is_in_time(now, cycle.deadline_at):
        return set()
    return {each.entry_id for each in list_late(reading(), current_actor()) if each.allowed is None and each.entry_id}


def _cards(
    award: AwardCycle,
    province: ProvinceLine,
    lines: list[EntryLine],
    evidence: dict[int, dict[str, int]],
    now: datetime,
) -> list[Card]:
    cards = []
    for category in rules_of(award.rules_text).categories:
        own = (award.adoption_id, category.code, province.code)
        begun = [line for line in lines if (line.adoption_id, line.category, line.province_code) == own]
        spare = category.limit - sum(line.state != "withdrawn" for line in begun)
        for number, line in enumerate([*begun, *[None] * max(0, spare)], start=1):
            counts = evidence.get(line.id, {}) if line else {}
            closes = max(award.deadline_at, line.due_at) if line and line.due_at else award.deadline_at
            cards.append(
                Card(
                    award, category, number, province, line,
                    missing=_count_missing(category, line, counts, province) if line and line.state == "draft" else 0,
                    evidence=sum(counts.values()),
                    is_open=now >= award.opens_at and is_in_time(now, closes),
                    is_over=not is_in_time(now, closes),
                    left=time_left(closes) if line and closes != award.deadline_at else "",
                )
            )  # fmt: skip
    return cards


def _count_missing(category: Category, line: EntryLine, evidence: dict[str, int], province: ProvinceLine) -> int:
    numbers = numbers_in(category, line.answers)
    return len(list_problems(category, line.answers, numbers=numbers, evidence=evidence, districts=province.districts))
