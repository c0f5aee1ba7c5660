"""A forgotten password: the link is asked for on a page; an organizer or administrator may hand one over instead."""

from collections.abc import Callable

from award.actions.attempts import locked_until, note_attempt
from award.actions.links import LASTS, make_link
from award.actions.mail import queue_mail
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.policy import Actor
from award.queries.accounts import Account, find_account_by_login

Letter = Callable[
    [Account, str], tuple[str, str]
]  # of a person and a token: subject and text, in the person's language


def ask_reset(database: Database, clock: Clock, *, login: str, letter: Letter, limited: bool = True) -> None:
    """Sends the account's person a link, where there is such an account with an e-mail address; answers nothing, so
    that nobody learns who has one. Either way one transaction is written; from the sixth time in a quarter of an hour
    on no mail goes out."""
    with unit(database, clock, actor=Actor.nobody()) as u:
        asked = f"reset:{login.strip().lower()}"
        shut = limited and locked_until(u, asked) is not None
        note_attempt(u, asked)
        account = find_account_by_login(u.db, login)
        if shut or account is None or not account.email:
            return
        subject, text = letter(account, make_link(u, account.id, "reset"))
        queue_mail(u, account.id, subject, text, good_for=LASTS["reset"])
        u.record("ask_reset", {"user": f"u{account.id}"})
