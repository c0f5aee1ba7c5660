"""The sheets that are plain lists: indicators, evidence, change history."""

from collections.abc import Mapping, Sequence

from exports import looks
from exports.audit.facts import fields_read
from exports.audit.sheet import Audit
from exports.formulas import readable
from exports.material import Material
from exports.sheets.card_points import near
from exports.sheets.frame import exactly, group_row, open_sheet
from exports.sheets.ranking import CODE, LABEL, PROVINCE, REMARK
from exports.workbook import Book, Formula, Sheet, Value
from scoring_rules.exact import Number, plain
from scoring_rules.indicators import label_of_field, measure
from scoring_rules.operations import known
from scoring_rules.rules import Category, Indicator
from scoring_rules.words import Words

FIELD_PLACES = 10  # as many decimals as a number that was filled in may have


def add_indicators(
    book: Book, material: Material, audits: Mapping[str, Audit], facts_at: dict[tuple[str, str], str]
) -> None:
    """Adds every indicator of every entry: numerator, denominator, value, date; a missing one says why. Then the other
    numbers that rules read. Notes in `facts_at` the cell of each number; where a number comes again it is a formula."""
    say, head = material.say, book.look(looks.HEADER)
    titles = (
        CODE,
        LABEL,
        PROVINCE,
        Words("ตัวตั้ง", "Numerator"),
        Words("ตัวหาร", "Denominator"),
        Words("ค่า", "Value"),
        Words("หน่วย", "Unit"),
        Words("ข้อมูล ณ วันที่", "As of"),
        REMARK,
    )
    title = Words("ตัวชี้วัด", "Indicators")
    sheet = open_sheet(
        book,
        material,
        name=say(title),
        title=title,
        widths=[14, 40, 18, 18, 18, 14, 14, 22, 40],
        header=[[(say(each), head) for each in titles]],
        frozen_columns=2,
    )
    found = False
    for category in material.categories:
        for indicator in category.indicators:
            group_row(sheet, book, _indicator_heading(material, category, indicator), len(titles))
            _indicator_rows(sheet, book, material, category, indicator, audits, facts_at)
        measured = {code for each in category.indicators for code in (each.ratio or (each.field,))}
        others = [code for code in fields_read(category) if code not in measured]
        for code in others:
            group_row(sheet, book, say(label_of_field(category, code)), len(titles))
            _field_rows(sheet, book, material, category, code, facts_at)
        found = found or bool(category.indicators or others)
    if not found:
        _nothing(sheet, book, material)


def _indicator_heading(material: Material, category: Category, indicator: Indicator) -> str:
    say = material.say
    text = say(indicator.label)
    if indicator.ratio is not None:
        above, below = (say(label_of_field(category, code)) for code in indicator.ratio)
        text += f" = {above} ÷ {below}"
        if indicator.times != 1:
            text += f" × {plain(indicator.times)}"
    if len(material.rules.categories) > 1:
        text = f"{say(category.label)} · {text}"
    return text


def _indicator_rows(
    sheet: Sheet,
    book: Book,
    material: Material,
    category: Category,
    indicator: Indicator,
    audits: Mapping[str, Audit],
    facts_at: dict[tuple[str, str], str],
) -> None:
    text, day = book.look(looks.TEXT), book.look(looks.date_look(material.language))
    raw = book.look(looks.ANY_NUMBER)
    places = indicator.round.places if indicator.round else FIELD_PLACES
    value_look = book.look(looks.number(places)) if indicator.round else raw
    above, below = indicator.ratio or (indicator.field or "", "")
    date_field = _date_field(category, above)
    unit = material.say(indicator.unit)
    for ranking in material.of_category(category):
        for standing in ranking.standings:
            fields = material.entries[standing.entry].fields
            measured = measure(category, indicator, fields)
            given = [
                (_fact(sheet, letter, standing.entry, code, fields.get(code), facts_at), raw) if code else (None, raw)
                for letter, code in (("D", above), ("E", below))
            ]
            value: Value = None if measured.value is None else exactly(measured.value, places)
            formula = _value_formula(indicator, sheet.rows + 1)
            if formula is None and category.code in audits:
                value = audits[category.code].indicator(indicator.code, standing.entry, measured.value)
            elif formula is not None and category.code in audits:
                value = Formula(formula, "" if value is None else near(known(measured.value)))
            sheet.row(
                [
                    (standing.entry, text),
                    (standing.label, text),
                    (standing.attributes.get("province", ""), text),
                    *given,
                    (value, value_look),
                    (unit, text),
                    (material.dates.get((standing.entry, date_field)), day),
                    (material.say(measured.missing) if measured.missing else None, text),
                ]
            )


def _fact(
    sheet: Sheet, letter: str, entry: str, code: str, value: Number | None, facts_at: dict[tuple[str, str], str]
) -> Value:
    """The number where it comes first, which is what all formulas read; a reference to it where it comes again."""
    found = None if value is None else exactly(value, FIELD_PLACES)
    at = facts_at.setdefault((entry, code), here := f"{sheet.quoted}!${letter}${sheet.rows + 1}")
    return found if at == here else Formula(f'IF(ISNUMBER({at}),{at},"")', "" if found is None else found)


