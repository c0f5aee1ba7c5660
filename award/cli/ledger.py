"""`award ledger` and `award package`: what an auditor asks of the server, and what leaves the building."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from award.cli.reading import FILE, of_the_site

if TYPE_CHECKING:
    from award.package.build import Edition


@contextmanager
def _site() -> Iterator[tuple]:
    from award.config import read_settings
    from award.db.notes import NotANote
    from award.db.schema import open_existing
    from award.start import with_demo_clock

    settings = read_settings()
    database = open_existing(settings.database)
    try:
        yield with_demo_clock(settings, database), database
    except NotANote as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()


@click.group()
def ledger() -> None:
    """The record of every act: check it, and take its roots out of the building."""


@ledger.command()
def check() -> None:
    """Read every log from its first line and compare it with the tables, the checkpoints and the anchors."""
    with of_the_site(), _site() as (settings, database):
        from award.ledger_check import check_ledger

        with database.reading(consistent=True) as db:
            checked, found = check_ledger(db, anchors=settings.anchors)
    for log in checked:
        click.echo(f"{log.log}: {log.size} lines, root {log.root}")
    for each in found:
        click.echo(f"WRONG  {each.log}{f', line {each.seq}' if each.seq else ''}: {each.says}", err=True)
    if found:
        raise click.ClickException(f"{len(found)} things are not as they must be.")
    click.echo("OK: every line is whole, and the tables say what the lines say.")


@ledger.command()
@click.option("--log", "chosen", help="only this log, such as 2564/transparent-office")
def checkpoint(chosen: str | None) -> None:
    """Hash each log anew, keep and anchor its root, and print it (signed where there is a key)."""
    with of_the_site(), _site() as (settings, database):
        from sqlalchemy import select

        from award.actions.checkpoints import read_witness, take_checkpoint
        from award.clock import Clock
        from award.db.ledger import Checkpoint, list_heads
        from award.db.notes import fingerprint
        from award.policy import Actor

        witness = read_witness(origin=settings.origin, anchors=settings.anchors, log_key=settings.log_key)
        with database.reading() as db:
            names = [head.log for head in list_heads(db) if chosen in (None, head.log)]
        if not names:
            raise click.ClickException(f"There is no log {chosen}." if chosen else "There is no line yet.")
        for name in names:
            anchor = take_checkpoint(database, Clock(settings.now), witness, actor=Actor.nobody(), log=name)
            with database.reading() as db:
                kept = select(Checkpoint.note).where(Checkpoint.log == name, Checkpoint.size == anchor.size)
                click.echo(db.execute(kept).scalar_one())
            click.echo(fingerprint(anchor.root) + "\n")


@ledger.command()
def anchor() -> None:
    """Print the anchors, and whether the logs still are what they say."""
    with of_the_site(), _site() as (settings, database):
        from award.db.anchors import find_broken, read_anchors

        anchors = read_anchors(settings.anchors)
        with database.reading(consistent=True) as db:
            broken = find_broken(db, anchors)
    for each in anchors:
        click.echo(each.line)
    for wrong in broken:
        click.echo(wrong.says, err=True)
    if broken:
        raise click.ClickException("The logs are not those that were anchored.")
    click.echo(f"OK: {len(anchors)} anchors, and every log continues them.")


@ledger.command("continue")
@click.option("--because", required=True, help="why lines are missing: it stands in the record and in every package")
@click.option("--yes", is_flag=True, help="do it; without it only what would be done is told")
def continue_(because: str, yes: bool) -> None:
    """After a restore: close the logs that are shorter than their anchors, and open their successors."""
    with of_the_site(), _site() as (settings, database):
        from award.actions.checkpoints import anchor_new_lines, read_witness
        from award.actions.restores import continue_logs
        from award.clock import Clock
        from award.db.anchors import find_broken, read_anchors
        from award.policy import Actor

        with database.reading(consistent=True) as db:
            broken = find_broken(db, read_anchors(settings.anchors))
        for each in broken:
            click.echo(each.says)
        if not broken:
            click.echo("Every log continues its anchors: there is nothing to do.")
        elif not yes:
            click.echo("Nothing was changed. Say it again with --yes to close these logs and open their successors.")
        else:
            clock = Clock(settings.now)
            witness = read_witness(origin=settings.origin, anchors=settings.anchors, log_key=settings.log_key)
            for done in continue_logs(database, clock, broken, actor=Actor.nobody(), reason=because):
                click.echo(
                    f"{done.before} goes on as {done.log}: {done.size} lines were anchored, {done.survived} are left."
                )
            for kept in anchor_new_lines(database, clock, witness):
                click.echo(kept.line)


@ledger.command()
@click.argument("file", type=FILE)
@click.option("--name", required=True, help="the key's name, such as awards.example.go.th or chair-2564")
def key(file: Path, name: str) -> None:
    """Make a key that signs roots in a new FILE, and print its public part for the appointment order."""
    from award.db.notes import make_key

    try:
        made = make_key(file, name=name)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    click.echo(made.vkey)


@ledger.command()
@click.argument("log")
@click.argument("line", type=int)
def proof(log: str, line: int) -> None:
    """Prove that a LINE is in a LOG: who has the root from the minutes needs nothing else of the record."""
    with of_the_site(), _site() as (_, database):
        import json

        from award.db.ledger import walk_lines
        from award.db.tree import inclusion_proof, root_of

        with database.reading(consistent=True) as db:
            rows = [(row.line, bytes.fromhex(row.leaf)) for row in walk_lines(db, log)]
        if not 1 <= line <= len(rows):
            raise click.ClickException(f"The log {log} has {len(rows)} lines.")
        leaves = [leaf for _, leaf in rows]
        path = [each.hex() for each in inclusion_proof(leaves, line - 1)]
        told = {"log": log, "line": rows[line - 1][0], "seq": line, "size": len(rows), "path": path}
        click.echo(json.dumps(told | {"root": root_of(leaves).hex()}, ensure_ascii=False, indent=1))


@ledger.command()
@click.argument("note", type=FILE)
@click.option("--key", "key_file", type=FILE, required=True, help="the file of the signer's key")
def cosign(note: Path, key_file: Path) -> None:
    """Add a signature to a checkpoint in the file NOTE: the chair's, the auditor's; the site is not needed for it."""
    from award.db.notes import NotANote, fingerprint, read_key, read_note
    from award.outputs import write_together

    try:
        root = read_note(note.read_text(encoding="utf-8"))
        signer = read_key(key_file)
    except (NotANote, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{root.origin}, {root.size} lines\n{fingerprint(root.root.hex())}")
    write_together([(note, signer.sign(root).text.encode())])
    click.echo(f"signed by {signer.name}")


@click.command()
@click.argument("run", type=int)
@click.option("--edition", type=click.Choice(["public", "auditor"]), default="public", show_default=True)
@click.option("--to", "folder", type=FILE, default=Path(), help="the folder to write to")
def package(run: int, edition: "Edition", folder: Path) -> None:
    """Write the package of a RUN: its log, rules, facts, result, workbook and verifier, for anyone to check."""
    with of_the_site(), _site() as (settings, database):
        from award.actions.checkpoints import read_witness
        from award.actions.packages import make_package
        from award.clock import Clock
        from award.errors import NotFound
        from award.outputs import write_together
        from award.policy import Actor, HeldDuty

        witness = read_witness(origin=settings.origin, anchors=settings.anchors, log_key=settings.log_key)
        server = Actor(0, "", "", "", (HeldDuty(0, "auditor", None, None, "", ""),))  # who has the server has the file
        try:
            made = make_package(database, Clock(settings.now), witness, actor=server, run_id=run, edition=edition)
        except NotFound:
            raise click.ClickException(f"There is no run {run} in this database.") from None
        folder.mkdir(parents=True, exist_ok=True)
        write_together([(folder / made.name, made.content)])
    click.echo(folder / made.name)
