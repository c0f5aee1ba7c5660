"""award evidence: whether every file that was sent is still there and still the same, and what nobody names goes."""

import sys

import click

from award.cli.reading import in_language, of_the_site
from scoring_rules.words import Words

STATES = {"missing": Words("หายไป", "missing"), "damaged": Words("เสียหาย", "damaged")}


@click.group()
def evidence() -> None:
    """The files that provinces sent as evidence."""


@evidence.command()
@click.option("--tidy", is_flag=True, help="remove files that no record names, once they are a day old")
@click.option("--dry-run", is_flag=True, help="with --tidy: only name them")
@click.option("--yes", is_flag=True, help="with --tidy: also where many would go, or a file is missing")
@in_language
def check(*, tidy: bool, dry_run: bool, yes: bool, language: str) -> None:
    """Read every stored file and hold it against its SHA-256. Exit code 1 where one is missing or damaged.

    With --tidy also name and remove the files in the store that no record names: never one that is younger than a day,
    since its sending may be under way. The site may serve meanwhile.
    """
    from award.config import read_settings  # ranking files loads no database
    from award.db.evidence_bucket import open_evidence
    from award.db.schema import open_existing
    from award.queries.stored_files import list_stored_files

    with of_the_site(language):
        from award.actions.strays import find_strays, remove_strays
        from award.clock import Clock
        from award.start import with_demo_clock

        settings = read_settings()
        database = open_existing(settings.database)
        try:
            with database.reading() as db:
                stored = list_stored_files(db)
            files = open_evidence(settings)
            missing = wrong = 0
            for each in stored:
                state = files.state(each.sha256)
                if state != "whole":
                    wrong += 1
                    missing += state == "missing"
                    said = STATES[state].in_language(language)
                    click.echo(f"{said}: {each.sha256}  {', '.join(each.places)}")
            strays = find_strays(database, files)
            unknown, gone = [*strays.old, *strays.young], None
            if tidy:
                for stray in strays.old:
                    click.echo(
                        f"{_NO_RECORD.in_language(language)}: {stray.sha256}  {stray.size:,}  {stray.at:%Y-%m-%d}"
                    )
                if not dry_run and (yes or not (strays.are_too_many or missing)):
                    clock = Clock(with_demo_clock(settings, database).now)
                    gone = remove_strays(database, clock, files, sha256s=[each.sha256 for each in strays.old])
        finally:
            database.close()
    count = Words(
        f"ไฟล์ {len(stored):,} รายการ ผิดปกติ {wrong:,} รายการ ไฟล์ในคลังที่ไม่มีในทะเบียน {len(unknown):,} รายการ",
        f"{len(stored):,} files, {wrong:,} missing or damaged; {len(unknown):,} in the store that no record names",
    )
    click.echo(count.in_language(language))
    if gone is not None:
        click.echo(_tidied(len(gone), len(strays.young)).in_language(language))
    elif tidy:
        click.echo((_DRY if dry_run else _HELD_BACK).in_language(language), err=not dry_run)
    if wrong or (tidy and gone is None and not dry_run):
        sys.exit(1)


_NO_RECORD = Words("ไม่มีในทะเบียน", "no record names it")
_DRY = Words("ยังไม่ได้ลบไฟล์ใด", "Nothing was removed.")
_HELD_BACK = Words(
    "ไม่ได้ลบไฟล์ใด: มีไฟล์หายไป หรือไฟล์ที่จะลบมีมากผิดปกติ ซึ่งอาจเป็นคลังของระบบอื่น หรือฐานข้อมูลที่กู้คืนมาจากข้อมูลสำรองเก่า "
    "ตรวจให้แน่ใจแล้วใช้ --yes",
    "Nothing was removed: a file is missing, or unusually many would go. This may be the store of another site, or the "
    "database was put back from an older backup. Make sure, then say --yes.",
)


def _tidied(gone: int, young: int) -> Words:
    return Words(
        f"ลบแล้ว {gone:,} รายการ เก็บไว้ก่อนเพราะยังไม่ครบหนึ่งวัน {young:,} รายการ",
        f"{gone:,} removed; {young:,} left, since they are younger than a day",
    )
