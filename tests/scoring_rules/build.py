"""Small rule sets and facts for tests, made without the reader. Each function is named for what it builds."""

from collections.abc import Mapping, Sequence
from typing import Any

from scoring_rules.exact import Number, Rounding, parse_number
from scoring_rules.facts import Card, Entry, Facts, Resolution
from scoring_rules.rules import (
    Bands,
    Category,
    ChecklistSource,
    Criterion,
    Drop,
    Eligibility,
    Field,
    Indicator,
    IndicatorSource,
    Item,
    Linear,
    MarksSource,
    Missing,
    Panel,
    Roundings,
    RuleSet,
    Scale,
    Stage,
    Suggest,
    TieBreak,
    Total,
)
from scoring_rules.words import Words

HALF_UP_2 = Rounding(2, "half_up")


def number(value: str | Number) -> Number:
    """Text as a file would give it, or a number as it is."""
    return parse_number(value) if isinstance(value, str) else value


def words(text: str) -> Words:
    return Words(text, text)


def scale(low: str | Number = 0, top: str | Number = 5, step: str | Number = 1) -> Scale:
    return Scale(number(low), number(top), number(step))


def bands(better: str, edges: Sequence[Sequence[str | Number]], beyond: str | Number) -> Bands:
    return Bands(better, tuple((number(edge), number(worth)) for edge, worth in edges), number(beyond))  # type: ignore[arg-type]


def marked(
    path: str,
    points: str | Number,
    *,
    on: Scale | None = None,
    worth: str = "share_of_top",
    suggest: Suggest | None = None,
) -> Criterion:
    """A leaf that members mark, 0 to 5 by whole steps unless said otherwise."""
    source = MarksSource(on or scale(), worth, suggest=suggest)  # type: ignore[arg-type]
    return Criterion(path.rpartition("/")[2], path, words(path), number(points), source=source)


def checklist(path: str, items: Mapping[str, str | Number]) -> Criterion:
    made = tuple(Item(code, words(code), number(points)) for code, points in items.items())
    return Criterion(
        path.rpartition("/")[2], path, words(path), sum(i.points for i in made), source=ChecklistSource(made)
    )


def measured(
    path: str, points: str | Number, indicator: str, *, on: Bands | None = None, line: tuple[Any, Any] | None = None
) -> Criterion:
    """A leaf whose points come from an indicator, by bands or on a straight line (zero_at, full_at)."""
    linear = Linear(number(line[0]), number(line[1])) if line else None
    source = IndicatorSource(indicator, on, linear)
    return Criterion(path.rpartition("/")[2], path, words(path), number(points), source=source)


def inner(path: str, *parts: Criterion) -> Criterion:
    return Criterion(path.rpartition("/")[2], path, words(path), sum(part.points for part in parts), parts)


def number_field(code: str) -> Field:
    return Field(code, words(code), "decimal", True, places=4)


def indicator(
    code: str,
    *,
    better: str = "higher",
    ratio: tuple[str, str] | None = None,
    times: Number = 100,
    places: int | None = 2,
) -> Indicator:
    """An indicator read from the field of its own code, or from a ratio of two fields."""
    assert ratio is None or places is not None, "the reader refuses a ratio without round"
    rounding = None if places is None else Rounding(places, "half_up")
    field = None if ratio else code
    return Indicator(code, words(code), words("%"), better, field, ratio, times, rounding)  # type: ignore[arg-type]


def panel(
    *,
    combine: str = "mean",
    applied_to: str = "marks",
    quorum: int = 1,
    recused: str = "leave_out",
    absent: str = "leave_out",
    blank: str = "refuse",
    drop: Drop | None = None,
) -> Panel:
    missing = Missing(recused, absent, blank)  # type: ignore[arg-type]
    return Panel(combine, applied_to, quorum, missing, drop)  # type: ignore[arg-type]


def roundings(
    *,
    combined: Rounding | None = None,
    points: Rounding | None = None,
    total: Rounding | None = HALF_UP_2,
    rank_on: str = "rounded",
) -> Roundings:
    return Roundings(combined, points, total, rank_on)  # type: ignore[arg-type]


def tie_breaks(*names: str) -> tuple[TieBreak, ...]:
    """`criterion:d1`, `median`, … in order."""
    return tuple(TieBreak(by, code) for by, _, code in (name.partition(":") for name in names))


def category(
    *criteria: Criterion,
    code: str = "office",
    panel: Panel = panel(),  # noqa: B008 - a frozen value
    rounding: Roundings = roundings(),  # noqa: B008
    ties: Sequence[str] = ("resolution",),
    floor: str | Number = 0,
    ceiling: str | Number = 100,
    adjustments: Sequence[Any] = (),
    indicators: Sequence[Indicator] = (),
    eligibility: Sequence[Eligibility] = (),
    tiers: Sequence[Any] = (),
    fields: Sequence[Field] = (),
) -> Category:
    return Category(
        code, words(code), "province_office", 1, "province", criteria, panel,
        Total(number(floor), number(ceiling), tuple(adjustments)), rounding, tie_breaks(*ties),
        tuple(fields), tuple(indicators), tuple(eligibility), tuple(tiers),
    )  # fmt: skip


def stage(code: str = "final", *, groups: str = "none", advance: int | None = None, carries: Any = None) -> Stage:
    return Stage(code, words(code), groups, advance, carries)  # type: ignore[arg-type]


def rule_set(*categories: Category, stages: Sequence[Stage] = ()) -> RuleSet:
    return RuleSet(
        "trial/2564-r1", words("trial"), words("trial"), 2564, "proposed", (), categories,
        tuple(stages) or (stage(),), "0" * 64, "",
    )  # fmt: skip


def entry(
    code: str,
    *,
    fields: Mapping[str, Any] | None = None,
    category: str = "office",
    state: str = "presented",
    **where: str,
) -> Entry:
    read = {name: number(value) for name, value in (fields or {}).items()}
    return Entry(code, category, code, state, where, read)  # type: ignore[arg-type]


def card(member: str, marks: Mapping[str, str | Number] | None = None, *, state: str = "standing") -> Card:
    read = {path: number(mark) for path, mark in (marks or {}).items()}
    return Card(member, state, read)  # type: ignore[arg-type]


def facts(
    entries: Sequence[Entry], cards: Mapping[str, Sequence[Card]], resolutions: Sequence[Resolution] = ()
) -> Facts:
    return Facts(tuple(entries), {code: tuple(each) for code, each in cards.items()}, tuple(resolutions))


def contest(by_entry: Mapping[str, Mapping[str, Mapping[str, Any]]], *, category: str = "office") -> Facts:
    """Facts from {entry: {member: {path: mark}}}."""
    return facts(
        [entry(code, category=category) for code in by_entry],
        {code: [card(member, marks) for member, marks in cards.items()] for code, cards in by_entry.items()},
    )
