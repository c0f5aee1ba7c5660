"""An account from the machine's own command line, for what nobody may do in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from award.cli.reading import of_the_site

if TYPE_CHECKING:
    from award.clock import Clock
    from award.config import Settings
    from award.db.engine import Database
    from award.db.people import User


@click.group()
def account() -> None:
    """What only the machine's own command line may do with an account."""


@account.command("forget-second-step")
@click.argument("login")
@click.option("--yes", is_flag=True, help="without it, only what would be done is said")
def forget_second_step(*, login: str, yes: bool) -> None:
    """Take the app, its recovery codes and every passkey off the account LOGIN, and end its sign-ins.

    For the day a phone is lost with its codes. Make sure first who asks: call the person back under a number you know.
    """
    with _account(login) as (database, clock, _settings, user):
        from award.actions.second_factors import forget_factors
        from award.errors import NotFound

        if not yes:
            click.echo(f"Say --yes to take the second step off {user.login}.")
            return
        try:
            forget_factors(database, clock, user_id=user.id)
        except NotFound:
            raise click.ClickException(f"{login} has no second step.") from None
        click.echo(f"{user.login} signs in with the password alone until a new second step is set up.")


@account.command("make-link")
@click.argument("login")
@click.option("--yes", is_flag=True, help="without it, only what would be done is said")
def make_link(*, login: str, yes: bool) -> None:
    """Print a link with which the person of the account LOGIN chooses a password.

    For a site where nobody else is left to release one: in a browser that takes two who manage people. Make sure first
    who asks: call the person back under a number you know.
    """
    with _account(login) as (database, clock, settings, user):
        from award.actions.asked_links import make_link_here
        from award.errors import Locked

        if not yes:
            click.echo(f"Say --yes to print a link for {user.login}. It ends the earlier one.")
            return
        try:
            purpose, token = make_link_here(database, clock, user_id=user.id)
        except Locked:
            raise click.ClickException(f"The account {login} is closed.") from None
        path = {"invite": "/invitation", "reset": "/reset"}[purpose]
        click.echo(f"{settings.site_address.rstrip('/')}{path}?link={token}")


@contextmanager
def _account(login: str) -> Iterator[tuple["Database", "Clock", "Settings", "User"]]:
    """The opened site and one account of it; says what is wrong where there is none."""
    with of_the_site():
        from award.clock import Clock
        from award.config import read_settings
        from award.db.schema import open_existing
        from award.queries.people import find_user_by_login
        from award.start import with_demo_clock

        settings = read_settings()
        database = open_existing(settings.database)
        try:
            with database.reading() as db:
                user = find_user_by_login(db, login)
            if user is None:
                raise click.ClickException(f"There is no account {login}.")
            yield database, Clock(with_demo_clock(settings, database).now), settings, user
        finally:
            database.close()
