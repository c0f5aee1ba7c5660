"""The list of people to fill in, with a row ready for every post of every office and every panel."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from award.people_sheets import columns as of
from award.people_sheets.columns import COLUMNS, ROLE_WORDS, YES
from award.people_sheets.reading import Place
from award.tables import csv_bytes
from exports.people_book import PeopleBook, people_book
from scoring_rules.fact_tables import Table
from scoring_rules.words import Words

MADE_BY = Words("ระบบประเมินและให้คะแนน", "The award scoring system")
IN_AN_OFFICE = ("chief", "director", "officer")
ON_A_PANEL = ("chair", "member", "member", "member")


def people_template(provinces: Sequence[Place], zones: Sequence[Place], *, made_at: datetime, language: str) -> bytes:
    """The workbook (.xlsx)."""
    choices = {
        of.ROLE: [words.in_language(language) for words in ROLE_WORDS.values()],
        of.PROVINCE: [_name(each, language) for each in provinces] or ["–"],
        of.ZONE: [each.code for each in zones] or ["–"],
        of.ACTING: [YES.in_language(language)],
    }
    rows = _rows(provinces, zones, language)
    return people_book(PeopleBook(COLUMNS, choices, rows, made_at, MADE_BY, language))


def people_csv(provinces: Sequence[Place], zones: Sequence[Place], *, language: str) -> bytes:
    """The same rows as CSV."""
    heads = [words.in_language(language) for words in COLUMNS.values()]
    rows = [[row.get(code, "") for code in COLUMNS] for row in _rows(provinces, zones, language)]
    return csv_bytes(Table("", tuple(heads), list(enumerate(rows, 2))))


def _rows(provinces: Sequence[Place], zones: Sequence[Place], language: str) -> list[Mapping[str, str]]:
    def role(code: str) -> str:
        return ROLE_WORDS[code].in_language(language)

    offices = [
        {of.ROLE: role(each), of.PROVINCE: _name(place, language)} for place in provinces for each in IN_AN_OFFICE
    ]
    panels = [{of.ROLE: role(each), of.ZONE: place.code} for place in zones for each in ON_A_PANEL]
    return [*offices, *panels]


def _name(place: Place, language: str) -> str:
    return place.name_en if language == "en" else place.name_th
