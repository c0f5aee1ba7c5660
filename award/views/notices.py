"""Mails about one's own account: Thai, and English below. They hold no link: nobody is trained to follow one."""

from award.actions.notices import Notice
from award.queries.accounts import Account
from award.views.context import site
from award.views.letters import render_letter


def about(what: str) -> Notice:
    """The mail that says what was changed: password, app, app_removed, codes, passkey, passkey_removed,
    last_passkey_removed."""
    at = site().clock.now()

    def letter(account: Account) -> tuple[str, str]:
        return render_letter("accounts/notice.txt", account=account, what=what, at=at)

    return letter
