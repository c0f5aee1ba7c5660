"""An entry's form filled in on a phone by touch: every question that the rules ask, typed the way officials type."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from playwright.sync_api import Locator, Page, expect

from award.answers.codes import list_fields
from scoring_rules.rules import Category, Field
from tests.corpus.parts import pdf

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
SAVED = 30_000  # milliseconds: the outbox tries again every five seconds
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"
}  # fmt: skip


def typed(field: Field, value: str, *, thai: bool = False) -> str:
    """A stored answer as a person would type it: 1,007 or ๑,๐๐๗ for 1007, 19/7/2564 for a day."""
    if field.type == "date":
        day = date.fromisoformat(value)
        return f"{day.day}/{day.month}/{day.year + 543}"
    if field.type in ("integer", "decimal"):
        whole, _, part = value.partition(".")
        shown = f"{int(whole):,}" + (f".{part}" if part else "")
        return shown.translate(THAI) if thai else shown
    return value


def tap(place: Locator) -> None:
    """A finger on it, once it is where a finger reaches."""
    place.scroll_into_view_if_needed()
    place.tap()


def answer(page: Page, field: Field, value: Any, *, place: str = "", thai: bool = False) -> None:
    """One question. `place`: the id of its input, where it is not the field's own."""
    place = place or f"f-{field.code}"
    if field.type == "table":
        for number, row in enumerate(value):
            _answer_row(page, field, number, row)
    elif field.type == "yes_no":
        tap(page.locator(f"[id='{place}'] label:has(input[value='{value}'])"))
    elif field.type == "choice":
        page.select_option(f"[id='{place}']", value)
    else:
        page.fill(f"[id='{place}']", typed(field, value, thai=thai))


def _answer_row(page: Page, field: Field, number: int, row: Mapping[str, str]) -> None:
    table = page.locator(f"[data-table][data-question='{field.code}']")
    if table.locator("[data-row]").count() <= number:
        tap(table.locator("[data-add-row]"))
    for column in field.columns:
        place = f"f-{field.code}-{number}-{column.code}"
        if column.type != "yes_no" and column.code in row:
            answer(page, column, row[column.code], place=place)
        elif row.get(column.code) == "yes":
            tap(page.locator(f"label:has([id='{place}'])"))


def fill_form(page: Page, category: Category, answers: Mapping[str, Any], *, thai: bool = False) -> None:
    """Every question that `answers` has an answer to, in the order of the form."""
    for field in list_fields(category):
        if field.code in answers:
            answer(page, field, answers[field.code], thai=thai)


def fit_districts(rows: list[dict[str, str]], count: int) -> None:
    """The neighbour's rows on fewer districts, adding up to the same."""
    for over in rows[count:]:
        for column in over.keys() - {"district"}:
            rows[count - 1][column] = str(Decimal(rows[count - 1][column]) + Decimal(over[column]))
    del rows[count:]


def is_saved(page: Page) -> None:
    """The page says that all is stored."""
    expect(page.locator("#saving[data-now=saved]")).to_be_visible(timeout=SAVED)


def is_waiting(page: Page) -> None:
    """The page says that something waits for the network."""
    expect(page.locator("#saving[data-now=waiting]")).to_be_visible(timeout=SAVED)


def attach_link(page: Page, code: str, url: str, title: str = "") -> None:
    """A link beside a question."""
    box = page.locator(f"[data-attach={code}]")
    if box.get_attribute("open") is None:
        tap(box.locator("summary"))
    page.fill(f"#f-{code}-url", url)
    page.fill(f"#f-{code}-title", title)
    pieces = page.locator(f"#f-{code} .pieces li")
    before = pieces.count()
    tap(box.locator("button"))
    expect(pieces).to_have_count(before + 1, timeout=SAVED)


def choose_file(page: Page, code: str, *, name: str, content: bytes, media_type: str = "application/pdf") -> None:
    """A file beside a question, chosen and sent on its way."""
    box = page.locator(f"[data-attach={code}]")
    if box.get_attribute("open") is None:
        tap(box.locator("summary"))
    page.set_input_files(f"#f-{code}-file", {"name": name, "mimeType": media_type, "buffer": content})
    tap(box.locator("button"))


def large_pdf(size: int) -> bytes:
    """A whole PDF of about this many bytes, that no packing makes smaller."""
    noise = Random(2564).randbytes(size)
    return pdf(more=(b"<</Length %d>>stream\n%s\nendstream" % (size, noise),))
