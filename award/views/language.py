"""Thai first, English complete: the message catalogues and how numbers, days and texts show in a page."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, gettext

from award.errors import Refusal
from award.views.context import current_actor
from exports import thai
from scoring_rules.words import Words

LANGUAGES = ("th", "en")
FOLDER = Path(__file__).parent.parent / "translations"


def read_catalogue(language: str) -> Catalog:
    """All `.po` files of a language as one catalogue (one file per noun; a text stands in only one of them)."""
    whole = Catalog(locale=language)
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as handle:
            for message in read_po(handle, locale=language):
                if message.id and message.string:
                    whole.add(message.id, message.string)
    return whole


@lru_cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()  # the texts in the code are the English ones
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(fp=compiled)


class Catalogues(Domain):
    """Gives Flask-Babel our catalogues, compiled in memory at first use."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language."""
        return _translations(current_language())


def current_language() -> str:
    """The cookie's choice, else the account's, else Thai; found once for each request."""
    known: str | None = g.get("language")
    if known is None:
        chosen = request.cookies.get("language", "") if request else ""
        known = g.language = chosen if chosen in LANGUAGES else current_actor().language
    return known


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts made inside are in another person's language: for mails."""
    before, g.language = current_language(), language
    try:
        yield
    finally:
        g.language = before


def words(text: Words | None) -> str:
    """A rule set's text in the page's language."""
    return "" if text is None else text.in_language(current_language())


def named(thing: object, name: str = "name") -> str:
    """`thing.name_th` or `thing.name_en`, by the page's language; Thai where the English is missing."""
    english = getattr(thing, f"{name}_en", "") if current_language() == "en" else ""
    return str(english or getattr(thing, f"{name}_th"))


def day(value: date | datetime, *, short: bool = False) -> str:
    """`19 กรกฎาคม 2564`, or `19 July 2021` in English."""
    return thai.date_text(value, language=current_language(), short=short)


def clock_time(value: datetime) -> str:
    """`09.00 น.`, or `09:00` in English."""
    return thai.time_text(value, language=current_language())


def moment(value: datetime | None) -> str:
    """Day and time, short."""
    return "" if value is None else f"{day(value, short=True)} {clock_time(value)}"


def sentence(says: str, values: Mapping[str, Any]) -> str:
    """A catalogue text with its places filled: rule texts and moments show in the page's language."""
    return gettext(says, **{name: _spoken(value) for name, value in values.items()})


def _spoken(value: Any) -> Any:
    if isinstance(value, Words):
        return words(value)
    return moment(value) if isinstance(value, datetime) else value


def said(refusal: Refusal) -> str:
    """What a refusal says, in the page's language; the request is known by its id from then on."""
    g.refused = refusal.id
    return sentence(refusal.says, refusal.values)


def set_up_language(app: Flask) -> None:
    """Registers catalogues and template filters."""
    Babel(app, default_locale="th", default_timezone="Asia/Bangkok", locale_selector=current_language)
    app.extensions["babel"].instance.domain_instance = Catalogues()
    for function in (words, named, day, clock_time, moment):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.add_extension("jinja2.ext.i18n")
