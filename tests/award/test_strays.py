"""Files in the store that no record names: told, and removed; what a record names or what is young stays."""

import io
import json
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from award.actions.strays import find_strays, remove_strays
from award.cli import main
from award.db.evidence_files import EvidenceFiles
from award.ledger_check import check_ledger
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.test_entries import JSON, entry_of
from tests.award.test_entries_evidence import attach, pieces
from tests.corpus.parts import pdf

LONG_AGO = timedelta(days=3)


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    site = build_site(tmp_path, live=(TRAT,))
    assert attach(site.client_as(f"p{TRAT}"), entry_of(site, f"to-{TRAT}"), pdf(text="named")).status_code == 200
    (named,) = pieces(site)
    grow_old(site.settings.evidence, named.sha256 or "")
    return site


@pytest.fixture
def award(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    return lambda *words: CliRunner().invoke(main, ["evidence", "check", *words, "--language", "en"])


def put(folder: Path, content: bytes, *, old: bool = True) -> str:
    """A content that is stored, and that no record names."""
    files = EvidenceFiles(folder)
    with files.receive(io.BytesIO(content)) as came:
        files.keep(came)
    if old:
        grow_old(folder, came.sha256)
    return came.sha256


def grow_old(folder: Path, sha256: str) -> None:
    then = time.time() - LONG_AGO.total_seconds()
    os.utime(folder / sha256[:2] / sha256, (then, then))


def there(site: BuiltSite) -> set[str]:
    return {each.sha256 for each in EvidenceFiles(site.settings.evidence).stored()}


def test_only_what_no_record_names_goes_and_only_after_a_day(site: BuiltSite, award: Callable[..., Result]) -> None:
    (named,) = pieces(site)
    old, young = (put(site.settings.evidence, each, old=each == b"old") for each in (b"old", b"young"))
    notes = site.settings.evidence / old[:2] / "notes.txt"
    notes.write_text("not ours")
    os.utime(notes, (0, 0))
    looked = award("--tidy", "--dry-run")
    assert f"no record names it: {old}  3  " in looked.output and young not in looked.output
    assert looked.exit_code == 0 and there(site) == {named.sha256, old, young}
    done = award("--tidy")
    assert (done.exit_code, "1 removed; 1 left, since they are younger than a day" in done.output) == (0, True)
    assert there(site) == {named.sha256, young} and notes.exists()
    with site.database.reading(consistent=True) as db:
        assert check_ledger(db, anchors=site.settings.anchors)[1] == []
        last = db.execute(text("select line from ledger_line where log = 'site' order by seq desc limit 1"))
        line = json.loads(last.scalar_one())
    assert (line["act"], line["body"]) == ("tidy", {"strays": 1})


def test_a_removed_piece_of_an_entry_is_still_named(site: BuiltSite, award: Callable[..., Result]) -> None:
    (piece,) = pieces(site)
    entry = entry_of(site, f"to-{TRAT}")
    address = f"/e/{entry.id}/evidence/{piece.id}/remove"
    assert site.client_as(f"p{TRAT}").post(address, data={"field": "declaration"}, headers=JSON).status_code == 200
    assert "0 removed" in award("--tidy").output and there(site) == {piece.sha256}


def test_where_many_would_go_or_one_is_missing_nothing_goes_unasked(
    site: BuiltSite, award: Callable[..., Result]
) -> None:
    (named,) = pieces(site)
    many = {put(site.settings.evidence, f"old {each}".encode()) for each in range(21)}
    held = award("--tidy")
    assert held.exit_code == 1 and "Make sure, then say --yes." in held.output
    assert there(site) == many | {named.sha256}
    assert "21 removed" in award("--tidy", "--yes").output
    one = put(site.settings.evidence, b"one")
    EvidenceFiles(site.settings.evidence).remove(named.sha256 or "")
    assert award("--tidy").exit_code == 1 and there(site) == {one}


def test_what_comes_again_after_it_was_listed_stays(site: BuiltSite) -> None:
    files = EvidenceFiles(site.settings.evidence)
    stray = put(site.settings.evidence, b"again")
    found = find_strays(site.database, files)
    assert [each.sha256 for each in found.old] == [stray]
    put(site.settings.evidence, b"again", old=False)
    assert remove_strays(site.database, site.clock, files, sha256s=[stray]) == ()
    assert stray in there(site)


def test_an_old_file_of_pieces_counts_as_written_when_it_is_kept(site: BuiltSite) -> None:
    files = EvidenceFiles(site.settings.evidence)
    waited = site.settings.evidence / "waited"
    waited.write_bytes(b"its last piece came days ago")
    os.utime(waited, (0, 0))
    files.keep(files.measured(waited))
    assert find_strays(site.database, files).old == ()


def test_while_strays_go_no_file_comes_to_its_place(site: BuiltSite) -> None:
    files, came = EvidenceFiles(site.settings.evidence), threading.Event()

    def bring() -> None:
        put(site.settings.evidence, b"meanwhile", old=False)
        came.set()

    with files.alone():
        sender = threading.Thread(target=bring)
        sender.start()
        assert not came.wait(0.3)
        assert len(there(site)) == 1
    sender.join(10)
    assert came.is_set() and len(there(site)) == 2


def test_ages_go_by_the_day(site: BuiltSite) -> None:
    files = EvidenceFiles(site.settings.evidence)
    stray = put(site.settings.evidence, b"x", old=False)
    written = files.look_up(stray)
    assert written is not None and written.at.tzinfo is UTC
    just = written.at + timedelta(days=1)
    assert [each.sha256 for each in find_strays(site.database, files, real_now=lambda: just).young] == [stray]
    later: datetime = just + timedelta(seconds=1)
    assert [each.sha256 for each in find_strays(site.database, files, real_now=lambda: later).old] == [stray]
