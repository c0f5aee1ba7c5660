"""The columns of a list of people, and the words that its cells know: roles, yes and no."""

from award.answers.plain import clean_text
from award.queries.likeness import fold
from scoring_rules.words import Words

LOGIN, TITLE_TH, TITLE_EN, EMAIL = "login", "title_th", "title_en", "email"
ROLE, PROVINCE, ZONE, ACTING, FROM, TO = "role", "province", "zone", "acting", "from", "to"

COLUMNS = {
    LOGIN: Words("ชื่อผู้ใช้", "Sign-in name"),
    TITLE_TH: Words("ตำแหน่ง (ภาษาไทย)", "Position (Thai)"),
    TITLE_EN: Words("ตำแหน่ง (ภาษาอังกฤษ)", "Position (English)"),
    EMAIL: Words("อีเมล", "E-mail"),
    ROLE: Words("บทบาท", "Role"),
    PROVINCE: Words("จังหวัด", "Province"),
    ZONE: Words("เขตตรวจราชการ", "Inspection zone"),
    ACTING: Words("รักษาราชการแทน", "Acting"),
    FROM: Words("วันเริ่มต้น", "First day"),
    TO: Words("วันสิ้นสุด", "Last day"),
}
PERSONAL = (LOGIN, TITLE_TH, TITLE_EN, EMAIL)  # a row in which none of these is filled in says nothing yet
ROLE_WORDS = {
    "officer": Words("เจ้าหน้าที่จังหวัด", "Provincial officer"),
    "director": Words("ผู้อำนวยการกลุ่มงาน", "Director of a work group"),
    "chief": Words("พัฒนาการจังหวัด", "Provincial CD chief"),
    "member": Words("กรรมการ", "Committee member"),
    "chair": Words("ประธานกรรมการ", "Chair of a panel"),
    "organizer": Words("ฝ่ายเลขานุการ", "Organizer"),
    "auditor": Words("ผู้ตรวจสอบ", "Auditor"),
    "administrator": Words("ผู้ดูแลระบบ", "Administrator"),
    "executive": Words("ผู้บริหาร", "Executive"),
}
ALSO_ROLES = {  # as pages and people write them
    "director": ("ผู้อำนวยการกลุ่มงานของสำนักงานจังหวัด", "Director of a work group of the provincial office"),
    "chair": ("ประธาน", "ประธานคณะกรรมการ", "Chair"),
    "member": ("Member",),
    "officer": ("เจ้าหน้าที่", "Officer"),
    "chief": ("Chief",),
    "organizer": ("เลขานุการ", "Organizer (secretariat)", "Secretariat"),
    "administrator": ("Administrator of the system",),
    "executive": ("ผู้บริหาร (ดูความคืบหน้าเท่านั้น)", "Executive (sees progress only)"),
}
YES, NO = Words("ใช่", "yes"), Words("ไม่ใช่", "no")
_YES = ("yes", "y", "true", "1", "ใช่", "มี", "✓", "✔", "/", "x", "รักษาราชการแทน", "acting")
_NO = ("", "no", "n", "false", "0", "ไม่ใช่", "ไม่", "-", "–")


def key_of(text: str) -> str:
    """A word as it is compared: small letters, blanks and signs aside."""
    return fold(clean_text(text)[0])


_ROLE_KEYS = {
    key_of(each): role
    for role, words in ROLE_WORDS.items()
    for each in (role, words.th, words.in_language("en"), *ALSO_ROLES.get(role, ()))
}
_COLUMN_KEYS = {
    key_of(each): code for code, words in COLUMNS.items() for each in (code, words.th, words.in_language("en"))
}


def column_of(text: str) -> str | None:
    """Which column a head names, by its code or its name in either language."""
    return _COLUMN_KEYS.get(key_of(text))


def role_of(text: str) -> str | None:
    """Which role a cell names, by its code or its name in either language."""
    return _ROLE_KEYS.get(key_of(text))


def says_yes(text: str) -> bool | None:
    """Whether a cell says yes; None for what is neither."""
    plain = clean_text(text)[0].lower()
    return True if plain in _YES else (False if plain in _NO else None)
