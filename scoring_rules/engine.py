"""evaluate(rules, facts): the one official path from marks to ranks. Pure: the same input gives the same output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring_rules.exact import Number
from scoring_rules.facts import Entry, Facts
from scoring_rules.fit import problem, problem_of_mark, problems_with
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.ranking import rank
from scoring_rules.results import Evaluation, Ranking
from scoring_rules.rules import Carries, Category, RuleSet, Stage
from scoring_rules.totals import Carry, Tally, Totaller
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier stage left of one entry."""

    total_exact: Number | None
    advances: bool


EarlierResults = Mapping[tuple[str, str], Earlier]  # (stage, entry)


def evaluate(
    rules: RuleSet,
    facts: Facts,
    *,
    stage: str | None = None,
    category: str | None = None,
    earlier: EarlierResults | None = None,
) -> Evaluation:
    """Rankings of every group, categories and stages in file order, groups in order (numbers by size).

    `facts` are those of one stage: of `stage`, else of the first. Without `stage` every stage is listed; the later
    ones have no marks yet, so their entries are `incomplete`. A later stage lists the entries that advanced from the
    stage before it (all that it listed, where that stage names no `advance`), known from `earlier` or from this call.
    A later stage asked alone without `earlier` takes the entries of `facts` as those that advanced.

    Raises FactsRefused with every problem found: entries, cards, marks or resolutions that do not fit the rules, an
    unknown stage or category, or a stage that carries an earlier total which is not given.
    """
    stages, categories = _asked(rules, stage, category)
    now = stages[0]  # the stage that the facts are of
    problems = problems_with(rules, facts, stages)
    if now is not rules.stages[0]:
        problems += _of_earlier(rules, facts, now, earlier, whole=category is None)
    if problems:
        raise FactsRefused(problems)

    results = dict(earlier or {}) if stage is not None else {}
    rankings: list[Ranking] = []
    for each in stages:
        for kind in categories:
            entries = [entry for entry in facts.entries if entry.category == kind.code]
            if each is not rules.stages[0] and (each is not now or earlier is not None):
                entries = _advanced(rules, each, entries, results)
            if each is now:
                tallies = _tallies(kind, each, entries, facts, results, problems)
            else:
                tallies = [_not_marked_yet(each, entry) for entry in entries]
            if not problems:
                made = _in_groups(kind, each, tallies, facts)
                rankings += made
                for ranking in made:
                    for line in ranking.standings:
                        results[each.code, line.entry] = Earlier(line.total_exact, line.advances)
    if problems:
        raise FactsRefused(problems)
    return Evaluation(rules.id, rules.sha256, facts.sha256(), tuple(rankings))


def _asked(rules: RuleSet, stage: str | None, category: str | None) -> tuple[Sequence[Stage], Sequence[Category]]:
    stages = [each for each in rules.stages if stage in (None, each.code)]
    categories = [each for each in rules.categories if category in (None, each.code)]
    problems = []
    if not stages:
        problems.append(_unknown("รอบ", "stage", stage or "", [each.code for each in rules.stages]))
    if not categories:
        problems.append(_unknown("ประเภท", "category", category or "", [each.code for each in rules.categories]))
    if problems:
        raise FactsRefused(problems)
    return stages, categories


def _tallies(
    category: Category,
    stage: Stage,
    entries: Sequence[Entry],
    facts: Facts,
    results: EarlierResults,
    problems: list[Problem],
) -> list[Tally]:
    """Every entry's tally in the stage that the facts are of. Adds refused marks to `problems`."""
    totaller = Totaller(category)
    tallies = []
    for entry in entries:
        carry = None
        if stage.carries is not None:
            left = results.get((stage.carries.stage, entry.code))
            carry = Carry(stage.carries, left.total_exact if left else None)
        tally = totaller.tally(entry, facts.cards.get(entry.code, ()), carry=carry)
        problems += [problem_of_mark(category, facts, entry.code, member, path) for member, path in tally.refused]
        tallies.append(tally)
    return tallies


