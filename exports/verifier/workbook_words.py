"""The words of the workbook that are compared, in Thai and English, and how a value is compared with a cell."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple, Union

from exports.verifier.amounts import exact_text, number, shown
from exports.verifier.ranks import Ranking
from exports.verifier.rules import Rules, Stage, Written
from exports.verifier.said import fail
from exports.verifier.totals import Line
from exports.verifier.xlsx import Sheet, as_cell, cell_name

Wanted = Union[str, Fraction, int, None]  # noqa: UP007 - older Pythons read it too
CLOSE = Fraction(1, 10**9)  # a number without end is kept to about 16 digits
NOTHING = "–"

WORDS: Mapping[str, tuple[str, str]] = {
    "ranking": ("ผลการจัดอันดับ", "Ranking"),
    "matrix": ("คะแนนรายกรรมการ", "Totals by member"),
    "card": ("ใบให้คะแนน", "Score card"),
    "indicators": ("ตัวชี้วัด", "Indicators"),
    "provenance": ("ที่มาของผล", "Provenance"),
    "evidence": ("หลักฐาน", "Evidence"),
    "rules": ("เกณฑ์", "Rules"),
    "path": ("รหัส", "Code"),
    "rank": ("ลำดับที่", "Rank"),
    "code": ("รหัสผลงาน", "Entry"),
    "label": ("หน่วยงาน/ผลงาน", "Office or work"),
    "province": ("จังหวัด", "Province"),
    "zone": ("เขต", "Zone"),
    "total": ("คะแนนรวม", "Total"),
    "tier": ("ผลการตัดสิน", "Award level"),
    "advances": ("เข้ารอบต่อไป", "Goes on"),
    "tie": ("เกณฑ์ที่ใช้ตัดสินเมื่อคะแนนเท่ากัน", "What decided a tie"),
    "remark": ("หมายเหตุ", "Remark"),
    "full": ("คะแนนเต็ม", "Full marks"),
    "changes": ("ปรับเพิ่ม/ลด", "Adjustments"),
    "this": ("คะแนนรอบนี้", "This stage"),
    "earlier": ("คะแนนรอบก่อน", "Earlier stage"),
    "check": ("เทียบกับระบบ", "Against the system"),
    "same": ("ตรง", "same"),
    "line": ("บรรทัดในตารางตรวจสอบ", "Line on the audit sheet"),
    "yes": ("ใช่", "Yes"),
    "blocked": (
        "ยังประกาศผลไม่ได้: มีคะแนนเท่ากันที่รอมติคณะกรรมการเป็นลายลักษณ์อักษร",
        "Not to be published: a tie waits for the committee's written decision",
    ),
    "criterion": ("เกณฑ์", "Criterion"),
    "mark": ("ระดับ", "Mark"),
    "points": ("คะแนน", "Points"),
    "note": ("บันทึกของกรรมการ", "Member's notes"),
    "recused": ("ถอนตัวจากการพิจารณา", "Recused"),
    "absent": ("ไม่อยู่", "Absent"),
    "standing": ("ยังไม่ครบ", "Not complete"),
    "shared": ("ลำดับร่วม", "Shared rank"),
    "nothing": ("ไม่มีรายการ", "Nothing to list"),
    "ranked": ("", ""),
    "not_placed": ("ได้ลำดับ แต่ไม่เข้าเกณฑ์รับรางวัล", "Ranked, but takes no award and does not go on"),
    "tied_unresolved": ("คะแนนเท่ากัน รอมติคณะกรรมการ", "Tied, waiting for the committee's decision"),
    "incomplete": ("ข้อมูลไม่ครบ จึงไม่จัดอันดับ", "Incomplete, not ranked"),
    "not_eligible": ("ขาดคุณสมบัติ จึงไม่จัดอันดับ", "Not eligible, not ranked"),
    "not_presented": ("ไม่ได้นำเสนอ จึงไม่จัดอันดับ", "Did not present, not ranked"),
    "withdrawn": ("ถอนผลงาน จึงไม่จัดอันดับ", "Withdrawn, not ranked"),
    "pairwise": ("จำนวนกรรมการที่ให้คะแนนสูงกว่ามีมากกว่า (เทียบทีละคู่)", "Put higher by more members, pair by pair"),
    "median": ("มัธยฐานของคะแนนรวมของกรรมการสูงกว่า", "Higher median of the members' totals"),
    "resolution": ("มติคณะกรรมการเป็นลายลักษณ์อักษร", "The committee's written decision"),
    "spread": ("ส่วนต่างระหว่างกรรมการ", "Spread between members"),
    "invented": ("ข้อมูลสมมติ", "Invented data"),
    "provisional": ("ผลเบื้องต้น", "Provisional result"),
    "proposed": (
        "คะแนนและเกณฑ์เป็นข้อเสนอ ยังไม่ใช่แบบของกรม",
        "Points and criteria are proposed, not the department's form",
    ),
    "history": ("ประวัติการแก้ไข", "Change history"),
    "audit": ("ตารางตรวจสอบ", "Audit"),
    "official": ("ผลอย่างเป็นทางการ", "Official result"),
}


class Book(NamedTuple):
    """What the workbook should show: the ranking computed here, the facts, and the reasons that results.json gives."""

    rules: Rules
    stage: Stage
    rankings: list[Ranking]
    facts: Mapping[str, Any]
    reasons: Mapping[str, Any]  # by entry: [{th, en}]
    sheets: list[Sheet]
    language: int  # 0 Thai, 1 English
    entries: Mapping[str, Any]  # of the facts, by code

    def word(self, name: str) -> str:
        """A word of the workbook in its language."""
        return WORDS[name][self.language]

    def say(self, words: Written) -> str:
        """A text of the rules in its language; Thai where the English is missing."""
        return str((words.get("en") if self.language else "") or words["th"])

    def of_sheet(self, title: str) -> list[Sheet]:
        """The sheets with such a second line, in order."""
        return [sheet for sheet in self.sheets if sheet.text(2, 1) == as_cell(title)]


class Compared:
    """Counts the cells that agree; raises Failed for the first that does not."""

    def __init__(self) -> None:
        self.cells = 0
        self.sheets: set[str] = set()

    def cell(self, sheet: Sheet, row: int, column: int, wanted: Wanted) -> None:
        """One cell. Raises Failed with sheet, cell and both values."""
        if not agrees(sheet.cells.get((row, column)), wanted):
            at, found = cell_name(row, column), as_text(sheet.cells.get((row, column)))
            expected = as_text(Fraction(wanted) if isinstance(wanted, int) else wanted)
            fail(
                f"ranking.xlsx แผ่น “{sheet.name}” เซลล์ {at}: เขียนไว้ {found} แต่ต้องเป็น {expected}",
                f'ranking.xlsx sheet "{sheet.name}" cell {at}: it says {found}, it must be {expected}',
            )
        if (row, column) in sheet.dressed:
            at = cell_name(row, column)
            fail(
                f"ranking.xlsx แผ่น “{sheet.name}” เซลล์ {at}: รูปแบบของเซลล์อาจแสดงค่าอื่น",
                f'ranking.xlsx sheet "{sheet.name}" cell {at}: its format could show another value',
            )
        self.cells += 1
        self.sheets.add(sheet.name)


def agrees(found: str | Fraction | None, wanted: Wanted) -> bool:
    """Whether a cell holds what it must: a text letter by letter, a number to nine decimals, nothing for nothing."""
    if wanted is None or wanted == "":
        return found is None
    if isinstance(wanted, str):
        return found == as_cell(wanted)
    if isinstance(found, str):  # a number with more digits than a spreadsheet keeps stands as a text
        try:
            found = Fraction(found)
        except ValueError:
            return False
    return found is not None and abs(found - wanted) <= CLOSE * max(Fraction(1), abs(Fraction(wanted)))


def as_text(value: Wanted) -> str:
    """A value as it stands in a sentence."""
    if value is None or value == "":
        return "∅"
    if isinstance(value, str):
        return f"“{value}”" if len(value) < 80 else f"“{value[:79]}…”"
    fraction = Fraction(value)
    decimal = shown(fraction, 6).rstrip("0").rstrip(".")
    return decimal if Fraction(decimal) == fraction else f"{decimal}… ({exact_text(fraction)})"


def decided_words(book: Book, ranking: Ranking, line: Line) -> str:
    """What settled a tie, as the ranking sheet says it."""
    if line.decided_by is None:
        return ""
    by, _, code = line.decided_by.partition(":")
    value, label = line.spread if by == "spread" else None, book.word("spread")
    if by == "criterion":
        node = next(each for each in ranking.category.nodes if each.path == code)
        value, label = line.points.get(code), book.say(node.written["label"])
        otherwise = (f"คะแนน “{label}” สูงกว่า", f"Higher points for “{label}”")[book.language]
    elif by == "indicator":
        asked = next(each for each in ranking.category.listed("indicators") if each["code"] == code)
        value, label = line.indicators.get(code), book.say(asked["label"])
        higher = asked["better"] == "higher"
        th, en = ("สูงกว่า" if higher else "ต่ำกว่า"), ("Higher" if higher else "Lower")
        otherwise = (f"“{label}” {th}", f"{en} “{label}”")[book.language]
    else:
        otherwise = ("ส่วนต่างระหว่างกรรมการน้อยกว่า", "Smaller spread between members")[book.language]
        otherwise = otherwise if by == "spread" else book.word(by)
    if value is None:
        return otherwise
    text = f"“{label}”: {shown(value, ranking.category.places)}"
    return (f"ตัดสินด้วย {text}", f"Decided by {text}")[book.language]


def remark_words(book: Book, line: Line) -> str:
    """Why a line stands as it stands: its status, a shared rank, and the reasons of results.json."""
    said = [book.word(line.status)]
    if line.tied and line.status != "tied_unresolved" and line.rank is not None:
        said.append(book.word("shared"))
    said += [str((each.get("en") if book.language else "") or each["th"]) for each in book.reasons.get(line.entry, ())]
    return "\n".join(text for text in said if text)


def group_words(book: Book, group: str) -> str:
    """The heading above a group; empty where all are ranked together."""
    kind = book.stage.groups
    if not group or kind == "none":
        return ""
    if kind == "zone":
        return (f"เขตตรวจราชการที่ {group}", f"Inspection zone {group}")[book.language]
    return (f"จังหวัด{group}", f"{group} province")[book.language] if kind == "province" else group


def full_points(ranking: Ranking) -> Fraction:
    """The most that a category's criteria can earn."""
    return sum((root.points for root in ranking.category.roots), number("0"))
