"""The list of all entries for organizer and auditor: by province, or those in a state or with words in them."""

from collections import Counter
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from award.evaluation import rules_of
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.entries import EntryLine, list_entry_lines
from award.queries.entry_pages import (
    PROVINCES,
    STATES,
    ZoneCount,
    count_zones,
    list_page_of_entries,
    list_page_of_provinces,
)
from award.queries.likeness import LONGEST, words_of
from award.views.context import reading
from award.views.entry_lists import time_left
from scoring_rules.rules import Category


@dataclass(frozen=True, slots=True)
class Column:
    """One category of one award."""

    award: AwardCycle
    category: Category


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is to show; 0 and "" where nothing is asked."""

    award: int
    zone: int
    state: str
    text: str
    page: int


def all_entries_page() -> ResponseReturnValue:
    """Every province of the newest cycle with each entry it may send; by award and zone where asked. With a state or
    words the entries themselves."""
    awards = list_award_cycles(reading())
    awards = [award for award in awards if award.cycle_id == awards[0].cycle_id]
    if not awards:
        return render_template("entries/no_cycle.html")
    asked = _asked(awards)
    shown = [award for award in awards if asked.award in (0, award.adoption_id)]
    adoptions = [award.adoption_id for award in shown]
    zones = count_zones(reading(), adoptions=adoptions)
    here = [zone for zone in zones if asked.zone in (0, zone.number)] or zones
    columns = [Column(award, category) for award in shown for category in rules_of(award.rules_text).categories]
    possible = sum(zone.provinces for zone in here) * sum(column.category.limit for column in columns)
    counts: Counter[str] = sum((zone.states for zone in here), Counter())
    values = {
        "awards": awards, "asked": asked, "zones": zones, "columns": columns, "counts": counts, "possible": possible,
        "not_begun": max(0, possible - counts.total() + counts["withdrawn"]), "left": time_left(awards[0].deadline_at),
        "states": STATES,
    }  # fmt: skip
    if asked.state or asked.text:
        page = list_page_of_entries(
            reading(), adoptions=adoptions, deadline_at=awards[0].deadline_at, zone=asked.zone or None,
            state=asked.state, words=words_of(asked.text), page=asked.page,
        )  # fmt: skip
        return render_template("entries/all.html", **values, page=page, last=page.last, number=page.number)
    return _by_province(values, here, cycle_id=awards[0].cycle_id)


def _by_province(values: dict, here: list[ZoneCount], *, cycle_id: int) -> ResponseReturnValue:
    asked: Asked = values["asked"]
    last = max(1, -(-sum(zone.provinces for zone in here) // PROVINCES))
    number = min(max(asked.page, 1), last)
    provinces = list_page_of_provinces(reading(), zone=asked.zone or None, page=number)
    lines = list_entry_lines(
        reading(), cycle_id=cycle_id, provinces=[each.code for each in provinces], adoption_id=asked.award or None
    )
    cells: dict[tuple[str, int, str], list[EntryLine]] = {}
    for line in lines:
        cells.setdefault((line.province_code, line.adoption_id, line.category), []).append(line)
    return render_template(
        "entries/all.html", **values, page=None, provinces=provinces, cells=cells, last=last, number=number,
        by_zone={zone.number: zone for zone in here},
    )  # fmt: skip


def _asked(awards: list[AwardCycle]) -> Asked:
    """What the address asks for; whatever it cannot ask for is not asked."""

    def number(name: str) -> int:
        typed = request.args.get(name, "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 0

    state, award = request.args.get("state", ""), number("award")
    return Asked(
        award if award in [each.adoption_id for each in awards] else 0, number("zone"),
        state if state in STATES else "",
        " ".join(request.args.get("text", "")[:LONGEST].replace("\x00", " ").split()), number("page") or 1,
    )  # fmt: skip
