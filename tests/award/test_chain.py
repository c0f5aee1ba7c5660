"""An entry's way up its office: officer, director, head of the office or who acts for them; back again, and late."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from award.actions import chain
from award.actions.entries import reopen_entry, save_answers
from award.actions.evidence import attach_link
from award.actions.returns import return_questions
from award.actions.sending import submit_entry
from award.actions.withdrawals import withdraw_entry
from award.db.cycles import Cycle
from award.db.entries import Entry
from award.db.ledger import LedgerLine
from award.db.mail import MailOut
from award.db.office import Approval
from award.db.people import Duty, User
from award.errors import Forbidden, Incomplete, Invalid, Locked, NotFound, Stale
from award.ledger_check import check_ledger
from award.policy import Actor
from award.queries.chain import find_last_act, list_acts, standing
from award.queries.entries import find_entry
from award.queries.people import find_actor_by_login
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.scoring_day import new_key

TODAY = date(2021, 7, 19)
SINCE = date(2020, 10, 1)


def give(site: BuiltSite, login: str, role: str, province: str = TRAT, **more: Any) -> int:
    """A duty of a (new) account; answers its number."""
    with site.database.writing() as db:
        user = db.execute(select(User.id).where(User.login == login)).scalar_one_or_none()
        if user is None:
            hashed = db.execute(select(User.password_hash).where(User.login == "p23")).scalar_one()
            about = {"login": login, "title_th": f"ตำแหน่งของ {login}", "title_en": login, "password_hash": hashed}
            user = db.execute(insert(User).values(**about).returning(User.id)).scalar_one()
        values = {"title_th": f"หน้าที่ {login}", "title_en": f"Post of {login}", "from_day": SINCE} | more
        duty = db.execute(
            insert(Duty).values(user_id=user, role=role, province_code=province, **values).returning(Duty.id)
        ).scalar_one()
        db.commit()
    return int(duty)


def by_chain(site: BuiltSite) -> BuiltSite:
    """The round asks for the office's approval; Trat has a director, and somebody acts for its head, today only."""
    with site.database.writing() as db:
        db.execute(update(Cycle).values(approval="chain"))
        db.commit()
    give(site, "p23-director", "director")
    give(site, "p23-acting", "chief", from_day=TODAY, to_day=TODAY, acting=True)
    return site


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    """Trat's entries are drafts until 08.55; all of to-23 is filled in."""
    built = by_chain(build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,)))
    fill(built)
    return built


def fill(site: BuiltSite, code: str = "to-23") -> None:
    entry, neighbours = entry_of(site, code), entry_of(site, code.replace("23", "22"))
    about: dict[str, Any] = {"actor": actor(site, "p23"), "entry_id": entry.id}
    save_answers(
        site.database, site.clock, **about, changes=json.loads(neighbours.answers), base_revision=entry.revision,
        key=new_key(),
    )  # fmt: skip
    attach_link(site.database, site.clock, **about, field="declaration", url="https://example.invalid/one", title="")


def actor(site: BuiltSite, login: str) -> Actor:
    with site.database.reading() as db:
        found = find_actor_by_login(db, login, today=site.clock.today())
    assert found is not None
    return found


def entry_of(site: BuiltSite, code: str = "to-23") -> Entry:
    with site.database.reading() as db:
        return db.execute(select(Entry).where(Entry.code == code)).scalar_one()


def send_on(site: BuiltSite, login: str, **more: Any) -> chain.Passed:
    about: dict[str, Any] = {
        "entry_id": entry_of(site).id,
        "key": new_key(),
        "confirmed": everything_above(site),
    } | more
    return chain.send_on(site.database, site.clock, actor=actor(site, login), **about)


def everything_above(site: BuiltSite) -> list[str]:
    return ["d3_transparency", "budget_use"]  # whatever it names beyond that does no harm


def seen(site: BuiltSite) -> int:
    with site.database.reading() as db:
        last = find_last_act(db, entry_of(site).id)
    return 0 if last is None else last.id


def approve(site: BuiltSite, login: str, **more: Any) -> chain.Passed:
    about: dict[str, Any] = {"entry_id": entry_of(site).id, "seen": seen(site), "key": new_key()} | more
    return chain.approve(site.database, site.clock, actor=actor(site, login), **about)


