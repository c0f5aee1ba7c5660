"""The table of access from the opening of the slot on: marking, closed, calculated. (For a second core.)"""

import pytest

from tests.award.access_cells import wrong_in_phase
from tests.award.access_table import read_table
from tests.award.access_world import World

TABLE = read_table()


@pytest.mark.parametrize("phase", TABLE.phases[3:])
def test_everybody_gets_the_answer_of_the_table_and_a_refusal_changes_nothing(world: World, phase: str) -> None:
    wrong = wrong_in_phase(world, phase)
    assert not wrong, "\n".join(wrong)
