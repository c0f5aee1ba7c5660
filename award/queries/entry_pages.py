"""The list of all entries, page by page: counts, the provinces of a page, and entries in a state or with words in them.

What a page costs is what it shows, also where there are twenty thousand entries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from award.db.base import UtcTime
from award.db.entries import Entry
from award.db.people import Province
from award.db.words import EntryWords
from award.queries.entries import EntryLine
from award.queries.likeness import fold
from award.queries.provinces import ProvinceLine
from award.queries.words import EntryTexts

PROVINCES, ENTRIES = 100, 50  # to a page
STATES = ("draft", "rising", "sent", "late", "not_presented", "withdrawn")


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """A zone with how many provinces it has, and how many entries in each state: draft, rising (on its way up the
    office's chain), submitted, not_presented, withdrawn."""

    number: int
    provinces: int
    states: Counter[str]

    @property
    def sent(self) -> int:
        """Sent, also where it was not presented afterwards."""
        return self.states["submitted"] + self.states["not_presented"]


@dataclass(frozen=True, slots=True)
class LongLine:
    """An entry in a list by state or words."""

    entry: EntryLine
    province_th: str
    province_en: str
    zone_number: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of `found` things; pages count from 1."""

    lines: tuple[LongLine, ...]
    found: int
    number: int
    size: int = ENTRIES

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.found // self.size))


def count_zones(db: Session, *, adoptions: Collection[int]) -> list[ZoneCount]:
    """All zones by number with the states of these awards' entries, in one statement."""
    by_province = (
        select(Entry.province_code, Entry.state, Entry.step, func.count().label("count"))
        .where(Entry.adoption_id.in_(adoptions))
        .group_by(Entry.state, Entry.step, Entry.province_code)
        .subquery()
    )
    is_rising = case((by_province.c.step == "", 0), else_=1)
    rows = db.execute(
        select(Province.zone_number, literal(""), literal(0), func.count())
        .group_by(Province.zone_number)
        .union_all(
            select(Province.zone_number, by_province.c.state, is_rising, func.sum(by_province.c.count))
            .join(by_province, by_province.c.province_code == Province.code)
            .group_by(Province.zone_number, by_province.c.state, is_rising)
        )
    )
    provinces: Counter[int] = Counter()
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for zone, state, rising, count in rows:
        if state:
            states[zone]["rising" if rising else state] += count
        else:
            provinces[zone] += count
    return [ZoneCount(number, provinces[number], states[number]) for number in sorted(provinces)]


def list_page_of_provinces(db: Session, *, zone: int | None, page: int) -> list[ProvinceLine]:
    """The provinces of a page, by zone and in dictionary order."""
    asked = select(Province.code, Province.name_th, Province.name_en, Province.zone_number).order_by(
        Province.zone_number, Province.sort, Province.code
    )
    if zone is not None:
        asked = asked.where(Province.zone_number == zone)
    rows = db.execute(asked.limit(PROVINCES).offset((page - 1) * PROVINCES))
    return [ProvinceLine(*row) for row in rows]


def list_page_of_entries(
    db: Session, *, adoptions: Collection[int], deadline_at: datetime, zone: int | None = None, state: str = "",
    words: Sequence[str] = (), page: int = 1,
) -> Page:  # fmt: skip
    """Entries of these awards that are in a state (STATES; "": any) and hold the words (folded), by zone and province,
    in two statements; with words in two more."""
    wanted: list[ColumnElement[bool]] = [Entry.adoption_id.in_(adoptions), *_in_state(state, deadline_at)]
    if zone is not None:
        wanted.append(Province.zone_number == zone)
    if words:
        of_these = EntryWords.adoption_id.in_(adoptions)
        wanted.append(EntryTexts(db, None, _province_texts(db), among=of_these).where(words))
    asked = select(func.count(Entry.id)).where(*wanted)
    if zone is not None:
        asked = asked.join(Province, Province.code == Entry.province_code)
    found = db.execute(asked).scalar_one()
    number = min(max(page, 1), max(1, -(-found // ENTRIES)))
    order = (Province.zone_number, Province.sort, Province.code, Entry.adoption_id, Entry.category, Entry.number)
    lines: Sequence[Any] = db.execute(
        select(
            Entry.id, Entry.code, Entry.adoption_id, Entry.category, Entry.province_code, Entry.number, Entry.label,
            Entry.state, Entry.submitted_at, Entry.due_at, Entry.reopened_at, Entry.first_submitted_at, Entry.step,
            Province.name_th, Province.name_en, Province.zone_number,
        )
        .join(Province, Province.code == Entry.province_code)
        .where(*wanted).order_by(*order).limit(ENTRIES).offset((number - 1) * ENTRIES)
    ).all()  # fmt: skip
    return Page(tuple(LongLine(EntryLine(*[*row[:13], deadline_at]), *row[13:]) for row in lines), found, number)


def _province_texts(db: Session) -> dict[str, str]:
    rows = db.connection().execute(select(Province.code, Province.name_th, Province.name_en))
    return {code: f"{fold(th)}\n{fold(en)}" for code, th, en in rows}


def _in_state(state: str, deadline_at: datetime) -> list[ColumnElement[bool]]:
    first = func.coalesce(Entry.first_submitted_at, Entry.submitted_at, type_=UtcTime)
    known: dict[str, list[Any]] = {
        "draft": [Entry.state == "draft", Entry.step == ""],
        "rising": [Entry.state == "draft", Entry.step != ""],
        "sent": [Entry.state.in_(("submitted", "not_presented"))],
        "late": [Entry.submitted_at.is_not(None), first >= deadline_at.replace(microsecond=0) + timedelta(seconds=1)],
        "not_presented": [Entry.state == "not_presented"],
        "withdrawn": [Entry.state == "withdrawn"],
    }
    return known.get(state, [])
