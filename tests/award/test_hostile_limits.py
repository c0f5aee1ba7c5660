"""Who asks too often for what costs something waits, alone; who saves marks never does."""

import re
from pathlib import Path

import pytest

from award.views import limits
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import new_key
from tests.award.test_entries import entry_of

LAST = 3  # asked after the limit is reached


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    built = build_site(tmp_path, live=(TRAT,), limits=True)
    limits.limiter.reset()
    return built


def most(how_often: str) -> int:
    return int(how_often.split()[0])


def test_calculations_of_one_person_are_bounded_and_nobody_elses(site: BuiltSite) -> None:
    organizer, second = signed_in(site, "organizer"), signed_in(site, "organizer2", language="th")
    form = {"key": new_key(), "kind": "neither"}
    answers = [organizer.post("/r/1/zone/calculate", data=form) for _ in range(most(limits.RUNS) + LAST)]
    assert [answer.status_code for answer in answers] == [422] * most(limits.RUNS) + [429] * LAST
    last = answers[-1]
    assert re.search(r"Too many tries from here. Try again from [^<]*\d\d:\d\d on\.", last.text)
    assert 1 <= int(last.headers["Retry-After"]) <= 61, "a minute, rounded up"
    assert 'data-refused="too_many"' in last.text
    assert second.post("/r/1/zone/calculate", data=form).status_code == 422
    assert organizer.get("/r/").status_code == 200, "looking is not counted"


def test_files_and_links_of_one_person_are_bounded_in_the_language_of_the_page(site: BuiltSite) -> None:
    officer, entry = signed_in(site, "p23", language="th"), entry_of(site, f"to-{TRAT}")
    form, headers = {"field": "declaration", "url": "x"}, {"Accept": "application/json"}
    address = f"/e/{entry.id}/evidence"
    answers = [officer.post(address, data=form, headers=headers) for _ in range(most(limits.FILES) + LAST)]
    assert [answer.status_code for answer in answers] == [422] * most(limits.FILES) + [429] * LAST
    said = answers[-1].json
    assert said is not None and said["id"] == "too_many"
    assert "น." in said["error"] and re.search("[ก-๙]{5}", said["error"])


def test_ninety_saves_at_once_are_not_held_up(site: BuiltSite) -> None:
    """One save a second is the promise; a page that hands over what it kept sends some at once."""
    amount, seconds = re.fullmatch(r"(\d+) per (minute)", limits.SAVES).group(1), 60  # type: ignore[union-attr]
    assert int(amount) >= 2 * seconds
    officer, entry = signed_in(site, "p23"), entry_of(site, f"to-{TRAT}")
    for number in range(90):
        sent = {"key": new_key(), "base_revision": entry.revision + number, "changes": {"title": f"ชื่อ {number}"}}
        assert officer.post(f"/e/{entry.id}/answers", json=sent).status_code == 200


def test_an_open_page_that_asks_anew_is_not_counted(site: BuiltSite) -> None:
    chair = signed_in(site, "z9-chair")
    assert {chair.get("/rules/").status_code for _ in range(200)} == {200}


def test_what_costs_most_is_limited(site: BuiltSite) -> None:
    """Calculations, exports, packages, trials, uploads, sign-ins: each has a limit of its own."""
    limited = {name.rpartition(".")[2] for name in limits.limiter.limit_manager._decorated_limits}
    wanted = {"calculate", "workbook", "why", "trial", "download", "preview", "attach", "save_card", "answers"}
    assert wanted <= limited
