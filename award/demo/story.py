"""What a scoring day leaves besides marks, for two invented days: Sa Kaeo's, which is over, and Chiang Rai's, which has
just begun on the live morning. A member of Sa Kaeo's panel was head of its office until the autumn before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from award.db.ledger import Private, Unordered, seat
from award.db.ledger import card as card_alias
from award.demo.people import DemoSeat, DemoUser
from award.demo.rows import Event, Round
from award.demo.texts import INVENTED
from award.places import ProvinceData

OVER, UNDER_WAY = "27", "57"
MINUTES = {"presenting_minutes": 30, "questions_minutes": 20, "scoring_minutes": 25}  # invented
FORMER_HOLDER = "z9-member"
FORMER_DAYS = date(2017, 10, 1), date(2020, 9, 30)
WHY_RECUSED = f"เคยเป็นพัฒนาการจังหวัดสระแก้วจนถึงกันยายน 2563 ({INVENTED})"
PROPOSED = f"พัฒนาการจังหวัดสระแก้ว ({INVENTED}) 1/10/2560 – 30/9/2563"


@dataclass(frozen=True, slots=True)
class FormerDuty:
    """A duty that somebody held before and no longer holds."""

    id: int
    user_id: int
    role: str
    province_code: str
    title_th: str
    title_en: str


def invent_former(users: list[DemoUser], provinces: Iterable[ProvinceData]) -> list[FormerDuty]:
    """The one duty that speaks for an interest: in a round with Sa Kaeo only. Its number comes after everybody's."""
    holder = next((user for user in users if user.login == FORMER_HOLDER), None)
    if holder is None or OVER not in {place.code for place in provinces}:
        return []
    title = f"พัฒนาการจังหวัดสระแก้ว ({INVENTED})"
    return [FormerDuty(len(users) + 1, holder.id, "officer", OVER, title, "Head of the Sa Kaeo CD office (invented)")]


def presentation(province: ProvinceData, number: int) -> dict[str, Any]:
    """Who presents, where the exhibition is, how long it is planned to take: all invented."""
    who = "หัวหน้ากลุ่มงานยุทธศาสตร์และสารสนเทศ" if number == 1 else "หัวหน้ากลุ่มงานส่งเสริมการพัฒนาชุมชน"
    return {
        "presenters": f"{who} สำนักงานพัฒนาชุมชนจังหวัด{province.name_th} ({INVENTED})",
        "exhibition_url": f"https://example.invalid/exhibition/{province.code}/{number}", **MINUTES,
    }  # fmt: skip


class Story:
    """Adds rows and lines of a day to the round. `began`: when each slot began, by its number."""

    def __init__(self, made: Round, session_id: int, panel: list[DemoSeat], slots: dict[int, int]):
        self.made, self.session_id, self.panel = made, session_id, panel
        self.slots = slots  # adoption -> slot
        self.chair = panel[0].user.id

    def declare(self, who: DemoSeat, at: datetime, *, kind: str = "none", reason: str = "", proposed: str = "") -> None:
        """A member declares, in the log of each award; an interest names the cards that it recuses."""
        self.made.declarations.append(
            {
                "session_id": self.session_id, "seat_id": who.id, "kind": kind, "proposed": proposed,
                "reason": reason, "at": at, "by_id": who.user.id,
            }
        )  # fmt: skip
        for adoption, slot in self.slots.items():
            own = [
                card_alias(card["id"]) for card in self.made.assignments
                if kind != "none" and card["slot_id"] == slot and card["seat_id"] == who.id
            ]  # fmt: skip
            body: dict[str, Any] = {
                "session": self.session_id, "member": seat(who.code), "kind": kind, "proposed": bool(proposed),
                "reason": Private(reason), "cards": Unordered(own), "freed": Unordered([]),
            }  # fmt: skip
            self.made.events.append(Event(at, who.user.id, adoption, "declare_interest", body))

    def begin(self, adoption: int, phase: str, at: datetime, minutes: int | None = None) -> None:
        """The chair sets a part of a slot in motion."""
        slot, seconds = self.slots[adoption], None if minutes is None else minutes * 60
        self.made.phases.append({"slot_id": slot, "phase": phase, "seconds": seconds, "at": at, "by_id": self.chair})
        body = {"slot": slot, "phase": phase, "seconds": seconds}
        self.made.events.append(Event(at, self.chair, adoption, "begin_phase", body))

    def tick(self, adoption: int, who: DemoSeat, at: datetime, *, late: bool = False) -> None:
        """The chair records that a member is there, or came late just then."""
        slot, state = self.slots[adoption], "late" if late else "present"
        row = {"slot_id": slot, "seat_id": who.id, "state": state, "arrived_at": at if late else None}
        self.made.attendance.append({**row, "at": at, "by_id": self.chair})
        body = {
            "slot": slot, "member": seat(who.code), "state": state, "arrived_at": at.isoformat() if late else None
        }  # fmt: skip
        self.made.events.append(Event(at, self.chair, adoption, "record_attendance", body))

    def note(self, adoption: int, text: str, at: datetime) -> None:
        """A note for the minutes."""
        slot = self.slots[adoption]
        self.made.notes.append({"slot_id": slot, "text": text, "at": at, "by_id": self.chair})
        body = {"slot": slot, "text": Private(text)}
        self.made.events.append(Event(at, self.chair, adoption, "note_minutes", body))


def tell_over(story: Story, begins: dict[int, datetime]) -> None:
    """A day that is over: declarations in the morning, then phases, attendance and a note of each slot."""
    first = min(begins.values())
    for number, who in enumerate(story.panel):
        former = who.user.login == FORMER_HOLDER
        interest = {"kind": "former_post", "reason": WHY_RECUSED, "proposed": PROPOSED} if former else {}
        story.declare(who, first - timedelta(minutes=40 - number), **interest)
    for adoption, begun in begins.items():
        for number, who in enumerate(story.panel):
            late = number == len(story.panel) - 1 and adoption == 2
            story.tick(adoption, who, begun + timedelta(minutes=6 if late else 1, seconds=number), late=late)
        story.begin(adoption, "presenting", begun, 30)
        story.begin(adoption, "questions", begun + timedelta(minutes=27), 20)
        story.begin(adoption, "scoring", begun + timedelta(minutes=34), 25)
        story.begin(adoption, "discussion", begun + timedelta(minutes=86), 10)
        story.begin(adoption, "done", begun + timedelta(minutes=95))
    text = f"สัญญาณภาพขาดช่วงประมาณ 2 นาที ผู้นำเสนอกล่าวซ้ำส่วนที่ขาด ({INVENTED})"
    story.note(1, text, begins[1] + timedelta(minutes=12))


def tell_under_way(story: Story, begun: datetime) -> None:
    """A day that has just begun: all have declared, the presentation of the first slot is on, one came late."""
    for number, who in enumerate(story.panel):
        story.declare(who, begun - timedelta(minutes=12 - number))
    story.begin(1, "presenting", begun + timedelta(minutes=2), 30)
    for number, who in enumerate(story.panel):
        late = number == len(story.panel) - 1 and number > 0
        story.tick(1, who, begun + timedelta(minutes=9 if late else 1, seconds=number), late=late)
