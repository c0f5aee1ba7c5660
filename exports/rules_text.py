"""A rule set as plain text for a terminal: the tree of criteria with what earns their points, then everything else that
decides, in words."""

from collections.abc import Iterator

from exports.rules_in_words import chapters, stage_words, where_from, worth_of
from exports.wording import PROPOSED
from scoring_rules.exact import plain
from scoring_rules.rules import Category, Criterion, RuleSet
from scoring_rules.words import Words

STAGES = Words("ระดับการคัดเลือก", "Stages")


def rules_text(rules: RuleSet, *, language: str = "th") -> str:
    """What `award rules show` prints: of every category its criteria with points, under each the scale, what its levels
    mean, its bands or items; the panel, adjustments, roundings, who may win, ties and award levels; then the stages.
    Ends in a line break."""
    return "\n".join(_lines(rules, language)) + "\n"


def _lines(rules: RuleSet, language: str) -> Iterator[str]:
    yield f"{rules.award.in_language(language)} ({rules.id})"
    if rules.basis == "proposed":
        yield PROPOSED.in_language(language)
    for category in rules.categories:
        yield ""
        yield f"{category.label.in_language(language)} [{category.code}] {plain(category.full_mark)}"
        for root in category.criteria:
            yield from _branch(category, root, language, 1)
        for chapter in chapters(category):
            yield ""
            yield f"  {chapter.heading.in_language(language)}"
            for each in chapter.decisions:
                yield _decision(each.what, each.how, each.clause, language)
    yield ""
    yield STAGES.in_language(language)
    for stage in rules.stages:
        yield _decision(stage.label, stage_words(rules, stage), stage.clause, language)


def _branch(category: Category, node: Criterion, language: str, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{plain(node.points):>6}  {node.label.in_language(language)} [{node.path}]"
    below = "  " * depth + " " * 10
    if said := where_from(category, node):
        yield f"{below}{' · '.join(each.in_language(language) for each in said)}"
    yield from (f"{below}{each.in_language(language)}" for each in worth_of(category, node))
    for part in node.parts:
        yield from _branch(category, part, language, depth + 1)


def _decision(what: Words, how: Words, clause: str | None, language: str) -> str:
    rests_on = f" [{clause}]" if clause else ""
    return f"    {what.in_language(language)}: {how.in_language(language)}{rests_on}"
