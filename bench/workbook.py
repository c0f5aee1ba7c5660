"""How long a ranking workbook takes, and how that compares with openpyxl writing the same cells without any look.

    python bench/workbook.py [--entries 2000] [--members 5] [--zones 18] [--rounds 3] [--set transparent-office/2564-r1]

Measures and prints; asserts nothing. Compare ratios of one run only.
"""

import argparse
import os
import platform
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from exports.ranking_workbook import Provenance, ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.reader import load_set
from scoring_rules.rules import Category, ChecklistSource, MarksSource, RuleSet


def a_round(rules: RuleSet, *, entries: int, members: int, zones: int, seed: int) -> Facts:
    """Invented entries, spread evenly over zones and categories; each zone's panel marks all its entries in full."""
    chance = random.Random(seed)
    made, cards = [], {}
    for number in range(entries):
        category = rules.categories[number % len(rules.categories)]
        zone = 1 + number // len(rules.categories) % zones
        code = f"e{number:05d}"
        place = {"zone": str(zone), "province": f"จังหวัดที่ {number % 76 + 1}", "region": "1"}
        label = f"หน่วยงานสมมติที่ {number}"
        made.append(Entry(code, category.code, label, "presented", place, _fields(category, chance)))
        cards[code] = tuple(Card(f"z{zone:02d}m{seat}", marks=_marks(category, chance)) for seat in range(members))
    return Facts(tuple(made), cards)


def _fields(category: Category, chance: random.Random) -> dict[str, Number]:
    fields: dict[str, Number] = {field.code: 0 for field in category.fields if field.type in ("integer", "decimal")}
    for indicator in category.indicators:
        if indicator.ratio:
            above, below = (category.field(code).max or 10_000 for code in indicator.ratio)
            fields[indicator.ratio[1]] = below
            fields[indicator.ratio[0]] = chance.randrange(int(min(above, below)) + 1)
    return fields


def _marks(category: Category, chance: random.Random) -> dict[str, Number]:
    marks: dict[str, Number] = {}
    for leaf in category.leaves:
        if isinstance(leaf.source, MarksSource):
            scale = leaf.source.scale
            steps = int((scale.to - scale.from_) / scale.step)
            marks[leaf.path] = scale.from_ + scale.step * chance.randint(steps // 2, steps)
        elif isinstance(leaf.source, ChecklistSource):
            marks |= {f"{leaf.path}/{item.code}": chance.randint(0, 1) for item in leaf.source.items}
    return marks


def bare(sheets: Sequence[tuple[str, Sequence[tuple[object, ...]]]]) -> bytes:
    """The same values, written by openpyxl alone: no looks, no widths, nothing computed."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds of the processor, seconds on the clock): the first hardly notices what else the machine is doing."""
    used, began = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - used, time.perf_counter() - began


def peak(work: Callable[[], object]) -> float:
    """MiB of Python memory at the highest, above what stood before."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="seconds, cells, ratio to bare openpyxl, memory")
    parser.add_argument("--entries", type=int, default=2000)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--zones", type=int, default=18)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2564)
    parser.add_argument("--set", default="transparent-office/2564-r1")
    asked = parser.parse_args()

    rules = load_set(asked.set)
    stage = rules.stages[0].code
    facts = a_round(rules, entries=asked.entries, members=asked.members, zones=asked.zones, seed=asked.seed)
    began = time.perf_counter()
    evaluation = evaluate(rules, facts, stage=stage)
    evaluated = time.perf_counter() - began
    made = Provenance(None, "file", datetime(2021, 7, 19, tzinfo=UTC), "bench", True)

    def work() -> bytes:
        return ranking_workbook(rules=rules, facts=facts, evaluation=evaluation, stage=stage, provenance=made)

    data = work()
    opened = openpyxl.load_workbook(BytesIO(data), read_only=True)
    sheets = [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in opened]
    cells = sum(value is not None for _, rows in sheets for row in rows for value in row)

    ours, theirs = [], []
    for _ in range(asked.rounds):  # in turns, so that a slow minute hits both
        ours.append(seconds(work))
        theirs.append(seconds(lambda: bare(sheets)))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.machine()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}", end=", ")
    print(f"openpyxl {openpyxl.__version__}, {asked.set}")
    print(f"{asked.entries} entries x {asked.members} members in {asked.zones} zones: {len(sheets)} sheets, ", end="")
    print(f"{cells:,} cells, {len(data) / 2**20:.1f} MiB; evaluated in {evaluated:.2f} s")
    for name, times in (("workbook", ours), ("bare openpyxl", theirs)):
        used = [each[0] for each in times]
        clock = statistics.median(each[1] for each in times)
        spread = f"{min(used):.2f}-{max(used):.2f}"
        print(f"{name:>14}: {statistics.median(used):.2f} s of the processor ({spread}), {clock:.2f} s on the clock")
    ratio = statistics.median(each[0] for each in ours) / statistics.median(each[0] for each in theirs)
    print(f"         ratio: {ratio:.2f}")
    print(f"   peak memory: {peak(work):.0f} MiB while writing, bare {peak(lambda: bare(sheets)):.0f} MiB")


if __name__ == "__main__":
    main()
