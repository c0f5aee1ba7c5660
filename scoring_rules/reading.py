"""Places in a rule file, and what is expected there: each slip is noted with its line, and none ends the reading."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from scoring_rules.exact import NotANumber, Number, parse_number, plain
from scoring_rules.hints import remedy_for_key, remedy_for_number
from scoring_rules.problems import Problem, did_you_mean
from scoring_rules.source import ListNode, MapNode, Node, TextNode
from scoring_rules.words import Words

CODE = re.compile(r"[a-z][a-z0-9_]*")
CODE_LENGTH = 60
# A file with more slips than this is not a rule file; the first ones say so well enough.
MOST_PROBLEMS = 1000
# What a getter returns after it has noted a problem: never seen outside, since the file is then refused.
NO_WORDS = Words("")
A_CODE = Words("รหัส", "code")
ONE_OF_THEM = Words("เลือกเขียนค่าใดค่าหนึ่งตามนั้น", "Write one of these.")

PLAIN_DIGITS = Words("เขียนเลขล้วน เช่น 12 หรือ 17.5", "Write plain digits such as 12 or 17.5.")
IN_RANGE = Words("แก้ตัวเลขให้อยู่ในช่วงนี้", "Write a number in that range.")

Choice = TypeVar("Choice", bound=str)


class TooManyProblems(Exception):
    """Reading stops: MOST_PROBLEMS are noted."""


@dataclass(slots=True)
class Notes:
    """All problems of one file so far, and the source codes that a `clause` may cite (None: not known)."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    sources: frozenset[str] | None = None

    def add(self, problem: Problem) -> None:
        """Raises TooManyProblems when the list is full."""
        self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems


