"""What `award start` does before it serves: runs and workbooks of the demo round, once, all of a file or nothing."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from award.cli import main
from award.queries.ranking import list_runs
from award.start import write_workbooks
from tests.award.build import BuiltSite, build_site


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def runs(site: BuiltSite) -> list[tuple[int, str]]:
    with site.database.reading() as db:
        return [(run.id, run.kind) for run in list_runs(db)]


def test_each_award_gets_one_official_run_and_its_workbook(site: BuiltSite) -> None:
    folder = site.settings.workbooks
    first = write_workbooks(site.database, site.clock, folder)
    assert runs(site) == [(3, "official"), (2, "official"), (1, "official")]
    names = sorted(file.name for file in folder.iterdir())
    assert names == [f"{name}-2564-r1-zone-official-run{number}.xlsx" for name, number in (
        ("cdd-policy-award", 2), ("transparent-office", 1), ("womens-fund", 3),
    )]  # fmt: skip
    before = [file.read_bytes() for file in sorted(folder.iterdir())]
    assert write_workbooks(site.database, site.clock, folder) == first, "a second start calculates nothing anew"
    assert [file.read_bytes() for file in sorted(folder.iterdir())] == before
    assert len(runs(site)) == 3


def test_a_workbook_that_cannot_be_written_ends_the_start_with_its_name(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = site.settings.workbooks / "transparent-office-2564-r1-zone-official-run1.xlsx"
    taken.mkdir(parents=True)
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    outcome = CliRunner().invoke(main, ["start", "--no-serve"])
    assert outcome.exit_code == 2
    assert str(taken) in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(taken.iterdir()) == []


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("th", ("สมุดงาน: ", "อย่างเป็นทางการ", "พร้อมใน ", "ที่อยู่: http://127.0.0.1:")),
        ("en", ("Workbook: ", "official run", "Ready in ", "Address: http://127.0.0.1:")),
    ],
)
def test_it_tells_what_it_does_in_the_language_that_was_asked_for(
    site: BuiltSite, monkeypatch: pytest.MonkeyPatch, language: str, says: tuple[str, ...]
) -> None:
    site.database.close()
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    outcome = CliRunner().invoke(main, ["start", "--no-serve", "--language", language])
    assert outcome.exit_code == 0, outcome.output
    assert [word for word in says if word not in outcome.stdout] == []
    has_thai = any("ก" <= letter <= "๛" for letter in outcome.stdout)
    assert has_thai is (language == "th")
