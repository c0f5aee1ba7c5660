"""Erasing a person's data: what can go goes, the marks and the ledger's chain stay whole.

The account loses name, titles, address and everything that opens it; the texts that the person wrote, and those that
others wrote about their absence, go from the ledger's texts and from the tables. Marks, seats and lines of the ledger
stay: they stand under numbers and aliases that then lead to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, text, tuple_, update

from award.actions.links import sha256_of
from award.actions.privacy_day import empty_day, remove_photos
from award.actions.privacy_office import empty_office
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.accounts import Authenticator, FailedSignIn, OneTimeLink, Passkey, RecoveryCode, WaitingStep
from award.db.engine import Database
from award.db.entries import Entry
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import LedgerText, Receipt
from award.db.mail import MailOut
from award.db.people import Duty, Identity, SignIn, User
from award.db.privacy import Erasure
from award.db.rewriting import rewrite
from award.db.scoring import Assignment, Mark, Reopening
from award.errors import N_, Forbidden, Locked, NotFound
from award.policy import Actor, may_manage_people
from award.queries.people import find_actor_by_id
from award.queries.personal import list_acts, list_texts_about
from award.queries.privacy import Barrier, count_frozen, find_erasure, list_barriers
from award.queries.tenures import Tenures, list_tenures

ERASED = "ลบตามคำขอของเจ้าของข้อมูล / erased on request"  # stands where a text was, so that nobody thinks there was none
NAMELESS = {"title_th": "บัญชีที่ลบข้อมูลแล้ว", "title_en": "Erased account"}
FORMER = {"title_th": "ผู้เคยดำรงหน้าที่", "title_en": "Former holder of this duty"}
# Not the person's own words: an entry's stand in the entry, which is the province's; why a published result was
# withdrawn, a slot moved, or what a province is to do about a remark, was said to everybody whom it concerns.
OF_THE_PROVINCE = ("label", "url")
OPENS_ENTRIES = ("return_entry", "extend_entry", "return_questions")
TOLD_EVERYBODY = ("withdraw_publication", "move_slot", "drop_slot", "begin_follow_up")
OPENS_DOORS = (SignIn, OneTimeLink, Authenticator, RecoveryCode, Passkey, WaitingStep, Identity, MailOut)
WAITING = (Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None))
MACHINE = Actor(user_id=0, login="", title_th="", title_en="")  # whoever sits at the machine's own command line


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasing took out, and how many reasons it had to leave in frozen calculations."""

    receipt: Receipt
    texts: int
    frozen: int
    photos: frozenset[str] = frozenset()  # of their paper sheets, to be removed after the commit


def propose_erasure(database: Database, clock: Clock, *, actor: Actor, user_id: int, key: str) -> Receipt:
    """Writes down that the person asked for it. Another must confirm it.

    Raises Forbidden, NotFound and Locked (erased already, waiting already, a duty held, a round that is running).
    """
    with unit(database, clock, actor=actor, key=key, about=("propose_erasure", user_id)) as u:
        _check_manages(u, clock)
        if u.repeated:
            return u.repeated
        _check_may_go(u, clock, user_id)
        if find_erasure(u.db, user_id) is not None:
            raise Locked(N_("This was proposed already and waits for a second person."))
        u.db.execute(insert(Erasure).values(user_id=user_id, proposed_by_id=actor.user_id, proposed_at=u.now))
        return u.record("propose_erasure", {"person": f"u{user_id}"})


def withdraw_erasure(database: Database, clock: Clock, *, actor: Actor, user_id: int, key: str) -> Receipt:
    """Takes a proposal back. Raises Forbidden, and NotFound where none waits."""
    with unit(database, clock, actor=actor, key=key, about=("withdraw_erasure", user_id)) as u:
        _check_manages(u, clock)
        if u.repeated:
            return u.repeated
        waiting = find_erasure(u.db, user_id)
        if waiting is None:
            raise NotFound
        u.db.execute(update(Erasure).where(Erasure.id == waiting.id).values(withdrawn_at=u.now))
        return u.record("withdraw_erasure", {"person": f"u{user_id}"})


def confirm_erasure(
    database: Database, clock: Clock, *, actor: Actor, user_id: int, evidence: EvidenceFiles, key: str
) -> Erased:
    """Erases what another proposed, removes the photos of the person's paper sheets from the store `evidence`, and
    writes the database file anew.

    Raises Forbidden (the actor's own proposal, or the actor's own data), NotFound where none waits, and Locked.
    """
    with unit(database, clock, actor=actor, key=key, about=("confirm_erasure", user_id)) as u:
        _check_manages(u, clock)
        if u.repeated:  # the first time may have ended between the commit and the rewriting
            erased = Erased(u.repeated, u.repeated.body["texts"], u.repeated.body["frozen"])
        else:
            _check_second(u, user_id)
            _check_may_go(u, clock, user_id)
            done = {"confirmed_by_id": actor.user_id, "done_at": u.now}
            u.db.execute(update(Erasure).where(Erasure.user_id == user_id, *WAITING).values(**done))
            erased = _erase(u, user_id)
    remove_photos(evidence, erased.photos)
    rewrite(database)
    return erased


