"""A morning on which every zone hears a province, each at another point: what the boards of all zones show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text, update

from award.clock import BANGKOK
from award.db.live import Attendance, Declaration, Phase, ReopeningRequest, Sighting
from award.db.people import Duty, User
from award.db.scoring import Assignment, ScoringSession, Slot
from award.places import read_provinces
from tests.award.build import BuiltSite, build_site
from tests.award.hostile import freeze

NINE = datetime(2021, 7, 19, 9, 0, tzinfo=BANGKOK)
NOW = datetime(2021, 7, 19, 9, 30, tzinfo=BANGKOK)
ON, LATE, LOST, WAITING, ASKED, DONE = 9, 4, 12, 7, 16, 2  # zones, by what happens in them


@dataclass(frozen=True)
class ZonesDay:
    """`slot(9)` is the first slot of zone 9 on the day."""

    site: BuiltSite

    def slot(self, zone: int) -> int:
        return int(self.value(
            "select s.id from slot s join scoring_session d on d.id = s.session_id join panel p on p.id = d.panel_id "
            "where p.zone_number = :zone order by s.starts_at limit 1", zone=zone,
        ))  # fmt: skip

    def session(self, zone: int) -> int:
        return int(self.value("select session_id from slot where id = :slot", slot=self.slot(zone)))

    def seats(self, zone: int) -> list[int]:
        with self.site.database.reading() as db:
            sql = "select s.id from seat s join panel p on p.id = s.panel_id where p.zone_number = :z order by position"
            return [row[0] for row in db.execute(text(sql), {"z": zone})]

    def value(self, sql: str, **values: Any) -> Any:
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).scalar_one()

    def do(self, *statements: Any) -> None:
        with self.site.database.writing() as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    def open(self, zone: int, *, late: int = 0, seconds: int | None = None, phase: str = "presenting") -> None:
        """The chair opened the first slot `late` minutes after nine, and set a phase in motion then."""
        at = NINE + timedelta(minutes=late)
        self.do(
            update(Slot).where(Slot.id == self.slot(zone)).values(state="open", opened_at=at),
            insert(Phase).values(slot_id=self.slot(zone), phase=phase, seconds=seconds, at=at, by_id=1),
        )
        for seat in self.seats(zone):
            self.declare(zone, seat)
            self.see(zone, seat)

    def declare(self, zone: int, seat: int) -> None:
        about = {"session_id": self.session(zone), "seat_id": seat, "kind": "none", "at": NINE, "by_id": 1}
        self.do(insert(Declaration).values(**about))

    def see(self, zone: int, seat: int, *, ago: int = 5, unsent: int = 0) -> None:
        """A member's page asked so many seconds ago."""
        seen = {"session_id": self.session(zone), "seat_id": seat, "seen_at": NOW - timedelta(seconds=ago)}
        self.do(
            text("delete from sighting where session_id = :s and seat_id = :e").bindparams(s=seen["session_id"], e=seat)
        )
        self.do(insert(Sighting).values(**seen, unsent=unsent))

    def attend(self, zone: int, seat: int, state: str) -> None:
        told = {"slot_id": self.slot(zone), "seat_id": seat, "state": state, "at": NINE, "by_id": 1}
        self.do(insert(Attendance).values(**told, arrived_at=NINE if state == "late" else None))

    def tell(self, zone: int) -> None:
        """What every act does that is seen."""
        which = ScoringSession.id == self.session(zone)
        self.do(update(ScoringSession).where(which).values(version=ScoringSession.version + 1))


def build_zones_day(folder: Path, *, zones: int = 18, csrf: bool = False) -> ZonesDay:
    """The first `zones` zones hear one province each on 19 July; nothing has begun. With an executive's account."""
    first: dict[int, str] = {}
    for province in read_provinces():
        first.setdefault(province.zone_number, province.code)
    codes = tuple(first[zone] for zone in sorted(first))[:zones]
    day = ZonesDay(build_site(folder, provinces=codes, live=codes, csrf=csrf))
    with day.site.database.writing() as db:
        same = text("select password_hash from user where login = 'organizer'")
        user = db.execute(
            insert(User).values(
                login="executive", title_th="ผู้บริหารกรมการพัฒนาชุมชน", title_en="Head of the department",
                password_hash=db.execute(same).scalar_one(),
            ).returning(User.id)
        ).scalar_one()  # fmt: skip
        db.execute(
            insert(Duty).values(
                user_id=user, role="executive", title_th="ผู้บริหารกรมการพัฒนาชุมชน",
                title_en="Head of the department", from_day=NINE.date(),
            )
        )  # fmt: skip
        db.commit()
    freeze(day.site, NOW)
    return day


def live_through(day: ZonesDay) -> None:
    """Half past nine: one zone after the other is somewhere else."""
    for zone in (1, 3, 5, 6, 8, 10, 11, 13, 14, 15, 17, 18):
        day.open(zone, seconds=45 * 60)
    day.open(ON, late=4, seconds=20 * 60, phase="scoring")
    day.do(update(Assignment).where(Assignment.slot_id == day.slot(ON), Assignment.seat_id == day.seats(ON)[0]).values(
        state="sent", sent_at=NOW, receipt="#1 · aaaa bbbb"))  # fmt: skip
    day.open(LOST, seconds=30 * 60)
    day.see(LOST, day.seats(LOST)[1], ago=95)
    day.open(WAITING, seconds=40 * 60)
    day.see(WAITING, day.seats(WAITING)[2], unsent=6)
    day.attend(WAITING, day.seats(WAITING)[1], "absent")
    day.open(ASKED, seconds=40 * 60, phase="discussion")
    card = day.value("select min(id) from assignment where slot_id = :s", s=day.slot(ASKED))
    day.do(
        insert(ReopeningRequest).values(assignment_id=card, changes=2, reason="หลุด", at=NOW, by_id=1),
        update(Assignment).where(Assignment.id == card).values(paper="unconfirmed"),
    )
    day.do(
        update(Slot).where(Slot.session_id == day.session(DONE)).values(state="closed", opened_at=NINE, closed_at=NOW)
    )
