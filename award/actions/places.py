"""Zones and provinces are put into a site that has none: duties and rounds need them."""

from dataclasses import asdict

from sqlalchemy import func, insert, select

from award.actions.unit import Unit
from award.db.ledger import read_site_log
from award.db.people import Province, Zone
from award.places import read_provinces, read_zones


def put_places(u: Unit) -> None:
    """Puts the department's zones and provinces in, inside a unit and before its act is recorded; nothing where any
    zone is there. The site's log tells of it."""
    if u.db.execute(select(func.count(Zone.number))).scalar_one():
        return
    zones, provinces = read_zones(), read_provinces()
    u.db.execute(insert(Zone), [asdict(each) for each in zones])
    u.db.execute(insert(Province), [asdict(each) for each in provinces])
    u.before("put_places", {"zones": len(zones), "provinces": len(provinces)}, log=read_site_log(u.db))
