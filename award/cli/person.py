"""A person's data from the machine's own command line, and the nightly tidying."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from award.cli.reading import FILE, of_the_site
from award.outputs import write_together

if TYPE_CHECKING:  # work on files loads no web and no database
    from award.clock import Clock
    from award.config import Settings
    from award.db.engine import Database


@contextmanager
def _opened(user: str) -> "Iterator[tuple[Settings, Database, Clock, int]]":
    """Settings, database, clock and the number of `user`, a sign-in name or a number such as u17."""
    from award.clock import Clock
    from award.config import read_settings
    from award.db.schema import open_existing
    from award.queries.people import find_user_by_login
    from award.queries.privacy import find_account
    from award.start import with_demo_clock

    with of_the_site():
        settings = read_settings()
        database = open_existing(settings.database)
        try:
            clock = Clock(with_demo_clock(settings, database).now)
            number = int(user[1:]) if user[:1] == "u" and user[1:].isdigit() else None
            with database.reading() as db:
                found = find_account(db, number) if number is not None else None
                login = find_user_by_login(db, user) if user and found is None else None
            if user and found is None and login is None:
                raise click.ClickException(f"There is no account {user}.")
            yield settings, database, clock, found.user_id if found else login.id if login else 0
        finally:
            database.close()


@click.group()
def person() -> None:
    """What is held about a person: hand it out, or erase it at their request."""


@person.command()
@click.argument("user")
@click.option("--to", "file", type=FILE, required=True, help="the zip file to write")
def export(*, user: str, file: Path) -> None:
    """Write everything held about USER (a sign-in name, or u17) into a zip file, for that person only."""
    with _opened(user) as (settings, database, clock, number):
        from award.person_files import person_archive
        from award.queries.personal import collect_person

        with database.reading(consistent=True) as db:
            data = collect_person(db, settings.logs, number)
        write_together([(file, person_archive(data, made_at=clock.now()))])
        file.chmod(0o600)
        click.echo(f"{file}: {sum(len(each.rows) for each in data.sections)} records of u{number}")


@person.command()
@click.argument("user")
@click.option("--yes", is_flag=True, help="without it, only what would be done is said")
def erase(*, user: str, yes: bool) -> None:
    """Take out name, titles, address and texts of USER. Marks and the ledger stay whole; backups are not reached."""
    with _opened(user) as (settings, database, clock, number):
        from award.actions.privacy import erase_person
        from award.db.evidence_bucket import open_evidence

        if not yes:
            click.echo(f"This cannot be taken back. Say --yes to erase u{number}; `award person export` first.")
            return
        erased = erase_person(database, clock, user_id=number, evidence=open_evidence(settings))
        click.echo(f"u{number} is erased: {erased.texts} texts, ledger line {erased.receipt.text}.")
        if erased.frozen:
            click.echo(f"{erased.frozen} reasons stay in calculated results, which rest on them.")
        click.echo("Backups made before hold the data until they are overwritten.")


@click.command()
@click.option("--dry-run", is_flag=True, help="only say what would go")
def tidy(*, dry_run: bool) -> None:
    """Remove what has been kept long enough: logs, ended sign-ins, used links, sent mails, drafts of years ago."""
    with _opened("") as (settings, database, clock, _number):
        from award.actions.tidy import tidy as remove
        from award.db.evidence_bucket import open_evidence

        olds = remove(
            database, clock, keeping=settings.keeping, logs=settings.logs, evidence=open_evidence(settings),
            dry_run=dry_run,
        )  # fmt: skip
        for old in olds:
            click.echo(f"{old.what:10} {old.count:6} {' '.join(old.names)}".rstrip())
        click.echo("Nothing was removed." if dry_run else f"{sum(old.count for old in olds)} removed.")
