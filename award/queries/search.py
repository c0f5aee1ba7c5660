"""What a person finds by a few words: entries, files, receipts, provinces, zones and people, each within their scope.

Texts are compared folded (`likeness`). Those of entries are read anew for every search, so nothing found is stale; of
files, which come by the hundred thousand, who sees all of them keeps a list that grows with the table.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle
from award.db.engine import Database
from award.db.entries import Entry, Evidence
from award.db.people import Duty, Province, User, Zone
from award.policy import Actor, is_officer, may_manage_people, may_read_entries, may_see_runs
from award.queries.entries import seen_by
from award.queries.likeness import DIGITS, allowed, almost_holding, fold, holding, words_of
from award.queries.search_answers import AnswerHit, search_answers

SHOWN = 20  # of each kind
AHEAD = 5_000  # files whose titles are read at a time
RANKED = 1000  # of those that hold the words; where there are more, they are many alike
SHORT = 6  # letters of a word that is like many others: then only where nothing holds it as typed
NEAR_BELOW = 5  # where more hold the words as typed, what only almost does would be in the way
_SPARE = 3  # times as many files are looked at again: some may be removed by now
T = TypeVar("T")


@dataclass(frozen=True)
class Group(Generic[T]):
    """What was found of one kind, the likest first; `more`: there is more than is shown."""

    hits: tuple[T, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class EntryHit:
    """An entry; `is_near`: found although a letter differs."""

    id: int
    code: str
    label: str
    state: str
    step: str  # "director" | "chief" while a draft waits there
    submitted_at: datetime | None
    receipt: str | None
    province_th: str
    province_en: str
    award_th: str
    award_en: str
    year: int
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class FileHit:
    """A file or link beside a question of an entry."""

    id: int
    kind: str  # file | link
    title: str
    name: str
    entry_id: int
    entry_code: str
    entry_label: str
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class ProvinceHit:
    """A province."""

    code: str
    name_th: str
    name_en: str
    zone_number: int
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class ZoneHit:
    """An inspection zone."""

    number: int
    name_th: str
    name_en: str
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class PersonHit:
    """An account by its position, or that of a duty held now or to come. `login` is empty for who manages no people."""

    id: int
    title_th: str
    title_en: str
    login: str
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was found. `words`: what was looked for, folded; none where nothing can be looked for."""

    words: tuple[str, ...]
    entries: Group[EntryHit] = Group()
    receipts: Group[EntryHit] = Group()
    files: Group[FileHit] = Group()
    answers: Group[AnswerHit] = Group()
    provinces: Group[ProvinceHit] = Group()
    zones: Group[ZoneHit] = Group()
    people: Group[PersonHit] = Group()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        groups = (self.entries, self.receipts, self.files, self.answers, self.provinces, self.zones, self.people)
        return not any(group.hits for group in groups)


