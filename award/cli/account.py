"""An account from the machine's own command line, for what nobody may do in a browser."""

import click

from award.cli.reading import of_the_site


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
    with of_the_site():
        from award.actions.second_factors import forget_factors
        from award.clock import Clock
        from award.config import read_settings
        from award.db.schema import open_existing
        from award.errors import NotFound
        from award.queries.people import find_user_by_login
        from award.start import with_demo_clock

        settings = read_settings()
        database = open_existing(settings.database)
        try:
            with database.reading() as db:
                user = find_user_by_login(db, login)
            if user is None:
                raise click.ClickException(f"There is no account {login}.")
            if not yes:
                click.echo(f"Say --yes to take the second step off {user.login}.")
                return
            forget_factors(database, Clock(with_demo_clock(settings, database).now), user_id=user.id)
            click.echo(f"{user.login} signs in with the password alone until a new second step is set up.")
        except NotFound:
            raise click.ClickException(f"{login} has no second step.") from None
        finally:
            database.close()
