"""The three 2564 rule sets say what they should, and give the levels, points and tiers that officials expect."""

from collections.abc import Iterator, Mapping
from dataclasses import fields as parts_of
from dataclasses import is_dataclass

import pytest

from scoring_rules.compare import compare
from scoring_rules.engine import Earlier, evaluate
from scoring_rules.exact import Number, parse_number
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.indicators import suggested_mark
from scoring_rules.marks import check_marks
from scoring_rules.reader import SETS, list_sets, load_set
from scoring_rules.results import Standing
from scoring_rules.rules import Category, MarksSource, RuleSet
from scoring_rules.words import Words

AWARDS = ("cdd-policy-award", "transparent-office", "womens-fund")
IDS = tuple(f"{award}/2564-{revision}" for award in AWARDS for revision in ("r1", "r2"))
CATEGORIES = [(id, category.code) for id in IDS for category in load_set(id).categories]
SHAPES = {
    "transparent-office/2564-r1": [("office", 5, 17)],
    "cdd-policy-award/2564-r1": [("office", 3, 17)],
    "womens-fund/2564-r1": [("district_secretariat", 6, 6), ("tambon_working_group", 6, 6), ("occupation_group", 6, 6)],
}
SHAPES |= {id.replace("-r1", "-r2"): shape for id, shape in SHAPES.items()}


def the_category(id: str, code: str) -> Category:
    return load_set(id).category(code)


def all_words(value: object) -> Iterator[Words]:
    """Every text for people in a rule set."""
    if isinstance(value, Words):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from all_words(each)
    elif is_dataclass(value):
        for part in parts_of(value):
            yield from all_words(getattr(value, part.name))


def all_criteria(rules: RuleSet) -> list[str]:
    return [leaf.path for category in rules.categories for leaf in category.leaves]


def test_the_program_comes_with_two_revisions_of_three_sets_and_nothing_else() -> None:
    assert list_sets() == IDS
    for id in IDS:
        rules = load_set(id)
        assert rules.id == id and rules.text.startswith("# ") and len(rules.sha256) == 64
        assert load_set(id) is rules
    with pytest.raises(KeyError):
        load_set("transparent-office/2563-r1")
    with pytest.raises(KeyError):
        load_set("../sets/womens-fund/2564-r1")


@pytest.mark.parametrize("id", IDS)
def test_each_award_has_its_dimensions_categories_and_criteria(id: str) -> None:
    rules = load_set(id)
    shape = [(category.code, len(category.criteria), len(category.leaves)) for category in rules.categories]
    assert shape == SHAPES[id]
    assert [category.full_mark for category in rules.categories] == [100] * len(shape)
    assert len(all_criteria(rules)) == (18 if id.startswith("womens") else 17)


def test_dimensions_weigh_what_was_proposed() -> None:
    office = the_category("transparent-office/2564-r1", "office")
    policy = the_category("cdd-policy-award/2564-r1", "office")
    assert [(node.code, node.points) for node in office.criteria] == [
        ("d1", 25), ("d2", 25), ("d3", 20), ("d4", 20), ("d5", 10)
    ]  # fmt: skip
    assert [(node.points, len(node.parts)) for node in policy.criteria] == [(40, 5), (32, 8), (28, 4)]
    assert {leaf.points for leaf in policy.criteria[1].parts} == {4}


@pytest.mark.parametrize("id", IDS)
def test_nothing_is_confirmed_and_every_node_says_what_it_rests_on(id: str) -> None:
    rules = load_set(id)
    assert (rules.basis, rules.cycle) == ("proposed", 2564)
    assert rules.sources[-1].code == "p" and "ยังไม่ใช่เกณฑ์ที่กรมยืนยัน" in rules.sources[-1].what.th
    for category in rules.categories:
        assert category.clause
        for node in category.nodes():
            assert node.clause and node.clause.split()[-1] == "p", node.path
        others = (category.indicators, category.eligibility, category.tie_breaks, category.tiers, rules.stages)
        clauses = [each.clause for group in others for each in group]
        assert clauses and all(clauses)


