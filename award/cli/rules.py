"""award rules: rule files checked, shown, compared, released."""

from pathlib import Path

import click

from award.cli.compare import compare
from award.cli.reading import FILE, gathering, in_language, refuse, rules_of
from award.cli.release import release, release_in_words, releases_of
from award.cli.vocabulary import vocabulary
from exports.rules_text import rules_text
from scoring_rules.problems import Problem, Refused
from scoring_rules.releases import RELEASED
from scoring_rules.words import Words


@click.group()
def rules() -> None:
    """Rule files: check them, show them, release them."""


rules.add_command(release)
rules.add_command(compare)
rules.add_command(vocabulary)


@rules.command()
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@in_language
def check(*, files: tuple[Path, ...], language: str) -> None:
    """Check rule files, and say whether each is released. Exit code 2 and every problem where one breaks the format."""
    problems: list[Problem] = []
    for path in files:
        with gathering(problems):
            read = rules_of(path)
            released = release_in_words(read, releases_of(RELEASED)).in_language(language)
            good = Words(f"ถูกต้อง: {path} ({read.id})", f"Good: {path} ({read.id})").in_language(language)
            click.echo(f"{good} · {released}")
    if problems:
        refuse(problems, language)


@rules.command()
@click.argument("file", type=FILE)
@in_language
def show(*, file: Path, language: str) -> None:
    """Print a rule file in words: the criteria with their points, then everything else that decides."""
    try:
        click.echo(rules_text(rules_of(file), language=language), nl=False)
    except Refused as refused:
        refuse(refused.problems, language)
