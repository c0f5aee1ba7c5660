"""Who moves between two evaluations, by how much, and through which step. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scoring_rules.engine import group_order
from scoring_rules.exact import Number
from scoring_rules.moved_steps import Through, spoken, total_through
from scoring_rules.ranking import UNRANKED
from scoring_rules.results import Evaluation, Standing, Step
from scoring_rules.sentences import GROUPS, STATUSES
from scoring_rules.words import Words

Line = tuple[str, Standing]  # (group, standing)
_Key = tuple[str, str, str]  # (category, stage, entry)
MOST_NAMED = 3
NOT_TIED = Words("คะแนนไม่เท่ากับผลงานใด", "equal to no other entry")
NO_GROUP = Words("ทั้งหมดรวมกัน", "all entries together")
NOT_LISTED = Words("ไม่มีในการจัดอันดับนี้", "not in this ranking")
STATUS, GROUP = Words("สถานะ", "Status"), Words("กลุ่มที่จัดอันดับ", "The group ranked in")
ADVANCE = Words("การผ่านเข้ารอบต่อไป", "Going on")
PASSED_BY = Words("ผลงานที่ขึ้นนำ", "Entries now ahead of it")
PASSED = Words("ผลงานที่ตกไปอยู่หลัง", "Entries now behind it")
OTHERS = Words("ผลของผลงานอื่น", "Results of other entries")


@dataclass(frozen=True, slots=True)
class Move:
    """One entry whose result differs. `before` or `after` is None where the entry is not listed there.

    `change` is the exact total after minus before; None where either has no total. `group` is that of `after`, else
    of `before`.
    """

    entry: str
    label: str
    category: str
    stage: str
    group: str
    before: Standing | None
    after: Standing | None
    change: Number | None
    why: Callable[[], tuple[Through, ...]] = field(repr=False, compare=False)

    @property
    def through(self) -> tuple[Through, ...]:
        """The steps that made the difference, marks first, the place last; never empty. Made anew each time asked."""
        return self.why()

    @property
    def changes_rank(self) -> bool:
        """Whether the rank differs (coming and going are differences too)."""
        return (self.before and self.before.rank) != (self.after and self.after.rank)


def moves(before: Evaluation, after: Evaluation) -> tuple[Move, ...]:
    """Every entry whose group, status, rank, total, tier or going on differs, or that is listed in one only.

    In the order of the rankings of `after`; inside a group by the rank after (those without one last), then by code.
    """
    old, new = _lines(before), _lines(after)
    differing = [key for key in dict.fromkeys((*new, *old)) if _result(old.get(key)) != _result(new.get(key))]
    together: dict[tuple[str, str], list[_Key]] = {}
    for key in differing:
        together.setdefault(key[:2], []).append(key)
    made = [
        _move(key, old.get(key), new.get(key), partial(_why, key, together[key[:2]], old, new)) for key in differing
    ]
    place = {(r.category, r.stage): n for n, r in reversed([*enumerate((*after.rankings, *before.rankings))])}
    made.sort(key=lambda m: (place[m.category, m.stage], group_order(m.group), *_last_without_rank(m.after), m.entry))
    return tuple(made)


def _why(key: _Key, moved: Sequence[_Key], old: Mapping[_Key, Line], new: Mapping[_Key, Line]) -> tuple[Through, ...]:
    """What moved an entry: something of its own, else the `moved` entries of its category and stage."""
    return tuple(_own(old.get(key), new.get(key))) or tuple(_of_others(key, moved, old, new))


def _lines(evaluation: Evaluation) -> dict[_Key, Line]:
    return {
        (ranking.category, ranking.stage, standing.entry): (ranking.group, standing)
        for ranking in evaluation.rankings
        for standing in ranking.standings
    }


def _result(line: Line | None) -> tuple[object, ...] | None:
    """What people are told of an entry, exact: where this is equal, the entry has not moved."""
    if line is None:
        return None
    group, it = line
    return group, it.status, it.rank, it.tied, it.total, it.total_exact, it.tier, it.advances


def _last_without_rank(standing: Standing | None) -> tuple[bool, int]:
    rank = standing.rank if standing else None
    return rank is None, rank or 0


def _move(key: _Key, old: Line | None, new: Line | None, why: Callable[[], tuple[Through, ...]]) -> Move:
    group, standing = new or old or ("", None)
    assert standing is not None  # a key comes from one of the two
    before, after = (line[1] if line else None for line in (old, new))
    totals = (before.total_exact if before else None), (after.total_exact if after else None)
    change = None if totals[0] is None or totals[1] is None else totals[1] - totals[0]
    category, stage, entry = key
    return Move(entry, standing.label, category, stage, group, before, after, change, why)


def _own(old: Line | None, new: Line | None) -> Iterator[Through]:
    """What of the entry itself, or of the rules for it, made the difference."""
    if old is None or new is None:
        was, now = (NOT_LISTED if line is None else STATUSES[line[1].status] for line in (old, new))
        yield Through("listed", "", STATUS, None, None, was, now)
        return
    (old_group, before), (new_group, after) = old, new
    steps = (before.step, after.step)  # made once: each asking runs the entry's rules again
    if old_group != new_group:
        was, now = (_in_group(step, group) for step, group in zip(steps, (old_group, new_group), strict=True))
        yield Through("group", "", GROUP, None, None, was, now)
    if before.total_exact is not None and after.total_exact is not None:
        yield from total_through(*(step.inputs[0] for step in steps), whole=before.total_exact != after.total_exact)
    judged = list(_eligibility(*steps))
    yield from judged
    if before.status != after.status and not judged and {before.status, after.status} & {*UNRANKED}:
        yield Through("status", "", STATUS, None, None, _status(before), _status(after))
    if (before.rank, before.tied, before.status) != (after.rank, after.tied, after.status):
        yield from _tie(*steps)
    if before.tier != after.tier:
        yield from _tier(*steps)
    takes = [step.about.get("take") for step in steps]
    if before.advances != after.advances and takes[0] != takes[1]:
        yield Through("advance", "", ADVANCE, takes[0], takes[1], _taken(takes[0]), _taken(takes[1]))


def _in_group(place: Step, group: str) -> Words:
    if not group:
        return NO_GROUP
    kind = GROUPS[place.about["groups"]]
    return Words(f"{kind.th} {group}", f"{kind.en} {group}")


def _status(standing: Standing) -> Words:
    """The status with its reasons."""
    listed = (STATUSES[standing.status], *standing.reasons)
    return Words("; ".join(each.th for each in listed), "; ".join(each.in_language("en") for each in listed))


def _eligibility(before: Step, after: Step) -> Iterator[Through]:
    """Rules of eligibility met before and not after, or the other way round."""
    sides = [{step.about["rule"].code: step for step in _steps(each, "eligibility")} for each in (before, after)]
    for code in dict.fromkeys((*sides[0], *sides[1])):
        old, new = (side.get(code) for side in sides)
        if (old is None or old.about["holds"]) != (new is None or new.about["holds"]):
            yield _through("eligibility", code, old, new)


def _tie(before: Step, after: Step) -> Iterator[Through]:
    """What settled the entry's tie last, where that differs."""
    old, new = (next(iter(_steps(each, "tie")[::-1]), None) for each in (before, after))
    if _settled(old) != _settled(new):
        step = new or old
        name = step.about["name"] if step else ""
        told = [NOT_TIED if each is None else _labelled(each) for each in (old, new)]
        yield Through("tie", name, Words("การตัดสินเมื่อคะแนนเท่ากัน", "The tie"), None, None, told[0], told[1])


