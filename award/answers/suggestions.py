"""What the rules make of an entry's numbers before anyone marks them: the value, the mark it suggests, its points.

A province sees this before it sends. The committee decides; a suggestion binds nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.codes import SOURCE, parts_of
from scoring_rules.exact import Number, plain, rounded, shown
from scoring_rules.indicators import Measured, measure, suggested_mark
from scoring_rules.marks import indicator_points
from scoring_rules.operations import WORTH
from scoring_rules.rules import Category, Criterion, Indicator, IndicatorSource, Level, MarksSource
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An indicator's value as it is shown (None: not all numbers are there) and what it means for a criterion."""

    indicator: Indicator
    shown: str | None
    leaf: Criterion | None = None  # that reads the indicator; None: the number is for information
    level: Level | None = None  # the mark suggested to the members; None where there is none
    points: Number | None = None  # of the leaf's, were every member to follow; exact, rounded only as the rules say

    @property
    def is_fixed(self) -> bool:
        """Whether the points come from the number itself, which no member marks."""
        return self.leaf is not None and isinstance(self.leaf.source, IndicatorSource)


def list_suggestions(category: Category, numbers: Mapping[str, Number]) -> list[Suggestion]:
    """Every indicator of the category in the order of the rules, and for each criterion that reads it its meaning."""
    found = []
    for indicator in category.indicators:
        measured = measure(category, indicator, numbers)
        leaves = [leaf for leaf in category.leaves if _reads(leaf, indicator.code)]
        found += [_suggestion(category, indicator, leaf, measured, numbers) for leaf in leaves]
        if not leaves:
            found.append(Suggestion(indicator, shown_value(indicator, measured.value)))
    return found


def _suggestion(
    category: Category, indicator: Indicator, leaf: Criterion, measured: Measured, numbers: Mapping[str, Number]
) -> Suggestion:
    text = shown_value(indicator, measured.value)
    source, level = leaf.source, None
    points = indicator_points(leaf, measured)
    if isinstance(source, MarksSource):
        mark = suggested_mark(category, leaf, numbers)
        if mark is not None:
            level = next((each for each in source.levels if each.at == mark), Level(mark, Words("")))
            points = WORTH[source.worth](mark, leaf.points, source.scale)
    return Suggestion(
        indicator, text, leaf, level, None if points is None else rounded(points, category.rounding.points)
    )


def list_unsourced(category: Category, answers: Mapping[str, Any], numbers: Mapping[str, Number]) -> list[Indicator]:
    """Indicators whose numbers are there without a word where they come from, in the order of the rules."""
    return [
        indicator
        for indicator in category.indicators
        if all(code in numbers for code in parts_of(indicator)) and not answers.get(SOURCE + indicator.code)
    ]


def shown_value(indicator: Indicator, value: Number | None) -> str | None:
    """A measured value in the decimals that the rules state; None where it is missing."""
    if value is None:
        return None
    return shown(value, indicator.round.places) if indicator.round else plain(value)


def points_text(points: Number) -> str:
    """Points in as many decimals as they have; in two where they have no end (14/3 is 4.67)."""
    text = plain(points)
    return shown(points, 2) if "/" in text else text


def _reads(leaf: Criterion, code: str) -> bool:
    return code in set(_indicators_of(leaf))


def _indicators_of(leaf: Criterion) -> Iterator[str]:
    if isinstance(leaf.source, IndicatorSource):
        yield leaf.source.indicator
    elif isinstance(leaf.source, MarksSource) and leaf.source.suggest:
        yield leaf.source.suggest.indicator
