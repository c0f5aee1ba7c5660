"""What every bench prints first and how it prints times: the machine, medians with their ranges, ratios."""

import importlib.metadata
import os
import platform
import sqlite3
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence


def machine(*packages: str) -> str:
    """One line: processor, cores, load now, Python, SQLite, and the versions of `packages`."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    parts = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *versions]
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}; {', '.join(parts)}"


def seconds(work: Callable[[], object]) -> float:
    """Processor time that `work` takes once: what waits for others on a busy machine is not in it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def in_turns(rounds: int, *works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each work, round by round in turns, so that a slow minute hits all of them alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for own, work in zip(times, works, strict=True):
            own.append(seconds(work))
    return times


def peak(work: Callable[[], object]) -> float:
    """MiB of Python memory at the highest above what stood before. Slow: never part of a timing."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return found


def spread(times: Sequence[float]) -> str:
    """`1.23 s (1.20-1.31)`, in milliseconds below a tenth of a second."""
    middle, low, high = statistics.median(times), min(times), max(times)
    if middle >= 0.1:
        return f"{middle:.2f} s ({low:.2f}-{high:.2f})"
    return f"{middle * 1000:.2f} ms ({low * 1000:.2f}-{high * 1000:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times longer ours takes, by the medians."""
    return statistics.median(ours) / statistics.median(theirs)