def hand_back(site: BuiltSite, login: str, note: str = "ตัวเลขหน้า 3 ไม่ตรง", **more: Any) -> chain.Passed:
    about: dict[str, Any] = {"entry_id": entry_of(site).id, "seen": seen(site), "note": note, "key": new_key()} | more
    return chain.hand_back(site.database, site.clock, actor=actor(site, login), **about)


def take_back(site: BuiltSite, login: str) -> chain.Passed:
    who = actor(site, login)
    return chain.take_back(site.database, site.clock, actor=who, entry_id=entry_of(site).id, key=new_key())


def acts(site: BuiltSite) -> list[tuple[str, str, str, bool]]:
    with site.database.reading() as db:
        return [(act.act, act.step, act.role, act.acting) for act in list_acts(db, entry_of(site).id)]


def verbs(site: BuiltSite, log: str) -> list[str]:
    with site.database.reading() as db:
        lines = db.execute(select(LedgerLine.line).where(LedgerLine.log == log).order_by(LedgerLine.seq)).scalars()
        return [json.loads(line)["act"] for line in lines]


def everything(site: BuiltSite) -> list[Any]:
    with site.database.reading() as db:
        return [
            db.execute(text(f"select count(*) from {table}")).scalar_one()
            for table in ("approval", "ledger_line", "mail_out", "entry_revision")
        ] + list(db.execute(text("select state, step from entry order by id")).all())


# --- the way up ---------------------------------------------------------------------------------------------------


def test_an_entry_goes_from_its_officer_to_a_director_to_the_acting_head_and_is_sent(site: BuiltSite) -> None:
    assert send_on(site, "p23").step == "director"
    assert (entry_of(site).state, entry_of(site).step) == ("draft", "director")
    assert approve(site, "p23-director").step == "chief"
    sent = approve(site, "p23-acting")
    entry = entry_of(site)
    assert (sent.step, sent.receipt, entry.state, entry.step) == ("sent", entry.receipt, "submitted", "")
    assert acts(site) == [
        ("send", "director", "", False),
        ("approve", "director", "director", False),
        ("approve", "chief", "chief", True),
    ]
    assert verbs(site, "2564/transparent-office")[-1] == "submit_entry"
    assert verbs(site, "site")[-3:] == ["send_on_entry", "approve_entry", "approve_entry"]
    assert entry.submitted_by_id == actor(site, "p23-acting").user_id
    assert entry.first_submitted_at == entry.submitted_at


