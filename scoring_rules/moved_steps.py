"""Through which steps a total differs: the two trees of an entry walked together, from the total down to the marks.

A step is named where it makes a difference *by itself*: put on the other side's inputs, it would give another value
than that side's own step gave. A step that only hands on what its inputs changed is passed through, and nothing is
looked for below a step whose value is the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import cast

from scoring_rules.exact import Number, plain, rounded
from scoring_rules.operations import WORTH, added, carried, known, on_bands, on_line
from scoring_rules.results import Step
from scoring_rules.sentences import SENTENCES
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Through:
    """One step that made a difference. `before` and `after` are its exact values, where it has one.

    `operation` and `path` name it for programs (`worth`, `d1/commitment`), `what` for people; `was` and `now` are the
    sentences of the explanation on either side, blank where there is nothing to say.
    """

    operation: str
    path: str
    what: Words
    before: Number | None
    after: Number | None
    was: Words
    now: Words

    @property
    def says(self) -> Words:
        """The whole in one sentence, with both exact values and both workings."""
        return Words(self._says("th", "เดิม ", "ใหม่ "), self._says("en", "was: ", "now: "))

    def _says(self, language: str, was: str, now: str) -> str:
        what = self.what.in_language(language)
        values = [plain(each) for each in (self.before, self.after) if each is not None]
        sides = ((was, self.was), (now, self.now))
        told = [mark + side.in_language(language) for mark, side in sides if side.th]
        if len(values) == 2:
            return f"{what}: {values[0]} → {values[1]} ({'; '.join(told)})" if told else f"{what}: {' → '.join(values)}"
        return f"{what}: {'; '.join(told)}"


def total_through(before: Step, after: Step, *, whole: bool) -> list[Through]:
    """The steps through which two final totals differ, marks first. `whole`: the exact totals differ."""
    return list(_walk(_chain(before), _chain(after), whole=whole))[::-1]


# Steps that carry one number further: the number is that of their first input. In the order they follow each other.
_CARRIERS: tuple[tuple[str, str], ...] = (
    ("rounding", "combined"),
    ("worth", ""),
    ("bands", ""),
    ("linear", ""),
    ("rounding", "points"),
    ("adjusted", ""),
    ("floor", ""),
    ("ceiling", ""),
    ("carry", ""),
    ("rounding", "total"),
)
_Chain = dict[tuple[str, str], Step]  # of carriers, and under _BASE what they carry
_BASE = ("", "")
TOTAL = "total"  # the path of what is above the criteria


def _chain(step: Step) -> _Chain:
    chain: _Chain = {}
    while (key := (step.operation, step.about.get("stage", ""))) in _CARRIERS:
        chain[key] = step
        step = step.inputs[0]
    chain[_BASE] = step
    return chain


def _walk(old: _Chain, new: _Chain, *, whole: bool = False) -> Iterator[Through]:
    """The differences of two chains, the last step first. `whole`: the chains differ below the last rounding."""
    carriers = [key for key in reversed(_CARRIERS) if key in old or key in new]
    # what goes into each carrier on either side, from the base upwards
    carried_up: list[tuple[Number, Number]] = [(_value(old[_BASE]), _value(new[_BASE]))]
    for key in reversed(carriers):
        before, after = carried_up[-1]
        carried_up.append((_value(old[key]) if key in old else before, _value(new[key]) if key in new else after))
    for number, key in enumerate(carriers):
        ends, starts = carried_up[-1 - number], carried_up[-2 - number]
        below = whole and key == ("rounding", "total")
        if ends[0] == ends[1] and not below:
            return
        was, now = old.get(key), new.get(key)
        by_was, by_now = ([_put(step, start) for start in starts] for step in (was, now))
        if ends[0] != ends[1] and by_was != by_now:
            yield from _of_carrier(was, now, _path(old) or _path(new) or TOTAL, ends)
        if not below and by_was[0] == by_was[1] and by_now[0] == by_now[1]:
            return  # neither step tells its two inputs apart, as where both lie in one band
    if carried_up[0][0] != carried_up[0][1]:
        yield from _of_base(old[_BASE], new[_BASE], _path(old) or _path(new) or TOTAL)


def _put(step: Step | None, value: Number) -> Number:
    """What the step would have made of `value`; the value itself where there is no such step."""
    return value if step is None else _PUT[step.operation](step, value)


def _put_worth(step: Step, value: Number) -> Number:
    about = step.about
    return value if about["worth"] == "ticked" else WORTH[about["worth"]](value, about["points"], about["scale"])


_PUT: Mapping[str, Callable[[Step, Number], Number]] = {
    "rounding": lambda step, value: rounded(value, step.about["rounding"]),
    "worth": _put_worth,
    "bands": lambda step, value: on_bands(value, step.about["bands"]),
    "linear": lambda step, value: on_line(value, step.about["linear"], step.about["points"]),
    "adjusted": lambda step, value: added([value, *(_value(each) for each in step.inputs[1:])]),
    "floor": lambda step, value: max(value, _value(step)),
    "ceiling": lambda step, value: min(value, _value(step)),
    "carry": lambda step, value: carried(_value(step.inputs[1]), value, step.about["share"]),
}

_ROUNDED = {
    "combined": Words("การปัดเศษคะแนนที่รวมแล้วของ", "The rounding of the combined mark of"),
    "points": Words("การปัดเศษคะแนนของ", "The rounding of the points of"),
    "total": Words("การปัดเศษคะแนนรวม", "The rounding of the total"),
}
_NAMED = {
    "combine": Words("คะแนนที่รวมจากกรรมการของ", "The combined mark of"),
    "worth": Words("คะแนนของ", "The points of"),
    "bands": Words("คะแนนของ", "The points of"),
    "linear": Words("คะแนนของ", "The points of"),
    "sum": Words("คะแนนของ", "The points of"),
    "indicator": Words("ตัวชี้วัด", "The indicator"),
    "mark": Words("คะแนนที่ให้ใน", "The mark on"),
    "adjustment": Words("การปรับคะแนน", "The adjustment"),
}
_NOT_THERE = Words("ไม่มีขั้นนี้", "no such step")


def _of_carrier(was: Step | None, now: Step | None, path: str, ends: tuple[Number, Number]) -> Iterator[Through]:
    step = now or was
    assert step is not None  # a carrier of one of the two chains
    if step.operation == "adjusted":
        sides = [{each.about["rule"].code: each for each in side.inputs[1:]} if side else {} for side in (was, now)]
        for code in reversed(dict.fromkeys((*sides[0], *sides[1]))):
            old, new = (side.get(code) for side in sides)
            if _points(old) != _points(new):
                yield _made(old, new, code, (_points(old), _points(new)))
        return
    yield _made(was, now, path, ends)


def _points(adjustment: Step | None) -> Number:
    """What it adds; a rule that is not there adds nothing."""
    return 0 if adjustment is None else _value(adjustment)


def _of_base(old: Step, new: Step, path: str) -> Iterator[Through]:
    """What the carriers carry: marks combined, members' totals combined, a sum of parts, a measured number."""
    values = (_value(old), _value(new))
    if old.operation != new.operation or not old.inputs or not new.inputs:
        yield _made(old, new, path, values)
        return
    if old.operation == "combine":
        kept = [{key: each.about.get(key) for key in _WHO_AND_HOW} for each in (old, new)]
        if kept[0] != kept[1]:
            yield _made(old, new, TOTAL, values)
        yield from _of_members(_by_name(old.inputs), _by_name(new.inputs))
        return
    yield from _of_parts(_by_name(old.inputs), _by_name(new.inputs))


