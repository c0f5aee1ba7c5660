"""The store of evidence in a bucket: a real server that speaks S3 on this machine, and files that go in and out."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from moto.server import ThreadedMotoServer

from award.actions.strays import find_strays, remove_strays
from award.cli import main
from award.config import S3, read_settings
from award.db.evidence_bucket import EvidenceBucket, open_evidence
from award.db.evidence_files import EvidenceFiles
from award.errors import NotSaved, NotStarted
from award.gate import examine
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.test_entries import JSON, entry_of
from tests.award.test_entries_evidence import attach, pieces
from tests.award.test_uploads_pieces import send_in_pieces
from tests.corpus.files import PAPER, PICTURES
from tests.corpus.parts import pdf, picture

BUCKET = "evidence"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(address: str) -> Iterator[Any]:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, **keys)
    client.create_bucket(Bucket=BUCKET)
    yield client
    for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=each["Key"])
    client.delete_bucket(Bucket=BUCKET)
    client.close()


@pytest.fixture
def site(tmp_path: Path, address: str, bucket: Any) -> BuiltSite:
    s3 = S3(BUCKET, address, prefix="award", access_key="test", secret_key="test")
    return build_site(tmp_path, live=(TRAT,), s3=s3)


@pytest.fixture
def officer(site: BuiltSite) -> FlaskClient:
    return site.client_as(f"p{TRAT}")


def keys(bucket: Any) -> list[str]:
    return sorted(each["Key"] for each in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def key_of(sha256: str | None) -> str:
    assert sha256
    return f"award/{sha256[:2]}/{sha256}"


def local_files(site: BuiltSite) -> list[str]:
    return sorted(path.parent.name for path in site.settings.evidence.rglob("*") if path.is_file())


def test_what_comes_through_both_doors_lies_in_the_bucket_and_goes_out_again(
    site: BuiltSite, officer: FlaskClient, bucket: Any
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    one, two, photo = pdf(text="one"), pdf(text="two"), picture("jpeg")
    assert attach(officer, entry, one, "หนึ่ง.pdf").status_code == 200
    assert send_in_pieces(officer, entry, two, "สอง.pdf").status_code == 200
    assert send_in_pieces(officer, entry, photo, "ภาพ.jpg", field=PICTURES).status_code == 200
    stored = pieces(site)
    assert keys(bucket) == sorted(key_of(each.sha256) for each in stored)
    assert local_files(site) == [], "nothing is left on this machine"
    with officer.get(f"/files/{stored[1].id}") as download:
        assert download.data == two
    assert local_files(site) == ["fetched"]
    with officer.get(f"/files/{stored[1].id}") as again:
        assert again.data == two


def test_the_same_content_is_stored_once(site: BuiltSite, officer: FlaskClient, bucket: Any) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    for field in (PAPER, PICTURES):
        assert attach(officer, entry, pdf(), field=field).status_code == 200
    assert len(keys(bucket)) == 1


def test_what_is_refused_never_reaches_the_bucket(site: BuiltSite, officer: FlaskClient, bucket: Any) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    assert attach(officer, entry, picture("png"), "a.pdf").status_code == 422
    assert send_in_pieces(officer, entry, b"<html>", "a.pdf").status_code == 422
    attach(officer, entry, pdf())
    assert attach(officer, entry, pdf()).status_code == 422
    assert len(keys(bucket)) == 1


def test_missing_and_damaged_objects_are_found_and_told(
    site: BuiltSite, officer: FlaskClient, bucket: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    for number in range(3):
        attach(officer, entry, pdf(text=str(number)))
    gone, spoilt, whole = pieces(site)
    bucket.delete_object(Bucket=BUCKET, Key=key_of(gone.sha256))
    bucket.put_object(Bucket=BUCKET, Key=key_of(spoilt.sha256), Body=b"something else")
    bucket.put_object(Bucket=BUCKET, Key=key_of("0" * 64), Body=b"nobody names it")
    bucket.put_object(Bucket=BUCKET, Key="award/readme.txt", Body=b"not ours")
    files = open_evidence(site.settings)
    states = [files.state(each.sha256 or "") for each in (gone, spoilt, whole)]
    assert states == ["missing", "damaged", "whole"]
    for piece in (gone, spoilt):
        answer = officer.get(f"/files/{piece.id}")
        assert answer.status_code == 500 and "missing in the store or damaged" in answer.text
    set_to = {"DATA": str(site.settings.data), "S3_BUCKET": BUCKET, "S3_ENDPOINT": address, "S3_PREFIX": "award",
              "S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test"}  # fmt: skip
    for name, value in set_to.items():
        monkeypatch.setenv(f"AWARD_{name}", value)
    done = CliRunner().invoke(main, ["evidence", "check", "--language", "en"])
    assert done.exit_code == 1
    assert f"missing: {gone.sha256}  to-{TRAT}/declaration" in done.output
    assert f"damaged: {spoilt.sha256}  to-{TRAT}/declaration" in done.output
    assert "2 missing or damaged; 1 in the store that no record names" in done.output
    # The same file sent anew mends the store.
    officer.post(f"/e/{entry.id}/evidence/{spoilt.id}/remove", data={"field": "declaration"}, headers=JSON)
    assert attach(officer, entry, pdf(text="1")).status_code == 200
    assert files.state(spoilt.sha256 or "") == "whole"


def test_objects_that_no_record_names_go_after_a_day_and_what_others_keep_there_stays(
    site: BuiltSite, officer: FlaskClient, bucket: Any
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    attach(officer, entry, pdf())
    (piece,) = pieces(site)
    for key in (key_of("0" * 64), "award/00/" + "f" * 64, "award/readme.txt", f"other/00/{'0' * 64}"):
        bucket.put_object(Bucket=BUCKET, Key=key, Body=b"nobody names it")
    files = open_evidence(site.settings)
    found = find_strays(site.database, files)
    assert (found.old, [each.sha256 for each in found.young], found.of) == ((), ["0" * 64], 2)
    everything = [each.sha256 for each in files.stored()]
    assert remove_strays(site.database, site.clock, files, sha256s=everything) == ()
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert [each.sha256 for each in find_strays(site.database, files, real_now=lambda: later).old] == ["0" * 64]
    gone = remove_strays(site.database, site.clock, files, sha256s=everything, real_now=lambda: later)
    assert gone == ("0" * 64,)
    assert keys(bucket) == sorted(
        [key_of(piece.sha256), "award/00/" + "f" * 64, "award/readme.txt", f"other/00/{'0' * 64}"]
    )


def test_a_bucket_that_does_not_answer_lets_nothing_in_and_calls_nothing_missing(
    site: BuiltSite, officer: FlaskClient, tmp_path: Path
) -> None:
    entry = entry_of(site, f"to-{TRAT}")
    attach(officer, entry, pdf())
    (piece,) = pieces(site)
    there = site.app.extensions["award"]
    assert there.settings.s3 is not None
    away = replace(there.settings.s3, endpoint="http://127.0.0.1:9")
    site.app.extensions["award"] = replace(there, settings=replace(there.settings, s3=away))
    refused = attach(officer, entry, pdf(text="2"))
    assert (refused.status_code, refused.get_json()["id"]) == (503, "store_away")
    assert "The store of files does not answer" in refused.get_json()["error"]
    assert officer.get(f"/files/{piece.id}").status_code == 503
    assert len(pieces(site)) == 1
    link = officer.post(f"/e/{entry.id}/evidence", data={"field": "declaration", "url": "https://a.example/"})
    assert link.status_code == 303, "everything else goes on"


def test_award_check_asks_whether_the_bucket_does_what_it_must(
    site: BuiltSite, bucket: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys(bucket)
    assert [each for each in examine(site.settings) if "bucket" in each.says] == []
    assert keys(bucket) == before, "what was put there to try it out is gone again"
    there = site.settings.s3
    assert there is not None
    for wrong in (replace(there, endpoint="http://127.0.0.1:9"), replace(there, bucket="none-of-that-name")):
        (told,) = (each for each in examine(replace(site.settings, s3=wrong)) if "bucket" in each.says)
        assert not told.stops and "no files can be sent or opened" in told.says
        assert "test" not in told.says.partition("(")[0], "no key stands in it"
        assert "ส่งหรือเปิดไฟล์ไม่ได้" in told.in_language("th")
    given = {"DATA": str(site.settings.data), "SECRET_KEY": site.settings.secret_key, "S3_BUCKET": BUCKET,
             "S3_ENDPOINT": "http://127.0.0.1:9", "S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test"}  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"AWARD_{name}", value)
    told_by = CliRunner().invoke(main, ["check", "--language", "en"])
    assert "WARNS  The bucket evidence does not do what it must" in told_by.output


def test_a_large_file_goes_in_and_out(tmp_path: Path, address: str, bucket: Any) -> None:
    files = EvidenceBucket(tmp_path, S3(BUCKET, address, access_key="test", secret_key="test"))
    content = bytes(range(256)) * (24 * 4096)
    with files.receive(io.BytesIO(content)) as came:
        files.send_ahead(came)
        files.keep(came)
    found = files.find(came.sha256)
    assert found is not None and hashlib.sha256(found.read_bytes()).hexdigest() == came.sha256
    assert [(each.sha256, each.size) for each in files.stored()] == [(came.sha256, len(content))]
    files.remove(came.sha256)
    files.remove(came.sha256)
    assert (files.find(came.sha256), files.stored()) == (None, [])


def test_the_setting_chooses_the_store_and_refuses_what_cannot_be(tmp_path: Path) -> None:
    base = {"AWARD_DATA": str(tmp_path), "AWARD_CONFIG": str(tmp_path / "none.toml")}
    assert type(open_evidence(read_settings(base))) is EvidenceFiles
    keys = {"AWARD_S3_ACCESS_KEY": "a", "AWARD_S3_SECRET_KEY": "very secret"}
    named = {**base, **keys, "AWARD_S3_BUCKET": BUCKET, "AWARD_S3_ENDPOINT": "https://s3.example.go.th/"}
    settings = read_settings(named)
    assert settings.s3 == S3(BUCKET, "https://s3.example.go.th", access_key="a", secret_key="very secret")
    assert type(open_evidence(settings)) is EvidenceBucket
    assert "very secret" not in repr(settings)
    spoilt = {"ENDPOINT": "http://s3.example.go.th", "BUCKET": "Evidence/x", "SECRET_KEY": ""}
    for wrong in ({f"AWARD_S3_{name}": value} for name, value in spoilt.items()):
        with pytest.raises(NotStarted):
            read_settings(named | wrong)


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    with pytest.raises(NotStarted, match=r"install award-scoring\[s3\]"):
        EvidenceBucket(tmp_path, S3(BUCKET))


def test_a_store_that_is_away_is_no_missing_file(tmp_path: Path) -> None:
    files = EvidenceBucket(tmp_path, S3(BUCKET, "http://127.0.0.1:9", access_key="a", secret_key="b"))
    for ask in (files.find, files.state, files.remove, files.look_up):
        with pytest.raises(NotSaved):
            ask("0" * 64)
    with pytest.raises(NotSaved):
        files.stored()
    assert json.dumps(sorted(path.name for path in tmp_path.rglob("*") if path.is_file())) == "[]"
