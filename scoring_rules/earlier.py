"""An earlier stage's `ranking.json` read back: what a later stage carries from it, or every reason why it cannot."""

import json
from collections.abc import Iterator
from typing import Any

from scoring_rules.engine import Earlier, EarlierResults
from scoring_rules.exact import NotANumber, parse_exact
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

_AGAIN = Words("จัดอันดับรอบก่อนใหม่ด้วยเกณฑ์ชุดนี้ แล้วใช้ไฟล์นั้น", "Rank the earlier stage again by these rules and use that file.")
_NOT_OURS = Words("ใช้ไฟล์ที่ได้จาก award rank --json โดยไม่แก้ไข", "Use a file as `award rank --json` wrote it.")


def read_earlier(text: str, *, name: str, rules: RuleSet) -> EarlierResults:
    """Totals and who advances by (stage, entry). `name` is how problems call the file. Raises FactsRefused.

    Refused: text that is not such a file, one made by other rules, and a ranking that still waits for the
    committee's decision (who goes on is not known yet).
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        says = Words("ไม่ใช่ไฟล์ JSON", f"This is not JSON ({error.msg}).")
        place = (name, error.lineno, error.colno, "")
        raise FactsRefused([Problem(*place, "earlier_not_json", says, _NOT_OURS)]) from None
    except RecursionError:
        raise FactsRefused([_problem(name, "", "earlier_not_json", Words("ไม่ใช่ผลการจัดอันดับ", "No ranking."))]) from None
    results: dict[tuple[str, str], Earlier] = {}
    problems = list(_problems(data, name=name, rules=rules, results=results))
    if problems:
        raise FactsRefused(problems)
    return results


def _problem(name: str, path: str, code: str, says: Words, remedy: Words = _NOT_OURS) -> Problem:
    return Problem(name, 0, 0, path, code, says, remedy)


def _problems(data: Any, *, name: str, rules: RuleSet, results: dict[tuple[str, str], Earlier]) -> Iterator[Problem]:
    """Fill `results`, and yield what is wrong."""
    if not isinstance(data, dict) or data.get("format") != 1 or not isinstance(data.get("rankings"), list):
        yield _problem(
            name, "", "earlier_not_a_ranking", Words("ไม่ใช่ผลการจัดอันดับรูปแบบ 1", "This is no ranking of format 1.")
        )
        return
    if data.get("rule_set") != {"id": rules.id, "sha256": rules.sha256}:
        says = Words(f"ไม่ได้มาจากเกณฑ์ {rules.id} ฉบับนี้", f"It was not made by this very file of {rules.id}.")
        yield _problem(name, "rule_set", "earlier_other_rules", says, _AGAIN)
        return
    stages = {stage.code for stage in rules.stages}
    for number, ranking in enumerate(data["rankings"]):
        path = f"rankings[{number}]"
        if not isinstance(ranking, dict) or ranking.get("stage") not in stages:
            yield _problem(name, path, "earlier_damaged", Words("ไม่บอกรอบ", "It names no stage of the rules."))
            continue
        if ranking.get("blocked") is not False:
            says = Words(
                f"{ranking['stage']} {ranking.get('category')} {ranking.get('group')}: คะแนนเท่ากันยังรอมติคณะกรรมการ",
                f"{ranking['stage']} {ranking.get('category')} {ranking.get('group')}: a tie waits for the committee.",
            )
            remedy = Words(
                "บันทึกมติ จัดอันดับรอบก่อนใหม่ แล้วใช้ไฟล์นั้น", "Record the decision, rank that stage again, use that file."
            )
            yield _problem(name, path, "earlier_blocked", says, remedy)
            continue
        standings = ranking.get("standings")
        for place, standing in enumerate(standings if isinstance(standings, list) else [None]):
            try:
                key = (ranking["stage"], standing["entry"])
                total, advances = standing["total_exact"], standing["advances"]
                if key in results or not isinstance(key[1], str) or not isinstance(advances, bool):
                    raise ValueError
                results[key] = Earlier(None if total is None else parse_exact(total), advances)
            except (KeyError, TypeError, AttributeError, NotANumber, ValueError):
                says = Words("อ่านรายการนี้ไม่ได้ หรือซ้ำ", "This standing cannot be read, or is there twice.")
                yield _problem(name, f"{path}.standings[{place}]", "earlier_damaged", says)
