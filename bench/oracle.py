"""Does the time of an answer tell what the answer does not? What is not yours beside what is not there; names, resets.

    .venv/bin/python -m bench.oracle [--samples 300]

Both kinds are asked in turns, in this process, of the same client. Prints for each pair the two medians, their
difference and the chance of such a difference (Mann-Whitney, two-sided) if there were none. Nothing is asserted:
below two milliseconds nobody sees it through a network, and on a busy machine chances mean little.
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from award.actions.passwords import hash_password
from bench.machine import machine
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in

NOWHERE = 987_654_321
JSON = {"Accept": "application/json"}


def in_turns(one: Callable[[], int], other: Callable[[], int], samples: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of each kind, and the status, which is the same for both."""
    took: tuple[list[float], list[float]] = ([], [])
    statuses = {act() for act in (one, other) for _ in range(5)}
    for _ in range(samples):
        for times, act in zip(took, (one, other), strict=True):
            began = time.perf_counter()
            statuses.add(act())
            times.append((time.perf_counter() - began) * 1000)
    if len(statuses) != 1:
        raise SystemExit(f"the answers differ, not only their times: {sorted(statuses)}")
    return *took, statuses.pop()


def chance(one: list[float], other: list[float]) -> float:
    """Mann-Whitney: how likely two samples of one kind lie apart this far (normal approximation)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    sum_of_ranks = sum(rank for rank, (_, kind) in enumerate(ranked, start=1) if kind == 0)
    n, m = len(one), len(other)
    spread = math.sqrt(n * m * (n + m + 1) / 12)
    apart = abs(sum_of_ranks - n * (n + m + 1) / 2) / spread
    return math.erfc(apart / math.sqrt(2))


def getting(client: FlaskClient, address: str) -> Callable[[], int]:
    """Reads a page."""
    return lambda: client.get(address, headers=JSON).status_code


def signing_in(client: FlaskClient, login: str) -> Callable[[], int]:
    """Tries a wrong password."""
    return lambda: client.post("/sign-in", data={"login": login, "password": "wrong password"}).status_code


def forgetting(client: FlaskClient, login: str) -> Callable[[], int]:
    """Asks for a new password."""
    return lambda: client.post("/forgot", data={"login": login}).status_code


def show(name: str, one: Callable[[], int], other: Callable[[], int], samples: int) -> None:
    """One line."""
    first, second, status = in_turns(one, other, samples)
    a, b = statistics.median(first), statistics.median(second)
    print(
        f"{name:58} {status}  {a:8.3f} ms  {b:8.3f} ms  {a - b:+7.3f} ms  p = {chance(first, second):.3f}", flush=True
    )


def make_real(site: BuiltSite) -> None:
    """Accounts get passwords as expensive to check as real ones (those of tests are cheap) and an address for mails;
    one link of Chanthaburi becomes a file."""
    hashed = hash_password(site.round.password)
    with site.database.writing() as db:
        link = db.connection()
        link.exec_driver_sql("update user set password_hash = ?, email = login || '@example.invalid'", (hashed,))
        link.exec_driver_sql(
            "update evidence set kind = 'file', url = null, sha256 = ?, size = 1, media_type = 'application/pdf' "
            "where id = 1",
            ("a" * 64,),
        )
        db.commit()


def main() -> None:
    """Prints the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--samples", type=int, default=300)
    samples = asked.parse_args().samples
    print(machine())
    with tempfile.TemporaryDirectory(prefix="award-oracle-") as folder:
        site = build_site(Path(folder), live=(TRAT,), site_address="http://localhost")
        make_real(site)
        officer, neighbour = signed_in(site, "p22"), signed_in(site, "p23")
        member, nobody = signed_in(site, "z10-chair"), site.client()
        print(f"{'':58} {'':3}  {'there':>11}  {'not there':>11}  {'difference':>10}")
        for name, client, address in (
            ("an entry of another province", officer, "/e/{}"),
            ("a file of another province", neighbour, "/files/{}"),
            ("a card of another zone", member, "/s/card/{}"),
            ("a day of another zone", member, "/s/{}"),
            ("the comparison of another zone's slot", member, "/s/slot/{}/compare"),
            ("the status of another zone's day", member, "/s/{}/live"),
            ("the same, with a version and unsent changes", member, "/s/{}/live?v=3&unsent=2"),
            ("the minutes of another zone's day", member, "/s/{}/minutes.txt"),
        ):
            there = {"/e/{}": 6, "/files/{}": 1, "/s/card/{}": 1, "/s/{}": 2, "/s/slot/{}/compare": 4}.get(address, 2)
            show(name, getting(client, address.format(there)), getting(client, address.format(NOWHERE)), samples)
        show(
            "a wrong password of a known / an unknown name",
            signing_in(nobody, "p23"),
            signing_in(nobody, "nobody"),
            samples,
        )
        show(
            "a forgotten password of a known / an unknown name",
            forgetting(nobody, "p23"),
            forgetting(nobody, "x"),
            samples,
        )


if __name__ == "__main__":
    main()
