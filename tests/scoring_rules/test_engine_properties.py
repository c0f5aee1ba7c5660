"""What must hold for any contest, tried on random ones over the whole vocabulary (tests/random_facts.py).

First of all: that the obvious way (plain.py) gives the same result.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from scoring_rules import evaluate, explain, running_total
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Facts
from scoring_rules.results import Evaluation, Standing
from scoring_rules.rules import Category, ChecklistSource, Criterion, MarksSource
from scoring_rules.sentences import SENTENCES
from tests.random_facts import Contest, contest
from tests.scoring_rules import plain, plain_ranks, steps_again
from tests.scoring_rules.build import category, marked, rule_set, scale
from tests.scoring_rules.build import contest as small_facts

PLAIN = (
    "entry", "status", "rank", "tied", "total", "total_exact", "tier", "advances", "decided_by", "members", "spread",
    "points", "combined", "member_totals", "indicators",
)  # fmt: skip
SEEDS = range(200)


# A failing contest shows as contest(seed, most_entries=…, most_members=…), which makes it again anywhere.
# It is not shrunk: a smaller seed is not a smaller contest, and looking for one takes minutes.
trials = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate), max_examples=50)
contests = st.builds(contest, st.integers(0, 2**32 - 1), most_entries=st.integers(1, 8), most_members=st.integers(1, 6))


def ranked(given_: Contest) -> Evaluation:
    return evaluate(given_.rules, given_.facts, stage=given_.stage, earlier=given_.earlier)


def lines_of(given_: Contest) -> Iterator[Standing]:
    return (line for ranking in ranked(given_).rankings for line in ranking.standings)


def category_of(given_: Contest, entry: str) -> Category:
    return given_.rules.category(next(each.category for each in given_.facts.entries if each.code == entry))


def assert_the_obvious_way_agrees(given_: Contest) -> None:
    obvious = plain_ranks.rankings(given_.rules, given_.facts, stage=given_.stage, earlier=given_.earlier)
    rankings = ranked(given_).rankings
    assert {(each.category, each.group): each.blocked for each in rankings} == {
        key: blocked for key, (blocked, _) in obvious.items()
    }
    for each in rankings:
        mine = [{key: getattr(line, key) for key in PLAIN} for line in each.standings]
        assert mine == [{key: getattr(line, key) for key in PLAIN} for line in obvious[each.category, each.group][1]]


@trials
@given(contests)
def test_the_obvious_way_gives_the_same_standings(given_: Contest):
    assert_the_obvious_way_agrees(given_)


def test_the_obvious_way_gives_the_same_standings_in_larger_contests():
    for seed in SEEDS:
        assert_the_obvious_way_agrees(contest(seed))


@trials
@given(contests, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(given_: Contest, chance: Random):
    def mixed(things: Mapping[str, Any]) -> dict[str, Any]:
        keys = list(things)
        chance.shuffle(keys)
        return {key: things[key] for key in keys}

    facts = given_.facts
    entries = [replace(each, fields=mixed(each.fields)) for each in facts.entries]
    cards = {code: [replace(card, marks=mixed(card.marks)) for card in own] for code, own in facts.cards.items()}
    resolutions = list(facts.resolutions)
    for things in (entries, resolutions, *cards.values()):
        chance.shuffle(things)  # type: ignore[arg-type]
    shuffled = Facts(tuple(entries), {code: tuple(own) for code, own in mixed(cards).items()}, tuple(resolutions))
    earlier = given_.earlier and dict(reversed(list(given_.earlier.items())))
    other = given_._replace(facts=shuffled, earlier=earlier)
    assert ranked(other).to_json() == ranked(given_).to_json()
    for mine, theirs in zip(lines_of(given_), lines_of(other), strict=True):
        assert explain(mine) == explain(theirs)


@trials
@given(contests, st.data())
def test_raising_a_mark_never_lowers_its_entry(given_: Contest, data: st.DataObject):
    marks = list(_marks_with_room(given_))
    assume(marks)
    entry, number, path, step = data.draw(st.sampled_from(marks))
    card = given_.facts.cards[entry][number]
    raised = _with_card(given_, entry, number, replace(card, marks={**card.marks, path: card.marks[path] + step}))
    before, after = _standing(given_, entry), _standing(raised, entry)
    assume(before is not None)
    assert before is not None
    assert after is not None
    if before.total is not None and before.total_exact is not None:
        assert after.total is not None
        assert after.total_exact is not None
        assert after.total >= before.total
        assert after.total_exact >= before.total_exact
    if before.rank is not None and not _may_lower(category_of(given_, entry)):
        assert after.rank is not None
        assert after.rank <= before.rank


def _may_lower(category: Category) -> bool:
    """Rules by which a higher mark may cost its entry a rank though never a point.

    A smaller spread goes first, so one mark raised alone may lose a tie. Pairwise does not, by itself; but an entry
    that no longer loses to the first one may leave nobody who beats all others, and then the next rule orders them all.
    A rule that asks for at most (or exactly) so many points puts an entry out for having more.
    """
    breaks = {each.by for each in category.tie_breaks}
    points = [rule.require for rule in category.eligibility if rule.require.what in ("criterion", "total")]
    return bool(breaks & {"spread", "pairwise"}) or any(each.compare != "at_least" for each in points)


def _marks_with_room(given_: Contest) -> Iterator[tuple[str, int, str, Number]]:
    """(entry, number of the card, path, step) of every mark that can be raised by a step."""
    for entry, cards in given_.facts.cards.items():
        leaves = category_of(given_, entry).leaves
        for number, card in enumerate(cards):
            for leaf in leaves:
                for path, step, top in _steps(leaf):
                    if path in card.marks and card.marks[path] + step <= top:
                        yield entry, number, path, step


def _steps(leaf: Criterion) -> list[tuple[str, Number, Number]]:
    if isinstance(leaf.source, MarksSource):
        return [(leaf.path, leaf.source.scale.step, leaf.source.scale.to)]
    items = leaf.source.items if isinstance(leaf.source, ChecklistSource) else ()
    return [(f"{leaf.path}/{item.code}", 1, 1) for item in items]


def ranks(ties: list[str], marks: dict[str, tuple[int, ...]]) -> dict[str, int | None]:
    """Ranks of entries that all reach the ceiling, so that only the tie-breaks order them; marks member by member."""
    rules = category(marked("all", 100, on=scale(0, 100), worth="as_points"), ties=ties, ceiling=1)
    cards = {entry: {f"m{at}": {"all": mark} for at, mark in enumerate(own)} for entry, own in marks.items()}
    return {line.entry: line.rank for line in evaluate(rule_set(rules), small_facts(cards)).rankings[0].standings}


def test_a_raised_mark_may_cost_a_rank_where_the_smaller_spread_goes_first():
    assert ranks(["spread", "share"], {"a": (50, 50), "e": (50, 50)})["e"] == 1
    assert ranks(["spread", "share"], {"a": (50, 50), "e": (51, 50)})["e"] == 2


def test_a_raised_mark_may_cost_a_rank_where_it_leaves_nobody_who_beats_all_others():
    others = {"a": (60, 50, 40), "b": (58, 55, 39)}
    assert ranks(["pairwise", "median", "share"], {**others, "e": (59, 49, 45)}) == {"a": 1, "e": 2, "b": 3}
    assert ranks(["pairwise", "median", "share"], {**others, "e": (60, 49, 45)}) == {"b": 1, "a": 2, "e": 3}


@trials
@given(contests, st.data())
def test_a_recusal_never_changes_another_entrys_numbers(given_: Contest, data: st.DataObject):
    marked = sorted(entry for entry, cards in given_.facts.cards.items() if cards)
    assume(marked)
    entry = data.draw(st.sampled_from(marked))
    number = data.draw(st.integers(0, len(given_.facts.cards[entry]) - 1))
    recused = _with_card(given_, entry, number, replace(given_.facts.cards[entry][number], state="recused"))
    numbers = ("entry", "total", "total_exact", "points", "combined", "member_totals", "spread", "members")

    def others(each: Contest) -> list[list[object]]:
        found = sorted((line for line in lines_of(each) if line.entry != entry), key=lambda line: line.entry)
        return [[getattr(line, name) for name in numbers] for line in found]

    assert others(recused) == others(given_)


@trials
@given(contests)
def test_ranks_are_numbered_1_1_3_and_nobody_is_lost(given_: Contest):
    for ranking in ranked(given_).rankings:
        ranks = [line.rank for line in ranking.standings if line.rank is not None]
        assert ranks == sorted(ranks)
        for line in ranking.standings:
            assert (line.rank is None) is (line.status not in ("ranked", "not_placed", "tied_unresolved"))
            if line.rank is not None:
                assert line.rank == 1 + sum(rank < line.rank for rank in ranks)
                assert line.tied is (ranks.count(line.rank) > 1)
    listed = [line.entry for line in lines_of(given_)]
    assert len(listed) == len(set(listed))
    if given_.earlier is None:
        assert set(listed) == {entry.code for entry in given_.facts.entries}


@trials
@given(contests)
def test_a_members_running_total_is_the_member_total_of_the_ranking(given_: Contest):
    fields = {entry.code: entry.fields for entry in given_.facts.entries}
    for line in lines_of(given_):
        for card in given_.facts.cards.get(line.entry, ()):
            if card.member in line.member_totals:
                total, blank = running_total(category_of(given_, line.entry), card, fields[line.entry])
                if not blank:
                    assert line.member_totals[card.member] == total


@trials
@given(contests)
def test_the_explanations_numbers_recompute_to_the_total(given_: Contest):
    for line in lines_of(given_):
        steps = list(line.step.walk())
        for step in steps:
            if step.operation != "indicator" or step.value is not None:
                assert step.value == steps_again.again(step), step
        first = line.step.inputs[0] if line.step.inputs else None
        assert (first.value if first and line.total is not None else None) == line.total
        _check_what_the_steps_start_from(given_, line)
        for language in ("th", "en"):
            assert explain(line, language)


def _check_what_the_steps_start_from(given_: Contest, line: Standing) -> None:
    """Marks are those of the cards, bounds those of the rules, the earlier total that of the earlier stage."""
    category, stage = category_of(given_, line.entry), given_.rules.stage(given_.stage)
    cards = {card.member: card for card in given_.facts.cards.get(line.entry, ())}
    for step in line.step.walk():
        about = step.about
        if step.operation == "worth" and "path" in about:
            leaf = category.criterion(about["path"])
            below = step.inputs[0] if step.inputs[0].operation != "rounding" else step.inputs[0].inputs[0]
            if below.operation == "combine":
                lowest = {member for member, _ in below.about.get("lowest", ())}
                for member, mark in zip(below.about["members"], below.about["marks"], strict=True):
                    marks = cards[member].marks
                    assert mark == (plain.lowest_mark if member in lowest else plain.mark_of)(leaf, marks)
            else:
                given_mark = plain.mark_of(leaf, cards[below.about["member"]].marks)
                assert below.value == (plain.lowest_mark(leaf, {}) if given_mark is None else given_mark)
        if step.operation in ("floor", "ceiling"):
            assert step.value == getattr(category.total, step.operation)
        if step.operation == "earlier":
            assert stage.carries is not None
            assert step.value == (given_.earlier or {})[stage.carries.stage, line.entry].total_exact
        if step.operation == "place":
            assert step.value == line.rank
        if step.operation == "tier":
            assert (about["tier"].code if about["tier"] else None) == line.tier
        if step.operation == "member_totals":
            assert (step.value, about["totals"]) == (line.spread, line.member_totals)


def test_every_operation_that_is_explained_can_be_computed_again():
    assert set(steps_again.OPERATIONS) == set(SENTENCES)


@trials
@given(contests)
def test_facts_written_and_read_again_give_the_same_ranking(given_: Contest):
    again = given_._replace(facts=Facts.from_json(given_.facts.to_json()))
    assert ranked(again).to_json() == ranked(given_).to_json()


def _standing(given_: Contest, entry: str) -> Standing | None:
    return next((line for line in lines_of(given_) if line.entry == entry), None)


def _with_card(given_: Contest, entry: str, number: int, new: Card) -> Contest:
    cards = list(given_.facts.cards[entry])
    cards[number] = new
    return given_._replace(facts=replace(given_.facts, cards={**given_.facts.cards, entry: tuple(cards)}))
