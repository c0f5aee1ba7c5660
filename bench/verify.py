"""How long `verify.py` takes, as an outsider runs it: alone, in an empty folder, from start to exit.

    .venv/bin/python -m bench.verify [--rounds 3] [--lines 100000]

The packages of the demo round's three awards (380 entries, 1,140 cards), both editions; then one of an invented log of
100,000 lines with 400 entries and 2,000 cards. Beside it: reading the same ledger as JSON and hashing each line.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from award.actions.checkpoints import Witness
from award.actions.packages import make_package
from award.actions.ranking import calculate_run
from award.clock import Clock
from award.db.engine import Database
from award.db.notes import make_key
from award.db.schema import upgrade_schema
from award.demo import load_demo
from award.package.build import EDITIONS
from award.policy import Actor, HeldDuty
from award.queries.cycles import list_award_cycles
from bench.machine import machine
from exports.ranking_workbook import Provenance, ranking_workbook
from exports.verifier.join import verifier_text
from exports.verifier.main import check_package
from scoring_rules import evaluate
from scoring_rules.exact import simplest
from scoring_rules.facts import Card, Entry, Facts
from tests.exports.package_by_hand import KEY, SEAL, START, chained, checkpoint, root_of, sha256, vkey, zipped
from tests.exports.small_round import RULES, Writer, aliased, seat, ticks

OFFICE = Actor(1, "", "", "", (HeldDuty(0, "organizer", None, None, "", ""),))
ZONES, ENTRIES, MEMBERS = 18, 400, 5


def demo_packages(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """(name, package, key) of the demo round's awards, made by the system itself."""
    database = Database(folder / "award.sqlite3")
    upgrade_schema(database)
    made, clock = load_demo(database), Clock()
    key = make_key(folder / "log.key", name="awards.example")
    witness = Witness("awards.example", folder / "anchors.log", key)
    with database.reading() as db:
        awards = list_award_cycles(db)
    for award in awards:
        receipt = calculate_run(
            database, clock, actor=OFFICE, adoption_id=award.adoption_id, stage="zone", kind="provisional"
        )
        for edition in EDITIONS:
            run = receipt.body["run"]
            package = make_package(database, clock, witness, actor=OFFICE, run_id=run, edition=edition)
            yield f"{award.code}, {edition}", package.content, key.vkey
    assert made.entries == 380
    database.close()


def large_package(lines: int) -> bytes:
    """The public package of an invented log: marks are saved again and again until there are so many lines."""
    writer = Writer()
    opening = {
        "award": "small-award", "year": 2564, "rule_set": writer.rules.id, "rules_sha256": writer.rules.sha256,
        "engine": "1.0", "opens_at": START.isoformat(), "deadline_at": (START + timedelta(days=900)).isoformat(),
        "invented": True, "seal_sha256": sha256(SEAL), "continues": None,
    }  # fmt: skip
    writer.add("open_round", "u1", opening)
    codes = {zone: [f"z{zone}-{place}" for place in range(MEMBERS)] for zone in range(1, ZONES + 1)}
    entries = {f"e{number:03}": number % ZONES + 1 for number in range(ENTRIES)}
    for zone, members in codes.items():
        about = {"panel": zone, "stage": "zone", "zone": zone}
        writer.add("seat_panel", "u1", {**about, "members": [seat(code) for code in members]})
        writer.add("plan_slot", "u1", {**about, "slot": zone, "province": "10", "cards": [
            [int(code[1:]) * MEMBERS + place + 1, code, seat(member)]
            for code, own in entries.items() if own == zone for place, member in enumerate(members)
        ]})  # fmt: skip
    stated: list[Entry] = []
    for code, zone in entries.items():
        body: dict[str, Any] = {
            "entry": code, "category": "shop", "label": f"ร้าน {code} (สมมติ)", "fields": {"sales": "25/2"},
            "attributes": {"zone": str(zone), "province": f"จังหวัด {zone}", "region": "กลาง"},
            "answers_sha256": sha256(code), "files": [],
        }  # fmt: skip
        writer.add("begin_entry", "u20", {"entry": code, "category": "shop", "province": "10"})
        writer.add("submit_entry", "u20", body)
        stated.append(Entry(code, "shop", body["label"], "presented", body["attributes"], {"sales": Fraction(25, 2)}))
    for zone in codes:
        writer.add("open_slot", "u1", {"slot": zone})
    cards = ENTRIES * MEMBERS
    saves = (lines - len(writer.lines) - cards - ZONES - 1) // cards + 1
    given: dict[str, tuple[Card, ...]] = {}
    for code, zone in entries.items():
        own = []
        for place, member in enumerate(codes[zone]):
            number, person = int(code[1:]) * MEMBERS + place + 1, f"u{zone * 100 + place}"
            writer.record(number, person, ticks(number % 11, 1, number % 2))
            for save in range(saves - 1):
                writer.record(number, person, {"work": (number + save) % 11 * 5_000})
            held = {path: simplest(Fraction(mark, 10_000)) for path, mark in writer.marks[number].items()}
            total = held["work"] * 10 + held["books/kept"] * 12 + held["books/read"] * 8 + 30
            writer.send(number, person, str(simplest(Fraction(total))))
            own.append(Card(member, "standing", held))
        given[code] = tuple(own)
    for zone in codes:
        numbers = [
            int(code[1:]) * MEMBERS + place + 1
            for code, own in entries.items()
            if own == zone
            for place in range(MEMBERS)
        ]
        writer.close(zone, dict.fromkeys(numbers, "sent"))
    facts = Facts(tuple(stated), given)
    writer.run(1, "zone", "provisional", facts)
    return _packed(writer, facts)


