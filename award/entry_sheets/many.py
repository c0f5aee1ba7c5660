"""Many entries in one workbook: which sheets there are, and what is known to fill them with."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from award.answers.codes import list_fields
from award.entry_sheets.questions import LABEL_FIELD, OFFICE_ENTRANT
from exports.entry_book_many import ENTRY, KEY_FIELDS, PROVINCE, REVISION, ManySheet
from scoring_rules.rules import Category, Field, RuleSet
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Place:
    """A province as the workbook names it."""

    code: str
    name_th: str
    name_en: str
    districts: int


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry that is there. `answers` and `label` are needed of drafts only; `locked`: codes that may not change."""

    id: int
    code: str
    province: str
    label: str
    revision: int
    is_open: bool
    why_shut: Words
    answers: Mapping[str, Any]
    evidence: Mapping[str, int]
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """One category of one award of the round, with the entries that there are."""

    adoption_id: int
    award: str
    short: Words
    rules: RuleSet
    category: Category
    entries: tuple[KnownEntry, ...]

    @property
    def key(self) -> str:
        """What the sheet is called to the program."""
        return f"{self.award}/{self.category.code}"

    @property
    def label(self) -> Words:
        """What it is called to people: the award's short name, with the category's where there are several."""
        if len(self.rules.categories) == 1:
            return self.short
        both = (f"{self.short.in_language(of)} {self.category.label.in_language(of)}" for of in ("th", "en"))
        return Words(*both)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The answers that stand in a row: all but tables."""
        own = [LABEL_FIELD] if self.category.entrant != OFFICE_ENTRANT else []
        return (*own, *(field for field in list_fields(self.category) if field.type != "table"))

    @property
    def tables(self) -> tuple[Field, ...]:
        """The answers that have a sheet of their own."""
        return tuple(field for field in list_fields(self.category) if field.type == "table")

    @property
    def keys(self) -> tuple[str, ...]:
        """Its sheet and those of its tables."""
        return (self.key, *(f"{self.key}/{table.code}" for table in self.tables))


def fingerprint_of(sections: Sequence[Section]) -> str:
    """Of all rule sets together: a workbook made by other rules is not read."""
    return hashlib.sha256(" ".join(f"{each.key}={each.rules.sha256}" for each in sections).encode()).hexdigest()


def sheets_of(sections: Sequence[Section], provinces: Sequence[Place], *, language: str) -> tuple[ManySheet, ...]:
    """Every sheet, filled: rows of open entries, then of provinces that may still begin one."""
    named = {place.code: place.name_en if language == "en" else place.name_th for place in provinces}
    return tuple(sheet for section in sections for sheet in _sheets(section, named))


def _sheets(section: Section, named: Mapping[str, str]) -> Iterator[ManySheet]:
    keys = tuple(KEY_FIELDS.values())
    rows: list[dict[str, str]] = []
    rows_of: dict[str, list[dict[str, str]]] = {table.code: [] for table in section.tables}
    for code, name in named.items():
        own = [entry for entry in section.entries if entry.province == code]
        for entry in own:
            if not entry.is_open:
                continue
            key = {ENTRY: entry.code, REVISION: str(entry.revision), PROVINCE: name}
            texts = {field.code: str(entry.answers.get(field.code) or "") for field in section.fields}
            rows.append(key | texts | {LABEL_FIELD.code: entry.label})
            for table in section.tables:
                rows_of[table.code] += [key | dict(row) for row in entry.answers.get(table.code) or ()]
        free = section.category.limit - len(own) if section.category.limit_per == "province" else 0
        rows += [{PROVINCE: name}] * max(0, free)
    yield ManySheet(section.key, section.label, (*keys, *section.fields), rows)
    short_keys = (KEY_FIELDS[ENTRY], KEY_FIELDS[PROVINCE])
    for table in section.tables:
        label = Words(f"{section.short.th} {table.label.th}", f"{section.short.in_language('en')} {table.label.en}")
        columns = (*short_keys, *table.columns)
        yield ManySheet(f"{section.key}/{table.code}", label, columns, rows_of[table.code], spare=100)
