"""Every address, every person, every phase: the answer that the table of access (authz.yaml) promises."""

import pytest

from tests.award.access_cells import wrong_in_phase
from tests.award.access_table import read_table
from tests.award.access_world import LOGINS, World

TABLE = read_table()


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    routes, rows = set(world.endpoints), {(row.method, row.rule) for row in TABLE.rows}
    assert sorted(routes - rows) == [], "these have no row in tests/award/authz.yaml: add one, its head says how"
    assert sorted(rows - routes) == [], "these rows of tests/award/authz.yaml have no route"


def test_the_table_knows_the_people_and_phases_that_the_world_makes(world: World) -> None:
    assert set(TABLE.columns) == set(LOGINS)
    assert set(TABLE.phases) == set(world.moments)


@pytest.mark.parametrize("phase", TABLE.phases[:3])
def test_everybody_gets_the_answer_of_the_table_and_a_refusal_changes_nothing(world: World, phase: str) -> None:
    wrong = wrong_in_phase(world, phase)
    assert not wrong, "\n".join(wrong)
