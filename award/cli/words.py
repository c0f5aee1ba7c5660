"""award check: whether the words that searches look through are those of the entries and files."""

import click

from award.actions.words import Spoiled, find_spoiled, mend_words
from award.clock import Clock
from award.config import Settings
from award.db.schema import open_existing
from scoring_rules.words import Words


def look_at_words(settings: Settings, *, mend: bool, language: str) -> bool:
    """Says what is wrong with them, and with `mend` makes it anew; answers whether anything is wrong still."""
    database = open_existing(settings.database)
    try:
        if mend:
            found = mend_words(database, Clock(settings.now))
        else:
            with database.reading() as db:
                found = find_spoiled(db)
    finally:
        database.close()
    if found:
        said = _mended(found) if mend else _wrong(found)
        click.echo(f"{'MENDED' if mend else 'WARNS '} {said.in_language(language)}", err=True)
    return bool(found) and not mend


def _wrong(found: Spoiled) -> Words:
    return Words(
        f"คำที่ใช้ค้นหาไม่ตรงกับข้อมูล (ผลงาน {len(found.entries):,} รายการ ไฟล์ {len(found.files):,} รายการ "
        f"ทริกเกอร์ที่หายไป {len(found.triggers)} รายการ) การค้นหาอาจไม่พบ: ใช้คำสั่ง `award check --mend`",
        f"The words that searches look through are not those of the data (entries: {len(found.entries):,}, files: "
        f"{len(found.files):,}, triggers that are gone: {len(found.triggers)}), so that searches may miss something: "
        "run `award check --mend`.",
    )


def _mended(found: Spoiled) -> Words:
    return Words(
        f"สร้างคำที่ใช้ค้นหาใหม่แล้ว (ผลงาน {len(found.entries):,} รายการ ไฟล์ {len(found.files):,} รายการ "
        f"ทริกเกอร์ {len(found.triggers)} รายการ)",
        f"The words that searches look through were made anew (entries: {len(found.entries):,}, files: "
        f"{len(found.files):,}, triggers: {len(found.triggers)}).",
    )
