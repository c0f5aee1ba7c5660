"""The command line: files in, ranking out; rule files checked and shown; the program started.

award rank RULES.yaml --entries entries.csv --marks marks.csv --xlsx ranking.xlsx
award rules check FILE...
award rules show FILE
"""

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from award.clock import Clock
from award.outputs import write_together
from award.tables import read_bytes, read_table, read_text
from exports.material import Material, Provenance
from exports.ranking_text import criteria_text, ranking_text
from exports.ranking_workbook import CannotWrite, ranking_workbook
from scoring_rules.earlier import read_earlier
from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.explain import explain
from scoring_rules.fact_entries import any_invented
from scoring_rules.fact_files import read_facts
from scoring_rules.fact_tables import near
from scoring_rules.facts import Facts
from scoring_rules.problems import FactsRefused, Problem, Refused
from scoring_rules.reader import read_rules
from scoring_rules.results import Evaluation
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

MOST_PROBLEMS = 200
REFUSED = 2
FROM_FILES = Words("คำสั่ง award rank จากแฟ้มข้อมูล", "award rank, from files")
NOTHING_WRITTEN = Words("ไม่ได้เขียนไฟล์ใด", "Nothing is written.")
FILE = click.Path(path_type=Path)
in_language = click.option(
    "--language", type=click.Choice(["th", "en"]), default="th", show_default=True, help="language of what is printed"
)


@click.group()
def main() -> None:
    """Award evaluation and scoring: entries in, marks in, explained ranking out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Thai comes out whole on a console of any code page
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@main.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@click.option("--entries", type=FILE, required=True, help="CSV or XLSX: entry, category, label, zone, ..., fields")
@click.option("--marks", type=FILE, required=True, help="CSV or XLSX: entry, member, criterion, mark; or wide")
@click.option("--recusals", type=FILE, help="CSV or XLSX: entry, member, kind (recused|absent), reason")
@click.option("--resolutions", type=FILE, help="CSV or XLSX: category, stage, group, order (a|b|c), reason")
@click.option("--earlier", type=FILE, help="the ranking.json of the stage before")
@click.option("--stage", help="rank this stage only")
@click.option("--category", help="rank this category only")
@click.option("--xlsx", type=FILE, help="write the workbook to this file")
@click.option("--json", "json_file", type=FILE, help="write ranking.json to this file")
@click.option("--explain", "explained", metavar="ENTRY", help="say how this entry's result came about")
@in_language
def rank(
    *,
    rules_file: Path,
    earlier: Path | None,
    stage: str | None,
    category: str | None,
    xlsx: Path | None,
    json_file: Path | None,
    explained: str | None,
    language: str,
    **tables: Path | None,
) -> None:
    """Rank the entries of a file by the marks of a file.

    Exit code 0: ranked. Exit code 2: refused; every problem is listed and nothing is written.
    """
    try:
        rules, facts, invented = _read(rules_file, tables, stage=stage, category=category)
        before = _earlier(earlier, rules)
        evaluation = evaluate(rules, facts, stage=stage, category=category, earlier=before)
        explanation = _explanation(evaluation, explained, language) if explained else ""
    except Refused as refused:
        _refuse(refused.problems, language)
    materials = _materials(rules, facts, evaluation, invented=invented, language=language)
    outputs: list[tuple[Path, bytes]] = []
    try:
        if json_file:
            outputs.append((json_file, evaluation.to_json().encode()))
        if xlsx:
            outputs.append((xlsx, _workbook(materials[0])))
        write_together(outputs, apart_from=[rules_file, earlier, *tables.values()])
    except Refused as refused:
        _refuse(refused.problems, language)
    for material in materials:
        click.echo(ranking_text(material))
    click.echo(explanation, nl=False)
    for path, _ in outputs:
        click.echo(Words(f"เขียนแล้ว: {path}", f"Written: {path}").in_language(language))


def _rules(path: Path) -> RuleSet:
    return read_rules(read_bytes(path), file=str(path))


def _read(
    rules_file: Path, tables: dict[str, Path | None], *, stage: str | None, category: str | None
) -> tuple[RuleSet, Facts, bool]:
    """The rule set, the facts, and whether some of them are invented.

    Raises Refused with the problems of all files, as far as they could be read.
    """
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    with _gathering(problems):
        rules = _rules(rules_file)
        problems += _not_in_rules("--stage", stage, [each.code for each in rules.stages])
        problems += _not_in_rules("--category", category, [each.code for each in rules.categories])
    for kind, path in tables.items():
        if path is not None:
            with _gathering(problems):
                read[kind] = read_table(path)
    if problems:
        raise Refused(problems)
    return rules, read_facts(rules, **read, stage=stage), any_invented(read["entries"])


@contextmanager
def _gathering(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        problems += refused.problems


def _not_in_rules(option: str, asked: str | None, known: Sequence[str]) -> Iterator[Problem]:
    if asked is not None and asked not in known:
        says = Words(f"ไม่มี “{asked}” ในเกณฑ์", f'The rules have no "{asked}".')
        yield Problem(option, 0, 0, "", "option_unknown", says, near(asked, known))


def _earlier(path: Path | None, rules: RuleSet) -> EarlierResults | None:
    return None if path is None else read_earlier(read_text(path), name=str(path), rules=rules)


def _explanation(evaluation: Evaluation, entry: str, language: str) -> str:
    """How the entry's result came about in every ranking that lists it. Raises FactsRefused for an unknown entry."""
    standings = [each for ranking in evaluation.rankings for each in ranking.standings]
    found = [each for each in standings if each.entry == entry]
    if not found:
        raise FactsRefused(_not_in_rules("--explain", entry, [each.entry for each in standings]))
    return "".join("\n".join(explain(each, language)) + "\n\n" for each in found)


