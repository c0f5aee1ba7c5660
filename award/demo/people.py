"""Invented accounts by position: no personal name anywhere. One password per database, made at random, printed once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from award.places import ProvinceData, ZoneData

SINCE = date(2020, 10, 1)  # the fiscal year 2564
SEATS = ("chair", "member", "secretary")
ACTING = ("54", "80")  # published: a director acted as chief of these offices
TWO_OFFICERS = "23"
AWARD_WORDS = "กรมการพัฒนาชุมชน"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """An invented account with its one duty."""

    id: int
    login: str
    role: str
    title_th: str
    title_en: str
    province_code: str | None = None
    zone_number: int | None = None
    acting: bool = False  # holds the duty for another: `title_*` is then the own post, `duty_*` the one held
    duty_th: str = ""
    duty_en: str = ""


@dataclass(frozen=True, slots=True)
class DemoSeat:
    """A place on a zone's panel."""

    id: int
    panel_id: int
    user: DemoUser
    kind: str
    position: int
    code: str


def invent_people(
    zones: list[ZoneData], provinces: list[ProvinceData], members: int
) -> tuple[list[DemoUser], list[DemoSeat]]:
    """Two organizers, an auditor, an administrator, an executive, an officer per province, and a panel of `members` per
    zone."""
    users = [
        DemoUser(
            1, "organizer", "organizer", f"ฝ่ายเลขานุการคณะกรรมการ {AWARD_WORDS}", "Secretariat of the committee, CDD"
        ),
        DemoUser(2, "auditor", "auditor", f"ผู้ตรวจสอบภายใน {AWARD_WORDS}", "Internal auditor, CDD"),
    ]
    for province in provinces:
        users.append(
            DemoUser(
                len(users) + 1, f"p{province.code}", "officer",
                f"เจ้าหน้าที่กลุ่มงานสารสนเทศ สำนักงานพัฒนาชุมชนจังหวัด{province.name_th}",
                f"Information officer, {province.name_en} CD office",
                province_code=province.code,
            )
        )  # fmt: skip
    seats: list[DemoSeat] = []
    for panel_id, zone in enumerate(zones, start=1):
        for position in range(1, members + 1):
            kind = SEATS[position - 1] if position <= len(SEATS) else "member"
            name = SEATS[position - 1] if position <= len(SEATS) else f"member{position}"
            title_th, title_en = _titles(zone, name)
            user = DemoUser(
                len(users) + 1, f"z{zone.number}-{name}", "chair" if kind == "chair" else "member",
                title_th, title_en, zone_number=zone.number,
            )  # fmt: skip
            users.append(user)
            seats.append(DemoSeat(len(seats) + 1, panel_id, user, kind, position, user.login))
    first = len(users) + 1  # last, so that the numbers of the others, which stand in the ledger, stay theirs
    return users + list(_who_confirms(first)), seats


def _who_confirms(first: int) -> Iterator[DemoUser]:
    """A second organizer and an administrator: a duty takes two people; then one who follows the progress only."""
    yield DemoUser(
        first, "organizer2", "organizer", f"ฝ่ายเลขานุการคณะกรรมการ {AWARD_WORDS} (ผู้ยืนยัน)",
        "Secretariat of the committee, CDD (second person)",
    )  # fmt: skip
    yield DemoUser(
        first + 1, "admin", "administrator", f"ผู้ดูแลระบบสารสนเทศ {AWARD_WORDS}", "Administrator of the system, CDD"
    )
    yield DemoUser(
        first + 2, "director", "executive", f"ผู้บริหาร{AWARD_WORDS} (ดูความก้าวหน้า)",
        "Executive of CDD (sees progress only)",
    )  # fmt: skip


def invent_offices(provinces: list[ProvinceData], *, first: int) -> list[DemoUser]:
    """A director and a chief for each province's office, and for Trat a second officer; the chiefs of `ACTING` are
    directors who act as such. `first`: the number of the first of them."""
    users: list[DemoUser] = []
    for province in provinces:
        office_th, office_en = f"สำนักงานพัฒนาชุมชนจังหวัด{province.name_th}", f"{province.name_en} CD office"
        chief = f"พัฒนาการจังหวัด{province.name_th}", f"Chief of the {office_en}"
        is_acting = province.code in ACTING
        promotion = (
            f"ผู้อำนวยการกลุ่มงานส่งเสริมการพัฒนาชุมชน {office_th}", f"Director of the promotion group, {office_en}"
        )  # fmt: skip
        own = promotion if is_acting else chief
        told = [
            ("director", "director", f"ผู้อำนวยการกลุ่มงานสารสนเทศการพัฒนาชุมชน {office_th}",
             f"Director of the information group, {office_en}"),
            ("chief", "chief", *own),
        ]  # fmt: skip
        if province.code == TWO_OFFICERS:
            title = f"นักวิชาการพัฒนาชุมชน กลุ่มงานยุทธศาสตร์การพัฒนาชุมชน {office_th}"
            told.append(("strategy", "officer", title, f"CD specialist, strategy group, {office_en}"))
        for name, role, title_th, title_en in told:
            held = chief if is_acting and role == "chief" else ("", "")
            users.append(
                DemoUser(
                    first + len(users), f"p{province.code}-{name}", role, title_th, title_en,
                    province_code=province.code, acting=bool(held[0]), duty_th=held[0], duty_en=held[1],
                )
            )  # fmt: skip
    return users


def _titles(zone: ZoneData, name: str) -> tuple[str, str]:
    place_th, place_en = f"เขตตรวจราชการที่ {zone.number} {zone.name_th}", f"zone {zone.number}, {zone.name_en}"
    if name == "chair":
        return f"ผู้ตรวจราชการ{AWARD_WORDS} {place_th}", f"CDD inspector, {place_en}"
    if name == "member":
        centre = f"ศูนย์ศึกษาและพัฒนาชุมชน{zone.centre_th or f' ประจำเขต {zone.number} (สมมติ)'}"
        return f"ผู้อำนวยการ{centre}", f"Director of the training centre, {place_en}"
    if name == "secretary":
        return (
            f"นักวิชาการพัฒนาชุมชนชำนาญการ ปฏิบัติหน้าที่ผู้ช่วยผู้ตรวจราชการ{AWARD_WORDS} {place_th}",
            f"CD specialist acting as assistant inspector, {place_en}",
        )
    return f"กรรมการเพิ่มเติม {place_th}", f"Further member, {place_en}"
