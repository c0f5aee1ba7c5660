"""What a person finds by a few words: entries, files, receipts, provinces, zones and people, each within their scope.

Texts are compared folded (`likeness`). Those of entries and files, which come by the hundred thousand, are kept folded
beside them (`words`); the few others are read and folded for every search. What is shown is read from its own table.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle
from award.db.entries import Entry, Evidence
from award.db.people import Duty, Province, User, Zone
from award.policy import Actor, HeldDuty, is_officer, may_manage_people, may_read_entries, may_see_runs
from award.queries.duties import is_current
from award.queries.entries import seen_by
from award.queries.likeness import DIGITS, allowed, almost_holding, fold, holding, words_of
from award.queries.search_answers import AnswerHit, search_answers
from award.queries.words import EntryTexts, FileTexts, file_text

SHOWN = 20  # of each kind
RANKED = 1000  # of those that hold the words; where there are more, they are many alike
SHORT = 6  # letters of a word that is like many others: then only where nothing holds it as typed
NEAR_BELOW = 5  # where more hold the words as typed, what only almost does would be in the way
MOST_STATEMENTS = 18  # one more of entries and of files where a letter may be wrong
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


def search(db: Session, actor: Actor, typed: str, *, today: date) -> Found:
    """What the words stand in, SHOWN of each kind: first where they stand as typed, then where a letter differs.

    In MOST_STATEMENTS at most, however much there is."""
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
    names = {row.code: _place(row.name_th, row.name_en) for row in provinces}
    entries: Group[EntryHit] = Group()
    receipts: Group[EntryHit] = Group()
    files: Group[FileHit] = Group()
    own: Sequence[int] | None = ()
    if may_read_entries(actor):
        own = _scope(db, actor)
        entries = _entries(db, actor, words, EntryTexts(db, own, names, _award_names(db)))
        receipts = _receipts(db, actor, typed)
        files = _files(db, actor, words, FileTexts(db, own))
    return Found(
        words, entries, receipts, files,
        answers=Group(*search_answers(db, actor, typed, own=own)),
        provinces=_chosen_of(
            words, zip(names.values(), provinces, strict=True),
            lambda rows, near: [ProvinceHit(*row, row in near) for row in rows],
        ),
        zones=_chosen_of(
            words, ((_zone_text(row), row) for row in zones),
            lambda rows, near: [ZoneHit(*row[:3], row in near) for row in rows],
        ),
        people=_people(db, actor, words, today),
    )  # fmt: skip


def read_ahead(db: Session, *, today: date) -> None:
    """Searches once as somebody who sees everything: names are folded and statements made for whoever is next."""
    everything = HeldDuty(0, "organizer", None, None, "", "")
    search(db, replace(Actor.nobody(), duties=(everything,)), "กขคงจฉ", today=today)


def _scope(db: Session, actor: Actor) -> list[int] | None:
    """The entries that the person may see; None for all."""
    return None if may_see_runs(actor) else list(db.execute(select(Entry.id).where(seen_by(actor))).scalars())


def _chosen_of(
    words: Sequence[str], texts: Iterable[tuple[str, T]], show: Callable[[list[T], set[T]], list[Any]]
) -> Group[Any]:
    """As `_chosen`, of a few texts that are all here."""
    known = list(texts)
    held = holding(words, known)

    def near() -> list[tuple[str, T]]:
        there = {each[1] for each in held}
        return [each for each in almost_holding(words, known) if each[1] not in there]

    return _chosen(words, held, near, show)


def _chosen(
    words: Sequence[str],
    held: list[tuple[str, T]],
    near: Callable[[], list[tuple[str, T]]],
    show: Callable[[list[T], set[T]], list[Any]],
    most: int = SHOWN,
    near_below: int = NEAR_BELOW,
) -> Group[Any]:
    """Those that hold the words, where these are fewer than `near_below` with those that almost do; the likest
    first."""
    first = sorted(held[:RANKED], key=lambda each: _rank(words, each[0]))[:most]
    is_short = any(allowed(word) > 0 and len(word) < SHORT for word in words)
    can_be_near = any(allowed(word) > 0 for word in words)
    others = near() if can_be_near and len(held) < (1 if is_short else near_below) else []
    refs = [each[1] for each in (*first, *others)]
    return Group(tuple(show(refs[:most], {each[1] for each in others})), len(held) + len(others) > most)


def _rank(words: Sequence[str], text: str) -> int:
    """0 where a whole part of the text is what was typed, 1 where one begins with it, else 2."""
    parts, whole = text.split("\n"), "".join(words)
    if whole in parts:
        return 0
    return 1 if any(part.startswith(whole) for part in parts) else 2


def _award_names(db: Session) -> dict[int, str]:
    asked = select(Adoption.id, Award.name_th, Award.name_en, Award.short_th, Award.short_en)
    rows = db.execute(asked.join(Award, Award.id == Adoption.award_id))
    return {row.id: "\n".join(map(fold, row[1:])) for row in rows}


def _entries(db: Session, actor: Actor, words: Sequence[str], texts: EntryTexts) -> Group[EntryHit]:
    held = texts.held(words, RANKED)
    found: Group[tuple[int, bool]] = _chosen(
        words, held, lambda: texts.near(words, SHOWN + 1, but=frozenset(ref for _, ref in held)), _with_likeness
    )
    named = Entry.id.in_([ref for ref, _ in found.hits])
    rows: dict[int, Any] = {row.id: row for row in db.execute(_ENTRY_HITS.where(named, seen_by(actor)))}
    return Group(tuple(EntryHit(*[*rows[ref], near]) for ref, near in found.hits if ref in rows), found.more)


def _with_likeness(refs: list[int], near: set[int]) -> list[tuple[int, bool]]:
    return [(ref, ref in near) for ref in refs]


def _receipts(db: Session, actor: Actor, typed: str) -> Group[EntryHit]:
    receipt = _has_receipt(typed)
    if receipt is None:
        return Group()
    return Group(tuple(EntryHit(*row) for row in db.execute(_ENTRY_HITS.where(seen_by(actor), receipt).limit(SHOWN))))


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


def _files(db: Session, actor: Actor, words: Sequence[str], texts: FileTexts) -> Group[FileHit]:
    held = texts.held(words, RANKED)
    most = SHOWN * _SPARE
    found: Group[tuple[int, bool]] = _chosen(
        words, held, lambda: texts.near(words, most + 1, but=frozenset(ref for _, ref in held)), _with_likeness,
        most=most, near_below=1,
    )  # fmt: skip
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
        if ref in rows and almost_holding(words, [(file_text(rows[ref].title, rows[ref].name), ref)])
    ]
    return Group(tuple(hits[:SHOWN]), found.more or len(hits) > SHOWN)


def _people(db: Session, actor: Actor, words: Sequence[str], today: date) -> Group[PersonHit]:
    """Everybody for who manages people; for the people of a provincial office their colleagues."""
    manages = may_manage_people(actor)
    if not manages and not is_officer(actor):
        return Group()
    asked = (
        select(User.id, User.title_th, User.title_en, User.login, Duty.title_th.label("th"), Duty.title_en.label("en"))
        .outerjoin(Duty, and_(Duty.user_id == User.id, is_current(today)))
        .order_by(User.login, Duty.id)
    )
    if not manages:
        asked = asked.where(Duty.province_code.in_(actor.provinces), Duty.from_day <= today, User.disabled_at.is_(None))
    rows = db.connection().execute(asked).all()
    texts = (
        (_person_text(title_th, title_en, login if manages else "", th or "", en or ""), at)
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

    return _chosen_of(words, texts, show)


@lru_cache(maxsize=1 << 14)
def _place(name_th: str, name_en: str) -> str:
    return f"{fold(name_th if name_th.startswith('จังหวัด') else f'จังหวัด{name_th}')}\n{fold(name_en)}"


def _zone_text(row: Any) -> str:
    thai = f"เขตตรวจราชการที่{row.number}{row.name_th}", f"เขต{row.number}", row.name_th, row.centre_th
    return "\n".join(fold(text) for text in (*thai, f"zone {row.number}", row.name_en))


@lru_cache(maxsize=1 << 14)
def _person_text(*texts: str) -> str:
    return "\n".join(map(fold, dict.fromkeys(texts)))
