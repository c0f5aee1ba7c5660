"""An entry's way up its office on pages: what waits for me, deciding, taking back, withdrawing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import chain as actions
from award.actions.withdrawals import withdraw_entry
from award.answers.check import Unusual, list_unusual
from award.approval import deciding_duty, may_take_back, may_withdraw, next_step
from award.clock import BANGKOK
from award.errors import Invalid
from award.evaluation import numbers_in, rules_of
from award.policy import (
    HeldDuty,
    anyone,
    decides_in_office,
    is_officer,
    may_use_entries,
    may_write_for,
)
from award.queries.chain import Act, Holder, list_acts, list_deciders, list_waiting, standing
from award.queries.cycles import AwardCycle
from award.queries.entries import FoundEntry, find_entry, has_scoring_begun, is_slot_closed
from award.queries.late import LateLine, find_late_of_entry
from award.views.addresses import absolute
from award.views.context import current_actor, new_key, reading, site
from award.views.entry_lists import time_left
from award.views.guard import guard, row_id
from award.views.language import current_language, said
from award.views.letters import render_letter

pages = Blueprint("chain", __name__)


@pages.app_template_filter()
def to_the_second(value: datetime) -> str:
    """`16.30.05 น.`, or `16:30:05` in English."""
    local = value.astimezone(BANGKOK)
    return f"{local:%H:%M:%S}" if current_language() == "en" else f"{local:%H.%M.%S} น."


@dataclass(frozen=True, slots=True)
class Way:
    """How an entry stands in its office, for the pages that show it.

    `stands`: the acts behind what is on its way or was sent. `acts`: all of them, for the office itself. `returned`:
    the note it came back with, while nothing was done since. `waits_for`: who may decide now."""

    acts: tuple[Act, ...] = ()
    stands: tuple[Act, ...] = ()
    returned: Act | None = None
    waits_for: tuple[Holder, ...] = ()
    duty: HeldDuty | None = None  # through which the reader decides
    seen: int = 0
    can_take_back: bool = False
    can_withdraw: bool = False
    late: LateLine | None = None
    unproved: tuple[Any, ...] = ()  # for who decides: criteria without any file or link
    heard: bool = False  # the panel closed the slot without it: it cannot be sent
    above: tuple[Unusual, ...] = ()  # and what is above 100 %, confirmed by who sent it on


def way_of(entry: FoundEntry) -> Way:
    """Up to five statements; none more where the cycle asks for no approval and nothing is late."""
    db, actor = reading(), current_actor()
    own, duty = may_write_for(actor, entry.province_code), deciding_duty(actor, entry.province_code, entry.step)
    acts = tuple(list_acts(db, entry.id)) if entry.approval == "chain" and may_use_entries(actor) else ()
    stands = standing(acts) if entry.step or entry.state != "draft" else ()
    last = acts[-1] if acts else None
    over = site().clock.now().replace(microsecond=0) > entry.closes_at or entry.reopened_at is not None
    may_end = own and entry.state in ("draft", "submitted")
    may_end = may_end and may_withdraw(actor, entry.province_code, approval=entry.approval)
    return Way(
        acts=acts if own else (),
        stands=stands,
        returned=last if own and last and last.act == "return" and entry.state == "draft" else None,
        waits_for=_waits_for(entry) if entry.step else (),
        duty=duty,
        seen=last.id if last else 0,
        unproved=tuple(without_evidence(entry)) if duty else (),
        heard=was_heard(entry, entry.province_code) if duty else False,
        above=_above(entry) if duty else (),
        can_take_back=may_take_back(actor, entry.province_code, entry.step),
        # The form of a draft is opened all day: whether its slot is open already is asked where it matters.
        can_withdraw=may_end and (entry.state == "draft" or not has_scoring_begun(db, entry.id)),
        late=find_late_of_entry(db, entry.id) if over and may_use_entries(actor) else None,
    )


def _waits_for(entry: FoundEntry) -> tuple[Holder, ...]:
    deciders = list_deciders(reading(), entry.province_code, today=site().clock.today())
    return tuple(each for each in deciders if each.role == entry.step)


def was_heard(asked: FoundEntry | AwardCycle, province_code: str) -> bool:
    """Whether the first panel has closed the slot in which the award of a province is heard."""
    stage = rules_of(asked.rules_text).stages[0].code
    return is_slot_closed(reading(), adoption_id=asked.adoption_id, province_code=province_code, stage=stage)


def without_evidence(entry: FoundEntry) -> list[Any]:
    """Criteria that have room for files and links but none of either: sent all the same, yet worth a look."""
    category = rules_of(entry.rules_text).category(entry.category)
    return [
        leaf
        for leaf in category.leaves
        if (codes := [field.code for field in category.fields if field.type == "files" and field.part_of == leaf.path])
        and not any(entry.evidence_count.get(code) for code in codes)
    ]


def _above(entry: FoundEntry) -> tuple[Unusual, ...]:
    category = rules_of(entry.rules_text).category(entry.category)
    return tuple(list_unusual(category, numbers_in(category, entry.answers)))


def step_after(entry: FoundEntry) -> tuple[str, tuple[Holder, ...]]:
    """Where the entry goes when the reader sends it on, and who will decide there."""
    if entry.approval != "chain":
        return "sent", ()
    deciders = list_deciders(reading(), entry.province_code, today=site().clock.today())
    has_director = any(each.role == "director" for each in deciders)
    step = next_step(
        current_actor(), entry.province_code, approval=entry.approval, has_director=has_director,
        questions=bool(entry.returned),
    )  # fmt: skip
    return step, tuple(each for each in deciders if each.role == step)


@pages.get("/waiting")
@guard(decides_in_office)
def waiting() -> ResponseReturnValue:
    """The first page of directors and heads of an office: what waits for them, then what is with the others."""
    actor = current_actor()
    lines = list_waiting(reading(), actor.provinces)
    mine = [
        line for line in lines if any((duty.province_code, duty.role) == (line.province_code, line.step)
                                      for duty in actor.duties)
    ]  # fmt: skip
    return render_template(
        "chain/waiting.html", mine=mine, others=[line for line in lines if line not in mine], time_left=time_left,
        may_decide=lambda line: deciding_duty(actor, line.province_code, line.step) is not None,
    )  # fmt: skip


@pages.post("/e/<int:entry>/approve")
@guard(decides_in_office, entry=find_entry)
def approve(entry: FoundEntry) -> ResponseReturnValue:
    """A director passes it on; the head of the office sends it."""
    passed = actions.approve(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id, seen=_seen(), key=_key(),
        letter=letter_here(),
    )  # fmt: skip
    after = "sending.receipt" if passed.step == "sent" else "entries.page"
    return redirect(url_for(after, entry=entry.id), 303)


@pages.post("/e/<int:entry>/hand-back")
@guard(decides_in_office, entry=find_entry)
def hand_back(entry: FoundEntry) -> ResponseReturnValue:
    """Back to its officers, with a note."""
    actions.hand_back(
        site().database, site().clock, actor=current_actor(), entry_id=entry.id, seen=_seen(),
        note=request.form.get("note", ""), key=_key(), letter=letter_here(),
    )  # fmt: skip
    return redirect(url_for("chain.waiting", done="returned"), 303)


@pages.post("/e/<int:entry>/take-back")
@guard(is_officer, entry=find_entry)
def take_back(entry: FoundEntry) -> ResponseReturnValue:
    """Back to its officers, before the others decided."""
    actions.take_back(site().database, site().clock, actor=current_actor(), entry_id=entry.id, key=_key())
    return redirect(url_for("entries.page", entry=entry.id), 303)


@pages.get("/e/<int:entry>/withdraw")
@guard(is_officer, entry=find_entry)
def ask_withdrawal(entry: FoundEntry) -> ResponseReturnValue:
    """What withdrawing means, and its reason."""
    return _withdrawal(entry)


@pages.post("/e/<int:entry>/withdraw")
@guard(is_officer, entry=find_entry)
def withdraw(entry: FoundEntry) -> ResponseReturnValue:
    """The province withdraws its entry."""
    reason = request.form.get("reason", "")
    try:
        withdraw_entry(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id, reason=reason, key=_key()
        )
    except Invalid as refusal:
        return _withdrawal(entry, says=said(refusal), typed=reason, status=refusal.status)
    return redirect(url_for("entries.page", entry=entry.id), 303)


def _withdrawal(entry: FoundEntry, *, says: str = "", typed: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "chain/withdraw.html", entry=entry, says=says, typed=typed, key=new_key(),
        can_withdraw=way_of(entry).can_withdraw and not has_scoring_begun(reading(), entry.id),
    )  # fmt: skip
    return page, status


@pages.get("/now")
@guard(anyone)
def now() -> ResponseReturnValue:
    """The server's time in milliseconds: deadlines are counted down by it, not by the clock of a phone."""
    return jsonify(now=int(site().clock.now().timestamp() * 1000))


def letter_here() -> actions.Letter | None:
    """Mails hold links only where the site knows its own address."""
    return _letter if site().settings.site_address else None


def _letter(entry: FoundEntry, what: str) -> tuple[str, str]:
    path = url_for("sending.receipt" if what == "sent" else "entries.page", entry=entry.id)
    return render_letter("chain/letter.txt", entry=entry, what=what, address=absolute(path))


def _key() -> str:
    return request.form.get("key", "")


def _seen() -> int:
    return request.form.get("seen", 0, row_id)
