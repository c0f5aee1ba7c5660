"""Files in: what cannot be right is refused with its place and a remedy, and nothing is written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from award.cli import main
from award.tables import read_table
from scoring_rules.fact_files import read_facts
from scoring_rules.facts import Facts
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.reader import read_rules_file

FOLDER = Path(__file__).parent.parent / "cases" / "refused" / "facts"
RULES = FOLDER / "rules.yaml"
FILES = ("entries", "marks", "recusals", "resolutions")
CASES = YAML(typ="safe", pure=True).load(FOLDER / "cases.yaml")
GOOD: Mapping[str, str] = CASES["good"]


def written(folder: Path, case: Mapping[str, Any]) -> dict[str, Path]:
    """The good files with the case's changes, in `folder`."""
    paths = {}
    for kind in FILES:
        text = case.get(kind, GOOD.get(kind))
        if text is not None:
            paths[kind] = folder / f"{kind}.csv"
            paths[kind].write_bytes((text + case.get(f"add_to_{kind}", "")).encode())
    return paths


def facts_of(paths: Mapping[str, Path], stage: str | None = None) -> Facts:
    tables: dict[str, Any] = {kind: read_table(path) for kind, path in paths.items()}
    return read_facts(read_rules_file(RULES), **tables, stage=stage)


def award_rank(paths: Mapping[str, Path], *more: str, rules: Path = RULES) -> Result:
    options = [part for kind, path in paths.items() for part in (f"--{kind}", str(path))]
    return CliRunner().invoke(main, ["rank", str(rules), *options, *more])


def problems_of(folder: Path, case: Mapping[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(FactsRefused) as refused:
        facts_of(written(folder, case), case.get("stage"))
    return refused.value.problems


def place(problem: Problem) -> str:
    return f"{Path(problem.file).name}:{problem.line}:{problem.column}"


def test_the_good_files_are_ranked(tmp_path: Path) -> None:
    outcome = award_rank(written(tmp_path, {}))
    assert outcome.exit_code == 0, outcome.output


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_wrong_file_is_refused_with_every_problem(case: Mapping[str, Any], tmp_path: Path) -> None:
    problems = problems_of(tmp_path, case)
    expected = [line.partition(" | ") for line in case["expect"]]
    assert [f"{place(problem)} {problem.code}" for problem in problems] == [head for head, _, _ in expected]
    for problem, (_, _, part) in zip(problems, expected, strict=True):
        assert part in problem.sentence("en")
        assert problem.remedy.th
        assert problem.remedy.en


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_award_rank_ends_with_2_and_writes_nothing(case: Mapping[str, Any], language: str, tmp_path: Path) -> None:
    paths = written(tmp_path, case)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    outputs = ["--json", str(tmp_path / "ranking.json"), "--xlsx", str(tmp_path / "ranking.xlsx")]
    stage = ["--stage", case["stage"]] if "stage" in case else []
    outcome = award_rank(paths, *outputs, *stage, "--language", language)
    assert outcome.exit_code == 2, outcome.output
    assert outcome.stdout == ""
    told = outcome.stderr.splitlines()
    for line, expected in zip(told, case["expect"], strict=False):
        assert f"{expected.split(' ')[0].removesuffix(':0:0')}:" in line
    assert str(len(case["expect"])) in told[-1]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