@pytest.mark.parametrize("id", IDS)
def test_every_text_is_there_in_thai_and_in_english(id: str) -> None:
    texts = list(all_words(load_set(id)))
    assert len(texts) > 200
    for text in texts:
        assert text.th and text.en, text
        assert not any("\u0e00" <= letter <= "\u0e7f" for letter in text.en), text
    assert any("\u0e00" <= letter <= "\u0e7f" for text in texts for letter in text.th)


@pytest.mark.parametrize(("id", "code"), CATEGORIES)
def test_every_criterion_is_marked_0_to_5_with_a_text_for_each_level(id: str, code: str) -> None:
    for leaf in the_category(id, code).leaves:
        assert isinstance(leaf.source, MarksSource)
        assert (leaf.source.scale.from_, leaf.source.scale.to, leaf.source.scale.step) == (0, 5, 1)
        assert leaf.source.worth == "share_of_top"
        assert [level.at for level in leaf.source.levels] == [0, 1, 2, 3, 4, 5]
        assert len({level.text.th for level in leaf.source.levels}) == 6
        assert leaf.source.comment == ("required_when_different" if leaf.source.suggest else "optional")


@pytest.mark.parametrize(("id", "code"), CATEGORIES)
def test_evidence_stands_beside_the_criterion_that_it_is_part_of(id: str, code: str) -> None:
    category = the_category(id, code)
    for leaf in category.leaves:
        assert leaf.evidence == tuple(field.code for field in category.fields if field.part_of == leaf.path)
        assert {category.field(each).type for each in leaf.evidence} & {"files", "link", "table"}, leaf.path


@pytest.mark.parametrize(("id", "code"), CATEGORIES)
def test_a_measured_criterion_asks_for_both_numbers_and_the_date(id: str, code: str) -> None:
    category = the_category(id, code)
    measured = [leaf for leaf in category.leaves if isinstance(leaf.source, MarksSource) and leaf.source.suggest]
    assert len(measured) >= 2
    for leaf in measured:
        assert isinstance(leaf.source, MarksSource) and leaf.source.suggest
        indicator = category.indicator(leaf.source.suggest.indicator)
        assert indicator.ratio and set(indicator.ratio) <= set(leaf.evidence)
        assert "date" in {category.field(each).type for each in leaf.evidence}


def test_one_project_serves_several_dimensions() -> None:
    projects = the_category("transparent-office/2564-r1", "office").field("projects")
    assert projects.part_of is None and projects.max_rows is not None and projects.max_rows > 1
    assert [column.code for column in projects.columns if column.type == "yes_no"] == ["d1", "d2", "d3", "d4", "d5"]


@pytest.mark.parametrize("id", IDS)
def test_one_entry_of_each_province_and_one_of_each_zone_goes_on(id: str) -> None:
    rules = load_set(id)
    zone, national = rules.stages
    assert (zone.code, zone.groups, zone.advance) == ("zone", "zone", 1)
    assert national.carries is not None
    assert (national.groups, national.carries.stage, national.carries.share) == ("none", "zone", parse_number("0.4"))
    for category in rules.categories:
        assert (category.limit, category.limit_per) == (1, "province")
        assert category.tie_breaks[-1].by == "resolution"


