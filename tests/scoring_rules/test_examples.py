"""Every example rule file (scoring_rules/sets/examples) is read, and its cases (tests/cases/examples) come out exactly.
So do those of the rule file that uses every word of the format (tests/cases/accepted).

A case names a category of the file, entries with their marks and fields, and what to expect. Marks are given as `marks`
(member: {criterion: mark}, "*" being every other criterion), as `panels` (criterion: marks of judges who mark nothing
else) or as `columns` (criterion: marks of judges 1, 2, 3, …). `from` says where its figures are from. A case with
`cards` asks what each card still lacks before it can be sent.
"""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scoring_rules.cards import find_gaps
from scoring_rules.engine import Earlier, evaluate
from scoring_rules.exact import parse_number
from scoring_rules.explain import explain
from scoring_rules.facts import Card, Facts
from scoring_rules.reader import list_sets, read_rules_file
from scoring_rules.rules import Category, RuleSet
from tests.contests import EXAMPLES
from tests.scoring_rules import build
from tests.scoring_rules.test_engine_cases import answers

CASES = Path(__file__).parents[1] / "cases" / "examples"
ACCEPTED = Path(__file__).parents[1] / "cases" / "accepted"
FILES = sorted(EXAMPLES.glob("*/*.yaml"))
KEYS = {"case", "from", "category", "stage", "earlier", "entries", "expect", "fields", "cards"}
IN_WORDS = {"reason", "says", "says_not"}  # parts of the reasons and of the explanation
ORIGINS = {"published", "by_hand"}


def cases_in(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = YAML(typ="base", pure=True).load(path)  # every value stays text
    return loaded


PAIRS = [(path, CASES / f"{path.parent.name}.yaml") for path in FILES]
PAIRS += [(ACCEPTED / "rules" / path.name, path) for path in sorted((ACCEPTED / "cases").glob("*.yaml"))]
ALL = [(path, case, f"{cases.stem}: {case['case']}") for path, cases in PAIRS for case in cases_in(cases)]
RANKED = [pytest.param(path, case, id=name) for path, case, name in ALL if "cards" not in case]
ON_CARDS = [pytest.param(path, case, id=name) for path, case, name in ALL if "cards" in case]


def test_every_example_has_cases_and_every_case_an_example() -> None:
    assert [path.parent.name for path in FILES] == sorted(path.stem for path in CASES.glob("*.yaml"))
    assert len(FILES) == 5


@pytest.mark.parametrize("path", FILES, ids=[path.parent.name for path in FILES])
def test_an_example_says_its_source_and_what_the_format_cannot_say(path: Path) -> None:
    rules = read_rules_file(path)
    assert rules.id.endswith(path.stem)
    assert rules.text.startswith("# ")
    assert rules.sources
    assert all(category.clause or any(node.clause for node in category.nodes()) for category in rules.categories)
    if path.parent.name != "isu_2016_17":
        changes = (path.parent / "CHANGES.md").read_text(encoding="utf-8")
        assert f"# {path.stem}" in changes
        assert "What the format cannot say" in changes
        assert "What the format cannot say" in rules.text


def test_examples_are_not_offered_as_awards() -> None:
    assert not {read_rules_file(path).id for path in FILES} & set(list_sets())


@pytest.mark.parametrize(("path", "case"), RANKED)
def test_case(path: Path, case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    assert case["from"] in ORIGINS
    rules = read_rules_file(path)
    category = rules.category(case["category"])
    stage = case.get("stage", rules.stages[0].code)
    evaluation = evaluate(
        rules, facts_of(category, case), stage=stage, category=category.code, earlier=earlier_of(rules, stage, case)
    )
    wanted = {code: {key: each[key] for key in each if key not in IN_WORDS} for code, each in case["expect"].items()}
    assert {code: answers(case, category, evaluation, code, list(wanted[code])) for code in wanted} == wanted
    for code, each in case["expect"].items():
        standing = evaluation.standing(code)
        if "reason" in each:
            assert each["reason"] in " / ".join(reason.th for reason in standing.reasons)
        if "says" in each:
            assert each["says"] in "\n".join(explain(standing))
        if "says_not" in each:
            assert each["says_not"] not in "\n".join(explain(standing))


@pytest.mark.parametrize(("path", "case"), ON_CARDS)
def test_what_a_card_lacks(path: Path, case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    category = read_rules_file(path).category(case["category"])
    fields = build.entry("any", fields=case["fields"]).fields
    lacks = {
        name: {
            gap.place: gap.why
            for gap in find_gaps(
                category, marks=build.card("any", spec["marks"]).marks, notes=spec["notes"], fields=fields
            )
        }
        for name, spec in case["cards"].items()
    }
    assert lacks == {name: spec["lacks"] for name, spec in case["cards"].items()}


def facts_of(category: Category, case: dict[str, Any]) -> Facts:
    entries = [
        build.entry(code, category=category.code, fields=spec.get("fields"), zone=spec.get("zone", ""), region="one")
        for code, spec in case["entries"].items()
    ]
    return build.facts(entries, {code: cards_of(category, spec) for code, spec in case["entries"].items()})


def cards_of(category: Category, spec: dict[str, Any]) -> list[Card]:
    marks: dict[str, dict[str, str]] = {}
    for member, given in spec.get("marks", {}).items():
        everywhere = {leaf.path: given["*"] for leaf in category.leaves} if "*" in given else {}
        marks[member] = everywhere | {path: mark for path, mark in given.items() if path != "*"}
    for path, column in spec.get("panels", {}).items():
        marks |= {f"{path} {number}": {path: mark} for number, mark in enumerate(column, 1)}
    for path, column in spec.get("columns", {}).items():
        for number, mark in enumerate(column, 1):
            marks.setdefault(f"judge {number}", {})[path] = mark
    standing = [build.card(member, given) for member, given in marks.items()]
    return standing + [build.card(member, state="absent") for member in spec.get("absent", [])]


def earlier_of(rules: RuleSet, stage: str, case: dict[str, Any]) -> dict[tuple[str, str], Earlier] | None:
    if "earlier" not in case:
        return None
    before = rules.stages[[each.code for each in rules.stages].index(stage) - 1].code
    return {
        (before, code): Earlier(parse_number(each["total"]), each["advances"] == "yes")
        for code, each in case["earlier"].items()
    }
