"""Two rounds that differ in nothing but the marks of a panel: whoever may not know them gets the same answers."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import bindparam

from award import policy
from award.db.scoring import Assignment
from award.queries import cards
from tests.award.access_cells import REFUSED
from tests.award.access_mutants import YES, broken
from tests.award.access_table import NOBODY, Row, read_table
from tests.award.access_world import LOGINS, World, build_world

TABLE = read_table()
# What is made anew for each page; and the eight signs of a receipt, which is a hash over everything before it.
EACH_TIME = re.compile(
    r'(csrf-token" content="|name="csrf_token" value="|name="key" value=")[^"]*|access-key-\d+'
    r"|(·|\\u00b7) [0-9a-f]{4} [0-9a-f]{4}"
)
# The root of the log that a workbook names: a hash over all lines, of which each holds a hash that nobody is shown.
ROOT = re.compile("[0-9a-f]{64}")
TEXTS = ("text/", "application/json")
MARKING = {"member", "chair"}
PANEL = {*MARKING, "both", "recused"}
# Who may not know the marks: before the slot is closed nobody but each their own, then those who do not sit there.
IN_THE_DARK = {
    "scoring": [who for who in LOGINS if who not in MARKING],
    "locked": [who for who in LOGINS if who not in (*PANEL, "organizer", "auditor")],
    "certified": [who for who in LOGINS if who not in (*PANEL, "organizer", "auditor")],
}
SEARCHES = (
    "?q=4",
    "?text=4.00",
    "?award=1&zone=9",
    "?sort=total",
    "?order=-total&page=1",
    "?group=9",
    "?category=office",
)


def first_difference(one: Any, other: Any) -> str:
    """Where two answers part."""
    if isinstance(one, int):
        return f"{one}, not {other}"
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[place : place + 60]!r} | {other[place : place + 60]!r}"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "low").mkdir()
    (folder / "high").mkdir()
    return (
        build_world(folder / "low", mark="1", note="ยังขาดหลักฐาน SECRET-73"),
        build_world(folder / "high", mark="4", note="ครบถ้วนและตรวจสอบได้ทุกข้อ HIDDEN-2906"),
    )


def asked(row: Row, who: str, phase: str) -> bool:
    """Pages, and what people are told when an act is refused: the words could tell as well."""
    status = row.answers[who, phase]
    if status in (401, 403):
        return row.method == "GET" and phase == "scoring"
    return row.method == "GET" or (status >= REFUSED and not row.is_steady)


def said(world: World, row: Row, who: str, search: str = "") -> tuple[Any, ...]:
    """Status, headers with ETag and length, and the body; of a workbook its parts."""
    answer = world.ask(row if not search else replace(row, rule=row.rule + search), who)
    headers = [each for each in answer.headers if each[0] not in ("Set-Cookie", "Date", "Expires", "Content-Length")]
    if zipfile.is_zipfile(io.BytesIO(answer.data)):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            parts = "".join(f"{name}: {book.read(name).decode()}" for name in book.namelist())
        return answer.status_code, headers, ROOT.sub("", parts)
    body = EACH_TIME.sub("", answer.text) if (answer.mimetype or "").startswith(TEXTS) else answer.data
    return answer.status_code, headers, body, len(body)


def requests(phase: str, people: list[str]) -> Iterator[tuple[Row, str, str]]:
    for row in TABLE.rows:
        for who in people:
            if asked(row, who, phase):
                yield row, who, ""
                if phase == "scoring" and row.answers[who, phase] == 200 and row.rule.endswith("/") and who != NOBODY:
                    yield from ((row, who, search) for search in SEARCHES)


def told_apart(worlds: tuple[World, World], phase: str, people: list[str]) -> tuple[int, list[str]]:
    """How many answers were compared, and those that differ."""
    count, differing = 0, []
    for world in worlds:
        world.enter(phase)
    for row, who, search in requests(phase, people):
        low, high = (said(world, row, who, search) for world in worlds)
        count += 1
        if low != high:
            part = next((one, other) for one, other in zip(low, high, strict=True) if one != other)
            differing.append(f"{row.name}{search} · {who} · {phase}: {first_difference(*part)}")
    return count, differing


@pytest.mark.parametrize("phase", IN_THE_DARK)
def test_whoever_may_not_know_the_marks_gets_the_same_answer_to_the_byte(
    worlds: tuple[World, World], phase: str
) -> None:
    count, differing = told_apart(worlds, phase, IN_THE_DARK[phase])
    print(f"\n{phase}: {count} answers to {len(IN_THE_DARK[phase])} people compared")
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("owner, other", [("member", "chair"), ("chair", "member")])
def test_two_members_of_one_panel_learn_nothing_of_each_other_while_they_mark(
    worlds: tuple[World, World], owner: str, other: str
) -> None:
    """Only the owner's own card and sheet differ; all that `other` sees of them is a count."""
    low, high = worlds
    for world in worlds:
        world.enter("scoring")
    card = low.place("card", other, {})
    assert card == high.place("card", other, {})
    for row in TABLE.rows:
        if asked(row, owner, "scoring"):
            foreign = replace(row, at={**row.at, "card": f"select {card}"})
            if said(low, foreign, owner) != said(high, foreign, owner):
                assert "sheet" in row.rule, f"{owner} can tell {other}'s marks apart at {row.name}"


def test_the_comparison_notices_what_is_opened(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the two locks of the comparison broken, and with one's own card, the answers do differ."""
    monkeypatch.setattr(cards, "_CLOSED_CARDS", cards._CARDS.where(Assignment.slot_id == bindparam("slot")))
    with broken(policy.may_compare, YES):
        assert apart(worlds, "GET /s/slot/<int:slot>/compare", "recused", "scoring")
        assert apart(worlds, "GET /s/slot/<int:slot>/compare", "organizer", "scoring")
    assert apart(worlds, "GET /s/card/<int:card>", "member", "scoring"), "one's own marks are really there"
    assert apart(worlds, "GET /r/run/<int:run>", "auditor", "locked"), "and the ranking when it may be seen"


def apart(worlds: tuple[World, World], name: str, who: str, phase: str) -> bool:
    """Whether one answer differs."""
    row = next(row for row in TABLE.rows if row.name == name)
    for world in worlds:
        world.enter(phase)
    low, high = (said(world, row, who) for world in worlds)
    return low != high
