"""A filled list of people, row by row: what each one asks for, or every cell that cannot be read.

What is wrong with the file as a whole refuses it (FactsRefused); what is wrong with a cell is noted at its row. Whether
a row may be done at all is not for here: that depends on who is known already (award.actions.people_import).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from award.answers.plain import clean_text, plain_date
from award.people_sheets import columns as of
from award.people_sheets.columns import COLUMNS, ROLE_WORDS, column_of, key_of, role_of, says_yes
from award.score_sheets.problems import cell_name
from award.tables import table_from
from award.tables.refusing import TURNED
from scoring_rules.fact_tables import Table, brief, near
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

MOST_ROWS = 2000
LONGEST = {of.LOGIN: 254, of.TITLE_TH: 200, of.TITLE_EN: 200, of.EMAIL: 254}
NEEDED = (of.TITLE_TH, of.ROLE)  # columns; and one that names the account
MEND = Words("แก้ช่องนี้ในไฟล์ แล้วเลือกไฟล์อีกครั้ง", "Mend this cell in the file, then choose the file again.")


@dataclass(frozen=True, slots=True)
class Place:
    """A province or a zone: what it is known by (`code`, a zone's number as text), and its names."""

    code: str
    name_th: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What one row of a list says. `role` "": an account without a duty. `login` "": the e-mail address is it.

    `cells` names the cell of each column that the file has, for whatever is found later."""

    line: int
    login: str
    title_th: str
    title_en: str
    email: str
    role: str
    province_code: str | None
    zone_number: int | None
    acting: bool
    from_day: date
    to_day: date | None
    cells: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def cell(self, column: str) -> str:
        """Where in the file this is written; the row's first cell where the file has no such column."""
        return self.cells.get(column) or f"A{self.line}"

    def with_problem(self, column: str, code: str, says: Words, remedy: Words = MEND) -> "PersonRow":
        """The row with one more reason why it cannot be done."""
        found = Problem("", self.line, 0, self.cell(column), code, says, remedy)
        return replace(self, problems=(*self.problems, found))


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A file that could be read; `blank` counts rows that nobody filled in."""

    name: str
    rows: tuple[PersonRow, ...]
    blank: int


def read_people(
    data: bytes, *, name: str, provinces: Sequence[Place], zones: Sequence[Place], today: date
) -> PeopleList:
    """Every filled row in the file's order; a first day that is left out is `today`. Raises FactsRefused."""
    table = table_from(data, name=name)
    at = _columns(table)
    reader = _Reader(at, provinces, zones, today)
    rows, blank = [], 0
    for line, cells in table.rows:
        texts = {code: cells[place] if place < len(cells) else "" for code, place in at.items()}
        if any(clean_text(texts.get(code, ""))[0] for code in of.PERSONAL):
            rows.append(reader.row(line, texts))
        else:
            blank += 1
    if not rows or len(rows) > MOST_ROWS:
        says = (
            Words(f"ไฟล์มีมากกว่า {MOST_ROWS} แถว", f"The file has more than {MOST_ROWS} rows.")
            if rows
            else Words("ไฟล์นี้ยังไม่ได้กรอกบุคคลใด", "Nobody is filled in in this file.")
        )
        remedy = (
            Words("แบ่งเป็นหลายไฟล์", "Make several files of it.")
            if rows
            else Words("กรอกชื่อผู้ใช้หรืออีเมล และตำแหน่ง", "Fill in sign-in name or e-mail, and the position.")
        )
        raise FactsRefused([Problem(name, 0, 0, "", "too_many_rows" if rows else "nobody", says, remedy)])
    return PeopleList(name, tuple(rows), blank)


def _columns(table: Table) -> dict[str, int]:
    """Where each column stands. Raises FactsRefused for heads that are unknown, there twice, or missing."""
    found: dict[str, int] = {}
    problems: list[Problem] = []

    def add(place: int, code: str, says: Words, remedy: Words) -> None:
        cell = cell_name(table.header_line, place + 1)
        problems.append(Problem(table.name, table.header_line, place + 1, cell, code, says, remedy))

    known = [name for words in COLUMNS.values() for name in (words.th, words.in_language("en"))]
    for place, head in enumerate(table.header):
        code = column_of(head)
        if not head:
            says = Words("คอลัมน์นี้มีข้อมูลแต่ไม่มีหัวตาราง", "This column has no head.")
            add(place, "head_missing", says, Words("ใส่หัวตาราง หรือลบคอลัมน์", "Give it one, or delete the column."))
        elif code is None:
            says = Words(
                f"ไม่รู้จักคอลัมน์ “{brief(head)}” (ระบบเก็บตำแหน่ง ไม่เก็บชื่อบุคคล)",
                f'The column "{brief(head)}" is not known (positions are kept, not personal names).',
            )
            add(place, "column_unknown", says, near(head, known))
        elif code in found:
            says = Words(f"คอลัมน์ “{brief(head)}” มีสองคอลัมน์", f'The column "{brief(head)}" is there twice.')
            add(place, "column_twice", says, Words("เหลือไว้คอลัมน์เดียว", "Keep one of them."))
        else:
            found[code] = place
    missing = [code for code in NEEDED if code not in found]
    missing += [] if of.LOGIN in found or of.EMAIL in found else [of.LOGIN]
    for code in missing:
        says = Words(f"ไม่มีคอลัมน์ “{COLUMNS[code].th}”", f'The column "{COLUMNS[code].in_language("en")}" is missing.')
        add(0, "column_missing", says, Words("ใช้หัวตารางของแม่แบบ", "Use the heads of the template."))
    if problems:
        raise FactsRefused(problems)
    return found


class _Reader:
    """Reads rows of one file."""

    def __init__(self, at: Mapping[str, int], provinces: Sequence[Place], zones: Sequence[Place], today: date):
        self.at, self.today = at, today
        self.provinces, self.zones = _by_name(provinces), _by_name(zones)
        self.names = {
            of.PROVINCE: [Words(each.name_th, each.name_en) for each in provinces],
            of.ZONE: [Words(each.code) for each in zones],
            of.ROLE: list(ROLE_WORDS.values()),
        }

    def row(self, line: int, texts: Mapping[str, str]) -> PersonRow:
        """One filled row."""
        cells = {code: cell_name(line, place + 1) for code, place in self.at.items()}
        problems: list[Problem] = []

        def note(column: str, code: str, says: Words, remedy: Words = MEND) -> None:
            problems.append(Problem("", line, 0, cells.get(column, f"A{line}"), code, says, remedy))

        plain = {code: self._text(code, texts.get(code, ""), note) for code in COLUMNS}
        role = self._known(of.ROLE, plain[of.ROLE], role_of, note) or ""
        province = self._known(of.PROVINCE, plain[of.PROVINCE], lambda text: _find(self.provinces, text), note)
        zone = self._known(of.ZONE, plain[of.ZONE], lambda text: _find(self.zones, text), note)
        acting = says_yes(plain[of.ACTING])
        if acting is None:
            text = brief(plain[of.ACTING])
            says = Words(f"“{text}” ไม่ใช่ “ใช่” หรือว่าง", f'"{text}" is not yes or blank.')
            note(of.ACTING, "not_yes_or_no", says, Words("ใส่ “ใช่” หรือเว้นว่าง", "Write yes, or leave it blank."))
        from_day, to_day = (self._day(code, plain[code], note) for code in (of.FROM, of.TO))
        return PersonRow(
            line, plain[of.LOGIN].lower(), plain[of.TITLE_TH], plain[of.TITLE_EN], plain[of.EMAIL], role, province,
            None if zone is None else int(zone), bool(acting), from_day or self.today, to_day, cells, tuple(problems),
        )  # fmt: skip

    def _text(self, code: str, text: str, note: Callable[..., None]) -> str:
        if turned := TURNED.search(text):
            unseen = f"U+{ord(turned[0]):04X}"
            says = Words(f"พบอักขระที่มองไม่เห็น ({unseen})", f"Found a character that nobody sees ({unseen}).")
            note(code, "invisible_character", says, Words("พิมพ์ช่องนี้ใหม่", "Type this cell anew."))
            return ""
        plain = clean_text(text)[0]
        most = LONGEST.get(code, 200)
        if len(plain) > most:
            says = Words(f"ข้อความยาวกว่า {most} ตัวอักษร", f"The text is longer than {most} characters.")
            note(code, "too_long", says)
            return ""
        return plain

    def _known(self, code: str, text: str, find: Callable[[str], str | None], note: Callable[..., None]) -> str | None:
        if not text:
            return None
        found = find(text)
        if found is None:
            what = COLUMNS[code]
            in_english = what.in_language("en").lower()
            says = Words(f"“{brief(text)}” ไม่ใช่{what.th}ที่รู้จัก", f'"{brief(text)}" is no {in_english} known here.')
            note(code, f"{code}_unknown", says, self._near(code, text))
        return found

    def _near(self, code: str, text: str) -> Words:
        """The known word that is meant, else some of them; in each language its own."""
        th, en = (near(text, [words.in_language(language) for words in self.names[code]]) for language in ("th", "en"))
        return Words(th.th, en.en)

    def _day(self, code: str, text: str, note: Callable[..., None]) -> date | None:
        if not text:
            return None
        day = plain_date(text)
        if day is None:
            says = Words(f"“{brief(text)}” ไม่ใช่วันที่", f'"{brief(text)}" is no day.')
            note(code, "not_a_day", says, Words("ใส่วันที่ เช่น 1/10/2564", "Write a day such as 1/10/2564."))
        return day


def _by_name(places: Sequence[Place]) -> dict[str, str]:
    """Codes by everything a place may be called; the code itself beats a name."""
    found: dict[str, str] = {}
    for each in places:
        for name in (each.name_th, each.name_en):
            found.setdefault(key_of(name), each.code)
    return found | {key_of(each.code): each.code for each in places}


_WORDS_BEFORE = ("จังหวัด", "เขตตรวจราชการที่", "เขตตรวจราชการ", "เขตที่", "เขต", "zone", "province")
_BEFORE = tuple(key_of(each) for each in _WORDS_BEFORE)


def _find(places: Mapping[str, str], text: str) -> str | None:
    """By code or name, also with จังหวัด, จ., เขต or their English words before it."""
    plain = key_of(text)
    asked = [plain, *(plain.removeprefix(each) for each in _BEFORE if plain.startswith(each))]
    return next((places[each] for each in asked if each in places), None)
