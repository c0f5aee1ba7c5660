"""The minutes of a scoring day as page, text and print."""

import logging
import re
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.errors import N_, NotSaved
from award.minutes.day import DayHeld, gather_day
from award.minutes.document import Document, Print, as_text, code_of
from award.minutes.pdf import NotPrinted, print_pdf
from award.policy import may_see_days
from award.queries.cycles import has_invented_data
from award.queries.scoring import Day
from award.views.context import close_reading, current_actor, reading, site
from award.views.guard import guard
from award.views.language import current_language, moment, speaking
from award.views.limits import BOOKS, limited
from award.views.minutes_told import tell_day
from award.views.news import may_have_news
from award.views.scoring import find_seen_day

pages = Blueprint("minutes", __name__, url_prefix="/s")
_log = logging.getLogger("award.minutes")


@dataclass(frozen=True, slots=True)
class Made:
    """A document with what a print of it says below every page."""

    held: DayHeld
    document: Document
    print: Print


def make_minutes(db: Session, day: Day) -> Made:
    """The minutes for whoever asks, in their language. The code is that of the Thai ones, so both have the same."""
    held, invented = gather_day(db, day, actor=current_actor()), has_invented_data(db)
    with speaking("th"):
        code = code_of(tell_day(held, invented=invented))
    address = url_for("minutes.page", day=day.id, _external=True)
    foot = gettext("Code %(code)s · printed on %(at)s", code=code, at=moment(site().clock.now()))
    where = gettext("Whether this is the latest: compare the code at %(address)s", address=address)
    return Made(held, tell_day(held, invented=invented), Print(code, foot, where))


@pages.get("/<int:day>/minutes")
@guard(may_see_days, day=find_seen_day)
def page(day: Day) -> ResponseReturnValue:
    """The minutes as they stand now; a code typed from a print is compared with theirs."""
    made = make_minutes(reading(), day)
    typed = _plain_code(request.args.get("code", "")[:40])
    return render_template(
        "minutes/page.html", day=day, made=made, document=made.document, typed=typed,
        is_latest=typed == _plain_code(made.print.code), has_news=may_have_news(current_actor(), day.province_code),
    )  # fmt: skip


def _plain_code(code: str) -> str:
    """A code as people type it: blanks, hyphens and small letters do not matter."""
    return re.sub(r"[^0-9A-Z]", "", code.upper())


@pages.get("/<int:day>/minutes.txt")
@guard(may_see_days, day=find_seen_day)
def text(day: Day) -> ResponseReturnValue:
    """The same as plain text."""
    made = make_minutes(reading(), day)
    return Response(as_text(made.document, made.print), mimetype="text/plain", headers=_file(day, "txt"))


@pages.get("/<int:day>/minutes.pdf")
@guard(may_see_days, day=find_seen_day)
@limited(BOOKS)
def pdf(day: Day) -> ResponseReturnValue:
    """The same on paper, with lines to sign. A process of its own sets it; NotSaved where that does not end well."""
    made = make_minutes(reading(), day)
    close_reading()  # nothing of the database is held while paper is made
    try:
        printed = print_pdf(made.document, made.print, page=gettext("Page"))
    except NotPrinted as why:
        _log.error("the minutes of session %s were not printed: %s", day.id, why)
        raise NotSaved(N_("The minutes could not be printed. The page and the text hold the same."), retry_after=60) \
            from why  # fmt: skip
    return Response(printed, mimetype="application/pdf", headers=_file(day, "pdf"))


def _file(day: Day, kind: str) -> dict[str, str]:
    name = f"minutes-{day.day.isoformat()}-{day.province_code}-{current_language()}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
