"""How long a ranking workbook takes, its size and memory, beside openpyxl writing the very same cells without any look.

    .venv/bin/python bench/workbook.py [--entries 76 2000 100000] [--members 5] [--zones 1] [--rounds 3] [--set RULES]

Marks of 10 criteria by default; `--set transparent-office/2564-r1` takes an award's rules. Each size is measured in a
process of its own, in which memory (the whole process, engine and facts included) is read before openpyxl has its turn.
Above 10,000 entries openpyxl is left out: it would need all cells of the file in memory at once. Measures and prints;
asserts nothing. Compare ratios of one run only.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.machine import in_turns, machine, ratio
from exports.ranking_workbook import Provenance, ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.exact import Number
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.reader import load_set
from scoring_rules.rules import Category, ChecklistSource, MarksSource, RuleSet
from tests.scoring_rules.build import category, inner, marked, rule_set, scale, stage

MOST_FOR_BARE = 10_000  # entries
CRITERIA = 10
PIECE = 1 << 24  # bytes of a sheet looked at together


def plain_rules(*, zones: int) -> RuleSet:
    """Whole marks 0 to 10 on ten criteria under two dimensions; equal totals are settled by the first dimension."""
    leaves = [marked(f"d{number % 2 + 1}/c{number}", 100 // CRITERIA, on=scale(0, 10)) for number in range(CRITERIA)]
    roots = [inner(code, *(leaf for leaf in leaves if leaf.path.startswith(code))) for code in ("d1", "d2")]
    groups = "zone" if zones > 1 else "none"
    return rule_set(category(*roots, ties=["criterion:d1", "share"]), stages=[stage(groups=groups)])


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
    """The same values and the same formulas, written by openpyxl alone: no looks, no widths, nothing computed."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cells_of(data: bytes) -> list[tuple[str, list[tuple[object, ...]]]]:
    """Every cell by sheet and row; a formula as its text with `=`, which openpyxl writes as a formula again."""
    opened = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=False)
    return [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in opened]


def count(data: bytes) -> tuple[int, int]:
    """(cells that hold something, formulas) of a workbook, counted in its XML, piece by piece."""
    cells = formulas = 0
    with ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with archive.open(name) as sheet:
                    rest = b""
                    while piece := sheet.read(PIECE):
                        text = rest + piece
                        cells, formulas = cells + text.count(b"</c>"), formulas + text.count(b"</f>")
                        rest = text[-3:]  # an end that was cut in two
    return cells, formulas


def megabytes_at_most() -> float:
    """The most memory that this process ever had, in MiB (Linux counts in KiB, macOS in bytes)."""
    import resource  # not on Windows, where the rest of this module is still of use

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def measure(asked: argparse.Namespace, entries: int) -> None:
    """One line: a workbook of so many entries."""
    rules = load_set(asked.set) if asked.set else plain_rules(zones=asked.zones)
    first = rules.stages[0].code
    facts = a_round(rules, entries=entries, members=asked.members, zones=asked.zones, seed=asked.seed)
    evaluation = evaluate(rules, facts, stage=first)
    made = Provenance(None, "file", datetime(2021, 7, 19, tzinfo=UTC), "bench", True)
    before = megabytes_at_most()

    def work() -> bytes:
        return ranking_workbook(rules=rules, facts=facts, evaluation=evaluation, stage=first, provenance=made)

    began, used = time.perf_counter(), time.process_time()
    data = work()
    clock, used = time.perf_counter() - began, time.process_time() - used
    memory = megabytes_at_most()
    cells, formulas = count(data)
    compared = "-"
    if entries <= MOST_FOR_BARE:
        sheets = cells_of(data)
        ours, theirs = in_turns(asked.rounds, work, lambda: bare(sheets))
        used, compared = statistics.median(ours), f"{ratio(ours, theirs):.2f}"
    print(
        f"{entries:>8,}{used:>11.2f}{clock:>10.2f}{cells:>13,}{formulas:>12,}{len(data) / 2**20:>8.1f}"
        f"{before:>9.0f}{memory:>8.0f}{compared:>9}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="seconds, cells, formulas, memory, size, ratio to bare openpyxl")
    parser.add_argument("--entries", type=int, nargs="+", default=[76, 2_000, 100_000])
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--zones", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2564)
    parser.add_argument("--set", default="")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # one size, in this process
    asked = parser.parse_args()
    if asked.here:
        measure(asked, asked.entries[0])
        return
    print(machine("openpyxl"))
    print(f"{asked.set or f'{CRITERIA} criteria'}, {asked.members} members, {asked.zones} zones; seconds of processor")
    print(f"{'':>63}{'MiB of process':>17}")
    print(f"{'entries':>8}{'seconds':>11}{'on clock':>10}{'cells':>13}{'formulas':>12}{'MiB':>8}", end="")
    print(f"{'before':>9}{'peak':>8}{'ratio':>9}", flush=True)
    for entries in asked.entries:
        given = [f"--{name}={getattr(asked, name)}" for name in ("members", "zones", "rounds", "seed", "set")]
        subprocess.run([sys.executable, __file__, "--here", "--entries", str(entries), *given], check=True)


if __name__ == "__main__":
    main()
