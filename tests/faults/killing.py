"""Kills the real server under load, again and again: members save, and send what was not answered once more."""

import random
import threading
import time
from dataclasses import dataclass, field

from tests.faults.prepared import Morning
from tests.faults.program import Answer, Member, free_port, members, serving
from tests.faults.proof import Acknowledged, Proof, prove

LEAST, MOST = 10, 60  # saves between two kills


@dataclass
class Load:
    """What members sent and were answered, over all runs. `refused`: answers that no save should get."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    cut_off: int = 0
    settled: int = 0  # cut off, sent again, and answered then
    refused: list[Answer] = field(default_factory=list)
    waiting: dict[int, dict] = field(default_factory=dict)  # card -> the save that was not answered

    def work(self, member: Member, stop: threading.Event) -> None:
        """Saves until the server is gone, beginning with what was not answered before."""
        while not stop.is_set():
            if not self.send(member, again=member.card.id in self.waiting):
                return

    def send(self, member: Member, *, again: bool) -> bool:
        """One save; whether it was answered."""
        save = self.waiting[member.card.id] if again else member.next_save()
        answer = member.send(save)
        if answer.status == 0:
            self.cut_off += 1
            self.waiting[member.card.id] = save
            return False
        self.waiting.pop(member.card.id, None)
        if answer.status != 200:
            self.refused.append(answer)
            return False
        self.settled += again
        self.acknowledged.append(Acknowledged(member.card.id, answer.body["revision"], answer.body["receipt"]))
        return True


@dataclass(frozen=True, slots=True)
class Killed:
    """Some runs: how often it was killed, and what the database shows in the end."""

    runs: int
    load: Load
    proof: Proof


def kill_again_and_again(morning: Morning, *, runs: int, seed: int) -> Killed:
    """Kills the server `runs` times, each after a few dozen saves, at a random moment; what was not answered is sent
    again with the same key."""
    luck, load, port = random.Random(seed), Load(), free_port()
    signed_in: list[Member] = []
    for run in range(runs + 1):
        with serving(morning.data, port=port) as server:
            signed_in = signed_in or members(server, morning.cards, morning.site.round.password)
            if run == runs:  # the last one lives: what is open is settled
                for member in signed_in:
                    if member.card.id in load.waiting:
                        load.send(member, again=True)
                break
            stop = threading.Event()
            threads = [threading.Thread(target=load.work, args=(member, stop)) for member in signed_in]
            for thread in threads:
                thread.start()
            _wait_for(load, luck.randint(LEAST, MOST))
            time.sleep(luck.uniform(0, 0.05))
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
    return Killed(runs, load, prove(morning.site.settings.database, load.acknowledged, all_answered=True))


def _wait_for(load: Load, more: int) -> None:
    """Until so many more saves were acknowledged, whatever the machine's speed."""
    wanted, until = len(load.acknowledged) + more, time.monotonic() + 60
    while len(load.acknowledged) < wanted and time.monotonic() < until:
        time.sleep(0.002)
