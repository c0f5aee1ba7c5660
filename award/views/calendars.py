"""Calendar files of a day and of a panel. They leave the site, so neither link nor passcode of a call is in them."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.policy import Actor, is_officer, may_see_days, may_see_runs
from award.queries.agenda import Dropped, PanelPlan, PlannedDay, find_panel, find_planned, list_dropped, sits_on
from award.queries.scoring import within
from award.views.context import current_actor, reading, site
from award.views.guard import guard
from award.views.language import named
from exports.calendar_file import Turn, calendar_file

pages = Blueprint("calendars", __name__)


def may_have_calendar(actor: Actor) -> bool:
    """Whoever takes part in a day, or looks on."""
    return may_see_days(actor) or is_officer(actor)


def find_shared_day(db: Session, actor: Actor, session_id: int) -> PlannedDay | None:
    """The day, for its panel, its province, and those who see all."""
    scope = within(duty_ids=actor.duty_ids, provinces=actor.provinces, everywhere=may_see_runs(actor))
    return find_planned(db, session_id, scope=scope)


def find_own_panel(db: Session, actor: Actor, panel_id: int) -> PanelPlan | None:
    """The panel, for its seats and those who see all."""
    sees = may_see_runs(actor) or sits_on(db, actor, panel_id)
    return find_panel(db, panel_id) if sees else None


@pages.get("/s/<int:day>/calendar.ics")
@guard(may_have_calendar, day=find_shared_day)
def day(day: PlannedDay) -> ResponseReturnValue:
    """The turns of one day."""
    dropped = [each for each in list_dropped(reading(), panel_id=day.panel_id) if each.session_id == day.id]
    name = gettext("Scoring day of %(name)s province", name=named(day))
    return _file([day], dropped, name=name, file=f"scoring-day-{day.id}")


@pages.get("/agenda/<int:panel>/calendar.ics")
@guard(may_see_days, panel=find_own_panel)
def panel(panel: PanelPlan) -> ResponseReturnValue:
    """Every turn of a panel."""
    name = gettext("Scoring days of zone %(number)s", number=panel.zone_number)
    return _file(panel.days, list_dropped(reading(), panel_id=panel.id), name=name, file=f"zone-{panel.zone_number}")


def _file(days: Sequence[PlannedDay], dropped: Sequence[Dropped], *, name: str, file: str) -> ResponseReturnValue:
    turns = [*_turns(days), *(_dropped(each) for each in dropped)]
    body = calendar_file(turns, name=name, origin=site().settings.origin)
    headers = {"Content-Disposition": f'attachment; filename="{file}.ics"'}
    return Response(body, content_type="text/calendar; charset=utf-8", headers=headers)


def _turns(days: Sequence[PlannedDay]) -> Iterator[Turn]:
    for day in days:
        page = _page_of(day)
        for slot in day.slots:
            yield Turn(
                slot.id, len(slot.moves), slot.starts_at, slot.minutes,
                gettext("%(award)s: %(name)s province", award=named(slot, "short"), name=named(day)), slot.place_th,
                gettext("Call and details after signing in: %(page)s", page=page), page,
                slot.moves[-1].at if slot.moves else site().clock.now(),
            )  # fmt: skip


def _page_of(day: PlannedDay) -> str:
    """Where whoever fetched the file finds the call: the province has a page of its own."""
    own = day.province_code in current_actor().provinces
    path = url_for("province_day.page" if own else "scoring.day", day=day.id)
    return (site().settings.site_address or request.url_root.rstrip("/")) + path


def _dropped(each: Dropped) -> Turn:
    summary = gettext("%(award)s: %(name)s province", award=named(each, "award"), name=named(each))
    return Turn(each.id, each.moves + 1, each.starts_at, None, summary, "", "", "", each.at, is_dropped=True)
