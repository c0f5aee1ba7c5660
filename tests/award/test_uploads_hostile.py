"""Hostile files through both doors, at once and in pieces: the same answer, refused or harmless; memory stays flat."""

import hashlib
import http.client
import re
import secrets
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from tests.award.build import TRAT, BuiltSite
from tests.award.hostile import everything, signed_in
from tests.award.test_corpus_files import OFFICER, last_piece, open_site
from tests.award.test_entries import entry_of
from tests.award.test_entries_evidence import attach, stored_files
from tests.award.test_uploads_pieces import send_in_pieces
from tests.corpus.files import FILES, PAGE
from tests.corpus.more_files import HOSTILE, Hostile
from tests.corpus.parts import pdf
from tests.faults.program import serving

MB = 1024 * 1024
CORPUS = [
    (f"{case} {number}", sent)
    for case, tries in FILES.items() if case != "B15_virus"
    for number, sent in enumerate(tries, start=1)
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return open_site(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def officer(site: BuiltSite) -> FlaskClient:
    return signed_in(site, OFFICER)


def state_of(site: BuiltSite) -> dict[str, Any]:
    """All that is stored, without what only says who was here and what is on its way."""
    return everything(site, without=("sign_in", "visit", "upload"))


def through_both(site: BuiltSite, officer: FlaskClient, name: str, content: bytes, field: str) -> tuple[int, str]:
    """Status and id of the answer, which is the same at both doors. What is taken is taken away again."""
    entry = entry_of(site, f"to-{TRAT}")
    told = []
    before, files = state_of(site), stored_files(site)
    for door in (attach, send_in_pieces):
        answer = door(officer, entry, content, name, field=field)
        told.append((answer.status_code, answer.get_json().get("id", "")))
        if answer.status_code == 200:
            check_harmless(site, officer)
            last_piece(site)  # the second door must not meet it as one that is there
            before, files = (state_of(site), stored_files(site)) if door is attach else (before, files)
        else:
            assert answer.get_json()["error"]
            assert (state_of(site), stored_files(site)) == (before, files), "nothing of it is stored"
    assert told[0] == told[1], f"the doors differ: {told}"
    return told[0]


def check_harmless(site: BuiltSite, officer: FlaskClient) -> None:
    """What was taken is kept under its own SHA-256 and a tidy name, goes out only to be saved, and shows as a JPEG."""
    with site.database.reading() as db:
        row = db.execute(text("select * from evidence order by id desc limit 1")).mappings().one()
    kept = (site.settings.evidence / row["sha256"][:2] / row["sha256"]).read_bytes()
    assert hashlib.sha256(kept).hexdigest() == row["sha256"]
    assert len(row["name"]) <= 120 and not re.search("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\\\]", row["name"])
    if row["media_type"].startswith("image/"):
        assert PAGE not in kept, "only pixels are left"
    with officer.get(f"/files/{row['id']}") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=to-23-")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with officer.get(f"/files/{row['id']}/preview") as shown:
        assert shown.status_code in (200, 404)
        if shown.status_code == 200:
            assert shown.headers["Content-Type"] == "image/jpeg"
            with Image.open(BytesIO(shown.data)) as preview:
                assert preview.format == "JPEG" and max(preview.size) <= 1400
            assert PAGE not in shown.data


@pytest.mark.parametrize("file", HOSTILE, ids=[each.why for each in HOSTILE])
def test_a_hostile_file_is_refused_or_harmless_at_both_doors(
    site: BuiltSite, officer: FlaskClient, file: Hostile
) -> None:
    status, id = through_both(site, officer, file.name, file.make(), file.field)
    assert (id or None) == file.refused
    assert status == 200 or 400 <= status < 500


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[name for name, _ in CORPUS])
def test_the_corpus_gets_the_same_answer_in_pieces(site: BuiltSite, officer: FlaskClient, number: int) -> None:
    _, sent = CORPUS[number]
    through_both(site, officer, sent.name, sent.make(), sent.field)


def test_there_are_many_of_them() -> None:
    assert len(HOSTILE) >= 40 and len({each.why for each in HOSTILE}) == len(HOSTILE)
    assert len(HOSTILE) + len(CORPUS) > 100


# The server as a process of its own, whose memory is looked at. ------------------------------------------------------


@dataclass
class Caller:
    """An officer's browser without a browser: keeps the cookie, knows the page's token."""

    port: int
    entry: int
    cookie: str = ""
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None, kind: str = "", **headers: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        given = {"Cookie": self.cookie, "Accept": "application/json", "X-CSRFToken": self.token, **headers}
        try:
            line.request(method, path, body, given | ({"Content-Type": kind} if kind else {}))
            answer = line.getresponse()
            for name, value in answer.getheaders():
                if name == "Set-Cookie":
                    self.cookie = "; ".join(filter(None, (self.cookie, value.split(";")[0])))
            return answer.status, answer.read()
        finally:
            line.close()

    def form(self, path: str, **fields: object) -> tuple[int, bytes]:
        return self.ask("POST", path, urllib.parse.urlencode(fields), "application/x-www-form-urlencoded")

    def sign_in(self, password: str) -> None:
        page = self.ask("GET", "/sign-in", Accept="text/html")[1].decode()
        self.token = re.findall(r'name="csrf-token" content="([^"]+)"', page)[0]
        assert self.form("/sign-in", login=OFFICER, password=password)[0] in (302, 303)
        page = self.ask("GET", f"/e/{self.entry}", Accept="text/html")[1].decode()
        self.token = re.findall(r'name="csrf-token" content="([^"]+)"', page)[0]

    def at_once(self, name: str, content: bytes, field: str) -> int:
        limit = secrets.token_hex(8)
        head = f'--{limit}\r\nContent-Disposition: form-data; name="field"\r\n\r\n{field}\r\n--{limit}\r\n'
        head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode("utf-8", "replace") + content + f"\r\n--{limit}--\r\n".encode()
        return self.ask("POST", f"/e/{self.entry}/evidence", body, f"multipart/form-data; boundary={limit}")[0]

    def in_pieces(self, name: str, content: bytes, field: str) -> int:
        mark = f"sha256:{hashlib.sha256(content).hexdigest()}"
        about = {"field": field, "name": name, "size": len(content), "mark": mark}
        status, told = self.form(f"/e/{self.entry}/uploads", **about)
        if status != 200:
            return status
        upload = int(re.findall(rb'"upload": ?(\d+)', told)[0])
        for at in range(0, len(content), MB):
            status, _ = self.ask(
                "POST", f"/uploads/{upload}/piece?at={at}", content[at : at + MB], "application/octet-stream"
            )
            assert status == 200, status
        return self.form(f"/uploads/{upload}/finish", mark=mark)[0]


def memory_of(process: int) -> tuple[int, int]:
    """MB that the program holds now, and the most it ever held."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    now, most = (int(re.findall(rf"{name}:\s+(\d+)", status)[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


@contextmanager
def running(folder: Path) -> Iterator[tuple[Caller, int]]:
    site = open_site(folder)
    entry = entry_of(site, f"to-{TRAT}").id
    site.database.close()
    with serving(site.settings.data, extra={"AWARD_NOW": "2021-07-19T08:15:00+07:00"}) as server:
        caller = Caller(server.port, entry)
        caller.sign_in(site.round.password)
        yield caller, server.process.pid


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell how much a program holds")
def test_the_servers_memory_stays_flat_whatever_is_sent(tmp_path: Path) -> None:
    files = [(each.name, each.make(), each.field) for each in HOSTILE]
    files += [(sent.name, sent.make(), sent.field) for _, sent in CORPUS]
    large = pdf() + b"\0" * (19 * MB)  # as large as is allowed, and no PDF in the end
    with running(tmp_path) as (caller, process):
        for name, content, field in files[:10]:
            caller.at_once(name, content, field)
            caller.in_pieces(name, content, field)
        warm, _ = memory_of(process)
        sent = sendings = 0
        doors = (caller.at_once, caller.in_pieces)
        for number, (name, content, field) in enumerate(files):
            # The hostile ones through both; the others in turn, for behind the doors they go one way.
            for door in doors if number < len(HOSTILE) else (doors[number % 2],):
                door(name, content, field)
                sent += len(content)
                sendings += 1
        for number in range(5):
            assert caller.at_once(f"{number}.pdf", large, "declaration") == 422
            assert caller.in_pieces(f"{number}.pdf", large, "declaration") == 422
            sent += 2 * len(large)
        assert caller.form(
            f"/e/{caller.entry}/uploads", field="declaration", name="a.pdf", size=5 * 2**30, mark="time:1"
        )[0] == 413  # fmt: skip
        now, most = memory_of(process)
    print(f"\n{sendings + 11} sendings, {sent // MB} MB: {warm} MB before, {now} MB after, {most} MB at most")
    assert now - warm < 40 and most - warm < 60
