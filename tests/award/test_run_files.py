"""A run as files: anyone ranks them again without the database and gets the same bytes."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from award.actions.ranking import calculate_run
from award.cli import main
from award.errors import NotFound
from award.queries.cycles import list_award_cycles
from award.queries.people import find_actor_by_login
from award.run_files import run_files
from tests.award.build import BuiltSite, build_site


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def calculated(site: BuiltSite, award: str) -> dict[str, bytes]:
    """The files of a fresh zone run of an award."""
    with site.database.reading() as db:
        cycle = next(each for each in list_award_cycles(db) if each.code == award)
        actor = find_actor_by_login(db, "organizer", today=site.clock.today())
    assert actor is not None
    receipt = calculate_run(
        site.database, site.clock, actor=actor, adoption_id=cycle.adoption_id, stage="zone", kind="provisional"
    )
    with site.database.reading() as db:
        return run_files(db, receipt.body["run"])


@pytest.mark.parametrize("award", ["transparent-office", "cdd-policy-award", "womens-fund"])
def test_a_run_is_reproduced_from_its_files_to_the_byte(award: str, site: BuiltSite, tmp_path: Path) -> None:
    contents = calculated(site, award)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    options = [
        part
        for kind in ("entries", "marks", "recusals", "resolutions")
        if f"{kind}.csv" in contents
        for part in (f"--{kind}", str(tmp_path / f"{kind}.csv"))
    ]
    again, book = tmp_path / "again.json", tmp_path / "again.xlsx"
    more = ["--stage", "zone", "--json", str(again), "--xlsx", str(book)]
    outcome = CliRunner().invoke(main, ["rank", str(tmp_path / "rules.yaml"), *options, *more])
    assert outcome.exit_code == 0, outcome.output
    assert again.read_bytes() == contents["ranking.json"]
    assert "ข้อมูลสมมติ" in outcome.stdout, "what is made up stays known as made up, outside the database too"
    first = load_workbook(book, data_only=True).worksheets[0]
    assert any("ข้อมูลสมมติ" in str(cell) for row in first.iter_rows(values_only=True) for cell in row)


def test_a_run_that_is_not_there(site: BuiltSite) -> None:
    with site.database.reading() as db, pytest.raises(NotFound):
        run_files(db, 99)


def test_award_files_writes_them(site: BuiltSite, tmp_path: Path) -> None:
    contents = calculated(site, "womens-fund")
    folder = tmp_path / "out"
    folder.mkdir()
    environment = {"AWARD_DATA": str(site.settings.data), "AWARD_SECRET_KEY": "only for this test, never for a site"}
    outcome = CliRunner().invoke(main, ["files", "1", "--to", str(folder)], env=environment)
    assert outcome.exit_code == 0, outcome.output
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents
    outcome = CliRunner().invoke(main, ["files", "99", "--to", str(folder)], env=environment)
    assert outcome.exit_code == 1
    assert "There is no run 99" in outcome.output


def test_award_files_says_where_there_is_no_database_and_leaves_none_behind(tmp_path: Path) -> None:
    environment = {"AWARD_DATA": str(tmp_path / "data"), "AWARD_SECRET_KEY": "only for this test, never for a site"}
    outcome = CliRunner().invoke(main, ["files", "1", "--to", str(tmp_path / "out")], env=environment)
    assert outcome.exit_code == 78
    assert "ยังไม่มีฐานข้อมูล" in outcome.stderr, "Thai unless English is asked for"
    told = CliRunner().invoke(main, ["files", "1", "--to", str(tmp_path), "--language", "en"], env=environment)
    assert "There is no database yet" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_award_files_says_where_the_folder_cannot_be_made(site: BuiltSite, tmp_path: Path) -> None:
    calculated(site, "womens-fund")
    (tmp_path / "taken").write_text("a file")
    environment = {"AWARD_DATA": str(site.settings.data), "AWARD_SECRET_KEY": "only for this test, never for a site"}
    outcome = CliRunner().invoke(main, ["files", "1", "--to", str(tmp_path / "taken")], env=environment)
    assert outcome.exit_code == 1
    assert str(tmp_path / "taken") in outcome.stderr
