"""Every word of the rule vocabulary with its three readings: the engine's exact value, the sentence that explains it,
and the formula of the audit sheet. Each is shown on one small invented contest, by the code that serves real ones."""

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from exports.audit.columns import Column
from exports.audit.lines import Line
from exports.audit.sheet import Audit
from exports.material import Material, Provenance
from exports.workbook import Book, Formula, letter_of
from scoring_rules.engine import Earlier, EarlierResults, evaluate
from scoring_rules.exact import Number, parse_number, plain
from scoring_rules.facts import Card, CardState, Entry, Facts, Resolution
from scoring_rules.reader import read_rules
from scoring_rules.results import Step
from scoring_rules.rules import RuleSet
from scoring_rules.sentences import sentence

Change = Callable[[dict[str, Any]], object]
HALF_UP = {"places": "2", "mode": "half_up"}
INVENTED = Provenance(None, "file", datetime(2021, 7, 19, tzinfo=UTC), "-", True)

MARKED = {
    "code": "work", "label": {"th": "ผลงาน", "en": "Work"}, "points": "20", "source": "marks",
    "scale": {"from": "1", "to": "5", "step": "0.5"}, "worth": "share_of_top",
}  # fmt: skip
MEASURED = {
    "code": "reach", "label": {"th": "ความครอบคลุม", "en": "Reach"}, "points": "10", "source": "indicator",
    "indicator": "rate", "linear": {"zero_at": "20", "full_at": "95"},
}  # fmt: skip
CATEGORY: dict[str, Any] = {
    "code": "office", "label": {"th": "สำนักงาน", "en": "Office"}, "entrant": "other",
    "limit": {"entries": "1", "per": "cycle"},
    "fields": [
        {"code": code, "label": {"th": th, "en": en}, "type": "integer", "required": "true"}
        for code, th, en in (("done", "ทำแล้ว", "Done"), ("all", "ทั้งหมด", "All"), ("late", "วันที่ล่าช้า", "Days late"))
    ],
    "indicators": [{
        "code": "rate", "label": {"th": "อัตรา", "en": "Rate"}, "unit": "%", "better": "higher",
        "from": {"ratio": ["done", "all"], "times": "100"}, "round": HALF_UP,
    }],
    "criteria": [MARKED, MEASURED],
    "panel": {
        "combine": "mean", "applied_to": "marks", "quorum": "1",
        "missing": {"recused": "leave_out", "absent": "leave_out", "blank": "refuse"},
    },
    "total": {"floor": "0", "ceiling": "100"},
    "rounding": {"combined": "none", "points": "none", "total": HALF_UP, "rank_on": "rounded"},
    "tie_breaks": [{"by": "resolution"}],
    "tiers": [{"code": "good", "label": {"th": "ดีเด่น", "en": "Outstanding"}, "at_least": "15"}],
}  # fmt: skip
LATE = {"code": "late", "label": {"th": "ส่งช้า", "en": "Late"}}
MARKS = {"a": ("4", "4.5", "5", "2", "4"), "b": ("4.5", "4", "4.5", "3.5", "2.5"), "c": ("2", "3", "1.5", "2.5", "3")}
FIELDS = {"a": (13, 20, 3), "b": (136, 200, 3), "c": (19, 20, 0)}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, the rules that use it, and where its readings are: the step it makes and its column on the audit
    sheet. `entry` is the one looked at; `recused` is the state of its fifth member."""

    family: str
    word: str
    change: Change
    operation: str
    column: str
    entry: str = "a"
    recused: CardState = "standing"


@dataclass(frozen=True, slots=True)
class Readings:
    """What one word does to one entry: value, sentences, formula."""

    word: Word
    value: str
    th: str
    en: str
    formula: str


def _panel(**changes: object) -> Change:
    return lambda category: category["panel"].update(changes)


def _mark(**changes: object) -> Change:
    return lambda category: category["criteria"][0].update(changes)


def _bands(**changes: object) -> Change:
    def change(category: dict[str, Any]) -> None:
        del category["criteria"][1]["linear"]
        category["criteria"][1].update(changes)

    return change


def _lower(category: dict[str, Any]) -> None:
    category["indicators"][0]["better"] = "lower"
    _bands(bands=[["70", "8"], ["90", "4"]], above="0")(category)


def _checklist(category: dict[str, Any]) -> None:
    leaf = category["criteria"][0]
    for key in ("scale", "worth"):
        del leaf[key]
    items = [("web", "เผยแพร่", "Published", "15"), ("board", "ติดประกาศ", "Posted", "5")]
    ticks = [{"code": code, "label": {"th": th, "en": en}, "points": points} for code, th, en, points in items]
    leaf |= {"source": "checklist", "items": ticks}


def _rounded(mode: str) -> Change:
    return lambda category: category["rounding"].update(combined={"places": "1", "mode": mode})


def _adjusted(**rule: object) -> Change:
    return lambda category: category["total"].update(adjustments=[{**LATE, **rule}])


def _compared(how: str) -> Change:
    return _adjusted(when={"field": "late", how: "3"}, add="2")


def _recused(policy: str) -> Change:
    return _panel(missing={"recused": policy, "absent": "leave_out", "blank": "refuse"})


def _total(**changes: str) -> Change:
    return lambda category: category["total"].update(changes)


def _eligible(otherwise: str) -> Change:
    rule = {**LATE, "require": {"field": "late", "at_most": "2"}, "otherwise": otherwise}
    return lambda category: category.update(eligibility=[rule])


def _ties(*rules: dict[str, str]) -> Change:
    return lambda category: category.update(tie_breaks=list(rules))


def _tier(**conditions: str) -> Change:
    return lambda category: category["tiers"][0].update(conditions)


DROP = {"high": "1", "low": "1", "when_at_least": "5"}
WHEN = {"field": "late", "at_least": "3"}
WORDS: tuple[Word, ...] = (
    Word("combine", "mean", _panel(combine="mean"), "combine", "combined:work"),
    Word("combine", "median", _panel(combine="median"), "combine", "combined:work"),
    Word("combine", "sum", _panel(combine="sum"), "combine", "combined:work", recused="recused"),
    Word("combine", "trimmed_mean", _panel(combine="trimmed_mean", drop=DROP), "combine", "combined:work"),
    Word("applied_to", "marks", _panel(applied_to="marks"), "total", "sum"),
    Word("applied_to", "totals", _panel(applied_to="totals"), "combine", "sum"),
    Word("missing", "leave_out", _panel(), "combine", "combined:work", recused="recused"),
    Word("missing", "lowest", _recused("lowest"), "combine", "combined:work", recused="recused"),
    Word("missing", "refuse", _recused("refuse"), "place", "ok", recused="recused"),
    Word("worth", "share_of_top", _mark(), "worth", "points:work"),
    Word("worth", "share_of_range", _mark(worth="share_of_range"), "worth", "points:work"),
    Word("worth", "as_points", _mark(worth="as_points", points="5"), "worth", "points:work"),
    Word("source", "marks", _mark(), "combine", "combined:work"),
    Word("source", "checklist", _checklist, "combine", "combined:work"),
    Word("source", "indicator", _mark(), "linear", "points:reach"),
    Word("bands", "higher", _bands(bands=[["50", "4"], ["65", "8"]], below="0"), "bands", "measured:reach"),
    Word("bands", "lower", _lower, "bands", "measured:reach"),
    Word("rounding", "half_up", _rounded("half_up"), "rounding", "combined:work", "c", "recused"),
    Word("rounding", "half_even", _rounded("half_even"), "rounding", "combined:work", "c", "recused"),
    Word("rounding", "down", _rounded("down"), "rounding", "combined:work", "c", "recused"),
    Word("adjustments", "per", _adjusted(per={"field": "late"}, subtract="0.5"), "adjustment", "adjustment:late"),
    Word("adjustments", "when", _adjusted(when=WHEN, add="2"), "adjustment", "adjustment:late"),
    Word("adjustments", "subtract", _adjusted(when=WHEN, subtract="2"), "adjustment", "adjustment:late"),
    Word("adjustments", "add", _adjusted(per={"field": "late"}, add="0.25"), "adjustment", "adjustment:late"),
    Word("compare", "at_least", _compared("at_least"), "adjustment", "adjustment:late"),
    Word("compare", "at_most", _compared("at_most"), "adjustment", "adjustment:late"),
    Word("compare", "equals", _compared("equals"), "adjustment", "adjustment:late"),
    Word("total", "floor", _total(floor="25"), "floor", "exact"),
    Word("total", "ceiling", _total(ceiling="12"), "ceiling", "exact"),
    Word("rank_on", "rounded", lambda category: category["rounding"].update(rank_on="rounded"), "place", "key"),
    Word("rank_on", "exact", lambda category: category["rounding"].update(rank_on="exact"), "place", "key"),
    Word("otherwise", "not_eligible", _eligible("not_eligible"), "eligibility", "status0"),
    Word("otherwise", "not_placed", _eligible("not_placed"), "eligibility", "status0"),
    Word("tie_breaks", "criterion", _ties({"by": "criterion", "code": "reach"}, {"by": "share"}), "tie", "tie1"),
    Word("tie_breaks", "indicator", _ties({"by": "indicator", "code": "rate"}, {"by": "share"}), "tie", "tie1"),
    Word("tie_breaks", "pairwise", _ties({"by": "pairwise"}, {"by": "share"}), "tie", "tie1"),
    Word("tie_breaks", "median", _ties({"by": "median"}, {"by": "share"}), "tie", "tie1"),
    Word("tie_breaks", "spread", _ties({"by": "spread"}, {"by": "share"}), "tie", "tie1"),
    Word("tie_breaks", "resolution", _ties({"by": "resolution"}), "tie", "tie1"),
    Word("tie_breaks", "share", _ties({"by": "share"}), "tie", "rank"),
    Word("tiers", "at_least", _tier(at_least="20"), "tier", "tier"),
    Word("tiers", "rank_at_most", _tier(rank_at_most="2"), "tier", "tier"),
    Word("stages", "advance", _mark(), "place", "advances"),
    Word("stages", "carries", _mark(), "carry", "exact"),
)  # fmt: skip


def contest_of(word: Word) -> tuple[RuleSet, Facts, str, EarlierResults | None]:
    """Rules that use the word, facts, stage, and what an earlier stage left: what `evaluate` is asked."""
    category = deepcopy(CATEGORY)
    word.change(category)
    named = {"th": "คำในเกณฑ์", "en": "A word of the rules"}
    data = {
        "format": "1", "id": "vocabulary/2564-r1", "award": named, "short": named, "cycle": "2564", "basis": "proposed",
        "sources": [{"code": "p", "what": {"th": "ข้อมูลสมมติ", "en": "Invented"}}], "categories": [category],
        "stages": [
            {"code": "first", "label": {"th": "รอบแรก", "en": "First"}, "groups": "none", "advance": {"take": "2"}},
            {"code": "last", "label": {"th": "รอบสุดท้าย", "en": "Last"}, "groups": "none",
             "carries": {"stage": "first", "share": "0.4"}},
        ],
    }  # fmt: skip
    rules = read_rules(json.dumps(data, ensure_ascii=False).encode(), file="vocabulary.yaml")
    entries = tuple(
        Entry(code, "office", f"ผลงาน {code}", fields=dict(zip(("done", "all", "late"), FIELDS[code], strict=True)))
        for code in MARKS
    )
    cards = {code: tuple(_cards(code, word)) for code in MARKS}
    if word.word != "carries":
        decided = (Resolution("office", "first", "", ("b", "a"), "มติ"),) if word.word == "resolution" else ()
        return rules, Facts(entries, cards, decided), "first", None
    earlier = {("first", code): Earlier(total, True) for code, total in (("a", 18), ("b", 17), ("c", 25))}
    return rules, Facts(entries, cards), "last", earlier


def _cards(entry: str, word: Word) -> Iterator[Card]:
    for number, mark in enumerate(MARKS[entry]):
        marks: dict[str, Number] = {"work": parse_number(mark)}
        if word.word == "checklist":
            marks = {"work/web": int(number < 4), "work/board": number % 2}
        state = word.recused if number == 4 and entry == word.entry else "standing"
        yield Card(f"m{number + 1}", state, marks if state == "standing" else {})


def readings(word: Word) -> Readings:
    """The three readings of one word. Raises KeyError where one is missing."""
    rules, facts, stage, earlier = contest_of(word)
    evaluation = evaluate(rules, facts, stage=stage, earlier=earlier)
    material = Material(rules, facts, evaluation, rules.stage(stage), INVENTED)
    with Book(title="", made_by="", made_at=INVENTED.made_at) as book:
        audit = Audit(book, material, rules.categories[0], {}, {})
        line, column = audit.at[word.entry], _column(audit, word.column)
        step = _step(word, line)
        cell = column.cell(line)
        if not isinstance(cell, Formula):
            raise KeyError(f"{word.family} {word.word}: no formula in {word.column}")
        value = column.value(line)
        shown = plain(value) if isinstance(value, Number) else plain(step.value) if step.value is not None else "-"
        return Readings(word, shown, sentence(step, "th"), sentence(step, "en"), cell.text)


def _column(audit: Audit, key: str) -> Column:
    letter = audit.columns[key].letter
    return next(column for number, column in enumerate(audit.columns, 1) if letter_of(number) == letter)


def _step(word: Word, line: Line) -> Step:
    """The step of the word's operation that its column is about; of several tie-breaks, the first."""
    path = word.column.partition(":")[2]
    for key in (path, f"combined {path}"):
        if (word.operation, key) in line.steps:
            return line.steps[word.operation, key]
    for step in line.standing.step.walk():
        if step.operation == word.operation:
            return step
    raise KeyError(f"{word.family} {word.word}: no step {word.operation}")


def all_readings(words: Sequence[Word] = WORDS) -> Iterator[Readings]:
    """The readings of every word, in order."""
    return map(readings, words)
