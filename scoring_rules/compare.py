"""What changed between two rule sets, in words: every key of the format, each difference once.

The walk below knows no key by name. What each is called, whether it decides the result, and how its value is said
stands in `compare_keys`, and a field of a rule set that is not named there fails the tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scoring_rules.compare_keys import KEYS, Inside, Key, Keys, Listed
from scoring_rules.compare_values import every_node, quoted
from scoring_rules.rules import Category, Criterion, RuleSet
from scoring_rules.words import Words

Kind = Literal["result", "form"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. kind: `result` could change a ranking of the same facts, `form` only what is read or filled in.

    `path` names the place (`office.panel.quorum`, `office.criteria.d1/talk.points`), `category` the category's code
    ("" for what stands beside the categories). `old` is None for what came, `new` for what went; order is both.
    """

    path: str
    kind: Kind
    says: Words
    old: Words | None
    new: Words | None
    category: str = ""


def compare(old: RuleSet, new: RuleSet) -> tuple[Change, ...]:
    """Every difference, in the order of the file: what came and went, what was moved, what has another value.

    Two files that say the same in other bytes (a remark, quotation marks) give one change that says so.
    """
    found = tuple(_inside(KEYS[RuleSet], _At(), old, new))
    if not found and (old.sha256, old.text) != (new.sha256, new.text):
        says = Words(
            "ตัวไฟล์เขียนต่างกัน (เช่น หมายเหตุหรือการจัดบรรทัด) แต่เกณฑ์เหมือนกันทุกข้อ",
            "The files are written differently (remarks, layout), but every rule is the same",
        )
        return (Change("", "form", says, Words(old.sha256[:12]), Words(new.sha256[:12])),)
    return found


def paired_criteria(old: Category, new: Category) -> dict[str, str]:
    """The path in the new rules of every criterion that is in both, by its old path: those that moved as well."""
    return _matched(every_node(old.criteria), every_node(new.criteria))


@dataclass(frozen=True, slots=True)
class _At:
    """Where the walk stands: the path so far, what people call it, and the category on either side."""

    path: str = ""
    owner: Words | None = None
    before: Category | None = None
    after: Category | None = None

    def at(self, name: str, owner: Words | None = None) -> "_At":
        path = f"{self.path}.{name}" if self.path else name
        return _At(path, owner or self.owner, self.before, self.after)

    def change(self, decides: bool, says: Words, old: Words | None, new: Words | None) -> Change:
        category = self.after or self.before
        return Change(self.path, "result" if decides else "form", says, old, new, category.code if category else "")


def _inside(keys: Keys, at: _At, old: Any, new: Any) -> Iterator[Change]:
    """The differences of two values of one kind, key by key."""
    for name, key in keys.items():
        if key is None:
            continue  # a code by which things are matched, or what stands for nothing by itself
        values = (getattr(old, name), getattr(new, name))
        if values[0] == values[1] and type(values[0]) is type(values[1]):
            continue
        below = at.at(name)
        if isinstance(key, Listed):
            yield from _listed(key, below, key.items(values[0]), key.items(values[1]))
        elif isinstance(key, Inside) and type(values[0]) is type(values[1]):
            yield from _inside(KEYS[type(values[0])], below, *values)
        else:
            yield _other_value(key.key if isinstance(key, Inside) else key, below, *values)


def _other_value(key: Key, at: _At, old: Any, new: Any) -> Change:
    was, now, what = key.says(old, at.before), key.says(new, at.after), key.what
    if isinstance(old, Words) and isinstance(new, Words):
        if old.th == new.th:
            what = Words(f"{what.th} (ภาษาอังกฤษ)", f"{what.en} (in English)")
            was, now = (quoted(Words(each.en)) for each in (old, new))
        elif old.en == new.en and old.en:
            what = Words(what.th, f"{what.en} (in Thai)")
            was, now = (quoted(Words(each.th)) for each in (old, new))
    named = _of(what, at.owner)
    says = Words(
        f"{named.th} เปลี่ยนจาก {was.th} เป็น {now.th}",
        _capital(f"{named.en} changed from {was.in_language('en')} to {now.in_language('en')}"),
    )
    return at.change(key.decides, says, was, now)


def _of(what: Words, owner: Words | None) -> Words:
    """`คะแนนเต็มของเกณฑ์ “…”`; after a sign or a number Thai wants a blank."""
    if owner is None:
        return what
    blank = "" if "\u0e00" <= what.th[-1] <= "\u0e7f" else " "
    return Words(f"{what.th}{blank}ของ{owner.th}", f"{what.in_language('en')} of {owner.in_language('en')}")


