"""The only bridge between rows and the engine: answers and marks become facts, rules become what forms show."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from scoring_rules.exact import NotANumber, Number, parse_number
from scoring_rules.reader import read_rules
from scoring_rules.rules import Category, RuleSet


@lru_cache(maxsize=64)
def rules_of(rules_text: str) -> RuleSet:
    """The adopted rule set, read once per text."""
    return read_rules(rules_text, file="adopted rules")


def numbers_in(category: Category, answers: Mapping[str, Any]) -> dict[str, Number]:
    """The number fields of an entry's answers, exact; what is blank or not a number is missing, never zero."""
    found: dict[str, Number] = {}
    for field in category.fields:
        typed = answers.get(field.code)
        if not isinstance(typed, str) or not typed.strip():
            continue
        if field.type == "yes_no":
            if typed in ("yes", "no"):
                found[field.code] = 1 if typed == "yes" else 0
        elif field.type in ("integer", "decimal"):
            try:
                found[field.code] = parse_number(typed)
            except NotANumber:
                continue  # a draft may hold text that is not a number yet; submitting refuses it
    return found
