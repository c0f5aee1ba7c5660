"""The engine: rule sets and facts in, explained rankings out. No web, no database, no workbook."""

from scoring_rules.engine import Earlier, evaluate
from scoring_rules.explain import explain, sentence
from scoring_rules.indicators import suggested_mark
from scoring_rules.marks import check_marks, problem_with_mark, running_total

__all__ = [
    "Earlier", "check_marks", "evaluate", "explain", "problem_with_mark", "running_total", "sentence", "suggested_mark",
]  # fmt: skip
