"""Two rounds that differ in nothing but marks: every answer of one beside that of the other, and where they part."""

import hashlib
import io
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from award.actions.presences import Presences
from award.actions.sightings import Sightings
from tests.award.access_cells import REFUSED
from tests.award.access_moments import MOMENTS
from tests.award.access_table import NOBODY, Row, read_table
from tests.award.access_world import LOGINS, World

TABLE = read_table()
LOW, HIGH = ("1", "ยังขาดหลักฐาน SECRET-73"), ("4", "ครบถ้วนและตรวจสอบได้ทุกข้อ HIDDEN-2906")
# What is made anew for each page; and the eight signs of a receipt, which is a hash over everything before it.
EACH_TIME = re.compile(
    r'(csrf-token" content="|name="csrf_token" value="|name="key" value=")[^"]*|access-key-\d+'
    r"|(·|\\u00b7) [0-9a-f]{4} [0-9a-f]{4}"
)
# The root of the log that a workbook names: a hash over all lines, of which each holds a hash that nobody is shown.
ROOT = re.compile("[0-9a-f]{64}")
TEXTS = ("text/", "application/json", "image/svg", "application/yaml")
MARKING = ("member", "chair")
PANEL = (*MARKING, "both", "recused")
# People whose duties are those of another one: they are asked while marking goes on, and not in every moment.
LIKE_ANOTHER = ("acting", "director", "chief", "not_yet", "proposed", "moved")
PHASE = {phase: phase for phase in TABLE.phases} | MOMENTS  # moment → the phase whose answers of the table hold
FULLEST, CLOSED = "scoring", ("locked", "certified", "announced")
# Which others are shown: who read, whose page is open.
LEAVES_A_TRACE = ("/files/<int:file>", "/files/<int:file>/preview", "/s/<int:day>/live", "/e/<int:entry>/live")
SEARCHES = (
    "?q=4",
    "?text=4.00",
    "?award=1&zone=9",
    "?sort=total",
    "?order=-total&page=1",
    "?group=9",
    "?category=office",
)
# Where marks leave a trace of their own: before a slot is closed, and then.
HOLD_MARKS = {"mark", "assignment", "ledger_line", "ledger_text"}
HOLD_RESULTS = HOLD_MARKS | {"checkpoint", "ranking_run", "publication"}
# Who may not know the marks: before the slot is closed nobody but each their own, then those who do not sit there.
BEFORE = [who for who in LOGINS if who not in MARKING]
AFTER = [who for who in LOGINS if who not in (*PANEL, "organizer", "auditor")]


def first_difference(one: Any, other: Any) -> str:
    """Where two answers part."""
    if isinstance(one, int):
        return f"{one}, not {other}"
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[place : place + 60]!r} | {other[place : place + 60]!r}"


def asked(row: Row, who: str, moment: str) -> bool:
    """Pages, and what people are told when an act is refused: the words could tell as well."""
    status = row.answers[who, PHASE[moment]]
    if status in (401, 403):
        return row.method == "GET" and moment == FULLEST
    if moment in MOMENTS and who in LIKE_ANOTHER:
        return False
    return row.method == "GET" or (status >= REFUSED and not row.is_steady)


def requests(moment: str, people: list[str]) -> Iterator[tuple[Row, str, str]]:
    """What is asked for in a moment: row, person, and what is added to the address."""
    for row in TABLE.rows:
        for who in people:
            if asked(row, who, moment):
                yield row, who, ""
                searches = moment == FULLEST and row.answers[who, moment] == 200 and row.rule.endswith("/")
                if searches and who not in (NOBODY, *LIKE_ANOTHER):
                    yield from ((row, who, search) for search in SEARCHES)


