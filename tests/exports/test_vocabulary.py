"""Every word that a rule file may use has three readings that agree: exact value, explanation, spreadsheet formula."""

from fractions import Fraction

import pytest
from click.testing import CliRunner

from award.cli import main
from exports.formulas import COMBINE, COMPARE, MODES, WORTH
from exports.vocabulary import WORDS, contest_of, readings
from scoring_rules import operations
from scoring_rules.exact import MODES as ROUNDINGS
from scoring_rules.read_criteria import LEAF_KEYS, WORTHS
from scoring_rules.read_fields import BETTER
from scoring_rules.read_panel import APPLIED_TO, COMBINES, COMPARES, OTHERWISE, POLICIES, RANK_ON, TIE_BREAKS
from tests.recalculate import by_ironcalc, compare, formulas
from tests.recalculated import workbook_of

ACCEPTED = {
    "combine": COMBINES,
    "applied_to": APPLIED_TO,
    "missing": POLICIES,
    "worth": WORTHS,
    "source": tuple(LEAF_KEYS),
    "bands": BETTER,
    "rounding": ROUNDINGS,
    "compare": COMPARES,
    "rank_on": RANK_ON,
    "otherwise": OTHERWISE,
    "tie_breaks": TIE_BREAKS,
    "adjustments": ("per", "when", "add", "subtract"),
    "total": ("floor", "ceiling"),
    "tiers": ("at_least", "rank_at_most"),
    "stages": ("advance", "carries"),
}


@pytest.mark.parametrize("family", ACCEPTED)
def test_every_word_that_the_reader_accepts_is_in_the_vocabulary(family):
    assert {word.word for word in WORDS if word.family == family} == set(ACCEPTED[family])


def test_no_family_is_left_out():
    assert {word.family for word in WORDS} == set(ACCEPTED)


@pytest.mark.parametrize(
    ("exact", "formula"),
    [(operations.COMBINE, COMBINE), (operations.WORTH, WORTH), (operations.COMPARE, COMPARE), (ROUNDINGS, MODES)],
)
def test_every_operation_of_the_engine_has_a_formula_of_the_same_name(exact, formula):
    assert set(exact) == set(formula)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.family}-{word.word}")
def test_the_three_readings_of_a_word_agree(word):
    """The formula shown stands in the word's workbook, where another program finds the engine's value in every cell."""
    found = readings(word)
    assert found.value and found.th and found.en and found.th != found.en
    book = workbook_of(*contest_of(word))
    assert compare(book, by_ironcalc).different == ()
    assert found.formula in {text for text, _ in formulas(book).values()}
    if word.operation in ("combine", "worth", "linear", "bands", "adjustment", "floor", "ceiling", "carry", "total"):
        assert _decimal(found.value) in found.en  # the explanation tells the value that the cell holds


def _decimal(text: str) -> str:
    return text if "/" not in text else f"{float(Fraction(text)):.6f}"


def test_the_command_prints_every_word():
    result = CliRunner().invoke(main, ["rules", "vocabulary", "--language", "en"])
    thai = CliRunner().invoke(main, ["rules", "vocabulary"])
    assert result.output.startswith("For auditors and writers of workbooks; organizers read docs/rules-format.md\n")
    assert thai.output.splitlines()[0].endswith("ผู้จัดรางวัลอ่าน docs/rules-format.th.md")
    assert result.exit_code == 0
    assert result.output.endswith(f"{len(WORDS)} words\n")
    assert "21.6 is below the floor, so 25 points" in result.output
