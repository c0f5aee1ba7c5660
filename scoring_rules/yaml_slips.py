"""What makes a text no YAML, said in plain words: the common slips, and what to do about each."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from scoring_rules.words import Words


class Slip(NamedTuple):
    """What is wrong, without a full stop, and what to do."""

    says: Words
    remedy: Words


QUOTE_IT = Words(
    'ใส่ข้อความในเครื่องหมายคำพูด เช่น th: "ข้อ 1: การบริการ"', 'Put the text in quotes, such as en: "Part 1: service".'
)
COLON = Slip(Words("พบ : ในข้อความที่ไม่มีเครื่องหมายคำพูด", "There is a colon in a text without quotes"), QUOTE_IT)
COLON_OR_COMMA = Slip(
    Words(
        "พบ : ในข้อความที่ไม่มีเครื่องหมายคำพูด หรือขาดจุลภาคก่อนชื่อช่อง",
        "There is a colon in a text without quotes, or no comma before a key",
    ),
    QUOTE_IT,
)
DASH = Slip(
    Words("พบ - ต่อท้ายชื่อช่องในบรรทัดเดียวกัน", "A dash stands on the line of its key"),
    Words("ขึ้นบรรทัดใหม่ก่อน - หรือใส่ข้อความในเครื่องหมายคำพูด", "Begin a new line before the dash, or put the text in quotes."),
)
SIGN = Slip(
    Words("ข้อความขึ้นต้นด้วยเครื่องหมายที่ YAML ใช้ เช่น @ หรือ %", "A text begins with a sign that YAML uses, such as @ or %"),
    QUOTE_IT,
)
TAB = Slip(
    Words("พบแท็บ (tab) ซึ่งใช้ย่อหน้าไม่ได้", "There is a tab, which cannot indent a line"),
    Words("ลบแท็บ แล้วย่อหน้าด้วยช่องว่าง", "Remove the tab and indent with blanks."),
)
INDENTED = Slip(
    Words("ช่องว่างหน้าบรรทัดไม่ตรงกับบรรทัดอื่นในกลุ่ม", "The blanks before this line do not match the other lines of its group"),
    Words(
        "ลบหรือเพิ่มช่องว่างหน้าบรรทัดให้ตรงกับบรรทัดก่อนหน้า (มักเกินหรือขาดไปหนึ่งช่อง)",
        "Begin the line right below its neighbours: often it is one blank too many or too few.",
    ),
)
NO_COLON = Slip(
    Words(
        "ชื่อช่องที่บรรทัดนี้หรือบรรทัดก่อนหน้าไม่มี : และช่องว่างตามหลัง",
        "The key on this line or the one before is not followed by a colon and a blank",
    ),
    Words("เขียนเป็น ชื่อช่อง: ค่า และเว้นหนึ่งช่องหลัง :", "Write it as key: value, with one blank after the colon."),
)
BRACKET = Slip(
    Words("วงเล็บ { } หรือ [ ] เปิดปิดไม่ครบคู่ หรือขาดจุลภาคคั่น", "Brackets { } or [ ] do not match, or a comma is missing"),
    Words("ปิดวงเล็บให้ครบ และคั่นแต่ละส่วนด้วย ,", "Close each bracket, and put a comma between its parts."),
)
QUOTE = Slip(
    Words("เครื่องหมายคำพูดเปิดแล้วไม่ปิด หรือมีข้อความต่อท้าย", "A quotation mark is not closed, or text follows the closing one"),
    Words("ปิดเครื่องหมายคำพูดที่ท้ายข้อความ", "Close the quotation mark at the end of the text."),
)
UNSEEN = Slip(
    Words("พบอักขระที่มองไม่เห็นซึ่งใช้ในไฟล์เกณฑ์ไม่ได้", "There is a character that no one sees and no rule file may hold"),
    Words("ลบอักขระนั้น หรือพิมพ์บรรทัดนี้ใหม่", "Delete the character, or type the line again."),
)
OTHER = Slip(
    Words("อ่านเป็น YAML ไม่ได้ตรงนี้", "This is not valid YAML"),
    Words(
        "ดูการย่อหน้า วงเล็บ และเครื่องหมายคำพูดที่บรรทัดนี้และบรรทัดก่อนหน้า",
        "Look at indentation, brackets and quotes on this line and the one before.",
    ),
)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the parser stopped: what it says, the text before that place on its line, and the line before."""

    detail: str
    before: str
    previous: str

    @property
    def in_a_text(self) -> bool:
        """Whether the text before the place holds a key and its colon already."""
        return ": " in re.split(r"[{\[,]", self.before)[-1]

    @property
    def after_a_line_without_colon(self) -> bool:
        return bool(self.previous) and not re.search(r":(\s|$)", self.previous)


def slip(broken: Broken) -> Slip:
    """The slip that is most likely behind it."""
    detail = broken.detail
    if "\\t" in detail or "\t" in broken.before[: len(broken.before) - len(broken.before.lstrip())]:
        return TAB
    if "special characters" in detail:
        return UNSEEN
    if "mapping values are not allowed" in detail:
        return COLON if broken.in_a_text else NO_COLON if broken.after_a_line_without_colon else INDENTED
    if "could not find expected ':'" in detail:
        return NO_COLON
    if "sequence entries are not allowed" in detail:
        return DASH
    if "quoted scalar" in detail or ("<scalar>" in detail and broken.before.rstrip()[-1:] in ("'", '"')):
        return QUOTE
    if "cannot start any token" in detail:
        return SIGN
    if "flow" in detail:
        return COLON_OR_COMMA if "':'" in detail and broken.in_a_text else BRACKET
    if any(sign in detail for sign in ("found '}'", "found ']'", "found ','")):
        return BRACKET
    return INDENTED if "expected <block end>" in detail else OTHER
