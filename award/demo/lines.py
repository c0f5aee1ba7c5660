"""The invented round as lines of its awards' logs: how each log begins, then every act in the order of its time."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from award.actions.openings import new_seal, opening
from award.db.ledger import Log, Unordered, append_line, holder
from award.db.ledger import card as alias_of_card
from award.db.ledger import seat as alias_of_seat
from award.demo.people import DemoSeat
from award.demo.rows import Event, Round
from award.places import ProvinceData
from scoring_rules.rules import RuleSet


def new_logs(rules: list[RuleSet], *, year: int) -> list[Log]:
    """An empty log for each award; the seals are random, never from the seed of the demo."""
    return [Log(f"{year}/{each.award_code}", seal=new_seal()) for each in rules]


def write_lines(
    db: Session, plan: Round, logs: list[Log], *, rules: list[RuleSet], seats: list[DemoSeat],
    provinces: list[ProvinceData], year: int, opens: datetime, deadline: datetime, organizer_id: int,
) -> datetime:  # fmt: skip
    """Writes all lines, gives each sent entry and card its receipt, and answers the time of the last one."""
    last = opens
    for number, (log, rule_set) in enumerate(zip(logs, rules, strict=True), start=1):
        beginning = [
            Event(opens, organizer_id, number, verb, body)
            for verb, body in _beginning(
                log, rule_set, plan, number, seats=seats, provinces=provinces, year=year, opens=opens, deadline=deadline
            )
        ]
        own = sorted((event for event in plan.events if event.adoption_id == number), key=lambda event: event.at)
        head = log.head
        for event in (*beginning, *own):
            receipt = append_line(
                db, log=Log(log.name, head, log.seal), at=event.at, actor=f"u{event.user_id}", verb=event.verb,
                body=event.body,
            )  # fmt: skip
            head = head.after(receipt)
            last = max(last, receipt.at)
            if event.row is not None:
                event.row["receipt"] = receipt.text
    return last


def _beginning(
    log: Log, rules: RuleSet, plan: Round, adoption_id: int, *, seats: list[DemoSeat], provinces: list[ProvinceData],
    year: int, opens: datetime, deadline: datetime,
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    """How a log begins: what decides, who may mark, and whose turn is when."""
    yield "open_round", opening(log, rules, year=year, opens=opens, deadline=deadline, invented=True)
    stage = rules.stages[0].code
    of_panel: dict[int, list[DemoSeat]] = defaultdict(list)
    for seat in seats:
        of_panel[seat.panel_id].append(seat)
    zone_of = {each.code: each.zone_number for each in provinces}
    meetings = {each["id"]: each for each in plan.sessions}
    codes = {each["id"]: each["code"] for each in plan.entries}
    cards: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for card in plan.assignments:
        cards[card["slot_id"]].append(card)
    seat_codes = {seat.id: seat.code for seat in seats}
    for panel_id in sorted({meeting["panel_id"] for meeting in plan.sessions}):
        zone = next(
            zone_of[each["province_code"]] for each in plan.sessions if each["panel_id"] == panel_id
        )  # a panel is its zone's
        members = Unordered([alias_of_seat(seat.code) for seat in of_panel[panel_id]])
        holders = Unordered(
            [[alias_of_seat(seat.code), holder(seat.code, seat.user.id)] for seat in of_panel[panel_id]]
        )
        about = {"panel": panel_id, "stage": stage, "zone": zone, "members": members, "holders": holders}
        yield "seat_panel", about
    for slot in plan.slots:
        if slot["adoption_id"] == adoption_id:
            meeting = meetings[slot["session_id"]]
            yield (
                "plan_slot",
                {
                    "slot": slot["id"], "panel": meeting["panel_id"], "stage": stage,
                    "province": meeting["province_code"], "zone": zone_of[meeting["province_code"]],
                    "starts_at": slot["starts_at"].isoformat(),
                    "cards": Unordered([
                        [alias_of_card(card["id"]), codes[card["entry_id"]], alias_of_seat(seat_codes[card["seat_id"]])]
                        for card in cards[slot["id"]]
                    ]),
                },
            )  # fmt: skip
