"""No form changes what it does not name: every column of every table is sent to every address with hostile values."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, DateTime, Integer

from award.db.schema import METADATA
from award.views import received
from award.views.received import FORMS, Form
from tests.award.access_cells import REFUSED
from tests.award.access_table import Row, read_table
from tests.award.access_world import JSON, World

TABLE = read_table()
ROOT = Path(__file__).parents[2]
NUMBER, WORD, NEVER = "7777777", "zz-hostile", "2031-01-01"
HOSTILE = re.compile(f"{NUMBER}|{WORD}|{NEVER}")
FROM_REQUEST = re.compile(r"request\.(form|args|values|json|files)|get_json")
# Where markup is made by us and holds no text of others: reviewed.
MARKUP_BY_US = {"award/views/account_pages.py", "award/views/invitation_slips.py", "award/views/roots.py"}
# Words of ours, never of a request: reviewed.
OUR_STATEMENTS = {"award/db/engine.py"}


def hostile_values() -> dict[str, str]:
    """Every column of every table, under three names: a value that would be worth something to somebody."""
    values: dict[str, str] = {}
    for table in METADATA.sorted_tables:
        for column in table.columns:
            is_time = isinstance(column.type, Date | DateTime) or column.name.endswith(("_at", "_day"))
            is_number = isinstance(column.type, Integer | Boolean)
            worth = NEVER if is_time else NUMBER if is_number else WORD
            values |= dict.fromkeys((column.name, f"{table.name}.{column.name}", f"{table.name}_{column.name}"), worth)
    return values


def change_of(world: World, row: Row, who: str, extra: dict[str, str]) -> tuple[int, Any]:
    """The answer to the row's request with more fields, and the tables as they are then."""
    address = world.address(row, who)
    body: dict[str, Any] = {"key": KEY, **world.filled(row.json or row.form, who, row.at)}
    if row.json is not None:
        answer = world.clients[who].open(address, method=row.method, json=body | extra, headers=JSON)
    else:
        answer = world.clients[who].open(address, method=row.method, data=body | extra)
    tables = world.contents()
    world.enter(world.phase)
    return answer.status_code, tables


KEY = "the-same-key-each-time"


@pytest.mark.parametrize("door", ["shut", "open"])
def test_no_field_that_a_form_does_not_name_changes_a_column(
    world: World, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """`open`: the table of forms that refuses foreign fields at once is taken away; each act takes only its own."""
    tried, done, values, forms = 0, 0, hostile_values(), dict(FORMS)
    if door == "open":
        monkeypatch.setattr(received, "FORMS", {})
    for row in TABLE.rows:
        if row.method == "GET" or row.file:
            continue
        form = forms.get(world.endpoints[row.method, row.rule], Form())
        known = {*(row.json or row.form), *form.fields, *form.many, "key"}
        phase = max(TABLE.phases, key=lambda phase: sum(row.answers[who, phase] < REFUSED for who in TABLE.columns))
        who = next((who for who in TABLE.columns if row.answers[who, phase] < REFUSED), TABLE.columns[1])
        world.enter(phase)
        before, jar = world.contents(), dict(world.clients[who]._cookies or {})
        extra = {name: value for name, value in values.items() if name not in known}
        status, changed = change_of(world, row, who, extra)
        world.clients[who]._cookies = jar
        tried, done = tried + 1, done + (status < REFUSED)
        if status >= REFUSED:
            assert changed == before, f"{row.name}: {status}"
        for table, lines in changed.items():
            new = set(lines) - set(before[table])
            assert not [line for line in new if HOSTILE.search(str(line))], f"{row.name}: {table}"
    print(f"\n{tried} addresses, {len(values)} fields each, the door {door}: {done} acts done without them")
    assert tried > 40 and (door == "shut" or done > 20)


# --- what the code may not say --------------------------------------------------------------------------------------


def python_files() -> list[Path]:
    return [path for room in ("award", "exports", "scoring_rules") for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_model_is_filled_from_a_form_as_it_comes() -> None:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr != "populate_obj", path
            if isinstance(node, ast.Call):
                spread = [ast.unparse(each.value) for each in node.keywords if each.arg is None]
                assert not [
                    each for each in spread if re.search(r"request\.(form|args|values|json|files)|get_json", each)
                ], path


def test_no_text_becomes_markup_unseen() -> None:
    markup = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Markup":
                markup.add(str(path.relative_to(ROOT)))
    assert markup == MARKUP_BY_US, "look at each new place, then name it here"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b", text), path


def test_no_statement_is_put_together_from_text() -> None:
    """f-strings, +, % and format() make texts; a statement has places for values."""
    found: set[str] = set()
    takers = {"text", "execute", "exec_driver_sql", "executescript"}
    for path in python_files():
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in takers and node.args:
                made = node.args[0]
                is_text = isinstance(made, (ast.JoinedStr, ast.BinOp)) or (
                    isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr == "format"
                )
                if is_text and not only_constants(made):
                    found.add(str(path.relative_to(ROOT)))
    assert found == OUR_STATEMENTS, "look at each new place, then name it here"


def only_constants(made: ast.expr) -> bool:
    """Whether all that is put in is a NAME of ours in capital letters."""
    names = [node.id for node in ast.walk(made) if isinstance(node, ast.Name)]
    calls = [node for node in ast.walk(made) if isinstance(node, ast.Call)]
    return not calls and all(name.lstrip("_").isupper() for name in names)
