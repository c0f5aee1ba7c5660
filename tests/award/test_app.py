"""The program starts only where it may, and what every page shares."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from award.app import create_app
from award.config import Settings, read_settings
from award.db.engine import JOURNAL, SYNCHRONOUS, Database
from award.db.people import Duty, User
from award.errors import NotStarted
from award.policy import anyone
from award.views.guard import check_access_declared, guard
from tests.award.build import TRAT, build_site


def test_a_route_without_declared_access_stops_the_start() -> None:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/open", "open", guard(anyone)(lambda: "declared"))
    check_access_declared(app)
    app.add_url_rule("/secret", "secret", lambda: "nobody said who may read this")
    with pytest.raises(NotStarted, match=r"/secret \(secret\)"):
        check_access_declared(app)


def test_an_empty_folder_is_no_site(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(NotStarted, match="award upgrade"):
        create_app(Settings(data=tmp_path / "data", secret_key="x" * 40))


def test_the_database_is_opened_so_that_what_it_acknowledged_survives(tmp_path: Path) -> None:
    database = Database(tmp_path / "award.sqlite3")
    database.check()
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == JOURNAL
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == SYNCHRONOUS
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")  # as a driver or a later version might set it
    with pytest.raises(NotStarted, match="does not keep what it acknowledges"):
        database.check()


@pytest.mark.parametrize("now", ["yesterday", "2021-07-19T08:30:00"])
def test_a_clock_that_cannot_be_read_stops_the_start(tmp_path: Path, now: str) -> None:
    with pytest.raises(NotStarted, match=r"\+07:00"):
        read_settings({"AWARD_DATA": str(tmp_path), "AWARD_NOW": now})


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = read_settings({"AWARD_DATA": str(tmp_path)}).secret_key
    assert len(first) >= 48
    assert read_settings({"AWARD_DATA": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_an_acting_officer_is_told_as_acting(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    with site.database.writing() as db:
        officer = db.query(User.id).where(User.login == f"p{TRAT}").scalar()
        db.execute(update(Duty).where(Duty.user_id == officer).values(acting=True))
        db.commit()
    assert "(รักษาราชการแทน)" in site.client_as(f"p{TRAT}", language="th").get("/e/").text
    assert "(acting)" in site.client_as(f"p{TRAT}", language="en").get("/e/").text


def test_every_page_says_that_demo_data_is_invented_and_carries_the_headers(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    pages_of = {"organizer": ["/o/", "/r/", "/e/", "/rules/"], "z9-chair": ["/s/"], f"p{TRAT}": ["/e/"]}
    for login, pages in pages_of.items():
        client = site.client_as(login)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200
            assert "ข้อมูลสมมติ" in answer.text
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"


def test_files_of_the_packages_are_served_by_name_and_nothing_else_is(tmp_path: Path) -> None:
    client = build_site(tmp_path).client()
    for name in ("library/Sarabun-Regular.ttf", "library/bootstrap.min.css", "site.css"):
        with client.get(f"/assets/{name}") as answer:
            assert answer.status_code == 200
    for name in ("library/secret", "../app.py", "..%2fapp.py", "library/..%2f__init__.py"):
        assert client.get(f"/assets/{name}").status_code == 404
