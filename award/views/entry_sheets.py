"""An entry's form as a workbook: out to the districts, and the filled one in, shown before it counts.

A file is stored whole or not at all. It is not kept; the preview carries its changes, sealed.
"""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions.entries import save_answers
from award.actions.writable import entry_to_change
from award.answers.codes import list_codes, list_fields
from award.answers.plain import clean_text
from award.entry_sheets import Preview, Stored, Version, open_entry_book, parts_in, read_entry_book
from award.entry_sheets.conflicts import conflicts_in
from award.entry_sheets.questions import LABEL
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Refusal, Stale
from award.evaluation import numbers_in, rules_of
from award.forms.entry_sheets import ConfirmedBook, read_book, seal_book
from award.forms.score_sheets import seal, unseal
from award.forms.scoring import read_key
from award.policy import Actor, is_officer, may_write_for
from award.queries.cycles import has_invented_data
from award.queries.entries import FoundEntry, find_entry
from award.queries.office import find_version
from award.tables.refusing import HOSTILE, MAX_BYTES
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import current_language, moment, said, sentence
from award.views.limits import BOOKS, limited
from exports.entry_book import EntryBook, entry_book
from scoring_rules.exact import plain, shown
from scoring_rules.indicators import measure_all
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.rules import Category
from scoring_rules.words import Words

pages = Blueprint("entry_sheets", __name__, url_prefix="/e")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_BY = Words("ระบบประเมินและให้คะแนน", "The award scoring system")
MOST_NAME = 80  # letters of whom a file is sent to


def find_own_entry(db: Session, actor: Actor, entry_id: int) -> FoundEntry | None:
    """An entry of the person's own province."""
    found = find_entry(db, actor, entry_id)
    return found if found is not None and may_write_for(actor, found.province_code) else None


def spoken(says: str, values: Mapping[str, Any]) -> Words:
    """A text of the catalogue in the page's language, which is the only one it is shown in."""
    told = sentence(says, values)
    return Words(told, told)


@pages.get("/<int:entry>/sheet")
@guard(is_officer, entry=find_own_entry)
def page(entry: FoundEntry) -> ResponseReturnValue:
    """Where the workbook is fetched and brought back."""
    return _show_page(entry)


@pages.get("/<int:entry>/sheet.xlsx")
@guard(is_officer, entry=find_own_entry)
@limited(BOOKS)
def download(entry: FoundEntry) -> ResponseReturnValue:
    """The form with what is stored, or the parts of it that were chosen. One that is sent may be read, not filled."""
    for_whom, _ = clean_text(request.args.get("for", "")[:MOST_NAME])
    book = _book(entry, parts=request.args.getlist("part"), for_whom=for_whom)
    name = "-".join(each for each in (entry.code, *re.findall(r"[\w\u0e00-\u0e7f.]+", for_whom)) if each)
    return send_file(
        BytesIO(entry_book(book)),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"{name}.xlsx",
        etag=False,
        max_age=0,
    )


