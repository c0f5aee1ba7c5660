"""A run's stored result as values for pages. Runs never change: one that was read is kept by its SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.orm import Session

from award.errors import N_, Invalid
from award.queries.ranking import Run, get_facts_text, get_result_text

KEPT = 8  # results in memory, a few megabytes each at most
_kept: dict[str, "RunResult"] = {}
_excused: dict[str, Mapping[tuple[str, str], str]] = {}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry has no rank, in both languages."""

    text_th: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry's line as it was stored: numbers are text, ready to be shown."""

    entry: str
    label: str
    status: str  # ranked | not_placed | tied_unresolved | incomplete | not_eligible | not_presented | withdrawn
    rank: int | None
    tied: bool
    total: str | None
    total_exact: str | None
    tier: str | None
    advances: bool
    decided_by: str | None
    members: int
    spread: str | None
    points: Mapping[str, str]  # of the roots only, two decimals
    member_totals: Mapping[str, str]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class GroupRanking:
    """One category in one group. `blocked`: a tie waits for the committee's written decision."""

    category: str
    group: str
    blocked: bool
    lines: tuple[Line, ...]

    @property
    def unresolved(self) -> tuple[Line, ...]:
        """The lines whose tie waits, in rank order."""
        return tuple(line for line in self.lines if line.status == "tied_unresolved")


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a run found, categories and groups in the order they were ranked."""

    rankings: tuple[GroupRanking, ...]

    @property
    def blocked(self) -> tuple[GroupRanking, ...]:
        """The rankings in which a tie waits."""
        return tuple(each for each in self.rankings if each.blocked)

    def find(self, *, category: str, group: str) -> GroupRanking | None:
        """The ranking of one category in one group."""
        return next((each for each in self.rankings if (each.category, each.group) == (category, group)), None)

    def find_line(self, entry: str) -> Line | None:
        """An entry's line, in whichever ranking it stands."""
        return next((line for each in self.rankings for line in each.lines if line.entry == entry), None)


def get_run_result(db: Session, run: Run) -> RunResult:
    """The result of a run. Raises Invalid where the stored text is not the one that was sealed with its SHA-256."""
    known = _kept.get(run.result_sha256)
    if known is None:
        text = get_result_text(db, run.id)
        if hashlib.sha256(text.encode()).hexdigest() != run.result_sha256:
            raise Invalid(
                N_("The stored result of run %(run)s is not the one that was calculated: it was altered."), run=run.id
            )
        known = read_result(text)
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[run.result_sha256] = known
    return known


def map_excused(db: Session, run: Run) -> Mapping[tuple[str, str], str]:
    """(entry, seat) → recused or absent, for the cards that a run's facts leave out."""
    known = _excused.get(run.facts_sha256)
    if known is None:
        cards = json.loads(get_facts_text(db, run.id))["cards"]
        known = {
            (entry, card["member"]): card["state"]
            for entry, given in cards.items()
            for card in given
            if card["state"] != "standing"
        }
        while len(_excused) >= KEPT:
            _excused.pop(next(iter(_excused)), None)
        _excused[run.facts_sha256] = known
    return known


def read_result(text: str) -> RunResult:
    """The values in the JSON text of an evaluation of one stage."""
    return RunResult(
        tuple(
            GroupRanking(
                category=each["category"],
                group=each["group"],
                blocked=each["blocked"],
                lines=tuple(_line(standing) for standing in each["standings"]),
            )
            for each in json.loads(text)["rankings"]
        )
    )


def _line(found: Mapping[str, Any]) -> Line:
    return Line(
        entry=found["entry"],
        label=found["label"],
        status=found["status"],
        rank=found["rank"],
        tied=found["tied"],
        total=found["total"],
        total_exact=found["total_exact"],
        tier=found["tier"],
        advances=found["advances"],
        decided_by=found["decided_by"],
        members=found["members"],
        spread=found["spread"],
        points={path: _cents(value) for path, value in found["points"].items() if "/" not in path},
        member_totals=found["member_totals"],
        reasons=tuple(Reason(each["th"], each["en"]) for each in found["reasons"]),
    )


def _cents(six_decimals: str) -> str:
    return str(Decimal(six_decimals).quantize(_CENT, ROUND_HALF_UP))
