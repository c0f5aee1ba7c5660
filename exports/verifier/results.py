"""results.json against what was computed here, standing by standing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from exports.verifier.amounts import exact, exact_text, shown
from exports.verifier.ranks import Earlier, Left, Ranking
from exports.verifier.rules import Rules
from exports.verifier.said import Said, brief, fail
from exports.verifier.totals import Line


def standing_of(line: Line, places: int) -> dict[str, Any]:
    """What results.json must state of a line (its reasons are words, and are not computed here)."""

    def text(value: Fraction | None) -> str | None:
        return None if value is None else shown(value, places)

    return {
        "entry": line.entry,
        "label": line.label,
        "status": line.status,
        "rank": line.rank,
        "tied": line.tied,
        "total": text(line.total),
        "total_exact": None if line.total_exact is None else exact_text(line.total_exact),
        "tier": line.tier,
        "advances": line.advances,
        "decided_by": line.decided_by,
        "members": line.members,
        "spread": text(line.spread),
        "points": {path: shown(value, 6) for path, value in line.points.items()},
        "combined": {path: shown(value, 6) for path, value in line.combined.items()},
        "member_totals": {member: text(value) for member, value in line.member_totals.items()},
    }


def check_results(results: Any, computed: Sequence[Ranking], *, header: Mapping[str, Any]) -> Said:
    """Every ranking and every number of results.json is the one computed. Raises Failed with both values."""
    if not isinstance(results, dict) or not isinstance(results.get("rankings"), list):
        fail("results.json: ไม่ใช่ผลการจัดอันดับ", "results.json: this is no ranking")
    for key, value in header.items():
        if results.get(key) != value:
            fail(
                f"results.json: {key} เป็น {brief(results.get(key))} ต้องเป็น {brief(value)}",
                f"results.json: {key} is {brief(results.get(key))}, it must be {brief(value)}",
            )
    unknown = results.keys() - header.keys() - {"rankings"}
    if unknown:
        fail(f"results.json: ช่องเกิน {brief(min(unknown))}", f"results.json: unknown key {brief(min(unknown))}")
    if len(results["rankings"]) != len(computed):
        fail(
            f"results.json: มี {len(results['rankings'])} กลุ่ม คำนวณได้ {len(computed)}",
            f"results.json: {len(results['rankings'])} rankings, computed {len(computed)}",
        )
    numbers = standings = 0
    for number, (stated, ranking) in enumerate(zip(results["rankings"], computed)):  # noqa: B905 - same length
        numbers += _check_ranking(stated, ranking, f"rankings[{number}]")
        standings += len(ranking.lines)
    return Said(
        f"คำนวณใหม่ {len(computed)} กลุ่ม {standings} ผลงาน ตรงกับ results.json ทั้ง {numbers} ค่า (ไม่เทียบคำอธิบายเหตุผล)",
        f"{len(computed)} rankings with {standings} standings computed again: all {numbers} values of results.json"
        " agree (the reasons, which are words, are not compared)",
    )


def _check_ranking(stated: Any, ranking: Ranking, where: str) -> int:
    wanted = {
        "category": ranking.category.code,
        "stage": ranking.stage.code,
        "group": ranking.group,
        "blocked": ranking.blocked,
    }
    if not isinstance(stated, dict) or stated.keys() != {*wanted, "standings"} or type(stated["standings"]) is not list:
        fail(f"results.json {where}: ช่องไม่ครบหรือเกิน", f"results.json {where}: keys are missing or too many")
    for key, value in wanted.items():
        _check(stated[key], value, f"{where} {key}")
    lines = [standing_of(line, ranking.category.places) for line in ranking.lines]
    entries = [each.get("entry") if isinstance(each, dict) else None for each in stated["standings"]]
    in_group = f"{ranking.category.code}/{ranking.group}" if ranking.group else ranking.category.code
    for place, line in enumerate(lines):
        found = entries[place] if place < len(entries) else None
        _check(found, line["entry"], f"{in_group} #{place + 1} entry")
    if len(entries) != len(lines):
        fail(
            f"results.json {in_group}: มี {len(entries)} ผลงาน คำนวณได้ {len(lines)}",
            f"results.json {in_group}: {len(entries)} standings, computed {len(lines)}",
        )
    count = len(wanted)
    for found_line, line in zip(stated["standings"], lines):  # noqa: B905 - same length
        if found_line.keys() != {*line, "reasons"}:
            fail(
                f"results.json {line['entry']}: ช่องไม่ครบหรือเกิน",
                f"results.json {line['entry']}: keys are missing or too many",
            )
        for key, value in line.items():
            for name, found, computed in _pairs(key, found_line[key], value):
                _check(found, computed, f"{line['entry']} {name}")
                count += 1
    return count


def _pairs(key: str, found: Any, computed: Any) -> Iterator[tuple[str, Any, Any]]:
    if not isinstance(computed, dict) or not isinstance(found, dict):
        yield key, found, computed
        return
    for name in sorted(found.keys() | computed.keys()):
        yield f"{key}.{name}", found.get(name), computed.get(name)


def _check(found: Any, computed: Any, where: str) -> None:
    if found != computed or type(found) is not type(computed):
        fail(
            f"results.json {where}: เขียนไว้ {brief(found)} แต่คำนวณได้ {brief(computed)}",
            f"results.json {where}: it says {brief(found)}, computed {brief(computed)}",
        )


def read_earlier(results: Any, rules: Rules, *, sha256: str) -> Earlier:
    """What the earlier stage's results leave to this one. Raises Failed."""
    found: dict[tuple[str, str], Left] = {}
    try:
        if results["rule_set"] != {"id": rules.id, "sha256": sha256}:
            fail("earlier-results.json: เป็นผลของเกณฑ์อื่น", "earlier-results.json: it was made by other rules")
        for ranking in results["rankings"]:
            if ranking["blocked"] is not False:
                fail("earlier-results.json: ยังมีคะแนนเท่ากันที่รอมติ", "earlier-results.json: a tie in it still waits")
            for standing in ranking["standings"]:
                total = standing["total_exact"]
                left = Left(None if total is None else exact(total), standing["advances"] is True)
                found[str(ranking["stage"]), str(standing["entry"])] = left
    except (KeyError, TypeError) as error:
        fail(f"earlier-results.json: อ่านไม่ได้ ({error!r})", f"earlier-results.json: it cannot be read ({error!r})")
    return found