def erase_person(database: Database, clock: Clock, *, user_id: int, evidence: EvidenceFiles) -> Erased:
    """The same from the machine's own command line, whose owner could do it by hand without a trace: the ledger says
    that it was done there. Raises NotFound and Locked."""
    with unit(database, clock, actor=MACHINE) as u:
        _check_may_go(u, clock, user_id)
        waiting = find_erasure(u.db, user_id)
        if waiting is not None:
            u.db.execute(update(Erasure).where(Erasure.id == waiting.id).values(done_at=u.now))
        else:
            u.db.execute(insert(Erasure).values(user_id=user_id, proposed_at=u.now, done_at=u.now))
        erased = _erase(u, user_id)
    remove_photos(evidence, erased.photos)
    rewrite(database)
    return erased


def _check_second(u: Unit, user_id: int) -> None:
    waiting = find_erasure(u.db, user_id)
    if waiting is None:
        raise NotFound
    if u.actor.user_id in (waiting.proposed_by_id, user_id):
        raise Forbidden(N_("A second person confirms: neither who proposed it nor whose data it is."))


def _check_manages(u: Unit, clock: Clock) -> None:
    """Asked inside the act: a duty may have ended since the page was opened."""
    now = find_actor_by_id(u.db, u.actor.user_id, today=clock.today())
    if now is None or not may_manage_people(now):
        raise Forbidden


BARRIERS = {
    Barrier.ERASED: N_("The data of this account was erased already."),
    Barrier.DUTY: N_("This person holds a duty. End it first; then their data can be erased."),
    Barrier.ROUND: N_(
        "The round of B.E. %(year)s in which this person takes part is running: until every award of it is"
        " published, the grounds of the marks are needed for complaints. Erase it then."
    ),
}


def _check_may_go(u: Unit, clock: Clock, user_id: int) -> None:
    if u.db.get(User, user_id) is None:
        raise NotFound
    for barrier, year in list_barriers(u.db, user_id, now=u.now, today=clock.today()):
        values: dict[str, Any] = {"year": year} if year else {}
        raise Locked(BARRIERS[barrier], **values)


def _erase(u: Unit, user_id: int) -> Erased:
    """Everything in one transaction, ended by the line that says so: a number, no name."""
    u.db.execute(text("PRAGMA secure_delete=ON"))  # what goes is overwritten at once, where `rewrite` comes too late
    acts = list_acts(u.db, user_id)
    tenures = list_tenures(u.db, user_id)
    about = list_texts_about(u.db, tenures)
    own = [act for act in acts if act.verb not in TOLD_EVERYBODY]
    places = {(act.log, act.seq, path) for act in own for path in act.texts if path not in OF_THE_PROVINCE}
    places |= {(each.log, each.seq, each.path) for each in about}
    texts = _take_texts(u, sorted(places))
    returned = [str(act.body["entry"]) for act in acts if act.verb in OPENS_ENTRIES]
    _empty_tables(u, user_id, tenures, {each.text for each in about}, returned)
    photos = empty_day(u, user_id, tenures, acts, erased=ERASED)
    empty_office(u, user_id, erased=ERASED)
    _make_nameless(u, user_id)
    frozen = count_frozen(u.db, [each.text for each in about])
    receipt = u.record("erase_person", {"person": f"u{user_id}", "texts": texts, "frozen": frozen})
    return Erased(receipt, texts, frozen, photos)


def _take_texts(u: Unit, places: Sequence[tuple[str, int, str]]) -> int:
    count = 0
    for start in range(0, len(places), 200):  # a statement holds so many values at most
        some = places[start : start + 200]
        where = tuple_(LedgerText.log, LedgerText.seq, LedgerText.path).in_(some)
        count += u.change(delete(LedgerText).where(where))
    return count


def _empty_tables(u: Unit, user_id: int, tenures: Tenures, about: set[str], returned: Sequence[str]) -> None:
    """The copies of the texts that stand in the tables; `about`: those of the ledger about the person."""
    u.db.execute(update(Mark).where(tenures.of_cards(Mark), Mark.note != "").values(note=ERASED))
    for tenure in tenures.all:
        theirs = Assignment.seat_id == tenure.seat_id, Assignment.excused_reason != ""
        reasons = u.db.execute(select(Assignment.excused_reason).where(*theirs).distinct()).scalars().all()
        gone = [each for each in reasons if tenure.is_whole or each in about]  # a card does not say when
        u.db.execute(
            update(Assignment).where(*theirs, Assignment.excused_reason.in_(gone)).values(excused_reason=ERASED)
        )
    u.db.execute(update(Reopening).where(Reopening.by_id == user_id).values(reason=ERASED))
    u.db.execute(
        update(Entry).where(Entry.code.in_(returned), Entry.reopened_reason != "").values(reopened_reason=ERASED)
    )


def _make_nameless(u: Unit, user_id: int) -> None:
    login = u.db.execute(select(User.login).where(User.id == user_id)).scalar_one()
    for table in OPENS_DOORS:
        u.db.execute(delete(table).where(table.user_id == user_id))
    u.db.execute(delete(FailedSignIn).where(FailedSignIn.login_sha256 == sha256_of(login)))
    u.db.execute(
        update(User).where(User.id == user_id).values(
            login=f"erased-{user_id}", password_hash="", email=None, disabled_at=u.now, **NAMELESS
        )
    )  # fmt: skip
    u.db.execute(update(Duty).where(Duty.user_id == user_id).values(**FORMER))
