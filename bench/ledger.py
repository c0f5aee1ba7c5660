"""How long the record takes: hashing it anew, checking it against the tables, moving it between versions, packing runs.

    .venv/bin/python -m bench.ledger [--entries 10000]

The demo round of so many entries; 10,000 make about 98,000 lines. `bench.verify` times the verifier itself.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from award.actions.checkpoints import Witness
from award.actions.packages import make_package
from award.actions.ranking import calculate_run
from award.clock import Clock
from award.db.anchors import root_at
from award.db.engine import Database
from award.db.ledger import list_heads
from award.db.schema import downgrade_schema, upgrade_schema
from award.demo import load_demo
from award.demo.load import AFTER_THE_DAY
from award.ledger_check import check_ledger
from award.queries.people import find_actor_by_login
from bench.machine import machine


@contextmanager
def timed(what: str) -> Iterator[Callable[[str], None]]:
    """Prints what was done with its seconds, processor and clock, and a remark."""
    remarks: list[str] = []
    began, clock = time.process_time(), time.perf_counter()
    yield remarks.append
    spent = time.process_time() - began
    print(f"{what:44} {spent:8.2f} s cpu {time.perf_counter() - clock:8.2f} s  {' '.join(remarks)}", flush=True)


def main() -> None:
    """Prints one line for each kind of work."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, default=10_000)
    entries = asked.parse_args().entries
    print(machine("SQLAlchemy", "cryptography"))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "award.sqlite3")
        upgrade_schema(database)
        with timed(f"demo round of {entries} entries, with its lines") as note:
            load_demo(database, entries=entries)
            with database.reading() as db:
                lines = sum(head.size for head in list_heads(db))
            note(f"{lines} lines")
        with timed("hash every log anew"), database.reading(consistent=True) as db:
            for head in list_heads(db):
                root_at(db, head.log)
        with timed("check every line and every table") as note, database.reading(consistent=True) as db:
            note(f"{len(check_ledger(db, anchors=Path(folder) / 'anchors.log')[1])} things wrong")
        with timed("down to version 0002 and up again"):
            downgrade_schema(database, "0002")
            upgrade_schema(database)
        clock = Clock(AFTER_THE_DAY)
        with database.reading() as db:
            organizer = find_actor_by_login(db, "organizer", today=clock.today())
        assert organizer is not None
        with timed("official run of one award"):
            calculate_run(database, clock, actor=organizer, adoption_id=1, stage="zone", kind="official")
        witness = Witness("bench", Path(folder) / "anchors.log")
        for edition in ("public", "auditor"):
            with timed(f"package, {edition} edition") as note:
                made = make_package(database, clock, witness, actor=organizer, run_id=1, edition=edition)
                note(f"{made.size} lines, {len(made.content) / 2**20:.1f} MiB")
        database.close()


if __name__ == "__main__":
    main()
