"""What is not yours looks like what is not there; no link and no number opens it; no act without a token."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.award.access_cells import ASKED_IN, REFUSED
from tests.award.access_mutants import has_scope, loaders_of
from tests.award.access_scope import PAGES, numbers
from tests.award.access_table import Row, read_table
from tests.award.access_world import JSON, World

TABLE = read_table()
MISSING, NO_TOKEN = 404, 400
NOWHERE = 987_654_321
NUMBER = re.compile(r"<int:(\w+)>")
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
EACH_TIME = re.compile(r'(csrf-token" content="|name="csrf_token" value="|name="key" value=")[^"]*|access-key-\d+')


# --- what is not yours looks like what is not there ---------------------------------------------------------------


def told(world: World, row: Row, who: str, *, as_json: bool) -> tuple[Any, ...]:
    """All that a person can see of an answer, and the statements that it took."""
    address = world.address(row, who)
    world.filled(row.json or row.form, who, row.at)  # what is looked up once for the test itself
    with world.site.statements() as statements:
        answer = world.ask(row, who, as_json=as_json)
    body = EACH_TIME.sub("", answer.text).replace(address, "…")
    headers = [(name, value) for name, value in answer.headers if name not in ("Set-Cookie", "Date", "Content-Length")]
    return answer.status_code, headers, body, statements


def first_difference(one: Any, other: Any) -> str:
    """Where two answers part."""
    if isinstance(one, int):
        return f"{one}, not {other}"
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[place : place + 80]} | {other[place : place + 80]}"[:300]


def elsewhere(row: Row) -> Iterator[Row]:
    """The row at numbers that nothing has, one place after the other; where the row names what is not the person's,
    only there: the rest is their own, and known to them."""
    for place in list(row.at) or NUMBER.findall(row.rule):
        yield replace(row, at={**row.at, place: f"select {NOWHERE}"})


def is_narrow(world: World, row: Row) -> bool:
    """Whether who asks decides what there is: not where everybody whose function it is sees all of them."""
    loaders = loaders_of(world.site.app.view_functions[world.endpoints[row.method, row.rule]])
    return not loaders or any(map(has_scope, loaders.values()))


@pytest.mark.parametrize("phase", ["open", "scoring"])
def test_what_is_out_of_scope_and_what_does_not_exist_are_one_answer_and_one_work(world: World, phase: str) -> None:
    """By code of everybody; by a click, whose page says the same in the same frame, of the first and the last of each
    row."""
    world.enter(phase)
    pairs, differing = 0, []
    for row in filter(partial(is_narrow, world), TABLE.rows):
        kept_out = [who for who in TABLE.columns if row.answers[who, phase] == MISSING]
        for who in kept_out[:1]:
            for each in (row, *elsewhere(row)):
                world.ask(each, who)  # what is looked up or compiled once
        for who in kept_out:
            for as_json in (False, True) if who in (kept_out[0], kept_out[-1]) else (True,):
                real = told(world, row, who, as_json=as_json)
                for gone in elsewhere(row):
                    missing = told(world, gone, who, as_json=as_json)
                    pairs += 1
                    for part, one, other in zip(("status", "headers", "body", "work"), real, missing, strict=True):
                        if one != other:
                            differing.append(f"{row.name} · {who} · {phase}: {part}: {first_difference(one, other)}")
    print(f"\n{phase}: {pairs} pairs")
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("phase", ["open", "locked"])
def test_every_number_in_the_database_opens_to_those_whose_it_is_and_is_404_to_others(world: World, phase: str) -> None:
    world.enter(phase)
    asked, wrong = 0, []
    for page, (all_of_them, own) in PAGES.items():
        if phase == "open" and page not in ("/e/{}", "/files/{}"):
            continue  # who sits where does not change
        every = numbers(world, all_of_them)
        rule = page.replace("{}", "<int:")
        row = next(each for each in TABLE.rows if each.method == "GET" and re.sub(r"\w+>", "", each.rule) == rule)
        for who in TABLE.columns:
            if row.answers[who, phase] in (ASKED_IN, 403):
                continue  # never theirs: the matrix asks
            scope = numbers(world, own, who)
            for number in every:
                status = answered(world, page.format(number), who)
                asked += 1
                if (status != MISSING) != (number in scope):
                    wrong.append(f"{page.format(number)} · {who}: {status}")
    print(f"\n{phase}: {asked} numbers asked")
    assert wrong == []
    assert not world.changed()


def answered(world: World, address: str, who: str) -> int:
    """The status of a page asked for by code, which is answered soonest."""
    return world.clients[who].get(address, headers=JSON, buffered=True).status_code


# --- links ----------------------------------------------------------------------------------------------------------


def crawled(world: World, who: str) -> dict[str, int]:
    """Every page within two links of home, which itself leads on, of those that differ only in what is asked of them a
    few: address → status."""
    seen: dict[str, int] = {}
    alike: Counter[str] = Counter()
    front = ["/"]
    for _ in range(4):
        found: list[str] = []
        for address in front:
            if address in seen or alike[address.split("?")[0]] >= MOST_ALIKE:
                continue
            alike[address.split("?")[0]] += 1
            answer = world.clients[who].get(address, buffered=True)
            seen[address] = answer.status_code
            if answer.status_code in (302, 303):
                found.append(answer.location)
            elif answer.mimetype == "text/html":
                found += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
        front = [each for each in dict.fromkeys(found) if not each.startswith("/assets/")]
    return seen


CRAWLERS = tuple(who for who in TABLE.columns if who not in ("acting", "ended", "not_yet", "recused"))
MOST_ALIKE = 3  # pages that differ only in what is asked of them


def test_no_page_that_others_are_led_to_opens_to_whom_it_is_not_for(world: World) -> None:
    world.enter("locked")
    seen = {who: crawled(world, who) for who in CRAWLERS}
    dead = [f"{who}: {address} {status}" for who, pages in seen.items() for address, status in pages.items()
            if status >= REFUSED and status != 423]  # fmt: skip
    assert dead == [], "no page leads anybody to where they may not go"
    alike: dict[str, list[str]] = {}
    for address in sorted({address for pages in seen.values() for address, status in pages.items() if status == 200}):
        alike.setdefault(address.split("?")[0], []).append(address)
    every = [address for pages in alike.values() for address in pages[:MOST_ALIKE]]
    asked, wrong = 0, []
    for who, pages in seen.items():
        for address in every:
            if address not in pages and not is_for(world, address, who):
                status = answered(world, address, who)
                asked += 1
                wrong += [f"{address} · {who}: {status}"] if status < REFUSED else []
    print(f"\n{sum(map(len, seen.values()))} pages read, {asked} tried that others were led to")
    assert wrong == []
    assert not world.changed()


def is_for(world: World, address: str, who: str) -> bool:
    """Whether the table opens the page to the person, and the tables of the database its number."""
    path = address.split("?")[0]
    rule, values = world.site.app.url_map.bind("localhost").match(path, return_rule=True)
    rows = [row for row in TABLE.rows if (row.method, row.rule) == ("GET", rule.rule)]
    if not any(row.answers[who, phase] == 200 for row in rows for phase in TABLE.phases):
        return False
    narrow = PAGES.get(re.sub(r"<[^>]+>", "{}", rule.rule))
    return narrow is None or next(iter(values.values())) in numbers(world, narrow[1], who)


# --- reading writes nothing, and nothing is done without a token ----------------------------------------------------


def test_reading_everything_twice_leaves_the_file_of_the_database_as_it_was(world: World) -> None:
    """Not even what the matrix (access_cells.py), in which nothing that is read changes a table, counts as no more than
    a trace: asked of every page, and of who may read it every fifth, each time others, and one at least."""
    world.enter("locked")
    pages = [row for row in TABLE.rows if row.method == "GET"]
    readers = [[who for who in TABLE.columns if row.answers[who, "locked"] < REFUSED] for row in pages]
    cells = [(row, who) for number, row in enumerate(pages) for place, who in enumerate(readers[number])
             if (place + number) % min(5, len(readers[number])) == 0]  # fmt: skip
    assert {who for _, who in cells} == set(TABLE.columns) and {row.name for row, _ in cells} == {
        row.name for row, read in zip(pages, readers, strict=True) if read
    }
    for row, who in cells:
        world.ask(row, who)
    before = hashlib.sha256(world.site.settings.database.read_bytes()).hexdigest()
    for row, who in cells:
        world.ask(row, who)
    assert hashlib.sha256(world.site.settings.database.read_bytes()).hexdigest() == before
    assert not world.changed()


def test_no_act_of_anybody_is_done_without_the_token_of_a_page(world: World) -> None:
    world.site.app.config["WTF_CSRF_ENABLED"] = True
    try:
        for row in TABLE.rows:
            if row.method == "GET":
                continue
            phase = min(TABLE.phases, key=lambda phase: min(row.answers[who, phase] for who in TABLE.columns))
            world.enter(phase)
            for who in sorted(TABLE.columns, key=lambda who: row.answers[who, phase])[:2]:
                for as_json in (False, True):
                    answer = world.ask(row, who, as_json=as_json)
                    assert answer.status_code == NO_TOKEN, f"{row.name} · {who}: {answer.status_code}"
                    assert not world.changed(), f"{row.name} · {who}"
    finally:
        world.site.app.config["WTF_CSRF_ENABLED"] = False


def test_what_asks_again_who_it_is_is_not_done_by_an_open_browser_alone(world: World) -> None:
    """The person proved who they are a quarter of an hour ago: everything they may do is asked for again first."""
    views, asked = world.site.app.view_functions, 0
    for row in TABLE.rows:
        phase = max(TABLE.phases, key=lambda phase: sum(row.answers[who, phase] < REFUSED for who in TABLE.columns))
        who = next((who for who in TABLE.columns if row.answers[who, phase] < REFUSED), None)
        if who is None or not getattr(views[world.endpoints[row.method, row.rule]], "asks_again", False):
            continue
        world.enter(phase)
        world.freshen(world.moments[phase].now - timedelta(minutes=15))
        before = world.counted()
        click, code = world.ask(row, who), world.ask(row, who, as_json=True)
        asked += 1
        assert (click.status_code, code.status_code) == (302 if row.method == "GET" else ASKED_IN, ASKED_IN), row.name
        assert world.counted() == before, row.name
    assert asked > 10