@pages.post("/<int:entry>/sheet")
@guard(is_officer, entry=find_own_entry)
@limited(BOOKS)
def preview(entry: FoundEntry) -> ResponseReturnValue:
    """Every change of the file chosen, or every reason why it is refused. Nothing is stored."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _show_page(entry, status=422, refused=sentence(N_("Choose the filled file first."), {}))
    try:
        entry_to_change(reading(), current_actor(), entry.id, now=site().clock.now())
        found = _read(entry, upload.stream.read(MAX_BYTES + 1), name=upload.filename)
        count = len(found.changes)
        tables = [field for field in list_fields(_category(entry)) if field.type == "table"]
        conflicts = conflicts_in(found.changes, entry.answers, tables)
        confirmed = ConfirmedBook(entry.revision, dict(found.values), tuple(conflicts.values()), count)
        sealed = seal_book(_secret(), whose=_whose(entry), book=confirmed) if found.changes else ""
    except FactsRefused as refused:
        codes = [each.code for each in refused.problems]
        g.refused = next((code for code in codes if code in HOSTILE), codes[0])
        return _show_page(entry, status=422, problems=refused.problems)
    except (Invalid, Locked) as refusal:
        return _show_page(entry, status=refusal.status, refused=said(refusal))
    return render_template(
        "entry_sheets/preview.html", entry=entry, found=found, sealed=sealed, key=new_key(), name=upload.filename,
        count=count, conflicts=list(conflicts), sheets=list(dict.fromkeys(change.sheet for change in found.changes)),
    )  # fmt: skip


@pages.post("/<int:entry>/sheet/store")
@guard(is_officer, entry=find_own_entry)
def store(entry: FoundEntry) -> ResponseReturnValue:
    """Stores what the preview showed, all of it or nothing."""
    try:
        confirmed = read_book(_secret(), whose=_whose(entry), text=request.form.get("changes", ""))
        ticked = request.form.getlist("take")
        values = confirmed.taken(ticked)
        saved = save_answers(
            site().database, site().clock, actor=current_actor(), entry_id=entry.id, changes=values,
            base_revision=confirmed.base_revision, key=read_key(request.form.get("key")), way="sheet",
        )  # fmt: skip
    except (Invalid, Stale, Locked, NotFound, Forbidden) as refusal:
        return _show_page(entry, status=refusal.status, refused=_nothing_stored(refusal))
    done = seal(_secret(), purpose="entry-done", value=[saved.receipt, confirmed.count_of(ticked), *_whose(entry)])
    return redirect(url_for("entry_sheets.page", entry=entry.id, done=done), 303)


def _nothing_stored(refusal: Refusal) -> str:
    if isinstance(refusal, Stale):
        return sentence(
            N_("Nothing was stored: one of these answers was saved since you looked. Choose the file once more."), {}
        )
    return said(refusal)


def _show_page(
    entry: FoundEntry, *, status: int = 200, refused: str = "", problems: tuple[Problem, ...] = ()
) -> ResponseReturnValue:
    done = request.args.get("done", "")
    receipt, count = _receipt(entry, done) if done else ("", 0)
    barrier = ""
    try:
        entry_to_change(reading(), current_actor(), entry.id, now=site().clock.now())
    except Locked as locked:
        barrier = sentence(locked.says, locked.values)
    shown_page = render_template(
        "entry_sheets/page.html", entry=entry, parts_of_form=parts_in(_category(entry)), refused=refused,
        problems=problems, receipt=receipt, count=count, barrier=barrier, most_name=MOST_NAME,
    )  # fmt: skip
    return shown_page, status


def _receipt(entry: FoundEntry, done: str) -> tuple[str, int]:
    """The receipt in the address and how many changes it is for; none where it is another person's or entry's."""
    receipt, count, *whose = unseal(_secret(), purpose="entry-done", text=done)
    return (receipt, count) if whose == list(_whose(entry)) else ("", 0)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _whose(entry: FoundEntry) -> tuple[int, int]:
    return current_actor().user_id, entry.id


def _category(entry: FoundEntry) -> Category:
    return rules_of(entry.rules_text).category(entry.category)


def _locked(entry: FoundEntry) -> frozenset[str]:
    """The questions that may not be changed now; of an entry that is sent, all."""
    codes = (LABEL, *list_codes(_category(entry)))
    return frozenset(code for code in codes if entry.state != "draft" or not entry.is_open(code))


def _read(entry: FoundEntry, data: bytes, *, name: str) -> Preview:
    """Raises FactsRefused."""
    opened = open_entry_book(data, name=name)
    version: Version | None = Version(entry.answers, entry.label)
    if opened.revision != entry.revision:
        then = find_version(reading(), entry.id, opened.revision)
        version = Version(then.answers, then.label) if then else None
    stored = Stored(
        answers=entry.answers, label=entry.label, evidence=entry.evidence_count, locked=_locked(entry),
        then=version, districts=entry.districts,
    )  # fmt: skip
    return read_entry_book(opened, category=_category(entry), book=_book(entry), stored=stored, speak=spoken)


def _book(entry: FoundEntry, *, parts: list[str] | None = None, for_whom: str = "") -> EntryBook:
    """The entry's workbook as it would be made now: these parts of it, or all."""
    rules, category = rules_of(entry.rules_text), _category(entry)
    whole = parts_in(category)
    measured = measure_all(category, numbers_in(category, entry.answers))
    results = {}
    for indicator in category.indicators:
        value = measured[indicator.code].value
        if value is not None:
            results[indicator.code] = shown(value, indicator.round.places) if indicator.round else plain(value)
    due = sentence(N_("To be sent by %(at)s."), {"at": moment(entry.closes_at)})
    return EntryBook(
        award=rules.award,
        category=category.label,
        cycle=rules.cycle,
        rule_set=rules.id,
        rules_sha256=rules.sha256,
        proposed=rules.basis == "proposed",
        entry=entry.code,
        label=entry.label,
        province=Words(f"จังหวัด{entry.province_name_th}", f"{entry.province_name_en} province"),
        revision=entry.revision,
        parts=tuple(part for part in whole if part.code in (parts or ())) or whole,
        answers={**entry.answers, LABEL: entry.label},
        made_at=site().clock.now(),
        made_by=MADE_BY,
        files=entry.evidence_count,
        results=results,
        locked=_locked(entry),
        districts=entry.districts,
        due=Words(due, due),
        for_whom=for_whom,
        invented=has_invented_data(reading()),
        language=current_language(),
    )