@dataclass
class FileTexts:
    """The folded titles and names of all files, in the order in which they came; read on from the last one known."""

    texts: list[tuple[str, int]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def read_on(self, db: Session, *, most: int | None = None) -> Sequence[tuple[str, int]]:
        """All of them, with those (at `most` so many) that came since."""
        with self._lock:
            last = self.texts[-1][1] if self.texts else 0
            asked = select(Evidence.id, Evidence.title, Evidence.name).where(Evidence.id > last).order_by(Evidence.id)
            rows = db.connection().execute(asked.limit(most))
            self.texts += [(_file_text(title, name), number) for number, title, name in rows]
            return self.texts

    def read_ahead(self, database: Database) -> None:
        """Some of them, so that nobody's search has to read them all at once."""
        with database.reading() as db:
            self.read_on(db, most=AHEAD)


def search(db: Session, actor: Actor, typed: str, *, files: FileTexts, today: date) -> Found:
    """What the words stand in, SHOWN of each kind: first where they stand as typed, then where a letter differs.

    In a dozen statements at most, however much there is."""
    words = words_of(typed)
    if not words:
        return Found(words)
    provinces = (
        db.connection()
        .execute(
            select(Province.code, Province.name_th, Province.name_en, Province.zone_number).order_by(
                Province.sort, Province.code
            )
        )
        .all()
    )
    zones = db.execute(select(Zone.number, Zone.name_th, Zone.name_en, Zone.centre_th).order_by(Zone.number)).all()
    entries: Group[EntryHit] = Group()
    receipts: Group[EntryHit] = Group()
    own: list[int] = []
    names = {row.code: f"{_place(row.name_th)}\n{fold(row.name_en)}" for row in provinces}
    if may_read_entries(actor):
        own, entries, receipts = _entries(db, actor, words, typed, names)
    return Found(
        words, entries, receipts,
        files=_files(db, actor, words, files, own) if own else Group(),
        answers=Group(*search_answers(db, actor, typed, within=len(own))),
        provinces=_chosen(
            words, zip(names.values(), provinces, strict=True),
            lambda rows, near: [ProvinceHit(*row, row in near) for row in rows],
        ),
        zones=_chosen(
            words, ((_zone_text(row), row) for row in zones),
            lambda rows, near: [ZoneHit(*row[:3], row in near) for row in rows],
        ),
        people=_people(db, actor, words, today),
    )  # fmt: skip


def _chosen(
    words: Sequence[str],
    texts: Iterable[tuple[str, T]],
    show: Callable[[list[T], set[T]], list[Any]],
    most: int = SHOWN,
    near_below: int = NEAR_BELOW,
) -> Group[Any]:
    """Those that hold the words, where these are fewer than `near_below` with those that almost do; the likest
    first."""
    known = list(texts)
    held = holding(words, known)
    first = sorted(held[:RANKED], key=lambda each: _rank(words, each[0]))[:most]
    near: list[tuple[str, T]] = []
    is_short = any(allowed(word) > 0 and len(word) < SHORT for word in words)
    if len(held) < (1 if is_short else near_below):
        there = {each[1] for each in held}
        near = [each for each in almost_holding(words, known) if each[1] not in there]
    refs = [each[1] for each in (*first, *near)]
    return Group(tuple(show(refs[:most], {each[1] for each in near})), len(held) + len(near) > most)


def _rank(words: Sequence[str], text: str) -> int:
    """0 where a whole part of the text is what was typed, 1 where one begins with it, else 2."""
    parts, whole = text.split("\n"), "".join(words)
    if whole in parts:
        return 0
    return 1 if any(part.startswith(whole) for part in parts) else 2


def _entries(
    db: Session, actor: Actor, words: Sequence[str], typed: str, provinces: dict[str, str]
) -> tuple[list[int], Group[EntryHit], Group[EntryHit]]:
    """The ids in the person's scope, and what was found by names and by receipts."""
    awards = {
        row.id: f"{fold(row.name_th)}\n{fold(row.name_en)}\n{fold(row.short_th)}\n{fold(row.short_en)}"
        for row in db.execute(
            select(Adoption.id, Award.name_th, Award.name_en, Award.short_th, Award.short_en).join(
                Award, Award.id == Adoption.award_id
            )
        )
    }
    rows = (
        db.connection()
        .execute(  # twenty thousand rows: without what a session does to each
            select(Entry.id, Entry.code, Entry.label, Entry.province_code, Entry.adoption_id)
            .where(seen_by(actor))
            .order_by(Entry.id.desc())
        )
        .all()
    )
    texts = (
        (_entry_text(code, label, provinces[province], awards[adoption]), number)
        for number, code, label, province, adoption in rows
    )
    by_name: Group[tuple[int, bool]] = _chosen(words, texts, lambda refs, near: [(ref, ref in near) for ref in refs])
    named = Entry.id.in_([ref for ref, _ in by_name.hits])
    hits: dict[int, Any] = {row.id: row for row in db.execute(_ENTRY_HITS.where(named, seen_by(actor)))}
    shown = [EntryHit(*[*hits[ref], near]) for ref, near in by_name.hits if ref in hits]
    receipt = _has_receipt(typed)
    asked = _ENTRY_HITS.where(seen_by(actor), receipt).limit(SHOWN) if receipt is not None else None
    by_receipt = [EntryHit(*row) for row in db.execute(asked)] if asked is not None else []
    return [row.id for row in rows], Group(tuple(shown), by_name.more), Group(tuple(by_receipt))


_ENTRY_HITS: Any = (
    select(
        Entry.id, Entry.code, Entry.label, Entry.state, Entry.step, Entry.submitted_at, Entry.receipt,
        Province.name_th, Province.name_en, Award.short_th, Award.short_en, Cycle.year,
    )
    .join(Province, Province.code == Entry.province_code)
    .join(Adoption, Adoption.id == Entry.adoption_id)
    .join(Award, Award.id == Adoption.award_id)
    .join(Cycle, Cycle.id == Adoption.cycle_id)
)  # fmt: skip


_RECEIPT = re.compile(r"(?:#?([0-9]{1,9})[\s·]*)??([0-9a-f]{4})[\s·]*([0-9a-f]{4})|#([0-9]{1,9})")


def _has_receipt(typed: str) -> ColumnElement[bool] | None:
    """`#1234 · 7f3a 91c0`, its number with # alone, or the eight signs alone; None where it reads like no receipt."""
    told = _RECEIPT.fullmatch(" ".join(typed.translate(DIGITS).lower().split()))
    if told is None:
        return None
    number, first, last, alone = told.groups()
    if alone:
        return Entry.receipt.startswith(f"#{alone} ")
    mark = f"· {first} {last}"
    return Entry.receipt == f"#{number} {mark}" if number else Entry.receipt.endswith(mark)


def _files(db: Session, actor: Actor, words: Sequence[str], files: FileTexts, own: list[int]) -> Group[FileHit]:
    if may_see_runs(actor):
        texts: Iterable[tuple[str, int]] = reversed(files.read_on(db))
    else:
        asked = (
            select(Evidence.id, Evidence.title, Evidence.name)
            .where(Evidence.entry_id.in_(own), Evidence.removed_at.is_(None))
            .order_by(Evidence.id.desc())
        )
        texts = [(_file_text(title, name), number) for number, title, name in db.execute(asked)]
    found: Group[tuple[int, bool]] = _chosen(
        words, texts, lambda refs, near: [(ref, ref in near) for ref in refs], most=SHOWN * _SPARE, near_below=1
    )
    rows = {row.id: row for row in db.execute(
        select(
            Evidence.id, Evidence.kind, Evidence.title, Evidence.name, Entry.id.label("entry"), Entry.code, Entry.label
        )
        .join(Entry, Entry.id == Evidence.entry_id)
        .where(Evidence.id.in_([ref for ref, _ in found.hits]), Evidence.removed_at.is_(None), seen_by(actor))
    )}  # fmt: skip
    hits = [
        FileHit(*rows[ref], near)
        for ref, near in found.hits
        if ref in rows and almost_holding(words, [(_file_text(rows[ref].title, rows[ref].name), ref)])
    ]
    return Group(tuple(hits[:SHOWN]), found.more or len(hits) > SHOWN)


def _people(db: Session, actor: Actor, words: Sequence[str], today: date) -> Group[PersonHit]:
    """Everybody for who manages people; for the people of a provincial office their colleagues."""
    manages = may_manage_people(actor)
    if not manages and not is_officer(actor):
        return Group()
    asked = (
        select(User.id, User.title_th, User.title_en, User.login, Duty.title_th.label("th"), Duty.title_en.label("en"))
        .outerjoin(
            Duty,
            and_(
                Duty.user_id == User.id, Duty.state == "confirmed", or_(Duty.to_day.is_(None), Duty.to_day >= today)
            ),
        )
        .order_by(User.login, Duty.id)
    )  # fmt: skip
    if not manages:
        asked = asked.where(Duty.province_code.in_(actor.provinces), Duty.from_day <= today, User.disabled_at.is_(None))
    rows = db.connection().execute(asked).all()
    texts = (
        ("\n".join(map(fold, dict.fromkeys((title_th, title_en, login if manages else "", th or "", en or "")))), at)
        for at, (_, title_th, title_en, login, th, en) in enumerate(rows)
    )

    def show(found: list[int], near: set[int]) -> list[PersonHit]:
        hits: dict[int, PersonHit] = {}
        for at in found:
            row = rows[at]
            login = row.login if manages else ""
            hits.setdefault(
                row.id, PersonHit(row.id, row.th or row.title_th, row.en or row.title_en, login, at in near)
            )
        return list(hits.values())

    return _chosen(words, texts, show)


def _place(name_th: str) -> str:
    return fold(name_th if name_th.startswith("จังหวัด") else f"จังหวัด{name_th}")


def _zone_text(row: Any) -> str:
    thai = f"เขตตรวจราชการที่{row.number}{row.name_th}", f"เขต{row.number}", row.name_th, row.centre_th
    return "\n".join(fold(text) for text in (*thai, f"zone {row.number}", row.name_en))


@lru_cache(maxsize=1 << 16)
def _entry_text(code: str, label: str, province: str, award: str) -> str:
    return f"{fold(code)}\n{fold(label)}\n{province}\n{award}"


def _file_text(title: str, name: str) -> str:
    return f"{fold(title)}\n{fold(name)}"
