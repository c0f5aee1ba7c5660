"""The same facts by two rule sets: what of them the new rules can take, and who would move.

Facts are those of the old rules. An entry that the new rules cannot take is left out on both sides, with the reason,
so that every rank that is compared is a rank among the same entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scoring_rules.compare import paired_criteria
from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.exact import Number
from scoring_rules.fact_entries import GROUP_IN_THAI, problem_with_number
from scoring_rules.facts import Card, Entry, Facts, Resolution
from scoring_rules.marks import Sheet, mark_places, problem_with_mark
from scoring_rules.moves import Move, moves
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.results import Evaluation
from scoring_rules.rules import Category, RuleSet, Stage
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something in the facts that the new rules do not take. `left_out`: these entries are not compared for it."""

    says: Words
    entries: tuple[str, ...]
    left_out: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Who would move. `problems`: why nobody could be compared at all (`moves` is then empty)."""

    before: Evaluation | None
    after: Evaluation | None
    moves: tuple[Move, ...]
    unfit: tuple[Unfit, ...]
    problems: tuple[Problem, ...] = ()


def compare_results(
    old: RuleSet,
    new: RuleSet,
    facts: Facts,
    *,
    stage: str | None = None,
    category: str | None = None,
    earlier: EarlierResults | None = None,
) -> Compared:
    """Both rankings of one stage (`stage`, else the first), of `category` where it is named, and who differs.

    A first stage that has another code in the new rules is compared with their first. Raises FactsRefused where the
    facts do not fit the old rules; what does not fit the new ones is told, never raised.
    """
    stages = _stage_pair(old, new, stage)
    before = evaluate(old, facts, stage=stages[0].code, category=category, earlier=earlier)
    asked = replace(facts, entries=tuple(each for each in facts.entries if category in (None, each.category)))
    if stages[1] is None:
        label = stages[0].label
        says = Words(f"เกณฑ์ใหม่ไม่มีรอบ “{label.th}”", f"The new rules have no stage “{label.in_language('en')}”.")
        what = Words("เทียบผลของรอบนี้ไม่ได้", "Results of this stage cannot be compared.")
        return Compared(None, None, (), (), (Problem("--stage", 0, 0, "", "stage_unknown", says, what),))
    fit = _Fit(old, new, stages[1])
    for entry in asked.entries:
        fit.take(entry, facts.cards.get(entry.code, ()))
    before_facts, after_facts = fit.facts(asked, stages)
    unfit = tuple(fit.unfit())
    if not before_facts.entries:
        return Compared(None, None, (), unfit)
    kind = None if category not in {each.code for each in new.categories} else category
    if fit.out:
        left = _those(earlier, before_facts)
        before = evaluate(old, before_facts, stage=stages[0].code, category=category, earlier=left)
    try:
        after = evaluate(new, after_facts, stage=stages[1].code, category=kind, earlier=_those(earlier, after_facts))
    except FactsRefused as refused:
        return Compared(before, None, (), unfit, refused.problems)
    after = replace(after, rankings=tuple(replace(each, stage=stages[0].code) for each in after.rankings))
    return Compared(before, after, moves(before, after), unfit)


def _stage_pair(old: RuleSet, new: RuleSet, stage: str | None) -> tuple[Stage, Stage | None]:
    one = old.stages[0] if stage is None else old.stage(stage)
    same = next((each for each in new.stages if each.code == one.code), None)
    return one, new.stages[0] if same is None and one is old.stages[0] else same


def _those(earlier: EarlierResults | None, facts: Facts) -> EarlierResults | None:
    """What an earlier stage left of the entries that are compared."""
    if earlier is None:
        return None
    codes = {entry.code for entry in facts.entries}
    return {key: left for key, left in earlier.items() if key[1] in codes}


@dataclass(slots=True)
class _Fit:
    """The facts put on the new rules, entry by entry."""

    old: RuleSet
    new: RuleSet
    stage: Stage
    cards: dict[str, tuple[Card, ...]] = field(default_factory=dict)
    out: dict[str, None] = field(default_factory=dict)  # entries that are not compared
    found: dict[tuple[bool, Words], dict[str, None]] = field(default_factory=dict)  # (left out, why) -> entries
    ready: dict[str, "_Places"] = field(default_factory=dict)

    def take(self, entry: Entry, cards: Sequence[Card]) -> None:
        """Note what of the entry the new rules do not take."""
        kind = next((each for each in self.new.categories if each.code == entry.category), None)
        if kind is None:
            self._out(
                entry,
                Words(f"เกณฑ์ใหม่ไม่มีประเภท “{entry.category}”", f"The new rules have no category “{entry.category}”"),
            )
            return
        groups = self.stage.groups
        if groups != "none" and not entry.attributes.get(groups):
            self._out(
                entry,
                Words(
                    f"ข้อมูลไม่บอก{GROUP_IN_THAI[groups]} ซึ่งเกณฑ์ใหม่ใช้แบ่งกลุ่ม",
                    f"No {groups} is given, inside which the new rules rank",
                ),
            )
        self._fields(entry, kind)
        if kind.code not in self.ready:
            self.ready[kind.code] = _Places(self.old.category(kind.code), kind)
        self.cards[entry.code] = tuple(self._card(entry, card, self.ready[kind.code]) for card in cards)

    def _fields(self, entry: Entry, kind: Category) -> None:
        for code, value in entry.fields.items():
            declared = next((each for each in kind.fields if each.code == code), None)
            wrong = problem_with_number(declared, value) if declared is not None else None
            if wrong is not None:
                self._out(
                    entry,
                    Words(
                        f"ช่อง “{code}” ไม่เป็นไปตามเกณฑ์ใหม่: {wrong.remedy.th}",
                        f"The field “{code}” breaks the new rules: {wrong.remedy.en}",
                    ),
                )

    def _card(self, entry: Entry, card: Card, places: "_Places") -> Card:
        marks: dict[str, Number] = {}
        for path, mark in card.marks.items():
            place = places.now.get(path)
            if place is None:
                self._note(
                    entry,
                    Words(
                        f"เกณฑ์ใหม่ไม่มี “{path}” ให้คะแนน จึงไม่ใช้คะแนนเดิมของข้อนี้",
                        f"Nobody marks “{path}” in the new rules: its marks are not used",
                    ),
                )
            else:
                marks[place] = mark
        if card.state == "standing" and card.marks and places.added:
            listed = ", ".join(places.added)
            self._out(
                entry,
                Words(
                    f"เกณฑ์ใหม่มีข้อที่ยังไม่มีใครให้คะแนน: {listed}", f"Nobody has marked what the new rules ask for: {listed}"
                ),
            )
        _, refused = places.sheet.read(marks)
        for path in refused:
            why = problem_with_mark(places.kind, path, marks[path])
            if why is not None:
                self._out(entry, Words(f"“{path}”: {why.th}", f"“{path}”: {why.in_language('en')}"))
        return replace(card, marks=marks)

    def _out(self, entry: Entry, why: Words) -> None:
        self.out[entry.code] = None
        self.found.setdefault((True, why), {})[entry.code] = None

    def _note(self, entry: Entry, why: Words) -> None:
        self.found.setdefault((False, why), {})[entry.code] = None

    def facts(self, given: Facts, stages: tuple[Stage, Stage | None]) -> tuple[Facts, Facts]:
        """What is compared, as either rule set reads it."""
        entries = tuple(entry for entry in given.entries if entry.code not in self.out)
        codes = {entry.code: entry for entry in entries}
        kept = tuple(each for made in given.resolutions if (each := _among(made, codes)) is not None)
        cards = {code: given.cards[code] for code in codes if code in given.cards}
        fitting = []
        for each in kept:
            put = replace(each, stage=self.stage.code) if stages[0].code == each.stage else None
            if put is not None and all(_group(codes[code], self.stage) == put.group for code in put.order):
                fitting.append(put)
            else:
                self.found.setdefault((False, _no_resolution(each)), {}).update(dict.fromkeys(each.order))
        return Facts(entries, cards, kept), Facts(entries, {code: self.cards[code] for code in cards}, tuple(fitting))

    def unfit(self) -> Iterable[Unfit]:
        """What was noted, what leaves entries out first."""
        for (out, why), codes in sorted(self.found.items(), key=lambda pair: not pair[0][0]):
            yield Unfit(why, tuple(codes), out)


def _among(resolution: Resolution, codes: Mapping[str, Entry]) -> Resolution | None:
    """The committee's order among the entries that are compared; None where it decides nothing among them."""
    order = tuple(code for code in resolution.order if code in codes)
    return replace(resolution, order=order) if len(order) > 1 else None


def _group(entry: Entry, stage: Stage) -> str:
    return "" if stage.groups == "none" else entry.attributes.get(stage.groups, "")


def _no_resolution(resolution: Resolution) -> Words:
    where = f"{resolution.category}/{resolution.stage}/{resolution.group}"
    return Words(
        f"มติของ {where} ใช้กับเกณฑ์ใหม่ไม่ได้ จึงไม่ใช้",
        f"The resolution for {where} does not fit the new rules: it is not used",
    )


class _Places:
    """Where the marks of one category go in the new rules, and what those ask for that was never asked."""

    def __init__(self, old: Category, new: Category):
        self.kind, self.sheet = new, Sheet(new)
        taken, leaves = set(mark_places(new)), paired_criteria(old, new)
        self.now: dict[str, str] = {}
        for leaf in old.leaves:
            for place in mark_places(replace(old, criteria=(leaf,))):
                moved = leaves.get(leaf.path, leaf.path) + place.removeprefix(leaf.path)
                if moved in taken:
                    self.now[place] = moved
        self.added = tuple(place for place in mark_places(new) if place not in self.now.values())
