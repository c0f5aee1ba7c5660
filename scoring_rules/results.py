"""What evaluation returns: rankings of standings, each standing explained by a tree of steps."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from scoring_rules.exact import Number, exact_text, plain, shown
from scoring_rules.words import Words

Status = Literal["ranked", "not_placed", "tied_unresolved", "incomplete", "not_eligible", "not_presented", "withdrawn"]
ENGINE = "1.0"


class Step(NamedTuple):
    """One explained number. `about` holds what the operation's sentence needs besides its inputs.

    A tuple, which is made three times faster than a frozen dataclass: an evaluation makes some twenty for each entry.
    """

    operation: str
    label: Words
    value: Number | None
    places: int | None = None  # decimals it is shown with; None: the shortest exact text
    inputs: tuple["Step", ...] = ()
    about: Mapping[str, Any] = MappingProxyType({})
    clause: str | None = None

    @property
    def shown(self) -> str:
        """The value as people read it; `-` where there is none."""
        if self.value is None:
            return "-"
        return plain(self.value) if self.places is None else shown(self.value, self.places)

    def walk(self) -> Iterator["Step"]:
        """This step, then its inputs, depth first."""
        yield self
        for each in self.inputs:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class Standing:
    """One entry's line of a ranking. Numbers are exact; `total` is rounded as the rules say, or None.

    `why` runs the code that made the line again, on the same facts, and keeps every step this time.
    """

    entry: str
    label: str
    status: Status
    attributes: Mapping[str, str]
    why: Callable[[], Step] = field(repr=False, compare=False)
    rank: int | None = None
    tied: bool = False
    total: Number | None = None
    total_exact: Number | None = None
    tier: str | None = None
    advances: bool = False
    decided_by: str | None = None  # TieBreak.name of what settled its tie
    members: int = 0  # standing members
    spread: Number | None = None
    points: Mapping[str, Number] = field(default_factory=dict)  # every node's path
    combined: Mapping[str, Number] = field(default_factory=dict)  # leaf path -> combined mark
    member_totals: Mapping[str, Number] = field(default_factory=dict)
    indicators: Mapping[str, Number] = field(default_factory=dict)  # rounded; missing ones are not there
    reasons: tuple[Words, ...] = ()

    @property
    def step(self) -> Step:
        """Why the entry stands here: the tree of steps, made anew each time it is asked for."""
        return self.why()


@dataclass(frozen=True, slots=True)
class Ranking:
    """One category in one group of one stage. `blocked`: a tie waits for the committee's written decision."""

    category: str
    stage: str
    group: str
    blocked: bool
    standings: tuple[Standing, ...]
    places: int = 2


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All rankings asked for, with what they were made from."""

    rule_set: str
    rules_sha256: str
    facts_sha256: str
    rankings: tuple[Ranking, ...]
    engine: str = ENGINE

    def ranking(self, *, category: str, stage: str, group: str = "") -> Ranking:
        """Raises KeyError."""
        for each in self.rankings:
            if (each.category, each.stage, each.group) == (category, stage, group):
                return each
        raise KeyError((category, stage, group))

    def rankings_of(self, *, stage: str, category: str | None = None, group: str | None = None) -> tuple[Ranking, ...]:
        """The rankings of a stage (of one category, of one group), in order."""
        return tuple(
            each
            for each in self.rankings
            if each.stage == stage and category in (None, each.category) and group in (None, each.group)
        )

    def standing(self, entry: str, *, stage: str | None = None) -> Standing:
        """The entry's standing (in `stage`, else in the first stage that lists it). Raises KeyError."""
        for ranking in self.rankings:
            if stage is None or ranking.stage == stage:
                for standing in ranking.standings:
                    if standing.entry == entry:
                        return standing
        raise KeyError(entry)

    def to_json(self) -> str:
        """`ranking.json` of the file interface; the same input gives the same bytes."""
        data = {
            "format": 1,
            "rule_set": {"id": self.rule_set, "sha256": self.rules_sha256},
            "engine": self.engine,
            "facts_sha256": self.facts_sha256,
        }
        return _with_list(data, "rankings", map(_ranking_text, self.rankings)) + "\n"


_indented = json.JSONEncoder(ensure_ascii=False, indent=1).encode


def _with_list(data: dict[str, Any], name: str, texts: Iterable[str]) -> str:
    """The JSON of `data` with one list more, of `texts` that are JSON: a large ranking is written line by line."""
    listed = ",\n".join(f"  {text}".replace("\n", "\n  ") for text in texts)
    listed = f"[\n{listed}\n ]" if listed else "[]"
    return f'{_indented(data)[:-2]},\n "{name}": {listed}\n}}'


def _ranking_text(ranking: Ranking) -> str:
    data = {
        "category": ranking.category,
        "stage": ranking.stage,
        "group": ranking.group,
        "blocked": ranking.blocked,
    }
    lines = (_indented(_standing_data(standing, ranking.places)) for standing in ranking.standings)
    return _with_list(data, "standings", lines)


def _standing_data(standing: Standing, places: int) -> dict[str, Any]:
    def text(value: Number | None) -> str | None:
        return None if value is None else shown(value, places)

    return {
        "entry": standing.entry,
        "label": standing.label,
        "status": standing.status,
        "rank": standing.rank,
        "tied": standing.tied,
        "total": text(standing.total),
        "total_exact": None if standing.total_exact is None else exact_text(standing.total_exact),
        "tier": standing.tier,
        "advances": standing.advances,
        "decided_by": standing.decided_by,
        "members": standing.members,
        "spread": text(standing.spread),
        "points": {path: shown(value, 6) for path, value in standing.points.items()},
        "combined": {path: shown(value, 6) for path, value in standing.combined.items()},
        "member_totals": {member: shown(value, places) for member, value in sorted(standing.member_totals.items())},
        "reasons": [{"th": reason.th, "en": reason.en} for reason in standing.reasons],
    }
