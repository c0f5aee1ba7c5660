"""The schema goes up, down and up again over a real round, says what the tables say, and an old one stops the start."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from award.actions.unit import unit
from award.app import create_app
from award.clock import Clock
from award.config import Settings
from award.db.engine import Database
from award.db.ledger import FIRST, SITE, canonical, leaf_of, walk_lines
from award.db.schema import METADATA, downgrade_schema, upgrade_schema
from award.demo import load_demo
from award.errors import NotStarted
from award.ledger_check import check_ledger
from award.policy import Actor
from tests.award.build import CHANTHABURI, TRAT

MIGRATIONS = Path(__file__).parents[2] / "award" / "db" / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]  # the first first


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "award.sqlite3")
    yield opened
    opened.close()


def rows_of(database: Database) -> dict[str, list[Any]]:
    """Every row of every table, in the order of the primary key."""
    with database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in METADATA.sorted_tables
        }


def tables_in(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def rules_of_tables(database: Database) -> str:
    """Columns, keys, references and checks of every table, as text: what autogenerate does not compare as well."""
    found = inspect(database.engine)
    said = {}
    for table in sorted(tables_in(database)):
        said[table] = {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(table)
            ),
            "primary": found.get_pk_constraint(table),
            "foreign": sorted(map(str, found.get_foreign_keys(table))),
            "unique": sorted(map(str, found.get_unique_constraints(table))),
            "checks": sorted((c["name"], " ".join(c["sqltext"].split())) for c in found.get_check_constraints(table)),
            "indexes": sorted(map(_index_as_text, found.get_indexes(table))),
        }
    return json.dumps(said, indent=1, ensure_ascii=False, default=str)


def _index_as_text(index: Any) -> str:
    """With the condition of a partial index as its SQL."""
    return str(
        index | {"dialect_options": {name: str(text) for name, text in index.get("dialect_options", {}).items()}}
    )


def test_the_newest_revision_and_the_tables_in_the_code_are_the_same(database: Database):
    upgrade_schema(database)
    with database.engine.connect() as connection:
        migrated = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migrated, METADATA) == []


def test_checks_and_references_of_the_newest_revision_are_those_in_the_code(database: Database, tmp_path: Path):
    upgrade_schema(database)
    made = Database(tmp_path / "made.sqlite3")
    METADATA.create_all(made.engine)
    assert rules_of_tables(database) == rules_of_tables(made)
    made.close()


@pytest.mark.parametrize("back_to", REVISIONS[:-1])
def test_a_round_survives_the_way_down_and_up_again(database: Database, back_to: str):
    upgrade_schema(database)
    load_demo(database, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    with database.engine.begin() as connection:  # what programs before 0009 have no room for does not come back
        connection.execute(text(
            "UPDATE slot SET presenters = '', exhibition_url = '', presenting_minutes = NULL, "
            "questions_minutes = NULL, scoring_minutes = NULL"
        ))  # fmt: skip
    before = rows_of(database)
    assert len(before["entry"]) == 10
    downgrade_schema(database, back_to)
    upgrade_schema(database)
    assert rows_of(database) == before
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_down_to_nothing_and_up_again_gives_an_empty_database_that_takes_a_round(database: Database):
    upgrade_schema(database)
    load_demo(database, provinces=(TRAT,))
    downgrade_schema(database, "base")
    assert tables_in(database) == set()
    upgrade_schema(database)
    assert not any(rows_of(database).values())
    assert load_demo(database, provinces=(TRAT,)).entries == 5


@pytest.mark.parametrize("revision", [None, *REVISIONS[:-1]])
def test_an_old_or_empty_database_stops_the_start_with_what_to_do(tmp_path: Path, revision: str | None):
    settings = Settings(data=tmp_path, secret_key="a secret for tests only")
    database = Database(settings.database)
    if revision:
        upgrade_schema(database, revision)
    else:
        settings.database.touch()
    with pytest.raises(NotStarted) as refused:
        create_app(settings)
    assert f"at version {revision or 'none'}, the program needs {REVISIONS[-1]}" in str(refused.value)
    upgrade_schema(database)
    create_app(settings)
    database.close()


def test_upgrading_twice_changes_nothing(database: Database):
    upgrade_schema(database)
    load_demo(database, provinces=(TRAT,))
    before = rows_of(database)
    upgrade_schema(database)
    assert rows_of(database) == before


def lines_of_version_1(count: int) -> list[tuple[int, str, str, str, str]]:
    """(seq, at, line, prev, leaf) as the first versions wrote them: one chain, no log in the line."""
    rows, prev = [], FIRST
    for seq in range(1, count + 1):
        at = f"2021-07-19T02:{seq // 60 % 60:02}:{seq % 60:02}.000000Z"
        told = {"act": "save_answers", "actor": "u1", "at": at, "body": {"entry": "ตราด"}, "key": None, "prev": prev}
        line = canonical({**told, "seq": seq, "v": 1})
        rows.append((seq, at, line, prev, leaf_of(line)))
        prev = leaf_of(line)
    return rows


def test_the_ledger_of_before_keeps_every_byte_and_goes_on(database: Database, tmp_path: Path):
    upgrade_schema(database, "0002")
    written = lines_of_version_1(50)
    with database.engine.begin() as connection:
        for row in written:
            asked = "INSERT INTO ledger_line (seq, at, line, prev, leaf) VALUES (?, ?, ?, ?, ?)"
            connection.exec_driver_sql(asked, row)
    upgrade_schema(database)
    with unit(database, Clock(), actor=Actor(1, "organizer", "", "")) as u:
        receipt = u.record("look", {})
    assert receipt.seq == 51
    with database.reading(consistent=True) as db:
        assert [row.line for row in walk_lines(db, SITE)][:50] == [line for _, _, line, _, _ in written]
        assert check_ledger(db, anchors=tmp_path / "anchors.log")[1] == []
    downgrade_schema(database, "0002")
    with database.engine.connect() as connection:
        kept = connection.execute(text("SELECT line FROM ledger_line ORDER BY seq")).scalars().all()
    assert kept[:50] == [line for _, _, line, _, _ in written]
    assert len(kept) == 51
