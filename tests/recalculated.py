"""Ranking workbooks calculated again by another program: of the three awards, past contests and random rule sets.

    python -m tests.recalculated [--random 200] [--libreoffice]

prints how many workbooks and formulas were recalculated, and how many differ from what the engine says.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from award.tables import read_table
from exports.ranking_workbook import Provenance, ranking_workbook
from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.fact_files import read_facts
from scoring_rules.facts import Facts
from scoring_rules.reader import load_set, read_rules
from scoring_rules.rules import RuleSet
from tests import isu
from tests.random_facts import contest
from tests.recalculate import Comparison, Engine, Recalculated, Where, by_ironcalc, compare, many_by_libreoffice

AWARDS = ("transparent-office/2564-r1", "cdd-policy-award/2564-r1", "womens-fund/2564-r1")
MADE = Provenance(None, "file", datetime(2021, 7, 19, 3, tzinfo=UTC), "secretary", True)


def workbook_of(rules: RuleSet, facts: Facts, stage: str, earlier: EarlierResults | None = None) -> bytes:
    """The workbook of these facts, in English."""
    evaluation = evaluate(rules, facts, stage=stage, earlier=earlier)
    return ranking_workbook(
        rules=rules, facts=facts, evaluation=evaluation, stage=stage, provenance=MADE, language="en"
    )


def random_workbook(seed: int, *, most_entries: int = 25, most_members: int = 7) -> bytes:
    """The workbook of the random contest of that seed."""
    made = contest(seed, most_entries=most_entries, most_members=most_members)
    return workbook_of(made.rules, made.facts, made.stage, made.earlier)


def award_workbook(code: str, *, entries: int = 60) -> bytes:
    """The workbook of one of the three awards, with invented entries and marks."""
    from bench.workbook import a_round

    rules = load_set(code)
    return workbook_of(rules, a_round(rules, entries=entries, members=3, zones=5, seed=2564), rules.stages[0].code)


def isu_workbook() -> bytes:
    """The workbook of all 1,726 published figure-skating performances."""
    with tempfile.TemporaryDirectory() as folder:
        tables: dict[str, Any] = {kind: read_table(path) for kind, path in isu.write_files(Path(folder)).items()}
    rules = read_rules(isu.RULES.read_bytes(), file=isu.RULES.name)
    return workbook_of(rules, read_facts(rules, **tables), rules.stages[0].code)


def workbooks(count: int) -> Iterator[tuple[str, list[bytes]]]:
    """(what, workbooks) by kind."""
    for code in AWARDS:
        yield code, [award_workbook(code)]
    yield "ISU 2016-17", [isu_workbook()]
    yield "random rule sets", [random_workbook(seed) for seed in range(count)]


def known(values: dict[Where, Recalculated]) -> Engine:
    """An engine that has calculated already."""
    return lambda _: values


def main() -> None:
    parser = argparse.ArgumentParser(description="recalculated workbooks, formulas, mismatches")
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--libreoffice", action="store_true", help="the same by LibreOffice")
    asked = parser.parse_args()
    print(f"{'':34}{'workbooks':>10}{'formulas':>12}{'differ':>8}{'equal to 12 digits':>20}{'not in the engine':>19}")
    wrong = 0
    for what, books in workbooks(asked.random):
        found = {"IronCalc": [compare(book, by_ironcalc) for book in books]}
        if asked.libreoffice:
            again = many_by_libreoffice(books)
            found["LibreOffice"] = [compare(*each) for each in zip(books, map(known, again), strict=True)]
        for engine, comparisons in found.items():
            wrong += _print(f"{what}, {engine}", comparisons)
    sys.exit(1 if wrong else 0)


def _print(what: str, found: list[Comparison]) -> int:
    different = sum(len(each.different) for each in found)
    numbers = (len(found), sum(each.formulas for each in found), different)
    near, only = sum(len(each.near) for each in found), sum(each.unwritten for each in found)
    print("{:34}{:>10,}{:>12,}{:>8,}".format(what, *numbers) + f"{near:>20,}{only:>19,}", flush=True)
    return different


if __name__ == "__main__":
    main()
