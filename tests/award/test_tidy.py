"""What has been kept long enough goes, and nothing else; the commands for a person's data."""

import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from award.actions.tidy import tidy
from award.cli import main
from award.config import Keeping
from award.db.evidence_files import EvidenceFiles
from award.ledger_check import check_ledger
from tests.award.build import TRAT, BuiltSite, build_site

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, live=(TRAT,))


def run(site: BuiltSite, *, dry_run: bool = False) -> dict[str, int]:
    olds = tidy(
        site.database, site.clock, keeping=Keeping(), logs=site.settings.logs,
        evidence=EvidenceFiles(site.settings.evidence), dry_run=dry_run, real_now=lambda: NOW,
    )  # fmt: skip
    return {old.what: old.count for old in olds if old.count}


def ask(site: BuiltSite, sql: str) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql)).scalar_one()


def put_logs(site: BuiltSite, *names: str) -> None:
    site.settings.logs.mkdir(exist_ok=True)
    for name in names:
        (site.settings.logs / name).write_text("{}\n")


def test_log_files_go_when_their_time_is_over_and_not_a_day_before(site: BuiltSite) -> None:
    edge = NOW.date() - timedelta(days=180)
    kept = [f"access-{edge}.jsonl", "access.jsonl", f"reads-{NOW.date() - timedelta(days=5 * 365)}.jsonl", "notes.txt"]
    gone = [f"access-{edge - timedelta(days=1)}.jsonl", f"security-{edge - timedelta(days=1)}-2.jsonl",
            f"reads-{NOW.date() - timedelta(days=5 * 365 + 1)}.jsonl"]  # fmt: skip
    put_logs(site, *kept, *gone)
    assert run(site, dry_run=True) == {"access": 1, "security": 1, "reads": 1}
    assert len(list(site.settings.logs.iterdir())) == 7, "a dry run removes nothing"
    assert run(site) == {"access": 1, "security": 1, "reads": 1}
    assert {each.name for each in site.settings.logs.iterdir()} == set(kept)


def test_a_dry_run_changes_no_byte(site: BuiltSite) -> None:
    site.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    before = site.settings.database.read_bytes()
    assert run(site, dry_run=True)["drafts"] > 0
    assert site.settings.database.read_bytes() == before


def test_old_drafts_are_emptied_and_what_was_sent_marked_or_recorded_stays(site: BuiltSite) -> None:
    officer = site.client_as("p23")
    assert officer.get("/e/").status_code == 200
    counted = "select (select count(*) from mark), (select count(*) from ledger_line where log != 'site')"
    with site.database.reading() as db:
        before = db.execute(text(counted)).one()
        sent = db.execute(text("select id, answers from entry where state = 'submitted' order by id")).all()
    drafts = ask(site, "select count(*) from entry where state = 'draft'")
    assert drafts > 0 and sent
    assert "drafts" not in run(site), "not yet"
    site.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    gone = run(site)
    assert gone["drafts"] == drafts and gone["sign_ins"] == 1
    assert ask(site, "select count(*) from entry where state = 'draft' and answers = '{}'") == drafts
    with site.database.reading(consistent=True) as db:
        assert db.execute(text(counted)).one() == before
        assert db.execute(text("select id, answers from entry where state = 'submitted' order by id")).all() == sent
        assert check_ledger(db, anchors=site.settings.data / "none.log")[1] == []
    line = json.loads(ask(site, "select line from ledger_line where log = 'site' order by seq desc limit 1"))
    assert (line["act"], line["body"]["drafts"]) == ("tidy", drafts)
    lines = ask(site, "select count(*) from ledger_line")
    assert run(site) == {} and ask(site, "select count(*) from ledger_line") == lines, "nothing to do leaves no line"


