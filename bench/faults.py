"""Trouble made on purpose, for longer than the tests can: the server killed under load, the power cut at any moment.

    .venv/bin/python -m bench.faults [--many] [--kills 20] [--cuts 10000] [--seed 2564]

Prints a line for each kind: runs, saves acknowledged, cut off, lost, doubled; then the controls, which must lose.
`--many` is 200 kills and 100,000 cuts over three seeds. Needs Linux and gcc. A loss ends the bench with an error.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from award.db.engine import JOURNAL, SYNCHRONOUS
from bench.machine import machine
from tests.faults.killing import kill_again_and_again
from tests.faults.power import Cuts, cut
from tests.faults.prepared import build_morning
from tests.faults.recording import record

SYNCHRONOUS_NAMES = ("OFF", "NORMAL", "FULL", "EXTRA")
CONTROLS = (("wal", 1), ("delete", 2), ("off", 0))
BESIDE = (("wal", 2), ("delete", 3), ("persist", 2), ("truncate", 2))  # kept honest, whichever of them is ours
HEAD = f"{'':<44} {'runs':>7} {'acknowledged':>12} {'cut off':>8} {'lost':>6} {'doubled':>7} {'broken':>6} seconds"
KILLS_A_SITE = 25  # then a fresh one, so that the marks of a card do not grow without end


@contextmanager
def folder(*, in_memory: bool = False) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    made = Path(tempfile.mkdtemp(prefix="award-faults-", dir=memory if in_memory and memory.is_dir() else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def say(name: str, *, runs: int, acknowledged: int, cut_off: str, lost: int, doubled: str, broken: int, began: float
        ) -> None:  # fmt: skip
    print(
        f"{name:<44} {runs:>7} {acknowledged:>12} {cut_off:>8} {lost:>6} {doubled:>7} {broken:>6} "
        f"{time.monotonic() - began:>8.1f}",
        flush=True,
    )


def kills(count: int, *, seed: int) -> int:
    """Kills the server so often; answers what was lost, doubled or refused."""
    began, acknowledged, cut_off, lost, doubled, broken, done = time.monotonic(), 0, 0, 0, 0, 0, 0
    while done < count:
        with folder() as made:
            morning = build_morning(made)
            morning.site.database.close()
            killed = kill_again_and_again(morning, runs=min(KILLS_A_SITE, count - done), seed=seed + done)
        done += killed.runs
        acknowledged += len(killed.load.acknowledged)
        cut_off += killed.load.cut_off
        lost += len(killed.proof.lost)
        doubled += len(killed.proof.doubled)
        broken += len(killed.proof.faults) + len(killed.load.refused) + len(killed.load.waiting)
    say(
        "server killed (kill -9) under load", runs=done, acknowledged=acknowledged, cut_off=str(cut_off), lost=lost,
        doubled=str(doubled), broken=broken, began=began,
    )  # fmt: skip
    return lost + doubled + broken


def power(journal: str, synchronous: int, *, cuts: int, saves: int, seeds: range) -> Cuts:
    """Cuts the power so often, over some records; one line."""
    began, whole = time.monotonic(), Cuts()
    for seed in seeds:
        with folder() as made, folder(in_memory=True) as disk:
            morning = build_morning(made / "morning")
            morning.site.database.close()
            recorded = record(morning, made, saves=saves, pragmas=(journal, synchronous))
            found = cut(recorded.before, recorded.record, disk / "disk", cuts=cuts // len(seeds), seed=seed)
        whole.cuts += found.cuts
        whole.acknowledged += found.acknowledged
        whole.lost += found.lost
        whole.broken += found.broken
        whole.first = whole.first or found.first
    name = f"power cut, {journal.upper()} + {SYNCHRONOUS_NAMES[synchronous]}"
    role = " (ours)" if (journal, synchronous) == (JOURNAL, SYNCHRONOUS) else ""
    role = " (control, must lose)" if (journal, synchronous) in CONTROLS else role
    say(
        name + role, runs=whole.cuts, acknowledged=whole.acknowledged, cut_off="-", lost=whole.lost, doubled="-",
        broken=whole.broken, began=began,
    )  # fmt: skip
    if whole.first and not role.startswith(" (control"):
        print(whole.first)
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", action="store_true", help="200 kills, 100,000 cuts")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    if asked.many:
        asked.kills, asked.cuts = 200, 100_000
    print(machine("SQLAlchemy", "waitress"))
    print(HEAD)
    bad = kills(asked.kills, seed=asked.seed) if asked.kills else 0
    seeds = range(asked.seed, asked.seed + 3)
    tame = []
    if asked.cuts:
        ours = power(JOURNAL, SYNCHRONOUS, cuts=asked.cuts, saves=120, seeds=seeds)
        bad += ours.lost + ours.broken
        for journal, synchronous in BESIDE:
            if (journal, synchronous) != (JOURNAL, SYNCHRONOUS):
                power(journal, synchronous, cuts=asked.cuts // 10, saves=60, seeds=seeds)
        for journal, synchronous in CONTROLS:
            found = power(journal, synchronous, cuts=asked.cuts // 10, saves=60, seeds=seeds)
            if not found.lost + found.broken:
                tame.append(f"{journal}, {synchronous}")
    if bad:
        raise SystemExit(f"{bad} things lost, doubled or broken")
    if tame:
        raise SystemExit(f"these controls lost nothing, so the cuts prove nothing: {tame}")
    print("Nothing acknowledged was lost, nothing was done twice; each control lost.")


if __name__ == "__main__":
    main()
