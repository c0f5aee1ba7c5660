"""What several files of tests share: a site that none of their tests changes, the world of the table of access."""

import pytest

from tests.award.access_world import World, build_world
from tests.award.build import BuiltSite, build_site


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The small site in each of its phases. Who takes it calls `enter` first, which puts everything back."""
    return build_world(tmp_path_factory.mktemp("access"))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """For reading and refusals: nothing but sign-ins is written there."""
    return build_site(tmp_path_factory.mktemp("untouched"))
