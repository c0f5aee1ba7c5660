"""What every score sheet says beside the cells to fill: what the levels mean, and whose file it is and of what."""

from collections.abc import Iterator

from exports.form_book import FormBook, FormSheet
from exports.looks import CENTRED, GROUP, HEADER, INK, MUTED, PART, PLAIN, TEXT, TITLE, WARNING_LINE, Look
from exports.score_sheet_layout import (
    ABOUT,
    CHECK_KEY,
    ENTRY_KEY,
    FORMAT,
    FORMAT_KEY,
    GUIDE,
    KEYS,
    Line,
    ScoreSheet,
)
from exports.text_width import lines_needed
from exports.thai import date_text, time_text
from exports.wording import INVENTED, PROPOSED
from scoring_rules.exact import plain
from scoring_rules.rules import Category, IndicatorSource, MarksSource, Scale
from scoring_rules.words import Words

SMALL_CODE = Look(size=11, colour=MUTED)
TICK = Words("1 มี · 0 ไม่มี", "1 yes · 0 no")
FROM_INDICATOR = Words("จากตัวชี้วัด ไม่ต้องให้คะแนน", "from an indicator, not marked")
FILL_IN = Words(
    "กรอกเฉพาะช่องสีเหลือง ช่องว่างคือยังไม่ให้คะแนน ไม่ใช่ศูนย์ อย่าแทรก ลบ หรือย้ายแถวและคอลัมน์",
    "Fill the yellow cells only. A blank is not marked yet, never zero. Do not insert, delete or move rows or columns.",
)


def title_of(sheet: ScoreSheet) -> str:
    """Award and cycle."""
    return f"{sheet.say(sheet.rules.award)} {sheet.rules.cycle}"


def warnings_of(sheet: ScoreSheet) -> str:
    """What must stand on every sheet: invented data, proposed points."""
    said = [INVENTED] if sheet.invented else []
    if sheet.rules.basis == "proposed":
        said.append(PROPOSED)
    return " · ".join(sheet.say(each) for each in said)


def scale_words(scale: Scale) -> Words:
    """`0 ถึง 5 ทีละ 1`."""
    low, high, step = plain(scale.from_), plain(scale.to), plain(scale.step)
    return Words(f"{low} ถึง {high} ทีละ {step}", f"{low} to {high} in steps of {step}")


def levels_of(line: Line) -> Iterator[Words]:
    """What each mark means, highest first as on the card."""
    source = line.criterion.source
    if line.kind == "mark" and isinstance(source, MarksSource):
        for level in sorted(source.levels, key=lambda each: each.at, reverse=True):
            yield Words(f"{plain(level.at)} = {level.text.th}", f"{plain(level.at)} = {level.text.in_language('en')}")


def draw_guide(book: FormBook, sheet: ScoreSheet) -> None:
    """What each level means, for paper."""
    widths = (44.0, 12.0, 90.0)
    page = book.sheet(sheet.say(GUIDE), widths=widths, repeat_rows=(3, 3), frozen=(3, 0))
    page.put(1, 1, f"{sheet.say(GUIDE)} · {title_of(sheet)}", TITLE)
    page.put(2, 1, warnings_of(sheet), WARNING_LINE)
    heads = Words("เกณฑ์", "Criterion"), Words("คะแนน", "Mark"), Words("ความหมาย", "Meaning")
    for column, head in enumerate(heads, 1):
        page.put(3, column, sheet.say(head), HEADER)
    row = 4
    for layout in sheet.layouts:
        page.put(row, 1, sheet.say(layout.category.label), GROUP)
        row += 1
        for line in layout.lines:
            row = _guided(page, sheet, layout.category, line, row)


def _guided(page: FormSheet, sheet: ScoreSheet, category: Category, line: Line, row: int) -> int:
    """One criterion of the guide; returns the next free row."""
    source = line.criterion.source
    if line.kind == "heading":
        label = sheet.say(line.label)
        page.put(row, 1, label, PART)
        page.height(row, lines_needed(label, 44.0))
        return row + 1
    if line.kind == "item":
        told = [(sheet.say(TICK), "")]
    elif isinstance(source, MarksSource):
        levels = sorted(source.levels, key=lambda each: each.at, reverse=True)
        told = [(plain(level.at), sheet.say(level.text)) for level in levels]
        told = told or [(sheet.say(scale_words(source.scale)), "")]
    elif line.kind == "given" and isinstance(source, IndicatorSource):
        told = [("", f"{sheet.say(FROM_INDICATOR)}: {sheet.say(category.indicator(source.indicator).label)}")]
    else:
        told = [("", "")]
    for place, (mark, text) in enumerate(told):
        label = sheet.say(line.label) if place == 0 else ""
        page.put(row, 1, label, TEXT.but(vertical="top", indent=1 if line.item else 0))
        page.put(row, 2, mark, CENTRED)
        page.put(row, 3, text, TEXT)
        page.height(row, max(lines_needed(text, 90.0), lines_needed(label, 44.0)))
        row += 1
    return row


def draw_about(book: FormBook, sheet: ScoreSheet) -> None:
    """Whose file this is and of what: people read the first column, the program the second and third."""
    identity = sheet.identity
    page = book.sheet(sheet.say(ABOUT), widths=(44.0, 16.0, 72.0, 22.0, 14.0))
    page.put(1, 1, f"{sheet.say(ABOUT)} · {title_of(sheet)}", TITLE)
    page.put(2, 1, warnings_of(sheet), WARNING_LINE)
    made = f"{date_text(sheet.made_at, language=sheet.language)} {time_text(sheet.made_at, language=sheet.language)}"
    told = (
        Words(
            f"ใบให้คะแนนของ {_both(sheet.member.name).th} ทำเมื่อ {made}",
            f"Score sheet of {_both(sheet.member.name).in_language('en')}, made {made}",
        ),
        FILL_IN,
        sheet.bring_back,
        Words(
            "ข้อมูลต่อไปนี้บอกว่าแฟ้มเป็นของใครและของอะไร ถ้าแก้ ระบบจะไม่รับแฟ้ม",
            "What follows says whose file this is and of what. If it is changed, the file is refused.",
        ),
    )
    row = 3
    for line in told:
        page.put(row, 1, sheet.say(line), PLAIN.but(wrap=False, colour=INK))
        row += 1
    keyed = [(FORMAT_KEY, Words("รูปแบบของแฟ้ม", "Format of the file"), FORMAT)]
    keyed += [(key, label, getattr(identity, key)) for key, label in KEYS.items()]
    keyed.append((CHECK_KEY, Words("เลขตรวจ", "Check digits"), identity.check))
    for key, label, value in keyed:
        row += 1
        page.put(row, 1, sheet.say(label), TEXT)
        page.put(row, 2, key, SMALL_CODE)
        page.put(row, 3, value, TEXT)
    row += 2
    heads = (
        Words("ผลงาน", "Entry"), Words("รายการ", "Item"), Words("รหัสผลงาน", "Entry code"),
        Words("ประเภท", "Category"), Words("ครั้งที่บันทึก", "Revision"),
    )  # fmt: skip
    for column, head in enumerate(heads, 1):
        page.put(row, column, sheet.say(head), HEADER)
    for entry in sheet.entries:
        row += 1
        for column, value in enumerate((entry.label, ENTRY_KEY, entry.code, entry.category, entry.revision), 1):
            page.put(row, column, value, SMALL_CODE if column == 2 else TEXT)


def _both(said: Words | str) -> Words:
    return said if isinstance(said, Words) else Words(said, said)
