"""The cases of tests/cases/*.yaml: small contests that an official can read and check by hand.

A case names its rules (only what differs from the plainest rules: one criterion `all` of 100 points whose mark is its
points, the mean, rounding half up to two decimals), its entries with the marks of each member, and what to expect.
"""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scoring_rules import evaluate, suggested_mark
from scoring_rules.exact import MODES, Number, Rounding, exact_text, parse_number, plain, shown
from scoring_rules.facts import Card, Facts, Resolution
from scoring_rules.results import Evaluation, Ranking, Standing
from scoring_rules.rules import Adjustment, Category, Condition, Criterion, Drop, Eligibility, Suggest, Tier
from tests.scoring_rules import build

FOLDER = Path(__file__).parents[1] / "cases"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['case']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in YAML(typ="base", pure=True).load(path)  # every value stays text, so that 70.00 is not a binary number
]


KEYS = {
    "case", "criteria", "panel", "rounding", "ties", "floor", "ceiling", "adjustments", "indicators", "eligibility",
    "tiers", "groups", "advance", "entries", "resolutions", "expect", "blocked", "order",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]):
    assert set(case) <= KEYS
    category = category_of(case)
    stage = build.stage(groups=case.get("groups", "none"), advance=int(case["advance"]) if "advance" in case else None)
    evaluation = evaluate(build.rule_set(category, stages=[stage]), facts_of(case))
    wanted = {code: {key: each[key] for key in each if key != "reason"} for code, each in case["expect"].items()}
    assert {code: answers(case, category, evaluation, code, list(wanted[code])) for code in wanted} == wanted
    for code, each in case["expect"].items():
        if "reason" in each:
            assert each["reason"] in " / ".join(reason.th for reason in evaluation.standing(code).reasons)
    if "blocked" in case:
        assert any(ranking.blocked for ranking in evaluation.rankings) is (case["blocked"] == "yes")
    if "order" in case:
        assert [line.entry for ranking in evaluation.rankings for line in ranking.standings] == case["order"]


def answers(case: Any, category: Category, evaluation: Evaluation, code: str, keys: list[str]) -> dict[str, Any]:
    """What the engine says on each point that the case asks about, as text."""
    standing = evaluation.standing(code)
    ranking = next(each for each in evaluation.rankings if standing in each.standings)
    return {key: _answer(case, category, ranking, standing, key, case["expect"][code][key]) for key in keys}


def _answer(case: Any, category: Category, ranking: Ranking, standing: Standing, key: str, wanted: Any) -> Any:
    if key in ("rank", "status", "tier", "decided_by", "members"):
        return _text(getattr(standing, key))
    if key in ("tied", "advances"):
        return "yes" if getattr(standing, key) else "no"
    if key in ("total", "spread"):
        value = getattr(standing, key)
        return "none" if value is None else shown(value, ranking.places)
    if key == "exact":
        return "none" if standing.total_exact is None else exact_text(standing.total_exact)
    if key in ("points", "combined", "member_totals", "indicators"):
        values = getattr(standing, key)
        return {path: plain(values[path]) if path in values else "none" for path in wanted}
    if key == "suggested":
        fields = build.entry("any", fields=case["entries"][standing.entry].get("fields")).fields
        suggestions = {path: suggested_mark(category, category.criterion(path), fields) for path in wanted}
        return {path: "none" if mark is None else plain(mark) for path, mark in suggestions.items()}
    raise AssertionError(f"a case asks for {key}, which no standing has")


def _text(value: object) -> str:
    return "none" if value is None else str(value)


# From the text of a case to rules ------------------------------------------------------------------------------------


def category_of(case: dict[str, Any]) -> Category:
    leaves = case.get("criteria", {"all": {"points": "100", "scale": "0 to 100 by 0.001", "worth": "as_points"}})
    panel = dict(case.get("panel", {}))
    if "drop" in panel:
        panel["drop"] = Drop(**{key: int(value) for key, value in panel["drop"].items()})
    panel["quorum"] = int(panel.get("quorum", "1"))
    rounding: dict[str, Any] = dict(case.get("rounding", {}))
    for key in ("combined", "points", "total"):
        if key in rounding:
            rounding[key] = _rounding(rounding[key])
    return build.category(
        *_tree(leaves),
        panel=build.panel(**panel),
        rounding=build.roundings(**rounding),
        ties=case.get("ties", ["resolution"]),
        floor=case.get("floor", "0"),
        ceiling=case.get("ceiling", "100"),
        fields=[build.number_field(code) for code in _field_codes(case)],
        adjustments=[_adjustment(code, spec) for code, spec in case.get("adjustments", {}).items()],
        indicators=[_indicator(code, spec) for code, spec in case.get("indicators", {}).items()],
        eligibility=[_eligibility(code, spec) for code, spec in case.get("eligibility", {}).items()],
        tiers=[_tier(code, spec) for code, spec in case.get("tiers", {}).items()],
    )