def _materials(
    rules: RuleSet, facts: Facts, evaluation: Evaluation, *, invented: bool, language: str
) -> list[Material]:
    """One for each stage ranked, in order; the workbook is made from the first."""
    ranked = {ranking.stage for ranking in evaluation.rankings}
    origin = Provenance(run=None, kind="file", made_at=Clock().now(), made_by=FROM_FILES, invented=invented)
    return [
        Material(rules, facts, evaluation, stage, origin, language=language)
        for stage in rules.stages
        if stage.code in ranked
    ]


def _workbook(material: Material) -> bytes:
    """The workbook of one stage. Raises Refused for a text that no cell can hold."""
    try:
        return ranking_workbook(
            rules=material.rules,
            facts=material.facts,
            evaluation=material.evaluation,
            stage=material.stage.code,
            provenance=material.provenance,
            language=material.language,
        )
    except CannotWrite as reason:
        says = Words(f"เขียนลง Excel ไม่ได้: {reason}", f"It cannot be written to Excel: {reason}.")
        raise Refused([Problem("--xlsx", 0, 0, "", "workbook", says, Words("แก้ข้อมูลนั้น", "Mend that text."))]) from None


def _refuse(problems: Sequence[Problem], language: str) -> NoReturn:
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
def _of_the_site(language: str = "en") -> Iterator[None]:
    """A refusal in words; exit code 78 where the program may not start, 2 where it does not do or write a thing."""
    from award.errors import NotStarted, Refusal  # work on files loads no web and no database

    try:
        yield
    except (NotStarted, Refusal) as reason:
        click.echo(f"award: {reason}", err=True)
        sys.exit(78 if isinstance(reason, NotStarted) else REFUSED)
    except Refused as refused:
        _refuse(refused.problems, language)


port_option = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))


@main.command()
@click.argument("run", type=int)
@click.option("--to", "folder", type=FILE, required=True, help="a folder; it is made where it does not exist")
@in_language
def files(*, run: int, folder: Path, language: str) -> None:
    """Write what a RUN was calculated from as files that `award rank` reads, so that anyone can check it."""
    from award.config import read_settings  # ranking files loads no database
    from award.db.schema import open_existing
    from award.errors import NotFound
    from award.run_files import run_files

    with _of_the_site(language):
        database = open_existing(read_settings().database)
        try:
            with database.reading() as db:
                contents = run_files(db, run)
            folder.mkdir(parents=True, exist_ok=True)
        except NotFound:
            raise click.ClickException(f"There is no run {run} in this database.") from None
        except OSError as error:
            raise click.ClickException(f"{folder}: {error.strerror}") from None
        finally:
            database.close()
        write_together([(folder / name, content) for name, content in contents.items()])
    for name in contents:
        click.echo(folder / name)


@main.command()
@click.option("--no-serve", is_flag=True, help="end after the workbooks are written")
@port_option
def start(*, no_serve: bool, port: int) -> None:
    """Make the demo round where there is none, score it, write its workbooks, serve."""
    with _of_the_site():
        from award.start import start as begin

        begin(serve=not no_serve, port=port)


@main.command()
@port_option
def serve(*, port: int) -> None:
    """Serve the site as it is."""
    with _of_the_site():
        from award.start import serve as begin

        begin(port=port)


@main.command()
def upgrade() -> None:
    """Bring the database to the newest version."""
    with _of_the_site():
        from award.start import upgrade as bring

        bring()


@main.command()
@click.option("--entries", default=380, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--members", default=3, show_default=True, type=click.IntRange(1, 99))
@click.option("--seed", default=2564, show_default=True)
@click.option("--live", multiple=True, metavar="PROVINCE", help="provinces whose day is still to come (23 is Trat)")
def demo(*, entries: int, members: int, seed: int, live: tuple[str, ...]) -> None:
    """Make an invented round of any size in an empty data folder, and print its sign-ins."""
    with _of_the_site():
        from award.start import demo as make

        make(entries=entries, members=members, seed=seed, live=live)


@main.group()
def rules() -> None:
    """Rule files: check them, show them."""


@rules.command()
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@in_language
def check(*, files: tuple[Path, ...], language: str) -> None:
    """Check rule files. Exit code 2 and every problem where one breaks the format."""
    problems: list[Problem] = []
    for path in files:
        with _gathering(problems):
            read = _rules(path)
            click.echo(Words(f"ถูกต้อง: {path} ({read.id})", f"Good: {path} ({read.id})").in_language(language))
    if problems:
        _refuse(problems, language)


@rules.command()
@click.argument("file", type=FILE)
@in_language
def show(*, file: Path, language: str) -> None:
    """Print the criteria of a rule file with their points."""
    try:
        click.echo(criteria_text(_rules(file), language=language), nl=False)
    except Refused as refused:
        _refuse(refused.problems, language)


if __name__ == "__main__":
    main()
