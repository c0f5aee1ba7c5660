"""What is tried, read from an address: other points, members left out, another way to combine, round and rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from scoring_rules.exact import MODES, Mode, NotANumber, Number, parse_number
from scoring_rules.rescale import TrialRefused
from scoring_rules.rules import Category, Drop
from scoring_rules.whatif import AppliedTo, Combine, RankOn, Variant

MOST_MEMBERS = 99
TRIM = {"high": "1", "low": "1", "least": "3"}  # what a trimmed mean drops where the rules name nothing
CHOICES: Mapping[str, tuple[str, ...]] = {
    "combine": get_args(Combine),
    "applied_to": get_args(AppliedTo),
    "rounding": MODES,
    "rank_on": get_args(RankOn),
}


@dataclass(frozen=True, slots=True)
class TrialForm:
    """What was asked for as it was typed. `variant` holds what could be read; `errors` are (field id, sentence)."""

    variant: Variant
    typed: Mapping[str, str]
    without: tuple[str, ...]
    errors: tuple[tuple[str, str], ...] = ()

    def errors_of(self, field: str) -> list[str]:
        """What is wrong with one field."""
        return [said for id, said in self.errors if id == field]


def points_id(path: str) -> str:
    """The name and id of the field for a criterion's points."""
    return f"points-{path.replace('/', '-')}"


def read_trial(asked: MultiDict[str, str], category: Category, *, members: Sequence[str]) -> TrialForm:
    """What an address asks to try in one category. What is blank or as the rules say is not tried."""
    typed = {name: value.strip() for name, value in asked.items() if name != "without"}
    errors: list[tuple[str, str]] = []
    points = dict(_points(typed, category, errors))
    chosen: dict[str, Any] = {name: _chosen(typed, name, known, errors) for name, known in CHOICES.items()}
    drop = _drop(typed, category, chosen["combine"], errors)
    without = tuple(dict.fromkeys(asked.getlist("without")))
    if unknown := [code for code in without if code not in members]:
        says = gettext("No member %(code)s has marked here. Choose among those listed.", code=unknown[0][:60])
        errors.append(("without", says))
    variant = Variant(
        points=points,
        without=tuple(code for code in without if code in members),
        combine=chosen["combine"],
        drop=drop,
        applied_to=chosen["applied_to"],
        rounding=chosen["rounding"],
        rank_on=chosen["rank_on"],
    )
    return TrialForm(_without_what_is(variant, category), typed, without, tuple(errors))


def refused_fields(refused: TrialRefused, language: str) -> tuple[tuple[str, str], ...]:
    """The engine's refusal as errors of the form's fields."""
    found = []
    for problem in refused.problems:
        kind, _, path = problem.path.partition(".")
        says = f"{problem.says.in_language(language)} {problem.remedy.in_language(language)}"
        found.append((points_id(path) if kind == "points" else "high" if kind == "drop" else kind, says))
    return tuple(found)


def _points(typed: Mapping[str, str], category: Category, errors: list[tuple[str, str]]) -> list[tuple[str, Number]]:
    found = []
    for node in category.nodes():
        text = typed.get(points_id(node.path), "")
        if text:
            try:
                found.append((node.path, parse_number(text)))
            except NotANumber:
                errors.append((points_id(node.path), gettext("Write the points as a number, such as 30 or 12.5.")))
    return found


def _chosen(typed: Mapping[str, str], name: str, known: Sequence[str], errors: list[tuple[str, str]]) -> str | None:
    text = typed.get(name, "")
    if text and text not in known:
        errors.append((name, gettext("Choose one of the list.")))
        return None
    return text or None


def _drop(
    typed: Mapping[str, str], category: Category, combine: str | None, errors: list[tuple[str, str]]
) -> Drop | None:
    """What is dropped, where marks are trimmed."""
    if (combine or category.panel.combine) != "trimmed_mean":
        return None
    numbers = []
    for name in TRIM:
        text = typed.get(name) or trim_now(category)[name]
        try:
            number = parse_number(text)
        except NotANumber:
            number = -1
        if number.denominator != 1 or not 0 <= number <= MOST_MEMBERS:
            errors.append((name, gettext("Write a whole number from 0 to %(most)s.", most=MOST_MEMBERS)))
            return None
        numbers.append(int(number))
    return Drop(*numbers)


def trim_now(category: Category) -> Mapping[str, str]:
    """What the rules drop; else what is proposed for a trial."""
    drop = category.panel.drop
    return TRIM if drop is None else dict(zip(TRIM, map(str, (drop.high, drop.low, drop.when_at_least)), strict=True))


def _without_what_is(variant: Variant, category: Category) -> Variant:
    """The variant without what the rules say anyway, so that only what differs is tried and told."""
    panel, rounding = category.panel, category.rounding
    combine = None if variant.combine == panel.combine else variant.combine
    mode: Mode | None = rounding.total.mode if rounding.total else None
    return Variant(
        points={path: value for path, value in variant.points.items() if value != category.criterion(path).points},
        without=variant.without,
        combine=combine,
        drop=None if variant.drop == panel.drop else variant.drop,
        applied_to=None if variant.applied_to == panel.applied_to else variant.applied_to,
        rounding=None if variant.rounding == mode else variant.rounding,
        rank_on=None if variant.rank_on == rounding.rank_on else variant.rank_on,
    )
