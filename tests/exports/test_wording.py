"""The closed vocabulary: what rule files may say, the engine computes, and pages and workbooks say in words."""

from typing import get_args

from exports import wording
from scoring_rules import sentences
from scoring_rules.exact import MODES
from scoring_rules.operations import COMBINE, COMPARE, WORTH
from scoring_rules.read_criteria import COMMENTS, WORTHS
from scoring_rules.read_panel import APPLIED_TO, COMBINES, COMPARES, POLICIES, TIE_BREAKS, TIE_ENDS
from scoring_rules.reader import GROUPS
from scoring_rules.results import Status
from scoring_rules.rules import TieBreak
from tests.scoring_rules.build import category, indicator, marked


def test_every_word_of_rule_files_is_computed_and_said_in_thai_and_english():
    assert set(COMBINES) == set(COMBINE) == set(wording.COMBINE)
    assert set(WORTHS) == set(WORTH) == set(wording.WORTH)
    assert set(COMPARES) == set(COMPARE) == set(wording.COMPARE)
    assert set(APPLIED_TO) == set(wording.APPLIED)
    assert set(POLICIES) == set(wording.POLICY)
    assert set(COMMENTS) == set(wording.COMMENT)
    assert set(MODES) == set(sentences.MODES)
    assert set(GROUPS) == set(wording.GROUPS)
    assert set(get_args(Status)) == set(wording.STATUS)
    said = (wording.COMBINE, wording.WORTH, wording.COMPARE, wording.APPLIED, wording.POLICY, sentences.MODES)
    assert all(words.th and words.en for each in said for words in each.values())


def test_every_tie_break_is_said_in_thai_and_english():
    rules = category(marked("a", 10), indicators=[indicator("rate")])
    codes = {"criterion": "a", "indicator": "rate"}
    said = [wording.tie_break(rules, TieBreak(by, codes.get(by, ""))) for by in TIE_BREAKS]
    assert len({words.th for words in said}) == len({words.en for words in said}) == len(TIE_BREAKS)
    assert set(TIE_ENDS) <= set(TIE_BREAKS)
