"""An organizer brings in many entries at once: template out, filled file in, a dry run, then each entry by itself."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, g, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from award.actions.imports import EntryToImport, Imported, import_entry, to_import
from award.entry_sheets.conflicts import Conflict, conflicts_in
from award.entry_sheets.many_plan import Planned
from award.entry_sheets.round import Round, book_of, plan_import, read_round
from award.errors import N_, Invalid, Malformed, NotFound, Refusal
from award.forms.entry_imports import ConfirmedRow, read_rows, seal_rows
from award.forms.entry_sheets import NOTHING
from award.forms.scoring import read_key
from award.policy import is_organizer
from award.tables.refusing import HOSTILE, MAX_BYTES
from award.views.context import current_actor, new_key, reading, site
from award.views.entries import fragment
from award.views.entry_sheets import XLSX, spoken
from award.views.guard import guard, wants_json
from award.views.language import current_language, named, said, sentence
from award.views.limits import BOOKS, limited
from exports.entry_book_many import many_book
from scoring_rules.problems import FactsRefused, Problem

pages = Blueprint("entry_imports", __name__, url_prefix="/e/import")
PORTION = 100  # rows of one request, where the page's code brings them in portions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: imported, or why not."""

    place: str
    label: str
    imported: Imported | None
    refused: str


@pages.get("")
@guard(is_organizer)
def page() -> ResponseReturnValue:
    """Where the template is fetched and the filled file brought."""
    return _show_page()


@pages.get("/template.xlsx")
@guard(is_organizer)
@limited(BOOKS)
def template() -> ResponseReturnValue:
    """The workbook of the round: a row for each open entry and for each that may still be begun."""
    book = book_of(_round(), made_at=site().clock.now(), language=current_language())
    return send_file(
        BytesIO(many_book(book)), mimetype=XLSX, as_attachment=True, download_name=f"import-{book.cycle}.xlsx",
        etag=False, max_age=0,
    )  # fmt: skip


@pages.post("")
@guard(is_organizer)
@limited(BOOKS)
def dry_run() -> ResponseReturnValue:
    """Every row with what it would begin or change, or why it may not. Nothing is stored."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _show_page(status=422, refused=sentence(N_("Choose the filled file first."), {}))
    try:
        planned = plan_import(
            reading(), _round(), upload.stream.read(MAX_BYTES + 1), name=upload.filename, speak=spoken,
            language=current_language(),
        )  # fmt: skip
        ready = [each for each in planned if each.is_ready]
        rows = [_confirmed(each) for each in ready]
        sealed = seal_rows(_secret(), user_id=current_actor().user_id, rows=rows) if rows else ""
    except FactsRefused as refused:
        codes = [each.code for each in refused.problems]
        g.refused = next((code for code in codes if code in HOSTILE), codes[0])
        return _show_page(status=422, problems=refused.problems)
    except Invalid as refusal:
        return _show_page(status=422, refused=said(refusal))
    return render_template(
        "entry_sheets/import_preview.html", planned=planned, ready=ready, sealed=sealed, key=new_key(),
        conflicts=[list(_conflicts(each)) for each in ready],
        name=upload.filename, new=sum(each.entry is None for each in ready),
        refused=[each for each in planned if each.problems],
        same=sum(not each.problems and not each.is_ready for each in planned),
    )  # fmt: skip


@pages.post("/store")
@guard(is_organizer)
def store() -> ResponseReturnValue:
    """Imports what the dry run showed, each entry whole or not at all; answers what became of each. The page's code
    asks for a portion at a time and may ask again for one whose answer was lost: each row has its own key."""
    try:
        rows = read_rows(_secret(), user_id=current_actor().user_id, text=request.form.get("changes", ""))
        key = read_key(request.form.get("key"))
    except Invalid as refusal:
        if wants_json():
            raise
        return _show_page(status=refusal.status, refused=said(refusal))
    first, most = (request.form.get(name, default, int) for name, default in (("first", 0), ("most", PORTION)))
    if wants_json() and not (0 <= first < len(rows) and 1 <= most <= PORTION):
        raise Malformed(N_("The request could not be understood. Reload the page and try again."))
    asked = range(first, min(first + most, len(rows))) if wants_json() else range(len(rows))
    ticked = request.form.getlist("take")
    outcomes = [
        _import(rows[number], rows[number].taken(number, ticked), key=f"{key[:40]}-{number}") for number in asked
    ]
    if wants_json():
        told = fragment("entry_sheets/import_rows.html", outcomes=outcomes)
        return jsonify(rows=told, done=sum(bool(each.imported) for each in outcomes), next=asked.stop, all=len(rows))
    done = [each for each in outcomes if each.imported]
    return render_template("entry_sheets/import_report.html", outcomes=outcomes, done=done)


def _import(row: ConfirmedRow, values: dict[str, Any], *, key: str) -> Outcome:
    if row.entry_id is not None and not values:
        return Outcome(row.place, row.label, None, sentence(NOTHING, {}))
    asked = EntryToImport(
        row.adoption_id, row.category, row.province_code, row.entry_id, row.label, row.base_revision, values
    )
    try:
        done = import_entry(site().database, site().clock, actor=current_actor(), row=asked, key=key)
    except Refusal as refusal:
        return Outcome(row.place, row.label, None, said(refusal))
    return Outcome(row.place, row.label, done, "")


def _confirmed(planned: Planned) -> ConfirmedRow:
    row = asdict(to_import(planned))
    place = " ".join([f"{planned.sheet}!{planned.row}", *([named(planned.place)] if planned.place else [])])
    return ConfirmedRow(**row, conflicts=tuple(_conflicts(planned).values()), place=place)


def _conflicts(planned: Planned) -> dict[tuple[str, str | None], Conflict]:
    answers = planned.entry.answers if planned.entry else {}
    return conflicts_in(planned.changes, answers, planned.section.tables)


def _round() -> Round:
    found = read_round(reading(), now=site().clock.now())
    if found is None:
        raise NotFound
    return found


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _show_page(*, status: int = 200, refused: str = "", problems: Sequence[Problem] = ()) -> ResponseReturnValue:
    found = read_round(reading(), now=site().clock.now())
    return render_template("entry_sheets/import.html", round=found, refused=refused, problems=problems), status
