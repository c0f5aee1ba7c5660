"""award people: the list to fill in out, a filled one in; the same dry run and the same import as on the site."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from award.cli.entries import opened, speaker
from award.cli.reading import FILE, in_language, refuse
from award.outputs import write_together
from award.tables import read_bytes
from scoring_rules.problems import FactsRefused
from scoring_rules.words import Words

if TYPE_CHECKING:  # work on files loads no web and no database
    from award.actions.people_import import PlannedPerson
    from award.clock import Clock
    from award.db.engine import Database
    from award.people_sheets.reading import Place
    from award.policy import Actor
    from award.queries.people_import import KnownPlace

DOES = {
    "account": Words("บัญชีใหม่", "new account"),
    "account_duty": Words("บัญชีใหม่ หน้าที่ใหม่", "new account, new duty"),
    "duty": Words("หน้าที่ใหม่", "new duty"),
    "unchanged": Words("ไม่เปลี่ยนแปลง", "unchanged"),
    "refused": Words("ไม่รับ", "refused"),
}


@click.group()
def people() -> None:
    """Many people and their duties at once, from a workbook or CSV."""


@people.command()
@click.argument("file", type=FILE)
@in_language
def template(*, file: Path, language: str) -> None:
    """Write the list to fill in to FILE (.xlsx, or .csv): a row for each post of each office and panel."""
    from award.people_sheets.template import people_csv, people_template
    from award.queries.people_import import list_known_places

    with opened() as (database, clock), database.reading(consistent=True) as db:
        provinces, zones = (_places(found) for found in list_known_places(db))
        data = (
            people_csv(provinces, zones, language=language)
            if file.suffix.lower() == ".csv"
            else people_template(provinces, zones, made_at=clock.now(), language=language)
        )
        write_together([(file, data)])
        click.echo(f"{file}: {len(provinces)} provinces, {len(zones)} zones")


@people.command("import")
@click.argument("file", type=FILE)
@click.option("--as", "login", default="", help="who answers for the import: the sign-in name of an organizer")
@click.option("--dry-run", is_flag=True, help="only say what would be done")
@click.option("--different", multiple=True, type=int, metavar="ROW", help="the row asked about is somebody else")
@click.option("--same", multiple=True, type=int, metavar="ROW", help="the row asked about is the person named there")
@in_language
def import_file(
    *, file: Path, login: str, dry_run: bool, different: Sequence[int], same: Sequence[int], language: str
) -> None:
    """Make accounts without a password and propose duties, as the filled FILE says: all of it or nothing.

    Every row is said first. Duties count once another person confirms them on the site, and links of new accounts are
    made there. Leaves with 2 where a row is refused or a question is open.
    """
    from award.actions.people_import import DIFFERENT, import_people, plan_people
    from award.errors import Refusal
    from award.people_sheets.reading import read_people
    from award.queries.people_import import read_known

    with opened() as (database, clock):
        actor = _any_organizer() if dry_run and not login else _manager(database, clock, login)
        with database.reading(consistent=True) as db:
            known = read_known(db)
        try:
            found = read_people(
                read_bytes(file), name=str(file), provinces=_places(known.provinces), zones=_places(known.zones),
                today=clock.today(),
            )  # fmt: skip
        except FactsRefused as refused:
            refuse(refused.problems, language)
        answers = dict.fromkeys(different, DIFFERENT)
        today, speak = clock.now().date(), speaker()
        first = plan_people(known, actor, found.rows, answers=answers, today=today, speak=speak)
        answers |= {each.row.line: each.likely.login for each in first if each.likely and each.row.line in same}
        planned = plan_people(known, actor, found.rows, answers=answers, today=today, speak=speak)
        for each in planned:
            for line in _told(each, language):
                click.echo(line)
        refusals, open_ones = sum(each.does == "refused" for each in planned), sum(each.is_asked for each in planned)
        click.echo(
            f"{'dry run: ' if dry_run else ''}{sum(each.makes_account for each in planned)} accounts, "
            f"{sum(each.does in ('account_duty', 'duty') for each in planned)} duties, "
            f"{sum(each.does == 'unchanged' for each in planned)} unchanged, {refusals} refused, {open_ones} asked"
        )
        if refusals or open_ones:
            click.echo("nothing was stored", err=True)
            raise SystemExit(2)
        if dry_run:
            return
        seen = {each.row.line: each.does for each in planned}
        try:
            done = import_people(
                database, clock, actor=actor, rows=found.rows, answers=answers, seen=seen, key=None
            )  # fmt: skip
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None
        click.echo(f"stored: {done.receipt.text}")


def _manager(database: "Database", clock: "Clock", login: str) -> "Actor":
    """Who answers for it: an organizer or administrator of today."""
    from award.policy import may_manage_people
    from award.queries.people import find_actor_by_login

    with database.reading() as db:
        actor = find_actor_by_login(db, login, today=clock.today()) if login else None
    if actor is None or not may_manage_people(actor):
        raise click.ClickException("Say --as with the sign-in name of an organizer or administrator of today.")
    return actor


def _any_organizer() -> "Actor":
    """Whom a dry run asks for that nobody answers for: what may be proposed depends on it."""
    from award.policy import Actor, HeldDuty

    return Actor(0, "", "", "", (HeldDuty(0, "organizer", None, None, "", ""),))


def _told(planned: "PlannedPerson", language: str) -> Iterator[str]:
    row = planned.row
    place = row.province_code or ("" if row.zone_number is None else str(row.zone_number))
    does = DOES[planned.does].in_language(language)
    yield " ".join(part for part in (f"{row.line}:", planned.login, row.role, place, "–", does) if part)
    for note in planned.notes:
        yield f"  {note.in_language(language)}"
    for problem in row.problems:
        yield f"  ! {problem.path}: {problem.says.in_language(language)} {problem.remedy.in_language(language)}"
    if planned.is_asked and planned.likely:
        asked = Words(
            f"อาจเป็นบุคคลเดียวกับ {planned.likely.login}: ใส่ --same {row.line} หรือ --different {row.line}",
            f"this may be {planned.likely.login}: say --same {row.line} or --different {row.line}",
        )
        yield f"  ? {planned.likely.why.in_language(language)} {asked.in_language(language)}"


def _places(found: "Sequence[KnownPlace]") -> list["Place"]:
    from award.people_sheets.reading import Place

    return [Place(each.code, each.name_th, each.name_en) for each in found]
