"""Where the workbook comes from, so that anyone can find the same result again, or see that it is another."""

from datetime import datetime

from exports import looks
from exports.material import Material
from exports.sheets.frame import open_sheet
from exports.wording import INVENTED, KINDS, NOTHING, PROPOSED
from exports.workbook import Book, Cell
from scoring_rules.words import Words

TITLE = Words("ที่มาของผล", "Provenance")
CONFIRMED = Words("ยืนยันแล้ว", "Confirmed")
REAL = Words("ข้อมูลจริง", "Real data")


def add_provenance(book: Book, material: Material) -> None:
    """Adds rule set, facts, engine, run, who, when, and what kind of result this is."""
    say, made, rules = material.say, material.provenance, material.rules
    lines: list[tuple[Words, str | int | datetime | None]] = [
        (Words("ประเภทของผล", "Kind of result"), say(KINDS[made.kind])),
        (Words("ข้อมูล", "Data"), say(INVENTED if made.invented else REAL)),
        (Words("สถานะของเกณฑ์", "Standing of the rules"), say(PROPOSED if rules.basis == "proposed" else CONFIRMED)),
        (Words("เลขที่การคำนวณ", "Run"), made.run or NOTHING),
        (Words("จัดทำโดย", "Made by"), say(made.made_by)),
        (Words("จัดทำเมื่อ", "Made at"), made.made_at),
        (Words("รางวัล", "Award"), say(rules.award)),
        (Words("รอบปี พ.ศ.", "Cycle, B.E."), rules.cycle),
        (Words("ระดับ", "Stage"), say(material.stage.label)),
        (Words("ชุดเกณฑ์", "Rule set"), rules.id),
        (Words("SHA-256 ของชุดเกณฑ์", "SHA-256 of the rule set"), rules.sha256),
        (Words("SHA-256 ของข้อเท็จจริง", "SHA-256 of the facts"), material.evaluation.facts_sha256),
        (Words("รุ่นของตัวคำนวณ", "Engine version"), material.evaluation.engine),
        (Words("จำนวนผลงาน", "Entries"), sum(len(ranking.standings) for ranking in material.rankings)),
        (Words("จำนวนกรรมการ", "Members"), len(material.panel_members)),
    ]
    if made.ledger_size is not None:
        lines.append((Words("จำนวนบรรทัดในบันทึก", "Lines in the ledger"), made.ledger_size))
        lines.append((Words("รหัสรากของบันทึก", "Root of the ledger"), made.ledger_root or NOTHING))
    sheet = open_sheet(book, material, name=say(TITLE), title=TITLE, widths=[40, 90])
    bold, text = book.look(looks.BOLD), book.look(looks.TEXT)
    moment = book.look(looks.moment_look(material.language).but(align="left"))
    whole = book.look(looks.WHOLE.but(align="left"))
    for what, value in lines:
        look = moment if isinstance(value, datetime) else whole if isinstance(value, int) else text
        row: list[Cell] = [(say(what), bold), (value, look)]
        sheet.row(row)
