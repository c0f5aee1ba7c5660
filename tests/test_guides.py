"""What the pages for organizers show is what the program does: their files are written, their commands run."""

from pathlib import Path
from typing import Any

import pytest

from award.tables import table_from
from scoring_rules.engine import evaluate
from scoring_rules.exact import plain, shown
from scoring_rules.fact_files import read_facts
from scoring_rules.reader import read_rules
from scoring_rules.results import Standing
from tests.guides import DOCS, Command, File, fits, read_page, run, write

PAGES = ("first-award.md", "first-award.th.md", "rules-format.md", "rules-format.th.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_files_and_commands_of_a_page_do_what_it_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for part in read_page(page):
        if isinstance(part, File):
            write(part, tmp_path)
        else:
            commands += 1
            printed = run(part)
            assert fits(printed, part.printed), "\n".join([" ".join(part.arguments), *printed])
    assert commands >= 1


@pytest.mark.parametrize(("english", "thai"), [PAGES[:2], PAGES[2:]])
def test_both_languages_show_the_same_files_and_run_the_same_commands(english: str, thai: str) -> None:
    def shown_in(page: str) -> list[Any]:
        parts = list(read_page(page))
        return [
            part if isinstance(part, File) else [word for word in part.arguments if word not in ("--language", "en")]
            for part in parts
        ]

    assert shown_in(english) == shown_in(thai)


def test_the_first_award_ends_with_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for part in read_page("first-award.md"):
        if isinstance(part, File):
            write(part, tmp_path)
        else:
            run(part)
    assert (tmp_path / "ranking.xlsx").read_bytes().startswith(b"PK\x03\x04")


# The worked example --------------------------------------------------------------------------------------------------


def example(page: str) -> dict[str, Standing]:
    """The standings of the page's contest, by entry."""
    files = {part.name: part.text for part in read_page(page) if isinstance(part, File)}
    rules = read_rules(files["village_shop/2564-r1.yaml"])
    tables: dict[str, Any] = {
        kind: table_from(files[f"{kind}.csv"].encode(), name=kind) for kind in ("entries", "marks", "recusals")
    }
    (ranking,) = evaluate(rules, read_facts(rules, **tables)).rankings
    return {standing.entry: standing for standing in ranking.standings}


def table_of(page: str) -> tuple[list[str], dict[str, list[str]]]:
    """The entries of the table's header, and its cells by the code at the start of each line."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header = next(row for row in rows if row[-4:] == ["a", "b", "c", "d"])
    return header[2:], {row[0].strip("`"): row[2:] for row in rows if len(row) == len(header) and row[0][:1] == "`"}


def number_of(standing: Standing, name: str) -> str:
    """What the engine says of a line of the table."""
    what, _, path = name.partition(" ")
    if what in ("combined", "points", "indicators"):
        return plain(getattr(standing, what)[path])
    if what == "adjustment":
        (adjusted,) = (step for step in standing.step.walk() if step.operation == "adjustment")
        return adjusted.shown
    if what == "total":
        assert standing.total is not None
        return shown(standing.total, 2)
    return str(getattr(standing, what) or "–")


@pytest.mark.parametrize("page", PAGES[2:])
def test_every_number_of_the_worked_example_is_the_engines(page: str) -> None:
    standings = example(page)
    entries, rows = table_of(page)
    assert entries == sorted(standings)
    assert len(rows) >= 13
    wrong = {
        (name, entry): (cell, number_of(standings[entry], name))
        for name, cells in rows.items()
        for entry, cell in zip(entries, cells, strict=True)
        if cell != number_of(standings[entry], name)
    }
    assert wrong == {}


def test_a_line_of_dots_stands_for_any_lines() -> None:
    assert fits(["a", "b", "c"], ["a", "…", "c"])
    assert fits(["a"], ["a", "…"])
    assert not fits(["a", "b"], ["a"])
    assert not fits(["a", "b"], ["…", "c"])
    assert isinstance(next(part for part in read_page("first-award.md") if isinstance(part, Command)).arguments, list)
