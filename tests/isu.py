"""The published figure-skating results as the files that `award rank` reads."""

import csv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent
DATA = ROOT / "data" / "isu"
RULES = ROOT.parent / "scoring_rules" / "sets" / "examples" / "isu_2016_17" / "2560-r1.yaml"
JUDGES = [f"J{number}" for number in range(1, 10)]
PROGRAMS = {
    "SHORT PROGRAM": "short",
    "SHORT DANCE": "short",
    "FREE SKATING": "free",
    "FREE DANCE": "free",
}
COMPONENTS = {
    "Skating Skills": "components/skills",
    "Transitions": "components/transitions",
    "Performance": "components/performance",
    "Composition": "components/composition",
    "Interpretation of the Music": "components/interpretation",
    "Interpretation of the Music/Timing": "components/interpretation",
    "Interpretation of the Music / Timing": "components/interpretation",
}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the two published tables."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def category(program: str) -> str:
    """`JUNIOR ICE DANCE FREE DANCE` is `junior_ice_dance_free`."""
    ending = next(ending for ending in PROGRAMS if program.endswith(ending))
    return f"{program.removesuffix(ending)}{PROGRAMS[ending]}".lower().replace(" ", "_")


def write_files(folder: Path) -> dict[str, Path]:
    """entries.csv, marks.csv (wide) and recusals.csv (a judge who marked nothing was absent) in `folder`."""
    performances = {row["performance"]: row for row in rows("performances.csv")}
    paths = {kind: folder / f"{kind}.csv" for kind in ("entries", "marks", "recusals")}
    _write(paths["entries"], _entries(performances))
    marks: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows("components.csv"):
        for judge in JUDGES:
            marks.setdefault((row["performance"], judge), {})[COMPONENTS[row["component"]]] = row[judge]
    paths_of_leaves = list(dict.fromkeys(COMPONENTS.values()))
    given = [[*key, *(marks[key][path] for path in paths_of_leaves)] for key in marks if any(marks[key].values())]
    absent = [[*key, "absent"] for key in marks if not any(marks[key].values())]
    _write(paths["marks"], [["entry", "member", *paths_of_leaves], *given])
    _write(paths["recusals"], [["entry", "member", "kind"], *absent])
    return paths


def _entries(performances: dict[str, dict[str, str]]) -> Iterator[list[str]]:
    yield ["entry", "category", "label", "region", "element_score", "deductions"]
    for code, row in performances.items():
        named = category(row["program"])
        yield [code, named, f"Performance {code}", row["competition"], row["element_score"], row["deductions"]]


def _write(path: Path, table: Iterator[list[str]] | list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
