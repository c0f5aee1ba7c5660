"""award rules compare: what changed between two rule files, and with facts who would move and why."""

from pathlib import Path

import click

from award.cli.reading import FILE, earlier_of, fact_files, gathering, given_by, in_language, refuse, rules_of
from exports.compare_text import changes_text, moves_text
from scoring_rules.compare import compare as changes_between
from scoring_rules.compare_facts import compare_results
from scoring_rules.problems import Problem, Refused


@click.command()
@click.argument("old", metavar="OLD.yaml", type=FILE)
@click.argument("new", metavar="NEW.yaml", type=FILE)
@fact_files("entries", "marks", "recusals", "resolutions", "earlier")
@click.option("--stage", help="the stage that the marks are of (else the first)")
@click.option("--category", help="this category only")
@in_language
def compare(
    *,
    old: Path,
    new: Path,
    earlier: Path | None,
    stage: str | None,
    category: str | None,
    language: str,
    **tables: Path | None,
) -> None:
    """Say what changed between two rule files; with entries and marks also who would move, and through which step.

    The facts are read by OLD. What of them NEW does not take is told, and its entries are left out on both sides.
    Exit code 0: compared, the same or not. Exit code 2: refused, with every problem.
    """
    given = any(each is not None for each in (*tables.values(), earlier))
    if given and not (tables["entries"] and tables["marks"]):
        raise click.UsageError("Facts are --entries and --marks together; the other files go with them.")
    problems: list[Problem] = []
    with gathering(problems):
        newer = rules_of(new)
    try:
        with gathering(problems):
            if given:
                files = given_by(old, tables, stage=stage, category=category)
                older, facts = files.rules, files.facts(stage=stage)
                before = earlier_of(earlier, older, stage=stage)
            else:
                older = rules_of(old)
        if problems:
            raise Refused(problems)
        text = changes_text(older, newer, changes_between(older, newer), language=language)
        if given:
            compared = compare_results(older, newer, facts, stage=stage, category=category, earlier=before)
            text += moves_text(older, newer, compared, invented=files.invented, language=language)
    except Refused as refused:
        refuse(refused.problems, language)
    click.echo(text, nl=False)
