"""A rule file (docs/rules-format.md) becomes a RuleSet, or is refused with every problem at once."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from scoring_rules.exact import NotANumber, parse_number
from scoring_rules.problems import Problem, RulesRefused
from scoring_rules.read_criteria import read_criteria
from scoring_rules.read_fields import Names, read_fields, read_indicators
from scoring_rules.read_panel import (
    read_eligibility,
    read_panel,
    read_roundings,
    read_tie_breaks,
    read_tiers,
    read_total,
)
from scoring_rules.reading import MOST_PROBLEMS, Notes, Place, Section, TooManyProblems, near, once
from scoring_rules.rules import Carries, Category, Missing, Panel, Roundings, RuleSet, Source, Stage, Total
from scoring_rules.source import SourceText, read_source
from scoring_rules.words import Words

Groups = Literal["none", "zone", "province", "region"]
Basis = Literal["proposed", "confirmed"]
GROUPS: tuple[Groups, ...] = ("none", "zone", "province", "region")
BASES: tuple[Basis, ...] = ("proposed", "confirmed")
ENTRANTS = ("province_office", "district_office", "subdistrict_group", "occupation_group", "other")
OLDEST_CYCLE, NEWEST_CYCLE = 2400, 2999  # Buddhist Era
LIMIT_PER = ("province", "zone", "region", "cycle")
ID = re.compile(r"([a-z][a-z0-9-]*)/([0-9]{4})-r([1-9][0-9]{0,3})")
ONLY_STAGE = Stage("final", Words("รอบตัดสิน", "Final"), "none")
SETS = Path(__file__).resolve().parent / "sets"


def read_rules(text: str | bytes, *, file: str = "rules") -> RuleSet:
    """The rule set that `text` states. Raises RulesRefused with all problems, in order of place; `file` names them."""
    source = read_source(text, file=file)
    notes = Notes(file, list(source.problems))
    rule_set = None
    try:
        if source.root is not None:
            rule_set = _rule_set(Place(notes, source.root, ""), source)
    except TooManyProblems:
        says = Words(f"พบปัญหา {MOST_PROBLEMS} ข้อ จึงหยุดอ่าน", f"{MOST_PROBLEMS} problems found, the rest was not read.")
        remedy = Words("ตรวจว่าเลือกไฟล์ถูก", "Check that it is the right file.")
        notes.problems.append(Problem(file, 0, 0, "", "too_many_problems", says, remedy))
    if rule_set is None or notes.problems:
        raise RulesRefused(notes.problems)
    return rule_set


def read_rules_file(path: str | Path) -> RuleSet:
    """The rule set in a file. Raises RulesRefused, and OSError where the file cannot be read."""
    return read_rules(Path(path).read_bytes(), file=str(path))


def list_sets() -> tuple[str, ...]:
    """The ids of the rule sets that come with the program, sorted."""
    return tuple(sorted(f"{path.parent.name.replace('_', '-')}/{path.stem}" for path in SETS.glob("*/*.yaml")))


@lru_cache(maxsize=64)
def load_set(id: str) -> RuleSet:
    """A rule set that comes with the program, read once. Raises KeyError for an id that list_sets does not give."""
    if id not in list_sets():
        raise KeyError(id)
    award, _, revision = id.partition("/")
    return read_rules_file(SETS / award.replace("-", "_") / f"{revision}.yaml")


def _rule_set(place: Place, source: SourceText) -> RuleSet:
    section = place.section(
        "format", "id", "award", "short", "cycle", "basis", "sources", "categories", optional=("stages",)
    )
    section.choice("format", ("1",))
    sources = _sources(section)
    # A clause can only be checked against source codes that were all readable.
    if sources and all(each.code for each in sources):
        place.notes.sources = frozenset(each.code for each in sources)
    return RuleSet(
        id=_id(section),
        award=section.words("award"),
        short=section.words("short"),
        cycle=_cycle(section),
        basis=section.choice("basis", BASES),
        sources=sources,
        categories=_categories(section),
        stages=_stages(section.at("stages")) if section.has("stages") else (ONLY_STAGE,),
        sha256=source.sha256,
        text=source.text,
    )


def _cycle(section: Section) -> int:
    """The Buddhist Era year; a year that reads like A.D. is noted with its B.E. year."""
    written = _year(section.place.peek("cycle"))
    if written in map(str, range(OLDEST_CYCLE - 543, OLDEST_CYCLE)):
        year = int(written)
        says = Words(f"cycle ต้องเป็นปี พ.ศ. แต่ {year} น่าจะเป็นปี ค.ศ.", f"{year} looks like a year A.D.")
        section.at("cycle").note("not_buddhist_era", says, Words(f"เขียน {year + 543}", f"Write {year + 543} (B.E.)."))
        return year
    return section.whole("cycle", least=OLDEST_CYCLE, most=NEWEST_CYCLE)


def _id(section: Section) -> str:
    text = section.text("id")
    match = ID.fullmatch(text)
    if text and match is None:
        remedy = Words("เช่น transparent-office/2564-r1", "For example transparent-office/2564-r1.")
        section.at("id").expected("not_an_id", " <รางวัล>/<ปี>-r<ฉบับ>", "<award>/<cycle>-r<revision>", remedy)
    elif match and section.has("cycle") and _year(section.place.peek("cycle")) not in (match[2], ""):
        year = section.place.peek("cycle")
        says = Words(f"id บอกปี {match[2]} แต่ cycle เป็น {year}", f"The id says {match[2]}, cycle says {year}.")
        section.at("cycle").note("cycle_differs", says, Words("แก้ปีให้ตรงกัน", "Let the two agree."))
    return text


def _year(text: str) -> str:
    try:
        return str(parse_number(text))
    except NotANumber:
        return ""


def _sources(section: Section) -> tuple[Source, ...]:
    places = section.items("sources", by_code=True)
    sections = [place.section("code", "what") for place in places]
    sources = tuple(Source(each.code(), each.words("what")) for each in sections)
    once(places, [each.code for each in sources])
    return sources


def _categories(section: Section) -> tuple[Category, ...]:
    places = section.items("categories")
    categories = tuple(_category(place) for place in places)
    once(places, [each.code for each in categories])
    return categories


def _category(place: Place) -> Category:
    section = place.section(
        "code",
        "label",
        "entrant",
        "limit",
        "criteria",
        "panel",
        "total",
        "rounding",
        "tie_breaks",
        optional=("fields", "indicators", "eligibility", "tiers", "clause"),
    )
    names = Names()
    fields = read_fields(section.items("fields", by_code=True), names)
    indicators = read_indicators(section.items("indicators", by_code=True), names)
    criteria = read_criteria(section.at("criteria"), names) if section.has("criteria") else ()
    names.settle()
    entries, per = _limit(section.at("limit")) if section.has("limit") else (1, LIMIT_PER[0])
    return Category(
        code=section.code(),
        label=section.words(),
        entrant=section.choice("entrant", ENTRANTS),
        limit=entries,
        limit_per=per,
        criteria=criteria,
        panel=read_panel(section.at("panel")) if section.has("panel") else _NO_PANEL,
        total=read_total(section.at("total"), names) if section.has("total") else Total(0, 0),
        rounding=read_roundings(section.at("rounding")) if section.has("rounding") else _NO_ROUNDING,
        tie_breaks=read_tie_breaks(section.at("tie_breaks"), names) if section.has("tie_breaks") else (),
        fields=fields,
        indicators=indicators,
        eligibility=read_eligibility(section.items("eligibility", by_code=True), names),
        tiers=read_tiers(section.items("tiers", by_code=True)),
        clause=section.clause(),
    )


# Stand in for what is missing until the file is refused for it.
_NO_PANEL = Panel("mean", "marks", 1, Missing("refuse", "refuse", "refuse"))
_NO_ROUNDING = Roundings(None, None, None, "exact")


def _limit(place: Place) -> tuple[int, str]:
    section = place.section("entries", "per")
    return section.whole("entries", least=1, most=1_000_000), section.choice("per", LIMIT_PER)


def _stages(place: Place) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    places = place.items()
    places = [replace(each, path=f"{place.path}[{each.name}]") if each.name else each for each in places]
    for each in places:
        section = each.section("code", "label", "groups", optional=("advance", "carries", "clause"))
        stages.append(
            Stage(
                code=section.code(),
                label=section.words(),
                groups=section.choice("groups", GROUPS),
                advance=_advance(section.at("advance")) if section.has("advance") else None,
                carries=_carries(section.at("carries"), stages) if section.has("carries") else None,
                clause=section.clause(),
            )
        )
    once(places, [stage.code for stage in stages])
    return tuple(stages)


def _advance(place: Place) -> int:
    return place.section("take").whole("take", least=1, most=1_000_000)


def _carries(place: Place, earlier: list[Stage]) -> Carries:
    section = place.section("stage", "share")
    code = section.code("stage")
    if code and code not in [stage.code for stage in earlier]:
        says = Words(f"ไม่มีรอบ “{code}” ก่อนรอบนี้", f'There is no stage "{code}" before this one.')
        section.at("stage").note("not_an_earlier_stage", says, near(code, [stage.code for stage in earlier]))
    label = next((stage.label for stage in earlier if stage.code == code), Words(code))
    return Carries(code, section.number("share", least=0, most=1), label)
