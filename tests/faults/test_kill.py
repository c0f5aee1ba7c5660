"""kill -9 while twelve members save: nothing acknowledged is lost, and what was sent again is done once."""

import os
from pathlib import Path

from tests.faults.killing import LEAST, kill_again_and_again
from tests.faults.prepared import build_morning
from tests.faults.program import not_tested

RUNS = 3


def test_killing_the_server_under_load_loses_nothing_and_doubles_nothing(tmp_path: Path):
    if os.name != "posix":
        not_tested("kill -9 under load", "this system has no such signal")
    morning = build_morning(tmp_path)
    morning.site.database.close()
    killed = kill_again_and_again(morning, runs=RUNS, seed=2564)
    assert killed.load.refused == []
    assert killed.load.waiting == {}
    assert killed.proof.is_whole, killed.proof
    assert len(killed.load.acknowledged) >= RUNS * LEAST, "too few saves to say anything"
    assert killed.load.cut_off >= RUNS, "no save was cut off: nothing was tried"
    assert killed.load.settled > 0, "nothing was sent again"
