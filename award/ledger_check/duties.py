"""Duties beside what the site's log says of them: those it began with, and those that two people gave."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.ledger import SITE
from award.db.people import Duty
from award.ledger_check.chain import Line
from award.ledger_check.found import Found, differing

_TOLD = ("user", "role", "province", "zone", "acting", "from", "to")


class Site:
    """What the lines of the site's log and its successors say of its tables."""

    def __init__(self) -> None:
        self.duties: dict[int, dict[str, Any]] = {}
        self.is_old = False  # began before its first line told which duties it began with
        self.drafts = 0  # that were emptied years later
        self.erasures = 0
        self.texts = 0  # that they took out
        self.missing = 0

    def read(self, line: Line) -> None:
        """Takes one line. Raises KeyError, TypeError, ValueError or AttributeError for a body that lacks something."""
        self.missing += line.missing
        act, body = line.act, line.body
        if act in ("load_demo", "first_start"):
            self.is_old = self.is_old or "duties" not in body
            for duty, user, *rest in body.get("duties", ()):
                about = dict(zip(_TOLD, [f"u{user}", *rest], strict=True))
                self.duties[duty] = about | _decided("confirmed", "")
        elif act == "propose_duty":
            self.duties[body["duty"]] = {name: body[name] for name in _TOLD} | _decided("proposed", line.actor)
        elif act == "import_people":
            for duty, user, *rest in body["duties"]:
                about = dict(zip(_TOLD, [f"u{user}", *rest], strict=True))
                self.duties[duty] = about | _decided("proposed", line.actor)
        elif act == "confirm_duty":
            self.duties[body["duty"]] |= {"state": "confirmed", "confirmed by": line.actor}
        elif act == "confirm_duties":
            for duty, *_ in body["duties"]:
                self.duties[duty] |= {"state": "confirmed", "confirmed by": line.actor}
        elif act in ("withdraw_proposal", "revoke_duty"):
            state = "revoked" if act == "revoke_duty" else "withdrawn"
            ended = {"state": state, "ended by": line.actor}
            self.duties[body["duty"]] = self.duties.get(body["duty"], {}) | ended
        elif act == "tidy":
            self.drafts += body.get("drafts", 0)
        elif act == "erase_person":
            self.erasures += 1
            self.texts += body["texts"]


def _decided(state: str, proposer: str) -> dict[str, Any]:
    return {"state": state, "proposed by": proposer, "confirmed by": "", "ended by": ""}


def compare_duties(db: Session, site: Site) -> Iterator[Found]:
    """Each duty against its lines. In a site older than the list of the duties it began with, those that nobody
    proposed are compared by what ended them only."""
    seen = set()
    for row in db.execute(select(Duty.__table__).order_by(Duty.id)):
        seen.add(row.id)
        known = site.duties.get(row.id)
        if known is None:
            if not (site.is_old and row.proposed_by_id is None and row.state == "confirmed"):
                yield Found(SITE, None, f"duty {row.id}: no line tells of it")
            continue
        stored = {
            "user": f"u{row.user_id}", "role": row.role, "province": row.province_code, "zone": row.zone_number,
            "acting": bool(row.acting), "from": row.from_day.isoformat(),
            "to": None if row.to_day is None else row.to_day.isoformat(), "state": row.state,
            "proposed by": _code(row.proposed_by_id), "confirmed by": _code(row.confirmed_by_id),
            "ended by": _code(row.revoked_by_id),
        }  # fmt: skip
        yield from differing(SITE, f"duty {row.id}", stored, known)
    for number in sorted(site.duties.keys() - seen):
        yield Found(SITE, None, f"duty {number}: a line tells of it, and the table lacks it")


def _code(user: int | None) -> str:
    return "" if user is None else f"u{user}"
