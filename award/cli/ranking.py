"""award rank: files in, ranking out, without a database."""

from dataclasses import replace
from pathlib import Path

import click

from award.cli.reading import (
    FILE,
    MOST_PROBLEMS,
    earlier_of,
    fact_files,
    given_by,
    in_language,
    no_cell_for,
    not_in_rules,
    refuse,
)
from award.clock import Clock
from award.outputs import write_together
from exports.material import Material, Provenance
from exports.ranking_text import nobody_in, nobody_text, ranking_text, unmarked_text
from exports.ranking_workbook import CannotWrite, ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.explain import explain
from scoring_rules.fact_entries import names_panels
from scoring_rules.fact_sums import explained_differences
from scoring_rules.fact_tables import Table
from scoring_rules.missing_cards import missing_cards
from scoring_rules.problems import FactsRefused, Problem, Refused
from scoring_rules.results import Evaluation
from scoring_rules.words import Words

FROM_FILES = Words("คำสั่ง award rank จากแฟ้มข้อมูล", "award rank, from files")


@click.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@fact_files("entries", "marks", "recusals", "resolutions", "rows", "earlier", required=("entries", "marks"))
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
        given = given_by(rules_file, tables, stage=stage, category=category)
        rules, facts = given.rules, given.facts(stage=stage)
        before = earlier_of(earlier, rules, stage=stage)
        evaluation = evaluate(rules, facts, stage=stage, category=category, earlier=before)
        explanation = _explanation(evaluation, explained, language) if explained else ""
    except Refused as refused:
        refuse(refused.problems, language)
    now, later = (rules.stages[0], rules.stages[1:]) if stage is None else (rules.stage(stage), ())
    origin = Provenance(run=None, kind="file", made_at=Clock().now(), made_by=FROM_FILES, invented=given.invented)
    material = Material(rules, facts, evaluation, now, origin, language=language)
    outputs: list[tuple[Path, bytes]] = []
    try:
        if json_file:
            outputs.append((json_file, evaluation.to_json().encode()))
        if xlsx:
            outputs.append((xlsx, _workbook(material)))
        write_together(outputs, apart_from=[rules_file, earlier, *tables.values()])
    except Refused as refused:
        refuse(refused.problems, language)
    _warn_of_missing_cards(material, given.tables["entries"])
    click.echo(ranking_text(material) if _lists(material) else nobody_text(now, language=language))
    for each in later:
        click.echo(unmarked_text(each, language=language))
    click.echo(_differences(given.tables.get("rows"), language) + explanation, nl=False)
    for path, _ in outputs:
        click.echo(Words(f"เขียนแล้ว: {path}", f"Written: {path}").in_language(language))


def _warn_of_missing_cards(material: Material, entries: Table) -> None:
    """Say on stderr which entries lack a card that others of their group have, where no entry names its panel."""
    if names_panels(entries):
        return
    listed = {standing.entry for ranking in material.rankings for standing in ranking.standings}
    facts = replace(material.facts, entries=tuple(each for each in material.facts.entries if each.code in listed))
    found = missing_cards(material.rules, facts, stage=material.stage.code)
    for each in found[:MOST_PROBLEMS]:
        click.echo(material.say(each.says), err=True)
    if (more := len(found) - MOST_PROBLEMS) > 0:
        click.echo(material.say(Words(f"… และอีก {more:,} ผลงาน", f"… and {more:,} more entries")), err=True)


def _differences(rows: Table | None, language: str) -> str:
    """Where the rows of an entry differ from its number, each with the reason that was given for it."""
    told = explained_differences(rows) if rows is not None else ()
    lines = [
        Words(
            f"แถวของ {each.entry}/{each.field} ต่างจากค่าที่แจ้ง {each.value}: {each.reason}",
            f"The rows of {each.entry}/{each.field} differ from the number stated by {each.value}: {each.reason}",
        ).in_language(language)
        for each in told
    ]
    return "".join(f"{line}\n" for line in lines) + ("\n" if lines else "")


def _explanation(evaluation: Evaluation, entry: str, language: str) -> str:
    """How the entry's result came about in every ranking that lists it. Raises FactsRefused for an unknown entry."""
    standings = [each for ranking in evaluation.rankings for each in ranking.standings]
    found = [each for each in standings if each.entry == entry]
    if not found:
        raise FactsRefused(not_in_rules("--explain", entry, [each.entry for each in standings]))
    return "".join("\n".join(explain(each, language)) + "\n\n" for each in found)


def _lists(material: Material) -> bool:
    """Whether any entry is listed in the stage."""
    return any(ranking.standings for ranking in material.rankings)


def _workbook(material: Material) -> bytes:
    """The workbook of one stage. Raises Refused where it lists no entry, or for a text that no cell can hold."""
    if not _lists(material):
        nobody = nobody_in(material.stage)
        says = Words(f"{nobody.th} จึงไม่มีสมุดงานให้เขียน", f"{nobody.en}: there is no workbook to write.")
        remedy = Words(
            "ตรวจแฟ้มผลงาน และผลของรอบก่อน (--earlier)", "Look at the entries and at the stage before (--earlier)."
        )
        raise Refused([Problem("--xlsx", 0, 0, "", "nothing_ranked", says, remedy)])
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
        raise no_cell_for("--xlsx", reason) from None
