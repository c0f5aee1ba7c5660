"""What the log files cost: lines alone, then saves of a mark with the logs and without them, in turns.

    .venv/bin/python -m bench.logs [--saves 60] [--turns 10] [--seed 2564]

One application inside this process, without a network, so that what the log adds is not lost in the noise. The saves
are real: each is committed and flushed. Compare the two lines with each other.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from award.app import create_app
from award.clock import Clock
from award.config import Settings
from award.db.log_files import FolderCopy, LogFile
from award.views import access_log
from bench.machine import machine
from bench.round import MORNING, Prepared, prepare_round
from bench.web import _post_mark, percentile

LINE = {"user": "u123", "address": "192.0.2.7", "method": "POST", "path": "/s/card/1234/marks", "status": 200, "ms": 9}


def lines(folder: Path, count: int) -> None:
    """Microseconds of one line: here, and with a second folder."""
    for name, second in (("one folder", None), ("and a second", FolderCopy(folder / "second"))):
        log, times = LogFile(folder / name, "access", second=second), []
        for _ in range(count):
            began = time.perf_counter()
            log.write(LINE)
            times.append(time.perf_counter() - began)
        log.close()
        print(f"{name:>16}: median {median(times) * 1e6:6.1f} µs, p99 {percentile(times, 99) * 1000:6.1f} µs a line")


def saves(folder: Path, prepared: Prepared, *, turns: int, each: int) -> None:
    """Milliseconds of saving one mark, with the logs and without."""
    app: Any = create_app(Settings(data=folder, secret_key="for this bench only"), clock=Clock(MORNING))
    app.config["WTF_CSRF_ENABLED"] = False
    login, cards = next(iter(prepared.cards.items()))
    client = app.test_client()
    client.post("/sign-in", data={"login": login, "password": prepared.made.password})
    card = cards[0].address.removesuffix("/marks")
    name, choices = next(iter(cards[0].choices.items()))
    logged, hooks = app.wsgi_app, app.after_request_funcs[None]
    times: dict[bool, list[float]] = {True: [], False: []}
    used: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * turns + 2):
        with_logs = turn % 2 == 0
        app.wsgi_app = logged if with_logs else logged._wsgi
        app.after_request_funcs[None] = [hook for hook in hooks if with_logs or hook is not access_log._note]
        for _ in range(each):
            began, before = time.perf_counter(), time.process_time()
            answer = _post_mark(client, folder, card, name, choices)
            took, processor = time.perf_counter() - began, time.process_time() - before
            if answer.status_code != 200:
                raise SystemExit(f"not saved: {answer.status_code} {answer.text[:200]}")
            if turn > 1:  # the first two turns warm up
                times[with_logs].append(took)
                used[with_logs].append(processor)
    for with_logs, said in ((False, "without logs"), (True, "with logs")):
        print(f"{said:>16}: {told(times[with_logs])}; processor {median(used[with_logs]) * 1000:.3f} ms")
    more = [(median(kept[True]) - median(kept[False])) * 1000 for kept in (times, used)]
    print(f"{'more':>16}: median {more[0]:+.3f} ms a save, processor {more[1]:+.3f} ms")
    written = sum(1 for _ in (folder / "logs" / "access.jsonl").open("rb"))
    if written < len(times[True]):
        raise SystemExit("the log holds fewer lines than there were saves")


def told(times: Sequence[float]) -> str:
    return f"median {median(times) * 1000:6.2f} ms, p95 {percentile(times, 95):6.2f} ms, {len(times)} saves"


def main() -> None:
    parser = argparse.ArgumentParser(description="what the log files cost")
    parser.add_argument("--saves", type=int, default=60, help="in each turn")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--seed", type=int, default=2564)
    asked = parser.parse_args()
    print(machine("Flask", "SQLAlchemy"))
    with tempfile.TemporaryDirectory(prefix="bench-logs-") as name:
        lines(Path(name), 20_000)
        data = Path(name) / "data"
        data.mkdir(mode=0o700)  # the gate wants it private
        saves(data, prepare_round(data, entries=380, members=3, seed=asked.seed), turns=asked.turns, each=asked.saves)


if __name__ == "__main__":
    main()
