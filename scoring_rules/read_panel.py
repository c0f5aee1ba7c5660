"""How members' marks become one value, one total, a rank and a tier."""

from typing import Literal

from scoring_rules.exact import NotANumber, Number, Rounding, parse_number, plain
from scoring_rules.fact_entries import YES_NO
from scoring_rules.read_fields import COUNTED, Names, read_rounding
from scoring_rules.reading import Place, Section, once
from scoring_rules.rules import (
    Adjustment,
    Condition,
    Drop,
    Eligibility,
    Missing,
    Panel,
    Policy,
    Roundings,
    TieBreak,
    Tier,
    Total,
)
from scoring_rules.words import Words

Combine = Literal["mean", "median", "sum", "trimmed_mean"]
AppliedTo = Literal["marks", "totals"]
RankOn = Literal["rounded", "exact"]
Otherwise = Literal["not_eligible", "not_placed"]
What = Literal["field", "indicator", "criterion", "total"]
Compare = Literal["at_least", "at_most", "equals"]
Per = Literal["field", "indicator"]
COMBINES: tuple[Combine, ...] = ("mean", "median", "sum", "trimmed_mean")
APPLIED_TO: tuple[AppliedTo, ...] = ("marks", "totals")
POLICIES: tuple[Policy, ...] = ("leave_out", "lowest", "refuse")
RANK_ON: tuple[RankOn, ...] = ("rounded", "exact")
OTHERWISE: tuple[Otherwise, ...] = ("not_eligible", "not_placed")
COMPARES: tuple[Compare, ...] = ("at_least", "at_most", "equals")
# What a tie-break needs beside `by`; the ends stop the list.
TIE_BREAKS = ("criterion", "indicator", "pairwise", "median", "spread", "resolution", "share")
TIE_ENDS = ("resolution", "share")
MOST_MEMBERS = 1000


def read_panel(place: Place) -> Panel:
    """The panel; a trimmed mean that could leave no mark is noted."""
    section = place.section("combine", "applied_to", "quorum", "missing", optional=("drop", "spread_alert", "clause"))
    combine = section.choice("combine", COMBINES)
    drop = _drop(section.at("drop")) if section.has("drop") else None
    trimmed = place.peek("combine") == "trimmed_mean"
    if trimmed and not section.has("drop"):
        says = Words("trimmed_mean ต้องมีช่อง “drop” แต่ไม่พบ", 'trimmed_mean, yet the key "drop" is missing.')
        remedy = Words(
            "เพิ่ม drop เช่น {high: 1, low: 1, when_at_least: 5}", "Add drop, such as {high: 1, low: 1, when_at_least: 5}."
        )
        place.note("missing_key", says, remedy)
    elif drop and not trimmed and combine == place.peek("combine"):
        says = Words(f"{combine} ไม่ตัดคะแนนใครออก drop จึงไม่มีผล", f"{combine} drops nothing, so drop has no effect.")
        section.at("drop").note(
            "drop_without_trim", says, Words("ลบ drop หรือใช้ trimmed_mean", "Remove drop, or write trimmed_mean.")
        )
    return Panel(
        combine=combine,
        applied_to=section.choice("applied_to", APPLIED_TO),
        quorum=section.whole("quorum", least=1, most=MOST_MEMBERS),
        missing=_missing(section.at("missing")) if section.has("missing") else Missing("refuse", "refuse", "refuse"),
        drop=drop,
        spread_alert=section.number("spread_alert", above=0) if section.has("spread_alert") else None,
        clause=section.clause(),
    )


def _drop(place: Place) -> Drop:
    section = place.section("high", "low", "when_at_least")
    drop = Drop(
        section.whole("high", least=0, most=MOST_MEMBERS),
        section.whole("low", least=0, most=MOST_MEMBERS),
        section.whole("when_at_least", least=1, most=MOST_MEMBERS),
    )
    if section.sound() and drop.when_at_least - drop.high - drop.low < 1:
        place.note(
            "trim_leaves_nothing",
            Words(
                f"เมื่อมีกรรมการ {drop.when_at_least} คน ตัดออก {drop.high + drop.low} จึงไม่เหลือคะแนน",
                f"Of {drop.when_at_least} members {drop.high + drop.low} are dropped: no mark is left.",
            ),
            Words("ให้ when_at_least มากขึ้น หรือตัดออกให้น้อยลง", "Raise when_at_least, or drop fewer."),
        )
    return drop


def _missing(place: Place) -> Missing:
    section = place.section("recused", "absent", "blank")
    return Missing(
        section.choice("recused", POLICIES), section.choice("absent", POLICIES), section.choice("blank", POLICIES)
    )


