"""A list of people and their duties as a workbook to fill in: a row ready for each post of each office and panel.

Only the first sheet is read back (award.people_sheets), as is any CSV with the same heads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exports.entry_book_cells import INPUT
from exports.form_book import Allowed, FormBook
from exports.looks import HEADER, PLAIN, TEXT, TITLE
from exports.text_width import lines_needed
from scoring_rules.words import Words

PEOPLE = Words("บุคคลและหน้าที่", "People and duties")
HOW = Words("วิธีกรอก", "How to fill it in")
SPARE_ROWS = 60
NARROW, WIDE = 16.0, 40.0
LINES = (
    Words(
        "หนึ่งแถวต่อหนึ่งหน้าที่ แถวที่ยังไม่กรอกชื่อผู้ใช้ ตำแหน่ง และอีเมล จะถูกข้าม",
        "One row for each duty. A row without sign-in name, position and e-mail is passed over.",
    ),
    Words(
        "ระบุตำแหน่ง ไม่ใช่ชื่อบุคคล ชื่อผู้ใช้เว้นว่างได้เมื่อมีอีเมลของบุคคลนั้นเอง",
        "Write positions, not personal names. The sign-in name may stay blank where there is an own e-mail address.",
    ),
    Words(
        "คนเดียวมีหลายหน้าที่: ใส่ชื่อผู้ใช้เดียวกันหลายแถว บทบาทเว้นว่างได้ คือสร้างบัญชีที่ยังไม่มีหน้าที่",
        "One person with several duties: the same sign-in name in several rows. A blank role makes an account "
        "without a duty.",
    ),
    Words(
        "จังหวัดสำหรับเจ้าหน้าที่ ผู้อำนวยการกลุ่มงาน และพัฒนาการจังหวัด เขตสำหรับประธานและกรรมการ",
        "A province for officers, directors and chiefs; a zone for chairs and members.",
    ),
    Words(
        "วันที่เขียนเช่น 1/10/2564 วันเริ่มต้นเว้นว่างคือวันที่นำเข้า วันสิ้นสุดเว้นว่างคือจนกว่าจะมีการเปลี่ยนแปลง",
        "Days are written like 1/10/2564. A blank first day is the day of the import, a blank last day until further "
        "notice.",
    ),
    Words(
        "การนำเข้าสร้างบัญชีที่ยังไม่มีรหัสผ่านและเสนอหน้าที่ ผู้อื่นต้องยืนยันก่อนหน้าที่จึงมีผล",
        "The import makes accounts without a password and proposes the duties: somebody else confirms them before they "
        "count.",
    ),
)


@dataclass(frozen=True, slots=True)
class PeopleBook:
    """What the workbook holds. `columns`: heads by code; `choices`: what the cells of a column take, by code; `rows`:
    texts by code."""

    columns: Mapping[str, Words]
    choices: Mapping[str, Sequence[str]]
    rows: Sequence[Mapping[str, str]]
    made_at: datetime
    made_by: Words
    language: str = "th"

    def say(self, words: Words) -> str:
        """In the book's language."""
        return words.in_language(self.language)


def people_book(book: PeopleBook) -> bytes:
    """The workbook (.xlsx) to fill in. Raises CannotWrite for a text that no cell can hold."""
    made = FormBook(title=book.say(PEOPLE), made_by=book.say(book.made_by), made_at=book.made_at)
    widths = [NARROW if code in book.choices else WIDE for code in book.columns]
    page = made.sheet(book.say(PEOPLE), widths=widths, repeat_rows=(1, 1), frozen=(1, 1))
    for place, words in enumerate(book.columns.values(), 1):
        page.put(1, place, book.say(words), HEADER)
    page.height(
        1, max(lines_needed(book.say(words), width) for words, width in zip(book.columns.values(), widths, strict=True))
    )
    count = len(book.rows) + SPARE_ROWS
    for number in range(count):
        there = book.rows[number] if number < len(book.rows) else {}
        for place, code in enumerate(book.columns, 1):
            page.input(2 + number, place, there.get(code) or None, INPUT)
    how = made.sheet(book.say(HOW), widths=(90.0,))
    how.put(1, 1, book.say(HOW), TITLE)
    for row, line in enumerate(LINES, 3):
        how.put(row, 1, book.say(line), PLAIN)
        how.height(row, lines_needed(book.say(line), 90.0))
    lists = made.sheet(book.say(Words("ตัวเลือก", "Choices")), widths=[30.0] * len(book.choices))
    for column, (code, choices) in enumerate(book.choices.items(), 1):
        lists.put(1, column, book.say(book.columns[code]), HEADER)
        for row, choice in enumerate(choices, 2):
            lists.put(row, column, choice, TEXT)
        letter = "ABCDEFGHIJ"[column - 1]
        listed = f"'{lists.name}'!${letter}$2:${letter}${len(choices) + 1}"
        refusal = book.say(Words("ไม่มีในรายการตัวเลือก", "This is not on the list."))
        allowed = Allowed(listed_at=listed, firm=False, title=book.say(book.columns[code]), refusal=refusal)
        page.allow(2, list(book.columns).index(code) + 1, allowed, rows=count)
    return made.finish()
