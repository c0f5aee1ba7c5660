"""A round is prepared: what is typed is kept, rules are released ones, two organizers stand for it."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from award.ledger_check import check_ledger
from award.queries.plans import list_plans
from scoring_rules.releases import RELEASED
from scoring_rules.shelf import newest_sets, read_released
from tests.award.build import BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import new_key

SETS = RELEASED.parent / "sets"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """A round of 2564 is there; nobody has prepared the next one."""
    return build_site(tmp_path)


def row(site: BuiltSite, sql: str, **values: Any) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql), values).one()


def post(site: BuiltSite, address: str, who: str = "organizer", **form: Any) -> Any:
    client = signed_in(site, who)
    return client.post(address, data={"key": new_key(), **form})


def begin(site: BuiltSite, year: str = "2565") -> int:
    answer = post(site, "/cycles/", year=year)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("/")[2])


def save(site: BuiltSite, plan: int, who: str = "organizer", **form: Any) -> Any:
    revision = row(site, "select revision from round_plan where id = :p", p=plan)[0]
    whole = {
        "base_revision": str(revision), "opens_day": "2/5/2565", "deadline_day": "8/7/2565", "deadline_time": "16.30",
        "approval": "chain", "award-transparent-office-rules": "transparent-office/2564-r2",
        "award-transparent-office-order": "1",
    }  # fmt: skip
    return post(site, f"/cycles/{plan}", who, **whole | form)


def test_a_round_begins_with_the_one_before_and_the_newest_rules(site: BuiltSite) -> None:
    plan = begin(site)
    dates = row(site, "select opens_at, deadline_at, approval from round_plan")
    assert (dates[0][:10], dates[1][:10], dates[2]) == ("2022-05-03", "2022-07-09", "none")
    with site.database.reading() as db:
        rules = [each.rule_set for each in list_plans(db)[0].awards]
    assert rules == ["transparent-office/2564-r2", "cdd-policy-award/2564-r2", "womens-fund/2564-r2"]
    page = signed_in(site, "auditor").get(f"/cycles/{plan}").text
    assert "differences from the round before (transparent-office/2564-r1)" in page
    assert "were written for the round of 2021" in page, "English pages name years in their own era"


def test_what_is_not_understood_is_kept_named_and_keeps_the_round_from_being_opened(site: BuiltSite) -> None:
    plan = begin(site)
    answer = save(site, plan, deadline_day="soon", paper_order_number="114/2565", paper_order_day="never")
    assert answer.status_code == 422
    for place in ("deadline_day", "paper_order_day"):
        assert f'href="#{place}"' in answer.text
    page = signed_in(site, "organizer2").get(f"/cycles/{plan}").text
    for typed in ("soon", "16.30", "114/2565", "never", "2/5/2565"):
        assert f'value="{typed}"' in page, "still there for whoever opens the page next"
    assert f"/cycles/{plan}/open" not in page
    revision = row(site, "select revision from round_plan")[0]
    answer = post(site, f"/cycles/{plan}/open", "organizer2", base_revision=revision, without="yes")
    assert answer.status_code == 422 and row(site, "select count(*) from cycle")[0] == 1


@pytest.mark.parametrize("year", ["2564", "2563", "2021", "next", "2565"])
def test_a_year_that_cannot_have_a_new_round_is_refused(site: BuiltSite, year: str) -> None:
    begin(site)
    answer = post(site, "/cycles/", year=year)
    assert answer.status_code == 422 and 'href="#year"' in answer.text
    assert row(site, "select count(*) from round_plan")[0] == 1


def test_two_who_save_at_once_do_not_overwrite_each_other(site: BuiltSite) -> None:
    plan = begin(site)
    assert save(site, plan, opens_day="1/5/2565").status_code == 303
    late = save(site, plan, "organizer2", base_revision="1", opens_day="9/9/2565")
    assert late.status_code == 409 and 'value="9/9/2565"' in late.text, "what they typed is in the page"
    assert row(site, "select opens_at from round_plan")[0].startswith("2022-04-30T17:00")


def test_whoever_saved_last_does_not_open_and_papers_that_are_missing_are_said(site: BuiltSite) -> None:
    plan = begin(site)
    assert save(site, plan, "organizer2").status_code == 303
    revision = str(row(site, "select revision from round_plan")[0])
    assert post(site, f"/cycles/{plan}/open", "organizer2", base_revision=revision, without="yes").status_code == 423
    assert post(site, f"/cycles/{plan}/open", base_revision=revision).status_code == 422, "papers are missing"
    assert post(site, f"/cycles/{plan}/open", base_revision="1", without="yes").status_code == 409, "an older page"
    assert post(site, f"/cycles/{plan}/open", base_revision=revision, without="yes").status_code == 303
    assert tuple(row(site, "select year, approval, invented from cycle where year = 2565")) == (2565, "chain", 1)
    assert row(site, "select count(*) from award")[0] == 3, "an award that was given before is the same one"
    first = row(site, "select line from ledger_line where log = '2565/transparent-office' and seq = 1")[0]
    assert '"act":"open_round"' in first
    assert save(site, plan).status_code == 423, "what was opened stays as it was"
    later = {"paper_order_number": "114/2565", "paper_order_day": "19 เม.ย. 2565"}
    assert post(site, f"/cycles/{plan}/papers", **later).status_code == 303
    assert "114/2565 of 19 April 2022" in signed_in(site, "auditor").get(f"/cycles/{plan}").text
    again = post(site, f"/cycles/{plan}/papers", **later | {"paper_order_number": "115/2565"})
    assert again.status_code == 422, "what was written down stays"
    half = post(site, f"/cycles/{plan}/papers", paper_report_number="7/2565")
    assert half.status_code == 422 and 'href="#paper_report_day"' in half.text


def test_a_plan_is_discarded_and_another_one_begun(site: BuiltSite) -> None:
    plan = begin(site)
    assert post(site, f"/cycles/{plan}/discard", base_revision="1").status_code == 303
    assert save(site, plan).status_code == 423
    assert begin(site) != plan


def test_a_rule_file_is_taken_where_it_is_released_and_refused_with_its_line_else(site: BuiltSite) -> None:
    plan = begin(site)

    def upload(content: bytes) -> Any:
        revision = row(site, "select revision from round_plan")[0]
        return post(site, f"/cycles/{plan}/rules", base_revision=revision, file=(io.BytesIO(content), "r.yaml"))

    released = (SETS / "transparent_office" / "2564-r1.yaml").read_bytes()
    assert upload(released).status_code == 303
    assert row(site, "select rule_set from planned_award where position = 1")[0] == "transparent-office/2564-r1"
    changed = upload(released.replace("ใสสะอาด".encode(), "สะอาดใส".encode()))
    assert changed.status_code == 422 and 'data-code="rules_changed"' in changed.text
    broken = upload(released.replace(b"\ncycle: 2564\n", b"\ncycle: later\n"))
    assert broken.status_code == 422 and "Line " in broken.text
    example = (SETS / "examples" / "diving").glob("*.yaml")
    assert 'data-code="rules_not_released"' in upload(next(example).read_bytes()).text
    assert row(site, "select count(*) from planned_award where rule_set like 'transparent-office/%'")[0] == 1


def test_the_order_of_awards_is_the_one_that_was_written(site: BuiltSite) -> None:
    plan = begin(site)
    more = {"award-womens-fund-rules": "womens-fund/2564-r2", "award-womens-fund-order": "๑"}
    twice = save(site, plan, **more)
    assert twice.status_code == 422 and 'href="#award-womens-fund-order"' in twice.text
    assert save(site, plan, **more | {"award-transparent-office-order": "2"}).status_code == 303
    with site.database.reading() as db:
        assert [each.award_code for each in list_plans(db)[0].awards] == ["womens-fund", "transparent-office"]


def test_the_pages_take_few_statements_however_many_rounds_there_were(site: BuiltSite) -> None:
    client = signed_in(site, "organizer")
    counts = []
    for year in ("2565", "2566", "2567"):
        begin(site, year)
        client.get("/cycles/")
        with site.statements() as seen:
            assert client.get("/cycles/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[-1], counts


def test_the_newest_released_rules_of_a_year_are_offered_and_none_of_a_later_one() -> None:
    assert [rules.id for rules in newest_sets(2564)] == [
        "transparent-office/2564-r2", "cdd-policy-award/2564-r2", "womens-fund/2564-r2"
    ]  # fmt: skip
    assert newest_sets(2563) == ()
    content = (SETS / "womens_fund" / "2564-r1.yaml").read_bytes()
    assert read_released(content, file="mine.yaml").id == "womens-fund/2564-r1"


def test_the_next_round_stands_beside_the_one_that_is_over(site: BuiltSite) -> None:
    plan = begin(site)
    assert save(site, plan).status_code == 303
    revision = row(site, "select revision from round_plan")[0]
    opened = post(site, f"/cycles/{plan}/open", "organizer2", base_revision=revision, without="yes")
    assert opened.status_code == 303
    organizer = signed_in(site, "organizer")
    page = organizer.get("/agenda/seating").text
    asked = "select p.id from panel p join cycle c on c.id = p.cycle_id where year = 2565 and zone_number = 9"
    panel = row(site, asked)
    proposed = dict(re.findall(rf'name="(seat-{panel[0]}-\d+)">.*?value="(\w+)" selected', page))
    assert sorted(proposed.values()) == ["chair", "member", "secretary"], page
    assert post(site, "/agenda/seating", panel=str(panel[0]), **proposed).status_code == 303
    assert "The round of 2022" in organizer.get("/o/").text
    places = ("/o/", "/agenda/", f"/agenda/{panel[0]}", "/agenda/9", "/z/", "/s/", "/e/", "/r/", "/rules/", "/cycles/")
    for login in ("organizer", "auditor", "z9-member", "p23"):
        client = signed_in(site, login)
        for place in places:
            assert client.get(place).status_code in (200, 403), (login, place)
    assert f'href="/agenda/{panel[0]}/seats"' in organizer.get("/agenda/seating").text
    assert "z9-chair" in organizer.get(f"/agenda/{panel[0]}/seats").text
    with site.database.reading() as db:
        assert check_ledger(db, anchors=site.settings.anchors)[1] == []
