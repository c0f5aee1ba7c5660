"""Who may do what, when: small predicates. The same one hides the button and refuses the post."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

FRESH_FOR = timedelta(minutes=10)
# The people of a provincial office: who prepares entries, who directs a work group, who heads the office.
OFFICE = ("officer", "director", "chief")


@dataclass(frozen=True, slots=True)
class HeldDuty:
    """A duty that is valid today."""

    id: int
    role: str  # one of award.db.people.ROLES
    province_code: str | None
    zone_number: int | None
    title_th: str
    title_en: str
    acting: bool = False


@dataclass(frozen=True, slots=True)
class HeldSignIn:
    """The sign-in that a request comes with: since when it is fresh, when it was last told to be in use, and whether
    its person has a second factor (an app's codes or a passkey)."""

    id: int
    fresh_at: datetime
    seen_at: datetime
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person with the duties held today. Nobody signed in: `Actor.nobody()`."""

    user_id: int
    login: str
    title_th: str
    title_en: str
    duties: tuple[HeldDuty, ...] = ()
    language: str = "th"
    sign_in: HeldSignIn | None = None

    @classmethod
    def nobody(cls) -> "Actor":
        """Stands for everyone who is not signed in."""
        return cls(user_id=0, login="", title_th="", title_en="")

    @property
    def code(self) -> str:
        """How the ledger names the person: never a name."""
        return f"u{self.user_id}"

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is."""
        return self.user_id != 0

    def has(self, *roles: str) -> bool:
        """Whether a duty held today is one of these."""
        return any(duty.role in roles for duty in self.duties)

    @property
    def provinces(self) -> tuple[str, ...]:
        """Provinces in whose office the person is."""
        return tuple(duty.province_code for duty in self.duties if duty.role in OFFICE and duty.province_code)

    @property
    def zones(self) -> tuple[int, ...]:
        """Zones on whose panel the person may sit."""
        return tuple(
            duty.zone_number
            for duty in self.duties
            if duty.role in ("member", "chair") and duty.zone_number is not None
        )

    @property
    def duty_ids(self) -> tuple[int, ...]:
        """The duties held today; seats and assignments hang on them."""
        return tuple(duty.id for duty in self.duties)

    def title(self, language: str) -> str:
        """The position to show: that of the first duty (told as acting where it is), else the account's."""
        if not self.duties:
            return self.title_en if language == "en" and self.title_en else self.title_th
        first = self.duties[0]
        if language == "en" and first.title_en:
            return f"{first.title_en} (acting)" if first.acting else first.title_en
        return f"{first.title_th} (รักษาราชการแทน)" if first.acting else first.title_th


def is_on(day: date, from_day: date, to_day: date | None) -> bool:
    """Whether a duty from a day to a day (inclusive; open where empty) is held on `day`."""
    return from_day <= day and (to_day is None or day <= to_day)


def anyone(actor: Actor) -> bool:
    """Also without signing in."""
    return True


def is_signed_in(actor: Actor) -> bool:
    """Anybody with an account, whatever the duties."""
    return actor.is_signed_in


def is_officer(actor: Actor) -> bool:
    """Belongs to a provincial office: prepares its entries, or passes them on."""
    return actor.has(*OFFICE)


def is_committee(actor: Actor) -> bool:
    """Sits on a panel."""
    return actor.has("member", "chair")


def is_organizer(actor: Actor) -> bool:
    """Runs the round."""
    return actor.has("organizer")


def may_organize_for(actor: Actor, province_code: str) -> bool:
    """Runs the round, and is not of the office whose entry it is: nobody opens, returns or checks what is theirs."""
    return is_organizer(actor) and province_code not in actor.provinces


def may_see_runs(actor: Actor) -> bool:
    """Results of closed slots, before publication."""
    return actor.has("organizer", "auditor")


def may_see_progress(actor: Actor) -> bool:
    """How far the round and its zones are: counts and states, never a mark, a total or a rank."""
    return actor.has("organizer", "auditor", "executive")


def may_have_package(actor: Actor, *, edition: str) -> bool:
    """A package of a run before it is public; the auditor's edition, which opens every alias, is for auditors only."""
    return actor.has("auditor") if edition == "auditor" else may_see_runs(actor)


def may_publish(actor: Actor, *, certified_by_id: int) -> bool:
    """An organizer publishes what another one certified."""
    return is_organizer(actor) and actor.user_id != certified_by_id


def may_open_round(actor: Actor, *, prepared_by_id: int) -> bool:
    """An organizer opens a round that another one saved last."""
    return is_organizer(actor) and actor.user_id != prepared_by_id


def may_use_entries(actor: Actor) -> bool:
    """The list of entries: the province's own, or all of them."""
    return is_officer(actor) or may_see_runs(actor)


def may_read_entries(actor: Actor) -> bool:
    """Single entries; which ones is a matter of scope."""
    return may_use_entries(actor) or is_committee(actor)


def may_search(actor: Actor) -> bool:
    """Searches, each within what they may see: anybody with a duty."""
    return may_read_entries(actor) or may_see_progress(actor) or actor.has(*MANAGING)


def may_see_missing(actor: Actor) -> bool:
    """Who has not sent: all provinces for organizer and auditor, for the committee those that they follow up."""
    return may_see_runs(actor) or is_committee(actor)


def may_write_for(actor: Actor, province_code: str) -> bool:
    """Whether the person belongs to the office that prepares this province's entries."""
    return province_code in actor.provinces


def decides_in_office(actor: Actor) -> bool:
    """Directs a work group of a provincial office, or heads one: entries wait for them."""
    return actor.has("director", "chief")


def needs_second_factor(actor: Actor) -> bool:
    """Holds a duty that a stolen password alone must not open, and has nothing but a password."""
    alone = actor.sign_in is not None and not actor.sign_in.second_factor
    return alone and actor.has("chair", "organizer", "administrator")


def should_have_second_factor(actor: Actor) -> bool:
    """The same for whom it is advised."""
    return needs_second_factor(actor) or (
        actor.sign_in is not None and not actor.sign_in.second_factor and actor.has("auditor")
    )


def is_fresh(actor: Actor, now: datetime) -> bool:
    """Whether the person proved who it is within the last ten minutes."""
    return actor.sign_in is not None and now - actor.sign_in.fresh_at <= FRESH_FOR


def is_in_time(now: datetime, closes_at: datetime) -> bool:
    """A deadline includes the whole of the second it states."""
    return now.replace(microsecond=0) <= closes_at


def may_see_days(actor: Actor) -> bool:
    """Scoring days: the panel's own for its members, all of them (counts only) for organizer and auditor."""
    return actor.has("member", "chair", "organizer", "auditor")


def may_follow(actor: Actor) -> bool:
    """How a scoring day goes on: those who see it, and the officers of the province that is heard."""
    return may_see_days(actor) or is_officer(actor)


def barrier_to_marking(*, entry_state: str, slot_state: str, card_state: str, excused: str, is_own: bool) -> str:
    """What keeps a member from marking now: closed, recused, absent, sent, own, unsent, gone, planned; "" for nothing.

    `is_own`: the member belongs to the office of the province whose entry it is."""
    if slot_state == "closed":
        return "closed"
    if excused:
        return excused
    if card_state == "sent":
        return "sent"
    if is_own:
        return "own"
    if entry_state != "submitted":
        return "unsent" if entry_state == "draft" else "gone"
    return "planned" if slot_state == "planned" else ""


def may_look_into(*, entry_state: str, excused: str) -> bool:
    """A member reads what the province has sent, and nothing of an entry they stepped back from."""
    return entry_state in ("submitted", "not_presented") and excused != "recused"


def may_open_slot(*, slot_state: str, day: date, today: date) -> bool:
    """A planned slot may be opened on its day, or later where it was postponed."""
    return slot_state == "planned" and day <= today


def may_close_slot(*, slot_state: str) -> bool:
    """Only what is open can be closed."""
    return slot_state == "open"


def may_excuse(*, slot_state: str) -> bool:
    """Absences and recusals are recorded until the slot is closed."""
    return slot_state != "closed"


def may_record_presence(*, slot_state: str) -> bool:
    """Who presented is recorded until the slot is closed."""
    return slot_state != "closed"


def may_reopen_slot(*, slot_state: str) -> bool:
    """Only what was closed can be opened again."""
    return slot_state == "closed"


def may_reopen_card(*, slot_state: str, card_state: str) -> bool:
    """A sent card may be opened again, also in a closed slot (which then is open again)."""
    return card_state == "sent" and slot_state != "planned"


def may_ask_reopening(*, slot_state: str, card_state: str, excused: str) -> bool:
    """A member asks the chair to open a card again that was sent, or whose slot was closed; nobody who stepped back."""
    return (card_state == "sent" or slot_state == "closed") and excused != "recused"


def shown_phase(phase: str, *, slot_state: str) -> str:
    """The part of a slot that is on; of a closed one only what comes after the marking. "" for none."""
    return "" if slot_state == "closed" and phase not in ("discussion", "done") else phase


def may_begin_phase(*, phase: str, slot_state: str) -> bool:
    """Presentation, questions and scoring until the slot is closed; a discussion once it was opened; the end always."""
    if phase == "discussion":
        return slot_state != "planned"
    return phase == "done" or slot_state != "closed"


def may_set_ready(*, slot_state: str) -> bool:
    """Somebody says that they are ready for what is still to come or going on."""
    return slot_state != "closed"


def may_allow_member(*, attendance: str) -> bool:
    """Whoever missed the presentation, or a part of it, may be let send cards all the same."""
    return attendance in ("late", "absent")


def may_compare(*, slot_state: str) -> bool:
    """Nobody sees another member's marks before the slot is closed."""
    return slot_state == "closed"


def barrier_to_sending(*, declared: str, missed: bool) -> str:
    """What keeps a whole card from being sent, while its draft may be saved: undeclared, interest, missed; "" for
    nothing. `declared`: the kind of the holder's last declaration for the scoring session, "" without one."""
    if declared != "none":
        return "interest" if declared else "undeclared"
    return "missed" if missed else ""


def has_missed(*, state: str, arrived_at: datetime | None, heard_until: datetime | None, allowed_reason: str) -> bool:
    """Whether a member was not there for the presentation, as the chair recorded it, and the chair has not written why
    they may send all the same. `heard_until`: when the presentation was over; None while nobody said so."""
    late = state == "late" and arrived_at is not None and heard_until is not None and arrived_at > heard_until
    return (state == "absent" or late) and not allowed_reason


def may_declare(*, declared: bool, opened: bool) -> bool:
    """A member declares once at any time before the session is over, and changes it until the first slot is opened;
    from then on the chair records it."""
    return not (declared and opened)


def may_move_slot(actor: Actor, *, is_chairing: bool, day: date, today: date) -> bool:
    """An organizer moves any slot that is not closed; who chairs it, on its day."""
    return is_organizer(actor) or (is_chairing and day == today)


def may_drop_slot(*, slot_state: str, has_happened: bool) -> bool:
    """Only what was planned, and where nothing is on record, is taken out again."""
    return slot_state == "planned" and not has_happened


def may_rehearse(actor: Actor, *, is_chairing: bool) -> bool:
    """An organizer or the chair of the panel begins and ends a rehearsal."""
    return is_organizer(actor) or is_chairing


def may_enter_papers(actor: Actor) -> bool:
    """Enters signed paper sheets: an organizer anywhere, the secretary of a panel for its other members."""
    return actor.has("organizer", *MARKING)


def may_see_photos(actor: Actor) -> bool:
    """Looks at the photo of a paper sheet; which ones, and when, is a matter of scope."""
    return actor.has("organizer", "auditor", *MARKING)


def barrier_to_paper(
    *, is_member: bool, is_officer: bool, waits_for_own: bool, has_own_marks: bool, marking: str, sending: str
) -> str:  # fmt: skip
    """What keeps somebody from entering a member's paper sheet; "" for nothing.

    `is_member`: it is their own card. `is_officer`: of the province. `waits_for_own`: they sit on the panel, and their
    own card of this entry is not done. `has_own_marks`: the member has marked on the site. `marking`, `sending`: what
    would keep the member from marking and from sending."""
    if is_member:
        return "member"
    if is_officer:
        return "officer"
    if marking:
        return marking
    if waits_for_own:
        return "waits"
    return "marked" if has_own_marks else sending


MARKING, MANAGING = ("member", "chair"), ("organizer", "administrator")


def may_manage_people(actor: Actor) -> bool:
    """Sees accounts and duties, invites, disables, hands over links, confirms what another proposed."""
    return actor.has(*MANAGING)


def may_propose(actor: Actor, role: str) -> bool:
    """Proposes and ends duties: an organizer any; an administrator those of accounts only, none of an award."""
    return is_organizer(actor) or (actor.has("administrator") and role == "administrator")


def may_confirm(actor: Actor, *, proposed_by_id: int | None, user_id: int) -> bool:
    """A duty takes two people, and neither the proposer nor the person it is for is the second."""
    return may_manage_people(actor) and actor.user_id not in (proposed_by_id, user_id)


def are_apart(role: str, other: str) -> bool:
    """Who marks neither runs the round nor has the accounts in hand; the pair of roles says so in either order."""
    return (role in MARKING and other in MANAGING) or (role in MANAGING and other in MARKING)


def share_a_cycle(from_day: date, to_day: date | None, other_from: date, other_to: date | None) -> bool:
    """Whether two stretches of days have a day in one cycle: the fiscal year, 1 October to 30 September."""
    ends, other_ends = to_day or date.max, other_to or date.max
    return fiscal_year(from_day) <= fiscal_year(other_ends) and fiscal_year(other_from) <= fiscal_year(ends)


def fiscal_year(day: date) -> int:
    """The fiscal year in the Buddhist Era: 2564 for 1 October 2020 to 30 September 2021."""
    return day.year + 543 + (day.month >= 10)
