"""Somebody wants another winner, or another's marks, from the page of trials: by any role, any address, any moment."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.hostile import EVERYBODY, everything, give_duty, signed_in, without_tokens
from tests.award.results import FUND, POLICY, TRANSPARENT, calculated, card_of, change, set_slot, value
from tests.award.test_hostile_secrecy import SECRET, marked_day

ZONE_9 = (CHANTHABURI, TRAT, "25", "26", "27")
HOSTILE: list[dict[str, Any]] = [
    *({"points-d1": text} for text in ("1e999", "NaN", "inf", "9" * 300, "-5", "1/3", "\0", "1_0", "Ⅷ", "0x1F")),
    {"points-d1": "๙๙", "points-d2": "0.0000000001"},
    {"points-d1": "999999999999999", "points-d1-commitment": "0.0000000003"},
    {f"points-x{number}": "1" for number in range(10_000)},
    {"without": ["z10-member", "z9-chair' or 1=1", "<script>alert(1)</script>", "ก" * 5_000]},
    {"without": [f"x{number}" for number in range(10_000)]},
    {"without": ["z9-member"] * 10_000},
    {"combine": "trimmed_mean", "high": "99", "low": "99", "least": "99"},
    {"combine": "trimmed_mean", "high": "1e9", "low": "-1", "least": "NaN"},
    {"combine": "trimmed_mean", "high": "9" * 15, "low": "0", "least": "๙๙"},
    {"combine": "__class__", "applied_to": "{{7*7}}", "rounding": "half_up; drop table mark", "rank_on": "\r\nX: y"},
    {"group": "<script>alert(1)</script>"},
    {"category": "../../office"},
    {"group": "", **{f"q{number}": "\r\nSet-Cookie: x=y" for number in range(500)}},
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, provinces=ZONE_9)


def stored(site: BuiltSite) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows for name, rows in everything(site).items() if name != "sign_in"}


def test_no_address_of_a_trial_breaks_the_page_takes_long_or_stores_anything(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    client, now = signed_in(site, "organizer"), stored(site)
    client.get(f"/r/run/{run}/whatif")
    for asked in HOSTILE:
        started = time.process_time()
        answer = client.get(f"/r/run/{run}/whatif?{urlencode(asked, doseq=True)}")
        took = time.process_time() - started
        assert answer.status_code in (200, 302, 404, 422), asked
        assert "<script>alert" not in answer.text and "Set-Cookie" not in dict(answer.headers)
        assert len(answer.data) < 200_000 and took < 2, f"{took:.1f} s"
        assert client.post(f"/r/run/{run}/whatif", data=asked).status_code == 405
    assert stored(site) == now


@pytest.mark.parametrize("asked", HOSTILE[:10], ids=lambda asked: str(asked["points-d1"])[:12])
def test_what_is_no_number_of_points_is_refused_and_nothing_is_tried(site: BuiltSite, asked: dict[str, str]) -> None:
    run = calculated(site, TRANSPARENT)
    answer = signed_in(site, "organizer").get(f"/r/run/{run}/whatif?{urlencode(asked)}")
    assert answer.status_code == 422
    assert "nothing was tried" in answer.text


def test_only_organizer_and_auditor_try_on_whatever_run_they_guess(site: BuiltSite) -> None:
    runs = [calculated(site, code) for code in (TRANSPARENT, POLICY, FUND)]
    query = urlencode({"without": "z9-member", "points-d1": "40"})
    for login in EVERYBODY:
        client = signed_in(site, login)
        for run in (*runs, 0, 10**6, 10**30):
            got = client.get(f"/r/run/{run}/whatif?{query}").status_code
            if login in ("organizer", "auditor"):
                assert got in ((200, 422) if run in runs else (404,))
            else:
                assert got in (302, 403, 404), f"{login} at {run}"
                assert got == client.get(f"/r/run/{run}/whatif").status_code
        assert client.get("/r/run/-1/whatif").status_code in (302, 403, 404)
    give_duty(site, f"p{TRAT}", role="member", zone=9)
    assert signed_in(site, f"p{TRAT}").get(f"/r/run/{runs[0]}/whatif").status_code == 403


def test_a_trial_beside_an_open_slot_tells_nobody_what_was_marked_in_it(tmp_path: Path) -> None:
    """Two days that differ only in the marks of an open slot answer every trial alike, to the byte."""
    low = marked_day(tmp_path / "low", "1", SECRET, send=True)
    high = marked_day(tmp_path / "high", "4", "HIDDEN-29", send=True)
    asked: list[dict[str, object]] = [
        {}, {"points-d1": "40"}, {"without": "z9-member"}, {"without": "z9-secretary"}, {"group": "9"},
        {"combine": "trimmed_mean", "high": "1", "low": "0", "least": "2"}, {"combine": "sum", "rank_on": "exact"},
        {"combine": "median", "applied_to": "totals", "without": ["z9-chair", "z9-member"]},
    ]  # fmt: skip
    for login in ("organizer", "auditor", "z9-chair"):
        one, other = signed_in(low.site, login), signed_in(high.site, login)
        for each in asked:
            address = f"/r/run/1/whatif?{urlencode(each, doseq=True)}"
            first, second = one.get(address), other.get(address)
            assert (first.status_code, without_tokens(first.text)) == (second.status_code, without_tokens(second.text))
            assert SECRET not in first.text


def test_a_trial_on_an_older_run_knows_nothing_of_what_was_marked_since(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    address = f"/r/run/{run}/whatif?without=z9-member&combine=median"
    client = signed_in(site, "organizer")
    before = without_tokens(client.get(address).text)
    set_slot(site, "to-23", "open")
    change(site, "update mark set value = 0 where assignment_id = :card", card=card_of(site, "to-23"))
    assert without_tokens(client.get(address).text) == before


def test_on_a_run_whose_facts_or_result_were_altered_nothing_is_tried(site: BuiltSite) -> None:
    run = calculated(site, TRANSPARENT)
    client = signed_in(site, "organizer")
    facts = str(value(site, "select facts from ranking_run where id = :run", run=run))
    edits = ({"facts": facts.replace("z9-", "z8-")}, {"facts": facts, "result_sha256": "0" * 64})
    for edit in edits:
        sets = ", ".join(f"{column} = :{column}" for column in edit)
        change(site, f"update ranking_run set {sets} where id = :run", run=run, **edit)
        answer = client.get(f"/r/run/{run}/whatif?without=z9-member")
        assert answer.status_code == 422 and "Who would move" not in answer.text