def _packed(writer: Writer, facts: Facts) -> bytes:
    shown = aliased(facts)
    evaluation = evaluate(writer.rules, shown, stage="zone")
    ledger = chained(writer.lines)
    code = f"1-{writer.lines[-1]['body']['public']['result_sha256'][:8]}"
    made = Provenance(code, "provisional", START, "-", True, len(writer.lines), root_of(ledger).hex())
    book = ranking_workbook(rules=writer.rules, facts=shown, evaluation=evaluation, stage="zone", provenance=made)
    files = {
        "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY), "rules.yaml": RULES.encode(),
        "facts.json": shown.to_json().encode(), "results.json": evaluation.to_json().encode(), "ranking.xlsx": book,
        "evidence.csv": b"entry,field,sha256,size\n", "README-TH.txt": b"-", "README-EN.txt": b"-", "verify.py": b"-",
    }  # fmt: skip
    return zipped(files, run=1)


def alone(folder: Path, package: Path, key: str) -> tuple[float, float]:
    """Seconds from start to exit by the clock, and of the processor. Ends where the package does not pass."""
    asked = [sys.executable, "-I", "-S", "verify.py", str(package), "--key", key, "--language", "en"]
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(asked, cwd=folder, capture_output=True, check=False)
    after, took = os.times(), time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stdout.decode() + done.stderr.decode())
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def bare(ledger: bytes) -> float:
    """Seconds of the processor for reading every line as JSON and hashing it, nothing else."""
    began = time.process_time()
    for line in ledger.splitlines():
        json.loads(line)
        hashlib.sha256(line).digest()
    return time.process_time() - began


def measure(folder: Path, name: str, content: bytes, key: str, rounds: int) -> None:
    """One line of the table."""
    package = folder / "package.zip"
    package.write_bytes(content)
    times, busy = zip(*(alone(folder, package, key) for _ in range(rounds)), strict=True)
    ledger = _ledger_of(content)
    lines, size = ledger.count(b"\n"), len(content) / 1e6
    shown = f"{median(times):6.2f} ({min(times):.2f}–{max(times):.2f})"
    print(f"{name:28} {lines:8,} {size:6.1f} {shown:22} {median(busy):10.2f} {bare(ledger):10.2f}")


def _ledger_of(content: bytes) -> bytes:
    from exports.verifier.archive import read_zip

    return read_zip(content)["ledger.jsonl"]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=100_000)
    asked = parser.parse_args()
    print(machine())
    print(f"{'package':28} {'lines':>8} {'MB':>6} {'seconds (range)':22} {'processor':>10} {'bare read':>10}")
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as empty:
        folder = Path(empty)
        (folder / "verify.py").write_text(verifier_text(), encoding="utf-8")
        for name, content, key in demo_packages(Path(made)):
            measure(folder, name, content, key, asked.rounds)
        measure(folder, "invented, public", large_package(asked.lines), vkey(), asked.rounds)
        for each in check_package(str(folder / "package.zip"), keys=[vkey()]):
            if each.number in (3, 8, 10, 11):
                print(f"  step {each.number}: {each.said.en}")


if __name__ == "__main__":
    main()
