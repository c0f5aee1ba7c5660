"""What the service worker is told: its own code, whose a page is, and which few pages may be kept on a device."""

import json
import re
from pathlib import Path

import pytest

from award.views.assets import OWN
from award.views.worker import KEPT
from tests.award.build import CHANTHABURI, TRAT, build_site
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_entries import entry_of


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    built = build_day(tmp_path)
    built.open()
    return built


def test_the_code_names_only_files_that_are_there(day: ScoringDay) -> None:
    anybody = day.site.app.test_client()
    answer = anybody.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    first, rest = answer.get_data(as_text=True).split("\n", 1)
    assert rest == (OWN / "sw.js").read_text(encoding="utf-8")
    site = json.loads(first.removeprefix("const SITE = ").rstrip(";"))
    for file in site["files"]:
        with anybody.get(file) as found:
            assert found.status_code == 200, file
    names = {file.split("?")[0].rpartition("/")[2] for file in site["files"]}
    assert {"card.js", "kept.js", "device.js", "saving.js", "scoring.css", "bootstrap.min.css"} <= names


def test_everything_that_a_kept_page_loads_is_named(day: ScoringDay) -> None:
    member = day.site.client_as("z9-member")
    code = member.get("/sw.js").get_data(as_text=True)
    for path in ("/s/", f"/s/{day.session}", f"/s/card/{day.card('z9-member')}"):
        page = member.get(path).get_data(as_text=True)
        loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
        assert len(loaded) > 4
        assert [address for address in loaded if f'"{address}"' not in code] == []


def test_a_page_may_be_kept_by_a_member_and_only_their_board_days_and_cards(day: ScoringDay) -> None:
    card, chair = day.card("z9-chair"), day.site.client_as("z9-chair")
    may_be = ["/s/", f"/s/{day.session}", f"/s/card/{card}"]
    others = [
        f"/s/{day.session}/chair", f"/s/card/{card}/send", f"/s/card/{card}/recuse", f"/s/slot/{day.first_slot}/sheet",
        f"/s/slot/{day.first_slot}/sheet.xlsx", f"/s/{day.session}/live", "/rules/", "/account/", "/s/card/999999",
        f"/s/slot/{day.value('select min(id) from slot where state = :s', s='closed')}/compare",
    ]  # fmt: skip
    who = chair.get("/s/").headers["X-Person"]
    assert {path: chair.get(path).headers.get("X-Keep") for path in may_be} == dict.fromkeys(may_be, who)
    assert {path: chair.get(path).headers.get("X-Keep") for path in others} == dict.fromkeys(others)
    assert set(KEPT) == {"scoring.board", "scoring.day", "scoring.card", "entries.index", "entries.page"}


def test_of_an_office_only_the_list_and_forms_that_can_be_filled_in_are_kept(tmp_path: Path) -> None:
    site = build_site(tmp_path, live=(TRAT,))
    officer, code = site.client_as(f"p{TRAT}"), f"to-{TRAT}"
    form, sent = f"/e/{entry_of(site, code).id}", f"/e/{entry_of(site, f'to-{CHANTHABURI}').id}"
    who = officer.get("/e/").headers["X-Keep"]
    assert officer.get(form).headers["X-Keep"] == who
    others = [f"{form}?whole=1", f"{form}/history", f"{form}/team", f"{form}/submit", f"{form}/live", "/account/"]
    assert [path for path in others if "X-Keep" in officer.get(path).headers] == []
    assert "X-Keep" not in site.client_as(f"p{CHANTHABURI}").get(sent).headers
    assert "X-Keep" not in site.client_as("organizer").get(form).headers
    code_of = officer.get("/sw.js").get_data(as_text=True)
    for path in ("/e/", form):
        loaded = re.findall(r'(?:src|href)="(/assets/[^"]+)"', officer.get(path).get_data(as_text=True))
        assert [address for address in loaded if f'"{address}"' not in code_of] == []


@pytest.mark.parametrize("login", ["organizer", "auditor"])
def test_a_day_that_others_look_at_is_kept_nowhere(day: ScoringDay, login: str) -> None:
    answer = day.site.client_as(login).get(f"/s/{day.session}")
    assert answer.status_code == 200
    assert "X-Keep" not in answer.headers
    assert 'name="keeps"' not in answer.get_data(as_text=True)


def test_what_one_person_typed_is_not_taken_from_another_who_signed_in_meanwhile(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-member"), day.card("z9-member")
    save = {"key": new_key(), "base_revision": 0, "changes": {"d1/commitment": "4"}}
    refused = client.post(f"/s/card/{card}/marks", json=save, headers={"X-Person": "u999"})
    assert refused.status_code == 401
    assert day.revision(card) == 0
    own = client.get("/s/").headers["X-Person"]
    assert client.post(f"/s/card/{card}/marks", json=save, headers={"X-Person": own}).status_code == 200


def test_a_page_of_nobody_says_so(day: ScoringDay) -> None:
    answer = day.site.app.test_client().get("/sign-in")
    assert answer.headers["X-Person"] == "u0"
    assert "X-Keep" not in answer.headers
