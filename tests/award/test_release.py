"""A released rule file never changes: `award rules release` writes down its bytes, and here they are checked again."""

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from award.cli import main
from award.clock import Clock
from scoring_rules.problems import RulesRefused
from scoring_rules.reader import SETS, read_rules_file
from scoring_rules.releases import RELEASED, Release, find_release, home_of, read_releases

AWARDS = tuple(
    f"{award}/2564-{revision}"
    for revision in ("r1", "r2")
    for award in ("transparent-office", "cdd-policy-award", "womens-fund")
)
SMALLEST = Path(__file__).parent.parent / "cases" / "accepted" / "rules" / "smallest.yaml"
LISTED = read_releases(RELEASED.read_text(encoding="utf-8"), file=str(RELEASED))
DAY = date(2021, 7, 19)


@pytest.mark.parametrize("released", LISTED, ids=lambda each: each.id)
def test_a_released_file_is_there_and_not_one_byte_of_it_has_changed(released: Release) -> None:
    folder, name = home_of(released.id)
    there = [*SETS.glob(f"{folder}/{name}"), *SETS.glob(f"*/{folder}/{name}")]
    assert len(there) == 1, f"{released.id} was released on {released.on} and is gone: put {folder}/{name} back"
    found = hashlib.sha256(there[0].read_bytes()).hexdigest()
    assert found == released.sha256, (
        f"{there[0]} has changed since its release on {released.on}: restore it from git, and write the correction "
        "as a new revision in a new file"
    )


def test_the_three_awards_are_released() -> None:
    assert {each.id for each in LISTED} >= set(AWARDS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rule file where its id says that it is."""
    path = tmp_path / "small_award" / "2564-r1.yaml"
    path.parent.mkdir()
    path.write_bytes(SMALLEST.read_bytes())
    return path


def release(path: Path, *, language: str = "en") -> Result:
    """Release it into a list of the test's own."""
    listed = path.parent.parent / "released.txt"
    return CliRunner().invoke(main, ["rules", "release", str(path), "--list", str(listed), "--language", language])


def lines_beside(path: Path) -> list[str]:
    listed = path.parent.parent / "released.txt"
    return listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []


def test_releasing_writes_id_hash_and_day_and_again_changes_nothing(file: Path) -> None:
    outcome = release(file)
    assert outcome.exit_code == 0, outcome.output
    line = f"small-award/2564-r1  {read_rules_file(file).sha256}  {Clock().today()}"
    assert lines_beside(file) == [line]
    assert outcome.stdout.splitlines() == [f"{file} (small-award/2564-r1) · released on {Clock().today()}", line]
    assert "เผยแพร่แล้วเมื่อ" in release(file, language="th").stdout
    assert lines_beside(file) == [line]


def test_a_changed_file_is_refused_and_the_next_revision_is_listed_after_it(file: Path) -> None:
    release(file)
    before = lines_beside(file)
    file.write_text(file.read_text(encoding="utf-8").replace("quorum: 2", "quorum: 3"), encoding="utf-8")
    refused = release(file)
    assert refused.exit_code == 2
    assert "was released on" in refused.stderr
    assert "as a new revision, small-award/2564-r2, in a new file." in refused.stderr
    assert lines_beside(file) == before
    corrected = file.with_name("2564-r2.yaml")
    corrected.write_text(file.read_text(encoding="utf-8").replace("2564-r1", "2564-r2"), encoding="utf-8")
    assert release(corrected).exit_code == 0
    assert [line.split()[0] for line in lines_beside(file)] == ["small-award/2564-r1", "small-award/2564-r2"]


@pytest.mark.parametrize("place", ["small-award/2564-r1.yaml", "other/2564-r1.yaml", "small_award/2564-r2.yaml"])
def test_a_file_that_lies_where_its_id_does_not_belong_is_refused(place: str, file: Path) -> None:
    moved = file.parent.parent / place
    moved.parent.mkdir(exist_ok=True)
    file.rename(moved)
    outcome = release(moved)
    assert outcome.exit_code == 2
    assert "Move the file to small_award/2564-r1.yaml, or change its id." in outcome.stderr
    assert lines_beside(moved) == []


def test_a_broken_file_is_not_released(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("quorum: 2", "quorum: 0"), encoding="utf-8")
    outcome = release(file)
    assert outcome.exit_code == 2
    assert "quorum" in outcome.stderr
    assert lines_beside(file) == []


def test_nothing_is_listed_before_the_day_of_the_last_release(file: Path) -> None:
    later = Release("other/2564-r1", "0" * 64, Clock().today() + timedelta(days=1))
    (file.parent.parent / "released.txt").write_text(later.line(), encoding="utf-8")
    outcome = release(file)
    assert outcome.exit_code == 2
    assert "Set the clock of this machine right." in outcome.stderr
    assert lines_beside(file) == [later.line().rstrip()]


def test_check_says_whether_a_file_is_released_changed_or_neither(file: Path) -> None:
    def said(path: Path) -> str:
        return CliRunner().invoke(main, ["rules", "check", str(path), "--language", "en"]).stdout

    assert said(file).endswith("(small-award/2564-r1) · not released\n")
    award = SETS / "womens_fund" / "2564-r1.yaml"
    assert " · released on 20" in said(award)
    file.write_bytes(award.read_bytes() + b"# one more remark\n")
    assert "changed since its release on 20" in said(file)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("# a remark\n\nsmall-award/2564-r1 2021-07-19\n", ["3:1"]),
        (f"small-award/2564-r1  {'g' * 64}  2021-07-19\n", ["1:1"]),
        (f"small-award/2564-r1  {'0' * 64}  2021-02-30\n", ["1:1"]),
        (Release("a/2564-r1", "0" * 64, DAY).line() + Release("a/2564-r1", "1" * 64, DAY).line(), ["2:1"]),
        (
            Release("a/2564-r1", "0" * 64, DAY).line() + Release("b/2564-r1", "0" * 64, DAY - timedelta(1)).line(),
            ["2:1"],
        ),
    ],
)
def test_a_list_that_was_edited_by_hand_is_refused(text: str, places: list[str], file: Path) -> None:
    with pytest.raises(RulesRefused) as refused:
        read_releases(text, file="released.txt")
    assert [f"{each.line}:{each.column}" for each in refused.value.problems] == places
    (file.parent.parent / "released.txt").write_text(text, encoding="utf-8")
    assert release(file).exit_code == 2


def test_a_release_is_read_as_it_was_written() -> None:
    written = [Release("a/2564-r1", "0" * 64, DAY), Release("a/2564-r2", "1" * 64, DAY)]
    read = read_releases("# remark\n" + "".join(each.line() for each in written), file="x")
    assert list(read) == written
    assert find_release(read, "a/2564-r2") == written[1]
    assert find_release(read, "a/2564-r3") is None