def read_total(place: Place, names: Names) -> Total:
    """Adjustments, floor and ceiling."""
    section = place.section("floor", "ceiling", optional=("adjustments", "clause"))
    places = section.items("adjustments", by_code=True)
    adjustments = tuple(_adjustment(each, names) for each in places)
    once(places, [each.code for each in adjustments])
    before = len(place.notes.problems)
    floor, ceiling = section.number("floor"), section.number("ceiling")
    if section.has("floor") and section.has("ceiling") and len(place.notes.problems) == before and floor >= ceiling:
        says = Words(
            f"floor {plain(floor)} ต้องน้อยกว่า ceiling {plain(ceiling)}",
            f"floor is {plain(floor)}, not less than ceiling, {plain(ceiling)}.",
        )
        section.at("floor").note("upside_down", says, Words("สลับหรือแก้สองค่านี้", "Swap or change the two."))
    return Total(floor, ceiling, adjustments, section.clause())


def _one_of(section: Section, keys: tuple[str, ...]) -> str:
    """The one of `keys` that is there; "" and a note where none or several are."""
    there = [key for key in keys if section.has(key)]
    if len(there) == 1:
        return there[0]
    listed, found = ", ".join(keys), ", ".join(there)
    section.place.note(
        "one_of",
        Words(
            f"ต้องเขียนอย่างใดอย่างหนึ่งใน {listed} แต่{'พบ ' + found if found else 'ไม่พบเลย'}",
            f"Expected one of {listed}, found {found or 'none'}.",
        ),
        Words("เหลือไว้อย่างเดียว" if found else "เพิ่มหนึ่งอย่าง", "Keep one of them." if found else "Add one of them."),
    )
    return ""


def _adjustment(place: Place, names: Names) -> Adjustment:
    section = place.section("code", "label", optional=("per", "when", "subtract", "add", "at_most", "clause"))
    way = _one_of(section, ("subtract", "add"))
    amount: Number = section.number(way, above=0) if way else 0
    cause = _one_of(section, ("per", "when"))
    if cause == "when" and section.has("at_most"):
        says = Words(
            "at_most จำกัดคะแนนที่นับต่อหน่วย (per) แต่ข้อนี้ใช้ when ซึ่งเกิดครั้งเดียว",
            "at_most bounds what is counted per unit; when happens once.",
        )
        section.at("at_most").note("bound_of_nothing", says, Words("ลบ at_most", "Remove at_most."))
    return Adjustment(
        code=section.code(),
        label=section.words(),
        amount=-amount if way == "subtract" else amount,
        per=_per(section.at("per"), names) if cause == "per" else None,
        when=_condition(section.at("when"), names, ("field", "indicator")) if cause == "when" else None,
        at_most=section.number("at_most", above=0) if section.has("at_most") else None,
        clause=section.clause(),
    )


def _per(place: Place, names: Names) -> tuple[Per, str]:
    section = place.section(optional=("field", "indicator"))
    what = _one_of(section, ("field", "indicator"))
    if what == "indicator":
        return "indicator", names.indicator_at(section.at("indicator"))
    return "field", names.field_at(section.at("field"), types=COUNTED) if what else ""


def _condition(place: Place, names: Names, allowed: tuple[What, ...]) -> Condition:
    """`{field|indicator|criterion: code, at_least|at_most|equals: number}`; of the total it is `total: ranked`."""
    section = place.section(optional=(*allowed, *COMPARES))
    what = _one_of(section, allowed)
    compare = _one_of(section, COMPARES)
    code = ""
    if what == "field":
        code = names.field_at(section.at("field"), types=COUNTED)
    elif what == "indicator":
        code = names.indicator_at(section.at("indicator"))
    elif what == "criterion":
        code = names.node_at(section.at("criterion"))
    elif what == "total":
        section.choice("total", ("ranked",))
    asked = names.certain_field(code) if what == "field" else None
    if compare and asked and asked.type == "yes_no":
        value = _yes_or_no(section.at(compare))
    else:
        value = section.number(compare) if compare else 0
    node = names.nodes.get(code) if what == "criterion" else None
    if node and compare != "at_most" and value > node.points:
        says = Words(
            f"เกณฑ์ “{code}” มีเพียง {plain(node.points)} คะแนน จึงไม่มีใครผ่านได้",
            f'"{code}" has only {plain(node.points)} points: nobody could pass.',
        )
        section.at(compare).note(
            "off_points", says, Words("แก้ให้ไม่เกินคะแนนของเกณฑ์นั้น", "Ask for no more than its points.")
        )
    return Condition(
        next((each for each in allowed if each == what), allowed[0]),
        code,
        next((each for each in COMPARES if each == compare), "at_least"),
        value,
    )


def _yes_or_no(place: Place) -> Number:
    """0 or 1, which is what a field of type yes_no holds; 0 where it is neither."""
    text = place.text()
    if not text:
        return 0
    remedy = Words("เขียน 0 (ไม่) หรือ 1 (ใช่)", "Write 0 (no) or 1 (yes).")
    try:
        value = parse_number(text)
    except NotANumber:
        if text.lower() in YES_NO:
            meant = YES_NO[text.lower()]
            remedy = Words("เขียน 1 แทนใช่", "Write 1 for yes.") if meant else Words("เขียน 0 แทนไม่", "Write 0 for no.")
    else:
        if value in (0, 1):
            return value
    place.expected("not_yes_or_no", " 0 หรือ 1 เพราะช่องกรอกนี้เป็นชนิด yes_no", "0 or 1: the field is a yes_no", remedy)
    return 0