def _field_codes(case: dict[str, Any]) -> list[str]:
    """Every field that an entry of the case fills in: numbers of at most four decimals."""
    return sorted({code for spec in case["entries"].values() for code in spec.get("fields", {})})


def _tree(leaves: dict[str, Any], above: str = "") -> list[Criterion]:
    """Criteria from paths: `d1/a` and `d1/b` are parts of `d1`."""
    inside = {path: spec for path, spec in leaves.items() if path.startswith(above)}
    names = dict.fromkeys(above + path.removeprefix(above).partition("/")[0] for path in inside)
    return [
        _leaf(name, inside[name]) if name in inside else build.inner(name, *_tree(inside, f"{name}/")) for name in names
    ]


def _leaf(path: str, spec: dict[str, Any]) -> Criterion:
    if "items" in spec:
        return build.checklist(path, spec["items"])
    on = _bands(spec["bands"]) if "bands" in spec else None
    if "indicator" in spec:
        line = tuple(spec["line"]) if "line" in spec else None
        return build.measured(path, spec["points"], spec["indicator"], on=on, line=line)
    low, _, top, _, step = spec.get("scale", "0 to 5 by 1").split()
    suggest = Suggest(spec["suggest"], on) if on else None
    return build.marked(
        path, spec["points"], on=build.scale(low, top, step), worth=spec.get("worth", "share_of_top"), suggest=suggest
    )


def _bands(spec: dict[str, Any]) -> Any:
    beyond = "below" if "below" in spec else "above"
    return build.bands({"below": "higher", "above": "lower"}[beyond], spec["edges"], spec[beyond])


def _indicator(code: str, spec: dict[str, Any]) -> Any:
    ratio = tuple(spec["ratio"]) if "ratio" in spec else None
    return build.indicator(
        code,
        better=spec.get("better", "higher"),
        ratio=ratio,
        times=_number(spec.get("times", "100")),
        places=None if spec.get("round") == "none" else int(spec.get("round", "2")),
    )


def _adjustment(code: str, spec: dict[str, Any]) -> Adjustment:
    amount = _number(spec["add"]) if "add" in spec else -_number(spec["subtract"])
    per = ("field", spec["per"]) if "per" in spec else None
    when = _condition(spec["when"]) if "when" in spec else None
    at_most = _number(spec["at_most"]) if "at_most" in spec else None
    return Adjustment(code, build.words(code), amount, per, when, at_most)  # type: ignore[arg-type]


def _eligibility(code: str, spec: dict[str, Any]) -> Eligibility:
    return Eligibility(code, build.words(code), _condition(spec["require"]), spec["otherwise"])


def _condition(text: str) -> Condition:
    """`field findings at_most 0`, `criterion d1 at_least 15`, `total at_least 70`."""
    what, *code, compare, value = text.split()
    return Condition(what, "".join(code), compare, _number(value))  # type: ignore[arg-type]


def _tier(code: str, spec: dict[str, Any]) -> Tier:
    at_least = _number(spec["at_least"]) if "at_least" in spec else None
    return Tier(code, build.words(code), at_least, int(spec["rank_at_most"]) if "rank_at_most" in spec else None)


def _rounding(text: str) -> Rounding | None:
    if text == "none":
        return None
    places, mode = text.split()
    return Rounding(int(places), next(each for each in MODES if each == mode))


def _number(text: str) -> Number:
    return parse_number(text)


# From the text of a case to facts ------------------------------------------------------------------------------------


def facts_of(case: dict[str, Any]) -> Facts:
    entries, cards = [], {}
    for code, spec in case["entries"].items():
        where = {key: spec[key] for key in ("zone", "province", "region") if key in spec}
        entries.append(build.entry(code, fields=spec.get("fields"), state=spec.get("state", "presented"), **where))
        cards[code] = _cards(spec)
    resolutions = [
        Resolution("office", "final", each.get("group", ""), tuple(each["order"]), each["reason"])
        for each in case.get("resolutions", [])
    ]
    return build.facts(entries, cards, resolutions)


def _cards(spec: dict[str, Any]) -> list[Card]:
    marks = {
        member: given if isinstance(given, dict) else {"all": given} for member, given in spec.get("marks", {}).items()
    }
    out = {member: state for state in ("recused", "absent") for member in spec.get(state, [])}
    standing = [build.card(member, given) for member, given in marks.items() if member not in out]
    return standing + [build.card(member, marks.get(member), state=state) for member, state in out.items()]
