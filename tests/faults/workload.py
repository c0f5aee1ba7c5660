"""Saves marks through the program's own action until told; run as a process of its own under our recording library.

    python -m tests.faults.workload DATA CARDS SAVES [JOURNAL SYNCHRONOUS]

Each acknowledged save is written to DATA/acknowledged after the action has returned: card, revision, receipt.
JOURNAL and SYNCHRONOUS (such as `wal 1`) stand in for the program's own: the control that must lose.
"""

import json
import os
import sys
import threading
from datetime import datetime
from pathlib import Path

from award.clock import Clock
from award.db import engine
from tests.faults.prepared import NOW

WRITERS = 3


def main(data: Path, cards: list[tuple[int, str, list[list[str]]]], saves: int) -> None:
    from award.actions.scoring import record_marks
    from award.queries.people import find_actor_by_login

    database, clock = engine.Database(data / "award.sqlite3"), Clock(datetime.fromisoformat(NOW))
    known = os.open(data / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def work(mine: list[tuple[int, str, list[list[str]]]]) -> None:
        for turn in range(saves // WRITERS):
            card, login, places = mine[turn % len(mine)]
            with database.reading() as db:
                actor = find_actor_by_login(db, login, today=clock.today())
            assert actor is not None
            base = turn // len(mine)
            place, low, high = places[base % len(places)]
            saved = record_marks(
                database, clock, actor=actor, assignment_id=card, base_revision=base, key=f"{card}-{turn}",
                changes={place: (low, high)[turn % 2], f"note:{place}": f"หมายเหตุครั้งที่ {turn} " * 5},
            )  # fmt: skip
            os.write(known, f"{card} {saved.revision} {saved.receipt.text}\n".encode())

    threads = [threading.Thread(target=work, args=(cards[number::WRITERS],)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        engine.JOURNAL, engine.SYNCHRONOUS = sys.argv[4], int(sys.argv[5])
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]))
