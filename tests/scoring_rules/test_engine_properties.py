"""What must hold for any contest, tried on random ones: first of all, that the obvious way gives the same result."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from scoring_rules import evaluate, explain, running_total
from scoring_rules.facts import Card, Facts
from scoring_rules.results import Evaluation
from scoring_rules.rules import Category, Drop
from tests.scoring_rules import plain
from tests.scoring_rules.build import card, category, entry, facts, inner, marked, panel, rule_set, scale

SCALES = [scale(0, 5), scale(1, 5), scale(0, 10, "0.25")]


@st.composite
def categories(draw: st.DrawFn, *, applied_to: tuple[str, ...] = ("marks", "totals")) -> Category:
    worth = st.sampled_from(["share_of_top", "share_of_range"])
    leaves = [
        marked(
            f"d{number % 2}/c{number}", draw(st.integers(1, 35)), on=draw(st.sampled_from(SCALES)), worth=draw(worth)
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    top = draw(st.sampled_from([4, 10]))
    free = marked("d2", top, on=scale(0, top, "0.5"), worth="as_points")
    roots = [inner(code, *parts) for code in ("d0", "d1") if (parts := [x for x in leaves if x.path.startswith(code)])]
    combine = draw(st.sampled_from(["mean", "median", "sum", "trimmed_mean"]))
    drop = Drop(draw(st.integers(0, 1)), draw(st.integers(0, 1)), draw(st.integers(3, 5)))
    rules = panel(
        combine=combine,
        applied_to=draw(st.sampled_from(applied_to)),
        quorum=draw(st.integers(1, 3)),
        drop=drop if combine == "trimmed_mean" else None,
    )
    return category(*roots, free, panel=rules, ties=["share"], ceiling=10_000)


@st.composite
def contests(draw: st.DrawFn, *, applied_to: tuple[str, ...] = ("marks", "totals")) -> tuple[Category, Facts]:
    rules = draw(categories(applied_to=applied_to))
    members = [f"m{number}" for number in range(draw(st.integers(1, 6)))]
    codes = [f"e{number}" for number in range(draw(st.integers(1, 6)))]

    def marks() -> dict[str, Any]:
        chosen = {}
        for leaf in rules.leaves:
            on = leaf.source.scale  # type: ignore[union-attr]
            steps = draw(st.integers(0, int((on.to - on.from_) / on.step)))
            chosen[leaf.path] = on.from_ + steps * on.step
        return chosen

    state = st.sampled_from(["standing"] * 4 + ["recused", "absent"])
    cards = {code: [card(member, marks(), state=draw(state)) for member in members] for code in codes}
    return rules, facts([entry(code) for code in codes], cards)


def ranked(rules: Category, given_: Facts) -> Evaluation:
    return evaluate(rule_set(rules), given_)


@given(contests())
def test_the_obvious_way_gives_the_same_totals_and_ranks(contest: tuple[Category, Facts]):
    lines = ranked(*contest).rankings[0].standings
    assert {line.entry: (line.rank, line.total) for line in lines if line.rank} == plain.standings(*contest)


@given(contests(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(contest: tuple[Category, Facts], chance: Random):
    rules, given_ = contest
    entries, cards = list(given_.entries), {code: list(each) for code, each in given_.cards.items()}
    chance.shuffle(entries)
    codes = list(cards)
    chance.shuffle(codes)
    for each in cards.values():
        chance.shuffle(each)
    shuffled = facts(entries, {code: cards[code] for code in codes})
    assert ranked(rules, shuffled).to_json() == ranked(rules, given_).to_json()
    for code in codes:
        assert explain(ranked(rules, shuffled).standing(code)) == explain(ranked(rules, given_).standing(code))


@given(contests(), st.data())
def test_raising_a_mark_never_lowers_its_entry(contest: tuple[Category, Facts], data: st.DataObject):
    rules, given_ = contest
    code = data.draw(st.sampled_from(sorted(given_.cards)))
    number = data.draw(st.integers(0, len(given_.cards[code]) - 1))
    leaf = data.draw(st.sampled_from(rules.leaves))
    old = given_.cards[code][number]
    higher = old.marks[leaf.path] + leaf.source.scale.step  # type: ignore[union-attr]
    assume(higher <= leaf.source.scale.to)  # type: ignore[union-attr]
    raised = _with_card(given_, code, number, replace(old, marks={**old.marks, leaf.path: higher}))
    before, after = ranked(rules, given_).standing(code), ranked(rules, raised).standing(code)
    assume(before.rank is not None)
    assert before.rank is not None
    assert after.rank is not None
    assert before.total is not None
    assert after.total is not None
    assert after.rank <= before.rank
    assert after.total >= before.total


@given(contests(), st.data())
def test_a_recusal_never_changes_another_entrys_total(contest: tuple[Category, Facts], data: st.DataObject):
    rules, given_ = contest
    code = data.draw(st.sampled_from(sorted(given_.cards)))
    number = data.draw(st.integers(0, len(given_.cards[code]) - 1))
    recused = _with_card(given_, code, number, replace(given_.cards[code][number], state="recused"))
    before, after = ranked(rules, given_), ranked(rules, recused)
    for other in given_.cards:
        if other != code:
            assert after.standing(other).total_exact == before.standing(other).total_exact


@given(contests())
def test_ranks_are_numbered_1_1_3(contest: tuple[Category, Facts]):
    lines = [line for line in ranked(*contest).rankings[0].standings if line.rank is not None]
    for place, line in enumerate(lines, start=1):
        ahead = sum((other.total or 0) > (line.total or 0) for other in lines)
        assert line.rank == ahead + 1
        assert line.rank <= place
        assert line.tied is (sum(other.total == line.total for other in lines) > 1)


@given(contests())
def test_a_members_running_total_is_the_member_total_of_the_ranking(contest: tuple[Category, Facts]):
    rules, given_ = contest
    for line in ranked(rules, given_).rankings[0].standings:
        if line.rank is not None:
            own = {
                each.member: running_total(rules, each, {})[0]
                for each in given_.cards[line.entry]
                if each.state == "standing"
            }
            assert line.member_totals == own


@given(contests(applied_to=("marks",)))
def test_the_steps_add_up_to_what_the_standing_says(contest: tuple[Category, Facts]):
    for line in ranked(*contest).rankings[0].standings:
        for step in line.step.walk():
            if step.operation in ("sum", "total"):
                assert step.value == sum(part.value or 0 for part in step.inputs)
            if step.operation == "total":
                assert step.value == line.total_exact
            if step.operation in ("sum", "worth"):
                assert line.points[step.about["path"]] == step.value


def _with_card(given_: Facts, code: str, number: int, new: Card) -> Facts:
    cards = list(given_.cards[code])
    cards[number] = new
    return replace(given_, cards={**given_.cards, code: tuple(cards)})
