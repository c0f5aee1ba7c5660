"""Two rounds that differ in nothing but the marks of a panel: whoever may not know them gets the same answers."""

import pytest
from sqlalchemy import bindparam

from award import policy
from award.db.scoring import Assignment
from award.queries import cards
from tests.award.access_leaks import AFTER, BEFORE, HIGH, LOW, apart, told_apart
from tests.award.access_mutants import YES, broken
from tests.award.access_world import World, build_world

IN_THE_DARK = {"scoring": BEFORE, "locked": AFTER, "certified": AFTER}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "low").mkdir()
    (folder / "high").mkdir()
    return build_world(folder / "low", given=LOW), build_world(folder / "high", given=HIGH)


@pytest.mark.parametrize("phase", IN_THE_DARK)
def test_whoever_may_not_know_the_marks_gets_the_same_answer_to_the_byte(
    worlds: tuple[World, World], phase: str
) -> None:
    count, differing = told_apart(worlds, phase, IN_THE_DARK[phase])
    assert count > 300
    assert not differing, "\n".join(differing)


def test_the_comparison_notices_what_is_opened(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the two locks of the comparison broken, and with one's own card, the answers do differ."""
    monkeypatch.setattr(cards, "_CLOSED_CARDS", cards._CARDS.where(Assignment.slot_id == bindparam("slot")))
    with broken(policy.may_compare, YES):
        assert apart(worlds, "GET /s/slot/<int:slot>/compare", "recused", "scoring")
        assert apart(worlds, "GET /s/slot/<int:slot>/compare", "organizer", "scoring")
    assert apart(worlds, "GET /s/card/<int:card>", "member", "scoring"), "one's own marks are really there"
    assert apart(worlds, "GET /r/run/<int:run>", "auditor", "locked"), "and the ranking when it may be seen"
