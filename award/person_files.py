"""What the site holds about one person, as a file to hand to them: JSON for programs, a page in Thai and English."""

import io
import json
import zipfile
from datetime import datetime
from html import escape
from typing import Any

from award.queries.personal import DELETED, EMPTIED, KEPT, NAMELESS, PersonalData, Section
from scoring_rules.words import Words

FATES = {
    KEPT: Words("เก็บไว้โดยไม่ระบุตัวบุคคล", "kept, without saying who"),
    DELETED: Words("ลบทั้งหมด", "deleted"),
    NAMELESS: Words("ตัดชื่อ ตำแหน่ง อีเมล", "loses name, titles, address"),
    EMPTIED: Words("ลบข้อความ คงคะแนนไว้", "texts go, marks stay"),
}
TITLE = Words("ข้อมูลส่วนบุคคลที่ระบบเก็บไว้", "Personal data that the system holds")
NOTHING = Words("ไม่มี", "nothing")
IF_ERASED = Words("เมื่อลบข้อมูล", "if erased")
LEFT_OUT = Words(
    "ไฟล์นี้ไม่มีรหัสผ่าน รหัสลับ หรือข้อความของลิงก์ใช้ครั้งเดียว เพราะไฟล์อาจตกไปอยู่กับผู้อื่น"
    " และไม่มีคำตอบของจังหวัดหรือผลการคัดเลือก เพราะไม่ใช่ข้อมูลของบุคคล",
    "Passwords, secrets and texts with one-time links are left out, since a file may get lost;"
    " so are a province's answers and results, which are not a person's.",
)


def person_archive(data: PersonalData, *, made_at: datetime) -> bytes:
    """A zip of `personal-data.json` and `personal-data.html`: the same data gives the same bytes."""
    filled = io.BytesIO()
    with zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("personal-data.html", as_page(data, made_at)),
            ("personal-data.json", as_json(data, made_at)),
        ):
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), text.encode())
    return filled.getvalue()


def as_json(data: PersonalData, made_at: datetime) -> str:
    """Everything, for programs."""
    told = {
        "format": 1,
        "person": f"u{data.user_id}",
        "made_at": made_at.isoformat(),
        "held": {
            each.what: {"th": each.th, "en": each.en, "if_erased": each.fate, "rows": list(each.rows)}
            for each in data.sections
        },
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def as_page(data: PersonalData, made_at: datetime) -> str:
    """Everything, for people: one table for each kind of thing; opens in any browser, without the site."""
    parts = [
        '<!doctype html><html lang="th"><head><meta charset="utf-8">',
        f"<title>{escape(TITLE.th)}</title><style>body{{font-family:sans-serif;margin:2rem;max-width:80rem}}"
        "table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid #bbb;padding:.25rem .5rem;"
        "text-align:left;vertical-align:top;overflow-wrap:anywhere}.quiet{color:#555}</style></head><body>",
        f"<h1>{escape(TITLE.th)}<br><span lang=en>{escape(TITLE.en)}</span></h1>",
        f"<p>u{data.user_id} · {escape(made_at.isoformat(timespec='seconds'))}</p>",
        f"<p class=quiet>{escape(LEFT_OUT.th)}<br><span lang=en>{escape(LEFT_OUT.en)}</span></p>",
        *(_section(each) for each in data.sections),
        "</body></html>",
    ]
    return "\n".join(parts)


def _section(section: Section) -> str:
    fate = FATES[section.fate]
    heading = (
        f"<h2>{escape(section.th)} ({len(section.rows)})<br><span lang=en>{escape(section.en)}</span></h2>"
        f"<p class=quiet>{escape(IF_ERASED.th)}: {escape(fate.th)} · "
        f"<span lang=en>{escape(IF_ERASED.en)}: {escape(fate.en)}</span></p>"
    )
    if not section.rows:
        return f"{heading}<p>{escape(NOTHING.th)} · <span lang=en>{escape(NOTHING.en)}</span></p>"
    names = list(dict.fromkeys(name for row in section.rows for name in row))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in names)}</tr>" for row in section.rows)
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: Any) -> str:
    return "" if value is None else escape(str(value))
