"""Every address, every person, every phase: the answer that the table of access (authz.yaml) promises."""

import time
from collections.abc import Iterator

import pytest

from tests.award.access_table import NOBODY, Row, read_table
from tests.award.access_world import LOGINS, World, build_world

REFUSED, SIGN_IN, SIGN_IN_BY_CODE = 400, 302, 401
TABLE = read_table()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    return build_world(tmp_path_factory.mktemp("access"))


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    routes = set(world.endpoints)
    rows = {(row.method, row.rule) for row in TABLE.rows}
    assert sorted(routes - rows) == [], "these have no row in tests/award/authz.yaml: add one, its head says how"
    assert sorted(rows - routes) == [], "these rows of tests/award/authz.yaml have no route"


def test_the_table_knows_the_people_and_phases_that_the_world_makes(world: World) -> None:
    assert set(TABLE.columns) == set(LOGINS)
    assert set(TABLE.phases) == set(world.moments)


@pytest.mark.parametrize("phase", TABLE.phases)
def test_everybody_gets_the_answer_of_the_table_and_a_refusal_changes_nothing(world: World, phase: str) -> None:
    began, cells, wrong = time.perf_counter(), 0, []
    world.enter(phase)
    files = world.files()
    for row in TABLE.rows:
        by_code: set[int] = set()  # a refusal is asked for once more as a page's code asks
        for who in TABLE.columns:
            status, found = cell(world, row, who)
            wrong += found
            cells += 1
            if status >= REFUSED and row.json is None and status not in by_code:
                by_code.add(status)
                wrong += cell(world, row, who, as_json=True)[1]
                cells += 1
    assert phase == "open" or world.files() == files
    print(f"\n{phase}: {cells} cells in {time.perf_counter() - began:.1f} s")
    assert not wrong, "\n".join(wrong)


def cell(world: World, row: Row, who: str, *, as_json: bool = False) -> tuple[int, list[str]]:
    """One cell of the table, asked of the site: the answer, and what is wrong with it."""
    expected = row.answers[who, world.phase]
    is_asked_in = who == NOBODY and expected == SIGN_IN
    if is_asked_in and (as_json or (row.json is not None and row.method != "GET")):
        expected = SIGN_IN_BY_CODE
    name = f"{row.name} · {who} · {world.phase}{' · by code' if as_json else ''}"
    status = world.ask(row, who, as_json=as_json).status_code
    found = [] if status == expected else [f"{name}: {status}, the table says {expected}"]
    if changed := world.changed():
        if status >= REFUSED or row.method == "GET" or is_asked_in:
            found.append(f"{name}: {status}, and yet it changed {changed}")
        world.enter(world.phase)
    return status, found
