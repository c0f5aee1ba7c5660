"""The organizer takes a return back: the entry stands as it was sent, and the record and verify.py agree."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from award.actions.checkpoints import Witness
from award.actions.entries import reopen_entry
from award.actions.evidence import attach_link, remove_evidence
from award.actions.packages import make_package
from award.actions.stands import let_stand
from award.actions.withdrawals import withdraw_entry
from award.db.ledger import LedgerLine
from award.db.mail import MailOut
from award.db.notes import make_key
from award.errors import Forbidden, Invalid, Locked
from award.queries.entries import list_evidence
from award.queries.office import find_version
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key
from tests.award.test_returns import actor, entry_of, fill_and_send, found_by_check, give_back, places, save, send
from tests.award.test_withdrawals import certified, day_of, result_of
from tests.corpus.parts import pdf

WHY = "จังหวัดแจ้งว่าไม่มีสิ่งใดต้องแก้ไข ให้ใช้ตามที่ส่งไว้"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat's entry was sent with one file and one link."""
    built = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill_and_send(built)
    return built


def stand(site: BuiltSite, login: str = "organizer", *, reason: str = WHY, key: str = "", **more: Any) -> None:
    let_stand(**places(site, login), reason=reason, key=key or new_key(), **more)


def acts(site: BuiltSite, most: int) -> list[str]:
    """The last acts of the award's log."""
    with site.database.reading() as db:
        asked = select(LedgerLine.line).where(LedgerLine.log != "site").order_by(LedgerLine.at.desc(), LedgerLine.seq)
        rows = db.execute(asked.limit(most)).scalars().all()
    return [row.split('"')[3] for row in rows]


def addresses(site: BuiltSite) -> list[str | None]:
    with site.database.reading() as db:
        return [each.url or each.sha256 for each in list_evidence(db, entry_of(site).id)]


def test_what_nobody_changed_stands_again_after_its_time(site: BuiltSite) -> None:
    before = entry_of(site)
    give_back(site, "summary", until=site.clock.now() + timedelta(hours=2))
    site.clock.set(site.clock.now() + timedelta(days=9))
    stand(site)
    entry = entry_of(site)
    assert (entry.state, entry.returned, entry.revision) == ("submitted", (), before.revision)
    assert entry.receipt and entry.receipt != before.receipt
    assert entry.stands_as_sent and not entry.is_late
    assert acts(site, 2) == ["extend_entry", "submit_entry"]
    assert found_by_check(site) == []


def test_what_the_province_changed_since_is_set_aside_and_kept(site: BuiltSite) -> None:
    before, evidence = entry_of(site), addresses(site)
    give_back(site, "summary", "declaration")
    save(site, summary="ร่างที่ยังไม่เสร็จ")
    attach_link(**places(site), field="declaration", url="https://example.invalid/two", title="")
    with site.database.reading() as db:
        first = next(each.id for each in list_evidence(db, before.id) if each.url == "https://example.invalid/one")
    remove_evidence(**places(site), evidence_id=first)
    stand(site)
    entry = entry_of(site)
    assert (entry.state, entry.answers, entry.label) == ("submitted", before.answers, before.label)
    assert sorted(map(str, addresses(site))) == sorted(map(str, evidence))
    assert entry.revision == before.revision + 2
    with site.database.reading() as db:
        kept = find_version(db, entry.id, before.revision + 1)
    assert kept is not None and kept.answers["summary"] == "ร่างที่ยังไม่เสร็จ"
    assert found_by_check(site) == []


def test_it_is_marked_ranked_and_its_package_passes_every_step(site: BuiltSite, tmp_path: Path) -> None:
    give_back(site, "summary", "declaration", until=site.clock.now() + timedelta(hours=2))
    save(site, summary="ร่างที่ยังไม่เสร็จ")
    attach_link(**places(site), field="declaration", url="https://example.invalid/two", title="")
    stand(site)
    day = day_of(site)
    day.open()
    day.send_all(dict.fromkeys(("z9-chair", "z9-member", "z9-secretary"), "4"))
    day.close()
    assert '"to-23"' in json.dumps(result_of(site))
    certified(site)
    key = make_key(tmp_path / "log.key", name="awards.example")
    anchors = tmp_path / "anchors.log"
    made = make_package(
        site.database, site.clock, Witness("awards.example", anchors, key), actor=actor(site, "organizer"), run_id=1,
        edition="public",
    )  # fmt: skip
    (tmp_path / "package.zip").write_bytes(made.content)
    outcomes = check_package(str(tmp_path / "package.zip"), keys=[key.vkey], anchors=[str(anchors)])
    assert [each.said.en for each in outcomes if each.state == FAIL] == []
    assert found_by_check(site) == []


