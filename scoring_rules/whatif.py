"""What if: other points, members left out, another way to combine, tried on the same facts. Nothing is stored.

A trial changes values (rules and facts) and asks the ordinary `evaluate`. It is never a result: whatever it returns
says so (`TRIAL`), and the rule set it was made by carries neither the id nor the fingerprint of the rules in force.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.exact import MODES, Mode, Number, exact_text, plain
from scoring_rules.explain import explain
from scoring_rules.facts import Facts
from scoring_rules.problems import Problem, did_you_mean
from scoring_rules.rescale import TrialRefused, refused, with_points
from scoring_rules.results import Evaluation
from scoring_rules.rules import Category, Drop, Roundings, RuleSet
from scoring_rules.sentences import COMBINED
from scoring_rules.words import Words

Combine = Literal["mean", "median", "sum", "trimmed_mean"]
AppliedTo = Literal["marks", "totals"]
RankOn = Literal["rounded", "exact"]
TRIAL = Words("ทดลอง ไม่ใช่ผลจริง", "A trial, not a result")
ROUNDED: Mapping[Mode, Words] = {
    "half_up": Words("ครึ่งปัดขึ้น", "half up"),
    "half_even": Words("ครึ่งปัดเข้าเลขคู่", "half to even"),
    "down": Words("ปัดทิ้ง", "down"),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """What is tried; what is None or empty stays as the rules say. Several changes may be tried at once.

    `points` is by path (`d1/commitment`, in every category that has it) or `category:path` (in that one);
    `without` names members whose cards are taken away as though they had no seat: quorum holds as written;
    `drop` goes with trimmed_mean; `rounding` is the mode of every rounding that the rules name.
    """

    points: Mapping[str, Number] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    combine: Combine | None = None
    drop: Drop | None = None
    applied_to: AppliedTo | None = None
    rounding: Mode | None = None
    rank_on: RankOn | None = None

    def __bool__(self) -> bool:
        """Whether anything is tried at all."""
        return self != Variant()


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial beside what it is compared with, both from the same facts; `tried` says what is different."""

    before: Evaluation
    after: Evaluation
    tried: tuple[Words, ...]

    def explain(self, entry: str, *, stage: str | None = None, language: str = "th") -> list[str]:
        """Why the entry would stand where it would, told as a trial at both ends. Raises KeyError."""
        told = explain(self.after.standing(entry, stage=stage), language)
        head = f"{TRIAL.in_language(language)}: {'; '.join(each.in_language(language) for each in self.tried)}"
        return [head, *told, TRIAL.in_language(language)]


def try_out(
    rules: RuleSet,
    facts: Facts,
    variant: Variant,
    *,
    stage: str | None = None,
    category: str | None = None,
    earlier: EarlierResults | None = None,
    before: Evaluation | None = None,
) -> Trial:
    """The ranking as it is and as it would be; `before` where it is known already.

    Results of an earlier stage stay as they are. Raises TrialRefused for what cannot be tried, FactsRefused for facts
    that do not fit.
    """
    changed = try_rules(rules, variant)
    without = try_facts(facts, variant)
    if before is None:
        before = evaluate(rules, facts, stage=stage, category=category, earlier=earlier)
    after = evaluate(changed, without, stage=stage, category=category, earlier=earlier)
    return Trial(before, after, tuple(tried(rules, variant)))


def try_rules(rules: RuleSet, variant: Variant) -> RuleSet:
    """The rules with the variant's changes, under an id that says it is a trial; a path need only be in one category.

    Raises TrialRefused with every problem.
    """
    problems: list[Problem] = [*_of_words(rules, variant), *_of_paths(rules, variant)]
    made: list[Category] = []
    for category in rules.categories:
        try:
            made.append(_with_panel(with_points(category, points_of(category, variant)), variant))
        except TrialRefused as why:
            problems += why.problems
    if problems:
        raise TrialRefused(dict.fromkeys(problems))
    return replace(
        rules,
        id=f"{rules.id} ({TRIAL.th})",
        award=Words(f"{TRIAL.th}: {rules.award.th}", f"{TRIAL.en}: {rules.award.in_language('en')}"),
        categories=tuple(made),
        sha256=hashlib.sha256(f"{rules.sha256} {_canonical(variant)}".encode()).hexdigest(),
        text="",
    )