def test_sending_and_approving_are_one_transaction(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> None:
    send_on(site, "p23")
    approve(site, "p23-director")
    before = everything(site)
    with site.database.writing() as db:  # the last statement of all fails: no part of the act stays
        db.execute(text("create trigger no_more before insert on ledger_line when new.log = 'site' "
                        "begin select raise(abort, 'full'); end"))  # fmt: skip
        db.commit()
    with pytest.raises(Exception, match=r"at the same moment|full"):
        approve(site, "p23-acting")
    assert everything(site) == before


def test_without_a_director_in_office_it_goes_to_the_head_at_once(site: BuiltSite) -> None:
    with site.database.writing() as db:
        db.execute(update(Duty).where(Duty.role == "director").values(to_day=TODAY - timedelta(days=1)))
        db.commit()
    assert send_on(site, "p23").step == "chief"


def test_a_director_sends_to_the_head_and_the_head_sends_at_once(site: BuiltSite) -> None:
    assert send_on(site, "p23-director").step == "chief"
    assert acts(site) == [("send", "chief", "director", False)]
    take_back(site, "p23-director")
    assert send_on(site, "p23-acting").step == "sent"
    assert acts(site)[-1] == ("approve", "chief", "chief", True)


def test_the_head_may_decide_while_a_director_has_not(site: BuiltSite) -> None:
    send_on(site, "p23")
    assert approve(site, "p23-acting").step == "sent"


def test_who_acts_for_the_head_today_does_so_no_longer_tomorrow(site: BuiltSite) -> None:
    send_on(site, "p23")
    tomorrow = site.clock.now() + timedelta(days=1)
    acting = actor(site, "p23-acting")
    assert acting.provinces
    site.clock.set(tomorrow)
    assert not actor(site, "p23-acting").provinces
    with pytest.raises(NotFound):
        approve(site, "p23-acting")


def test_an_entry_that_is_not_whole_goes_nowhere(site: BuiltSite) -> None:
    entry = entry_of(site)
    save_answers(
        site.database, site.clock, actor=actor(site, "p23"), entry_id=entry.id, changes={"summary": ""},
        base_revision=entry.revision, key=new_key(),
    )  # fmt: skip
    before = everything(site)
    with pytest.raises(Incomplete):
        send_on(site, "p23")
    assert everything(site) == before


def test_in_such_a_round_nobody_but_the_head_sends(site: BuiltSite) -> None:
    about: dict[str, Any] = {"entry_id": entry_of(site).id, "confirmed": everything_above(site)}
    for login in ("p23", "p23-director"):
        with pytest.raises(Forbidden):
            submit_entry(site.database, site.clock, actor=actor(site, login), key=new_key(), **about)
    submit_entry(site.database, site.clock, actor=actor(site, "p23-acting"), key=new_key(), **about)
    assert acts(site) == [("approve", "chief", "chief", True)]


def test_without_the_chain_an_officer_sends_as_before(tmp_path: Path) -> None:
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill(site)
    assert send_on(site, "p23").step == "sent"
    assert acts(site) == []


# --- while it is on its way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["director", "chief"])
def test_nobody_changes_an_entry_on_its_way(site: BuiltSite, step: str) -> None:
    send_on(site, "p23" if step == "director" else "p23-director")
    entry = entry_of(site)
    before = everything(site)
    for login in ("p23", "p23-director", "p23-acting"):
        with pytest.raises(Locked, match=r"[Tt]ake it back"):
            save_answers(
                site.database, site.clock, actor=actor(site, login), entry_id=entry.id, changes={"summary": "x"},
                base_revision=entry.revision, key=new_key(),
            )  # fmt: skip
        with pytest.raises(Locked):
            send_on(site, login)
    assert everything(site) == before


def test_only_whom_it_waits_for_approves(site: BuiltSite) -> None:
    give(site, "p22-chief", "chief", CHANTHABURI)
    send_on(site, "p23-director")
    before = everything(site)
    for login in ("p23", "p23-director"):
        with pytest.raises(Forbidden):
            approve(site, login)
        with pytest.raises(Forbidden):
            hand_back(site, login)
    for login in ("p22", "p22-chief", "z9-member"):
        with pytest.raises(NotFound):
            approve(site, login)
    with pytest.raises(Forbidden):
        approve(site, "organizer")
    assert everything(site) == before


def test_a_note_brings_it_back_and_it_goes_up_again(site: BuiltSite) -> None:
    send_on(site, "p23")
    approve(site, "p23-director")
    with pytest.raises(Invalid):
        hand_back(site, "p23-acting", note="  ")
    hand_back(site, "p23-acting")
    assert (entry_of(site).state, entry_of(site).step) == ("draft", "")
    with site.database.reading() as db:
        assert standing(list_acts(db, entry_of(site).id)) == ()
    entry = entry_of(site)
    save_answers(
        site.database, site.clock, actor=actor(site, "p23"), entry_id=entry.id, changes={"summary": "แก้แล้ว"},
        base_revision=entry.revision, key=new_key(),
    )  # fmt: skip
    send_on(site, "p23")
    with site.database.reading() as db:
        assert [act.act for act in standing(list_acts(db, entry.id))] == ["send"]


def test_it_is_taken_back_until_it_was_sent(site: BuiltSite) -> None:
    send_on(site, "p23")
    with pytest.raises(Forbidden):
        take_back(site, "p23-director")  # it waits for them: they return it with a note
    take_back(site, "p23")
    assert entry_of(site).step == ""
    with pytest.raises(Locked):
        take_back(site, "p23")
    send_on(site, "p23")
    approve(site, "p23-acting")
    with pytest.raises(Locked):
        take_back(site, "p23")


def test_nobody_approves_what_they_have_not_seen(site: BuiltSite) -> None:
    send_on(site, "p23")
    looked_at = seen(site)
    take_back(site, "p23")
    send_on(site, "p23")
    before = everything(site)
    for act in (approve, hand_back):
        with pytest.raises(Stale):
            act(site, "p23-director", seen=looked_at)
    assert everything(site) == before


def test_the_same_press_acts_once_and_two_heads_send_once(site: BuiltSite) -> None:
    give(site, "p23-chief", "chief")
    send_on(site, "p23")
    at, key = seen(site), new_key()
    first = approve(site, "p23-acting", seen=at, key=key)
    lines = everything(site)
    assert approve(site, "p23-acting", seen=at, key=key) == first
    assert approve(site, "p23-chief", seen=at).receipt == first.receipt
    assert everything(site) == lines


@pytest.mark.parametrize("by", ["returned", "withdrawn"])
def test_what_a_director_approved_before_it_was_pulled_back_stands_for_nothing_later(site: BuiltSite, by: str) -> None:
    """Else the receipt names a director beside answers that they never saw."""
    send_on(site, "p23-acting")
    entry, organizer = entry_of(site).id, actor(site, "organizer")
    about: dict[str, Any] = {"entry_id": entry, "until": site.clock.now() + timedelta(hours=1)}
    why = "The number is not that of the paper."
    if by == "returned":
        return_questions(site.database, site.clock, actor=organizer, **about, questions={"summary": why}, key=new_key())
        assert send_on(site, "p23").step == "chief"
        return_questions(site.database, site.clock, actor=organizer, **about, questions={"title": why}, key=new_key())
    else:
        reopen_entry(site.database, site.clock, actor=organizer, **about, reason=why, key=new_key())
        send_on(site, "p23")
        approve(site, "p23-director")
        withdraw_entry(
            site.database, site.clock, actor=actor(site, "p23-acting"), entry_id=entry, reason=why, key=new_key()
        )
        reopen_entry(site.database, site.clock, actor=organizer, **about, reason=why, key=new_key())
    save_answers(
        site.database, site.clock, actor=actor(site, "p23"), entry_id=entry, changes={"title": "อีกเรื่องหนึ่ง"},
        base_revision=entry_of(site).revision, key=new_key(),
    )  # fmt: skip
    send_on(site, "p23-acting")
    with site.database.reading() as db:
        assert [(act.act, act.step) for act in standing(list_acts(db, entry))] == [("approve", "chief")]
    assert wrong(site) == []


@pytest.mark.parametrize(("whole", "step"), [(False, "chief"), (True, "director")])
def test_single_questions_that_were_mended_need_the_head_alone(site: BuiltSite, whole: bool, step: str) -> None:
    send_on(site, "p23-acting")
    organizer, until = actor(site, "organizer"), site.clock.now() + timedelta(hours=1)
    about: dict[str, Any] = {"actor": organizer, "entry_id": entry_of(site).id, "until": until, "key": new_key()}
    why = "The number is not that of the paper."
    if whole:
        reopen_entry(site.database, site.clock, **about, reason=why)
    else:
        return_questions(site.database, site.clock, **about, questions={"summary": why})
    look = site.client_as("p23").get(f"/e/{entry_of(site).id}/submit").text
    assert ("to the head of the office at once" in look) is not whole
    assert send_on(site, "p23").step == step
    if step == "chief":
        assert approve(site, "p23-acting").step == "sent"
    assert wrong(site) == []


# --- time ---------------------------------------------------------------------------------------------------------


def test_the_deadline_counts_for_the_head_too_and_more_time_lets_it_go_on(site: BuiltSite) -> None:
    send_on(site, "p23")
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline + timedelta(seconds=1))
    with pytest.raises(Locked, match="The deadline was"):
        approve(site, "p23-acting")
    until = site.clock.now() + timedelta(minutes=30)
    reopen_entry(
        site.database, site.clock, actor=actor(site, "organizer"), entry_id=entry_of(site).id,
        reason="The head was on the way.", until=until, key=new_key(),
    )  # fmt: skip
    assert entry_of(site).step == "director"
    approve(site, "p23-acting")
    with site.database.reading() as db:
        found = find_entry(db, actor(site, "p23"), entry_of(site).id)
    assert found is not None
    assert found.is_late


