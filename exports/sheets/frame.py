"""What all sheets share: title lines, warnings, header, running lines, signature lines, numbers as they are shown."""

from collections.abc import Sequence
from decimal import Decimal

from exports import looks
from exports.material import Material, Member, Said
from exports.wording import warnings
from exports.workbook import Book, Cell, Formula, Running, Sheet
from scoring_rules.exact import Number, shown
from scoring_rules.words import Words

DOTS = "…" * 12


def open_sheet(
    book: Book,
    material: Material,
    *,
    name: str,
    title: Said,
    widths: Sequence[float],
    header: Sequence[Sequence[Cell]] = (),
    frozen_columns: int = 0,
    one_page: bool = False,
    note: str | Formula | None = None,
    pages_wide: int = 1,
) -> Sheet:
    """A sheet with its title lines, warnings and `note`, then `header`, which stays in sight and is printed on each
    page."""
    say, rules = material.say, material.rules
    warned = " · ".join(warnings(material))
    award = say(
        Words(
            f"{rules.award.th} ประจำปี {rules.cycle}",
            f"{rules.award.in_language('en')}, B.E. {rules.cycle}",
        )
    )
    titles: list[Cell] = [(award, book.look(looks.TITLE)), (_with_stage(material, title), book.look(looks.SUBTITLE))]
    if warned:
        titles.append((warned, book.look(looks.WARNING_LINE)))
    if note:
        titles.append((note, book.look(looks.NOTE_LINE)))
    # Without a header of their own, continued pages repeat the title lines.
    repeat = (len(titles) + 1, len(titles) + len(header)) if header else (1, len(titles))
    sheet = book.sheet(
        name,
        widths=widths,
        running=_running(material, name, warned),
        repeat=repeat,
        frozen_rows=len(titles) + len(header),
        frozen_columns=frozen_columns,
        one_page=one_page,
        pages_wide=pages_wide,
    )
    for place, line in enumerate(titles):
        sheet.row([line], lines=1 if place else looks.TITLE_LINES)
    for row in header:
        sheet.row(row)
    return sheet


def _with_stage(material: Material, title: Said) -> str:
    return f"{material.say(title)} · {material.say(material.stage.label)}"


def _running(material: Material, name: str, warned: str) -> Running:
    say, rules, run = material.say, material.rules, material.provenance.run
    version = say(Words(f"เกณฑ์ {rules.id}", f"Rules {rules.id}")) + f" · {rules.sha256[:12]}"
    if run:
        version += say(Words(f" · การคำนวณ {run}", f" · Run {run}"))
    return Running(
        header=(say(rules.short), warned, name),
        footer=(
            version,
            say(Words("หน้า {page} จาก {pages}", "Page {page} of {pages}")),
            say(Words("พิมพ์เมื่อ {date} {time}", "Printed {date} {time}")),
        ),
    )


def exactly(value: Number, places: int) -> int | Decimal:
    """The number a cell holds: what the engine shows with `places` decimals, so that cell and page agree."""
    return value.numerator if value.denominator == 1 else Decimal(shown(value, places))


def group_row(sheet: Sheet, book: Book, text: str, columns: int) -> None:
    """A heading across the sheet for the rows below it."""
    look = book.look(looks.GROUP)
    sheet.row([(text, look), *[(None, look)] * (columns - 1)])


def sign(sheet: Sheet, book: Book, material: Material, members: Sequence[Member], columns: int) -> None:
    """Signature lines, up to three side by side: name left open, position and seat printed."""
    say, look = material.say, book.look(looks.SIGNATURE)
    beside = min(3, columns, len(members)) or 1
    edges = [1 + round(columns * place / beside) for place in range(beside + 1)]
    spans = [(edges[place], edges[place + 1] - 1) for place in range(beside)]
    for first in range(0, len(members), beside):
        some = members[first : first + beside]
        sheet.blank()
        for lines in zip(*(_signature(material, member) for member in some), strict=True):
            row: list[Cell] = [None] * columns
            for (start, _), text in zip(spans, lines, strict=False):
                row[start - 1] = (text, look)
            merge = [span for span in spans[: len(some)] if span[1] > span[0]]
            sheet.row(row, merge=merge, lines=2 if lines[0].startswith(say(SIGNED)) else 1)


SIGNED = Words("ลงชื่อ", "Signed")


def _signature(material: Material, member: Member) -> tuple[str, ...]:
    say = material.say
    return (
        f"{say(SIGNED)} {DOTS}{DOTS} {say(member.seat)}".rstrip(),
        f"({DOTS}{DOTS})",
        f"{say(Words('ตำแหน่ง', 'Position'))} {DOTS if member.name == member.code else say(member.name)}",
        f"{say(Words('วันที่', 'Date'))} {DOTS}",
    )