def said(world: World, row: Row, who: str, search: str = "", *, as_json: bool = False) -> tuple[Any, ...]:
    """Status, headers with ETag and length, and the body; of a workbook its parts."""
    answer = world.ask(row if not search else replace(row, rule=row.rule + search), who, as_json=as_json)
    headers = [each for each in answer.headers if each[0] not in ("Set-Cookie", "Date", "Expires", "Content-Length")]
    if zipfile.is_zipfile(io.BytesIO(answer.data)):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            parts = "".join(f"{name}: {book.read(name).decode()}" for name in book.namelist())
        return answer.status_code, headers, ROOT.sub("", EACH_TIME.sub("", parts))
    body = EACH_TIME.sub("", answer.text) if (answer.mimetype or "").startswith(TEXTS) else answer.data
    return answer.status_code, headers, body, len(body)


def forget_visits(world: World) -> None:
    """As if nobody had been here: who read a file, whose page was seen, and what was made once for each version of a
    day are kept outside the tables, and a database that is put back has versions that were there before."""
    here = world.site.app.extensions
    here["award"] = replace(here["award"], sightings=Sightings(), presences=Presences(), statuses={})
    here.pop("zones", None)
    for file in world.site.settings.logs.glob("reads*"):
        file.write_text("")


def parted(one: World, other: World) -> set[str]:
    """The tables in which two rounds differ at this moment."""
    there, here = one.contents(), other.contents()
    return {name for name in there if there[name] != here[name]}


def told_apart(worlds: tuple[World, World], moment: str, people: list[str]) -> tuple[int, list[str]]:
    """How many answers were compared, and those that differ.

    The rounds are drawn alike: their tables differ in what the marks made of them and in nothing else, which is asked
    first. So what read none of the tables that differ has nothing to tell, and is not asked of the second round; where
    no table differs, the two are one and the same, and nothing is asked at all. A refusal is asked for as a page's code
    asks. Lest that reasoning err, in the fullest moment the first answer of each status that a row gives is asked for
    as a person's click asks, and of both rounds, whatever it read."""
    began, count, twice, differing, rules = time.process_time(), 0, 0, [], set()
    one, other = worlds
    for world in worlds:
        world.enter(moment)
        forget_visits(world)
    tables, known = parted(one, other), set()
    assert tables <= (HOLD_RESULTS if PHASE[moment] in CLOSED else HOLD_MARKS), tables
    if not tables:
        return len(list(requests(moment, people))), []
    reads_one = re.compile(rf"\b({'|'.join(tables)})\b")
    for row, who, search in requests(moment, people):
        kind = (row.name, row.answers[who, PHASE[moment]])
        is_first = moment == FULLEST and kind not in known
        known.add(kind)
        by_code = not is_first and row.answers[who, PHASE[moment]] >= REFUSED
        with one.site.statements() as statements:
            low = said(one, row, who, search, as_json=by_code)
        count += 1
        rules.add((row.method, row.rule))
        may_tell = any(map(reads_one.search, statements)) or row.rule in LEAVES_A_TRACE
        if not (may_tell or is_first):
            continue
        twice += 1
        high = said(other, row, who, search, as_json=by_code)
        if low != high:
            part = next((a, b) for a, b in zip(low, high, strict=True) if a != b)
            differing.append(f"{row.name}{search} · {who} · {moment}: {first_difference(*part)}")
    took = time.process_time() - began
    print(f"\n{moment}: {len(rules)} routes, {len(people)} people, {count} answers, {twice} of both, in {took:.0f} s")
    return count, differing


def apart(worlds: tuple[World, World], name: str, who: str, moment: str) -> bool:
    """Whether one answer differs."""
    row = next(row for row in TABLE.rows if row.name == name)
    for world in worlds:
        world.enter(moment)
    low, high = (said(world, row, who) for world in worlds)
    return low != high


def stored(world: World) -> tuple[list[str], list[tuple[str, str]]]:
    """What was written to be sent by mail, and the files that are kept, by name and content."""
    rows = world.rows("select * from mail_out order by id")
    mails = [ROOT.sub("", EACH_TIME.sub("", str(tuple(row)))) for row in rows]
    folder = world.site.settings.evidence
    files = [(str(Path(file).relative_to(folder)), hashlib.sha256(Path(file).read_bytes()).hexdigest())
             for file in world.files()]  # fmt: skip
    return mails, sorted(files)
