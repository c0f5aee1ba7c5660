"""A trial as plain text for a terminal: what is tried, who moves, how far weights may move, what hangs on a member."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from exports.wording import INVENTED, PROPOSED, STATUS
from scoring_rules.exact import Number, plain, shown
from scoring_rules.leave_one_out import LeaveOneOut, RankRange
from scoring_rules.moves import Move
from scoring_rules.results import Standing
from scoring_rules.rules import Category, RuleSet, Stage
from scoring_rules.sentences import GROUPS
from scoring_rules.weight_words import change_said, interval_said
from scoring_rules.weights import Stability
from scoring_rules.whatif import TRIAL
from scoring_rules.words import Words

NOTHING_KEPT = Words("ไม่มีการบันทึกหรือเปลี่ยนแปลงใด", "Nothing is stored or changed")
MOST_STEPS = 3
WHO = {
    "winner": Words("ผู้ได้ลำดับที่ 1", "Rank 1"),
    "advances": Words("ผู้เข้ารอบ", "Going on"),
}


def heading_text(rules: RuleSet, tried: Sequence[Words], *, invented: bool, language: str) -> str:
    """What it is, and what is tried. `rules` are those in force."""
    lines = [
        f"*** {TRIAL.in_language(language)}. {NOTHING_KEPT.in_language(language)}. ***",
        f"{rules.award.in_language(language)} ({rules.id})",
    ]
    if rules.basis == "proposed":
        lines.append(PROPOSED.in_language(language))
    if invented:
        lines.append(INVENTED.in_language(language))
    if tried:
        lines += ["", Words("สิ่งที่ลอง:", "What is tried:").in_language(language)]
        lines += [f"  - {each.in_language(language)}" for each in tried]
    return "\n".join(lines) + "\n"


def moves_text(rules: RuleSet, stage: Stage, moves: Sequence[Move], *, language: str) -> str:
    """Who would have another rank, from which to which and through what; then how many others only change points."""
    movers = [move for move in moves if move.changes_rank]
    lines = ["", Words("ใครเปลี่ยนลำดับ:", "Who moves:").in_language(language)]
    if not movers:
        lines.append("  " + Words("ไม่มีผลงานใดเปลี่ยนลำดับ", "Nobody's rank changes").in_language(language))
    for where, group in groupby(movers, key=lambda move: (move.category, move.group)):
        lines.append(f"  {_where(stage, rules.category(where[0]), where[1], language)}")
        for move in group:
            lines += [f"    {line}" for line in _move(move, language)]
    others = len(moves) - len(movers)
    if others:
        said = Words(f"อีก {others} ผลงาน: ลำดับเดิม คะแนนเปลี่ยน", f"{others} more: the same rank, other points or status")
        lines.append(f"  {said.in_language(language)}")
    return "\n".join(lines) + "\n"


def _move(move: Move, language: str) -> Iterator[str]:
    change = "" if move.change is None else f" ({_signed(move.change)})"
    arrow = f"{_rank(move.before, language)} → {_rank(move.after, language)}"
    yield f"{move.entry}  {' '.join(move.label.split())}: {arrow}{change}"
    through = move.through
    for each in through[:MOST_STEPS]:
        yield f"  {each.says.in_language(language)}"
    if len(through) > MOST_STEPS:
        more = len(through) - MOST_STEPS
        yield "  " + Words(f"และอีก {more} ขั้น", f"and {more} more").in_language(language)


def weights_text(rules: RuleSet, stage: Stage, found: Sequence[Stability], *, language: str) -> str:
    """The interval of every weight, with what changes at its ends; by category, group, and what stays."""
    lines = [
        "",
        Words("คะแนนของแต่ละเกณฑ์เปลี่ยนได้ถึงไหนโดยผลไม่เปลี่ยน:", "How far each weight may move:").in_language(language),
    ]
    by_group = sorted(found, key=lambda each: each.what != "winner")
    by_group.sort(key=lambda each: [(e.category, e.group) for e in found].index((each.category, each.group)))
    for (category, group, what), rows in groupby(by_group, key=lambda each: (each.category, each.group, each.what)):
        listed = list(rows)
        who = ", ".join(listed[0].who) or "-"
        lines.append(
            f"  {_where(stage, rules.category(category), group, language)} {WHO[what].in_language(language)}: {who}"
        )
        for each in listed:
            lines += [f"    {line}" for line in _weight(each, language)]
    if not found:
        lines.append(
            "  "
            + Words("ไม่มีเกณฑ์ที่เปลี่ยนได้ หรือไม่มีผลงานที่ได้ลำดับ", "There is none, or nobody is ranked").in_language(language)
        )
    return "\n".join(lines) + "\n"


def _weight(each: Stability, language: str) -> Iterator[str]:
    now = Words(
        f"ขณะนี้ {plain(each.points)} จาก {plain(each.whole)}", f"now {plain(each.points)} of {plain(each.whole)}"
    )
    label = each.criterion.label.in_language(language)
    yield f"{each.criterion.path}  {label} ({now.in_language(language)}): {interval_said(each).in_language(language)}"
    for change in (each.below, each.above):
        if change is not None:
            yield f"  {change_said(each, change).in_language(language)}"
    if each.reason is not None:
        yield f"  {each.reason.in_language(language)}"


def members_text(rules: RuleSet, stage: Stage, found: LeaveOneOut, *, language: str) -> str:
    """Who moves when each member in turn is left out, and every entry's range of ranks."""
    lines = ["", Words("เมื่อไม่นับกรรมการทีละคน:", "With each member left out in turn:").in_language(language)]
    for (category, group), _ in groupby(found.changes, key=lambda key: key[:2]):
        lines.append(f"  {_where(stage, rules.category(category), group, language)}")
        for (_, _, member), changes in ((k, v) for k, v in found.changes.items() if k[:2] == (category, group)):
            told = ", ".join(f"{each.entry} {each.before or '-'} → {each.after or '-'}" for each in changes)
            nobody = Words("ไม่มีใครเปลี่ยนลำดับ", "nobody moves").in_language(language)
            lines.append(f"    {Words('ไม่นับ', 'without').in_language(language)} {member}: {told or nobody}")
        for each in found.ranges:
            if (each.category, each.group) == (category, group):
                lines.append(f"    {each.entry}: {range_said(each).in_language(language)}")
    return "\n".join(lines) + "\n"


