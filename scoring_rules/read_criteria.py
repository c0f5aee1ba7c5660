"""The tree of criteria: points that add up, and where the points of each leaf come from."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from scoring_rules.exact import NotANumber, Number, parse_number, plain
from scoring_rules.fact_cards import COLUMNS
from scoring_rules.read_fields import Names
from scoring_rules.reading import Place, Section, once
from scoring_rules.rules import (
    Bands,
    Better,
    ChecklistSource,
    Criterion,
    Indicator,
    IndicatorSource,
    Item,
    Level,
    Linear,
    MarksSource,
    Scale,
    Suggest,
)
from scoring_rules.words import Words

Worth = Literal["share_of_top", "share_of_range", "as_points"]
Comment = Literal["optional", "required", "required_at_ends", "required_when_different"]
WORTHS: tuple[Worth, ...] = ("share_of_top", "share_of_range", "as_points")
COMMENTS: tuple[Comment, ...] = ("optional", "required", "required_at_ends", "required_when_different")
# Keys that a leaf of each source must and may have besides code, label, points and source.
LEAF_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "marks": (("scale", "worth"), ("levels", "suggest", "comment")),
    "indicator": (("indicator",), ("bands", "linear", "below", "above")),
    "checklist": (("items",), ()),
}
SCALE_PLACES = 4
BETTER_IS = {"higher": "ค่ามากดีกว่า (better: higher)", "lower": "ค่าน้อยดีกว่า (better: lower)"}
NEITHER = Words(
    "ไม่บอกว่าตัวเลขเป็นคะแนนอย่างไร: ไม่มี bands และไม่มี linear",
    "Neither bands nor linear says how the number becomes points.",
)
ADD_EITHER = Words("เพิ่ม bands (เป็นช่วง) หรือ linear (เป็นเส้นตรง)", "Add bands (steps) or linear (a straight line).")


def read_criteria(place: Place, names: Names) -> tuple[Criterion, ...]:
    """The criteria of a category, entered into `names` by path; fields and indicators must be there already."""
    return _nodes(place.items(), above="", base=place.path, names=names)


def _nodes(places: list[Place], *, above: str, base: str, names: Names) -> tuple[Criterion, ...]:
    nodes = []
    for place in places:
        name = place.name
        path = f"{above}/{name}" if above else name
        nodes.append(_node(replace(place, path=f"{base}[{path}]") if name else place, path, base=base, names=names))
        names.nodes.setdefault(path, nodes[-1])
    once(places, [node.code for node in nodes])
    return tuple(nodes)


def _node(place: Place, path: str, *, base: str, names: Names) -> Criterion:
    if place.holds("parts"):
        section = place.section("code", "label", "points", "parts", optional=("clause",))
        code, label, points = section.code(), section.words(), section.number("points", above=0)
        below = section.items("parts")
        parts = _nodes(below, above=path, base=base, names=names)
        _add_up(section, below, Words("ส่วนย่อย", "The parts"))
        return Criterion(code, path, label, points, parts, clause=section.clause())
    return _leaf(place, path, names=names)


def _add_up(section: Section, below: list[Place], what: Words) -> None:
    """Note points that differ from the sum of what stands below; silent where one of the numbers cannot be read."""
    try:
        whole, *parts = (parse_number(place.peek("points")) for place in (section.place, *below))
    except NotANumber:
        return
    if parts and sum(parts) != whole:
        found = plain(sum(parts))
        section.at("points").note(
            "points_do_not_add_up",
            Words(
                f"{what.th}รวมได้ {found} แต่ points เป็น {plain(whole)}",
                f"{what.en} add up to {found}, not {plain(whole)}.",
            ),
            Words("แก้คะแนนให้รวมได้เท่ากัน", "Change one of them, so that the two agree."),
        )


def _leaf(place: Place, path: str, *, names: Names) -> Criterion:
    kind = place.peek("source")
    if kind in LEAF_KEYS:
        must, may = LEAF_KEYS[kind]
    else:
        must, may = (), tuple(key for pair in LEAF_KEYS.values() for keys in pair for key in keys)
    section = place.section("code", "label", "points", "source", *must, optional=("evidence", "clause", *may))
    section.choice("source", tuple(LEAF_KEYS))
    leaf = Criterion(
        code=section.code(),
        path=path,
        label=section.words(),
        points=section.number("points", above=0),
        evidence=tuple(names.field_at(each) for each in section.items("evidence")),
        clause=section.clause(),
    )
    if path in COLUMNS:  # in wide files of marks a leaf is a column of its own
        says = Words(
            f"รหัส “{leaf.code}” เป็นชื่อคอลัมน์ที่แฟ้มคะแนนมีอยู่แล้ว",
            f'"{leaf.code}" is a column that files of marks already have.',
        )
        section.at("code").note("reserved_code", says, Words("ตั้งรหัสอื่นให้เกณฑ์นี้", "Choose another code."))
    if kind == "marks":
        return replace(leaf, source=_marks(section, leaf.points, names))
    if kind == "indicator":
        return replace(leaf, source=_indicator(section, leaf.points, names))
    if kind == "checklist":
        return replace(leaf, source=_checklist(section))
    return leaf


def _marks(section: Section, points: Number, names: Names) -> MarksSource:
    scale = _scale(section.at("scale")) if section.has("scale") else None
    worth = section.choice("worth", WORTHS)
    if scale and section.has("worth") and section.has("points"):
        _check_worth(section.at("worth"), worth, scale, points)
    suggest = _suggest(section.at("suggest"), scale, names) if section.has("suggest") else None
    comment = section.choice("comment", COMMENTS) if section.has("comment") else "optional"
    if comment == "required_when_different" and not section.has("suggest"):
        section.at("comment").note(
            "nothing_to_differ_from",
            Words("ข้อนี้ไม่มี suggest จึงไม่มีคะแนนที่เสนอไว้ให้เทียบ", "There is no suggest, so no mark can differ from it."),
            Words("เพิ่ม suggest หรือใช้ optional", "Add suggest, or write optional."),
        )
    return MarksSource(scale or Scale(0, 0, 1), worth, _levels(section, scale), suggest, comment)


def _scale(place: Place) -> Scale | None:
    """The scale, or None where its numbers make none."""
    section = place.section("from", "to", "step")
    low = section.number("from", places=SCALE_PLACES)
    high = section.number("to", places=SCALE_PLACES)
    step = section.number("step", above=0, places=SCALE_PLACES)
    if not section.sound():
        return None
    if high <= low:
        says = Words(
            f"to {plain(high)} ต้องมากกว่า from {plain(low)}", f"to is {plain(high)}, not more than from, {plain(low)}."
        )
        section.at("to").note("upside_down", says, Words("สลับหรือแก้สองค่านี้", "Swap or change the two."))
        return None
    if (high - low) % step:
        says = Words(
            f"เริ่มที่ {plain(low)} ขั้นละ {plain(step)} ไม่ลงที่ {plain(high)} พอดี",
            f"From {plain(low)}, steps of {plain(step)} do not reach {plain(high)}.",
        )
        section.at("step").note("step_misses_top", says, Words("แก้ step หรือ to ให้ลงตัว", "Change step or to."))
        return None
    return Scale(low, high, step)


def _check_worth(place: Place, worth: Worth, scale: Scale, points: Number) -> None:
    top = plain(scale.to)
    if worth == "as_points" and scale.to != points:
        place.note(
            "top_is_not_points",
            Words(
                f"as_points ใช้คะแนนที่ให้เป็นคะแนนที่ได้ แต่มาตราคะแนนสูงสุด {top} ไม่เท่ากับ points {plain(points)}",
                f"as_points takes marks for points, yet the scale ends at {top} and the points are {plain(points)}.",
            ),
            Words("ให้ scale.to เท่ากับ points หรือใช้ share_of_top", "Let scale.to equal points, or write share_of_top."),
        )
    if worth == "share_of_top" and scale.to <= 0:
        place.note(
            "top_not_above_zero",
            Words(
                f"share_of_top ต้องมี scale.to มากกว่า 0 แต่เป็น {top}", f"share_of_top divides by scale.to, which is {top}."
            ),
            Words("แก้ scale.to หรือใช้ share_of_range", "Change scale.to, or write share_of_range."),
        )


def _levels(section: Section, scale: Scale | None) -> tuple[Level, ...]:
    levels = []
    places = section.items("levels")
    for place in places:
        one = place.section("at", "text")
        at = one.number("at")
        if one.has("at"):
            _on_scale(one.at("at"), at, scale)
        levels.append(Level(at, one.words("text")))
    once(places, [place.peek("at") for place in places], Words("ระดับ", "level"))
    return tuple(levels)


def _on_scale(place: Place, mark: Number, scale: Scale | None) -> None:
    if scale and not scale.holds(mark):
        says = Words(f"{plain(mark)} ไม่อยู่บนมาตราคะแนน", f"{plain(mark)} is not on the scale.")
        listed = f"{plain(scale.from_)}, {plain(scale.from_ + scale.step)}, … {plain(scale.to)}"
        place.note("off_scale", says, Words(f"ใช้ {listed}", f"Use {listed}."))


def _suggest(place: Place, scale: Scale | None, names: Names) -> Suggest:
    section = place.section("indicator", "bands", optional=("below", "above"))
    code = names.indicator_at(section.at("indicator")) if section.has("indicator") else ""
    bands = _bands(section, names.certain_indicator(code), lambda at, mark: _on_scale(at, mark, scale))
    return Suggest(code, bands)


def _indicator(section: Section, points: Number, names: Names) -> IndicatorSource:
    code = names.indicator_at(section.at("indicator")) if section.has("indicator") else ""
    indicator = names.certain_indicator(code)
    if section.has("bands") == section.has("linear"):
        both = section.has("bands")
        says = Words("มีทั้ง bands และ linear", "Found both bands and linear.") if both else NEITHER
        remedy = Words("เหลือไว้อย่างเดียว", "Keep one of the two.") if both else ADD_EITHER
        section.place.note("bands_or_linear", says, remedy)
    if section.has("linear"):
        return IndicatorSource(code, linear=_linear(section.at("linear"), indicator))

    def within(at: Place, value: Number) -> None:
        if not 0 <= value <= points:
            says = Words(
                f"ให้ {plain(value)} คะแนน แต่ต้องอยู่ระหว่าง 0 ถึง {plain(points)}",
                f"This gives {plain(value)} points, which is not between 0 and {plain(points)}.",
            )
            at.note(
                "off_points", says, Words("ให้ไม่เกิน points ของเกณฑ์นี้", "Give no more than the points of the criterion.")
            )

    return IndicatorSource(code, bands=_bands(section, indicator, within))


def _bands(section: Section, indicator: Indicator | None, check: Callable[[Place, Number], None]) -> Bands:
    """`bands` and the end they leave open: `below` where higher is better, `above` where lower is."""
    better: Better = indicator.better if indicator else ("lower" if section.has("above") else "higher")
    right, wrong = ("below", "above") if better == "higher" else ("above", "below")
    beyond: Number = 0
    if section.has(wrong):
        section.at(wrong).note(
            "wrong_end",
            Words(
                f"ตัวชี้วัดนี้{BETTER_IS[better]} จึงต้องบอก {right} ไม่ใช่ {wrong}",
                f"Of this indicator {better} is better, so {right} is needed and {wrong} says nothing.",
            ),
            Words(f"เปลี่ยนเป็น {right}", f"Write {right}."),
        )
    elif section.has(right):
        beyond = section.number(right)
        check(section.at(right), beyond)
    elif section.has("bands"):
        says = Words(f"ขาดช่อง “{right}”", f'The key "{right}" is missing.')
        section.place.note(
            "missing_key",
            says,
            Words(
                f"เพิ่มบรรทัด `{right}: 0` ข้าง `bands`: ค่าที่ให้เมื่อไม่ถึงขอบใดเลย",
                f"Add a line `{right}: 0` beside `bands`: what is given where no edge is met.",
            ),
        )
    edges: list[tuple[Number, Number]] = []
    for place in section.items("bands"):
        before = len(place.notes.problems)
        edge, value = _band(place, check)
        if len(place.notes.problems) == before and edges and edge <= edges[-1][0]:
            last = plain(edges[-1][0])
            says = Words(
                f"ขอบ {plain(edge)} ต้องมากกว่าขอบก่อนหน้า {last}",
                f"The edge {plain(edge)} is not more than the one before it, {last}.",
            )
            place.note("bands_not_ascending", says, Words("เรียงขอบจากน้อยไปมาก", "Write the edges in ascending order."))
        edges.append((edge, value))
    return Bands(better, tuple(edges), beyond)


def _band(place: Place, check: Callable[[Place, Number], None]) -> tuple[Number, Number]:
    pair = place.items()
    if len(pair) != 2:
        if pair:
            says = Words(f"ต้องมี 2 ค่า แต่พบ {len(pair)}", f"Expected 2 values, found {len(pair)}.")
            place.note("not_a_pair", says, Words("เขียน [ขอบ, ค่าที่ให้]", "Write [edge, what it gives]."))
        return 0, 0
    edge, value = (each.number() for each in pair)
    check(pair[1], value)
    return edge, value


def _linear(place: Place, indicator: Indicator | None) -> Linear:
    section = place.section("zero_at", "full_at")
    linear = Linear(section.number("zero_at"), section.number("full_at"))
    if section.sound() and linear.zero_at == linear.full_at:
        says = Words(
            "zero_at กับ full_at เท่ากัน จึงไม่เป็นเส้นตรงที่ให้คะแนนได้", "zero_at and full_at are the same: there is no line."
        )
        place.note("linear_flat", says, Words("แก้ค่าใดค่าหนึ่งให้ต่างกัน", "Let them differ."))
    elif section.sound() and indicator and (linear.full_at < linear.zero_at) != (indicator.better == "lower"):
        place.note(
            "linear_against_better",
            Words(
                f"เส้นนี้ให้คะแนนสวนทางกับตัวชี้วัด ซึ่ง{BETTER_IS[indicator.better]}",
                f"The line runs against its indicator, of which {indicator.better} is better.",
            ),
            Words("สลับ zero_at กับ full_at หรือแก้ better", "Swap zero_at and full_at, or mend better."),
        )
    return linear


def _checklist(section: Section) -> ChecklistSource:
    places = section.items("items", by_code=True)
    items = []
    for place in places:
        one = place.section("code", "label", "points")
        items.append(Item(one.code(), one.words(), one.number("points", above=0)))
    once(places, [item.code for item in items])
    _add_up(section, places, Words("รายการ", "The items"))
    return ChecklistSource(tuple(items))
