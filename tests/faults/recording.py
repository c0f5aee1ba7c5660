"""Runs the workload under the recording library: the record that power is cut in."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.faults.prepared import Morning
from tests.faults.program import LONGEST, ROOT, environment, preloaded


@dataclass(frozen=True, slots=True)
class Recorded:
    """The folder as it was before, and what was done to it then."""

    before: Path
    record: Path


def record(morning: Morning, folder: Path, *, saves: int, pragmas: tuple[str, int] | None = None) -> Recorded:
    """Saves so many marks with the program's own settings, or with these (journal mode, synchronous)."""
    before, data, file = folder / "before", folder / "data", folder / "record"
    for copy in (before, data):
        shutil.copytree(morning.data, copy)
    cards = json.dumps([(card.id, card.login, card.places) for card in morning.cards])
    changed = [] if pragmas is None else [pragmas[0], str(pragmas[1])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.workload", data, cards, str(saves), *changed], cwd=ROOT,
        env=environment(
            data, LD_PRELOAD=str(preloaded("crashlog", str(folder))), CRASHLOG_FOLDER=f"{data}/",
            CRASHLOG_FILE=str(file),
        ),
        capture_output=True, text=True, timeout=10 * LONGEST, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Recorded(before, file)
