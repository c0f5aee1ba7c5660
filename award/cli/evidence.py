"""award evidence: whether every file that was sent is still there and still the same."""

import sys

import click

from award.cli.reading import in_language, of_the_site
from scoring_rules.words import Words

STATES = {"missing": Words("หายไป", "missing"), "damaged": Words("เสียหาย", "damaged")}


@click.group()
def evidence() -> None:
    """The files that provinces sent as evidence."""


@evidence.command()
@in_language
def check(*, language: str) -> None:
    """Read every stored file and hold it against its SHA-256. Exit code 1 where one is missing or damaged."""
    from award.config import read_settings  # ranking files loads no database
    from award.db.evidence_bucket import open_evidence
    from award.db.schema import open_existing
    from award.queries.stored_files import list_stored_files

    with of_the_site(language):
        settings = read_settings()
        database = open_existing(settings.database)
        try:
            with database.reading() as db:
                stored = list_stored_files(db)
        finally:
            database.close()
        files = open_evidence(settings)
        wrong = 0
        for each in stored:
            state = files.state(each.sha256)
            if state != "whole":
                wrong += 1
                said = STATES[state].in_language(language)
                click.echo(f"{said}: {each.sha256}  {', '.join(each.places)}")
        unknown = len(files.names() - {each.sha256 for each in stored})
    count = Words(
        f"ไฟล์ {len(stored):,} รายการ ผิดปกติ {wrong:,} รายการ ไฟล์ในคลังที่ไม่มีในทะเบียน {unknown:,} รายการ",
        f"{len(stored):,} files, {wrong:,} missing or damaged; {unknown:,} in the store that no record names",
    )
    click.echo(count.in_language(language))
    if wrong:
        sys.exit(1)
