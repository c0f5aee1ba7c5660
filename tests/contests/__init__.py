"""Past contests as tests: what was published, and the same figures from the engine.

`python -m tests.contests` prints what was compared, of how many, and every mismatch.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
EXAMPLES = Path(__file__).parents[2] / "scoring_rules" / "sets" / "examples"


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of figure of one contest: of how many, and which of them differ (`key: ours, published`)."""

    contest: str
    what: str
    of: int
    wrong: tuple[str, ...]


def compare(contest: str, what: str, ours: Mapping[Any, Any], published: Mapping[Any, Any]) -> Compared:
    """Each figure against the published one; a figure that only one side has differs too."""
    keys = sorted(ours.keys() | published.keys(), key=str)
    pairs = [(key, ours.get(key, "nothing"), published.get(key, "nothing")) for key in keys]
    wrong = [f"{key}: {mine}, published {theirs}" for key, mine, theirs in pairs if mine != theirs]
    return Compared(contest, what, len(keys), tuple(wrong))


def rows(*path: str) -> list[dict[str, str]]:
    """The rows of a table in tests/data."""
    with DATA.joinpath(*path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(name: str) -> dict[str, Any]:
    """The checks of a data set of tests/data/fairness, by id."""
    checks = json.loads((DATA / "fairness" / f"{name}.expected.json").read_text(encoding="utf-8"))["checks"]
    return {check["id"]: check["value"] for check in checks}
