"""Why an entry stands where it stands: the engine's steps as nested sentences, and the marks they start from."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring_rules.exact import plain
from scoring_rules.explain import told_together
from scoring_rules.facts import Card
from scoring_rules.results import Standing, Step
from scoring_rules.rules import Category, ChecklistSource, IndicatorSource
from scoring_rules.sentences import decimal, sentence


@dataclass(frozen=True, slots=True)
class Told:
    """One step in words, with the steps it was made from."""

    label: str
    says: str
    clause: str | None
    parts: tuple["Told", ...]


def tell(step: Step, language: str) -> Told:
    """The step's tree in words, the result first and what it was made from below it."""
    chain = told_together(step)
    return Told(
        label=step.label.in_language(language),
        says=" → ".join(sentence(each, language) for each in reversed(chain)),
        clause=next((each.clause for each in chain if each.clause), None),
        parts=tuple(tell(each, language) for each in chain[-1].inputs),
    )


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One criterion (or item of a checklist): what each member gave, as text; empty where there is no mark."""

    label: str
    full: str
    given: tuple[str, ...]
    points: str


def marks_table(category: Category, standing: Standing, cards: Sequence[Card], language: str) -> tuple[MarkRow, ...]:
    """What members marked, leaf by leaf; indicator leaves are not marked and not listed."""
    rows = []
    for leaf in category.leaves:
        if isinstance(leaf.source, IndicatorSource):
            continue
        paths = [(leaf.path, leaf.label)]
        if isinstance(leaf.source, ChecklistSource):
            paths = [(f"{leaf.path}/{item.code}", item.label) for item in leaf.source.items]
        points = standing.points.get(leaf.path)
        for path, label in paths:
            rows.append(
                MarkRow(
                    label=label.in_language(language),
                    full=plain(leaf.points),
                    given=tuple(plain(card.marks[path]) if path in card.marks else "" for card in cards),
                    points=decimal(points),
                )
            )
    return tuple(rows)
