"""What several files of tests share: the world of the table of access, made once for each process."""

import pytest

from tests.award.access_world import World, build_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The small site in each of its phases. Who takes it calls `enter` first, which puts everything back."""
    return build_world(tmp_path_factory.mktemp("access"))