def _settled(step: Step | None) -> tuple[object, ...] | None:
    return None if step is None else (step.about["name"], step.about["order"])


def _labelled(step: Step) -> Words:
    says = spoken(step)
    return Words(f"{step.label.th} ({says.th})", f"{step.label.in_language('en')} ({says.in_language('en')})")


def _tier(before: Step, after: Step) -> Iterator[Through]:
    old, new = (next(iter(_steps(each, "tier")), None) for each in (before, after))
    if old or new:
        told = [Words("ไม่มี", "none") if each is None else _labelled(each) for each in (old, new)]
        yield Through("tier", "", Words("ระดับรางวัล", "The tier"), None, None, told[0], told[1])


def _taken(take: int | None) -> Words:
    if take is None:
        return Words("ไม่ได้กำหนดจำนวนที่ผ่านเข้ารอบ", "no number is named")
    return Words(f"กลุ่มละ {take} ผลงาน", f"{take} of each group")


def _through(operation: str, path: str, old: Step | None, new: Step | None) -> Through:
    step = new or old
    assert step is not None  # the caller found it in one of the two
    was, now = (Words("ไม่มีข้อนี้", "no such rule") if each is None else spoken(each) for each in (old, new))
    before, after = (None if each is None else each.value for each in (old, new))
    return Through(operation, path, step.label, before, after, was, now)


def _steps(place: Step, operation: str) -> list[Step]:
    return [step for step in place.inputs if step.operation == operation]


def _of_others(
    key: _Key, moved: Sequence[_Key], old: Mapping[_Key, Line], new: Mapping[_Key, Line]
) -> Iterator[Through]:
    """For an entry that nothing of its own moved: which others went past it, or fell behind it."""
    ahead = [
        (other[2], _is_ahead(old.get(other), old.get(key)), _is_ahead(new.get(other), new.get(key))) for other in moved
    ]
    flipped = (
        (PASSED_BY, [code for code, was, now in ahead if now and not was]),
        (PASSED, [code for code, was, now in ahead if was and not now]),
    )
    found = [Through("others", "", what, None, None, Words(""), _named(codes)) for what, codes in flipped if codes]
    others = [other[2] for other in moved if other != key]
    yield from found or [Through("others", "", OTHERS, None, None, Words(""), _named(others))]


def _is_ahead(other: Line | None, line: Line | None) -> bool:
    """Whether `other` stands on a better rank of the same group."""
    if other is None or line is None or other[0] != line[0] or other[1].rank is None:
        return False
    return line[1].rank is None or other[1].rank < line[1].rank


def _named(codes: Sequence[str]) -> Words:
    some, more = ", ".join(codes[:MOST_NAMED]), len(codes) - MOST_NAMED
    return Words(some) if more <= 0 else Words(f"{some} และอีก {more:,} ผลงาน", f"{some} and {more:,} more")


__all__ = ["Move", "Through", "moves"]
