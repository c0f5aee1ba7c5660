"""Links of many invited people at once: who still needs one, and the slips to print, shown this once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from award.actions.invitation_slips import PURPOSE, HandedOut, hand_out_links, release_links
from award.actions.links import LASTS
from award.policy import may_manage_people
from award.queries.links import list_asked_links
from award.queries.people_import import Invited, list_invited
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard, ticked_ids
from award.views.invitations import letter, link_address

pages = Blueprint("invitation_slips", __name__, url_prefix="/people/slips")


@dataclass(frozen=True, slots=True)
class Slip:
    """What one person is given: the link as text and as a picture."""

    person: Invited
    address: str
    picture: Markup


@pages.get("")
@guard(may_manage_people)
def choose() -> ResponseReturnValue:
    """Everybody without a password yet; who has no link that still opens is ticked, or who `tick` says."""
    people, now = list_invited(reading(), today=site().clock.today()), site().clock.now()
    asked, mails = request.args.get("tick", ""), _mails()
    links = [each for each in list_asked_links(reading(), now=now) if each.purpose == PURPOSE]
    waits = {each.user_id for each in links}
    ticked = {
        each.id
        for each in people
        if (_is_asked(each, asked) if asked else each.until is None or each.until <= now) and each.id not in waits
    }
    return render_template(
        "people/slips_choose.html", groups=_by_zone(people), ticked=ticked, mails=mails, now=now, key=new_key(),
        done=request.args.get("done", ""), many=len(people), asked=asked,
        for_two={each.id for each in people if each.takes_two and not (mails and each.email)}, waits=waits,
        asked_links=[each for each in links if each.may_be_released_by(current_actor())],
    )  # fmt: skip


@pages.post("")
@guard(may_manage_people)
@fresh
def hand_out() -> ResponseReturnValue:
    """New links: mailed where that can be done, else as slips, one sheet for each office, shown this once."""
    made = hand_out_links(
        site().database, site().clock, actor=current_actor(), user_ids=ticked_ids("person"),
        letter=letter if _mails() else None, key=request.form.get("key", ""),
    )  # fmt: skip
    return render_template(
        "people/slips.html", made=made, sheets=_sheets(made), until=made.receipt.at + LASTS[PURPOSE]
    )  # fmt: skip


@pages.post("/release")
@guard(may_manage_people)
@fresh
def release() -> ResponseReturnValue:
    """The second person releases links that were asked for, and is shown their slips this once."""
    made = release_links(
        site().database, site().clock, actor=current_actor(), asked_ids=ticked_ids("asked"),
        key=request.form.get("key", ""),
    )  # fmt: skip
    return render_template(
        "people/slips.html", made=made, sheets=_sheets(made), until=made.receipt.at + LASTS[PURPOSE]
    )  # fmt: skip


def _mails() -> bool:
    """Whether links can be mailed: the site knows its own address, and a mail server."""
    return bool(site().settings.site_address and site().settings.smtp)


def _is_asked(each: Invited, asked: str) -> bool:
    return asked == "all" or asked == ("other" if each.zone is None else str(each.zone))


def _by_zone(people: Iterable[Invited]) -> list[tuple[int | None, list[Invited]]]:
    return [(zone, list(group)) for zone, group in groupby(people, key=lambda each: each.zone)]


def _sheets(made: HandedOut) -> list[list[Slip]]:
    """One list for each office: a province's, a zone's panel, or everybody else."""
    shown: Sequence[Invited] = [each for each in made.shown if each.id in made.tokens]
    sheets = groupby(shown, key=lambda each: (each.zone, each.province_code))
    return [[_slip(each, made.tokens[each.id]) for each in people] for _, people in sheets]


def _slip(person: Invited, token: str) -> Slip:
    address = link_address(PURPOSE, token)
    picture = segno.make(address, error="m").svg_inline(scale=3, border=2, light="#fff", dark="#000", svgclass="qr")
    return Slip(person, address, Markup(picture))  # noqa: S704 (made here from the site's own address)