# Household rates, and debt where lower is better: value -> level.
PERCENT = "97.27 5  90.00 5  89.99 4  80.00 4  79.99 3  70.00 3  69.99 2  60.00 2  59.99 1  0 1"
DEBT = "0 5  3.27 5  5.00 5  5.01 4  10.00 4  10.01 3  15.00 3  15.01 2  20.00 2  20.01 1  100 1"
BANDS = [
    ("transparent-office/2564-r1", "office", "d1/plans", PERCENT),
    ("transparent-office/2564-r1", "office", "d2/completeness", PERCENT),
    ("transparent-office/2564-r1", "office", "d3/trust", PERCENT),
    ("transparent-office/2564-r1", "office", "d4/moral_activities", PERCENT),
    ("cdd-policy-award/2564-r1", "office", "d1/progress", PERCENT),
    ("cdd-policy-award/2564-r1", "office", "d2/results", PERCENT),
    ("womens-fund/2564-r1", "district_secretariat", "debt", DEBT),
    ("womens-fund/2564-r1", "district_secretariat", "disbursement", PERCENT),
    ("womens-fund/2564-r1", "district_secretariat", "members", PERCENT),
    ("womens-fund/2564-r1", "tambon_working_group", "repayment", DEBT),
    ("womens-fund/2564-r1", "tambon_working_group", "members", "65 5  64.99 4  50 4  35 3  34.99 2  20 2  19.99 1"),
    ("womens-fund/2564-r1", "occupation_group", "income", "120 5  119.99 4  110 4  105 3  104.99 2  100 2  99.99 1"),
    ("womens-fund/2564-r1", "occupation_group", "repayment", "100 5  99.99 4  95 4  94.99 3  80 3  60 2  59.99 1"),
]
BANDS += [(id.replace("-r1", "-r2"), code, path, table) for id, code, path, table in BANDS]


@pytest.mark.parametrize(("id", "code", "path", "table"), BANDS, ids=[f"{band[0][:5]}-{band[2]}" for band in BANDS])
def test_a_measured_value_suggests_its_level(id: str, code: str, path: str, table: str) -> None:
    category = the_category(id, code)
    leaf = category.criterion(path)
    assert isinstance(leaf.source, MarksSource) and leaf.source.suggest
    ratio = category.indicator(leaf.source.suggest.indicator).ratio
    assert ratio is not None
    for value, level in (pair.split() for pair in table.split("  ")):
        fields: Mapping[str, Number] = {ratio[0]: parse_number(value), ratio[1]: 100}
        assert suggested_mark(category, leaf, fields) == int(level), value
    assert suggested_mark(category, leaf, {ratio[0]: 5}) is None  # missing is never zero
    assert suggested_mark(category, leaf, {ratio[0]: 0, ratio[1]: 0}) is None


def test_a_value_is_rounded_to_two_decimals_before_it_meets_a_band() -> None:
    category = the_category("cdd-policy-award/2564-r1", "office")
    leaf = category.criterion("d2/results")
    just_under = {"households_growing": 89_995, "households_all": 100_000}
    further_under = {"households_growing": 89_994, "households_all": 100_000}
    assert suggested_mark(category, leaf, just_under) == 5
    assert suggested_mark(category, leaf, further_under) == 4


def test_every_measured_criterion_is_in_the_table_above() -> None:
    suggesting = {
        (id, code, leaf.path)
        for id, code in CATEGORIES
        for leaf in the_category(id, code).leaves
        if isinstance(leaf.source, MarksSource) and leaf.source.suggest
    }
    assert suggesting == {(id, code, path) for id, code, path, _ in BANDS}


GATES = {"findings": 0, "plan_exists": 1, "all_dimensions": 1, "open_cases": 0}


def entry(category: Category, code: str, **changed: Number) -> Entry:
    filled = {field.code: GATES[field.code] for field in category.fields if field.code in GATES}
    return Entry(code, category.code, code, attributes={"zone": "9"}, fields={**filled, **changed})


def cards(category: Category, level: int, **other: int) -> tuple[Card, ...]:
    marks = {leaf.path: other.get(leaf.code, level) for leaf in category.leaves}
    assert check_marks(category, marks) == {}
    return tuple(Card(member, marks=marks) for member in ("chair", "director", "assistant"))


def standing(id: str, category: Category, level: int, **changed: Number) -> Standing:
    facts = Facts((entry(category, "e1", **changed),), {"e1": cards(category, level)})
    return evaluate(load_set(id), facts, stage="zone", category=category.code).standing("e1")


