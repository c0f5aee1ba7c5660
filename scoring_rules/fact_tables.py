"""A table of text with its places, and how problems in it are noted: file, line, column, found, expected, remedy."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scoring_rules.problems import Problem, did_you_mean
from scoring_rules.words import Words

LONGEST_CODE = 64
NEAR_AT_MOST, NEAR_AMONG = 200, 2000
# What a column names, where a word in it is not known.
NOUNS = {
    "entry": Words("ผลงาน", "entry"),
    "order": Words("ผลงาน", "entry"),
    "category": Words("ประเภท", "category"),
    "member": Words("กรรมการ", "member"),
    "criterion": Words("เกณฑ์", "criterion"),
    "stage": Words("รอบ", "stage"),
    "status": Words("สถานะ", "status"),
    "kind": Words("เหตุที่ไม่ให้คะแนน", "kind"),
}
# Characters no one sees: two codes that look alike would differ. (Thai text may hold U+200B; codes may not.)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]")


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of text. `rows` pairs each row's line in the file (from 1) with its cells, blanks trimmed."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]
    header_line: int = 1


class Findings:
    """The problems found so far, shared by several tables, and where this table's columns are."""

    def __init__(self, table: Table, problems: list[Problem]):
        self.table = table
        self.problems = problems
        self.at: dict[str, int] = {}
        for index, name in enumerate(table.header):
            self.at.setdefault(name, index)

    def add(self, line: int, column: str, code: str, says: Words, remedy: Words) -> None:
        """Note one problem in the cell of `line` under `column`; column 1 stands for a column that is not there."""
        number = self.at.get(column, 0) + 1
        self.problems.append(Problem(self.table.name, line, number, column, code, says, remedy))

    def header(self, *, required: Iterable[str], optional: Iterable[str]) -> bool:
        """Whether rows can be read by this header; every problem of it is noted."""
        before = len(self.problems)
        required = list(required)
        known = list(dict.fromkeys([*required, *optional]))
        for index, name in enumerate(self.table.header):
            if name not in known:
                says = Words(f"ไม่รู้จักหัวตาราง “{brief(name)}”", f'The column "{brief(name)}" is not known.')
                self._about_header(index, name, "header_unknown", says, near(name, known))
            elif index != self.at[name]:
                says = Words(f"หัวตาราง “{name}” ซ้ำ", f'The column "{name}" is there twice.')
                remedy = Words("ลบคอลัมน์ที่ซ้ำออก", "Delete one of the two.")
                self._about_header(index, name, "header_twice", says, remedy)
        for name in required:
            if name not in self.at:
                says = Words(f"ไม่มีคอลัมน์ “{name}”", f'The column "{name}" is missing.')
                remedy = Words(f"เพิ่มหัวตาราง “{name}” ในแถวหัวตาราง", f'Add "{name}" to the header line.')
                self._about_header(0, name, "header_missing", says, remedy)
        return len(self.problems) == before

    def _about_header(self, index: int, name: str, code: str, says: Words, remedy: Words) -> None:
        place = (self.table.name, self.table.header_line, index + 1, brief(name))
        self.problems.append(Problem(*place, code, says, remedy))

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows that have as many cells as the header; the others are noted."""
        width = len(self.table.header)
        for line, cells in self.table.rows:
            if len(cells) == width:
                yield line, cells
                continue
            says = Words(
                f"แถวนี้มี {len(cells)} ช่อง แต่หัวตารางมี {width} ช่อง",
                f"This line has {len(cells)} cells, the header has {width}.",
            )
            remedy = Words("ตรวจเครื่องหมายจุลภาคและอัญประกาศในแถวนี้", "Check the commas and quotation marks of this line.")
            self.add(line, "", "row_ragged", says, remedy)

    def is_code(self, line: int, column: str, text: str) -> bool:
        """Whether `text` is fit to name an entry or a member; noted where it is not."""
        if not text:
            says = Words(f"ช่อง “{column}” ว่าง", f'"{column}" is blank.')
            remedy = Words("ใส่รหัส", "Write the code.")
        elif len(text) > LONGEST_CODE:
            says = Words(
                f"รหัสยาว {len(text)} ตัวอักษร เกิน {LONGEST_CODE}",
                f"The code has {len(text)} characters, more than {LONGEST_CODE}.",
            )
            remedy = Words("ใช้รหัสที่สั้นลง", "Use a shorter code.")
        elif _UNSEEN.search(text):
            says = Words(
                f"รหัส “{brief(text)}” มีอักขระที่มองไม่เห็น", f'The code "{brief(text)}" holds a character no one can see.'
            )
            remedy = Words("พิมพ์รหัสนี้ใหม่", "Type the code anew.")
        elif text[0] in "=+-@" or "|" in text:
            says = Words(
                f"รหัส “{brief(text)}” ขึ้นต้นด้วย = + - @ หรือมี |",
                f'The code "{brief(text)}" begins with = + - @ or holds |.',
            )
            remedy = Words("ตัดเครื่องหมายนั้นออก", "Leave that sign out.")
        else:
            return True
        self.add(line, column, "code_untidy", says, remedy)
        return False

    def unknown(self, line: int, column: str, code: str, text: str, known: Iterable[str]) -> None:
        """Note that `text` is none of the `known` words, and name the nearest."""
        noun = NOUNS.get(column, Words(f" {column}", column))
        says = Words(f"ไม่รู้จัก{noun.th} “{brief(text)}”", f'The {noun.en} "{brief(text)}" is not known.')
        # A file whose every line is wrong must not take minutes of looking for what each may have meant.
        self.add(line, column, code, says, near(text if len(self.problems) < NEAR_AT_MOST else "", known))


def near(found: str, known: Iterable[str]) -> Words:
    """A remedy that names the known word nearest to `found`, else some of the known words."""
    words = list(islice(filter(None, known), NEAR_AMONG))
    if meant := did_you_mean(found, words):
        return meant
    if not words:
        return Words("ลบค่านี้ออก", "Delete it.")
    some = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return Words(f"ใช้ค่าใดค่าหนึ่งต่อไปนี้: {some}", f"Use one of: {some}.")


def brief(text: str) -> str:
    """The text as a message may show it: short, on one line, the unseen made visible."""
    text = text if len(text) <= 60 else text[:59] + "…"
    return _UNSEEN.sub(lambda unseen: f"<U+{ord(unseen[0]):04X}>", text)


def found(text: str) -> Words:
    """“Found this.”"""
    return Words(f"พบ “{brief(text)}”", f'Found "{brief(text)}".')


def write_a_number(text: str) -> Words:
    """What to do about a text where a number belongs."""
    if text.startswith("="):
        return Words("ใส่ตัวเลข ไม่ใช่สูตร", "Write the number, not a formula.")
    if "," in text:
        return Words("ใส่ตัวเลขโดยไม่มีจุลภาค เช่น 1250.50", "Write the number without separators, such as 1250.50.")
    return Words(
        "ใส่ตัวเลข เช่น 3 หรือ 97.27 หรือเว้นว่างถ้าไม่มีข้อมูล",
        "Write a number such as 3 or 97.27, or leave the cell blank where there is none.",
    )
