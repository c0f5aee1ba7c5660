"""The words of the workbook: states, warnings, and rules said as sentences, in Thai and English."""

from collections.abc import Mapping

from exports.material import Material
from scoring_rules.exact import Rounding, plain, shown
from scoring_rules.indicators import label_of_field
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category, Condition, Drop, TieBreak
from scoring_rules.sentences import COMBINED, MODES, STATUSES, WHY
from scoring_rules.ties import LABELS
from scoring_rules.words import Words


def _capital(words: Words) -> Words:
    """Words as the beginning of a line."""
    return Words(words.th, words.en[:1].upper() + words.en[1:])


INVENTED = Words("ข้อมูลสมมติ", "Invented data")
PROPOSED = Words("คะแนนและเกณฑ์เป็นข้อเสนอ ยังไม่ใช่แบบของกรม", "Points and criteria are proposed, not the department's form")
KINDS: Mapping[str, Words] = {
    "provisional": Words("ผลเบื้องต้น", "Provisional result"),
    "official": Words("ผลอย่างเป็นทางการ", "Official result"),
    "file": Words("จัดอันดับจากแฟ้ม ไม่ใช่ผลของระบบ", "Ranked from files, not a result of the system"),
}
STATUS: Mapping[str, Words] = {
    **{status: _capital(words) for status, words in STATUSES.items()},
    "ranked": Words("", ""),  # the rank itself says so
}
CARD_STATE: Mapping[str, Words] = {
    "recused": _capital(WHY["recused"]),
    "absent": _capital(WHY["absent"]),
    "standing": Words("ยังไม่ครบ", "Not complete"),
}
NOTHING = "–"
COMBINE: Mapping[str, Words] = COMBINED
APPLIED: Mapping[str, Words] = {
    "marks": Words("รวมทีละเกณฑ์แล้วจึงคิดเป็นคะแนน", "combined criterion by criterion, then turned into points"),
    "totals": Words("รวมจากคะแนนรวมของกรรมการแต่ละคน", "combined from each member's own total"),
}
POLICY: Mapping[str, Words] = {
    "leave_out": Words("ไม่นำมาคิด", "left out"),
    "lowest": Words("คิดเป็นคะแนนต่ำสุดของมาตรวัด", "counted as the lowest mark"),
    "refuse": Words("ยังจัดอันดับไม่ได้", "the entry is not ranked"),
}
WORTH: Mapping[str, Words] = {
    "share_of_top": Words("คะแนนเต็ม × ระดับ ÷ ระดับสูงสุด", "points × mark ÷ highest mark"),
    "share_of_range": Words(
        "คะแนนเต็ม × (ระดับ − ต่ำสุด) ÷ (สูงสุด − ต่ำสุด)", "points × (mark − lowest) ÷ (highest − lowest)"
    ),
    "as_points": Words("คะแนนที่ให้คือคะแนนที่ได้", "the mark is the points"),
}
COMPARE: Mapping[str, Words] = {
    "at_least": Words("ไม่น้อยกว่า", "at least"),
    "at_most": Words("ไม่เกิน", "at most"),
    "equals": Words("เท่ากับ", "equal to"),
}
COMMENT: Mapping[str, Words] = {
    "optional": Words("", ""),
    "required": Words("ต้องเขียนเหตุผลเสมอ", "a written reason is always required"),
    "required_at_ends": Words("ต้องเขียนเหตุผลเมื่อให้ต่ำสุดหรือสูงสุด", "a written reason is required at both ends"),
    "required_when_different": Words(
        "ต้องเขียนเหตุผลเมื่อให้ต่างจากค่าที่ระบบเสนอ", "a written reason is required when it differs from the suggestion"
    ),
}
GROUPS: Mapping[str, Words] = {
    "none": Words("จัดอันดับรวมทั้งหมด", "all ranked together"),
    "zone": Words("จัดอันดับแยกรายเขตตรวจราชการ", "ranked inside each inspection zone"),
    "province": Words("จัดอันดับแยกรายจังหวัด", "ranked inside each province"),
    "region": Words("จัดอันดับแยกรายภาค", "ranked inside each region"),
}


def warnings(material: Material) -> list[str]:
    """What must stand on every sheet: invented data, a result that is not official, proposed points."""
    said = [INVENTED] if material.provenance.invented else []
    if material.provenance.kind != "official":
        said.append(KINDS[material.provenance.kind])
    if material.rules.basis == "proposed":
        said.append(PROPOSED)
    return [material.say(each) for each in said]


def group_name(material: Material, ranking: Ranking) -> str:
    """`เขตตรวจราชการที่ 9`; empty where all are ranked together."""
    group, kind = ranking.group, material.stage.groups
    if not group or kind == "none":
        return ""
    if kind == "zone":
        return material.say(Words(f"เขตตรวจราชการที่ {group}", f"Inspection zone {group}"))
    if kind == "province":
        return material.say(Words(f"จังหวัด{group}", f"{group} province"))
    return group


