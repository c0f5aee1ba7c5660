"""The organizers' queue: what waits, one entry after the other, in order or returned; what changed since."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from award.db.checking import EntryCheck
from award.db.entries import Entry
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key
from tests.award.test_returns import WHY, entry_of, fill_and_send, found_by_check, give_back, save, send
from tests.award.test_returns import site as site


@pytest.fixture
def organizer(site: BuiltSite) -> FlaskClient:
    return site.client_as("organizer")


def hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


def accept(site: BuiltSite, client: FlaskClient, *, query: str = "", note: str = "", seen: str = "") -> Any:
    address = f"/e/check/{entry_of(site).id}"
    seen = seen or hidden(client.get(address).text, "seen")
    form = {"key": new_key(), "seen": seen, "note": note}
    return client.post(f"{address}/accept{query}", data=form)


def counts(client: FlaskClient, query: str = "") -> list[int]:
    page = client.get(f"/e/check{query}").text
    line = page.split('class="check-counts"')[1].split("</p>")[0]
    return [int(each.rpartition(":")[2]) for each in line.replace("</a>", "|").split("|")[:-1] if ":" in each]


def test_an_entry_found_in_order_leaves_the_queue_until_it_is_another_one(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    waiting = counts(organizer)[0]
    answer = accept(site, organizer, note="ครบ")
    assert answer.status_code == 303
    assert counts(organizer) == [waiting - 1, 0, 0, 1]
    assert "to-23" not in organizer.get("/e/check").text
    give_back(site, "summary")
    assert counts(organizer) == [waiting - 1, 0, 1, 0]
    save(site, summary="เขียนสรุปใหม่")
    send(site)
    assert counts(organizer) == [waiting - 1, 1, 0, 0]
    page = organizer.get(f"/e/check/{entry_of(site).id}").text
    assert "<ins>" in page and "Different since then" in page
    accept(site, organizer)
    assert counts(organizer) == [waiting - 1, 0, 0, 1]
    assert found_by_check(site) == []


def test_evidence_that_changed_is_told(site: BuiltSite, organizer: FlaskClient) -> None:
    from award.actions.evidence import attach_link, remove_evidence
    from tests.award.test_returns import places

    give_back(site, "declaration")
    with site.database.reading() as db:
        old = db.execute(text(f"select max(id) from evidence where entry_id = {entry_of(site).id}")).scalar_one()
    site.clock.set(site.clock.now().replace(minute=20))
    remove_evidence(**places(site), evidence_id=old)
    attach_link(**places(site), field="declaration", url="https://example.invalid/newer", title="ฉบับใหม่")
    send(site)
    page = organizer.get(f"/e/check/{entry_of(site).id}").text
    assert "new since it was last looked through:" in page and "taken away since:" in page


def test_accepting_leads_to_the_next_one_that_waits_and_from_the_last_to_the_list(
    site: BuiltSite, organizer: FlaskClient
) -> None:
    seen = []
    for _ in range(40):
        waiting = organizer.get("/e/check").text
        if "Begin with the first" not in waiting:
            break
        address = waiting.split('btn-primary" href="')[1].split('"')[0]
        seen.append(address)
        form = {"key": new_key(), "seen": hidden(organizer.get(address).text, "seen"), "note": ""}
        answer = organizer.post(f"{address}/accept", data=form)
        assert answer.status_code == 303
    assert len(seen) == len(set(seen)) == 6
    assert answer.location.endswith("/e/check?done=1")
    assert "That was the last one." in organizer.get(answer.location).text


def test_the_queue_is_asked_by_award_zone_and_state(site: BuiltSite, organizer: FlaskClient) -> None:
    assert "to-23" in organizer.get("/e/check?award=1&zone=9&show=waiting").text
    assert "to-23" not in organizer.get("/e/check?award=2").text
    assert "to-23" not in organizer.get("/e/check?zone=3").text
    for odd in ("?award=x&zone=-1&show=nonsense&page=99999999999999999999", "?zone=99999999999999999999999"):
        assert organizer.get(f"/e/check{odd}").status_code == 200
    page = organizer.get(f"/e/check/{entry_of(site).id}?zone=9&award=1").text
    assert "zone=9&amp;award=1" in page


def test_questions_with_a_reason_go_back_and_the_rest_does_not(site: BuiltSite, organizer: FlaskClient) -> None:
    address = f"/e/check/{entry_of(site).id}/return"
    form = {"key": new_key(), "day": "19/7/2564", "time": "16.30", "reason-summary": WHY, "reason-title": " "}
    assert organizer.post(address, data=form).status_code == 303
    entry = entry_of(site)
    assert [each.field for each in entry.returned] == ["summary"]
    assert entry.closes_at.isoformat().startswith("2021-07-19T09:30:00") or entry.closes_at.hour == 16
    page = organizer.get(f"/e/check/{entry.id}").text
    assert WHY in page and 'form="accept"' not in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"reason-summary": "สั้น"}, "in 10 to 2,000 characters"),
        ({"reason-summary": WHY, "day": "อีกสามวัน"}, "Write the new deadline as a day"),
        ({"reason-summary": WHY, "time": "25.99"}, "Write the new deadline as a day"),
        ({"reason-summary": WHY, "day": "1/7/2564"}, "must lie in the future"),
        ({}, "Choose at least one question"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    site: BuiltSite, organizer: FlaskClient, form: dict[str, str], words: str
) -> None:
    typed = {"key": new_key(), "day": "๑๙/๗/๒๕๖๔", "time": "16.30", **form}
    answer = organizer.post(f"/e/check/{entry_of(site).id}/return", data=typed)
    assert answer.status_code == 422
    assert words in answer.text and form.get("reason-summary", "") in answer.text
    assert f'value="{typed["day"]}"' in answer.text
    assert entry_of(site).state == "submitted"


def test_a_question_that_the_form_does_not_have_is_refused(site: BuiltSite, organizer: FlaskClient) -> None:
    form = {"key": new_key(), "day": "19/7/2564", "time": "16.30", "reason-nothing": WHY}
    assert organizer.post(f"/e/check/{entry_of(site).id}/return", data=form).status_code == 400


def test_what_another_sent_meanwhile_is_not_accepted(site: BuiltSite, organizer: FlaskClient) -> None:
    seen = hidden(organizer.get(f"/e/check/{entry_of(site).id}").text, "seen")
    give_back(site, "summary")
    assert accept(site, organizer, seen=seen).status_code == 423
    save(site, summary="เขียนสรุปใหม่")
    send(site)
    assert accept(site, organizer, seen=seen).status_code == 409
    with site.database.reading() as db:
        assert db.execute(select(EntryCheck.outcome)).scalars().all() == ["returned"]


def test_a_note_is_for_organizers_and_not_endless(site: BuiltSite, organizer: FlaskClient) -> None:
    assert accept(site, organizer, note="ก" * 2001).status_code == 422
    accept(site, organizer, note="บันทึกภายใน")
    address = f"/e/{entry_of(site).id}"
    assert "บันทึกภายใน" in organizer.get(f"/e/check/{entry_of(site).id}").text
    for login in ("p23", "auditor", "z9-chair"):
        assert "บันทึกภายใน" not in site.client_as(login).get(address).text


def test_only_organizers_have_a_queue(site: BuiltSite) -> None:
    for login in ("p23", "z9-chair", "auditor", "admin"):
        assert site.client_as(login).get("/e/check").status_code == 403


def test_the_pages_take_as_many_statements_however_much_there_is(site: BuiltSite, organizer: FlaskClient) -> None:
    address = f"/e/check/{entry_of(site).id}"
    organizer.get("/e/check")
    with site.statements() as few:
        organizer.get("/e/check?award=1&show=all")
    with site.statements() as more:
        organizer.get("/e/check?show=all")
    assert len(few) == len(more) <= 9
    with site.statements() as once:
        organizer.get(address)
    for _ in range(3):
        accept(site, organizer)
    with site.statements() as often:
        organizer.get(address)
    assert len(once) <= 11 and len(often) <= len(once) + 2  # the version of then, and what was taken away since


def test_twenty_thousand_would_come_in_pages(site: BuiltSite, organizer: FlaskClient) -> None:
    with site.database.writing() as db:
        first = db.execute(select(Entry.__table__).where(Entry.code == "to-23")).mappings().one()
        rows = [{**first, "id": 1000 + n, "code": f"x-{n}", "number": 10 + n} for n in range(150)]
        db.execute(Entry.__table__.insert(), rows)  # type: ignore[attr-defined]
        db.commit()
    page = organizer.get("/e/check").text
    assert page.count('class="check-name"') == 100 and "Page 1 of 2" in page
    assert organizer.get("/e/check?page=2").text.count('class="check-name"') == 56


def test_the_office_is_told_by_mail_that_questions_came_back(tmp_path: Path) -> None:
    built = build_site(
        tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,), site_address="https://awards.example.go.th"
    )
    fill_and_send(built)
    with built.database.writing() as db:
        db.execute(text("update user set email = login || '@example.go.th' where login in ('p23', 'p22')"))
        db.commit()
    form = {"key": new_key(), "day": "20/7/2564", "time": "16.30", "reason-summary": WHY}
    address = f"/e/check/{entry_of(built).id}/return"
    assert built.client_as("organizer").post(address, data=form).status_code == 303
    with built.database.reading() as db:
        mails = db.execute(text("select address, subject, text from mail_out")).all()
    assert [mail.address for mail in mails] == ["p23@example.go.th"]
    assert "20 ก.ค. 64 16.30" in mails[0].text and f"awards.example.go.th/e/{entry_of(built).id}" in mails[0].text
    assert WHY not in mails[0].text, "the reason is read behind the sign-in"