def _in_groups(category: Category, stage: Stage, tallies: Sequence[Tally], facts: Facts) -> list[Ranking]:
    groups: dict[str, list[Tally]] = {} if stage.groups != "none" else {"": []}
    for tally in tallies:
        group = "" if stage.groups == "none" else tally.entry.attributes[stage.groups]
        groups.setdefault(group, []).append(tally)
    resolutions = [each for each in facts.resolutions if (each.category, each.stage) == (category.code, stage.code)]
    return [
        rank(category, stage, group, groups[group], [each for each in resolutions if each.group == group])
        for group in sorted(groups, key=group_order)
    ]


def group_order(group: str) -> tuple[int, int, str]:
    """Groups that are numbers come first, by size (2 before 10); the others by name."""
    return (0, int(group), group) if group.isascii() and group.isdigit() else (1, 0, group)


def _advanced(rules: RuleSet, stage: Stage, entries: Sequence[Entry], results: EarlierResults) -> list[Entry]:
    codes = _codes_that_advanced(rules, stage, results)
    return [entry for entry in entries if entry.code in codes]


def _codes_that_advanced(rules: RuleSet, stage: Stage, results: EarlierResults) -> set[str]:
    """Who comes to `stage` from the stage before it; everybody, where that one names no `advance`."""
    before = rules.stages[rules.stages.index(stage) - 1]
    return {code for (known, code), left in results.items()
            if known == before.code and (left.advances or before.advance is None)}  # fmt: skip


def _not_marked_yet(stage: Stage, entry: Entry) -> Tally:
    if entry.state != "presented":
        return Tally(entry, entry.state)
    why = Words(
        f"ยังไม่มีคะแนนของรอบ “{stage.label.th}”", f"There are no marks of stage “{stage.label.in_language('en')}” yet"
    )
    return Tally(entry, "incomplete", reasons=[why])


def _of_earlier(
    rules: RuleSet, facts: Facts, stage: Stage, earlier: EarlierResults | None, *, whole: bool
) -> list[Problem]:
    """What a later stage asked alone lacks: totals to carry, or (with all categories) entries that advanced."""
    if earlier is None:
        return [nothing_to_carry(stage, stage.carries)] if stage.carries else []
    listed = {entry.code for entry in facts.entries}
    absent = _codes_that_advanced(rules, stage, earlier) - listed if whole else set()
    return [
        problem(
            code,
            "advanced_but_absent",
            Words(
                f"ผลงาน {code} ผ่านเข้ารอบ “{stage.label.th}” แต่ไม่มีในรายการผลงาน",
                f"Entry {code} advanced to stage “{stage.label.in_language('en')}” but is not listed.",
            ),
            Words("เพิ่มผลงานนี้ หรือระบุว่าถอนตัว", "Add the entry, or state that it is withdrawn."),
        )
        for code in sorted(absent)
    ]


def nothing_to_carry(stage: Stage, carries: Carries) -> Problem:
    """The problem of a stage asked alone without the results that it carries."""
    this, before = stage.label, carries.name
    this_en, before_en = this.in_language("en"), before.in_language("en")
    return problem(
        stage.code,
        "nothing_to_carry",
        Words(
            f"รอบ “{this.th}” นำคะแนนของรอบ “{before.th}” มารวม แต่ไม่ได้ให้ผลของรอบนั้นมา",
            f"Stage “{this_en}” carries totals of stage “{before_en}”, whose results are not given.",
        ),
        Words(f"ให้ผลการจัดลำดับของรอบ “{before.th}” มาด้วย", f"Give the ranking of stage “{before_en}” as well."),
    )


def _unknown(thai: str, english: str, code: str, known: Sequence[str]) -> Problem:
    return problem(
        code,
        f"unknown_{english}",
        Words(f"ไม่มี{thai} “{code}” ในเกณฑ์นี้", f"The rules have no {english} “{code}”."),
        Words(f"ใช้{thai}ใดใน: {', '.join(known)}", f"Use one of: {', '.join(known)}."),
    )