def range_said(each: RankRange, name: Callable[[str], str] = str) -> Words:
    """`rank 2 now, 1 to 3 without one member`. `name` is what a member is called."""
    if each.now is None:
        return Words("ไม่ได้ลำดับ", "not ranked")
    if each.best is None:
        said = Words("ไม่ได้ลำดับหากขาดกรรมการคนใดคนหนึ่ง", "no rank without any one member")
    elif each.best == each.worst:
        said = Words(f"ลำดับที่ {each.best} เสมอ", f"always rank {each.best}")
    else:
        said = Words(f"ลำดับที่ {each.best} ถึง {each.worst}", f"rank {each.best} to {each.worst}")
    if each.unranked_without and each.best is not None:
        listed = ", ".join(map(name, each.unranked_without))
        said = Words(f"{said.th} ไม่ได้ลำดับหากขาด {listed}", f"{said.en}; no rank without {listed}")
    return Words(f"ขณะนี้ลำดับที่ {each.now}; {said.th}", f"rank {each.now} now; {said.en}")


def _where(stage: Stage, category: Category, group: str, language: str) -> str:
    """`Office · zone 9`."""
    kind = GROUPS.get(stage.groups, Words("")).in_language(language)
    return " · ".join(part for part in (category.label.in_language(language), f"{kind} {group}".strip()) if part)


def _rank(standing: Standing | None, language: str) -> str:
    if standing is None:
        return "-"
    if standing.rank is None:
        return STATUS[standing.status].in_language(language)
    return str(standing.rank)


def _signed(value: Number) -> str:
    return ("+" if value > 0 else "") + shown(value, 2)
