"""Two people at one table of an entry: every row and cell of both is kept; one row that both changed is asked about."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from award.answers.table_rows import merge_rows
from tests.award.build import TRAT, BuiltSite
from tests.award.test_entries import JSON, entry_of, save
from tests.award.test_entries import officer as officer
from tests.award.test_entries import site as site

A, B, C = ({"name": name, "owner": "x"} for name in "abc")
A2, A3, B2 = A | {"owner": "y"}, A | {"owner": "z"}, B | {"owner": "y"}
TICKED, OTHER = A | {"d1": "yes"}, A | {"d2": "yes"}
BLANK, BLANK2, BLANK3 = {"owner": "q"}, {"owner": "r"}, {"owner": "s"}
Rows = list[dict[str, str]]
# name, what both began with, theirs, mine, what becomes of them (None: not told apart), the disputed
ROWS: list[tuple[str, Rows, Rows, Rows, Rows | None, list[str]]] = [
    ("each added one", [A], [A, B], [A, C], [A, B, C], []),
    ("both added the same", [A], [A, B], [A, B], [A, B], []),
    ("both added one name, otherwise filled", [], [A], [A2], [A2], ["a"]),
    ("both added one name, different cells", [], [TICKED], [OTHER], [TICKED | OTHER], []),
    ("each changed a row", [A, B], [A2, B], [A, B2], [A2, B2], []),
    ("each changed a cell of one row", [A], [TICKED], [OTHER], [TICKED | OTHER], []),
    ("one cell, both alike", [A], [A2], [A2 | {"d1": "yes"}], [A2 | {"d1": "yes"}], []),
    ("one cell, differently", [A, B], [A2, B], [A3, B2], [A3, B2], ["a"]),
    ("a cell cleared, another filled", [TICKED], [A], [TICKED | OTHER], [OTHER], []),
    ("taken away by them", [A, B], [A], [A, B], [A], []),
    ("taken away by me", [A, B], [A2, B], [A], [A2], []),
    ("taken away by me, changed by them", [A, B], [A, B2], [A], [A], ["b"]),
    ("taken away by them, changed by me", [A, B], [A], [A, B2], [A, B2], ["b"]),
    ("renamed by me", [A, B], [A, B, C], [{"name": "z"}, B], [B, C, {"name": "z"}], []),
    ("without names, each at its place", [BLANK, B], [BLANK2, B], [BLANK, B2], [BLANK2, B2], []),
    ("without names, each added one", [BLANK], [BLANK, A], [BLANK, B], [BLANK, A, B], []),
    ("without names, one place", [BLANK], [BLANK2], [BLANK3], [BLANK3], ["1"]),
    ("without names, one gone", [BLANK, A], [A], [BLANK2, A], None, []),
    ("one name twice, at their places", [A, A], [A2, A], [A, A3], [A2, A3], []),
]


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "rows", "disputed"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_rows_of_both_are_kept(base: Rows, theirs: Rows, mine: Rows, rows: Rows | None, disputed: list[str]) -> None:
    merged = merge_rows(base, theirs, mine, key="name")
    assert (merged and (merged.rows, list(merged.disputed))) == (None if rows is None else (rows, disputed))


CODE = f"to-{TRAT}"


def projects(site: BuiltSite) -> Rows:
    found: Rows = json.loads(entry_of(site, CODE).answers)["projects"]
    return found


def row(name: str, **more: str) -> dict[str, str]:
    return {"name": name, **more}


def test_rows_that_two_people_wrote_on_one_version_are_stored_together(site: BuiltSite, officer: FlaskClient) -> None:
    save(officer, entry_of(site, CODE), {"projects": [row("หนึ่ง"), row("สอง")]})
    begun = entry_of(site, CODE)
    assert save(officer, begun, {"projects": [row("หนึ่ง", owner="เพื่อน"), row("สอง"), row("สาม")]}).status_code == 200
    mine = save(officer, begun, {"projects": [row("หนึ่ง"), row("สอง", owner="ฉัน"), row("สี่")]}, key="mine-and-theirs")
    together = [row("หนึ่ง", owner="เพื่อน"), row("สอง", owner="ฉัน"), row("สาม"), row("สี่")]
    assert (mine.status_code, mine.json["stored"]["projects"], mine.json["theirs"]) == (200, together, ["projects"])
    assert projects(site) == together
    assert entry_of(site, CODE).revision == begun.revision + 2


def test_one_row_that_both_changed_is_asked_about_and_no_row_of_either_is_lost(
    site: BuiltSite, officer: FlaskClient
) -> None:
    save(officer, entry_of(site, CODE), {"projects": [row("หนึ่ง")]})
    begun = entry_of(site, CODE)
    save(officer, begun, {"projects": [row("หนึ่ง", owner="เพื่อน"), row("ของเพื่อน")]})
    changes: dict[str, Any] = {"projects": [row("หนึ่ง", owner="ฉัน"), row("ของฉัน")]}
    refused = save(officer, begun, changes, key="both-changed-it")
    assert (refused.status_code, refused.json["details"]["disputed"]) == (409, ["projects"])
    form = {
        "base_revision": str(begun.revision), "shown:projects": "1", "projects:0:name": "หนึ่ง",
        "projects:0:owner": "ฉัน", "projects:1:name": "ของฉัน",
    }  # fmt: skip
    shown = officer.post(f"/e/{begun.id}/answers", data=form)  # without the page's code
    assert shown.status_code == 409 and projects(site)[0]["owner"] == "เพื่อน"
    for place, name in enumerate(("หนึ่ง", "ของเพื่อน", "ของฉัน")):
        assert f'name="projects:{place}:name" value="{name}"' in shown.text, "saved again, it takes no row away"
    assert 'name="projects:0:owner" value="ฉัน"' in shown.text and "เพื่อน</li>" in " ".join(shown.text.split())


def test_more_rows_than_an_entry_holds_are_not_put_together(site: BuiltSite, officer: FlaskClient) -> None:
    begun = entry_of(site, CODE)
    for who, status in (("a", 200), ("b", 409)):
        changes = {"projects": [row(f"{who}{number}") for number in range(150)]}
        assert save(officer, begun, changes, key=f"many-rows-of-{who}").status_code == status
    assert officer.get(f"/e/{begun.id}", headers=JSON).status_code == 200
