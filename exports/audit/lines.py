"""The rows of the audit sheet: one entry each, with what the system knows of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scoring_rules.exact import Number
from scoring_rules.facts import Card, Entry
from scoring_rules.results import Ranking, Standing, Step
from scoring_rules.rules import Category, TieBreak


class NotKnown:
    """The system has no such number: only the spreadsheet's own way needs it."""


NOT_KNOWN: Final = NotKnown()
Known = Number | str | NotKnown | None
Steps = Mapping[tuple[str, str], Step]


@dataclass(slots=True)
class Line:
    """One entry's row: `first` and `last` are the rows of its group; `cards` and the members' own `totals` are by slot,
    None where there is none; `position` is its line on the ranking."""

    standing: Standing
    entry: Entry
    cards: Sequence[Card | None]
    group: str
    position: int
    totals: Sequence[Number | None] = ()
    places: Sequence[Known] = ()  # after so many tie-breaks, 0 for an entry that is not ranked
    sizes: Sequence[Known] = ()  # how many share that place
    row: int = 0
    first: int = 0
    last: int = 0
    this: Number | None = None  # this stage's own total, where an earlier one is carried
    earlier: Number | None = None  # the exact total of the stage that is carried
    changes: Number | None = None  # what adjustments add up to, once the row is written
    _steps: Steps | None = None

    @property
    def steps(self) -> Steps:
        """The engine's steps by (operation, what they are about): a path, a code, a member, else nothing."""
        if self._steps is None:
            found: dict[tuple[str, str], Step] = {}
            _collect(self.standing.step, "", found)
            self._steps = found
        return self._steps

    def forget_steps(self) -> None:
        """Give their memory back; they are made anew when asked for."""
        self._steps = None

    def before_rounding(self, stage: str, path: str = "") -> Number | None:
        """The number that was rounded at this stage of the rules (combined, points), at this path."""
        step = self.steps.get(("rounding", f"{stage} {path}"))
        return step.inputs[0].value if step else None

    def carry(self) -> tuple[Number | None, Number | None]:
        """(this stage's own total, the earlier stage's), where the rules carry one."""
        step = next((step for (operation, _), step in self.steps.items() if operation == "carry"), None)
        return (step.inputs[0].value, step.inputs[1].value) if step else (None, None)


def _collect(step: Step, path: str, found: dict[tuple[str, str], Step]) -> None:
    """A step without a path of its own belongs to the criterion of the step that was made from it."""
    about = step.about
    path = _path(step) or (_path(step.inputs[0]) if step.operation == "rounding" else "") or path
    if step.operation == "rounding":
        key = f"{about['stage']} {path}"
    elif step.operation in ("adjustment", "eligibility"):
        key = str(about["rule"].code)
    elif step.operation == "member_total":
        found[step.operation, str(about["member"])] = step
        return  # what a member's total is made of is not asked for
    else:
        key = path
    found[step.operation, key] = step
    for each in step.inputs:
        _collect(each, path, found)


def _path(step: Step) -> str:
    return str(step.about.get("path", ""))


def give_places(category: Category, ranking: Ranking, lines: Sequence[Line]) -> None:
    """Fill in `places` and `sizes`, for a whole ranking at once: after each tie-break as long as all of them compare
    one number, and after the last, where it is the rank."""
    ranked = [line for line in lines if line.standing.rank is not None]
    on = "total" if category.rounding.rank_on == "rounded" else "total_exact"
    levels = [rule for rule in category.tie_breaks if rule.by != "share"]
    ranks = [line.standing.rank or 0 for line in ranked]
    known: list[Sequence[int] | None] = [None] * len(levels) + [ranks]
    places: Sequence[int] = [1] * len(ranked)
    keys = [getattr(line.standing, on) for line in ranked]
    for number, rule in enumerate(levels):
        known[number] = places = _refined(places, keys)
        if rule.by not in ("criterion", "indicator", "spread"):
            break
        keys = [_key(category, rule, line.standing) for line in ranked]
    _share_out(ranked, known)
    nowhere = [NOT_KNOWN if level is None else 0 for level in known]
    for line in lines:
        if line.standing.rank is None:
            line.places = line.sizes = nowhere


def _share_out(ranked: Sequence[Line], known: Sequence[Sequence[int] | None]) -> None:
    counts = [Counter(level) for level in known]
    for number, line in enumerate(ranked):
        line.places = tuple(NOT_KNOWN if level is None else level[number] for level in known)
        line.sizes = tuple(
            NOT_KNOWN if level is None else count[level[number]] for level, count in zip(known, counts, strict=True)
        )


def _refined(places: Sequence[int], keys: Sequence[Number | None]) -> list[int]:
    """The places once the next number has been asked, of which more is better and None the worst."""
    order = sorted(range(len(places)), key=lambda each: (places[each], *_best_first(keys[each])))
    found = [0] * len(places)
    for number, each in enumerate(order):
        before = order[number - 1]
        same = number and (places[each], keys[each]) == (places[before], keys[before])
        found[each] = found[before] if same else number + 1
    return found


def _best_first(key: Number | None) -> tuple[int, Number]:
    return (1, 0) if key is None else (0, -key)


def _key(category: Category, rule: TieBreak, standing: Standing) -> Number | None:
    """The number that the rule compares, so that more is better."""
    if rule.by == "criterion":
        return standing.points[rule.code]
    if rule.by == "spread":
        return None if standing.spread is None else -standing.spread
    value = standing.indicators.get(rule.code)
    return value if value is None or category.indicator(rule.code).better == "higher" else -value
