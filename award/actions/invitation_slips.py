"""Links of many invitations at once: mailed where that can be done, else to be printed and handed over.

Each person is judged as by `hand_over_link` and `mail_link`: whoever is shown a link of an account confirms no duty of
it afterwards, and nobody alone is shown one of an account that judges, runs, checks or manages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from award.actions.asked_links import ask_in, release_in
from award.actions.duties import managing
from award.actions.invitations import Letter, addressed
from award.actions.links import LASTS, make_link
from award.actions.mail import queue_mail
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.people import User
from award.errors import N_, Invalid, Locked
from award.policy import Actor
from award.queries.links import list_asked_links
from award.queries.people_import import Invited, list_invited

PURPOSE = "invite"
GONE = N_("Somebody ticked has a password by now, or the account is closed. Look at the list again.")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What became of each: `tokens` by person are known this once, and empty where the same act was acknowledged
    before. `asked`: their links take two people, so another one releases them."""

    shown: tuple[Invited, ...]
    mailed: tuple[Invited, ...]
    asked: tuple[Invited, ...]
    tokens: Mapping[int, str]
    receipt: Receipt


def hand_out_links(
    database: Database, clock: Clock, *, actor: Actor, user_ids: Sequence[int], letter: Letter | None, key: str
) -> HandedOut:
    """New links of these invited people, in one transaction; earlier ones of theirs are worth nothing from then on.

    Mailed and shown to nobody where the account has an address and the site mails links (a `letter`); else shown to the
    actor; asked for where one person alone may not be shown it. Raises Forbidden, Invalid (nobody was chosen) and
    Locked (somebody chosen is not waiting for an invitation any more, or waits for a second person already)."""
    asked = tuple(sorted(set(user_ids)))
    with unit(database, clock, actor=actor, key=key, about=("hand_out_links", *asked)) as u:
        managing(u, clock)
        waiting = {each.id: each for each in list_invited(u.db, today=clock.today())}
        if u.repeated:
            return _again(u.repeated, waiting)
        if not asked:
            raise Invalid(N_("Tick at least one person."))
        if any(each not in waiting for each in asked):
            raise Locked(GONE)
        people = [each for each in waiting.values() if each.id in asked]
        mailed = [each for each in people if each.email and letter is not None]
        shown = [each for each in people if each not in mailed and not each.takes_two]
        two = [each for each in people if each not in mailed and each.takes_two]
        waits = {each.user_id for each in list_asked_links(u.db, now=u.now)}
        if any(each.id in waits for each in two):
            raise Locked(N_("A link of somebody ticked is asked for already and waits for a second person."))
        tokens: dict[int, str] = {}
        for each in shown:
            tokens[each.id] = make_link(u, each.id, PURPOSE, made_by_id=u.actor.user_id)
        if letter is not None:
            for each in mailed:
                token = make_link(u, each.id, PURPOSE, asked_by_id=u.actor.user_id)
                account = addressed(u.db.get_one(User, each.id))
                queue_mail(u, each.id, *letter(account, PURPOSE, token), good_for=LASTS[PURPOSE])
        for each in two:
            ask_in(u, each.id, PURPOSE)
        told = {"shown": shown, "mailed": mailed, "asked": two}
        receipt = u.record("hand_out_links", {name: [f"u{each.id}" for each in who] for name, who in told.items()})
        return HandedOut(tuple(shown), tuple(mailed), tuple(two), tokens, receipt)


def release_links(
    database: Database, clock: Clock, *, actor: Actor, asked_ids: Sequence[int], key: str
) -> HandedOut:  # fmt: skip
    """Makes the links of invitations that another manager asked for, all or none, and shows them to the actor this
    once. Raises Invalid (nothing was chosen), NotFound, Forbidden and Locked as `release_link`."""
    chosen = tuple(sorted(set(asked_ids)))
    with unit(database, clock, actor=actor, key=key, about=("release_links", *chosen)) as u:
        managing(u, clock)
        waiting = {each.id: each for each in list_invited(u.db, today=clock.today())}
        if u.repeated:
            return _again(u.repeated, waiting)
        if not chosen:
            raise Invalid(N_("Tick at least one person."))
        tokens: dict[int, str] = {}
        told = []
        for asked_id in chosen:
            asked, token = release_in(u, clock, asked_id)
            if asked.purpose != PURPOSE or asked.user_id not in waiting:
                raise Locked(GONE)
            tokens[asked.user_id] = token
            told.append([f"u{asked.user_id}", f"u{asked.asked_by_id}"])
        shown = tuple(each for each in waiting.values() if each.id in tokens)
        body = {"shown": [f"u{each.id}" for each in shown], "mailed": [], "asked": [], "asked_by": told}
        return HandedOut(shown, (), (), tokens, u.record("release_links", body))


def _again(receipt: Receipt, waiting: Mapping[int, Invited]) -> HandedOut:
    """The same act once more: the links were shown then, and are not again."""

    def people(name: str) -> tuple[Invited, ...]:
        codes: Any = receipt.body[name]
        return tuple(waiting[int(code[1:])] for code in codes if int(code[1:]) in waiting)

    return HandedOut(people("shown"), people("mailed"), people("asked"), {}, receipt)
