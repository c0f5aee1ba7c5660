"""The first start of an empty site: a code is printed where the program runs, and whoever types it makes two accounts.

Two, because a duty takes two people: an administrator, whose password is chosen at once, and the first organizer, who
gets a link. From then on each of them confirms what the other proposes. There is no account before, and no default.
The department's zones and provinces come with it: duties are held there.
"""

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from award.actions.invitations import HandedOver, checked_login, checked_title
from award.actions.links import make_link, use_link
from award.actions.passwords import set_password
from award.actions.places import put_places
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.people import Duty, User
from award.errors import N_, Invalid, NotFound
from award.policy import Actor

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is read as another
GROUPS, IN_A_GROUP = 4, 4  # 31^16: no guessing


def is_untouched(db: Session) -> bool:
    """Whether nobody has an account yet."""
    return db.execute(select(func.count(User.id))).scalar_one() == 0


def make_setup_code(database: Database, clock: Clock) -> str | None:
    """A code for the first start, good for an hour; earlier ones end. None where there is an account already."""
    with database.reading() as db:
        if not is_untouched(db):
            return None
    letters = "".join(secrets.choice(LETTERS) for _ in range(GROUPS * IN_A_GROUP))
    with unit(database, clock, actor=Actor.nobody()) as u:
        if not is_untouched(u.db):
            return None
        make_link(u, None, "setup", token=letters)
        u.record("make_link", {"purpose": "setup"})
    return "-".join(letters[place : place + IN_A_GROUP] for place in range(0, len(letters), IN_A_GROUP))


def begin_site(
    database: Database, clock: Clock, *, code: str, login: str, title_th: str, password: str,
    organizer_login: str, organizer_title_th: str,
) -> HandedOver:  # fmt: skip
    """Makes the administrator and the first organizer with their duties from today on; answers the organizer's link.
    Zones and provinces are put in.

    Raises NotFound once there is an account, and Invalid whose `details["field"]` is code, login, title_th,
    password, organizer_login or organizer_title_th; then the code is not used up.
    """
    with unit(database, clock, actor=Actor.nobody()) as u:
        if not is_untouched(u.db):
            raise NotFound
        try:
            use_link(u, "".join(code.upper().split()).replace("-", ""), "setup")
        except Invalid:
            raise Invalid(
                N_("This set-up code is not right or too old. Start the program again: it prints a new one."),
                details={"field": "code"},
            ) from None
        administrator = _account(u, login, title_th, "")
        organizer = _account(u, organizer_login, organizer_title_th, "organizer_")
        set_password(u, administrator.id, password)
        today, duties = clock.today(), []
        for user, role in ((administrator, "administrator"), (organizer, "organizer")):
            duty = Duty(user_id=user.id, role=role, title_th=user.title_th, title_en="", from_day=today)
            u.db.add(duty)
            u.db.flush()
            # What nobody proposed: number, person, role, province, zone, acting, from, to.
            duties.append([duty.id, user.id, role, None, None, False, today.isoformat(), None])
        token = make_link(u, organizer.id, "invite")
        put_places(u)
        about = {"administrator": f"u{administrator.id}", "organizer": f"u{organizer.id}", "duties": duties}
        receipt = u.record("first_start", about)
    return HandedOver(organizer.id, "invite", token, False, receipt)


def _account(u: Unit, login: str, title_th: str, field: str) -> User:
    """An account without a password. Raises Invalid at the field of that name."""
    user = User(
        login=checked_login(u, login, field=f"{field}login"),
        title_th=checked_title(title_th, field=f"{field}title_th"),
        title_en="",
        password_hash="",
    )
    u.db.add(user)
    u.db.flush()
    return user
