"""award entries: the workbook of a round out, a filled one in; the same dry run and the same import as on the site."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from award.cli.reading import FILE, in_language, of_the_site, refuse
from award.outputs import write_together
from award.tables import read_bytes
from scoring_rules.problems import FactsRefused
from scoring_rules.words import Words

if TYPE_CHECKING:  # work on files loads no web and no database
    from award.clock import Clock
    from award.db.engine import Database
    from award.entry_sheets.many_plan import Planned
    from award.policy import Actor

BLANK = Words("(ว่าง)", "(blank)")


@contextmanager
def opened() -> "Iterator[tuple[Database, Clock]]":
    """The opened site and its clock, for a command that works on what is there."""
    from award.clock import Clock
    from award.config import read_settings
    from award.db.schema import open_existing
    from award.start import with_demo_clock

    with of_the_site():
        settings = read_settings()
        database = open_existing(settings.database)
        try:
            yield database, Clock(with_demo_clock(settings, database).now)
        finally:
            database.close()


@click.group()
def entries() -> None:
    """Many entries at once, from a workbook."""


@entries.command()
@click.argument("file", type=FILE)
@in_language
def template(*, file: Path, language: str) -> None:
    """Write the workbook of the newest round to FILE: a row for each open entry and for each that may be begun."""
    from award.entry_sheets.round import book_of, read_round
    from exports.entry_book_many import many_book

    with opened() as (database, clock), database.reading(consistent=True) as db:
        found = read_round(db, now=clock.now())
        if found is None:
            raise click.ClickException("There is no round yet.")
        write_together([(file, many_book(book_of(found, made_at=clock.now(), language=language)))])
        click.echo(f"{file}: {len(found.sections)} categories, {len(found.provinces)} provinces")


@entries.command("import")
@click.argument("file", type=FILE)
@click.option("--as", "login", default="", help="the organizer who answers for the import: a sign-in name")
@click.option("--dry-run", is_flag=True, help="only say what would be done")
@click.option("--overwrite", is_flag=True, help="the file counts where answers were saved after it was made")
@in_language
def import_file(*, file: Path, login: str, dry_run: bool, overwrite: bool, language: str) -> None:
    """Import the filled FILE: every difference and every refusal is said, each entry is stored whole or not at all.

    Leaves with 0 where all rows were imported (or would be), with 2 where one was refused.
    """
    from award.entry_sheets.round import plan_import, read_round

    with opened() as (database, clock):
        actor = None if dry_run else _organizer(database, clock, login)
        with database.reading(consistent=True) as db:
            found = read_round(db, now=clock.now())
            if found is None:
                raise click.ClickException("There is no round yet.")
            try:
                planned = plan_import(db, found, read_bytes(file), name=str(file), speak=speaker(), language=language)
            except FactsRefused as refused:
                refuse(refused.problems, language)
        whole = True
        for each in planned:
            for line in _told(each, language):
                click.echo(line)
            whole = whole and not each.problems
            if actor is not None and each.is_ready:
                whole = _import(database, clock, actor, each, overwrite=overwrite) and whole
        ready = sum(each.is_ready for each in planned)
        refused_rows = sum(bool(each.problems) for each in planned)
        click.echo(f"{'dry run: ' if dry_run else ''}{ready} rows to import, {refused_rows} refused")
        if not whole:
            raise SystemExit(2)


def _organizer(database: "Database", clock: "Clock", login: str) -> "Actor":
    from award.policy import is_organizer
    from award.queries.people import find_actor_by_login

    with database.reading() as db:
        actor = find_actor_by_login(db, login, today=clock.today()) if login else None
    if actor is None or not is_organizer(actor):
        raise click.ClickException("Say --as with the sign-in name of an organizer of today, or --dry-run.")
    return actor


def _import(database: "Database", clock: "Clock", actor: "Actor", row: "Planned", *, overwrite: bool) -> bool:
    """Imports one row and says what came of it."""
    from award.actions.imports import import_entry, to_import
    from award.errors import Refusal

    if row.overwrites and not overwrite:
        click.echo("  not stored: saved since the file was made; look, then say --overwrite", err=True)
        return False
    try:
        done = import_entry(database, clock, actor=actor, row=to_import(row), key=None)
    except Refusal as refusal:
        click.echo(f"  not stored: {refusal}", err=True)
        return False
    click.echo(f"  stored: {done.code} {done.receipt}")
    return True


def _told(row: "Planned", language: str) -> Iterator[str]:
    code = row.entry.code if row.entry else Words("ใหม่", "new").in_language(language)
    place = "" if row.place is None else (row.place.name_en if language == "en" else row.place.name_th)
    if row.problems or row.is_ready:
        yield f"{row.sheet}!{row.row}  {code}  {place}  {row.label}".rstrip()
    for change in row.changes if not row.problems else ():
        old, new = (" ".join(text.split()) or BLANK.in_language(language) for text in (change.old, change.new))
        since = Words(" (บันทึกภายหลัง)", " (saved since)").in_language(language) if change.overwrites else ""
        yield f"  {change.sheet}!{change.cell}  {change.label.in_language(language)}: {old} → {new}{since}"
    for problem in row.problems:
        yield f"  ! {problem.path}: {problem.says.in_language(language)} {problem.remedy.in_language(language)}"


def speaker() -> Any:
    """Texts of the catalogue in both languages, without a site around them."""
    from award.views.language import read_catalogue

    thai = read_catalogue("th")

    def speak(says: str, values: Mapping[str, Any]) -> Words:
        message = thai.get(says)
        return Words(_filled(str(message.string) if message else says, values, "th"), _filled(says, values, "en"))

    return speak


def _filled(text: str, values: Mapping[str, Any], language: str) -> str:
    told = {name: each.in_language(language) if isinstance(each, Words) else each for name, each in values.items()}
    return text % told if values else text
