"""Random facts that fit a rule set, and whole random contests: `contest(seed)`. All of it is invented."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import NamedTuple

from scoring_rules import Earlier, evaluate
from scoring_rules.engine import EarlierResults
from scoring_rules.exact import Number, parse_number, simplest
from scoring_rules.facts import Card, CardState, Entry, EntryState, Facts, Resolution
from scoring_rules.reader import read_rules
from scoring_rules.results import Ranking
from scoring_rules.rules import Category, ChecklistSource, MarksSource, RuleSet, Stage
from tests.random_sets import often, rule_text


class Contest(NamedTuple):
    """What `evaluate(rules, facts, stage=stage, earlier=earlier)` is asked."""

    rules: RuleSet
    facts: Facts
    stage: str
    earlier: EarlierResults | None


@dataclass(frozen=True, slots=True)
class Habits:
    """How often things happen in one contest, in percent. `few`: members use only the first marks of each scale."""

    recused: int
    absent: int
    blank: int
    whole_blank: int
    not_there: int
    missing: int
    alike: int
    few: bool


@lru_cache(maxsize=512)  # several tests ask for the same two hundred
def contest(seed: int, *, most_entries: int = 25, most_members: int = 7) -> Contest:
    """The contest of a seed, always the same. Its facts fit its rules."""
    return contest_by(Random(seed), most_entries=most_entries, most_members=most_members)


def contest_by(chance: Random, *, most_entries: int = 25, most_members: int = 7) -> Contest:
    """A contest drawn from `chance`: rules, facts of one stage, and what an earlier stage left."""
    rules = read_rules(rule_text(chance), file="random.yaml")
    stage = chance.choice(rules.stages)
    entries, cards = _entries_and_cards(chance, rules, most_entries, most_members)
    earlier = None
    if stage is not rules.stages[0] and (stage.carries is not None or often(chance, 50)):
        earlier = _earlier(chance, rules, stage, entries)
    made = Contest(rules, Facts(tuple(entries), cards), stage.code, earlier)
    decided = _resolutions(chance, made)
    return made._replace(facts=replace(made.facts, resolutions=tuple(decided)))


def _habits(chance: Random) -> Habits:
    return Habits(
        recused=chance.choice([0, 0, 5, 20]),
        absent=chance.choice([0, 0, 10]),
        blank=chance.choice([0, 0, 3]),
        whole_blank=chance.choice([0, 0, 8]),
        not_there=chance.choice([0, 0, 10]),
        missing=chance.choice([0, 0, 5, 15]),
        alike=chance.choice([10, 30, 60]),
        few=often(chance, 60),
    )


def _entries_and_cards(
    chance: Random, rules: RuleSet, most_entries: int, most_members: int
) -> tuple[list[Entry], dict[str, tuple[Card, ...]]]:
    entries: list[Entry] = []
    cards: dict[str, tuple[Card, ...]] = {}
    habits = _habits(chance)
    for category in rules.categories:
        members = [f"m{number}" for number in range(1, chance.randint(1, most_members) + 1)]
        mine: list[Entry] = []
        for number in range(1, chance.randint(1, max(1, most_entries // len(rules.categories))) + 1):
            code = f"{category.code}-{number}"
            if mine and often(chance, habits.alike):  # the same numbers again make deep ties
                like = chance.choice(mine)
                fields, own = dict(like.fields), _same_cards(chance, cards.get(like.code, ()))
            else:
                fields, own = _fields(chance, habits), _cards(chance, category, members, habits)
            state: EntryState = "presented"
            if often(chance, habits.not_there):
                state = chance.choice(["not_presented", "withdrawn"])
            where = {name: str(chance.choice((1, 2, 10))) for name in ("zone", "province", "region")}
            mine.append(Entry(code, category.code, f"ผลงานสมมติ {number}", state, where, fields))
            if state == "presented" and not often(chance, 2):
                cards[code] = own
        entries += mine
    return entries, cards


def _fields(chance: Random, habits: Habits) -> dict[str, Number]:
    drawn: dict[str, Callable[[], Number]] = {
        "done": lambda: chance.randint(0, 8),
        "planned": lambda: simplest(Fraction(chance.choice([0, 5, 10, 30, 40, 70, 80]), 10)),
        "days": lambda: chance.randint(0, 9),
        "debt": lambda: simplest(Fraction(chance.choice([-500, 0, 100, 125, 333, 450, 1200, 2005]), 100)),
        "has_plan": lambda: chance.choice([1, 1, 0]),
    }
    return {code: draw() for code, draw in drawn.items() if not often(chance, habits.missing)}


def _cards(chance: Random, category: Category, members: Sequence[str], habits: Habits) -> tuple[Card, ...]:
    made = []
    for member in members:
        state: CardState = "standing"
        if often(chance, habits.recused):
            state = "recused"
        elif often(chance, habits.absent):
            state = "absent"
        marks: dict[str, Number] = {}
        if state == "standing" and not often(chance, habits.whole_blank):
            marks = _marks(chance, category, habits)
        made.append(Card(member, state, marks, "เหตุผลสมมติ" if state != "standing" else ""))
    return tuple(made)


def _marks(chance: Random, category: Category, habits: Habits) -> dict[str, Number]:
    marks: dict[str, Number] = {}
    for leaf in category.leaves:
        source = leaf.source
        if isinstance(source, MarksSource) and not often(chance, habits.blank):
            scale = source.scale
            steps = int((scale.to - scale.from_) / scale.step)
            marks[leaf.path] = simplest(
                scale.from_ + chance.randint(0, min(steps, 2) if habits.few else steps) * scale.step
            )
        if isinstance(source, ChecklistSource):
            for item in source.items:
                if not often(chance, habits.blank):
                    marks[f"{leaf.path}/{item.code}"] = chance.randint(0, 1)
    return marks


def _same_cards(chance: Random, cards: Sequence[Card]) -> tuple[Card, ...]:
    """The same cards, sometimes given by other members: every combination stays the same, pair by pair it does not."""
    members = [card.member for card in cards]
    if often(chance, 60):
        chance.shuffle(members)
    return tuple(replace(card, member=member) for card, member in zip(cards, members, strict=True))


def _earlier(chance: Random, rules: RuleSet, stage: Stage, entries: Sequence[Entry]) -> EarlierResults:
    """Totals of all stages before `stage`, some missing, and who went on."""
    totals: list[Number | None] = [parse_number("12.5"), 10, Fraction(40, 3), Fraction(55, 7), 0, None]
    before = rules.stages[: rules.stages.index(stage)]
    results = {}
    for each in before:
        for entry in entries:
            if not often(chance, 10):
                total = chance.choice(totals)
                goes = each.advance is not None and total is not None and often(chance, 80)
                results[each.code, entry.code] = Earlier(total, goes)
    return results


def _resolutions(chance: Random, made: Contest) -> list[Resolution]:
    """Decisions on some of the ties that wait for one; some name too few entries to decide anything, some too many."""
    evaluation = evaluate(made.rules, made.facts, stage=made.stage, earlier=made.earlier)
    decided: list[Resolution] = []
    for ranking in evaluation.rankings:
        for codes in _waiting(ranking):
            if often(chance, 65):
                order = list(codes)
                chance.shuffle(order)
                if len(order) > 2 and often(chance, 20):
                    order.pop()
                decided.append(Resolution(ranking.category, ranking.stage, ranking.group, tuple(order), "มติสมมติ"))
    return decided


def _waiting(ranking: Ranking) -> list[list[str]]:
    """Entries of each rank that waits for the committee."""
    blocks: dict[int | None, list[str]] = {}
    for line in ranking.standings:
        if line.status == "tied_unresolved":
            blocks.setdefault(line.rank, []).append(line.entry)
    return list(blocks.values())
