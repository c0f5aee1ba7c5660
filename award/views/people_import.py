"""Many people at once: the list out, the filled file in, a dry run of every row, then all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from flask import Blueprint, current_app, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from award.actions.people_import import DIFFERENT, PlannedPerson, import_people, plan_people
from award.errors import N_, Invalid, Stale
from award.forms.people_import import read_answers, read_sealed_people, seal_people
from award.forms.scoring import read_key
from award.people_sheets.reading import PeopleList, PersonRow, Place, read_people
from award.people_sheets.template import people_template
from award.policy import Actor, is_organizer, may_manage_people
from award.queries.people_import import Known, KnownPlace, list_known_places, read_known
from award.tables.refusing import HOSTILE, MAX_BYTES
from award.views.context import current_actor, new_key, reading, site
from award.views.entry_sheets import XLSX, spoken
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import current_language, said, sentence, words
from award.views.limits import BOOKS, limited
from scoring_rules.problems import FactsRefused, Problem

pages = Blueprint("people_import", __name__, url_prefix="/people/import")


@dataclass(frozen=True, slots=True)
class ShownDuty:
    """A duty of a row as pages say it."""

    role: str
    title_th: str
    title_en: str
    acting: bool
    from_day: date
    to_day: date | None
    province_code: str | None
    province_th: str
    province_en: str
    zone_number: int | None
    zone_th: str
    zone_en: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the dry run on its page."""

    planned: PlannedPerson
    duty: ShownDuty | None


@pages.get("")
@guard(may_manage_people)
def page() -> ResponseReturnValue:
    """Where the list is fetched and the filled file brought."""
    return _show_page()


@pages.get("/template.xlsx")
@guard(may_manage_people)
@limited(BOOKS)
def template() -> ResponseReturnValue:
    """The list to fill in, with a row for each post of each office and panel."""
    provinces, zones = (_places(found) for found in list_known_places(reading()))
    book = people_template(provinces, zones, made_at=site().clock.now(), language=current_language())
    return send_file(
        BytesIO(book), mimetype=XLSX, as_attachment=True, download_name="people.xlsx", etag=False, max_age=0
    )


@pages.post("")
@guard(may_manage_people)
@limited(BOOKS)
def dry_run() -> ResponseReturnValue:
    """Every row with what it would do, what is asked, or why it may not be. Nothing is stored."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _show_page(status=422, refused=sentence(N_("Choose the filled file first."), {}))
    known = read_known(reading())
    try:
        found = _read(upload.stream.read(MAX_BYTES + 1), upload.filename, known)
    except FactsRefused as refused:
        codes = [each.code for each in refused.problems]
        g.refused = next((code for code in codes if code in HOSTILE), codes[0])
        return _show_page(status=422, problems=refused.problems)
    return _show_preview(known, found.rows, blank=found.blank, name=upload.filename)


@pages.post("/store")
@guard(may_manage_people)
@fresh
def store() -> ResponseReturnValue:
    """All that the dry run showed, or nothing of it."""
    actor = current_actor()
    try:
        key = read_key(request.form.get("key"))
        rows, seen = read_sealed_people(_secret(), user_id=actor.user_id, text=request.form.get("changes", ""))
    except Invalid as refusal:
        return _show_page(status=refusal.status, refused=said(refusal))
    answers = read_answers(request.form)
    try:
        done = import_people(
            site().database, site().clock, actor=actor, rows=rows, answers=answers, seen=seen, key=key
        )  # fmt: skip
    except (Invalid, Stale) as refusal:
        text, known = said(refusal), read_known(reading())
        unfit = _unfit(known, rows, answers)
        kept = {line: answer for line, answer in answers.items() if line not in unfit}
        return _show_preview(known, rows, answers=kept, unfit=unfit, refused=text, status=refusal.status)
    if done.accounts:
        return redirect(url_for("invitation_slips.choose", done="imported"), 303)
    return redirect(url_for("duties.waiting_many", done="imported"), 303)


def _unfit(known: Known, rows: Sequence[PersonRow], answers: Mapping[int, str]) -> dict[int, str]:
    """Rows that cannot be who somebody said they are, each with the reason: to be answered otherwise."""
    planned = plan_people(
        known, current_actor(), rows, answers=answers, today=site().clock.now().date(), speak=spoken
    )  # fmt: skip
    return {
        each.row.line: " ".join(words(problem.says) for problem in each.row.problems)
        for each in planned
        if each.does == "refused" and each.is_said_same
    }


def _read(data: bytes, name: str, known: Known) -> PeopleList:
    return read_people(
        data, name=name, provinces=_places(known.provinces), zones=_places(known.zones), today=site().clock.today()
    )


def _show_preview(
    known: Known, rows: Sequence[PersonRow], *, answers: Mapping[int, str] | None = None, blank: int = 0,
    name: str = "", unfit: Mapping[int, str] | None = None, refused: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    actor = current_actor()
    planned = plan_people(
        known, actor, rows, answers=answers or {}, today=site().clock.now().date(), speak=spoken
    )  # fmt: skip
    whole = not any(each.does == "refused" for each in planned)
    does_something = any(each.makes_account or each.does == "duty" for each in planned)
    sealed = ""
    if whole and does_something:
        seen = {each.row.line: each.does for each in planned}
        try:
            sealed = seal_people(_secret(), user_id=actor.user_id, rows=rows, seen=seen)
        except Invalid as refusal:
            return _show_page(status=refusal.status, refused=said(refusal))
    places = {place.code: place for place in known.provinces}
    zones = {place.code: place for place in known.zones}
    page = render_template(
        "people/import_preview.html", rows=[ShownRow(each, _shown(each, places, zones)) for each in planned],
        refused_rows=[each for each in planned if each.does == "refused"], sealed=sealed, key=new_key(), name=name,
        blank=blank, asked=[each for each in planned if each.likely and each.does != "refused"], refused=refused,
        accounts=sum(each.makes_account for each in planned), different=DIFFERENT,
        duties=sum(each.does in ("account_duty", "duty") for each in planned),
        unfit=unfit or {}, unchanged=sum(each.does == "unchanged" for each in planned),
    )  # fmt: skip
    return page, status


def _shown(
    each: PlannedPerson, provinces: Mapping[str, KnownPlace], zones: Mapping[str, KnownPlace]
) -> ShownDuty | None:
    row = each.row
    if not row.role:
        return None
    province, zone = provinces.get(row.province_code or ""), zones.get(str(row.zone_number))
    return ShownDuty(
        row.role, row.title_th, row.title_en, row.acting, row.from_day, row.to_day, row.province_code,
        province.name_th if province else "", province.name_en if province else "", row.zone_number,
        zone.name_th if zone else "", zone.name_en if zone else "",
    )  # fmt: skip


def _places(found: Sequence[KnownPlace]) -> list[Place]:
    return [Place(each.code, each.name_th, each.name_en) for each in found]


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _show_page(*, status: int = 200, refused: str = "", problems: Sequence[Problem] = ()) -> ResponseReturnValue:
    actor: Actor = current_actor()
    page = render_template(
        "people/import.html", refused=refused, problems=problems, proposes_all=is_organizer(actor)
    )  # fmt: skip
    return page, status
