"""What one member's card is worth, criterion by criterion, by the engine's own reading of marks."""

from exports.material import Material
from scoring_rules.exact import Number, rounded
from scoring_rules.facts import Card
from scoring_rules.indicators import measure_all
from scoring_rules.marks import indicator_points
from scoring_rules.operations import added
from scoring_rules.results import Standing
from scoring_rules.rules import Category, IndicatorSource


def member_points(material: Material, category: Category, card: Card, entry: str) -> dict[str, Number]:
    """Points of each leaf by path; a blank leaf is not there. Empty where the member does not stand."""
    if card.state != "standing":
        return {}
    sheet = material.score_sheet(category)
    points = sheet.leaf_points(card.marks)
    if len(sheet.names) < len(category.leaves):
        measured = measure_all(category, material.entries[entry].fields)
        for leaf in category.leaves:
            if isinstance(leaf.source, IndicatorSource):
                value = indicator_points(leaf, measured[leaf.source.indicator])
                if value is not None:
                    points[leaf.path] = rounded(value, category.rounding.points)
    return points


def member_total(material: Material, category: Category, member: str, standing: Standing) -> Number | None:
    """The member's own total; None while their card has a blank, or where they did not mark.

    It is the engine's, and for an entry that the engine did not total (below quorum) the sum of the whole card.
    """
    known = standing.member_totals.get(member)
    if known is not None:
        return known
    card = material.cards.get((standing.entry, member))
    if card is None or card.state != "standing":
        return None
    points = member_points(material, category, card, standing.entry)
    return added(points.values()) if len(points) == len(category.leaves) else None