def points_of(category: Category, variant: Variant) -> dict[str, Number]:
    """The variant's points that concern a category, by path; what names the category wins."""
    paths = {node.path for node in category.nodes()}
    general = {path: value for path, value in variant.points.items() if path in paths}
    prefix = f"{category.code}:"
    return general | {key[len(prefix) :]: value for key, value in variant.points.items() if key.startswith(prefix)}


def try_facts(facts: Facts, variant: Variant) -> Facts:
    """The facts without the cards of the members left out. Raises TrialRefused for a member that has no card."""
    if not variant.without:
        return facts
    members = list_members(facts)
    unknown = [member for member in variant.without if member not in members]
    if unknown:
        says = Words(f"ไม่มีใบคะแนนของกรรมการ “{unknown[0]}”", f"There is no card of member “{unknown[0]}”.")
        listed = ", ".join(members[:12]) or "-"
        remedy = did_you_mean(unknown[0], members) or Words(f"ใช้รหัสใดใน: {listed}", f"Use one of: {listed}.")
        raise refused("without", "unknown_member", says, remedy)
    left_out = set(variant.without)
    cards = {code: tuple(card for card in given if card.member not in left_out) for code, given in facts.cards.items()}
    return replace(facts, cards=cards)


def list_members(facts: Facts) -> list[str]:
    """Every member who has a card, by code."""
    return sorted({card.member for cards in facts.cards.values() for card in cards})


def tried(rules: RuleSet, variant: Variant, *, name: Callable[[str], str] = str) -> list[Words]:
    """What a variant changes, one sentence each, in the order of its fields. `name` is what a member is called."""
    return [*_points_said(rules, variant), *_panel_said(variant, name)]


def _points_said(rules: RuleSet, variant: Variant) -> Iterable[Words]:
    for category in rules.categories:
        of = f" ({category.label.th})" if len(rules.categories) > 1 else ""
        of_en = f" ({category.label.in_language('en')})" if of else ""
        for path, asked in points_of(category, variant).items():
            if any(node.path == path for node in category.nodes()):
                node = category.criterion(path)
                now, then, name = plain(node.points), plain(asked), node.label.in_language("en")
                yield Words(
                    f"“{node.label.th}”{of} {then} คะแนน แทน {now} เกณฑ์อื่นของข้อแม่เดียวกันแบ่งส่วนที่เหลือตามสัดส่วนเดิม",
                    f"“{name}”{of_en} {then} points instead of {now}; the other parts share the rest in proportion",
                )


def _panel_said(variant: Variant, name: Callable[[str], str]) -> Iterable[Words]:
    if variant.without:
        listed = ", ".join(map(name, variant.without))
        yield Words(f"ไม่นับกรรมการ {listed}", f"without member{'s' if len(variant.without) > 1 else ''} {listed}")
    if variant.combine:
        said = COMBINED[variant.combine]
        cut = Words(" (เพดานคะแนนคงเดิม)", " (the ceiling stays)") if variant.combine == "sum" else Words("")
        yield Words(f"รวมคะแนนกรรมการด้วย{said.th}{cut.th}", f"members combined by the {said.en}{cut.en}")
    if variant.drop:
        high, low, least = variant.drop.high, variant.drop.low, variant.drop.when_at_least
        yield Words(
            f"ตัดสูงสุด {high} ต่ำสุด {low} เมื่อมีกรรมการตั้งแต่ {least} คน",
            f"{high} highest and {low} lowest dropped where at least {least} members count",
        )
    if variant.applied_to:
        marks = variant.applied_to == "marks"
        yield Words(
            "รวมทีละเกณฑ์" if marks else "รวมจากคะแนนรวมของกรรมการแต่ละคน",
            "combined criterion by criterion" if marks else "each member's own total combined",
        )
    if variant.rounding:
        said = ROUNDED[variant.rounding]
        yield Words(f"ปัดเศษแบบ{said.th}", f"rounded {said.en}")
    if variant.rank_on:
        exact = variant.rank_on == "exact"
        yield Words(
            "จัดลำดับจากคะแนนก่อนปัดเศษ" if exact else "จัดลำดับจากคะแนนที่ปัดเศษแล้ว",
            "ranked on the exact total" if exact else "ranked on the rounded total",
        )


