"""One cell of the table of access, asked of the site: is the answer the promised one, did a refusal change anything."""

import time

from tests.award.access_table import Row
from tests.award.access_world import World

FULLEST, PART = "scoring", 6
REFUSED, ASKED_IN, TO_THE_SIGN_IN = 400, 401, 302


def wrong_in_phase(world: World, phase: str) -> list[str]:
    """Every cell of a phase. A refusal is asked for as a page's code asks, which is answered sooner, and of each row
    once more for each status as a person's click does.

    Where the table gives a person the same answer in every phase, or everybody the same, it is asked for while marking
    goes on and in one of the six other phases: of each row another sixth of the people each time, and of the next row
    other people than of this one. So every row is asked by three or four of them in every phase, and what opens or
    shuts with the phase is asked by everybody in each."""
    began, cells, wrong = time.process_time(), 0, []
    turn = [each for each in world.table.phases if each != FULLEST].index(phase) if phase != FULLEST else 0
    world.enter(phase)
    for_all = [row for row in world.table.rows if len({row.answers[who, phase] for who in world.table.columns}) == 1]
    for number, row in enumerate(world.table.rows):
        clicked: set[int] = set()
        for place, who in enumerate(world.table.columns):
            expected = row.answers[who, phase]
            is_steady = len({row.answers[who, each] for each in world.table.phases}) == 1
            if (is_steady or row in for_all) and phase != FULLEST and (place + number) % PART != turn:
                continue
            if expected >= REFUSED:
                wrong += wrong_with(world, row, who, as_json=True)
                cells += 1
            if expected < REFUSED or expected not in clicked:
                clicked.add(expected)
                wrong += wrong_with(world, row, who)
                cells += 1
    print(f"\n{phase}: {cells} cells in {time.process_time() - began:.1f} s")
    return wrong


def wrong_with(world: World, row: Row, who: str, *, as_json: bool = False) -> list[str]:
    """What is wrong with the answer of one cell, and with what it left behind; the phase is as before afterwards."""
    expected = row.answers[who, world.phase]
    by_code = as_json or (row.json is not None and row.method != "GET")
    if expected == ASKED_IN and not by_code:
        expected = TO_THE_SIGN_IN
    name = f"{row.name} · {who} · {world.phase}{' · by code' if as_json else ''}"
    answer = world.ask(row, who, as_json=as_json)
    status = answer.status_code
    found = [] if status == expected else [f"{name}: {status}, the table says {expected}"]
    if (hidden := row.hides.get(who)) and str(world.filled(hidden, who, row.at)) in answer.text:
        found.append(f"{name}: it shows “{hidden}”")
    if world.counted() != world.version or world.files() != world.moments[world.phase].files:
        may_write = row.method != "GET" and status < REFUSED and row.answers[who, world.phase] != ASKED_IN
        if not may_write and (changed := world.changed() or world.files() != world.moments[world.phase].files):
            found.append(f"{name}: {status}, and yet it changed {changed if changed is not True else 'the files'}")
        world.enter(world.phase)
    return found