@pytest.mark.parametrize(("id", "code"), CATEGORIES)
@pytest.mark.parametrize(
    ("level", "total", "tier"),
    [(5, 100, "outstanding"), (4, 80, "commended"), (3, 60, "not_passed"), (0, 0, "not_passed")],
)
def test_the_same_level_everywhere_gives_its_share_of_100(
    id: str, code: str, level: int, total: int, tier: str
) -> None:
    line = standing(id, the_category(id, code), level)
    assert (line.status, line.total, line.tier) == ("ranked", total, tier)


def test_a_level_is_a_fifth_of_the_points() -> None:
    category = the_category("transparent-office/2564-r1", "office")
    points = standing("transparent-office/2564-r1", category, 4).points
    assert (points["d1/commitment"], points["d1"]) == (parse_number("6.40"), 20)
    assert standing("transparent-office/2564-r1", category, 3).points["d1/plans"] == 3


@pytest.mark.parametrize(
    ("id", "code", "gate", "broken", "status"),
    [
        ("transparent-office/2564-r1", "office", "findings", 1, "not_eligible"),
        ("transparent-office/2564-r1", "office", "plan_exists", 0, "not_placed"),
        ("cdd-policy-award/2564-r1", "office", "all_dimensions", 0, "not_placed"),
        ("womens-fund/2564-r1", "district_secretariat", "open_cases", 1, "not_eligible"),
        ("womens-fund/2564-r1", "tambon_working_group", "open_cases", 2, "not_eligible"),
        ("womens-fund/2564-r1", "occupation_group", "open_cases", 1, "not_eligible"),
    ],
)
def test_a_gate_that_fails_keeps_an_entry_from_its_place(
    id: str, code: str, gate: str, broken: int, status: str
) -> None:
    category = the_category(id, code)
    assert standing(id, category, 5).advances
    line = standing(id, category, 5, **{gate: broken})
    assert (line.tier, line.advances) == (None, False)
    assert line.status == status and line.reasons


def test_a_tie_goes_to_the_first_dimension_then_waits_for_the_committee() -> None:
    id = "transparent-office/2564-r1"
    category = the_category(id, "office")
    entries = tuple(entry(category, code) for code in ("e1", "e2", "e3", "e4"))
    # e1 gains 8 points of d1/commitment for 8 of d2/spending; e3 and e4 are alike in everything.
    given = {
        "e1": cards(category, 4, commitment=5, spending=3),
        "e2": cards(category, 4),
        "e3": cards(category, 3),
        "e4": cards(category, 3),
    }
    ranking = evaluate(load_set(id), Facts(entries, given), stage="zone").ranking(
        category="office", stage="zone", group="9"
    )
    by_entry = {line.entry: line for line in ranking.standings}
    assert by_entry["e1"].total == by_entry["e2"].total == 80
    assert (by_entry["e1"].rank, by_entry["e2"].rank, by_entry["e1"].decided_by) == (1, 2, "criterion:d1")
    assert {by_entry[code].status for code in ("e3", "e4")} == {"tied_unresolved"} and ranking.blocked
    assert by_entry["e1"].advances and not by_entry["e2"].advances


def test_the_national_total_is_two_fifths_of_the_zone_total_and_three_of_its_own() -> None:
    id = "cdd-policy-award/2564-r1"
    category = the_category(id, "office")
    facts = Facts((entry(category, "e1"),), {"e1": cards(category, 5)})
    line = evaluate(
        load_set(id), facts, stage="national", earlier={("zone", "e1"): Earlier(parse_number("85.25"), True)}
    ).standing("e1")
    assert line.total == parse_number("94.10")  # 0.4 x 85.25 + 0.6 x 100


@pytest.mark.parametrize("award", AWARDS)
def test_the_second_revision_changes_what_the_form_asks_and_nothing_that_decides(award: str) -> None:
    changes = compare(load_set(f"{award}/2564-r1"), load_set(f"{award}/2564-r2"))
    assert len(changes) > 3
    assert not [change for change in changes if change.kind == "result"]


def test_every_set_keeps_a_list_of_its_changes() -> None:
    for id in IDS:
        folder = SETS / id.partition("/")[0].replace("-", "_")
        assert id.partition("/")[2] in (folder / "CHANGES.md").read_text(encoding="utf-8")
