"""A whole past season, from files: what judges gave, what was published, and the same numbers from `award rank`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from award.cli import main
from award.tables import read_table
from scoring_rules.engine import evaluate
from scoring_rules.exact import parse_number, shown
from scoring_rules.fact_files import read_facts
from scoring_rules.facts import Facts
from scoring_rules.reader import read_rules
from scoring_rules.results import Evaluation
from tests.isu import COMPONENTS, RULES, rows, write_files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_files(tmp_path_factory.mktemp("isu"))


@pytest.fixture(scope="module")
def standings(files: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """Every standing of the ranking.json that `award rank` writes, by performance."""
    target = files["entries"].parent / "ranking.json"
    options = [part for kind, path in files.items() for part in (f"--{kind}", str(path))]
    outcome = CliRunner().invoke(main, ["rank", str(RULES), *options, "--json", str(target)])
    assert outcome.exit_code == 0, outcome.output
    rankings = json.loads(target.read_text(encoding="utf-8"))["rankings"]
    return {standing["entry"]: standing for ranking in rankings for standing in ranking["standings"]}


def test_all_8630_panel_marks(standings: dict[str, dict[str, Any]]) -> None:
    published = rows("components.csv")
    combined = [standings[row["performance"]]["combined"][COMPONENTS[row["component"]]] for row in published]
    assert len(published) == 8630
    assert [shown(parse_number(row["panel_score"]), 6) for row in published] == combined


def test_all_1726_component_totals_and_totals_to_the_hundredth(standings: dict[str, dict[str, Any]]) -> None:
    published = rows("performances.csv")
    assert len(published) == len(standings) == 1726
    ours = [standings[row["performance"]] for row in published]
    assert [f"{row['component_score']}0000" for row in published] == [one["points"]["components"] for one in ours]
    assert [row["total"] for row in published] == [one["total"] for one in ours]


def test_all_1726_ranks(standings: dict[str, dict[str, Any]]) -> None:
    published = {row["performance"]: int(row["rank"]) for row in rows("performances.csv")}
    assert {code: standing["rank"] for code, standing in standings.items()} == published


@pytest.fixture(scope="module")
def facts(files: dict[str, Path]) -> Facts:
    rules = read_rules(RULES.read_text(encoding="utf-8"), file="rules")
    tables = {kind: read_table(path) for kind, path in files.items()}
    return read_facts(rules, entries=tables["entries"], marks=tables["marks"], recusals=tables["recusals"])


def evaluated_by_other_rules(facts: Facts, *changes: tuple[str, str]) -> Evaluation:
    """The same facts by the rule file with each text changed wherever it stands."""
    text = RULES.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return evaluate(read_rules(text, file="other rules"), facts)


def test_without_tie_breaks_three_ranks_differ(facts: Facts) -> None:
    by_elements = ("      - {by: criterion, code: elements, clause: s1 §4}\n", "")
    by_components = ("      - {by: criterion, code: components, clause: s1 §4}\n", "")
    evaluation = evaluated_by_other_rules(facts, by_elements, by_components)
    published = rows("performances.csv")
    assert sum(evaluation.standing(row["performance"]).rank == int(row["rank"]) for row in published) == 1723


def test_half_even_gets_two_panel_marks_wrong(facts: Facts) -> None:
    change = ("combined: {places: 2, mode: half_up}", "combined: {places: 2, mode: half_even}")
    evaluation = evaluated_by_other_rules(facts, change)
    same = [
        evaluation.standing(row["performance"]).combined[COMPONENTS[row["component"]]]
        == parse_number(row["panel_score"])
        for row in rows("components.csv")
    ]
    assert sum(same) == 8628


def test_adding_points_before_rounding_them_gets_523_component_totals_wrong(facts: Facts) -> None:
    evaluation = evaluated_by_other_rules(facts, ("points: {places: 2, mode: half_up}", "points: none"))
    same = [
        shown(evaluation.standing(row["performance"]).points["components"], 2) == row["component_score"]
        for row in rows("performances.csv")
    ]
    assert sum(same) == 1203
