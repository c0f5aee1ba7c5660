"""The broken files of tests/cases/refused and what must be said of each, in Thai and in English.

Where a sentence changed on purpose, `python -m tests.refusals` writes every expected text anew; the change is then
read in the diff.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from award.cli.reading import earlier_of, given_by
from scoring_rules.engine import evaluate
from scoring_rules.facts import Facts
from scoring_rules.problems import Problem, Refused
from scoring_rules.reader import read_rules, read_rules_file

REFUSED = Path(__file__).parent / "cases" / "refused"
RULES = REFUSED / "facts" / "rules.yaml"
GOOD = REFUSED / "facts" / "good"
TABLES = ("entries", "marks", "recusals", "resolutions", "rows")
RULE_FILES = sorted((REFUSED / "rules").glob("*.yaml"))
FACT_CASES = sorted(path for path in (REFUSED / "facts").iterdir() if path.is_dir() and path != GOOD)


def tables_of_case(folder: Path) -> dict[str, Path | None]:
    """The case's own tables; the good one where it has none."""
    there = {
        kind: [each / f"{kind}.csv" for each in (folder, GOOD) if (each / f"{kind}.csv").exists()] for kind in TABLES
    }
    return {kind: paths[0] for kind, paths in there.items() if paths}


def asked(folder: Path) -> dict[str, str]:
    """The options of the case, from its `asked.txt`: one `--option value` a line."""
    path = folder / "asked.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {option.removeprefix("--"): value for option, _, value in (line.partition(" ") for line in lines)}


def problems_of_rules(path: Path) -> tuple[Problem, ...]:
    """Why the rule file is refused; nothing where it is not."""
    try:
        read_rules(path.read_bytes(), file=path.name)
    except Refused as refused:
        return refused.problems
    return ()


def problems_of_facts(folder: Path) -> tuple[Problem, ...]:
    """Why the facts of the case (its tables, or `facts.json`) cannot be ranked; nothing where they can."""
    options = asked(folder)
    stage, category = options.get("stage"), options.get("category")
    earlier = None
    try:
        if (folder / "facts.json").exists():
            rules = read_rules_file(RULES)
            facts = Facts.from_json((folder / "facts.json").read_text(encoding="utf-8"))
        else:
            given = given_by(RULES, tables_of_case(folder), stage=stage, category=category)
            rules, facts = given.rules, given.facts(stage=stage)
            before = folder / "earlier.json"
            earlier = earlier_of(before if before.exists() else None, rules, stage=stage)
        evaluate(rules, facts, stage=stage, category=category, earlier=earlier)
    except Refused as refused:
        return refused.problems
    return ()


def told(problems: Iterable[Problem]) -> str:
    """Every problem: its code, then the whole line in Thai and in English. Files are named without their folder."""
    plain = [replace(problem, file=Path(problem.file).name) for problem in problems]
    return "\n".join(f"[{each.code}]\n{each.sentence('th')}\n{each.sentence('en')}\n" for each in plain)


def expected(case: Path) -> Path:
    """Where the expected text of a case stands."""
    return case / "expected.txt" if case.is_dir() else case.with_suffix(".txt")


if __name__ == "__main__":
    for case in (*RULE_FILES, *FACT_CASES):
        problems = problems_of_facts(case) if case.is_dir() else problems_of_rules(case)
        expected(case).write_text(told(problems), encoding="utf-8")
