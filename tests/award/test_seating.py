"""Panels are seated from confirmed duties; a seat more or less until the panel begins, and the record follows."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, text

from award.db.people import Duty, User
from award.demo.answers import invent_answers
from award.evaluation import rules_of
from award.ledger_check import check_ledger
from award.queries.seating import find_seating, list_seating
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import new_key

TODAY = date(2021, 7, 19)


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Zone 9 hears nobody before this day, and Trat has sent its first entry; zone 10 has no province here."""
    built = build_site(tmp_path, live=(TRAT, CHANTHABURI))
    officer, entry = signed_in(built, "p23"), value(built, "select id from entry where code = 'to-23'")
    rules = rules_of(value(built, "select rules_text from adoption where id = 1")).categories[0]
    answers = invent_answers(rules, quality=0.5, rng=Random(7), title="ผลงาน")
    revision = value(built, "select revision from entry where id = :e", e=entry)
    save = {"key": new_key(), "base_revision": revision, "changes": answers}
    assert officer.post(f"/e/{entry}/answers", json=save, headers={"Accept": "application/json"}).status_code == 200
    link = {"field": "declaration", "title": "x", "url": "https://example.invalid/a"}
    assert officer.post(f"/e/{entry}/evidence", data=link).status_code == 303
    sent = {"key": new_key(), "confirmed": [each.code for each in rules.indicators]}
    assert officer.post(f"/e/{entry}/submit", data=sent).status_code == 303
    return built


def value(site: BuiltSite, sql: str, **values: Any) -> Any:
    with site.database.reading() as db:
        return db.execute(text(sql), values).scalar_one()


def change(site: BuiltSite, sql: str) -> None:
    with site.database.writing() as db:
        db.execute(text(sql))
        db.commit()


def duty(site: BuiltSite, login: str, zone: int, role: str = "member", **more: Any) -> int:
    """Somebody new with a confirmed duty of a zone."""
    with site.database.writing() as db:
        made = insert(User).values(login=login, password_hash="", title_th=login, title_en=login)
        user = db.execute(made.returning(User.id)).scalar_one()
        about = {"user_id": user, "role": role, "zone_number": zone, "title_th": login, "title_en": login}
        given = insert(Duty).values(**about | {"from_day": TODAY} | more).returning(Duty.id)
        number = db.execute(given).scalar_one()
        db.commit()
    return int(number)


def post(site: BuiltSite, address: str, who: str = "organizer", **form: Any) -> Any:
    return signed_in(site, who).post(address, data={"key": new_key(), **form})


def remove(site: BuiltSite, panel: int, code: str) -> Any:
    with site.database.reading() as db:
        asked = "select id, duty_id from seat where panel_id = :p and code = :c"
        seat = db.execute(text(asked), {"p": panel, "c": code}).one()
    return post(site, f"/agenda/{panel}/seating/remove", seat=seat.id, was=seat.duty_id)


def wrong(site: BuiltSite) -> list[str]:
    """What the check of the logs finds, but for the duties that were put in past the program."""
    with site.database.reading() as db:
        found = check_ledger(db, anchors=site.settings.anchors)[1]
    return [each.says for each in found if not each.says.startswith("duty ")]


def codes(site: BuiltSite, panel: int) -> str:
    asked = "select group_concat(code, ' ') from (select code from seat where panel_id = :p order by position)"
    return str(value(site, asked, p=panel))


def test_a_seat_more_gets_a_card_for_what_was_sent_and_every_log_tells_of_it(site: BuiltSite) -> None:
    asked = "select count(*) from assignment a join entry e on e.id = a.entry_id where e.state = 'submitted'"
    before = value(site, asked)
    new = duty(site, "deputy", 9)
    assert post(site, "/agenda/9/seating/add", duty=new, kind="member").status_code == 303
    assert codes(site, 9) == "z9-chair z9-member z9-secretary z9-member2"
    assert value(site, asked) == before + 1
    told = "select count(*) from ledger_line where log != 'site' and line like '%\"act\":\"seat_panel\"%'"
    assert value(site, told) == 3 + 3, "the demo seats the panel of its days in three logs; then one line more in each"
    assert wrong(site) == []


def test_nobody_sits_through_a_duty_that_begins_after_the_next_day_of_the_panel(site: BuiltSite) -> None:
    day = value(site, "select min(s.day) from scoring_session s where s.panel_id = 9 and s.day >= '2021-07-19'")
    later = duty(site, "later", 9, from_day=date.fromisoformat(day) + timedelta(days=1))
    refused = post(site, "/agenda/9/seating/add", duty=later, kind="member")
    assert refused.status_code == 422 and "the next day on which the panel sits" in refused.text
    assert codes(site, 9) == "z9-chair z9-member z9-secretary"


