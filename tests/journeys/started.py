"""The program as a process of its own, begun as a fork of one that has loaded all: most of a start is loading."""

import multiprocessing
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.faults.program import LONGEST, environment, listens

_forks: Any = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
if sys.platform != "win32":
    _forks.set_forkserver_preload(["tests.journeys.started", "tests.journeys.loaded"])


def _serve(port: int, surroundings: Mapping[str, str], folder: Path, log: Path) -> None:
    """In the new process: `award serve` in these surroundings, which holds nothing of the tests."""
    os.environ.clear()
    os.environ.update(surroundings)
    os.chdir(folder)
    with log.open("wb") as printed:
        for number in (1, 2):
            os.dup2(printed.fileno(), number)
    for name, number in (("stdout", 1), ("stderr", 2)):
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
    from award.cli import main

    main(["serve", "--port", str(port)])


class Started:
    """A running `award serve`."""

    def __init__(self, process: BaseProcess):
        self.process = process

    def kill(self) -> None:
        """As a power cut of the process: no handler runs."""
        self.process.kill()
        self.process.join(10)


@contextmanager
def started(data: Path, *, port: int, extra: Mapping[str, str]) -> Iterator[Started]:
    """`award serve` on `data`, as `tests.faults.program.serving` has it and far sooner; ended when the block ends."""
    log = data.parent / f"served-{secrets.token_hex(3)}.log"
    given: Any = (port, environment(data, **extra), data.parent, log)
    process = _forks.Process(target=_serve, args=given, daemon=True)
    process.start()
    try:
        until = time.monotonic() + LONGEST
        while not listens(port):
            assert process.is_alive() and time.monotonic() < until, log.read_text(encoding="utf-8")
            time.sleep(0.02)
        yield Started(process)
    finally:
        process.terminate()
        process.join(10)
        process.kill()
        process.join(10)
        process.close()
        (data / "ballast").unlink(missing_ok=True)  # 64 MiB for each test would be much
