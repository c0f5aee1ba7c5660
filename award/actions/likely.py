"""Whether a new account is likely somebody who is there already, under another spelling: a question, no answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from award.people_sheets.reading import PersonRow
from award.queries.likeness import TWO_WRONG_FROM, allowed, fold
from award.queries.people_import import KnownPerson
from scoring_rules.words import Words

MOST_WRONG = 2  # letters of a sign-in name
ALIKE = 90  # per cent of two positions
OF_ONE = ("chief", "chair")  # one person at a time holds these at a place
_NAME = Words("ชื่อผู้ใช้เกือบเหมือนกัน", "The sign-in names are almost the same.")
_MAIL = Words("อีเมลเดียวกัน ในสำนักงานเดียวกัน", "The same e-mail address, at the same place.")
_POST = Words("ตำแหน่งเดียวกันซึ่งมีได้คนเดียว", "The same post, which one person holds.")


@dataclass(frozen=True, slots=True)
class LikelySame:
    """Who it may be: an account, or a new one of an earlier row of the file (`line`, else 0)."""

    login: str
    title_th: str
    title_en: str
    why: Words
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Somebody:
    login: str
    title_th: str
    title_en: str
    email: str
    posts: frozenset[tuple[str, str, str]]  # role, province, zone: held or proposed
    line: int

    @property
    def places(self) -> set[tuple[str, str]]:
        return {post[1:] for post in self.posts}


class Namesakes:
    """Everybody that a new account could be: the accounts, and the new ones of a file as they are met."""

    def __init__(self, people: Iterable[KnownPerson]):
        self._all: list[_Somebody] = []
        self._names: list[str] = []
        for person in people:
            posts = frozenset(
                (duty.role, duty.province_code or "", _zone(duty.zone_number))
                for duty in person.duties
                if duty.state in ("confirmed", "proposed")
            )
            self._put(_Somebody(person.login, person.title_th, person.title_en, person.email or "", posts, 0))

    def add(self, row: PersonRow, login: str) -> None:
        """A new account of the file."""
        self._put(_Somebody(login, row.title_th, row.title_en, row.email, frozenset([_post(row)]), row.line))

    def find(self, row: PersonRow, login: str) -> LikelySame | None:
        """The likeliest one, or None: by the sign-in name, then by the address, then by the post."""
        post = _post(row)
        name, title = _letters(login), fold(row.title_th)
        for _, _, at in process.extract(
            name, self._names, scorer=Levenshtein.distance, processor=None, score_cutoff=MOST_WRONG, limit=None
        ):
            other = self._all[at]
            same_place = post[1:] in other.places and post[1:] != ("", "")
            # Two new rows of one file are one person only if the position reads alike, too: offices number their names.
            if _close(login, other.login, same_place=same_place) and (not other.line or _alike(title, other.title_th)):
                return _likely(other, _NAME)
        for other in self._all:
            if post not in other.posts or not row.role:
                continue
            if row.email and row.email.lower() == other.email.lower() and _alike(title, other.title_th):
                return _likely(other, _MAIL)
            if row.role in OF_ONE and _alike(title, other.title_th):
                return _likely(other, _POST)
        return None

    def _put(self, somebody: _Somebody) -> None:
        self._all.append(somebody)
        self._names.append(_letters(somebody.login))


def _post(row: PersonRow) -> tuple[str, str, str]:
    return row.role, row.province_code or "", _zone(row.zone_number)


def _zone(number: int | None) -> str:
    return "" if number is None else str(number)


def _letters(login: str) -> str:
    """A sign-in name as it is compared: what stands before @, without digits and signs."""
    return re.sub(r"[0-9]", "", fold(login.partition("@")[0]))


def _close(one: str, other: str, *, same_place: bool) -> bool:
    """One letter apart (two in long names, at one place), with the same digits; offices of one name are told by what
    stands behind @."""
    ours, theirs = (each.partition("@")[2] for each in (one, other))
    if ours and theirs and ours != theirs and not same_place:
        return False
    if re.findall(r"[0-9]", one.partition("@")[0]) != re.findall(r"[0-9]", other.partition("@")[0]):
        return False
    first, second = _letters(one), _letters(other)
    shorter = min(first, second, key=len)
    most = allowed(shorter)
    if len(shorter) >= TWO_WRONG_FROM and not same_place:
        most = 1
    return Levenshtein.distance(first, second, score_cutoff=most) <= most


def _alike(title: str, other: str) -> bool:
    """Whether two positions (the first folded) read alike; their digits must be the same."""
    second = fold(other)
    return re.findall(r"[0-9]", title) == re.findall(r"[0-9]", second) and fuzz.ratio(title, second) >= ALIKE


def _likely(other: _Somebody, why: Words) -> LikelySame:
    return LikelySame(other.login, other.title_th, other.title_en, why, other.line)
