"""One sentence for each operation, in Thai and in English, made from a Step only when somebody reads it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scoring_rules.exact import Number, Rounding, exact_text, plain, shown
from scoring_rules.results import Step
from scoring_rules.rules import Adjustment, Bands, Eligibility, Linear, Scale, Tier
from scoring_rules.totals import COMPARED
from scoring_rules.words import Words

Sentence = Callable[[Step], Words]

WHY = {
    "recused": Words("ถอนตัวจากการพิจารณา", "recused"),
    "absent": Words("ไม่อยู่", "absent"),
    "blank": Words("ไม่ได้ให้คะแนน", "blank"),
}
MODES = {
    "half_up": Words("เศษครึ่งปัดขึ้น", "half up"),
    "half_even": Words("เศษครึ่งปัดเข้าหาเลขคู่", "half to even"),
    "down": Words("ปัดเศษทิ้ง", "down"),
}
COMBINED = {
    "mean": Words("ค่าเฉลี่ย", "mean"),
    "median": Words("มัธยฐาน", "median"),
    "sum": Words("ผลรวม", "sum"),
    "trimmed_mean": Words("ค่าเฉลี่ยหลังตัดค่าสูงสุดและต่ำสุด", "trimmed mean"),
}
STATUSES = {
    "ranked": Words("ได้ลำดับ", "ranked"),
    "not_placed": Words("ได้ลำดับ แต่ไม่เข้าเกณฑ์รับรางวัล", "ranked, but takes no award and does not go on"),
    "tied_unresolved": Words("คะแนนเท่ากัน รอมติคณะกรรมการ", "tied, waiting for the committee's decision"),
    "incomplete": Words("ข้อมูลไม่ครบ จึงไม่จัดอันดับ", "incomplete, not ranked"),
    "not_eligible": Words("ขาดคุณสมบัติ จึงไม่จัดอันดับ", "not eligible, not ranked"),
    "not_presented": Words("ไม่ได้นำเสนอ จึงไม่จัดอันดับ", "did not present, not ranked"),
    "withdrawn": Words("ถอนผลงาน จึงไม่จัดอันดับ", "withdrawn, not ranked"),
}
GROUPS = {"zone": Words("เขต", "zone"), "province": Words("จังหวัด", "province"), "region": Words("ภาค", "region")}


def sentence(step: Step, language: str = "th") -> str:
    """What this step did, with its numbers, as one sentence without its inputs' own steps.

    Raises KeyError for an operation that has no sentence.
    """
    return SENTENCES[step.operation](step).in_language(language)


def decimal(value: Number | None) -> str:
    """A number as people read it: exact where that takes up to six decimals, else rounded to six; `-` for none."""
    if value is None:
        return "-"
    text = plain(value)
    return text if "/" not in text and len(text.partition(".")[2]) <= 6 else shown(value, 6)


def _factor(value: Number) -> str:
    """A number inside a calculation: exact always, so that the line can be checked by hand (`13/3`)."""
    text = decimal(value)
    return text if "/" not in plain(value) and plain(value) == text else exact_text(value)


def _join(values: Iterable[Number]) -> str:
    return ", ".join(decimal(value) for value in values)


def _both(thai: str, english: str, *parts: Words) -> Words:
    """Words with the parts filled in, each in its language."""
    th = [part.th for part in parts]
    return Words(thai.format(*th), english.format(*(part.in_language("en") for part in parts)))


def _combine(step: Step) -> Words:
    about = step.about
    marks, value = about["marks"], decimal(step.value)
    count, listed = len(marks), _join(marks)
    plural = "s" if count != 1 else ""
    if about.get("of") == "totals":
        given = Words(f"คะแนนรวมของกรรมการ {count} คนคือ {listed}", f"the totals of {count} member{plural} are {listed}")
    else:
        given = Words(f"กรรมการ {count} คนให้ {listed}", f"{count} member{plural} gave {listed}")
    return _both("{0}{1} {2}{3}", "{0}{1}, {2}{3}", given, _lowest(about), _how(about, marks, value), _left_out(about))


def _how(about: Mapping[str, Any], marks: Sequence[Number], value: str) -> Words:
    how, seats = about["how"], about["seats"]
    if how == "median":
        return Words(f"มัธยฐาน {value}", f"median {value}")
    if how == "sum":
        if len(marks) == seats:
            return Words(f"รวม {value}", f"sum {value}")
        return Words(
            f"ค่าเฉลี่ยของผู้ให้คะแนน × {seats} ที่นั่ง = {value}", f"the mean of those who marked × {seats} seats = {value}"
        )
    if how == "trimmed_mean":
        high, low = about["dropped_high"], about["dropped_low"]
        if not high and not low:
            least = about["drop"].when_at_least
            return Words(
                f"ไม่ตัดคะแนนเพราะมีไม่ถึง {least} คน เฉลี่ย {value}", f"nothing dropped with fewer than {least}, mean {value}"
            )
        dropped = [
            Words(f"{thai} {_join(values)}", f"{english} {_join(values)}")
            for thai, english, values in (("สูงสุด", "highest", high), ("ต่ำสุด", "lowest", low))
            if values
        ]
        thai, english = " และ".join(each.th for each in dropped), " and ".join(each.en for each in dropped)
        return Words(f"ตัดคะแนน{thai} ออก เฉลี่ยที่เหลือ {value}", f"without the {english} the mean is {value}")
    return Words(f"เฉลี่ย {value}", f"mean {value}")


def _left_out(about: Mapping[str, Any]) -> Words:
    return _members(" (ไม่นับกรรมการ {0})", " (left out: {0})", about.get("left_out", ()))


def _lowest(about: Mapping[str, Any]) -> Words:
    return _members(" (นับเป็นคะแนนต่ำสุด: กรรมการ {0})", " (counted as the lowest mark: {0})", about.get("lowest", ()))


def _members(thai: str, english: str, members: Sequence[tuple[str, str]]) -> Words:
    if not members:
        return Words("")
    listed = Words(
        ", ".join(f"{member} {WHY[why].th}" for member, why in members),
        ", ".join(f"{member} {WHY[why].en}" for member, why in members),
    )
    return _both(thai, english, listed)


def _worth(step: Step) -> Words:
    about = step.about
    mark, value = step.inputs[0].value, decimal(step.value)
    if about["worth"] == "ticked" or mark is None:
        return Words(f"{value} คะแนน", f"{value} points")
    if about["worth"] == "as_points":
        return Words(f"นับเป็น {value} คะแนน", f"counts as {value} points")
    scale: Scale = about["scale"]
    points, given, top, low = _factor(about["points"]), _factor(mark), _factor(scale.to), _factor(scale.from_)
    sum_ = f"{points} × {given} ÷ {top}"
    if about["worth"] == "share_of_range":
        sum_ = f"{points} × ({given} − {low}) ÷ ({top} − {low})"
    return Words(f"{sum_} = {value} คะแนน", f"{sum_} = {value} points")


def _mark(step: Step) -> Words:
    member, value = step.about["member"], decimal(step.value)
    return Words(f"กรรมการ {member} ให้ {value}", f"member {member} gave {value}")


def _rounding(step: Step) -> Words:
    rounding: Rounding = step.about["rounding"]
    before, after, places, mode = decimal(step.inputs[0].value), step.shown, rounding.places, MODES[rounding.mode]
    return _both(
        f"{before} ปัดเศษเหลือ {places} ตำแหน่ง ({{0}}) = {after}",
        f"{before} rounded to {places} decimal{'s' if places != 1 else ''} ({{0}}) = {after}",
        mode,
    )


def _indicator(step: Step) -> Words:
    about = step.about
    unit: Words = about["unit"]
    if about["raw"] is None:
        return Words("ไม่มีค่า", "there is no value")
    raw = decimal(about["raw"])
    if "numerator" in about:
        by = "" if about["times"] == 1 else f" × {decimal(about['times'])}"
        raw = f"{decimal(about['numerator'])} ÷ {decimal(about['denominator'])}{by} = {raw}"
    after = Words("")
    if about["round"] is not None and step.value != about["raw"]:
        after = Words(f" ปัดเศษเป็น {step.shown}", f", rounded to {step.shown}")
    return _both(f"ค่า {raw}{{0}} {{1}}", f"the value is {raw}{{0}} {{1}}", after, unit)


def band_words(bands: Bands, edge: Number | None) -> Words:
    """The band whose edge counts, or (None) what lies beyond all of them, as a condition on the number."""
    higher = bands.better == "higher"
    if edge is not None:
        text = decimal(edge)
        return Words(f"ตั้งแต่ {text} ขึ้นไป", f"{text} or more") if higher else Words(f"ไม่เกิน {text}", f"at most {text}")
    last = decimal(bands.edges[0 if higher else -1][0])
    return Words(f"ต่ำกว่า {last}", f"below {last}") if higher else Words(f"เกิน {last}", f"above {last}")


def _bands(step: Step) -> Words:
    value = decimal(step.value)
    band = band_words(step.about["bands"], step.about["edge"])
    return _both(f"อยู่ในช่วง{{0}} ได้ {value} คะแนน", f"in the band {{0}}: {value} points", band)


def _linear(step: Step) -> Words:
    linear: Linear = step.about["linear"]
    found = step.inputs[0].value
    points, zero, full = (_factor(each) for each in (step.about["points"], linear.zero_at, linear.full_at))
    value = decimal(step.value)
    if found is None:
        return Words("ไม่มีค่า", "there is no value")
    if step.value in (0, step.about["points"]):
        end = Words("เต็ม", "full") if step.value else Words("ศูนย์", "zero")
        ends = f"{zero} → 0, {full} → {points}"
        return _both(f"ได้คะแนน{{0}} ({ends}) = {value} คะแนน", f"{{0}} points ({ends}) = {value} points", end)
    sum_ = f"{points} × ({_factor(found)} − {zero}) ÷ ({full} − {zero})"
    return Words(f"{sum_} = {value} คะแนน", f"{sum_} = {value} points")


def _sum(step: Step) -> Words:
    value = decimal(step.value)
    parts = " + ".join(decimal(part.value) for part in step.inputs)
    sum_ = f"{parts} = {value}" if len(step.inputs) > 1 else value
    whole = step.about.get("points")
    if whole is None:
        return Words(f"{sum_} คะแนน", f"{sum_} points")
    full = decimal(whole)
    return Words(f"{sum_} คะแนน (เต็ม {full})", f"{sum_} points (of {full})")


def _adjustment(step: Step) -> Words:
    rule: Adjustment = step.about["rule"]
    found, amount, value = (decimal(each) for each in (step.about["found"], rule.amount, step.value))
    if rule.when is not None:
        compared, least = COMPARED[rule.when.compare], decimal(rule.when.value)
        holds = Words("เข้าเงื่อนไข", "holds") if step.about["holds"] else Words("ไม่เข้าเงื่อนไข", "does not hold")
        return _both(
            f"ค่า {found} ({{0}} {least}) {{1}} ปรับ {value} คะแนน",
            f"the value is {found} (it {{0}} {least}): {{1}}, {value} points",
            compared,
            holds,
        )
    bound = Words("")
    if rule.at_most is not None and abs(step.value or 0) == rule.at_most:
        bound = Words(f" (ไม่เกิน {decimal(rule.at_most)})", f" (at most {decimal(rule.at_most)})")
    return _both(f"{amount} × {found} ปรับ {value} คะแนน{{0}}", f"{amount} × {found}: {value} points{{0}}", bound)


def _adjusted(step: Step) -> Words:
    values: list[Number] = [each.value or 0 for each in step.inputs]
    first, changes = values[0], values[1:]
    sum_ = decimal(first) + "".join(f" − {decimal(-each)}" if each < 0 else f" + {decimal(each)}" for each in changes)
    value = decimal(step.value)
    return Words(f"{sum_} = {value} คะแนน", f"{sum_} = {value} points")


def _bound(step: Step) -> Words:
    before, value = decimal(step.inputs[0].value), decimal(step.value)
    if step.operation == "floor":
        return Words(f"{before} ต่ำกว่าขอบล่าง จึงเป็น {value} คะแนน", f"{before} is below the floor, so {value} points")
    return Words(f"{before} เกินเพดาน จึงเป็น {value} คะแนน", f"{before} is above the ceiling, so {value} points")


def _carry(step: Step) -> Words:
    this, earlier = (_factor(each.value or 0) for each in step.inputs)
    share: Number = step.about["share"]
    sum_ = f"{decimal(share)} × {earlier} + {decimal(1 - share)} × {this} = {decimal(step.value)}"
    return Words(f"{sum_} คะแนน", f"{sum_} points")


def _points(step: Step) -> Words:
    return Words(f"{decimal(step.value)} คะแนน", f"{decimal(step.value)} points")


def _member_totals(step: Step) -> Words:
    listed = Words(", ".join(f"{member} {decimal(total)}" for member, total in step.about["totals"].items()))
    value, alert, note = decimal(step.value), step.about["alert"], Words("")
    if alert is not None and step.value is not None and step.value >= alert:
        note = Words(f" ควรหารือ เพราะถึง {decimal(alert)}", f", worth a discussion from {decimal(alert)}")
    return _both(f"{{0}} ต่างกัน {value} คะแนน{{1}}", f"{{0}}; spread {value} points{{1}}", listed, note)


def _shown_beside(step: Step) -> Words:
    return Words(
        "รวมทีละเกณฑ์เพื่อแสดงประกอบ ไม่ใช่ที่มาของคะแนนรวม",
        "combined criterion by criterion to be shown; the total is not made of them",
    )


def _eligibility(step: Step) -> Words:
    rule: Eligibility = step.about["rule"]
    bound, compared = decimal(rule.require.value), COMPARED[rule.require.compare]
    missing: Words | None = step.about["missing"]
    found = missing or Words(f"ได้ {decimal(step.value)}", f"it is {decimal(step.value)}")
    if step.about["holds"]:
        result = Words("ผ่าน", "met")
    elif rule.otherwise == "not_eligible":
        result = Words("ไม่ผ่าน จึงไม่จัดอันดับ", "not met, so the entry is not ranked")
    else:
        result = Words("ไม่ผ่าน จึงไม่รับรางวัลและไม่ผ่านเข้ารอบต่อไป", "not met, so it takes no tier and does not go on")
    return _both(f"{{0}} ({{1}} {bound}) {{2}}", f"{{0}} ({{1}} {bound}): {{2}}", found, compared, result)


def _tie(step: Step) -> Words:
    about = step.about
    order: tuple[tuple[str, ...], ...] = about["order"]
    placed = " > ".join(" = ".join(block) for block in order)
    if about["by"] == "share":
        return Words(f"{placed} ครองลำดับร่วมกัน", f"{placed} share the rank")
    if about["by"] == "resolution":
        if len(order) == 1:
            return Words(f"{placed} ยังเท่ากัน ต้องมีมติคณะกรรมการ", f"{placed} are still equal; the committee must decide")
        reason = about["values"].get("", "")
        return Words(f"{placed} เหตุผล: {reason}", f"{placed}. Reason: {reason}")
    values, codes = about["values"], [code for block in order for code in block]
    listed = Words(", ".join(f"{code} {decimal(values[code])}" for code in codes))
    if about["by"] == "pairwise":
        listed = Words(
            ", ".join(f"{code} ชนะ {values[code]} คู่" for code in codes),
            ", ".join(f"{code} beats {values[code]}" for code in codes),
        )
    english = listed.in_language("en")
    if len(order) == 1:
        return Words(f"{listed.th} ยังเท่ากันทั้ง {len(codes)} ราย", f"{english}: all {len(codes)} still equal")
    return Words(f"{listed.th} จึงเรียงเป็น {placed}", f"{english}, so {placed}")


def _tier(step: Step) -> Words:
    tier: Tier | None = step.about["tier"]
    value = decimal(step.value)
    if tier is None:
        if step.about["waits"]:
            return Words("ระดับรางวัลขึ้นกับลำดับ รอมติคณะกรรมการ", "the tier depends on the rank and waits for the committee")
        if not step.about["placed"]:
            return Words("ไม่รับรางวัลตามเงื่อนไขคุณสมบัติ", "takes none, by the rules of eligibility")
        return Words(f"{value} ไม่ถึงระดับใด", f"{value} reaches none")
    if tier.at_least is None and tier.rank_at_most is None:
        return Words(f"{value} ไม่ถึงระดับที่สูงกว่า", f"{value} reaches none of the tiers above")
    terms = []
    if tier.at_least is not None:
        least = decimal(tier.at_least)
        terms.append(Words(f"{value} ไม่น้อยกว่า {least}", f"{value} is at least {least}"))
    if tier.rank_at_most is not None:
        terms.append(Words(f"ลำดับไม่เกิน {tier.rank_at_most}", f"the rank is at most {tier.rank_at_most}"))
    return Words(" และ".join(term.th for term in terms), " and ".join(term.en for term in terms))


def _place(step: Step) -> Words:
    about = step.about
    status: Words = STATUSES[about["status"]]
    if step.value is None:
        return status
    where = Words("")
    if about["group"]:
        kind = GROUPS.get(about["groups"], Words(""))
        where = Words(f" ใน{kind.th} {about['group']}", f" in {kind.in_language('en')} {about['group']}")
    line = Words(f"ลำดับที่ {step.value} จาก {about['of']} ผลงาน", f"rank {step.value} of {about['of']}")
    notes = []
    if about["tied"] and about["status"] != "tied_unresolved":
        listed = ", ".join(about["with"])
        notes.append(Words(f"ร่วมกับ {listed}", f"shared with {listed}"))
    if about["status"] != "ranked":
        notes.append(status)
    if about["advances"]:
        notes.append(Words("ผ่านเข้ารอบต่อไป", "goes on to the next stage"))
    tail = Words("".join(f" · {note.th}" for note in notes), "".join(f"; {note.in_language('en')}" for note in notes))
    return _both("{0}{1}{2}", "{0}{1}{2}", line, where, tail)


SENTENCES: Mapping[str, Sentence] = {
    "combine": _combine,
    "worth": _worth,
    "mark": _mark,
    "rounding": _rounding,
    "indicator": _indicator,
    "bands": _bands,
    "linear": _linear,
    "sum": _sum,
    "total": _sum,
    "member_total": _sum,
    "adjustment": _adjustment,
    "adjusted": _adjusted,
    "floor": _bound,
    "ceiling": _bound,
    "earlier": _points,
    "carry": _carry,
    "member_totals": _member_totals,
    "shown_beside": _shown_beside,
    "eligibility": _eligibility,
    "tie": _tie,
    "tier": _tier,
    "place": _place,
}
