"""Simulated power cuts: nothing acknowledged is lost as the program opens its database, and other settings do lose."""

from pathlib import Path

import pytest

from tests.faults.power import Cuts, cut
from tests.faults.prepared import Morning, build_morning
from tests.faults.program import need_preloading
from tests.faults.recording import record

CUTS, CONTROL_CUTS = 2000, 150
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of our own in it


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    made = build_morning(tmp_path_factory.mktemp("morning"))
    made.site.database.close()
    return made


def cuts_of(morning: Morning, folder: Path, *, cuts: int, saves: int, pragmas: tuple[str, int] | None = None) -> Cuts:
    recorded = record(morning, folder, saves=saves, pragmas=pragmas)
    disk = IN_MEMORY / f"award-{folder.name}-{id(folder)}" if IN_MEMORY.is_dir() else folder / "disk"
    try:
        return cut(recorded.before, recorded.record, disk, cuts=cuts, seed=2564)
    finally:
        for file in disk.glob("*"):
            file.unlink()
        if disk.exists():
            disk.rmdir()


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(morning: Morning, tmp_path: Path):
    need_preloading("power cut")
    found = cuts_of(morning, tmp_path, cuts=CUTS, saves=60)
    assert (found.cuts, found.lost, found.broken) == (CUTS, 0, 0), found.first
    assert found.acknowledged >= 50


@pytest.mark.parametrize(
    ("journal", "synchronous"),
    [("wal", 1), ("delete", 2)],
    ids=["WAL and NORMAL, the usual advice", "DELETE and FULL, what SQLite does by itself"],
)
def test_control_the_same_cuts_do_lose_with_settings_that_lose(
    morning: Morning, tmp_path: Path, journal: str, synchronous: int
):
    need_preloading("power cut, control")
    found = cuts_of(morning, tmp_path, cuts=CONTROL_CUTS, saves=18, pragmas=(journal, synchronous))
    assert found.lost >= 5, found
    assert found.broken == 0, found.first


def test_control_a_file_that_is_torn_is_seen_to_be(morning: Morning, tmp_path: Path):
    need_preloading("power cut, control of the look")
    found = cuts_of(morning, tmp_path, cuts=CONTROL_CUTS, saves=18, pragmas=("off", 0))
    assert found.broken + found.lost >= 50, found