def _value_formula(indicator: Indicator, row: int) -> str | None:
    """The value as people compute it; None where no spreadsheet function rounds so."""
    above, below = f"D{row}", f"E{row}"
    if indicator.ratio is None:
        text = readable(above, indicator.round)
        return None if text is None else f'IF(ISNUMBER({above}),{text},"")'
    times = "" if indicator.times == 1 else f"*{plain(indicator.times)}"
    text = readable(f"{above}{times}/{below}", indicator.round)
    return None if text is None else f'IF(ISNUMBER({above})*ISNUMBER({below})*(N({below})<>0)=1,{text},"")'


def _field_rows(
    sheet: Sheet, book: Book, material: Material, category: Category, code: str, facts_at: dict[tuple[str, str], str]
) -> None:
    text, raw = book.look(looks.TEXT), book.look(looks.ANY_NUMBER)
    for ranking in material.of_category(category):
        for standing in ranking.standings:
            value = material.entries[standing.entry].fields.get(code)
            place = (standing.attributes.get("province", ""), text)
            cell = (_fact(sheet, "F", standing.entry, code, value, facts_at), raw)
            sheet.row(
                [(standing.entry, text), (standing.label, text), place, *[(None, text)] * 2, cell, *[(None, text)] * 3]
            )


def _date_field(category: Category, code: str) -> str:
    """The date that belongs to a number: the date field of the same criterion."""
    part = next((field.part_of for field in category.fields if field.code == code), None)
    if part is None:
        return ""
    return next((field.code for field in category.fields if field.type == "date" and field.part_of == part), "")


def add_evidence(book: Book, material: Material) -> None:
    """Adds the list of files and links of the entries ranked here."""
    say, head = material.say, book.look(looks.HEADER)
    title = Words("หลักฐาน", "Evidence")
    titles = (
        CODE,
        LABEL,
        Words("ใช้ประกอบ", "Supports"),
        Words("ชื่อแฟ้มหรือลิงก์", "File or link"),
        Words("ชนิด", "Kind"),
        Words("ขนาด (ไบต์)", "Size (bytes)"),
        Words("ได้รับเมื่อ", "Received"),
        Words("ส่งล่าช้า", "Sent late"),
        Words("รหัสตรวจสอบ SHA-256", "SHA-256"),
    )
    sheet = open_sheet(
        book,
        material,
        name=say(title),
        title=title,
        widths=[14, 36, 34, 40, 10, 16, 24, 10, 36],
        header=[[(say(each), head) for each in titles]],
        frozen_columns=2,
    )
    text, centred = book.look(looks.TEXT), book.look(looks.CENTRED)
    moment, size = book.look(looks.moment_look(material.language)), book.look(looks.THOUSANDS)
    late = say(Words("ส่งล่าช้า", "Sent late"))
    shown_here = {standing.entry: standing.label for ranking in material.rankings for standing in ranking.standings}
    lines = [line for line in material.evidence if line.entry in shown_here]
    for line in lines:
        sheet.row(
            [
                (line.entry, text),
                (shown_here[line.entry], text),
                (say(line.field), text),
                (line.name, text),
                (say(line.kind), centred),
                (line.size, size),
                (line.received_at, moment),
                (late if line.late else None, centred),
                (line.sha256, text),
            ]
        )
    if not lines:
        _nothing(sheet, book, material)


def add_history(book: Book, material: Material) -> None:
    """Adds what was changed after it had been sent: who, when, before, after, why."""
    say, head = material.say, book.look(looks.HEADER)
    title = Words("ประวัติการแก้ไข", "Change history")
    titles = (
        Words("เมื่อ", "When"),
        Words("ผู้ดำเนินการ", "Who"),
        Words("การดำเนินการ", "What"),
        CODE,
        Words("ก่อน", "Before"),
        Words("หลัง", "After"),
        Words("เหตุผล", "Reason"),
    )
    sheet = open_sheet(
        book,
        material,
        name=say(title),
        title=title,
        widths=[24, 40, 30, 14, 26, 26, 44],
        header=[[(say(each), head) for each in titles]],
        frozen_columns=1,
    )
    text, moment = book.look(looks.TEXT), book.look(looks.moment_look(material.language))
    for line in material.history:
        cells: Sequence[str] = (
            say(line.who),
            say(line.what),
            line.entry,
            line.before,
            line.after,
            line.reason,
        )
        sheet.row([(line.at, moment), *((cell, text) for cell in cells)])
    if not material.history:
        _nothing(sheet, book, material)


def _nothing(sheet: Sheet, book: Book, material: Material) -> None:
    sheet.row([(material.say(Words("ไม่มีรายการ", "Nothing to list")), book.look(looks.PLAIN.but(wrap=False)))])
