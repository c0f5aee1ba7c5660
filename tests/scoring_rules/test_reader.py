"""Rule files are read strictly: all that is wrong is said at once, with its place and what to do."""

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest

from scoring_rules.exact import Rounding
from scoring_rules.fact_cards import COLUMNS as MARK_COLUMNS
from scoring_rules.fact_entries import COLUMNS as ENTRY_COLUMNS
from scoring_rules.problems import RulesRefused
from scoring_rules.reader import read_rules, read_rules_file
from scoring_rules.rules import Bands, ChecklistSource, Condition, IndicatorSource, Linear, MarksSource
from scoring_rules.words import Words

CASES = Path(__file__).resolve().parent.parent / "cases"
SMALLEST = (CASES / "accepted" / "rules" / "smallest.yaml").read_text(encoding="utf-8")
EVERY_WORD = CASES / "accepted" / "rules" / "every_word.yaml"


def refused(text: str | bytes) -> list[tuple[int, int, str, str]]:
    with pytest.raises(RulesRefused) as caught:
        read_rules(text)
    return [(problem.line, problem.column, problem.path, problem.code) for problem in caught.value.problems]


def test_the_smallest_file_is_read_with_one_stage_and_nothing_made_up() -> None:
    rules = read_rules(SMALLEST)
    (office,) = rules.categories
    assert (rules.id, rules.award_code, rules.cycle, rules.basis) == (
        "small-award/2564-r1",
        "small-award",
        2564,
        "proposed",
    )
    assert [(stage.code, stage.groups, stage.advance, stage.carries) for stage in rules.stages] == [
        ("final", "none", None, None)
    ]
    assert (office.fields, office.indicators, office.eligibility, office.tiers) == ((), (), (), ())
    assert office.panel.spread_alert is None and office.panel.drop is None
    assert rules.award.in_language("en") == "รางวัลตัวอย่าง"


