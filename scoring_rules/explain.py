"""Why an entry stands where it stands, told line by line from its steps: marks first, the place last."""

from collections.abc import Iterator

from scoring_rules.results import Standing, Step
from scoring_rules.sentences import sentence
from scoring_rules.words import Words

# Steps that only carry the number of one step further, and so are told on its line.
_SAME_LINE = ("worth", "rounding", "bands", "linear", "floor", "ceiling")
_REASON = Words("เหตุผล", "Reason")


def explain(what: Standing | Step, language: str = "th") -> list[str]:
    """Lines in Thai ("th") or English ("en"), indented by two blanks for each level of the criteria.

    Order: marks, how they are combined, points, criteria, total, adjustments, rounding, eligibility, what decided each
    tie, tier, place. Given any other step, the lines of that step and of what it was made from.
    """
    step = what.step if isinstance(what, Standing) else what
    lines = list(_lines(step, 0, language))
    if step.operation == "place":
        lines += [f"{_REASON.in_language(language)}: {each.in_language(language)}" for each in step.about["reasons"]]
    return lines


def _lines(step: Step, depth: int, language: str) -> Iterator[str]:
    chain = told_together(step)
    for below in chain[-1].inputs:
        yield from _lines(below, depth + _indent(step), language)
    told = " → ".join(sentence(each, language) for each in reversed(chain))
    yield f"{'  ' * depth}{step.label.in_language(language)}: {told}"


def told_together(step: Step) -> list[Step]:
    """The step and those whose number it only carries further, last first: all are told on one line."""
    chain = [step]
    while chain[-1].operation in _SAME_LINE and len(chain[-1].inputs) == 1:
        chain.append(chain[-1].inputs[0])
    return chain


def _indent(step: Step) -> int:
    """What a place was made from stands on its own level: the criteria under a total do not."""
    return 0 if step.operation in ("place", "adjusted", "carry") else 1


__all__ = ["explain", "sentence", "told_together"]
