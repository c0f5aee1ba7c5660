"""The released rule sets that come with the program, and whether a file from elsewhere is one of those released."""

from scoring_rules.problems import Problem, RulesRefused
from scoring_rules.reader import list_sets, load_set, read_rules
from scoring_rules.releases import RELEASED, Release, find_release, read_releases, state_of
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words


def releases() -> tuple[Release, ...]:
    """The program's own list of released files, oldest first."""
    return read_releases(RELEASED.read_text("utf-8"), file=RELEASED.name)


def released_sets() -> tuple[RuleSet, ...]:
    """Those that come with the program byte for byte as they were released, in the order of their release."""
    there = set(list_sets())
    found = (load_set(each.id) for each in releases() if each.id in there)
    return tuple(rules for rules in found if state_of(rules, releases()) == "released")


def newest_sets(year: int) -> tuple[RuleSet, ...]:
    """For each award the newest released revision of the newest cycle up to `year`, in the order in which the awards
    were first released."""
    newest: dict[str, RuleSet] = {}
    for rules in released_sets():
        known = newest.get(rules.award_code)
        if rules.cycle <= year and (known is None or age_of(rules.id) > age_of(known.id)):
            newest[rules.award_code] = rules
    return tuple(newest.values())


def age_of(id: str) -> tuple[int, int]:
    """Cycle and revision, by which the rule sets of an award are ordered: `womens-fund/2564-r2` is (2564, 2)."""
    cycle, _, revision = id.partition("/")[2].partition("-r")
    return int(cycle), int(revision)


def read_released(content: bytes, *, file: str) -> RuleSet:
    """The rule set of a file from elsewhere, which must be one of those released.

    Raises RulesRefused with every problem: where the file breaks the format, and where it is not released.
    """
    rules = read_rules(content, file=file)
    state = state_of(rules, releases())
    if state == "released":
        return rules
    release = find_release(releases(), rules.id)
    if release is not None:
        says = Words(
            f"{rules.id} เผยแพร่แล้วเมื่อ {release.on} ด้วยเนื้อหาอื่น (SHA-256 {release.sha256[:12]}…)",
            f"{rules.id} was released on {release.on} with other bytes (SHA-256 {release.sha256[:12]}…).",
        )
        remedy = Words(
            "ใช้ไฟล์ที่เผยแพร่แล้ว หรือเขียนการแก้ไขเป็นฉบับใหม่ แล้วเผยแพร่ด้วย award rules release",
            "Use the released file, or write the correction as a new revision and release it: award rules release.",
        )
    else:
        says = Words(f"{rules.id} ยังไม่เผยแพร่", f"{rules.id} is not released.")
        remedy = Words(
            "ผู้ดูแลระบบเผยแพร่ด้วยคำสั่ง award rules release ก่อน: จากนั้นไฟล์แก้ไม่ได้แม้แต่ไบต์เดียว",
            "The administrator releases it first: award rules release. From then on not one byte of it changes.",
        )
    raise RulesRefused([Problem(file, 0, 0, "id", f"rules_{state}", says, remedy)])