def test_in_its_last_second_it_is_still_sent(site: BuiltSite) -> None:
    send_on(site, "p23")
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline + timedelta(milliseconds=900))
    assert approve(site, "p23-acting").step == "sent"


def test_what_came_in_time_is_not_late_when_it_was_mended(site: BuiltSite) -> None:
    send_on(site, "p23")
    approve(site, "p23-acting")
    with site.database.reading() as db:
        deadline = db.execute(select(Cycle.deadline_at)).scalar_one()
    site.clock.set(deadline + timedelta(minutes=1))
    entry = entry_of(site).id
    reopen_entry(
        site.database, site.clock, actor=actor(site, "organizer"), entry_id=entry, reason="Page 3 is unreadable.",
        until=site.clock.now() + timedelta(hours=1), key=new_key(),
    )  # fmt: skip
    assert send_on(site, "p23").step == "director"  # the whole way again
    approve(site, "p23-acting")
    with site.database.reading() as db:
        found = find_entry(db, actor(site, "p23"), entry)
        assert found is not None
        assert [act.act for act in standing(list_acts(db, entry))] == ["send", "approve"]
    assert not found.is_late


# --- mail ---------------------------------------------------------------------------------------------------------


def letter(_found: Any, what: str) -> tuple[str, str]:
    return f"subject {what}", f"text {what}"


