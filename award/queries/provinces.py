"""The provinces that entries come from: their zones, and the days on which they are heard."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from award.db.cycles import Panel
from award.db.people import Province
from award.db.scoring import ScoringSession


@dataclass(frozen=True, slots=True)
class ProvinceLine:
    """A province with the days on which its entries are heard."""

    code: str
    name_th: str
    name_en: str
    zone_number: int
    days: tuple[date, ...] = ()
    sessions: tuple[int, ...] = ()  # those of these days
    districts: int | None = None  # how many it has


def get_attributes(db: Session, province_code: str) -> dict[str, str]:
    """What an entry's province gives to its facts: zone, province, region."""
    asked = select(Province.zone_number, Province.name_th, Province.region_th).where(Province.code == province_code)
    zone, name, region = db.execute(asked).one()
    return {"zone": str(zone), "province": name, "region": region}


def list_province_lines(
    db: Session, *, cycle_id: int, provinces: Collection[str] | None = None, zone: int | None = None
) -> list[ProvinceLine]:
    """Provinces in Thai dictionary order (all, or these, or those of a zone) with their scoring days in the cycle."""
    query = (
        select(
            Province.code, Province.name_th, Province.name_en, Province.zone_number, ScoringSession.day,
            ScoringSession.id.label("session"), Province.districts,
        )
        .outerjoin(Panel, and_(Panel.cycle_id == cycle_id, Panel.zone_number == Province.zone_number))
        .outerjoin(
            ScoringSession, and_(ScoringSession.panel_id == Panel.id, ScoringSession.province_code == Province.code)
        )
        .order_by(Province.zone_number, Province.sort, Province.code, ScoringSession.day)
    )  # fmt: skip
    if provinces is not None:
        query = query.where(Province.code.in_(provinces))
    if zone is not None:
        query = query.where(Province.zone_number == zone)
    lines: dict[str, ProvinceLine] = {}
    for row in db.execute(query):
        before = lines.get(row.code)
        days = (before.days if before else ()) + ((row.day,) if row.day else ())
        sessions = (before.sessions if before else ()) + ((row.session,) if row.session else ())
        lines[row.code] = ProvinceLine(
            row.code, row.name_th, row.name_en, row.zone_number, days, sessions, row.districts
        )
    return list(lines.values())


def list_zone_numbers(db: Session) -> list[int]:
    """The inspection zones that there are provinces in."""
    return list(db.execute(select(Province.zone_number).distinct().order_by(Province.zone_number)).scalars())
