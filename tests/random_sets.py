"""Random rule files that use the whole vocabulary of docs/rules-format.md, as the text that the reader reads.

Everything is drawn from one `random.Random`, so that a seed makes the same file again. Sizes and scales are small, so
that ties, empty panels and halves come often. All of it is invented.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

from scoring_rules.exact import MODES
from scoring_rules.read_criteria import COMMENTS, WORTHS
from scoring_rules.read_fields import BETTER
from scoring_rules.read_panel import APPLIED_TO, COMBINES, COMPARES, OTHERWISE, POLICIES, RANK_ON
from scoring_rules.reader import BASES, ENTRANTS, GROUPS, LIMIT_PER

Written = dict[str, Any]  # a mapping of a rule file; numbers are texts

SCALES = [
    ("0", "5", "1"), ("1", "5", "1"), ("0", "10", "0.25"), ("-3", "3", "1"), ("0", "1", "1"), ("0", "3", "0.5"),
    ("1", "4", "0.5"), ("2.5", "7.5", "2.5"), ("0", "7", "1"), ("0", "0.75", "0.25"), ("0", "100", "10"),
    ("-1", "0", "0.2"), ("0", "10", "1"),
]  # fmt: skip
POINTS = ["1", "2", "3", "4", "5", "7.5", "10", "10", "12", "15", "20", "25", "33.3", "0.25"]
NUMBER_FIELDS = ("done", "planned", "days", "debt", "has_plan")


def often(chance: Random, percent: int) -> bool:
    """True so many times in a hundred."""
    return chance.randrange(100) >= 100 - percent


def some(chance: Random, things: Sequence[Any], most: int) -> list[Any]:
    """Up to `most` of the things, each once, in any order."""
    return chance.sample(list(things), chance.randint(0, min(most, len(things))))


def words(text: str) -> Written:
    """A label in both languages."""
    return {"th": f"{text} (สมมติ)", "en": f"{text} (invented)"}


def rule_text(chance: Random) -> str:
    """A rule file with one or two categories and one to three stages."""
    stages = _stages(chance)
    file: Written = {
        "format": "1",
        "id": "random-award/2564-r1",
        "award": words("รางวัล"),
        "short": words("ย่อ"),
        "cycle": "2564",
        "basis": chance.choice(BASES),
        "sources": [{"code": "s1", "what": words("คำสั่ง")}, {"code": "p", "what": words("ข้อเสนอ")}],
        "categories": [_category(chance, code) for code in ("office", "group")[: 2 if often(chance, 25) else 1]],
    }
    if stages:
        file["stages"] = stages
    return json.dumps(file, ensure_ascii=False, indent=1)


def _category(chance: Random, code: str) -> Written:
    indicators = _indicators(chance)
    criteria = _criteria(chance, indicators)
    paths = dict(_nodes(criteria))
    made: Written = {
        "code": code,
        "label": words(code),
        "entrant": chance.choice(ENTRANTS),
        "limit": {"entries": "3", "per": chance.choice(LIMIT_PER)},
        "fields": _fields(chance, list(paths)),
        "criteria": criteria,
        "panel": _panel(chance),
        "total": _total(chance, indicators, _full(criteria)),
        "rounding": _roundings(chance),
        "tie_breaks": _tie_breaks(chance, indicators, list(paths)),
        "clause": "s1 §1; p",
    }
    lists: Written = {
        "indicators": indicators,
        "eligibility": _eligibility(chance, indicators, paths, _full(criteria)),
        "tiers": _tiers(chance, _full(criteria)),
    }
    return made | {key: value for key, value in lists.items() if value}


# --- what entrants fill in ----------------------------------------------------------------------------------------


def _fields(chance: Random, paths: list[str]) -> list[Written]:
    def named(code: str, **limits: Any) -> Written:
        return {"code": code, "label": words(code), "required": "false", **limits}

    numbers = [
        named("done", type="integer", min="0", max="100"),
        named("planned", type="decimal", places="1", min="0"),
        named("days", type="integer", min="0", max="9"),
        named("debt", type="decimal", places="2"),
        named("has_plan", type="yes_no"),
    ]
    others = [
        named("title", type="text", max_chars="200", help=words("ชื่อสั้น")),
        named("story", type="long_text", max_words="300", part_of=chance.choice(paths)),
        named("counted_on", type="date", clause="p"),
        named("kind", type="choice", options=[{"code": "new", "label": words("ใหม่")}]),
        named("clip", type="link"),
        named("papers", type="files", accept=["pdf"], max_files="3", max_mb="20"),
        named("projects", type="table", max_rows="10", columns=[named("name", type="text", max_chars="99")]),
    ]
    return numbers + some(chance, others, 2)


def _indicators(chance: Random) -> list[Written]:
    made = []
    for code in some(chance, ("progress", "debt_rate", "plan", "lateness"), 3):
        one: Written = {"code": code, "label": words(code), "unit": "%", "better": chance.choice(BETTER)}
        if code == "progress":
            one["from"] = {"ratio": ["done", "planned"], "times": chance.choice(["100", "1", "33.3"])}
        else:
            one["from"] = {"field": {"debt_rate": "debt", "plan": "has_plan", "lateness": "days"}[code]}
        if code == "progress" or often(chance, 40):
            one["round"] = _rounding(chance, 2)
        if often(chance, 15):
            one |= {"rows": "district", "max": "100", "unit": words("ร้อยละ"), "clause": "p"}
        made.append(one)
    return made


def _edges(chance: Random, code: str) -> list[str]:
    """Ascending numbers where the values of an indicator lie."""
    lie = {"progress": range(0, 201, 25), "debt_rate": range(-5, 21), "plan": range(2), "lateness": range(10)}[code]
    return [str(edge) for edge in sorted(chance.sample(lie, min(len(lie), chance.randint(1, 4))))]


def _bands(chance: Random, indicator: Written, values: Sequence[str]) -> Written:
    pairs = [[edge, chance.choice(values)] for edge in _edges(chance, indicator["code"])]
    return {"bands": pairs, "below" if indicator["better"] == "higher" else "above": chance.choice(values)}


# --- criteria -----------------------------------------------------------------------------------------------------


def _criteria(chance: Random, indicators: list[Written]) -> list[Written]:
    return [_node(chance, f"c{number}", 1, indicators) for number in range(1, chance.randint(1, 3) + 1)]


def _node(chance: Random, code: str, depth: int, indicators: list[Written]) -> Written:
    if depth < 3 and often(chance, 30):
        parts = [_node(chance, f"p{number}", depth + 1, indicators) for number in range(1, chance.randint(1, 3) + 1)]
        return {"code": code, "label": words(code), "points": _full(parts), "parts": parts, "clause": "s1 §2"}
    leaf: Written = {"code": code, "label": words(code), "points": chance.choice(POINTS)}
    if often(chance, 15):
        leaf["evidence"] = ["done"]
    if indicators and often(chance, 30):
        return leaf | _measured(chance, chance.choice(indicators), leaf["points"])
    return leaf | (_ticked(chance) if often(chance, 15) else _marked(chance, leaf["points"], indicators))


def _marked(chance: Random, points: str, indicators: list[Written]) -> Written:
    low, top, step = chance.choice(SCALES)
    worth = chance.choice(WORTHS)
    if worth == "share_of_top" and Decimal(top) <= 0:
        worth = "share_of_range"
    made: Written = {"source": "marks", "scale": {"from": low, "to": top, "step": step}, "worth": worth}
    if worth == "as_points":
        if Decimal(top) > 0:
            made["points"] = top
        else:
            made |= {"points": "2", "scale": {"from": "-2", "to": "2", "step": "0.5"}}
    on = marks_on(made["scale"])
    if often(chance, 20):
        made["levels"] = [{"at": on[0], "text": words("ต่ำ")}, {"at": on[-1], "text": words("สูง")}]
    if often(chance, 25):
        made["comment"] = chance.choice(COMMENTS[:3])
    if indicators and often(chance, 20):
        chosen = chance.choice(indicators)
        made["suggest"] = {"indicator": chosen["code"], **_bands(chance, chosen, on)}
        made["comment"] = COMMENTS[3]
    return made


def marks_on(scale: Written) -> list[str]:
    """Every mark of a scale as written, the lowest first."""
    low, top, step = (Decimal(scale[key]) for key in ("from", "to", "step"))
    return [str(low + step * number) for number in range(int((top - low) / step) + 1)]


def _measured(chance: Random, indicator: Written, points: str) -> Written:
    made: Written = {"source": "indicator", "indicator": indicator["code"]}
    if often(chance, 50):
        return made | _bands(chance, indicator, ["0", str(Decimal(points) / 2), points])
    ends = ["0", "5"] if often(chance, 50) else ["-1.5", "12"]
    zero, full = ends if indicator["better"] == "higher" else reversed(ends)
    return made | {"linear": {"zero_at": zero, "full_at": full}}


def _ticked(chance: Random) -> Written:
    items = [
        {"code": f"t{number}", "label": words("รายการ"), "points": chance.choice(POINTS[:6])}
        for number in range(1, chance.randint(1, 3) + 1)
    ]
    return {"source": "checklist", "items": items, "points": _full(items)}


def _full(nodes: list[Written]) -> str:
    return str(sum(Decimal(node["points"]) for node in nodes))


def _nodes(criteria: list[Written], above: str = "") -> list[tuple[str, Written]]:
    found = []
    for node in criteria:
        found.append((above + node["code"], node))
        found += _nodes(node.get("parts", []), f"{above}{node['code']}/")
    return found


# --- from members to ranks ----------------------------------------------------------------------------------------


def _panel(chance: Random) -> Written:
    made: Written = {
        "combine": chance.choice(COMBINES),
        "applied_to": chance.choice(APPLIED_TO),
        "quorum": str(chance.choice([1, 1, 1, 2, 2, 3])),
        "missing": {key: chance.choice(POLICIES) for key in ("recused", "absent", "blank")},
    }
    if made["combine"] == "trimmed_mean":
        high, low = chance.choice([(1, 1), (1, 0), (0, 1), (2, 2), (1, 2), (0, 0)])
        least = high + low + chance.randint(1, 2)
        made["drop"] = {"high": str(high), "low": str(low), "when_at_least": str(least)}
    if often(chance, 25):
        made |= {"spread_alert": "5", "clause": "p"}
    return made


def _rounding(chance: Random, most: int = 4) -> Written:
    return {"places": str(chance.randint(0, most)), "mode": chance.choice(MODES)}


def _roundings(chance: Random) -> Written:
    made: Written = {
        stage: _rounding(chance) if often(chance, percent) else "none"
        for stage, percent in (("combined", 35), ("points", 35), ("total", 80))
    }
    return made | {"rank_on": chance.choice(RANK_ON)}


def _looked_at(chance: Random, indicators: list[Written]) -> tuple[Written, list[str]]:
    """A number field or an indicator, and numbers to compare it with."""
    codes = [one["code"] for one in indicators]
    if codes and often(chance, 50):
        code = chance.choice(codes)
        return {"indicator": code}, _edges(chance, code)
    code = chance.choice(NUMBER_FIELDS)
    return {"field": code}, ["0", "1"] if code == "has_plan" else ["0", "1", "2", "4"]


def _compared(chance: Random, values: Sequence[str]) -> Written:
    return {chance.choice([*COMPARES, "at_least", "at_most"]): chance.choice(values)}


def _total(chance: Random, indicators: list[Written], full: str) -> Written:
    changes: list[Written] = []
    for number in range(chance.choice([0, 0, 1, 1, 2, 3])):
        what, values = _looked_at(chance, indicators)
        one: Written = {"code": f"a{number}", "label": words("ปรับ")}
        one[chance.choice(["add", "subtract"])] = chance.choice(["1", "0.5", "2", "0.125"])
        if often(chance, 50):
            one["when"] = what | _compared(chance, values)
        else:
            one["per"] = what
            if often(chance, 50):
                one["at_most"] = chance.choice(["1", "2.5"])
        changes.append(one)
    most = Decimal(full)
    made: Written = {
        "floor": str(chance.choice([Decimal(0), Decimal(-100), most / 4])),
        "ceiling": str(chance.choice([most, most + 5, most * 100, most * 3 / 4])),
    }
    return made | ({"adjustments": changes} if changes else {})


def _eligibility(chance: Random, indicators: list[Written], paths: Written, full: str) -> list[Written]:
    made: list[Written] = []
    for number in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
        kind = chance.choice(["measured", "criterion", "total"])
        if kind == "measured":
            what, values = _looked_at(chance, indicators)
        elif kind == "criterion":
            path = chance.choice(list(paths))
            what, values = {"criterion": path}, ["0", str(Decimal(paths[path]["points"]) / 2)]
        else:
            what, values = {"total": "ranked"}, ["0", str(Decimal(full) / 2)]
        require = what | _compared(chance, values)
        one = {
            "code": f"e{number}",
            "label": words("เงื่อนไข"),
            "require": require,
            "otherwise": chance.choice(OTHERWISE),
        }
        made.append(one)
    return made


def _tie_breaks(chance: Random, indicators: list[Written], paths: list[str]) -> list[Written]:
    rules: list[Written] = [{"by": by} for by in ("pairwise", "median", "spread")]
    rules += [{"by": "criterion", "code": path, "clause": "p"} for path in some(chance, paths, 1)]
    rules += [{"by": "indicator", "code": one["code"]} for one in some(chance, indicators, 1)]
    return [*some(chance, rules, 3), {"by": chance.choice(["resolution", "share"])}]


def _tiers(chance: Random, full: str) -> list[Written]:
    """Up to four, none of them out of reach behind an earlier one; the last may take all the rest."""
    least, most, made = Decimal(full), 0, []
    for number in range(chance.choice([0, 0, 1, 2, 3, 4])):
        least, most = least * 3 / 4, most + chance.randint(1, 2)
        kind = chance.choice(["at_least", "rank", "both"])
        one: Written = {"code": f"tier{number}", "label": words("ระดับ")}
        if kind != "rank":
            one["at_least"] = str(least.quantize(Decimal("0.01")))
        if kind != "at_least":
            one["rank_at_most"] = str(most)
        if often(chance, 30):
            one |= {"reward": words("โล่"), "clause": "p"}
        made.append(one)
    if made and often(chance, 50):
        made.append({"code": "rest", "label": words("เข้าร่วม")})
    return made


def _stages(chance: Random) -> list[Written]:
    """None (one stage over all entries), or up to three; a later one may carry from any before it."""
    if often(chance, 40):
        return []
    made: list[Written] = []
    for number in range(chance.randint(1, 3)):
        one: Written = {"code": f"s{number}", "label": words("รอบ"), "groups": chance.choice(GROUPS)}
        if often(chance, 60):
            one["advance"] = {"take": str(chance.randint(1, 4))}
        if made and often(chance, 60):
            carried, share = chance.choice(made)["code"], chance.choice(["0", "0.3", "0.5", "1"])
            one["carries"] = {"stage": carried, "share": share}
        made.append(one)
    return made
