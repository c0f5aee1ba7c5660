"""The released rule sets, worked through the engine with invented marks."""

from fractions import Fraction
from random import Random

import pytest

from scoring_rules import evaluate, explain, running_total, sentence
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.reader import list_sets, load_set
from scoring_rules.rules import Category, MarksSource, RuleSet

AWARDS = [id_ for id_ in list_sets() if not id_.startswith("examples/")]
MEMBERS = ("chair", "member", "secretary")


def entries(rules: RuleSet, category: Category, count: int) -> list[Entry]:
    """Entries that meet every requirement, six to a zone."""
    fields: dict[str, Number] = {field.code: max(1, field.min or 0) for field in category.fields}
    fields |= {rule.require.code: rule.require.value for rule in category.eligibility if rule.require.what == "field"}
    return [
        Entry(f"{category.code}-{number:02}", category.code, "ข้อมูลสมมติ", attributes={"zone": str(number // 6 + 1)},
              fields=fields)
        for number in range(count)
    ]  # fmt: skip


def every_mark(category: Category, mark: int) -> dict[str, int]:
    return {leaf.path: mark for leaf in category.leaves if isinstance(leaf.source, MarksSource)}


@pytest.mark.parametrize("award", AWARDS)
def test_level_5_everywhere_is_full_marks_and_level_3_is_sixty(award: str):
    rules = load_set(award)
    for category in rules.categories:
        best, middle = entries(rules, category, 2)
        cards = {
            entry.code: tuple(Card(member, marks=every_mark(category, mark)) for member in MEMBERS)
            for entry, mark in ((best, 5), (middle, 3))
        }
        evaluation = evaluate(rules, Facts((best, middle), cards), stage="zone", category=category.code)
        assert evaluation.standing(best.code).total == 100
        assert evaluation.standing(middle.code).total == 60
        assert (evaluation.standing(best.code).rank, evaluation.standing(middle.code).rank) == (1, 2)
        assert evaluation.standing(best.code).tier == category.tiers[0].code


@pytest.mark.parametrize("award", AWARDS)
def test_invented_marks_are_ranked_and_every_number_explained(award: str):
    rules, chance = load_set(award), Random(2564)
    listed, cards = [], {}
    for category in rules.categories:
        for entry in entries(rules, category, 12):
            listed.append(entry)
            cards[entry.code] = tuple(
                Card(member, marks={path: chance.randint(2, 5) for path in every_mark(category, 0)})
                for member in MEMBERS
            )
    evaluation = evaluate(rules, Facts(tuple(listed), cards))
    zones = [ranking for ranking in evaluation.rankings if ranking.stage == "zone"]
    assert [(each.category, each.group) for each in zones] == [
        (category.code, zone) for category in rules.categories for zone in ("1", "2")
    ]
    for ranking in zones:
        category = rules.category(ranking.category)
        assert [line.rank for line in ranking.standings] == sorted(line.rank or 0 for line in ranking.standings)
        for line in ranking.standings:
            assert line.status in ("ranked", "not_placed", "tied_unresolved")
            own = {card.member: running_total(category, card, {})[0] for card in cards[line.entry]}
            assert line.member_totals == own
            assert line.total_exact == Fraction(sum(own.values())) / 3
            for language in ("th", "en"):
                assert explain(line, language)
                assert all(sentence(step, language) for step in line.step.walk())