def test_a_whole_entry_that_was_returned_stands_again_too(site: BuiltSite) -> None:
    until = site.clock.now() + timedelta(days=2)
    reopen_entry(**places(site, "organizer"), reason=WHY, until=until, key=new_key())
    save(site, title="another")
    stand(site)
    assert entry_of(site).state == "submitted"
    assert entry_of(site).answers["title"] != "another"
    assert found_by_check(site) == []


def test_what_is_mended_and_sent_afterwards_counts_as_always(site: BuiltSite) -> None:
    give_back(site)
    stand(site)
    give_back(site, "summary")
    save(site, summary="เขียนใหม่")
    send(site)
    assert entry_of(site).answers["summary"] == "เขียนใหม่"
    assert not entry_of(site).stands_as_sent
    assert found_by_check(site) == []


def test_a_repeat_of_the_key_lets_it_stand_once(site: BuiltSite) -> None:
    give_back(site)
    key = new_key()
    stand(site, key=key)
    receipt = entry_of(site).receipt
    stand(site, key=key)
    assert entry_of(site).receipt == receipt


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"login": "p23"}, Forbidden),
        ({"login": "auditor"}, Forbidden),
        ({"reason": "สั้น"}, Invalid),
        ({"reason": "เลขประจำตัว 1101700230708 ของผู้ส่ง"}, Invalid),
    ],
)
def test_what_is_refused_leaves_it_with_the_province(
    site: BuiltSite, about: dict[str, Any], refusal: type[Exception]
) -> None:
    give_back(site)
    with pytest.raises(refusal):
        stand(site, **about)
    assert (entry_of(site).state, len(entry_of(site).returned)) == ("draft", 1)


def test_only_what_was_returned_and_not_withdrawn_since_stands_again(site: BuiltSite) -> None:
    with pytest.raises(Locked):  # it is sent
        stand(site)
    give_back(site)
    withdraw_entry(**places(site), reason="กลุ่มงานยุบเลิกแล้ว", key=new_key())
    until = site.clock.now() + timedelta(days=2)
    reopen_entry(**places(site, "organizer"), reason=WHY, until=until, key=new_key())
    with pytest.raises(Locked):  # the province took it back itself
        stand(site)


def test_nothing_stands_again_once_the_slot_was_opened(site: BuiltSite) -> None:
    give_back(site)
    with site.database.writing() as db:
        db.execute(text("update slot set state = 'open' where state = 'planned'"))
        db.commit()
    with pytest.raises(Locked):
        stand(site)


def test_the_office_is_told_by_mail(site: BuiltSite) -> None:
    with site.database.writing() as db:
        db.execute(text("update user set email = 'p23@example.invalid' where login = 'p23'"))
        db.commit()
    give_back(site)
    stand(site, letter=lambda entry: (f"{entry.code} stands", "text"))
    with site.database.reading() as db:
        assert db.execute(select(MailOut.subject)).scalars().all() == ["to-23 stands"]


def test_the_organizer_lets_it_stand_on_the_page_that_checks_it(site: BuiltSite) -> None:
    give_back(site)
    save(site, summary="ร่างที่ยังไม่เสร็จ")
    organizer, entry = site.client_as("organizer"), entry_of(site)
    assert "Let it stand as it was sent" in organizer.get(f"/e/check/{entry.id}").text
    refused = organizer.post(f"/e/check/{entry.id}/stand", data={"key": new_key(), "stand-reason": "."})
    assert refused.status_code == 422
    assert "Give a reason of 10 to 2,000" in refused.text
    done = organizer.post(f"/e/check/{entry.id}/stand", data={"key": new_key(), "stand-reason": WHY})
    assert done.status_code == 303
    assert "Let it stand as it was sent" not in organizer.get(f"/e/check/{entry.id}").text
    told = site.client_as("p23").get(f"/e/{entry.id}").text
    assert WHY in told and "left standing as it was sent, by the organizer" in told
    assert "left standing by the organizer" in site.client_as("p23").get(f"/e/{entry.id}/receipt").text


def test_a_file_that_was_taken_away_is_put_back(site: BuiltSite) -> None:
    give_back(site, "declaration")
    entry, client = entry_of(site), site.client_as("p23")
    added = {"field": "declaration", "title": "", "file": (io.BytesIO(pdf()), "letter.pdf")}
    assert client.post(f"/e/{entry.id}/evidence", data=added).status_code == 303
    send(site)
    with site.database.reading() as db:
        file = next(each for each in list_evidence(db, entry.id) if each.kind == "file")
    give_back(site, "declaration")
    remove_evidence(**places(site), evidence_id=file.id)
    stand(site)
    with site.database.reading() as db:
        (back,) = [each for each in list_evidence(db, entry.id) if each.kind == "file"]
    assert (back.sha256, back.name, back.received_sha256) == (file.sha256, file.name, file.received_sha256)
    with client.get(f"/files/{back.id}") as answer:
        assert answer.status_code == 200
    assert found_by_check(site) == []
