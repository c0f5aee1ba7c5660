"""Packages that the system itself makes, from the first entry to the publication, pass every step."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from award.actions.checkpoints import Witness
from award.actions.packages import make_package
from award.actions.publications import certify_run, publish_run
from award.actions.ranking import calculate_run
from award.actions.restores import continue_logs
from award.clock import Clock
from award.db.anchors import find_broken, read_anchors
from award.db.engine import Database
from award.db.notes import make_key
from award.db.schema import upgrade_schema
from award.demo import load_demo
from award.package.build import EDITIONS, Edition
from award.policy import Actor, HeldDuty
from exports.verifier.archive import read_zip
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL, NOT_CHECKED
from tests.award.build import PHRAE, TRAT


def holding(role: str, user: int) -> Actor:
    return Actor(user, "", "", "", (HeldDuty(0, role, None, None, "", ""),))


class Made(NamedTuple):
    """Packages by edition, and what an outsider has besides."""

    packages: dict[Edition, Path]
    older: Path
    key: str
    anchors: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("packages")
    database, clock = Database(folder / "award.sqlite3"), Clock()
    upgrade_schema(database)
    load_demo(database, provinces=(TRAT, PHRAE))
    key = make_key(folder / "log.key", name="awards.example")
    witness = Witness("awards.example", folder / "anchors.log", key)
    first, second = holding("organizer", 1), holding("organizer", 2)
    calculate_run(database, clock, actor=first, adoption_id=1, stage="zone", kind="provisional")
    early = make_package(database, clock, witness, actor=first, run_id=1, edition="public")
    (folder / "older.zip").write_bytes(early.content)
    calculate_run(database, clock, actor=first, adoption_id=1, stage="zone", kind="official")
    certify_run(database, clock, actor=first, run_id=2, key="certify-0123456789")
    publish_run(database, clock, actor=second, run_id=2, key="publish-0123456789")
    packages: dict[Edition, Path] = {}
    for edition in EDITIONS:
        actor = holding("auditor", 3) if edition == "auditor" else first
        package = make_package(database, clock, witness, actor=actor, run_id=2, edition=edition)
        packages[edition] = folder / package.name
        packages[edition].write_bytes(package.content)
    yield Made(packages, folder / "older.zip", key.vkey, folder / "anchors.log")
    database.close()


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_step_passes(made: Made, edition: Edition) -> None:
    outcomes = check_package(
        str(made.packages[edition]), keys=[made.key], anchors=[str(made.anchors)], older=str(made.older)
    )
    assert [each for each in outcomes if each.state == FAIL] == []
    assert [each.number for each in outcomes if each.state == NOT_CHECKED] == ([14] if edition == "public" else [])
    said = {each.number: each.said.en for each in outcomes}
    assert "published in line" in said[12]
    assert "states its hash" in said[6]


def test_the_public_edition_holds_the_verifier_and_neither_seal_nor_texts(made: Made) -> None:
    files = read_zip(made.packages["public"].read_bytes())
    assert {"seal.txt", "names.json", "texts.jsonl"} & files.keys() == set()
    assert files["verify.py"].startswith(b"#!/usr/bin/env python3")


def restored(backup: Path, witness: Witness, clock: Clock) -> Database:
    """The backup put back and started: what is shorter than its anchor goes on under a new name."""
    database = Database(backup)
    with database.reading() as db:
        broken = find_broken(db, read_anchors(witness.anchors))
    continue_logs(database, clock, broken, actor=Actor.nobody(), reason="the disk failed on 19 July")
    return database


def test_after_two_restores_every_root_that_left_the_building_still_holds(tmp_path: Path) -> None:
    clock, witness, first = Clock(), Witness("awards.example", tmp_path / "anchors.log", None), holding("organizer", 1)
    database = Database(tmp_path / "0.sqlite3")
    upgrade_schema(database)
    load_demo(database, provinces=(TRAT,))

    def calculated(kind: str) -> bytes:
        calculate_run(database, clock, actor=first, adoption_id=1, stage="zone", kind=kind)
        with database.reading() as db:
            run_id = db.execute(text("select max(id) from ranking_run")).scalar_one()
        return make_package(database, clock, witness, actor=first, run_id=run_id, edition="public").content

    for turn in range(1, 3):
        (tmp_path / f"older{turn}.zip").write_bytes(calculated("provisional"))
        backup = tmp_path / f"{turn}.sqlite3"
        with sqlite3.connect(database.file) as raw, sqlite3.connect(backup) as copy:
            raw.backup(copy)
        raw.close()
        copy.close()
        calculated("provisional")
        database.close()
        database = restored(backup, witness, clock)
    (tmp_path / "package.zip").write_bytes(calculated("official"))
    database.close()
    for turn in range(1, 3):
        outcomes = check_package(
            str(tmp_path / "package.zip"), anchors=[str(witness.anchors)], older=str(tmp_path / f"older{turn}.zip")
        )
        assert [each for each in outcomes if each.state == FAIL] == []
        said = {each.number: each.said.en for each in outcomes}
        assert "it continues 2564/transparent-office#2 after a restore" in said[3]
        assert "are of lines that were lost in a restore" in said[5]
        assert "lines of the log before the restore stand unchanged" in said[6]