def test_a_seat_goes_while_nothing_hangs_on_it_and_its_place_may_be_taken_again(site: BuiltSite) -> None:
    kept = duty(site, "successor", 9)
    assert remove(site, 9, "z9-member").status_code == 423, "it has a card of an entry that was sent"
    for kind in ("chair", "member", "secretary"):
        assert remove(site, 10, f"z10-{kind}").status_code == 303
    assert value(site, "select count(*) from seat where panel_id = 10") == 0
    assert wrong(site) == []
    page = signed_in(site, "organizer").get("/agenda/seating").text
    assert 'name="panel" value="10" checked' in page and 'name="panel" value="9"' not in page
    assert f"seat-10-{kept}" not in page, "the duty of another zone is not offered"


def test_nothing_changes_once_a_slot_of_the_panel_was_opened(site: BuiltSite) -> None:
    change(site, "update slot set state = 'open' where id = (select min(id) from slot)")
    panel = value(site, "select panel_id from scoring_session order by id limit 1")
    new = duty(site, "deputy", panel)
    assert post(site, f"/agenda/{panel}/seating/add", duty=new, kind="member").status_code == 423
    assert remove(site, panel, f"z{panel}-secretary").status_code == 423
    assert "Add this seat" not in signed_in(site, "organizer").get(f"/agenda/{panel}/seating").text


def test_panels_are_seated_all_or_none_and_each_needs_a_chair(site: BuiltSite) -> None:
    change(site, "delete from seat where panel_id in (10, 11)")
    held = {
        name: value(site, "select d.id from duty d join user u on u.id = d.user_id where u.login = :l", l=name)
        for name in ("z10-chair", "z10-member", "z11-chair", "z11-member")
    }
    both: dict[str, Any] = {
        "panel": ["10", "11"], f"seat-10-{held['z10-chair']}": "chair", f"seat-10-{held['z10-member']}": "secretary"
    }  # fmt: skip
    without = post(site, "/agenda/seating", **both | {f"seat-11-{held['z11-member']}": "member"})
    assert without.status_code == 422 and 'href="#panel-11"' in without.text and "zone 11 needs a chair" in without.text
    assert value(site, "select count(*) from seat where panel_id in (10, 11)") == 0
    crooked = post(site, "/agenda/seating", **both | {f"seat-11-{held['z11-member']}": "chair"})
    assert crooked.status_code == 422, "a member's duty does not chair"
    assert post(site, "/agenda/seating", **both | {f"seat-11-{held['z10-chair']}": "chair"}).status_code == 422
    assert post(site, "/agenda/seating", **both | {f"seat-11-{held['z11-chair']}": "chair"}).status_code == 303
    assert (codes(site, 10), codes(site, 11)) == ("z10-chair z10-secretary", "z11-chair")
    assert post(site, "/agenda/seating", **both).status_code == 409, "somebody sits there"
    assert post(site, "/agenda/seating").status_code == 422, "nothing was ticked"


def test_duties_propose_one_chair_and_one_secretary_and_nobody_twice(site: BuiltSite) -> None:
    change(site, "delete from seat where panel_id = 10")
    change(site, "update duty set title_th = 'เลขานุการ' where user_id in (select id from user where login like 'z10-%')"
           " and role = 'member'")  # fmt: skip
    late = duty(site, "second-chair", 10, "chair")
    with site.database.writing() as db:
        user = db.execute(text("select id from user where login = 'z10-chair'")).scalar_one()
        about = {"role": "member", "zone_number": 10, "title_th": "x", "title_en": "x", "from_day": TODAY}
        db.execute(insert(Duty).values(user_id=user, **about))
        db.commit()
    with site.database.reading() as db:
        panel = find_seating(db, 10, today=TODAY)
    assert panel is not None
    proposed = {each.duty.login: each.kind for each in panel.offered}
    assert [each.duty.duty_id for each in panel.offered if each.kind == "chair"] == [late], "the one who came last"
    assert sorted(proposed.values()).count("secretary") == 1
    assert len([each for each in panel.offered if each.kind and each.duty.login == "z10-chair"]) == 1


def test_all_panels_take_three_statements(site: BuiltSite) -> None:
    with site.database.reading() as db, site.statements() as seen:
        assert len(list_seating(db, today=TODAY)) == 18
    assert len(seen) == 3
