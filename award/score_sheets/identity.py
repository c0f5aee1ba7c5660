"""Whose sheet a file is and of what: read, and held against what is asked for."""

from collections.abc import Sequence

from award.score_sheets.problems import FETCH_AGAIN, Problems
from award.tables.book_file import Book
from exports.score_sheet_layout import ABOUT, CHECK_KEY, ENTRY_KEY, FORMAT, FORMAT_KEY, GUIDE, KEYS, Identity, Layout
from scoring_rules.fact_tables import brief
from scoring_rules.words import Words


def read_identity(book: Book, problems: Problems) -> Identity | None:
    """What the file says of itself; None (noted) where it says nothing, or where what it says was changed."""
    page = next((found for name in (ABOUT.th, ABOUT.en) if (found := book.sheet(name)) is not None), None)
    if page is None:
        says = Words("ไฟล์นี้ไม่ใช่ใบให้คะแนนของระบบนี้", "This is not a score sheet of this system.")
        wanted = Words(f"ใช้ไฟล์ที่ดาวน์โหลด ซึ่งมีแผ่น “{ABOUT.th}”", f'Use the downloaded file; it has a sheet "{ABOUT.en}".')
        problems.add("", "", "not_a_score_sheet", says, wanted)
        return None
    told: dict[str, list[str]] = {}
    entries: list[tuple[str, str, str]] = []
    for number in range(1, len(page.rows) + 1):
        key = page.at(number, 2)
        if key == ENTRY_KEY:
            entries.append((page.at(number, 3), page.at(number, 4), page.at(number, 5)))
        elif key:
            told.setdefault(key, []).append(page.at(number, 3))
    if told.get(FORMAT_KEY, [FORMAT]) != [FORMAT]:
        says = Words(
            f"รูปแบบของแฟ้มคือ “{brief(' '.join(told[FORMAT_KEY]))}” ไม่ใช่ “{FORMAT}”",
            f'The format is "{brief(" ".join(told[FORMAT_KEY]))}", not "{FORMAT}".',
        )
        problems.add(page.name, "", "format_unknown", says, FETCH_AGAIN)
        return None
    values = {key: told.get(key, [""])[0] for key in KEYS}
    identity = Identity(**values, entries=tuple(entries))
    if [len(told.get(key, [])) for key in (*KEYS, CHECK_KEY)] != [1] * (len(KEYS) + 1) or (
        told[CHECK_KEY][0] != identity.check
    ):
        says = Words(
            "ข้อมูลที่บอกว่าแฟ้มเป็นของใครและของอะไรถูกแก้ หรือไม่ครบ",
            "What says whose file this is and of what was changed, or is not whole.",
        )
        problems.add(page.name, "", "identity_damaged", says, FETCH_AGAIN)
        return None
    return identity


def compare(found: Identity, wanted: Identity, problems: Problems) -> None:
    """Note everything in which the file is not of what is asked for."""
    page = ABOUT.in_language(found.language)
    for key, label in KEYS.items():
        here, there = getattr(found, key), getattr(wanted, key)
        if key == "language" or here == there:
            continue
        english = label.in_language("en")
        says = Words(
            f"{label.th}ของแฟ้มคือ “{brief(here)}” แต่ที่ต้องใช้คือ “{brief(there)}”",
            f'{english} of the file is "{brief(here)}"; "{brief(there)}" is needed.',
        )
        problems.add(page, "", f"other_{key}", says, FETCH_AGAIN)
    if problems.found:
        return
    asked = {code: category for code, category, _ in wanted.entries}
    for code, category, _ in found.entries:
        if asked.get(code) != category:
            says = Words(
                f"ผลงาน “{brief(code)}” ไม่ใช่ผลงานที่ท่านต้องให้คะแนน",
                f'The entry "{brief(code)}" is not one you have to mark.',
            )
            problems.add(page, "", "entry_unknown", says, FETCH_AGAIN)


def note_other_sheets(book: Book, layouts: Sequence[Layout], problems: Problems) -> None:
    """Note sheets that are not ours: what stands there is not read, and must not seem to be."""
    ours = {name for words in (ABOUT, GUIDE) for name in (words.th, words.en)} | {each.name for each in layouts}
    for page in book.sheets:
        if page.name not in ours and any(any(row) for row in page.rows):
            says = Words(
                "แผ่นนี้ไม่ใช่ของใบให้คะแนน และจะไม่ถูกอ่าน", "This sheet is not part of the score sheet and is not read."
            )
            remedy = Words("ลบแผ่นนี้ หรือเปลี่ยนชื่อกลับ", "Delete it, or give it its old name back.")
            problems.add(page.name, "", "sheet_unknown", says, remedy)