def remark(material: Material, standing: Standing) -> str:
    """Why a standing is what it is: its status, a shared rank, and the engine's reasons."""
    said = [material.say(STATUS[standing.status])]
    if standing.tied and standing.status != "tied_unresolved" and standing.rank is not None:
        said.append(material.say(Words("ลำดับร่วม", "Shared rank")))
    said += [material.say(reason) for reason in standing.reasons]
    return "\n".join(text for text in said if text)


def tie_break(category: Category, rule: TieBreak) -> Words:
    """What a tie-break rule looks at, and which side wins."""
    if rule.by == "criterion":
        label = category.criterion(rule.code).label
        return Words(f"คะแนน “{label.th}” สูงกว่า", f"Higher points for “{label.in_language('en')}”")
    if rule.by == "indicator":
        indicator = category.indicator(rule.code)
        side = Words("สูงกว่า", "Higher") if indicator.better == "higher" else Words("ต่ำกว่า", "Lower")
        return Words(f"“{indicator.label.th}” {side.th}", f"{side.en} “{indicator.label.in_language('en')}”")
    return LABELS[rule.by]


def decided_by(material: Material, category: Category, standing: Standing) -> str:
    """What settled this standing's tie, with its own value: `ตัดสินด้วย “มิติที่ 1”: 25.60`; empty without a tie."""
    if value := _deciding_value(material, category, standing):
        return material.say(Words(f"ตัดสินด้วย {value}", f"Decided by {value}"))
    return _rule(material, category, standing)


def tie_settled_by(material: Material, category: Category, standing: Standing) -> str:
    """The same as a remark: `คะแนนเท่ากัน ตัดสินด้วย “มิติที่ 1”: 25.60`; empty without a tie."""
    if standing.decided_by is None:
        return ""
    value = _deciding_value(material, category, standing)
    by = f" {value}" if value else f": {_rule(material, category, standing)}"
    return material.say(Words(f"คะแนนเท่ากัน ตัดสินด้วย{by}", f"Tie settled by{by}"))


def _rule(material: Material, category: Category, standing: Standing) -> str:
    """The tie-break rule in words; empty without a tie."""
    rule = next((each for each in category.tie_breaks if each.name == standing.decided_by), None)
    return standing.decided_by or "" if rule is None else material.say(tie_break(category, rule))


def _deciding_value(material: Material, category: Category, standing: Standing) -> str:
    """`“มิติที่ 1”: 25.60`; empty where the rule that settled the tie looks at no single value of the standing."""
    rule = next((each for each in category.tie_breaks if each.name == standing.decided_by), None)
    value, label = None, None
    if rule is not None and rule.by == "criterion":
        value, label = standing.points.get(rule.code), category.criterion(rule.code).label
    elif rule is not None and rule.by == "indicator":
        value, label = standing.indicators.get(rule.code), category.indicator(rule.code).label
    elif rule is not None and rule.by == "spread":
        value, label = standing.spread, Words("ส่วนต่างระหว่างกรรมการ", "Spread between members")
    return (
        "" if value is None or label is None else f"“{material.say(label)}”: {shown(value, category.rounding.places)}"
    )


def rounding(kind: Rounding | None) -> Words:
    """`ทศนิยม 2 ตำแหน่ง เศษครึ่งปัดขึ้น`."""
    if kind is None:
        return Words("ไม่ปัด", "not rounded")
    mode = MODES[kind.mode]
    return Words(f"ทศนิยม {kind.places} ตำแหน่ง {mode.th}", f"{kind.places} decimals, {mode.en}")


def condition(category: Category, asked: Condition) -> Words:
    """`“จำนวนเรื่องร้องเรียน” ไม่เกิน 0`."""
    if asked.what == "total":
        label = Words("คะแนนรวม", "Total")
    elif asked.what == "criterion":
        label = category.criterion(asked.code).label
    elif asked.what == "indicator":
        label = category.indicator(asked.code).label
    else:
        label = label_of_field(category, asked.code)
    compare, value = COMPARE[asked.compare], plain(asked.value)
    return Words(f"“{label.th}” {compare.th} {value}", f"“{label.in_language('en')}” {compare.en} {value}")


def drop(what: Drop) -> Words:
    """What a trimmed mean drops."""
    return Words(
        f"ตัดค่าสูงสุด {what.high} และต่ำสุด {what.low} ค่า เมื่อมีกรรมการอย่างน้อย {what.when_at_least} คน",
        f"drops the {what.high} highest and {what.low} lowest where at least {what.when_at_least} members stand",
    )
