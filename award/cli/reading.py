"""What every command shares: how it refuses, in which language, what a file of facts holds."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from award.tables import read_bytes, read_table, read_text
from scoring_rules.earlier import read_earlier
from scoring_rules.engine import EarlierResults, nothing_to_carry
from scoring_rules.fact_entries import any_invented
from scoring_rules.fact_files import read_facts
from scoring_rules.fact_tables import near
from scoring_rules.facts import Facts
from scoring_rules.problems import FactsRefused, Problem, Refused
from scoring_rules.reader import read_rules
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

MOST_PROBLEMS = 200
REFUSED = 2
NOTHING_WRITTEN = Words("ไม่ได้เขียนไฟล์ใด", "Nothing is written.")
FILE = click.Path(path_type=Path)
in_language = click.option(
    "--language", type=click.Choice(["th", "en"]), default="th", show_default=True, help="language of what is printed"
)


def rules_of(path: Path) -> RuleSet:
    """The rule set of a file. Raises Refused with every problem."""
    return read_rules(read_bytes(path), file=str(path))


def facts_of(
    rules_file: Path, tables: dict[str, Path | None], *, stage: str | None, category: str | None
) -> tuple[RuleSet, Facts, bool]:
    """The rule set, the facts, and whether some of them are invented.

    Raises Refused with the problems of all files, as far as they could be read.
    """
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    with gathering(problems):
        rules = rules_of(rules_file)
        problems += not_in_rules("--stage", stage, [each.code for each in rules.stages])
        problems += not_in_rules("--category", category, [each.code for each in rules.categories])
    for kind, path in tables.items():
        if path is not None:
            with gathering(problems):
                read[kind] = read_table(path)
    if problems:
        raise Refused(problems)
    return rules, read_facts(rules, **read, stage=stage), any_invented(read["entries"])


@contextmanager
def gathering(problems: list[Problem]) -> Iterator[None]:
    """Collects what is refused inside, so that the problems of all files are told at once."""
    try:
        yield
    except Refused as refused:
        problems += refused.problems


def not_in_rules(option: str, asked: str | None, known: Sequence[str]) -> Iterator[Problem]:
    """The problem of an option that names what the rules or facts do not have; nothing where it is well."""
    if asked is not None and asked not in known:
        says = Words(f"ไม่มี “{asked}” ในเกณฑ์", f'The rules have no "{asked}".')
        yield Problem(option, 0, 0, "", "option_unknown", says, near(asked, known))


def earlier_of(path: Path | None, rules: RuleSet, *, stage: str | None) -> EarlierResults | None:
    """What an earlier stage's ranking.json left of each entry. Raises Refused, also where `stage` needs one."""
    if path is not None:
        return read_earlier(read_text(path), name=str(path), rules=rules)
    now = rules.stages[0] if stage is None else rules.stage(stage)
    if now.carries is not None and now is not rules.stages[0]:
        before = now.carries.stage
        made = f"--stage {before} --json {before}.json"
        remedy = Words(
            f"เพิ่ม --earlier {before}.json ซึ่งได้จาก award rank ของรอบนั้น: {made}",
            f"Add --earlier {before}.json; award rank with {made} makes that file.",
        )
        raise FactsRefused([replace(nothing_to_carry(now, now.carries), file="--earlier", path="", remedy=remedy)])
    return None


def refuse(problems: Sequence[Problem], language: str) -> NoReturn:
    """Say every problem (at most MOST_PROBLEMS, with the count of all), then end with exit code 2."""
    for problem in problems[:MOST_PROBLEMS]:
        click.echo(problem.sentence(language), err=True)
    count, more = len(problems), len(problems) - MOST_PROBLEMS
    if more > 0:
        click.echo(Words(f"… และอีก {more:,} ข้อ", f"… and {more:,} more").in_language(language), err=True)
    counted = Words(f"พบปัญหา {count:,} ข้อ", f"{count:,} problem{'s' if count > 1 else ''} found")
    click.echo(f"{counted.in_language(language)}. {NOTHING_WRITTEN.in_language(language)}", err=True)
    raise SystemExit(REFUSED)


@contextmanager
def of_the_site(language: str = "en") -> Iterator[None]:
    """A refusal in words; exit code 78 where the program may not start, 2 where it does not do or write a thing."""
    from award.errors import NotStarted, Refusal  # work on files loads no web and no database

    try:
        yield
    except (NotStarted, Refusal) as reason:
        click.echo(f"award: {reason}", err=True)
        sys.exit(78 if isinstance(reason, NotStarted) else REFUSED)
    except Refused as refused:
        refuse(refused.problems, language)
