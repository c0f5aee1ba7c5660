"""The log files: who called, who was refused, what failed, who opened which file; nothing in them opens a door."""

import json
import logging
import os
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from award.config import Settings, read_settings
from award.db import log_files
from award.db.log_files import FolderCopy, LogFile, SyslogCopy, closed_logs, lines_of, second_place
from award.errors import NotStarted
from award.views.access_log import Logs
from tests.award.build import BuiltSite, build_site

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


class Moment:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return build_site(tmp_path_factory.mktemp("logs"))


def new_lines(site: BuiltSite, log: str, before: int = 0) -> list[dict[str, Any]]:
    return list(lines_of(site.settings.logs, log))[before:]


def count(site: BuiltSite, log: str) -> int:
    return len(new_lines(site, log))


def test_a_line_stays_one_line_whatever_it_holds(tmp_path: Path, moment: Moment) -> None:
    log = LogFile(tmp_path, "access", now=moment)
    log.write({"path": 'x\r\n{"at":"forged"}\u2028\u202e\x00', "long": "a" * 5000})
    content = (tmp_path / "access.jsonl").read_bytes()
    assert content.count(b"\n") == 1 and content.endswith(b"\n") and content.isascii()
    (line,) = lines_of(tmp_path, "access")
    assert line["at"] == "2026-11-21T05:00:00.000000Z"
    assert line["path"].startswith("x\r\n") and len(line["long"]) == log_files.LONGEST


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_may_read_a_log(tmp_path: Path, moment: Moment) -> None:
    log = LogFile(tmp_path / "logs", "access", second=FolderCopy(tmp_path / "copy", now=moment), now=moment)
    old = os.umask(0)
    try:
        log.write({"path": "/"})
    finally:
        os.umask(old)
    for file in (tmp_path / "logs" / "access.jsonl", tmp_path / "copy" / "access-2026-11-21.jsonl"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_day_that_is_over_and_a_file_that_is_full_are_put_away(tmp_path: Path, moment: Moment) -> None:
    log = LogFile(tmp_path, "access", most_bytes=100, now=moment)
    log.write({"n": 1})
    moment.now += timedelta(days=1)
    for n in range(2, 8):
        log.write({"n": n})
    assert [each.name for each in closed_logs(tmp_path)] == ["access-2026-11-21.jsonl", "access-2026-11-22.jsonl",
                                                             "access-2026-11-22-2.jsonl"]  # fmt: skip
    assert [line["n"] for line in lines_of(tmp_path, "access")] == [1, 2, 3, 4, 5, 6, 7]
    assert all(file.stat().st_size <= 100 for file in tmp_path.iterdir())


def test_a_program_started_again_goes_on_in_the_same_file_and_puts_yesterdays_away(tmp_path: Path) -> None:
    begun = datetime.now(UTC)
    LogFile(tmp_path, "access", now=lambda: begun).write({"n": 1})
    LogFile(tmp_path, "access", now=lambda: begun).write({"n": 2})
    assert closed_logs(tmp_path) == [] and len(list(lines_of(tmp_path, "access"))) == 2
    LogFile(tmp_path, "access", now=lambda: begun + timedelta(days=1)).write({"n": 3})
    assert [each.day for each in closed_logs(tmp_path)] == [begun.date()]


def test_a_file_taken_away_is_begun_again(tmp_path: Path, moment: Moment) -> None:
    log = LogFile(tmp_path, "access", now=moment)
    log.write({"n": 1})
    (tmp_path / "access.jsonl").unlink()
    log.write({"n": 2})
    assert [line["n"] for line in lines_of(tmp_path, "access")] == [2]


def test_a_log_that_cannot_be_written_is_told_once_and_says_what_is_missing(
    tmp_path: Path, moment: Moment, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = LogFile(tmp_path / "logs", "access", now=moment)
    for _ in range(3):
        log.write({"n": 1})
    assert [record.name for record in caplog.records] == ["award.logs"]
    assert "cannot be written" in caplog.text
    (tmp_path / "logs").unlink()
    log.write({"n": 4})
    gap, line = lines_of(tmp_path / "logs", "access")
    assert (gap, line["n"]) == ({"event": "log.gap", "lost": 3}, 4)


def test_a_torn_last_line_is_passed_over(tmp_path: Path, moment: Moment) -> None:
    LogFile(tmp_path, "reads", now=moment).write({"n": 1})
    with (tmp_path / "reads.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')
    assert [line["n"] for line in lines_of(tmp_path, "reads")] == [1]


def test_each_line_goes_to_the_second_place_and_its_failing_loses_nothing_here(tmp_path: Path, moment: Moment) -> None:
    log = LogFile(tmp_path / "logs", "security", second=FolderCopy(tmp_path / "copy", now=moment), now=moment)
    log.write({"n": 1})
    (tmp_path / "copy" / "security-2026-11-21.jsonl").unlink()
    (tmp_path / "copy").rmdir()
    (tmp_path / "copy").write_text("no folder")
    log.write({"n": 2})
    assert [line["n"] for line in lines_of(tmp_path / "logs", "security")] == [1, 2]
    (tmp_path / "copy").unlink()
    log.write({"n": 3})
    copied = (tmp_path / "copy" / "security-2026-11-21.jsonl").read_text().splitlines()
    assert [json.loads(line).get("lost", json.loads(line).get("n")) for line in copied] == [1, 3]


def test_the_second_place_may_be_a_syslog_server() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        place = second_place(f"syslog:127.0.0.1:{server.getsockname()[1]}")
        assert isinstance(place, SyslogCopy)
        place.send("access", b'{"n":1}\n')
        assert server.recv(1000) == b'<109>award-access: {"n":1}'
        place.close()


def test_a_second_place_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="AWARD_LOG_COPY"):
        Logs.of(Settings(data=tmp_path, secret_key="a secret for tests only", log_copy="syslog:nowhere"))


def test_logs_are_kept_ninety_days_at_least(tmp_path: Path) -> None:
    environ = {"AWARD_DATA": str(tmp_path), "AWARD_CONFIG": str(tmp_path / "none.toml")}
    assert read_settings(environ).keeping.log_days >= 90
    with pytest.raises(NotStarted, match="90 or more"):
        read_settings({**environ, "AWARD_KEEP_LOG_DAYS": "89"})
    with pytest.raises(NotStarted, match="whole number"):
        read_settings({**environ, "AWARD_KEEP_LOG_DAYS": "long"})


def test_each_request_leaves_one_line_that_says_who_when_where_what(site: BuiltSite) -> None:
    client = site.client_as("organizer")
    before = count(site, "access")
    client.get("/o/?zone=9", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    client.get("/s/")
    site.client().get("/e/")
    mine, refused, stranger = new_lines(site, "access", before)
    assert mine["user"].startswith("u") and mine["user"] == refused["user"]
    assert (mine["address"], mine["method"], mine["path"], mine["status"]) == ("192.0.2.7", "GET", "/o/", 200)
    assert abs(datetime.fromisoformat(mine["at"]) - datetime.now(UTC)) < timedelta(minutes=1), "the machine's own time"
    assert isinstance(mine["ms"], int)
    assert (stranger["user"], stranger["status"]) == ("", 302)


def test_nothing_that_opens_a_door_is_written_down(site: BuiltSite) -> None:
    token = "Zk3vLq9_TtXw8-sPaRkLiNgWaTeR07"
    client = site.client_as("p23")
    cookie = client.get_cookie("sign_in")
    for address in (f"/invitation/{token}", f"/reset/{token}?token={token}", f"/o/?q={token}", f"/{token}"):
        client.get(address)
    client.post("/sign-in", data={"login": "p23", "password": token})
    written = b"".join(file.read_bytes() for file in site.settings.logs.glob("*.jsonl"))
    assert b"/invitation/" in written
    for secret in (token, site.round.password, *([cookie.value] if cookie else [])):
        assert secret.encode() not in written


def test_what_is_refused_or_guessed_is_a_security_event(site: BuiltSite) -> None:
    client = site.client_as("z9-member")
    before = count(site, "security")
    client.get("/o/")
    client.get("/files/999999")
    client.get("/s/")
    forbidden, guessed = new_lines(site, "security", before)
    assert (forbidden["event"], forbidden["status"], forbidden["path"]) == ("refused", 403, "/o/")
    assert (guessed["status"], guessed["path"], guessed["method"]) == (404, "/files/999999", "GET")
    assert forbidden["user"] == guessed["user"] != ""


def test_signing_in_and_out_are_security_events_whether_they_work_or_not(site: BuiltSite) -> None:
    before = count(site, "security")
    site.client().post("/sign-in", data={"login": "Z9-member", "password": "a wrong one"})
    site.client_as("z9-member").post("/sign-out")
    lines = new_lines(site, "security", before)
    acts = [(line["act"], line["status"], line["level"]) for line in lines if line["event"] == "account"]
    entering, leaving = ("people.sign_in", 302, "info"), ("people.sign_out", 302, "info")
    assert acts == [("people.sign_in", 422, "warning"), entering, leaving]
    tried, entered = [line["tried"] for line in lines if line.get("act") == "people.sign_in"]
    assert tried == entered, "tries for one account are found together"
    assert "a wrong one" not in json.dumps(lines) and "z9-member" not in json.dumps(lines).lower()


def test_any_part_of_the_program_may_tell_a_security_event(site: BuiltSite) -> None:
    before = count(site, "security")
    with site.app.test_request_context("/e/", method="POST", environ_base={"REMOTE_ADDR": "192.0.2.9"}):
        logging.getLogger("award.security").warning("upload.refused", extra={"rule": "B05\r\nforged"})
    (line,) = new_lines(site, "security", before)
    assert (line["event"], line["level"], line["rule"]) == ("upload.refused", "warning", "B05\r\nforged")
    assert (line["address"], line["method"], line["path"]) == ("192.0.2.9", "POST", "/e/")


@pytest.fixture
def broken_page(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fails() -> None:
        raise RuntimeError("with what somebody typed: 12-3456-78901-23-4")

    monkeypatch.setitem(site.app.view_functions, "cycles.overview", fails)
    yield


@pytest.mark.usefixtures("broken_page")
def test_a_failure_is_found_again_by_the_number_that_the_person_was_told(site: BuiltSite) -> None:
    before = count(site, "errors"), count(site, "access")
    answer = site.client_as("organizer").get("/o/")
    assert answer.status_code == 500
    (line,) = new_lines(site, "errors", before[0])
    assert line["error"] in answer.text
    assert new_lines(site, "access", before[1])[-1]["error"] == line["error"]
    assert line["kind"] == "RuntimeError" and any("test_logs.py" in frame for frame in line["frames"])
    assert "3456" not in json.dumps(line)


def test_a_log_that_fails_breaks_no_request(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    site.settings.logs.write_text("a file where the folder should be")
    assert site.client_as("organizer").get("/o/").status_code == 200
