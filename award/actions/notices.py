"""What a person is told about the own account by mail, so that what somebody else did with it does not stay unseen."""

from collections.abc import Callable

from award.actions.mail import queue_mail
from award.actions.unit import Unit
from award.queries.accounts import Account, find_account

Notice = Callable[[Account], tuple[str, str]]  # subject and text for this person


def tell_person(u: Unit, user_id: int, notice: Notice | None) -> None:
    """Writes the mail down with the act, where the person has an address; `notice` None: nothing is told."""
    account = find_account(u.db, user_id) if notice else None
    if notice and account and account.email:
        queue_mail(u, user_id, *notice(account))
