"""award rules release: from now on not one byte of a rule file changes."""

from collections.abc import Sequence
from pathlib import Path

import click

from award.cli.reading import FILE, in_language, refuse, rules_of
from award.clock import Clock
from award.outputs import write_together
from award.tables import read_text
from scoring_rules.problems import Refused
from scoring_rules.releases import RELEASED, Release, find_release, problems_with_release, read_releases, state_of
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

list_option = click.option(
    "--list", "listed", type=FILE, default=RELEASED, help="the list of released files; the program's own if not given"
)


@click.command()
@click.argument("file", type=FILE)
@list_option
@in_language
def release(*, file: Path, listed: Path, language: str) -> None:
    """Check a rule FILE and write its id, SHA-256 and the day into the list of released files.

    Exit code 2: refused, and nothing is written. Releasing the same bytes again changes nothing.
    """
    try:
        rules = rules_of(file)
        releases = releases_of(listed)
        today = Clock().today()
        problems = list(problems_with_release(rules, file, releases, today=today))
        if problems:
            raise Refused(problems)
        known = find_release(releases, rules.id)
        if known is None:
            known = Release(rules.id, rules.sha256, today)
            text = read_text(listed) if listed.exists() else ""
            head = text if not text or text.endswith("\n") else f"{text}\n"
            write_together([(listed, f"{head}{known.line()}".encode())], apart_from=[file])
    except Refused as refused:
        refuse(refused.problems, language)
    click.echo(f"{file} ({rules.id}) · {release_in_words(rules, [known]).in_language(language)}")
    click.echo(known.line(), nl=False)


def releases_of(listed: Path) -> tuple[Release, ...]:
    """The releases in a list; none where there is no such file. Raises Refused where it is damaged."""
    return read_releases(read_text(listed), file=str(listed)) if listed.exists() else ()


def release_in_words(rules: RuleSet, releases: Sequence[Release]) -> Words:
    """Whether a rule set is released, changed since, or not released."""
    known = find_release(releases, rules.id)
    if known is None:
        return Words("ยังไม่เผยแพร่", "not released")
    if state_of(rules, releases) == "released":
        return Words(f"เผยแพร่แล้วเมื่อ {known.on}", f"released on {known.on}")
    return Words(
        f"เปลี่ยนไปจากที่เผยแพร่เมื่อ {known.on}: นำไฟล์เดิมกลับมา หรือทำเป็นฉบับใหม่",
        f"changed since its release on {known.on}: restore it, or make it a new revision",
    )