def test_a_file_that_another_entry_still_names_stays(site: BuiltSite) -> None:
    place = site.settings.evidence / "aa" / ("aa" + "0" * 62)
    alone = site.settings.evidence / "bb" / ("bb" + "0" * 62)
    for each in (place, alone):
        each.parent.mkdir(parents=True)
        each.write_bytes(b"%PDF")
    with site.database.writing() as db:
        for sha, state in ((place.name, "draft"), (place.name, "submitted"), (alone.name, "draft")):
            db.execute(
                text(
                    "insert into evidence (entry_id, field, kind, title, sha256, size, media_type, added_at,"
                    " added_by_id) select id, 'declaration', 'file', '', :sha, 4, 'application/pdf',"
                    " '2021-07-01T02:00:00.000000Z', 1 from entry where state = :state order by id limit 1"
                ),
                {"sha": sha, "state": state},
            )
        db.commit()
    site.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    run(site)
    assert place.exists() and not alone.exists()


@pytest.fixture
def award(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    monkeypatch.setenv("AWARD_CONFIG", str(site.settings.data / "none.toml"))

    def call(*arguments: Any) -> Any:
        return CliRunner().invoke(main, [str(each) for each in arguments])

    return call


def test_the_command_hands_out_a_persons_data(award: Any, tmp_path: Path) -> None:
    outcome = award("person", "export", "z9-chair", "--to", tmp_path / "chair.zip")
    assert outcome.exit_code == 0, outcome.output
    with zipfile.ZipFile(tmp_path / "chair.zip") as archive:
        held = json.loads(archive.read("personal-data.json"))["held"]
    assert held["account"]["rows"][0]["login"] == "z9-chair" and held["marks"]["rows"]
    assert "There is no account nobody" in award("person", "export", "nobody", "--to", tmp_path / "x").output


def test_the_command_erases_only_when_told_and_not_during_a_round(award: Any, site: BuiltSite) -> None:
    assert "This cannot be taken back" in award("person", "erase", "z9-chair").output
    outcome = award("person", "erase", "z9-chair", "--yes")
    assert (outcome.exit_code, ask(site, "select count(*) from user where login = 'z9-chair'")) == (2, 1)
    assert "holds a duty" in outcome.output


def test_the_command_tidies(award: Any, site: BuiltSite) -> None:
    put_logs(site, "access-2001-01-01.jsonl")
    outcome = award("tidy", "--dry-run")
    assert "access-2001-01-01.jsonl" in outcome.output and "Nothing was removed." in outcome.output
    assert "1 removed." in award("tidy").output
    assert not (site.settings.logs / "access-2001-01-01.jsonl").exists()


def test_what_nobody_went_on_with_goes_and_what_is_on_its_way_stays(site: BuiltSite) -> None:
    ages = {"incoming": 1, "pieces": 3, "previews": 30, "fetched": 1}
    for folder, days in ages.items():
        (site.settings.evidence / folder).mkdir(parents=True)
        for name, age in (("old", days * 86400 + 60), ("new", days * 86400 - 60)):
            file = site.settings.evidence / folder / name
            file.write_bytes(b"x")
            os.utime(file, (NOW.timestamp() - age,) * 2)
    with site.database.writing() as db:
        for token, at in (("a" * 48, "2021-07-15T00:00:00.000000Z"), ("b" * 48, "2021-07-18T00:00:00.000000Z")):
            db.execute(
                text(
                    "insert into upload (token, entry_id, field, user_id, name, size, started_at, last_at) "
                    "select :token, id, 'declaration', 1, 'a.pdf', 10, :at, :at from entry order by id limit 1"
                ),
                {"token": token, "at": at},
            )
        db.commit()
    assert run(site, dry_run=True) == dict.fromkeys((*ages, "uploads"), 1)
    assert run(site) == dict.fromkeys((*ages, "uploads"), 1)
    assert sorted(path.name for path in site.settings.evidence.rglob("*") if path.is_file()) == ["new"] * 4
    assert ask(site, "select token from upload") == "b" * 48
