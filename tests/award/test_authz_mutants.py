"""Each question of policy.py, each scope and each loader of the guard broken in turn: the table of access notices."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from inspect import unwrap

import pytest

from award import policy
from tests.award.access_cells import ASKED_IN, REFUSED, wrong_with
from tests.award.access_mutants import (
    KEEPING_OUT,
    NO,
    SCOPES,
    YES,
    barriers,
    broken,
    has_scope,
    loaders_of,
    questions,
    rewritten,
    unscoped,
    watched,
)
from tests.award.access_table import Row, read_table
from tests.award.access_world import World, at

TABLE = read_table()
SEAT = {"seat": "select id from seat where code = 'z9-member'"}
FORBIDDEN, MISSING, LOCKED = 403, 404, 423
OF_EACH_KIND = 3
Cell = tuple[str, Row, str]  # phase, row, person
# The table's people have just proved who they are, nobody in it is recorded as absent, and nobody both runs the round
# and belongs to an office (test_late.py asks that).
BY_THEMSELVES = ("is_fresh", "needs_second_factor", "has_missed", "may_allow_member", "may_organize_for")
ASKED_IN_ACTION = {"may_rehearse": ("rehearsals.begin", "rehearsals.end")}
# Pages that refuse by themselves too, or where nothing is there yet: test_authz_leaks_day.py looks at photos,
# test_rehearsals.py and test_papers.py at practice cards and at sheets from paper.
HELD_BY_MORE = {
    "/s/<int:day>/interest/<int:seat>", "/s/card/<int:card>/paper/mine", "/s/paper/<int:paper>/photo",
    "/s/practice/<int:slot>/send", "/e/<int:entry>/sheet",
    "/e/check/<int:entry>",  # for organizers alone, who see every entry
}  # fmt: skip
PHASES = ("scoring", "closed", "locked", "open", "draft", "certified")  # where most is refused for its time comes first


def cells_refused(*statuses: int) -> Iterator[Cell]:
    """Cells of the table with these answers. Where none is named: all that are refused by more than the guard."""
    passed = {
        (row.method, row.rule, who)
        for row in TABLE.rows
        for (who, _), status in row.answers.items()
        if status not in (ASKED_IN, FORBIDDEN)
    }
    for phase in PHASES:
        for row in TABLE.rows:
            if row.is_steady and phase != PHASES[0]:
                continue
            for who in TABLE.columns:
                status = row.answers[who, phase]
                beyond_the_guard = (row.method, row.rule, who) in passed and (status >= REFUSED or who in row.hides)
                if status in statuses if statuses else beyond_the_guard:
                    yield phase, row, who


@pytest.fixture(scope="module")
def asked(world: World) -> dict[str, list[Cell]]:
    """Question → the refused cells in which it is asked, the guard's own left out; of each kind three. They are enough
    for as long as every question finds one among them that notices."""
    found: dict[str, list[Cell]] = {}
    known: dict[tuple[str, int, str], set[str]] = defaultdict(set)
    for cell in cells_refused():
        phase, row, who = cell
        status = row.answers[who, phase]
        people = known[row.name, status, phase if status == LOCKED else ""]
        if who in people or len(people) == OF_EACH_KIND:
            continue
        people.add(who)
        if world.phase != phase:
            world.enter(phase)
        seen: set[str] = set()
        with watched(seen):
            assert wrong_with(world, row, who, as_json=not row.hides) == []
        for name in seen:
            found.setdefault(name, []).append(cell)
    return found


def first_noticed(world: World, cells: Iterable[Cell], breaking: AbstractContextManager[None]) -> str:
    """What the first cell says that notices; "" where none does."""
    with breaking:
        for phase, row, who in cells:
            if world.phase != phase:
                world.enter(phase)
            if wrong := wrong_with(world, row, who, as_json=not row.hides):
                return wrong[0]
    return ""


def at_the_guard(world: World, name: str) -> Iterator[Cell]:
    """Cells that the question alone refuses, as the guard of a route."""
    views = world.site.app.view_functions
    for phase, row, who in cells_refused(ASKED_IN, FORBIDDEN):
        if vars(views[world.endpoints[row.method, row.rule]])["access"].__name__ == name:
            yield phase, row, who


def behind_the_guard(world: World, name: str) -> Iterator[Cell]:
    """Cells of people whose function it is and who are refused for good all the same: the view asks, or its action."""
    asking = {
        endpoint for endpoint, view in world.site.app.view_functions.items()
        if name in unwrap(view).__code__.co_names or endpoint in ASKED_IN_ACTION.get(name, ())
    }  # fmt: skip
    for phase, row, who in cells_refused(FORBIDDEN):
        if world.endpoints[row.method, row.rule] in asking:
            yield phase, row, who


def test_every_question_of_policy_that_always_says_yes_is_noticed(world: World, asked: dict[str, list[Cell]]) -> None:
    unnoticed = []
    for name, question in questions().items():
        if name in BY_THEMSELVES:
            continue
        cells = [*at_the_guard(world, name), *asked.get(name, ()), *behind_the_guard(world, name)]
        cells = [*cells, *cells_refused(ASKED_IN)][:400]
        said = first_noticed(world, cells, broken(question, NO if name in KEEPING_OUT else YES))
        print(f"{name} → {said or 'NOT NOTICED'}")
        unnoticed += [] if said else [name]
    assert unnoticed == [], "the table of access (authz.yaml) has no cell that these questions decide"


def row_of(name: str) -> Row:
    return next(row for row in TABLE.rows if row.name == name)


def test_an_old_proof_of_who_it_is_that_always_counts_is_noticed(world: World) -> None:
    world.enter("open")
    world.freshen(at("7:55"))
    act = row_of("POST /people/<int:person>/close")
    assert world.ask(act, "organizer").status_code == ASKED_IN
    with broken(questions()["is_fresh"], YES):
        assert world.ask(act, "organizer").status_code < REFUSED


def test_a_missed_presentation_that_does_not_count_is_noticed(world: World) -> None:
    send, allow = row_of("POST /s/card/<int:card>/send"), row_of("POST /s/slot/<int:slot>/allow")
    absent = replace(row_of("POST /s/slot/<int:slot>/attendance"), form={"seat": "{seat}", "state": "absent"}, at=SEAT)
    present = replace(absent, form={"seat": "{seat}", "state": "present"})
    world.enter("scoring")
    assert world.ask(present, "chair").status_code < REFUSED
    assert world.ask(replace(allow, at=SEAT), "chair").status_code == LOCKED
    with broken(questions()["may_allow_member"], YES):
        assert world.ask(replace(allow, at=SEAT), "chair").status_code < REFUSED
    world.enter("scoring")
    assert world.ask(absent, "chair").status_code < REFUSED
    assert world.ask(send, "member").status_code == LOCKED
    with broken(questions()["has_missed"], NO):
        assert world.ask(send, "member").status_code < REFUSED


def test_a_second_factor_that_nobody_needs_is_noticed(world: World) -> None:
    world.enter("open")
    here, kept = world.site.app.extensions, world.site.app.extensions["award"]
    here["award"] = replace(kept, settings=replace(kept.settings, second_factor="required"))
    try:
        for who, name in (("organizer", "GET /r/"), ("chair", "GET /s/"), ("administrator", "GET /people/")):
            assert world.ask(row_of(name), who, as_json=True).status_code == FORBIDDEN
            assert world.ask(row_of(name), who).location == "/account/"
            with broken(questions()["needs_second_factor"], NO):
                assert world.ask(row_of(name), who).status_code < REFUSED
    finally:
        here["award"] = kept


def test_every_reason_against_marking_that_is_dropped_is_noticed(world: World, asked: dict[str, list[Cell]]) -> None:
    """Some reasons stand behind another one: then the sentence changes, which says who can open the card again."""
    for reason, code in barriers():
        said = first_noticed(world, asked["barrier_to_marking"], broken(policy.barrier_to_marking, code))
        said = said or first_other_sentence(world, asked["barrier_to_marking"], code)
        print(f"barrier {reason} → {said or 'NOT NOTICED'}")
        assert said, reason


def first_other_sentence(world: World, cells: list[Cell], code: object) -> str:
    for phase, row, who in cells:
        world.enter(phase)
        whole = world.ask(row, who, as_json=True).text
        if row.method == "GET":
            continue
        with broken(policy.barrier_to_marking, code):  # type: ignore[arg-type]
            if world.ask(row, who, as_json=True).text != whole:
                return f"{row.name} · {who} · {phase}: another sentence"
    return ""


@pytest.mark.parametrize("name", SCOPES)
def test_every_scope_that_is_opened_is_noticed(world: World, name: str) -> None:
    function, old, new = SCOPES[name]
    cells = [*cells_refused(MISSING), *cells_refused(FORBIDDEN, ASKED_IN)]
    said = first_noticed(world, cells, broken(function, rewritten(function, old, new)))
    print(f"{name} → {said}")
    assert said


def test_every_loader_of_the_guard_that_asks_nobody_is_noticed_or_the_action_refuses_by_itself(world: World) -> None:
    held = []
    for (method, rule), endpoint in sorted(world.endpoints.items()):
        for name, load in loaders_of(world.site.app.view_functions[endpoint]).items():
            if not has_scope(load):
                continue
            cells = [each for each in cells_refused(MISSING) if (each[1].method, each[1].rule) == (method, rule)]
            said = first_noticed(world, cells, unscoped(world, endpoint, name))
            print(f"{method} {rule}, {name} → {said or 'held by the action'}")
            held += [] if said else [(method, rule)]
    assert [each for each in held if each[0] == "GET" and each[1] not in HELD_BY_MORE] == [], (
        "nothing but its loader keeps a page to its people"
    )
