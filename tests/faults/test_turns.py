"""The turn to write goes round in order, and whoever does not get one in time holds up nobody."""

import threading
import time

from award.db.turns import Turns


def test_turns_come_in_the_order_they_were_asked_for():
    turns, order, began = Turns(), list[int](), []
    assert turns.acquire(timeout=1)

    def wait(number: int) -> None:
        began.append(number)
        assert turns.acquire(timeout=10)
        order.append(number)
        turns.release()

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            time.sleep(0.001)
    turns.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_gives_up_waiting_takes_no_turn_along():
    turns = Turns()
    assert turns.acquire(timeout=1)
    assert not turns.acquire(timeout=0.02)
    turns.release()
    assert turns.acquire(timeout=0), "the turn of the one who gave up was lost"
    turns.release()


def test_one_holder_at_a_time_and_nobody_starves():
    turns, inside, most, rounds = Turns(), 0, 0, [0] * 6
    until = time.monotonic() + 0.5

    def work(number: int) -> None:
        nonlocal inside, most
        while time.monotonic() < until:
            assert turns.acquire(timeout=10)
            inside += 1
            most = max(most, inside)
            time.sleep(0.0005)
            inside -= 1
            turns.release()
            rounds[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert min(rounds) * 2 >= max(rounds) > 5, rounds
