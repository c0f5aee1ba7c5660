"""Whether facts fit the rules and each other, asked before anything is counted. Marks are read in `marks`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scoring_rules.exact import plain
from scoring_rules.fact_entries import GROUP_IN_THAI, problem_with_number
from scoring_rules.facts import Entry, Facts, Resolution
from scoring_rules.marks import problem_with_mark
from scoring_rules.problems import Problem
from scoring_rules.rules import Category, Field, RuleSet, Stage
from scoring_rules.words import Words


def problem(path: str, code: str, says: Words, remedy: Words) -> Problem:
    """A problem of facts that came without a file: `path` names the entry, member or criterion."""
    return Problem("facts", 0, 0, path, code, says, remedy)


def problems_with(rules: RuleSet, facts: Facts, stages: Sequence[Stage]) -> list[Problem]:
    """Everything about entries, cards and resolutions that does not fit, except the marks themselves."""
    return [*_of_entries(rules, facts, stages), *_of_cards(facts), *_of_resolutions(rules, facts)]


def _of_entries(rules: RuleSet, facts: Facts, stages: Sequence[Stage]) -> Iterator[Problem]:
    known = {category.code: {field.code: field for field in category.fields} for category in rules.categories}
    for code in _repeated(entry.code for entry in facts.entries):
        yield problem(
            code,
            "repeated_entry",
            Words(f"มีผลงาน {code} มากกว่าหนึ่งครั้ง", f"Entry {code} is there more than once."),
            Words("ให้เหลือรหัสละหนึ่งรายการ", "Keep one of each code."),
        )
    for entry in facts.entries:
        if entry.category not in known:
            yield problem(
                entry.code,
                "unknown_category",
                Words(
                    f"ผลงาน {entry.code} อยู่ในประเภท “{entry.category}” ซึ่งไม่มีในเกณฑ์",
                    f"Entry {entry.code} is in category “{entry.category}”, which the rules do not have.",
                ),
                Words(f"ใช้ประเภทใดประเภทหนึ่งใน: {_list(known)}", f"Use one of: {_list(known)}."),
            )
        yield from _of_fields(entry, known.get(entry.category, {}))
        for stage in stages:
            if stage.groups != "none" and not entry.attributes.get(stage.groups):
                yield _no_group(entry.code, stage)


def _of_fields(entry: Entry, declared: Mapping[str, Field]) -> Iterator[Problem]:
    """Numbers finer or larger than their field: what counts is always a whole count of the field's unit."""
    for code, value in entry.fields.items():
        field = declared.get(code)
        wrong = problem_with_number(field, value) if field is not None else None
        if wrong is not None:
            about = Words(
                f"ผลงาน {entry.code} ช่อง “{code}” เป็น {plain(value)}",
                f"Entry {entry.code} has {plain(value)} in “{code}”.",
            )
            yield problem(f"{entry.code}/{code}", wrong.code, about, wrong.remedy)


def _no_group(entry: str, stage: Stage) -> Problem:
    return problem(
        entry,
        "no_group",
        Words(
            f"ผลงาน {entry} ไม่ได้บอก{GROUP_IN_THAI[stage.groups]} ({stage.groups}) ซึ่งรอบ “{stage.label.th}” ใช้แบ่งกลุ่ม",
            f"Entry {entry} has no {stage.groups}, by which stage “{stage.label.in_language('en')}” makes its groups.",
        ),
        Words(f"กรอก{GROUP_IN_THAI[stage.groups]}ของผลงานนี้", f"Give this entry's {stage.groups}."),
    )


def _of_cards(facts: Facts) -> Iterator[Problem]:
    known = {entry.code for entry in facts.entries}
    for code, cards in facts.cards.items():
        if code not in known:
            yield problem(
                code,
                "unknown_entry",
                Words(
                    f"มีคะแนนของผลงาน {code} ซึ่งไม่มีในรายการผลงาน",
                    f"There are marks for entry {code}, which is not listed.",
                ),
                Words("แก้รหัส หรือเพิ่มผลงานนี้ในรายการ", "Mend the code, or add the entry."),
            )
        for member in _repeated(card.member for card in cards):
            yield problem(
                f"{code}/{member}",
                "repeated_member",
                Words(
                    f"กรรมการ {member} มีใบคะแนนของผลงาน {code} มากกว่าหนึ่งใบ",
                    f"Member {member} has more than one card for entry {code}.",
                ),
                Words("ให้เหลือใบเดียว", "Keep one card."),
            )


def _of_resolutions(rules: RuleSet, facts: Facts) -> Iterator[Problem]:
    entries = {entry.code: entry for entry in facts.entries}
    categories, stages = {each.code for each in rules.categories}, {each.code for each in rules.stages}
    named: Counter[tuple[str, str, str, str]] = Counter()
    for each in facts.resolutions:
        path = f"{each.category}/{each.stage}/{each.group}"
        unknown = [code for code in each.order if code not in entries or entries[code].category != each.category]
        unknown += [code for code, known in ((each.category, categories), (each.stage, stages)) if code not in known]
        if unknown:
            what = _list(unknown)
            yield problem(
                path,
                "resolution_of_unknown",
                Words(
                    f"มติของ {path} อ้างถึงประเภท รอบ หรือผลงานที่ไม่มี: {what}",
                    f"The resolution for {path} names a category, stage or entry that is not there: {what}.",
                ),
                Words("แก้รหัสในมติ", "Mend the codes in the resolution."),
            )
        else:
            yield from _of_another_group(rules.stage(each.stage), each, entries)
        named.update((each.category, each.stage, each.group, code) for code in each.order)
    for (category, stage, group, code), times in named.items():
        if times > 1:
            yield problem(
                f"{category}/{stage}/{group}",
                "resolved_twice",
                Words(
                    f"ผลงาน {code} อยู่ในมติของ {category}/{stage}/{group} มากกว่าหนึ่งครั้ง",
                    f"Entry {code} is in the resolutions for {category}/{stage}/{group} more than once.",
                ),
                Words("ให้เหลือมติเดียวสำหรับแต่ละผลงาน", "Keep one resolution for each entry."),
            )


def _of_another_group(stage: Stage, resolution: Resolution, entries: Mapping[str, Entry]) -> Iterator[Problem]:
    for code in resolution.order:
        group = "" if stage.groups == "none" else entries[code].attributes.get(stage.groups, "")
        if group != resolution.group:
            where = f"{resolution.category}/{resolution.stage}/{resolution.group}"
            yield problem(
                where,
                "resolution_of_other_group",
                Words(
                    f"มติของกลุ่ม “{resolution.group}” มีผลงาน {code} ซึ่งอยู่ในกลุ่ม “{group}”",
                    f"The resolution for group “{resolution.group}” names entry {code}, which is in group “{group}”.",
                ),
                Words("แก้กลุ่มหรือรหัสผลงานในมติ", "Mend the group or the entry in the resolution."),
            )


def problem_of_mark(category: Category, facts: Facts, entry: str, member: str, path: str) -> Problem:
    """What is wrong with one mark that the score sheet refused."""
    card = next(card for card in facts.cards[entry] if card.member == member)
    says = problem_with_mark(category, path, card.marks[path])
    return problem(f"{entry}/{member}/{path}", "mark", says or Words(path), Words("แก้คะแนนนี้", "Mend this mark."))


def _repeated(codes: Iterable[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


def _list(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