def test_the_example_in_the_documentation_is_that_file() -> None:
    page = (CASES.parent.parent / "docs" / "rules-format.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert example == SMALLEST.partition("\n")[2]


def test_every_word_of_the_format_reaches_the_rule_set() -> None:
    rules = read_rules_file(EVERY_WORD)
    (office,) = rules.categories
    progress, debt_rate, plan = office.indicators
    assert progress.ratio == ("done", "planned") and progress.times == 100
    assert (progress.rows, progress.max, plan.max) == ("district", 100, None)
    assert progress.round == Rounding(2, "half_even")
    assert debt_rate.unit == Words("%") and debt_rate.field == "debt" and plan.field == "has_plan"
    assert office.field("planned").min == Fraction(1, 100)
    assert [option.code for option in office.field("kind").options] == ["new", "old"]
    assert [column.code for column in office.field("projects").columns] == ["name", "ready"]
    assert office.field("papers").accept == ("pdf", "jpg")
    assert [leaf.path for leaf in office.leaves] == ["d1/talk", "d1/range", "d1/plain", "debt", "line", "ticks"]
    talk = office.criterion("d1/talk").source
    assert isinstance(talk, MarksSource) and talk.suggest is not None
    assert talk.suggest.bands == Bands("higher", ((60, 2), (70, 3), (80, 4), (90, 5)), 1)
    assert office.criterion("debt").source == IndicatorSource("debt_rate", Bands("lower", ((5, 20), (10, 12)), 0))
    assert office.criterion("line").source == IndicatorSource("debt_rate", linear=Linear(20, 3))
    ticks = office.criterion("ticks").source
    assert isinstance(ticks, ChecklistSource) and [item.points for item in ticks.items] == [4, 6]
    assert office.panel.drop is not None and office.panel.drop.when_at_least == 5
    late, bonus = office.total.adjustments
    assert (late.amount, late.per, late.at_most) == (-1, ("field", "days_late"), 5)
    assert (bonus.amount, bonus.when) == (2, Condition("indicator", "progress", "at_least", 95))
    assert [rule.require.what for rule in office.eligibility] == ["field", "criterion", "indicator", "total"]
    assert [each.name for each in office.tie_breaks][:2] == ["criterion:d1/talk", "indicator:debt_rate"]
    assert office.tiers[0].rank_at_most == 1 and office.tiers[0].reward == Words("โล่", "Plaque")
    assert rules.stages[0].advance == 2
    assert rules.stages[1].carries is not None and rules.stages[1].carries.share == Fraction(2, 5)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing_but_the_fingerprint() -> None:
    plain = read_rules(SMALLEST)
    marked = read_rules(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    assert marked.categories == plain.categories
    assert marked.sha256 != plain.sha256
    assert hashlib.sha256(marked.text.encode()).hexdigest() == marked.sha256, "what is kept is what was hashed"
    assert read_rules(marked.text) == marked, "kept and read again it is the same rule set"


def test_json_is_a_valid_way_to_write_a_rule_file() -> None:
    quoted = SMALLEST.replace("quorum: 2", 'quorum: "2"').replace("{entries: 1,", '{"entries": "1",')
    assert read_rules(quoted).categories == read_rules(SMALLEST).categories


def test_scalars_keep_their_text_so_that_010_is_asked_about_and_no_is_no() -> None:
    told = refused(SMALLEST.replace("quorum: 2", "quorum: 010"))
    assert [path for _, _, path, _ in told] == ["categories[0].panel.quorum"]
    assert read_rules(SMALLEST.replace("th: สำนักงาน, en: Office", "th: no, en: null")).categories[0].label == Words(
        "no", "null"
    )


def test_thai_digits_are_numbers() -> None:
    assert read_rules(SMALLEST.replace("points: 100", "points: ๑๐๐")).categories[0].full_mark == 100


@pytest.mark.parametrize("number", ["1e2", "1_00", "0x64", "1,000", ".inf", "NaN", "100.0.0", "1/3", "-5", "0"])
def test_only_plain_positive_decimals_are_points(number: str) -> None:
    assert len(refused(SMALLEST.replace("points: 100", f"points: {number!r}"))) == 1


@pytest.mark.parametrize("column", ENTRY_COLUMNS)
def test_a_field_may_not_be_called_like_a_column_of_entries(column: str) -> None:
    field = f"  fields:\n  - {{code: {column}, label: {{th: ช่อง}}, type: integer, required: true}}\n"
    text = SMALLEST.replace("  criteria:\n", f"{field}  criteria:\n")
    assert [code for *_, code in refused(text)] == ["reserved_code"]


@pytest.mark.parametrize("column", MARK_COLUMNS)
def test_a_leaf_at_the_root_may_not_be_called_like_a_column_of_marks(column: str) -> None:
    assert [code for *_, code in refused(SMALLEST.replace("code: work", f"code: {column}"))] == ["reserved_code"]


def test_sums_are_exact_where_binary_floating_point_is_not() -> None:
    start, end = SMALLEST.index("  - code: work"), SMALLEST.index("  panel:")
    marks = "source: marks, scale: {from: 0, to: 5, step: 1}, worth: share_of_top"
    leaves = [
        f"{{code: {code}, label: {{th: ข้อ}}, points: {points}, {marks}}}" for code, points in (("a", 0.1), ("b", 0.2))
    ]
    tree = f"  - {{code: d1, label: {{th: มิติ}}, points: 0.3, parts: [{', '.join(leaves)}]}}\n"
    rules = read_rules(SMALLEST[:start] + tree + SMALLEST[end:])
    assert rules.categories[0].full_mark == Fraction(3, 10)


def test_too_large_too_deep_and_too_wrong_end_the_reading_with_a_sentence() -> None:
    assert refused("x" * 1_000_001) == [(0, 0, "", "too_large")]
    assert refused("[" * 100)[-1][3] == "too_deep"
    many = refused("".join(f"k{number}: 1\n" for number in range(3000)))
    assert len(many) == 1001 and many[0] == (0, 0, "", "too_many_problems")


def test_what_yaml_hides_is_refused() -> None:
    assert (1, 1, "", "directive") in [(1, c, p, code) for _, c, p, code in refused("%YAML 1.1\n---\n" + SMALLEST)]
    assert [code for *_, code in refused("? [a]\n: 1\n")] == ["key_not_text"]
    assert [code for *_, code in refused("a: \x07")] == ["broken_yaml"]
    assert [code for *_, code in refused("a: \ud800")] == ["not_utf8"]
    assert [code for *_, code in refused(SMALLEST.encode("utf-16"))] == ["not_utf8"]


def test_a_file_in_an_old_thai_encoding_is_refused_where_the_first_thai_letter_stands() -> None:
    assert refused(SMALLEST.partition("\n")[2].encode("cp874")) == [(3, 13, "", "not_utf8")]


def test_a_problem_reads_as_one_line_in_either_language() -> None:
    with pytest.raises(RulesRefused) as caught:
        read_rules(SMALLEST.replace("quorum: 2", "quorum: 0"), file="rules.yaml")
    (problem,) = caught.value.problems
    line = SMALLEST[: SMALLEST.index("quorum")].count("\n") + 1
    assert problem.sentence("en") == (
        f'rules.yaml:{line}:13: categories[0].panel.quorum: Found "0", expected at least 1 and at most 1000.'
        " Write a number in that range."
    )
    assert problem.sentence("th").startswith(
        f"rules.yaml:{line}:13: categories[0].panel.quorum: พบ “0” แต่ต้องเป็นตัวเลขตั้งแต่ 1 ถึง 1000"
    )


def test_a_file_that_is_not_there_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        read_rules_file("no-such-file.yaml")