_WHO_AND_HOW = ("how", "drop", "members", "left_out", "lowest", "seats")


def _of_parts(old: Mapping[str, Step], new: Mapping[str, Step]) -> Iterator[Through]:
    for name in reversed(dict.fromkeys((*old, *new))):
        was, now = old.get(name), new.get(name)
        if was is not None and now is not None:
            yield from _walk(_chain(was), _chain(now))
        elif (value := _value(cast(Step, was or now))) != 0:
            yield _made(was, now, name, (value, 0) if was else (0, value))


def _of_members(old: Mapping[str, Step], new: Mapping[str, Step]) -> Iterator[Through]:
    """The members' own totals: what made the same step differ for several members is told once, by the first."""
    found = [
        (each, member) for member in old if member in new for each in _walk(_chain(old[member]), _chain(new[member]))
    ]
    places = list(dict.fromkeys((each.operation, each.path) for each, _ in found))
    found.sort(key=lambda pair: places.index((pair[0].operation, pair[0].path)))
    for _, same in groupby(found, key=lambda pair: (pair[0].operation, pair[0].path)):
        (first, member), *more = same
        if first.operation == "mark":  # each member's own, and its sentence names the member
            yield from (first, *(each for each, _ in more))
            continue
        was, now = (_of_member(member, each) for each in (first.was, first.now))
        if not more:
            yield replace(first, was=was, now=now)
            continue
        count = len(more) + 1
        what = Words(f"{first.what.th} (กรรมการ {count} คน)", f"{first.what.in_language('en')} ({count} members)")
        yield replace(first, what=what, before=None, after=None, was=was, now=now)


def _of_member(member: str, says: Words) -> Words:
    return Words(f"กรรมการ {member} {says.th}", f"member {member}: {says.in_language('en')}")


def _made(was: Step | None, now: Step | None, path: str, values: tuple[Number, Number]) -> Through:
    step = now or was
    assert step is not None  # the caller found it on one side
    told = [_NOT_THERE if each is None else spoken(each) for each in (was, now)]
    what = _both(_what(step, path), _who(was, now))
    return Through(step.operation, path, what, values[0], values[1], told[0], told[1])


def _who(was: Step | None, now: Step | None) -> Words:
    """The members who are counted on one side only, for a step that combines members on both."""
    if was is None or now is None or not was.about.get("members") or not now.about.get("members"):
        return Words("")
    old, new = was.about["members"], now.about["members"]
    gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
    said = Words("")
    if gone:
        said = Words(f" โดยไม่มี {', '.join(gone)}", f" without {', '.join(gone)}")
    if come:
        said = _both(said, Words(f" โดยมี {', '.join(come)} เพิ่ม", f" with {', '.join(come)} added"))
    return said


def _both(first: Words, then: Words) -> Words:
    return Words(first.th + then.th, first.in_language("en") + then.in_language("en"))


def _what(step: Step, path: str) -> Words:
    name = _ROUNDED[step.about["stage"]] if step.operation == "rounding" else _NAMED.get(step.operation)
    if name is None or path == TOTAL:
        return name if name and step.operation == "rounding" else step.label
    return Words(f"{name.th} “{step.label.th}” ({path})", f"{name.en} “{step.label.in_language('en')}” ({path})")


def _path(chain: _Chain) -> str:
    """The criterion that the chain is of; "" for the total."""
    return next((step.about["path"] for step in chain.values() if "path" in step.about), "")


def _by_name(steps: Sequence[Step]) -> dict[str, Step]:
    """Parts by the criterion's path, members' totals by the member."""
    return {step.about["member"] if step.operation == "member_total" else _path(_chain(step)): step for step in steps}


def _value(step: Step) -> Number:
    return known(step.value)


def spoken(step: Step) -> Words:
    """The explanation's sentence of one step, in both languages."""
    return SENTENCES[step.operation](step)
