"""Starts the process that looks through a file, two at a time, and takes its answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from award.uploads.refusals import Harm

MOST_SECONDS = 60  # on the clock, on a busy day; of work it gets 20
MOST_WAITING = 60
_AT_ONCE = BoundedSemaphore(2)  # each may take up to a gigabyte


def look_apart(kind: str, path: Path, *, clean: Path, waiting: float = MOST_WAITING) -> dict[str, Any]:
    """What `inside.look_inside` found, with `peak_kb` of memory. Raises Harm, also where it does not come to an end, or
    no turn comes within `waiting` seconds."""
    if not _AT_ONCE.acquire(timeout=waiting):
        raise Harm("busy")
    try:
        done = subprocess.run(  # noqa: S603 - this very program; the file's name on our disk is our own
            [sys.executable, "-m", "award.uploads.inside", kind, str(path), str(clean)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=MOST_SECONDS, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Harm("took_too_long") from None
    finally:
        _AT_ONCE.release()
    if done.returncode:  # ended by the system: out of time or memory, or led astray in compiled code
        raise Harm("took_too_long")
    told: dict[str, Any] = json.loads(done.stdout)
    if "harm" in told:
        raise Harm(told["harm"], **told["values"])
    return told