def _with_panel(category: Category, variant: Variant) -> Category:
    panel = category.panel
    combine = variant.combine or panel.combine
    drop = variant.drop or panel.drop if combine == "trimmed_mean" else None
    if combine == "trimmed_mean" and drop is None:
        says = Words("ยังไม่ได้บอกว่าตัดกี่คน", "It is not said how many are dropped.")
        raise refused("drop", "no_drop", says, Words("บอกจำนวนที่ตัดสูงสุดและต่ำสุด", "Say how many highest and lowest."))
    panel = replace(panel, combine=combine, drop=drop, applied_to=variant.applied_to or panel.applied_to)
    return replace(category, panel=panel, rounding=_rounding(category.rounding, variant))


def _rounding(rounding: Roundings, variant: Variant) -> Roundings:
    rank_on = variant.rank_on or rounding.rank_on
    if variant.rounding is None:
        return replace(rounding, rank_on=rank_on)
    combined, points, total = (
        None if each is None else replace(each, mode=variant.rounding)
        for each in (rounding.combined, rounding.points, rounding.total)
    )
    return replace(rounding, combined=combined, points=points, total=total, rank_on=rank_on)


def _of_words(rules: RuleSet, variant: Variant) -> Iterable[Problem]:
    """What is wrong with the variant's words and with what is dropped."""
    for name, value, known in (
        ("combine", variant.combine, get_args(Combine)),
        ("applied_to", variant.applied_to, get_args(AppliedTo)),
        ("rounding", variant.rounding, MODES),
        ("rank_on", variant.rank_on, get_args(RankOn)),
    ):
        if value is not None and value not in known:
            yield from _unknown_word(name, value, known)
    drop = variant.drop
    if drop is not None:
        trimmed = [variant.combine or each.panel.combine for each in rules.categories].count("trimmed_mean")
        if not trimmed:
            says = Words("การตัดใช้กับค่าเฉลี่ยหลังตัดค่าสูงสุดและต่ำสุดเท่านั้น", "Only a trimmed mean drops marks.")
            yield from refused("drop", "drop_without_trim", says, Words("เลือกวิธีนั้นด้วย", "Choose it as well.")).problems
        if min(drop.high, drop.low) < 0 or drop.when_at_least - drop.high - drop.low < 1:
            says = Words(
                f"กรรมการ {drop.when_at_least} คน ตัดสูงสุด {drop.high} ต่ำสุด {drop.low} ไม่เหลือคะแนน",
                f"Of {drop.when_at_least} members {drop.high} and {drop.low} are dropped: no mark is left.",
            )
            remedy = Words("ตัดให้น้อยลง หรือเพิ่มจำนวนกรรมการขั้นต่ำ", "Drop fewer, or ask for more members.")
            yield from refused("drop", "trim_leaves_nothing", says, remedy).problems


def _unknown_word(name: str, value: str, known: Sequence[str]) -> Sequence[Problem]:
    says = Words(f"ไม่มีวิธี “{value}”", f"There is no “{value}”.")
    remedy = Words(f"ใช้: {', '.join(known)}", f"Use one of: {', '.join(known)}.")
    return refused(name, "unknown_word", says, remedy).problems


def _of_paths(rules: RuleSet, variant: Variant) -> Iterable[Problem]:
    """Paths that no category has. (Those that name their category are checked where they are used.)"""
    codes = {category.code for category in rules.categories}
    paths = list(dict.fromkeys(node.path for category in rules.categories for node in category.nodes()))
    for key in variant.points:
        of, colon, _ = key.rpartition(":")
        if (colon and of not in codes) or (not colon and key not in paths):
            says = Words(f"ไม่มีเกณฑ์ “{key}” ในเกณฑ์ชุดนี้", f"The rules have no criterion “{key}”.")
            listed = ", ".join(paths[:12])
            remedy = did_you_mean(key, paths) or Words(f"ใช้เกณฑ์ใดใน: {listed}", f"Use one of: {listed}.")
            yield from refused(f"points.{key}", "unknown_criterion", says, remedy).problems


def _canonical(variant: Variant) -> str:
    points = {path: exact_text(value) for path, value in sorted(variant.points.items())}
    rest = (
        sorted(variant.without),
        variant.combine,
        variant.drop,
        variant.applied_to,
        variant.rounding,
        variant.rank_on,
    )
    return f"{points} {rest}"