def _listed(key: Listed, at: _At, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Change]:
    """The differences of two lists: what went, what came, in what order the rest stands, and what it says."""
    pairs = _matched(old, new)
    for code in old:
        if code not in pairs:
            yield _came_or_went(key, at, code, old, came=False)
    back = {now: was for was, now in pairs.items()}
    for code in new:
        if code not in back:
            yield _came_or_went(key, at, code, new, came=True)
    yield from _order(key, at, old, new, pairs)
    for was, now in pairs.items():
        one, other = old[was], new[now]
        below = _below(key, at, was, now, one, other)
        if type(one) not in KEYS:
            if one != other:
                yield _other_value(key.value, below, one, other)
            continue
        if was != now and pairs.get(key.parent(was), key.parent(was)) != key.parent(now):
            yield _moved(below, was, now)
        yield from _inside(KEYS[type(one)], below, one, other)


def _below(key: Listed, at: _At, was: Any, now: Any, one: Any, other: Any) -> _At:
    """One thing of a list: named as it was called, inside its own category."""
    if isinstance(one, Category):
        return _At(str(now), None, one, other)
    return at.at(str(now), _name(key, at, was, one, at.before))


def _name(key: Listed, at: _At, code: Any, thing: Any, category: Category | None) -> Words:
    name = key.named(code, thing, category)
    return _of(name, at.owner) if key.within_owner else name


def _matched(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> dict[Any, Any]:
    """Which is which: the same code (a criterion's is its path), else a criterion of the same last code, moved."""
    pairs = {code: code for code in old if code in new}
    gone, come = [code for code in old if code not in new], [code for code in new if code not in old]
    for code in gone:
        if isinstance(old[code], Criterion):
            like = [one for one in gone if old[one].code == old[code].code]
            found = [one for one in come if new[one].code == old[code].code]
            if len(like) == len(found) == 1:
                pairs[code] = found[0]
    return {code: pairs[code] for code in old if code in pairs}


def _moved(at: _At, was: str, now: str) -> Change:
    assert at.owner is not None  # things of a list have names
    return at.change(
        True,
        Words(
            f"ย้าย{at.owner.th} จาก {was} ไป {now}", f"{_capital(at.owner.in_language('en'))} moved from {was} to {now}"
        ),
        Words(was),
        Words(now),
    )


def _came_or_went(key: Listed, at: _At, code: Any, side: Mapping[Any, Any], *, came: bool) -> Change:
    thing, category = side[code], at.after if came else at.before
    name, detail = _name(key, at, code, thing, category), key.detail(thing, category)
    th, en = (f" ({text})" if text else "" for text in (detail.th, detail.in_language("en")))
    if key.order_decides:
        place = list(side).index(code) + 1
        th, en = f"{th} {'เป็น' if came else 'ซึ่งเป็น'}ลำดับที่ {place}", f"{en}, place {place}"
    if came:
        says = Words(f"เพิ่ม{name.th}{th}", _capital(f"{name.in_language('en')} was added{en}"))
    else:
        says = Words(f"ตัด{name.th} ออก{th}", _capital(f"{name.in_language('en')} was removed{en}"))
    below = _At(str(code), None, None, thing) if isinstance(thing, Category) else at.at(str(code))
    told = detail if detail.th else name
    return below.change(key.decides, says, None if came else told, told if came else None)


def _order(
    key: Listed, at: _At, old: Mapping[Any, Any], new: Mapping[Any, Any], pairs: Mapping[Any, Any]
) -> Iterator[Change]:
    """One change for each set of neighbours that stand in another order."""
    back = {now: was for was, now in pairs.items()}
    neighbours: dict[tuple[Any, Any], list[Any]] = {}
    for was, now in pairs.items():
        neighbours.setdefault((key.parent(was), key.parent(now)), []).append(was)
    for before in neighbours.values():
        after = [back[code] for code in new if back.get(code) in before]
        if before != after:
            was, now = (_names([key.name(code, old[code], at.before) for code in codes]) for codes in (before, after))
            noun = _of(Words(key.noun.th, key.many or f"{key.noun.en}s"), at.owner)
            th = f"ลำดับของ{noun.th} เปลี่ยนจาก {was.th} เป็น {now.th}"
            en = f"The order of {noun.en} changed from {was.en} to {now.en}"
            yield at.change(key.order_decides, Words(th, en), was, now)


def _names(names: Sequence[Words]) -> Words:
    return Words(", ".join(each.th for each in names), ", ".join(each.in_language("en") for each in names))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
