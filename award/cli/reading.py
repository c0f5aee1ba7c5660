"""What every command shares: how it refuses, in which language, what a file of facts holds."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import click

from award.tables import read_bytes, read_table, read_text
from exports.cell_text import CannotWrite
from scoring_rules.earlier import read_earlier
from scoring_rules.engine import EarlierResults, nothing_to_carry
from scoring_rules.fact_entries import any_invented
from scoring_rules.fact_files import read_facts
from scoring_rules.fact_tables import Table, near
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


FACT_FILES = {
    "entries": "CSV or XLSX: entry, category, label, zone, members, ..., fields",
    "marks": "CSV or XLSX: entry, member, criterion, mark; or wide",
    "recusals": "CSV or XLSX: entry, member, kind (recused|absent), reason",
    "resolutions": "CSV or XLSX: category, stage, group, order (a|b|c), reason",
    "rows": "CSV or XLSX: entry, field, row, value, reason; rows that must add up",
    "earlier": "the ranking.json of the stage before",
}


def fact_files(*kinds: str, required: Sequence[str] = ()) -> Callable[[Any], Any]:
    """Options of a command that name files of facts."""

    def with_options(command: Any) -> Any:
        for kind in reversed(kinds):
            command = click.option(f"--{kind}", type=FILE, required=kind in required, help=FACT_FILES[kind])(command)
        return command

    return with_options


@dataclass(frozen=True, slots=True)
class Given:
    """A rule set and the tables of facts given with it, each file read once."""

    rules: RuleSet
    tables: Mapping[str, Table]

    @property
    def invented(self) -> bool:
        """Whether some of the entries are made up."""
        return any_invented(self.tables["entries"])

    def facts(self, *, stage: str | None) -> Facts:
        """The facts that the tables hold of a stage, else of the first. Raises Refused."""
        tables: dict[str, Any] = dict(self.tables)
        return read_facts(self.rules, **tables, stage=stage)


def given_by(
    rules_file: Path, tables: Mapping[str, Path | None], *, stage: str | None, category: str | None = None
) -> Given:
    """What the files hold. Raises Refused with the problems of all files, as far as they could be read."""
    problems: list[Problem] = []
    read: dict[str, Table] = {}
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
    return Given(rules, read)


def no_cell_for(option: str, reason: CannotWrite) -> Refused:
    """The refusal of a text that no cell of the workbook asked for by `option` can hold."""
    says = Words(f"เขียนลง Excel ไม่ได้: {reason}", f"It cannot be written to Excel: {reason}.")
    return Refused([Problem(option, 0, 0, "", "workbook", says, Words("แก้ข้อมูลนั้น", "Mend that text."))])


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
    except NotStarted as reason:
        click.echo(f"award: {reason.in_language(language)}", err=True)
        sys.exit(78)
    except Refusal as reason:
        click.echo(f"award: {reason}", err=True)
        sys.exit(REFUSED)
    except Refused as refused:
        refuse(refused.problems, language)