def brief(text: str) -> str:
    """`text` on one line, cut where it is too long to quote."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"


def near(text: str, options: Iterable[str]) -> Words:
    """The remedy for a name that is not known: the nearest known one, or all of them."""
    known = list(dict.fromkeys(options))
    if meant := did_you_mean(text, known):
        return meant
    if not known:
        return Words("ยังไม่ได้ประกาศไว้ในไฟล์ ให้เพิ่มก่อน หรือลบช่องนี้ออก", "None is declared: add it first, or remove this.")
    listed = ", ".join(known[:30]) + (", …" if len(known) > 30 else "")
    return Words(f"ใช้ได้: {listed}", f"Known here: {listed}.")


def _shape(node: Node) -> Words:
    if isinstance(node, ListNode):
        return Words("รายการ", "a list")
    if isinstance(node, MapNode):
        return Words("กลุ่มช่อง", "a mapping")
    return Words(f" “{brief(node.text)}”", f'"{brief(node.text)}"') if node.text else Words("ค่าว่าง", "nothing")


@dataclass(frozen=True, slots=True)
class Place:
    """One value of the file, with where it stands."""

    notes: Notes
    node: Node
    path: str

    def note(self, code: str, says: Words, remedy: Words) -> None:
        """Note a problem here. English sentences end in a full stop."""
        node = self.node
        self.notes.add(Problem(self.notes.file, node.line, node.column, self.path, code, says, remedy))

    def expected(self, code: str, th: str, en: str, remedy: Words) -> None:
        """Note that something else was expected: `Found …, expected …`."""
        found = _shape(self.node)
        self.note(code, Words(f"พบ{found.th} แต่ต้องเป็น{th}", f"Found {found.en}, expected {en}."), remedy)

    def text(self) -> str:
        """The text here without blanks around it; "" is noted as a problem."""
        if isinstance(self.node, TextNode):
            text = self.node.text.strip()
            if text:
                return text
            self.note(
                "empty_text",
                Words("ช่องนี้ว่าง", "Nothing is written here."),
                Words("เติมข้อความ หรือลบช่องนี้หากเว้นได้", "Fill it in, or remove the key where it may be left out."),
            )
            return ""
        self.expected("wrong_shape", "ข้อความ", "a text", Words("เขียนเป็นค่าเดียว", "Write a single value."))
        return ""

    def code(self) -> str:
        """A code such as `d1` or `overdue_debt`; "" where it is not one."""
        text = self.text()
        if text and not (CODE.fullmatch(text) and len(text) <= CODE_LENGTH):
            self.expected(
                "not_a_code",
                f"รหัส: ขึ้นต้นด้วย a-z ตามด้วย a-z 0-9 หรือ _ ไม่เกิน {CODE_LENGTH} ตัว",
                f"a code: a letter a-z, then a-z, 0-9 and _, at most {CODE_LENGTH}",
                Words("ใช้รหัสสั้น เช่น d1 หรือ overdue_debt", "Use a short code such as d1 or overdue_debt."),
            )
            return ""
        return text

    def words(self) -> Words:
        """A label `{th, en}`; `th` is required."""
        if isinstance(self.node, TextNode):
            self.expected(
                "wrong_shape",
                " {th: …, en: …}",
                "{th: …, en: …}",
                Words("เขียนเป็น {th: ข้อความ, en: text}", "Write {th: ข้อความ, en: text}."),
            )
            return NO_WORDS
        section = self.section("th", optional=("en",))
        return Words(section.text("th"), section.text("en"))

    def number(
        self,
        *,
        least: Number | None = None,
        above: Number | None = None,
        most: Number | None = None,
        places: int | None = None,
    ) -> Number:
        """A plain decimal within bounds (`above` is exclusive), with at most `places` decimals; 0 where it is none."""
        text = self.text()
        if not text:
            return 0
        try:
            value = parse_number(text)
        except NotANumber:
            self.expected(
                "not_a_number",
                "ตัวเลข",
                "a number",
                remedy_for_number(text, least=least, most=most) or PLAIN_DIGITS,
            )
            return 0
        if re.match("-?0[0-9]", text):  # other programs count such a number in eights
            self.expected("not_a_number", "ตัวเลข", "a number", Words(f"เขียน {plain(value)}", f"Write {plain(value)}."))
        bounds = _bounds(least=least, above=above, most=most)
        low = (least is not None and value < least) or (above is not None and value <= above)
        if low or (most is not None and value > most):
            meant = remedy_for_number(text, least=least, most=most)
            self.expected("out_of_range", bounds.th, bounds.en, meant or IN_RANGE)
        if places is not None and (value * 10**places).denominator != 1:
            self.expected(
                "too_many_decimals",
                f"ตัวเลขทศนิยมไม่เกิน {places} ตำแหน่ง" if places else "จำนวนเต็ม",
                f"at most {places} decimals" if places else "a whole number",
                Words("ลดจำนวนทศนิยม", "Use fewer decimals."),
            )
        return value

    def whole(self, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`; `least` where it is not."""
        before = len(self.notes.problems)
        value = self.number(least=least, most=most)
        if len(self.notes.problems) > before:
            return least
        if value.denominator != 1:
            self.expected(
                "not_whole", "จำนวนเต็ม", "a whole number", Words("เขียนโดยไม่มีทศนิยม", "Write it without decimals.")
            )
            return least
        return value.numerator

    def choice(self, options: tuple[Choice, ...]) -> Choice:
        """One of `options`; the first where it is none of them."""
        text = self.text()
        for option in options:
            if text == option:
                return option
        if text:
            listed = " | ".join(options)
            self.expected(
                "not_a_choice", f"ค่าหนึ่งใน {listed}", f"one of {listed}", did_you_mean(text, options) or ONE_OF_THEM
            )
        return options[0]

    def flag(self) -> bool:
        """`true` or `false`, written so."""
        return self.choice(("true", "false")) == "true"

    def items(self, *, by_code: bool = False) -> list["Place"]:
        """The places of a list that holds at least one item; `by_code` names each by its own code where it has one."""
        if not isinstance(self.node, ListNode):
            self.expected(
                "wrong_shape",
                "รายการ",
                "a list",
                Words(
                    "เขียนเป็นรายการ ขึ้นต้นแต่ละรายการด้วย - หรือใส่ในวงเล็บ [ ]",
                    "Write a list: each item after a dash, or all in brackets [ ].",
                ),
            )
            return []
        if not self.node.items:
            self.note(
                "empty_list",
                Words("รายการนี้ว่าง", "This list is empty."),
                Words("เพิ่มรายการ หรือลบช่องนี้หากเว้นได้", "Add an item, or remove the key where it may be left out."),
            )
        places = [replace(self, node=node, path=f"{self.path}[{at}]") for at, node in enumerate(self.node.items)]
        return [
            replace(place, path=f"{self.path}[{place.name}]") if by_code and place.name else place for place in places
        ]

    @property
    def name(self) -> str:
        """The code this mapping gives itself, "" where it has none."""
        text = self.peek("code")
        return text if CODE.fullmatch(text) else ""

    def peek(self, key: str) -> str:
        """The text at a key of this mapping, "" where there is none; notes nothing."""
        if isinstance(self.node, MapNode) and key in self.node.entries:
            value = self.node.entries[key][1]
            return value.text.strip() if isinstance(value, TextNode) else ""
        return ""

    def holds(self, key: str) -> bool:
        """Whether this is a mapping with that key; notes nothing."""
        return isinstance(self.node, MapNode) and key in self.node.entries

    def section(self, *required: str, optional: Iterable[str] = ()) -> "Section":
        """This mapping, opened: unknown and missing keys are noted."""
        began = len(self.notes.problems)
        if not isinstance(self.node, MapNode):
            listed = ", ".join(required)
            self.expected(
                "wrong_shape",
                f"กลุ่มช่อง {listed}",
                f"a mapping with {listed}",
                Words(
                    f"เขียนเป็น {{{listed}: …}}" if len(required) == 1 else f"เขียนช่อง {listed}",
                    f"Write the keys {listed}.",
                ),
            )
            return Section(self, {}, began)
        known = (*required, *optional)
        for key, (key_node, _) in self.node.entries.items():
            if key not in known:
                place = replace(self, node=key_node, path=self._below(key))
                says = Words(f"ไม่รู้จักช่อง “{brief(key)}” ที่นี่", f'The key "{brief(key)}" is not known here.')
                meant = remedy_for_key(self.node, key, path=self.path, known=known)
                place.note("unknown_key", says, meant or near(key, known))
        for key in required:
            if key not in self.node.entries:
                place = replace(self, path=self._below(key))
                says = Words(f"ขาดช่อง “{key}”", f'The key "{key}" is missing.')
                place.note(
                    "missing_key", says, Words(f"เพิ่ม {key} ระบบไม่กำหนดค่านี้ให้เอง", f"Add {key}: it has no default.")
                )
        places = {
            key: replace(self, node=value, path=self._below(key)) for key, (_, value) in self.node.entries.items()
        }
        return Section(self, places, began)

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def _bounds(*, least: Number | None, above: Number | None, most: Number | None) -> Words:
    th, en = [], []
    if least is not None:
        th.append(f"ตัวเลขตั้งแต่ {plain(least)} {'ขึ้นไป' if most is None else ''}".strip())
        en.append(f"at least {plain(least)}")
    if above is not None:
        th.append(f"ตัวเลขมากกว่า {plain(above)}")
        en.append(f"more than {plain(above)}")
    if most is not None:
        th.append(f"ถึง {plain(most)}" if least is not None else f"ไม่เกิน {plain(most)}")
        en.append(f"at most {plain(most)}")
    return Words(" ".join(th), " and ".join(en))


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with its keys checked. A getter of a missing key returns a placeholder: the lack is already noted."""

    place: Place
    places: dict[str, Place]
    began: int

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.places

    def sound(self) -> bool:
        """Whether nothing below has been noted yet, so that values may be compared with each other."""
        return len(self.place.notes.problems) == self.began

    def at(self, key: str) -> Place:
        """The place of a key; where the key is missing, the mapping's own place."""
        return self.places.get(key, self.place)

    def text(self, key: str) -> str:
        """`Place.text` of a key."""
        return self.places[key].text() if key in self.places else ""

    def code(self, key: str = "code") -> str:
        """`Place.code` of a key."""
        return self.places[key].code() if key in self.places else ""

    def words(self, key: str = "label") -> Words:
        """`Place.words` of a key."""
        return self.places[key].words() if key in self.places else NO_WORDS

    def number(
        self,
        key: str,
        *,
        least: Number | None = None,
        above: Number | None = None,
        most: Number | None = None,
        places: int | None = None,
    ) -> Number:
        """`Place.number` of a key."""
        return self.places[key].number(least=least, above=above, most=most, places=places) if key in self.places else 0

    def whole(self, key: str, *, least: int, most: int) -> int:
        """`Place.whole` of a key."""
        return self.places[key].whole(least=least, most=most) if key in self.places else least

    def choice(self, key: str, options: tuple[Choice, ...]) -> Choice:
        """`Place.choice` of a key."""
        return self.places[key].choice(options) if key in self.places else options[0]

    def flag(self, key: str) -> bool:
        """`Place.flag` of a key."""
        return self.places[key].flag() if key in self.places else False

    def items(self, key: str, *, by_code: bool = False) -> list[Place]:
        """`Place.items` of a key; none where it is missing."""
        return self.places[key].items(by_code=by_code) if key in self.places else []

    def clause(self) -> str | None:
        """What the node cites: `s1 §2; p`. Each part begins with the code of a source of the file."""
        if not self.has("clause"):
            return None
        place = self.places["clause"]
        text = place.text()
        known = place.notes.sources
        for cited in text.split(";") if text and known is not None else ():
            code = cited.split()[0] if cited.split() else ""
            if code not in (known or ()):
                says = Words(f"ไม่มีแหล่งที่มา “{brief(code)}”", f'There is no source "{brief(code)}".')
                place.note("unknown_source", says, near(code, sorted(known or ())))
        return text or None


def once(places: Iterable[Place], keys: Iterable[str], what: Words = A_CODE) -> None:
    """Note every key that repeats an earlier one ("" is none). The two run side by side."""
    seen: dict[str, int] = {}
    for place, key in zip(places, keys, strict=True):
        if key in seen:
            says = Words(
                f"{what.th} “{key}” ซ้ำ มีแล้วที่บรรทัด {seen[key]}",
                f'The {what.en} "{key}" is already there, on line {seen[key]}.',
            )
            place.note("duplicate", says, Words("เปลี่ยนหรือลบอันใดอันหนึ่ง", "Change or remove one of the two."))
        elif key:
            seen[key] = place.node.line