def read_eligibility(places: list[Place], names: Names) -> tuple[Eligibility, ...]:
    """Who may be ranked and who may be placed."""
    rules = []
    for place in places:
        section = place.section("code", "label", "require", "otherwise", optional=("clause",))
        require = (
            _condition(section.at("require"), names, ("field", "indicator", "criterion", "total"))
            if section.has("require")
            else Condition("total", "", "at_least", 0)
        )
        otherwise = section.choice("otherwise", OTHERWISE)
        rules.append(Eligibility(section.code(), section.words(), require, otherwise, section.clause()))
    once(places, [rule.code for rule in rules])
    return tuple(rules)


def read_roundings(place: Place) -> Roundings:
    """Mode and stage of every rounding, and what is ranked on."""
    section = place.section("combined", "points", "total", "rank_on", optional=("clause",))
    return Roundings(
        combined=_rounding_or_none(section, "combined"),
        points=_rounding_or_none(section, "points"),
        total=_rounding_or_none(section, "total"),
        rank_on=section.choice("rank_on", RANK_ON),
        clause=section.clause(),
    )


def _rounding_or_none(section: Section, key: str) -> Rounding | None:
    if section.place.peek(key) == "none" or not section.has(key):
        return None
    if section.place.peek(key):
        remedy = Words("เขียน none หรือ {places: 2, mode: half_up}", "Write none or {places: 2, mode: half_up}.")
        section.at(key).expected(
            "wrong_shape", " none หรือกลุ่มช่อง places, mode", "none or a mapping with places, mode", remedy
        )
        return None
    return read_rounding(section.at(key))


def read_tie_breaks(place: Place, names: Names) -> tuple[TieBreak, ...]:
    """The rules that settle a tie, in order; the last one, and only the last, is resolution or share."""
    places = place.items()
    breaks = [_tie_break(each, names) for each in places]
    once(places, [each.name for each in breaks], Words("วิธี", "tie-break"))
    for at, each in enumerate(breaks[:-1]):
        if each.by in TIE_ENDS:
            says = Words(f"{each.by} ตัดสินได้ทุกกรณีแล้ว แต่ยังมีวิธีต่อจากนั้น", f"{each.by} settles every tie, yet more follows.")
            places[at + 1].note("after_the_end", says, Words(f"ย้าย {each.by} ไปท้ายสุด", f"Move {each.by} to the end."))
            break
    if breaks and not any(each.by in TIE_ENDS for each in breaks):
        says = Words("ไม่มีวิธีสุดท้าย คะแนนที่เท่ากันอาจตัดสินไม่ได้", "Nothing ends the list: a tie could stay open.")
        remedy = Words("เพิ่ม {by: resolution} หรือ {by: share} ท้ายสุด", "Add {by: resolution} or {by: share} at the end.")
        place.note("no_end", says, remedy)
    return tuple(breaks)


def _tie_break(place: Place, names: Names) -> TieBreak:
    by = place.peek("by")
    section = place.section("by", *(("code",) if by in ("criterion", "indicator") else ()), optional=("clause",))
    section.choice("by", TIE_BREAKS)
    code = ""
    if section.has("code") and by == "criterion":
        code = names.node_at(section.at("code"))
    elif section.has("code") and by == "indicator":
        code = names.indicator_at(section.at("code"))
    return TieBreak(by, code, section.clause())


def read_tiers(places: list[Place]) -> tuple[Tier, ...]:
    """The tiers, first that holds; one that an earlier one always takes first is noted."""
    tiers: list[Tier] = []
    for place in places:
        section = place.section("code", "label", optional=("at_least", "rank_at_most", "reward", "clause"))
        tier = Tier(
            code=section.code(),
            label=section.words(),
            at_least=section.number("at_least") if section.has("at_least") else None,
            rank_at_most=section.whole("rank_at_most", least=1, most=1_000_000)
            if section.has("rank_at_most")
            else None,
            reward=section.words("reward") if section.has("reward") else None,
            clause=section.clause(),
        )
        taker = next((earlier for earlier in tiers if _takes_all_of(earlier, tier)), None)
        if taker and section.sound():
            says = Words(
                f"ไม่มีใครได้ระดับนี้ เพราะระดับ “{taker.code}” ที่อยู่ก่อนรับไปหมด",
                f'Nobody gets here: "{taker.code}" holds first.',
            )
            place.note("never_reached", says, Words("เรียงจากระดับสูงลงมา", "Write the higher tier first."))
        tiers.append(tier)
    once(places, [tier.code for tier in tiers])
    return tuple(tiers)


def _takes_all_of(earlier: Tier, later: Tier) -> bool:
    """Whether everything that `later` would hold for, `earlier` holds for already."""
    by_total = earlier.at_least is None or (later.at_least is not None and later.at_least >= earlier.at_least)
    by_rank = earlier.rank_at_most is None or (
        later.rank_at_most is not None and later.rank_at_most <= earlier.rank_at_most
    )
    return by_total and by_rank