def test_whom_it_waits_for_is_mailed_and_who_sent_it_hears_what_became_of_it(site: BuiltSite) -> None:
    with site.database.writing() as db:
        for login in ("p23", "p23-director", "p23-acting"):
            db.execute(update(User).where(User.login == login).values(email=f"{login}@example.go.th"))
        db.commit()
    send_on(site, "p23", letter=letter)
    hand_back(site, "p23-director", letter=letter)
    send_on(site, "p23", letter=letter)
    approve(site, "p23-director", letter=letter)
    approve(site, "p23-acting", letter=letter)
    with site.database.reading() as db:
        mails = db.execute(select(MailOut.address, MailOut.subject).order_by(MailOut.id)).all()
    assert [tuple(mail) for mail in mails] == [
        ("p23-director@example.go.th", "subject director"),
        ("p23@example.go.th", "subject returned"),
        ("p23-director@example.go.th", "subject director"),
        ("p23-acting@example.go.th", "subject chief"),
        ("p23@example.go.th", "subject sent"),
        ("p23-director@example.go.th", "subject sent"),
    ]


def test_the_note_of_a_return_is_kept_out_of_the_lines(site: BuiltSite) -> None:
    send_on(site, "p23")
    hand_back(site, "p23-director", note="คำเฉพาะภายใน 8812-4419")
    with site.database.reading() as db:
        lines = db.execute(select(LedgerLine.line)).scalars().all()
        note = db.execute(select(Approval.note).order_by(Approval.id.desc())).scalars().first()
    assert note == "คำเฉพาะภายใน 8812-4419"
    assert not any("8812-4419" in line for line in lines)  # four digits alone stand in some hash


# --- the record ---------------------------------------------------------------------------------------------------


def wrong(site: BuiltSite) -> list[str]:
    with site.database.reading(consistent=True) as db:
        found = check_ledger(db, anchors=site.settings.anchors)[1]
    return [each.says for each in found if not each.says.startswith("duty")]  # those given to this test only


def test_the_record_and_the_tables_agree_on_who_passed_it_on(site: BuiltSite) -> None:
    send_on(site, "p23")
    hand_back(site, "p23-director")
    send_on(site, "p23-director")
    take_back(site, "p23")
    send_on(site, "p23")
    approve(site, "p23-director")
    approve(site, "p23-acting")
    assert wrong(site) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update approval set by_id = 1 where act = 'approve'", "who passed it on"),
        ("update approval set duty_id = 1 where act = 'approve'", "who passed it on"),
        ("delete from approval where act = 'return'", "who passed it on"),
        ("update approval set act = 'approve' where act = 'return'", "who passed it on"),
        ("update approval set note = 'other' where act = 'return'", "why it was returned within"),
        (
            "insert into approval (entry_id, revision, step, act, note, at, by_id) select entry_id, revision, 'chief', "
            "'approve', '', at, by_id from approval where act = 'send' limit 1",
            "who passed it on",
        ),
    ],
)
def test_a_change_past_the_program_is_named(site: BuiltSite, statement: str, says: str) -> None:
    send_on(site, "p23")
    hand_back(site, "p23-director")
    send_on(site, "p23")
    approve(site, "p23-acting")
    with site.database.writing() as db:
        db.execute(text(statement))
        db.commit()
    assert any(says in each for each in wrong(site))
