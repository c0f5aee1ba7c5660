"""The commands that work on the site's own data: start, serve, upgrade, demo, files."""

from pathlib import Path

import click

from award.cli.reading import FILE, in_language, of_the_site
from award.outputs import write_together

port_option = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))


@click.command()
@click.argument("run", type=int)
@click.option("--to", "folder", type=FILE, required=True, help="a folder; it is made where it does not exist")
@in_language
def files(*, run: int, folder: Path, language: str) -> None:
    """Write what a RUN was calculated from as files that `award rank` reads, so that anyone can check it."""
    from award.config import read_settings  # ranking files loads no database
    from award.db.schema import open_existing
    from award.errors import NotFound
    from award.run_files import run_files

    with of_the_site(language):
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


@click.command()
@click.option("--no-serve", is_flag=True, help="end after the workbooks are written")
@port_option
@in_language
def start(*, no_serve: bool, port: int, language: str) -> None:
    """Make the demo round where there is none, score it, write its workbooks, serve."""
    with of_the_site(language):
        from award.start import start as begin

        begin(serve=not no_serve, port=port, language=language)


@click.command()
@port_option
@in_language
def serve(*, port: int, language: str) -> None:
    """Serve the site as it is."""
    with of_the_site(language):
        from award.config import read_settings
        from award.gate import pass_gate

        for warning in pass_gate(read_settings()):  # before all that serving loads: a refusal should not take long
            click.echo(f"WARNING: {warning.in_language(language)}", err=True)
        from award.start import serve as begin

        begin(port=port, language=language)


@click.command()
@in_language
def upgrade(*, language: str) -> None:
    """Bring the database to the newest version."""
    with of_the_site(language):
        from award.start import upgrade as bring

        bring()


@click.command()
@click.option("--entries", default=380, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--members", default=3, show_default=True, type=click.IntRange(1, 99))
@click.option("--seed", default=2564, show_default=True)
@click.option("--live", multiple=True, metavar="PROVINCE", help="provinces whose day is still to come (23 is Trat)")
@click.option("--empty", multiple=True, metavar="PROVINCE", help="the same, and nothing begun yet")
@click.option("--collecting", is_flag=True, help="three days before the deadline: every entry somewhere on its way")
@click.option("--approval", type=click.Choice(["none", "chain"]), default="chain", show_default=True,
              help="whether entries go up each office: officer, director, chief")  # fmt: skip
def demo(
    *, entries: int, members: int, seed: int, live: tuple[str, ...], empty: tuple[str, ...], collecting: bool,
    approval: str,
) -> None:  # fmt: skip
    """Make an invented round of any size in an empty data folder, and print its sign-ins."""
    with of_the_site():
        from award.start import demo as make

        make(
            entries=entries, members=members, seed=seed, live=live, empty=empty, collecting=collecting,
            approval=approval,
        )  # fmt: skip


@click.command()
@click.option("--mend", is_flag=True, help="make the words that searches look through anew where they are wrong")
@in_language
def check(*, mend: bool, language: str) -> None:
    """Look at everything that the site needs to serve, and name all that is not as it should be."""
    with of_the_site(language):
        from award.config import read_settings
        from award.gate import examine

        settings = read_settings()
        found = examine(settings)
    for each in found:
        click.echo(f"{'STOPS ' if each.stops else 'WARNS '} {each.in_language(language)}", err=True)
    if any(each.stops for each in found):
        raise SystemExit(78)
    with of_the_site(language):
        from award.cli.words import look_at_words

        are_wrong = look_at_words(settings, mend=mend, language=language)
    if not found and not are_wrong:
        click.echo("OK: nothing stands in the way of serving." if language == "en" else "เรียบร้อย: เริ่มให้บริการได้")


@click.command()
@click.argument("file", type=FILE)
@click.option("--evidence", "folder", type=FILE, help="also bring the evidence files into this folder; it may grow")
@in_language
def backup(*, file: Path, folder: Path | None, language: str) -> None:
    """Copy the database into a new FILE while the site serves: whole, of one moment, and looked through."""
    with of_the_site(language):
        from award.config import read_settings
        from award.db.backup import back_up, copy_evidence
        from award.db.evidence_bucket import open_evidence
        from award.db.schema import open_existing

        settings = read_settings()
        open_existing(settings.database).close()
        try:
            kept = back_up(settings.database, file)
            copied = copy_evidence(kept, open_evidence(settings), folder) if folder else None
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from None
    click.echo(f"{file}: {kept.size} bytes, sha256 {kept.sha256}")
    for log, size, leaf in kept.heads:
        click.echo(f"{log}: {size} lines, the last one {leaf}")
    if copied is None:
        click.echo(f"{len(kept.files)} evidence files are not in it: --evidence FOLDER brings them too.")
        return
    click.echo(f"Evidence in {folder}: {copied.new} new, {copied.there} there already, {len(copied.missing)} missing.")
    for sha256 in copied.missing:
        click.echo(f"MISSING {sha256}", err=True)
    if copied.missing:
        raise SystemExit(1)
