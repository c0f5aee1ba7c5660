"""award whatif: another weight, panel or rounding tried on files; how far weights may move. Nothing is written."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from award.cli.reading import FILE, earlier_of, fact_files, given_by, in_language, not_in_rules, refuse
from exports.whatif_text import heading_text, members_text, moves_text, weights_text
from scoring_rules.engine import evaluate
from scoring_rules.exact import MODES, NotANumber, Number, parse_number
from scoring_rules.leave_one_out import leave_one_out
from scoring_rules.moves import moves
from scoring_rules.problems import FactsRefused, Problem, Refused
from scoring_rules.rules import Drop
from scoring_rules.sentences import COMBINED
from scoring_rules.weights import weight_stability
from scoring_rules.whatif import Trial, Variant, try_out
from scoring_rules.words import Words

NOTHING_TO_TRY = Problem(
    "award whatif",
    0,
    0,
    "",
    "nothing_to_try",
    Words("ไม่ได้บอกว่าจะลองอะไร", "Nothing is said that could be tried."),
    Words(
        "ลองได้: --points d1=30, --drop-member m1, --combine median, --trim 1,1,4, --applied-to totals, --rounding down,"
        " --rank-on exact หรือถามเกณฑ์ที่ใช้อยู่: --weights, --leave-one-out",
        "Try --points d1=30, --drop-member m1, --combine median, --trim 1,1,4, --applied-to totals, --rounding down,"
        " --rank-on exact; or ask about the rules as they are: --weights, --leave-one-out.",
    ),
)


@click.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@fact_files("entries", "marks", "recusals", "resolutions", "earlier", required=("entries", "marks"))
@click.option("--stage", help="the stage that the marks are of (else the first)")
@click.option("--category", help="this category only")
@click.option("--points", multiple=True, metavar="PATH=POINTS", help="other points: d1=30, d1/plan=5, office:d1=30")
@click.option("--drop-member", "without", multiple=True, metavar="MEMBER", help="leave a member out everywhere")
@click.option("--combine", type=click.Choice(list(COMBINED)), help="another way to combine members")
@click.option("--trim", metavar="HIGH,LOW,AT_LEAST", help="what a trimmed mean drops, and from how many members on")
@click.option("--applied-to", type=click.Choice(["marks", "totals"]), help="combine marks, or members' totals")
@click.option("--rounding", type=click.Choice(list(MODES)), help="another mode of every rounding")
@click.option("--rank-on", type=click.Choice(["rounded", "exact"]), help="rank on the rounded or the exact total")
@click.option("--weights", is_flag=True, help="the exact interval of every weight on which the winner stays")
@click.option("--leave-one-out", "each_member", is_flag=True, help="every rank without each member in turn")
@click.option("--explain", "explained", metavar="ENTRY", help="say how this entry's result would come about")
@in_language
def whatif(
    *,
    rules_file: Path,
    earlier: Path | None,
    stage: str | None,
    category: str | None,
    weights: bool,
    each_member: bool,
    explained: str | None,
    language: str,
    entries: Path,
    marks: Path,
    recusals: Path | None,
    resolutions: Path | None,
    **tried: Any,
) -> None:
    """Try other rules on the same facts: what is tried, who moves, how far each weight may move. Nothing is written.

    --weights and --leave-one-out are about the rules as they are. Exit code 2: refused, with every problem.
    """
    tables = {"entries": entries, "marks": marks, "recusals": recusals, "resolutions": resolutions}
    try:
        variant = _variant(**tried)
        if not (variant or weights or each_member or explained):
            raise Refused([NOTHING_TO_TRY])
        given = given_by(rules_file, tables, stage=stage, category=category)
        rules, facts = given.rules, given.facts(stage=stage)
        now = stage or rules.stages[0].code
        before = earlier_of(earlier, rules, stage=stage)
        evaluation = evaluate(rules, facts, stage=now, category=category, earlier=before)
        trial = try_out(rules, facts, variant, stage=now, category=category, earlier=before, before=evaluation)
        _known(trial, explained)
    except Refused as refused:
        refuse(refused.problems, language)
    click.echo(heading_text(rules, trial.tried, invented=given.invented, language=language), nl=False)
    if variant:
        click.echo(moves_text(rules, rules.stage(now), moves(trial.before, trial.after), language=language), nl=False)
    if explained:
        click.echo("\n" + "\n".join(trial.explain(explained, language=language)))
    if weights:
        found = weight_stability(rules, facts, stage=now, category=category, earlier=before, evaluation=evaluation)
        click.echo(weights_text(rules, rules.stage(now), found, language=language), nl=False)
    if each_member:
        ranges = leave_one_out(rules, facts, stage=now, category=category, earlier=before, evaluation=evaluation)
        click.echo(members_text(rules, rules.stage(now), ranges, language=language), nl=False)


def _variant(*, points: Sequence[str], without: Sequence[str], trim: str | None, **words: Any) -> Variant:
    """The options as a variant; `words` are such as their lists allow. Raises Refused for what is not a number."""
    problems: list[Problem] = []
    given: dict[str, Number] = {}
    for each in points:
        path, _, text = each.rpartition("=")
        try:
            given[path] = parse_number(text)
        except NotANumber:
            problems.append(_not_numbers("--points", each, "d1=30"))
    drop = None
    if trim is not None:
        try:
            high, low, least = (int(part) for part in trim.split(","))
            drop = Drop(high, low, least)
        except ValueError:
            problems.append(_not_numbers("--trim", trim, "1,1,4"))
    if problems:
        raise Refused(problems)
    return Variant(points=given, without=tuple(without), drop=drop, **words)


def _not_numbers(option: str, found: str, example: str) -> Problem:
    says = Words(f"อ่าน “{found}” ไม่ได้", f"“{found}” cannot be read.")
    return Problem(option, 0, 0, "", "option_unreadable", says, Words(f"เขียนแบบ {example}", f"Write it as {example}."))


def _known(trial: Trial, entry: str | None) -> None:
    """Raises FactsRefused where the entry to explain is not listed."""
    listed = [line.entry for ranking in trial.after.rankings for line in ranking.standings]
    problems = list(not_in_rules("--explain", entry, listed))
    if problems:
        raise FactsRefused(problems)
