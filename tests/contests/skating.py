"""Seventeen figure-skating competitions by the rule file isu_2016_17 (tests/data/isu)."""

import tempfile
from pathlib import Path

from award.tables import read_table
from scoring_rules.engine import evaluate
from scoring_rules.exact import parse_number, shown
from scoring_rules.fact_files import read_facts
from scoring_rules.operations import known
from scoring_rules.reader import read_rules_file
from tests.contests import Compared, compare
from tests.isu import COMPONENTS, RULES, rows, write_files


def compared() -> list[Compared]:
    """Panel marks, component totals, totals and ranks, read from files and evaluated once."""
    with tempfile.TemporaryDirectory() as folder:
        tables = {kind: read_table(path) for kind, path in write_files(Path(folder)).items()}
    rules = read_rules_file(RULES)
    given = read_facts(rules, entries=tables["entries"], marks=tables["marks"], recusals=tables["recusals"])
    evaluation = evaluate(rules, given)
    lines = {line.entry: line for ranking in evaluation.rankings for line in ranking.standings}
    panel = {(row["performance"], row["component"]): row for row in rows("components.csv")}
    published = {row["performance"]: row for row in rows("performances.csv")}
    return [
        compare(
            "isu_2016_17",
            "panel marks",
            {key: lines[key[0]].combined[COMPONENTS[key[1]]] for key in panel},
            {key: parse_number(row["panel_score"]) for key, row in panel.items()},
        ),
        compare(
            "isu_2016_17",
            "component totals",
            {code: shown(line.points["components"], 2) for code, line in lines.items()},
            {code: row["component_score"] for code, row in published.items()},
        ),
        compare(
            "isu_2016_17",
            "totals",
            {code: shown(known(line.total), 2) for code, line in lines.items()},
            {code: row["total"] for code, row in published.items()},
        ),
        compare(
            "isu_2016_17",
            "ranks",
            {code: line.rank for code, line in lines.items()},
            {code: int(row["rank"]) for code, row in published.items()},
        ),
    ]
