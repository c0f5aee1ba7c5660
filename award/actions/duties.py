"""Duties: one person proposes, another confirms; whoever may propose one ends it at once.

An organizer proposes any duty. An administrator proposes only that of an administrator, which gives no part in an
award. Any other organizer or administrator confirms, but nobody a proposal of their own or a duty of their own;
proposing for oneself is allowed, since somebody else decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import update

from award import policy
from award.actions.sign_ins import end_sign_ins
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.people import ROLES, Duty, Province, User, Zone
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Refusal
from award.policy import OFFICE, Actor
from award.queries.duties import DutyLine, count_managers, find_duty, list_duties_of
from award.queries.people import find_actor_by_id

OF_A_PROVINCE, OF_A_ZONE = OFFICE, ("member", "chair")
LONGEST = 200
MOST_YEARS = 10  # a year typed in the Buddhist Era lies further away


@dataclass(frozen=True, slots=True)
class Proposal:
    """A duty as it is asked for. `to_day` None: until further notice."""

    user_id: int
    role: str
    title_th: str
    from_day: date
    to_day: date | None = None
    province_code: str | None = None
    zone_number: int | None = None
    title_en: str = ""
    acting: bool = False


def propose_duty(database: Database, clock: Clock, *, actor: Actor, proposal: Proposal, key: str) -> Receipt:
    """Writes a duty down that gives no right until somebody else confirms it.

    Raises Forbidden (not the actor's to propose), NotFound (no such person), and Invalid, whose `details["field"]`
    says where: role, place, title, days, or a duty that this one must not meet in one cycle.
    """
    asked = tuple(str(getattr(proposal, name)) for name in Proposal.__dataclass_fields__)
    with unit(database, clock, actor=actor, key=key, about=("propose_duty", *asked)) as u:
        proposer = managing(u, clock)
        if u.repeated:
            return u.repeated
        check_role(proposer, proposal.role)
        person = u.db.get(User, proposal.user_id)
        if person is None:
            raise NotFound
        if person.disabled_at is not None:
            raise Locked(CLOSED)
        province, zone = proposal.province_code, proposal.zone_number
        check_fit(
            proposal, has_province=province is not None and u.db.get(Province, province) is not None,
            has_zone=zone is not None and u.db.get(Zone, zone) is not None, today=u.now.date(),
        )  # fmt: skip
        check_apart(proposal, list_duties_of(u.db, proposal.user_id), states=("confirmed", "proposed"))
        duty = add_proposal(u, proposal)
        u.db.flush()
        return u.record("propose_duty", told_of(duty.id, proposal))


def confirm_duty(database: Database, clock: Clock, *, actor: Actor, duty_id: int, key: str) -> Receipt:
    """Makes a proposed duty count. Raises NotFound, Forbidden (the actor's own proposal, for the actor, or of an
    account whose link the actor was shown or whose address they wrote: one person would hold both), Locked (no longer
    waiting, or its account is closed) and Invalid (meanwhile the person holds what must not meet it)."""
    with unit(database, clock, actor=actor, key=key, about=("confirm_duty", duty_id)) as u:
        duty = _found(u, clock, duty_id)
        if u.repeated:
            return u.repeated
        confirm_in(u, duty)
        return u.record("confirm_duty", told_of(duty_id, duty))


def confirm_duties(database: Database, clock: Clock, *, actor: Actor, duty_ids: Sequence[int], key: str) -> Receipt:
    """Makes many proposed duties count, all of them or none; one line tells of each. Raises Forbidden, NotFound, and
    Invalid whose `details["refused"]` says for each duty (its id as a text) why it cannot be confirmed."""
    asked = tuple(sorted(set(duty_ids)))
    with unit(database, clock, actor=actor, key=key, about=("confirm_duties", *asked)) as u:
        managing(u, clock)
        if u.repeated:
            return u.repeated
        if not asked:
            raise Invalid(N_("Tick at least one duty."))
        told, refused = [], {}
        for duty_id in asked:
            duty = find_duty(u.db, u.actor, duty_id)
            if duty is None:
                raise NotFound
            try:
                confirm_in(u, duty)
            except Refusal as refusal:
                refused[str(duty_id)] = refusal.says
            told.append(line_of(duty_id, duty))
        if refused:
            says = N_("Nothing was confirmed: look at the duties that are marked.")
            raise Invalid(says, details={"refused": refused})
        return u.record("confirm_duties", {"duties": told})


def withdraw_proposal(database: Database, clock: Clock, *, actor: Actor, duty_id: int, key: str) -> Receipt:
    """Takes a proposal away, or declines somebody else's. Raises NotFound and Locked (no longer waiting)."""
    with unit(database, clock, actor=actor, key=key, about=("withdraw_proposal", duty_id)) as u:
        duty = _found(u, clock, duty_id)
        if u.repeated:
            return u.repeated
        _check_waiting(duty)
        _end(u, duty_id, "withdrawn")
        return u.record("withdraw_proposal", {"duty": duty_id, "user": f"u{duty.user_id}"})


def revoke_duty(database: Database, clock: Clock, *, actor: Actor, duty_id: int, key: str) -> Receipt:
    """Ends a confirmed duty this moment, and every sign-in of the person with it; one person is enough for that.

    Raises NotFound, Forbidden (not the actor's to end) and Locked (not confirmed; or nobody would be left to confirm).
    """
    with unit(database, clock, actor=actor, key=key, about=("revoke_duty", duty_id)) as u:
        duty = _found(u, clock, duty_id)
        if u.repeated:
            return u.repeated
        if not policy.may_propose(u.actor, duty.role):
            raise Forbidden(N_("An administrator ends administrators' duties only. Ask an organizer to end this one."))
        if duty.state != "confirmed":
            raise Locked(N_("This duty is not in force, so it cannot be ended."))
        if duty.role in policy.MANAGING and not count_managers(u.db, today=clock.today(), without_duty=duty_id):
            raise Locked(NOBODY_LEFT)
        _end(u, duty_id, "revoked")
        end_sign_ins(u, duty.user_id)
        return u.record("revoke_duty", {"duty": duty_id, "user": f"u{duty.user_id}", "role": duty.role})


MARKS = N_(
    "This person is chair or member of a panel in the same cycle (1 October to 30 September), so they cannot run the "
    "round or its accounts in it."
)
RUNS = N_(
    "This person runs the round or its accounts in the same cycle (1 October to 30 September), so they cannot be chair "
    "or member of a panel in it."
)
CLOSED = N_("This account is closed. Open it again before you propose a duty.")
NOBODY_LEFT = N_("Nobody would be left who can manage people. First give another person that duty.")


def managing(u: Unit, clock: Clock) -> Actor:
    """The actor with the duties held at this moment, inside the act. Raises Forbidden where people are no longer theirs
    to manage. From then on the unit's actor is this one."""
    actor = find_actor_by_id(u.db, u.actor.user_id, today=clock.today())
    if actor is None or not policy.may_manage_people(actor):
        raise Forbidden
    u.actor = actor
    return actor


def _found(u: Unit, clock: Clock, duty_id: int) -> DutyLine:
    managing(u, clock)
    duty = find_duty(u.db, u.actor, duty_id)
    if duty is None:
        raise NotFound
    return duty


def _check_waiting(duty: DutyLine) -> None:
    if duty.state != "proposed":
        raise Locked(N_("This proposal is no longer waiting. Reload the page to see what became of it."))


def _end(u: Unit, duty_id: int, state: str) -> None:
    u.db.execute(
        update(Duty).where(Duty.id == duty_id).values(state=state, revoked_by_id=u.actor.user_id, revoked_at=u.now)
    )


def check_role(proposer: Actor, role: str) -> None:
    """Raises Invalid for no role, and Forbidden for one that is not the proposer's to propose."""
    if role not in ROLES:
        raise Invalid(N_("Choose a role."), details={"field": "role"})
    if not policy.may_propose(proposer, role):
        raise Forbidden(N_("An administrator proposes administrators only. Ask an organizer to propose this one."))


def check_fit(asked: Proposal, *, has_province: bool, has_zone: bool, today: date) -> None:
    """Raises Invalid where role, place, position and days do not belong together; `details["field"]` says which.
    `has_…`: whether there is such a province or zone."""
    if asked.role in OF_A_PROVINCE:
        if not has_province:
            says = N_("Who works in a provincial office belongs to a province: choose it.")
            raise Invalid(says, details={"field": "province"})
    elif asked.province_code is not None:
        says = N_("Only who works in a provincial office belongs to a province: leave it empty.")
        raise Invalid(says, details={"field": "province"})
    if asked.role in OF_A_ZONE:
        if not has_zone:
            raise Invalid(N_("A member or chair belongs to a zone: choose it."), details={"field": "zone"})
    elif asked.zone_number is not None:
        raise Invalid(N_("Only members and chairs belong to a zone: leave it empty."), details={"field": "zone"})
    if not asked.title_th.strip() or max(len(asked.title_th), len(asked.title_en)) > LONGEST:
        raise Invalid(N_("Write the position in Thai, at most 200 characters."), details={"field": "title_th"})
    if asked.to_day is not None and asked.to_day < asked.from_day:
        raise Invalid(N_("The last day is before the first."), details={"field": "to_day"})
    for name in ("from_day", "to_day"):
        day = getattr(asked, name)
        if day is not None and abs(day - today) > timedelta(days=366 * MOST_YEARS):
            raise Invalid(N_("This day is more than ten years away. Check the year."), details={"field": name})


def check_apart(asked: Proposal | DutyLine, duties: Iterable[DutyLine], *, states: tuple[str, ...]) -> None:
    """Raises Invalid where one of the person's `duties`, in a cycle of the asked days, must not meet the asked one.

    A duty that was ended still counts for the days it was held.
    """
    for held in duties:
        if held.state not in (*states, "revoked") or held.id == getattr(asked, "id", None):
            continue
        if (span := held.held_days()) is None or not policy.are_apart(asked.role, held.role):
            continue
        if policy.share_a_cycle(asked.from_day, asked.to_day, *span):
            raise Invalid(MARKS if held.role in policy.MARKING else RUNS, details={"field": "role"})


def check_roles_apart(asked: Proposal, others: Iterable[Proposal]) -> None:
    """The same among duties that are asked for together."""
    for other in others:
        if policy.are_apart(asked.role, other.role) and policy.share_a_cycle(
            asked.from_day, asked.to_day, other.from_day, other.to_day
        ):
            raise Invalid(MARKS if other.role in policy.MARKING else RUNS, details={"field": "role"})


def add_proposal(u: Unit, proposal: Proposal) -> Duty:
    """The row of a proposal that was checked; its number is known after a flush."""
    row = {name: getattr(proposal, name) for name in Proposal.__dataclass_fields__}
    row |= {"title_th": proposal.title_th.strip(), "title_en": proposal.title_en.strip()}
    duty = Duty(**row, state="proposed", proposed_by_id=u.actor.user_id, proposed_at=u.now)
    u.db.add(duty)
    return duty


def confirm_in(u: Unit, duty: DutyLine) -> None:
    """Makes one proposed duty count, inside an act whose actor manages people; raises as `confirm_duty`."""
    _check_waiting(duty)
    if duty.proposed_by_id == u.actor.user_id:
        raise Forbidden(N_("You proposed this duty yourself. Somebody else must confirm it."))
    if not policy.may_confirm(u.actor, proposed_by_id=duty.proposed_by_id, user_id=duty.user_id):
        raise Forbidden(N_("This duty is for yourself. Somebody else must confirm it."))
    if duty.had_link_from(u.actor.user_id):
        raise Forbidden(
            N_(
                "You handed a link of this account over yourself, or wrote the address that links go to. Somebody "
                "else must confirm this."
            )
        )
    if duty.disabled:
        raise Locked(N_("This account is closed. Open it again before you confirm a duty."))
    check_apart(duty, list_duties_of(u.db, duty.user_id), states=("confirmed",))
    u.db.execute(
        update(Duty)
        .where(Duty.id == duty.id)
        .values(state="confirmed", confirmed_by_id=u.actor.user_id, confirmed_at=u.now)
    )


def told_of(duty_id: int, duty: Proposal | DutyLine) -> dict[str, str | int | bool | None]:
    """What a line of the log says of a duty."""
    return {
        "duty": duty_id, "user": f"u{duty.user_id}", "role": duty.role, "province": duty.province_code,
        "zone": duty.zone_number, "acting": duty.acting, "from": duty.from_day.isoformat(),
        "to": None if duty.to_day is None else duty.to_day.isoformat(),
    }  # fmt: skip


def line_of(duty_id: int, duty: Proposal | DutyLine) -> list[str | int | bool | None]:
    """The same where a line tells of many: number, person's number, role, province, zone, acting, from, to."""
    return [duty_id, duty.user_id, *list(told_of(duty_id, duty).values())[2:]]
