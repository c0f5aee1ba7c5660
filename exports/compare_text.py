"""Two rule sets compared, as plain text for a terminal: what changed, and who would move on the same facts."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from exports.wording import INVENTED, PROPOSED, STATUS
from scoring_rules.compare import Change
from scoring_rules.compare_facts import Compared, Unfit
from scoring_rules.exact import Number, plain, shown
from scoring_rules.moves import Move
from scoring_rules.problems import Problem
from scoring_rules.results import Standing
from scoring_rules.rules import Category, RuleSet
from scoring_rules.sentences import GROUPS
from scoring_rules.words import Words

MOST_NAMED = 12
WHOLE_SET = Words("ทั้งชุด", "The rule set")
NO_RESULT = Words("เปรียบเทียบเท่านั้น ไม่ใช่ผลการตัดสิน", "A comparison, not a result")
_MARKS = {"result": "*", "form": "-"}


def changes_text(old: RuleSet, new: RuleSet, changes: Sequence[Change], *, language: str = "th") -> str:
    """Every change, by category; what could change a ranking is marked with a star. Ends in a line break."""
    lines = [f"{new.award.in_language(language)}: {old.id} → {new.id}"]
    if "proposed" in (old.basis, new.basis):
        lines.append(PROPOSED.in_language(language))
    if not changes:
        lines.append(Words("เกณฑ์สองชุดนี้เหมือนกันทุกข้อ", "The two rule sets are the same").in_language(language))
    else:
        count, deciding = len(changes), sum(change.kind == "result" for change in changes)
        says = Words(
            f"เปลี่ยน {count:,} ข้อ มีผลต่อการตัดสินได้ {deciding:,} ข้อ (* เปลี่ยนผลได้  - เฉพาะถ้อยคำหรือแบบกรอก)",
            f"{count:,} changes, {deciding:,} that can change a result (* can change a result  - words or forms only)",
        )
        lines.append(says.in_language(language))
    for code, group in groupby(
        sorted(changes, key=lambda change: change.category != ""), lambda change: change.category
    ):
        lines += ["", _category(old, new, code, language)]
        lines += [f"  {_MARKS[change.kind]} {change.says.in_language(language)}" for change in group]
    return "\n".join(lines) + "\n"


def moves_text(old: RuleSet, new: RuleSet, compared: Compared, *, invented: bool = False, language: str = "th") -> str:
    """What of the facts does not fit, then who would move, by how much and through which step."""
    lines = ["", f"*** {NO_RESULT.in_language(language)} ***"]
    if invented:
        lines.append(INVENTED.in_language(language))
    lines += _unfit(compared.unfit, language)
    lines += _problems(compared.problems, language)
    if compared.before is None or compared.problems:
        nobody = Words("จึงเทียบผลของผลงานใดไม่ได้", "So no entry can be compared.")
        return "\n".join([*lines, nobody.in_language(language)]) + "\n"
    standings = [each for ranking in compared.before.rankings for each in ranking.standings]
    among = len({each.entry for each in standings})
    differ, in_rank = len(compared.moves), sum(move.changes_rank for move in compared.moves)
    counted = Words(
        f"ผลต่างกัน {differ:,} จาก {among:,} ผลงานที่เทียบได้ ลำดับต่างกัน {in_rank:,} ผลงาน",
        f"Entries that differ: {differ:,} of {among:,} compared; in rank: {in_rank:,}",
    )
    lines.append(counted.in_language(language))
    places = {(ranking.category, ranking.group): ranking.places for ranking in compared.before.rankings}
    for (category, group), moves in groupby(compared.moves, lambda move: (move.category, move.group)):
        name = _category(old, new, category, language)
        lines += ["", " · ".join(part for part in (name, _group(old, new, compared, group, language)) if part)]
        for move in moves:
            lines += [f"  {line}" for line in _move(old, new, move, places.get((category, group)), language)]
    return "\n".join(lines) + "\n"


def _category(old: RuleSet, new: RuleSet, code: str, language: str) -> str:
    kind = _find(new, code) or _find(old, code)
    return WHOLE_SET.in_language(language) if kind is None else f"{kind.label.in_language(language)} ({code})"


def _find(rules: RuleSet, code: str) -> Category | None:
    return next((each for each in rules.categories if each.code == code), None)


def _group(old: RuleSet, new: RuleSet, compared: Compared, group: str, language: str) -> str:
    """`เขต 9`, whichever of the two rule sets makes these groups."""
    if not group or compared.before is None:
        return ""
    code = compared.before.rankings[0].stage
    kinds = [stage.groups for rules in (new, old) for stage in rules.stages if stage.code == code]
    kind = next((GROUPS[each] for each in kinds if each != "none"), Words(""))
    return f"{kind.in_language(language)} {group}"


def _unfit(unfit: Sequence[Unfit], language: str) -> Iterator[str]:
    """What the new rules do not take, with the entries it is about."""
    out = {entry for each in unfit if each.left_out for entry in each.entries}
    if out:
        says = Words(
            f"เทียบไม่ได้ {len(out):,} ผลงาน ตัดออกจากทั้งสองฝั่ง ลำดับข้างล่างจึงเป็นลำดับในหมู่ผลงานที่เทียบได้",
            f"Entries that cannot be compared: {len(out):,}, left out on both sides; ranks are among the others",
        )
        yield says.in_language(language)
    for each in unfit:
        named, more = ", ".join(each.entries[:MOST_NAMED]), len(each.entries) - MOST_NAMED
        rest = Words(f" และอีก {more:,}", f" and {more:,} more").in_language(language) if more > 0 else ""
        yield f"  {'!' if each.left_out else '-'} {each.says.in_language(language).rstrip('.')}: {named}{rest}"


def _problems(problems: Sequence[Problem], language: str) -> list[str]:
    return [f"  ! {each.sentence(language)}" for each in problems]


def _move(old: RuleSet, new: RuleSet, move: Move, places: int | None, language: str) -> Iterator[str]:
    """One line of what differs; below it the steps, where more than points differ."""
    sides = (move.before, move.after)
    told = [_pair(Words("ลำดับ", "rank"), [_rank(each, language) for each in sides], language)]
    totals = ["-" if each is None or each.total is None else shown(each.total, places or 2) for each in sides]
    told.append(_pair(Words("คะแนน", "total"), totals, language) + _change(move.change))
    tiers = [_tier(rules, move.category, each, language) for rules, each in zip((old, new), sides, strict=True)]
    if tiers[0] != tiers[1]:
        told.append(_pair(Words("ระดับ", "tier"), tiers, language))
    advances = [each is not None and each.advances for each in sides]
    if advances[0] != advances[1]:
        says = Words("ผ่านเข้ารอบ", "goes on") if advances[1] else Words("ไม่ผ่านเข้ารอบ", "no longer goes on")
        told.append(says.in_language(language))
    yield f"{move.entry}  {' '.join(move.label.split())}: {' · '.join(told)}"
    if move.changes_rank or tiers[0] != tiers[1] or advances[0] != advances[1] or _status(sides):
        yield from (f"    {each.says.in_language(language)}" for each in move.through)


def _status(sides: Sequence[Standing | None]) -> bool:
    return len({each.status if each else None for each in sides}) > 1


def _pair(what: Words, sides: Sequence[str], language: str) -> str:
    before, after = sides
    return f"{what.in_language(language)} {before}" + ("" if before == after else f" → {after}")


def _rank(standing: Standing | None, language: str) -> str:
    if standing is None:
        return "-"
    return STATUS[standing.status].in_language(language) if standing.rank is None else str(standing.rank)


def _change(value: Number | None) -> str:
    """The exact difference; nothing where there is none."""
    return "" if not value else f" ({'+' if value > 0 else ''}{plain(value)})"


def _tier(rules: RuleSet, category: str, standing: Standing | None, language: str) -> str:
    kind = _find(rules, category)
    tiers = kind.tiers if kind else ()
    found = next((each for each in tiers if standing is not None and each.code == standing.tier), None)
    return "-" if found is None else found.label.in_language(language)
