"""Which entry a filled workbook is of: read, and held against the entry that it is brought to."""

from award.entry_sheets.problems import FETCH_AGAIN, Problems
from award.tables.book_file import Book
from exports.entry_book_layout import ABOUT, CHECK_KEY, FORMAT, FORMAT_KEY, KEYS, Identity
from scoring_rules.fact_tables import brief
from scoring_rules.words import Words

MUST_BE_SAME = ("cycle", "rule_set", "rules_sha256", "entry")
REVISION = 10**9


def read_identity(book: Book, problems: Problems) -> Identity | None:
    """What the file says of itself; None (noted) where it says nothing, or where what it says was changed."""
    pages = (book.sheet(name) for name in (ABOUT.th, ABOUT.en))
    page = next((each for each in pages if each is not None), None)
    told: dict[str, list[str]] = {}
    for number in range(1, len(page.rows) + 1 if page else 1):
        key = page.at(number, 2) if page else ""
        if page and key:
            told.setdefault(key, []).append(page.at(number, 3))
    if page is None or FORMAT_KEY not in told:
        says = Words("ไฟล์นี้ไม่ใช่แบบกรอกผลงานของระบบนี้", "This is not an entry's form of this system.")
        wanted = Words(f"ใช้ไฟล์ที่ดาวน์โหลด ซึ่งมีแผ่น “{ABOUT.th}”", f'Use the downloaded file; it has a sheet "{ABOUT.en}".')
        problems.add("", "", "not_an_entry_book", says, wanted)
        return None
    if told[FORMAT_KEY] != [FORMAT]:
        other = brief(" ".join(told[FORMAT_KEY]))
        says = Words(f"รูปแบบของแฟ้มคือ “{other}” ไม่ใช่ “{FORMAT}”", f'The format is "{other}", not "{FORMAT}".')
        problems.add(page.name, "", "format_unknown", says, FETCH_AGAIN)
        return None
    identity = Identity(**{key: told.get(key, [""])[0] for key in KEYS})
    whole = all(len(told.get(key, [])) == 1 for key in (*KEYS, CHECK_KEY)) and told[CHECK_KEY] == [identity.check]
    if not whole or not _is_sound(identity):
        says = Words(
            "ข้อมูลที่บอกว่าแฟ้มเป็นของผลงานใดถูกแก้ หรือไม่ครบ",
            "What says which entry this file is of was changed, or is not whole.",
        )
        problems.add(page.name, "", "identity_damaged", says, FETCH_AGAIN)
        return None
    return identity


def _is_sound(identity: Identity) -> bool:
    """Whether its numbers are numbers: the check digits are no secret."""
    try:
        counts = identity.row_counts
    except ValueError:
        return False
    revision = identity.revision
    in_bounds = all(0 <= count <= 1_000 for count in counts.values())
    return in_bounds and revision.isascii() and revision.isdigit() and int(revision) < REVISION


def compare(found: Identity, wanted: Identity, problems: Problems) -> None:
    """Note everything in which the file is not of the entry it is brought to."""
    page = ABOUT.in_language(found.language)
    for key in MUST_BE_SAME:
        here, there, label = getattr(found, key), getattr(wanted, key), KEYS[key]
        if here != there:
            says = Words(
                f"{label.th}ของแฟ้มคือ “{brief(here)}” แต่ที่ต้องใช้คือ “{brief(there)}”",
                f'{label.in_language("en")} of the file is "{brief(here)}"; "{brief(there)}" is needed.',
            )
            remedy = FETCH_AGAIN
            if key == "entry":
                remedy = Words(
                    "เปิดหน้าของผลงานนั้น แล้วนำไฟล์เข้าที่นั่น", "Open the page of that entry and bring the file there."
                )
            problems.add(page, "", f"other_{key}", says, remedy)
