"""The invented round as rows: entries with their answers and evidence, days, slots, cards and marks."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from random import Random
from typing import Any

from award.clock import BANGKOK
from award.db.ledger import Private, Unordered, canonical
from award.db.ledger import card as card_alias
from award.demo.answers import invent_answers
from award.demo.district_rows import invent_rows
from award.demo.marks import DemoMark, invent_card
from award.demo.offices import Ways
from award.demo.people import DemoSeat, DemoUser
from award.demo.rows import Event, Round
from award.demo.story import FORMER_HOLDER, OVER, UNDER_WAY, WHY_RECUSED, Story, presentation, tell_over, tell_under_way
from award.demo.texts import INVENTED, LABELS, PHRAE_NUMBERS, TRAT, TRAT_LABELS
from award.evaluation import card_total, numbers_in, sha256_of
from award.places import ProvinceData, ZoneData
from scoring_rules.exact import exact_text
from scoring_rules.rules import Category, RuleSet

TIMES = (time(9), time(11), time(13))
EARLY = (time(8), time(10), time(13))
PLACES = ("ห้องประชุมสำนักงานพัฒนาชุมชนจังหวัด{p}", "ห้องประชุมสำนักงานพัฒนาชุมชนจังหวัด{p}", "ห้องพัฒนาการจังหวัด{p}")
LETTERS = "abcdefgh"
TRAT_CODE = "23"
SHORT = {"transparent-office": "to", "cdd-policy-award": "pa", "womens-fund": "wf"}


def build_round(
    rules: list[RuleSet], provinces: list[ProvinceData], zones: list[ZoneData], people: list[DemoUser],
    seats: list[DemoSeat], *, seed: int, live: frozenset[str], most: int, last_day: date, opens: datetime,
    ways: Ways,
) -> Round:  # fmt: skip
    """Every province's five entries and its day, until `most` entries are made."""
    officers = {user.province_code or "": user.id for user in reversed(people) if user.role == "officer"}
    under_way = _under_way(provinces, live)
    maker = _Maker(rules, officers, seats, Random(seed), live, under_way, most, opens, ways)
    leanings = {seat.id: maker.rng.uniform(-0.06, 0.06) for seat in seats}
    for panel_id, zone in enumerate(zones, start=1):
        own = [province for province in provinces if province.zone_number == zone.number]
        for province, day in _days_of(own, live=live, under_way=under_way, last_day=last_day):
            maker.add_province(province, panel_id, day, leanings)
    return maker.made


def _days_of(
    provinces: list[ProvinceData], *, live: frozenset[str], under_way: str, last_day: date
) -> Iterator[tuple[ProvinceData, date]]:
    """Each province of a zone with its day, a working day of its own as far as six reach. Trat's is `last_day`.

    Where some are still to come, theirs begin on `last_day`, and all others have been heard before it.
    """
    heard = [each for each in provinces if each.code not in live and each.code != under_way]
    heard.sort(key=lambda province: province.code == TRAT_CODE)
    past = _weekdays(last_day - timedelta(days=1) if live else last_day, 6, step=-1)[::-1]
    for place, province in enumerate(heard):
        yield province, past[(len(past) - len(heard) + place) % len(past)]
    yield from ((province, last_day) for province in provinces if province.code == under_way)
    waiting = [province for province in provinces if province.code in live]
    waiting.sort(key=lambda province: province.code != TRAT_CODE)
    yield from zip(waiting, _weekdays(last_day, len(waiting), step=1), strict=True)


def _under_way(provinces: list[ProvinceData], live: frozenset[str]) -> str:
    """On a live morning one province more has its day and has begun it; none where its panel has another to hear."""
    zone = next((each.zone_number for each in provinces if each.code == UNDER_WAY), None)
    busy = any(each.code in live for each in provinces if each.zone_number == zone)
    return UNDER_WAY if live and zone is not None and not busy else ""


def _weekdays(day: date, count: int, *, step: int) -> list[date]:
    """`count` working days from `day` on, forward (step 1) or backward (step -1)."""
    days: list[date] = []
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=step)
    return days


def _code(rules: RuleSet, category: Category, province: ProvinceData) -> str:
    """to-23, wf-a-23: as the site would name the entry."""
    letter = f"-{LETTERS[rules.categories.index(category)]}" if len(rules.categories) > 1 else ""
    return f"{SHORT.get(rules.award_code, rules.award_code)}{letter}-{province.code}"


class _Maker:
    """Numbers the rows and fills them in."""

    def __init__(
        self, rules: list[RuleSet], officers: dict[str, int], seats: list[DemoSeat], rng: Random,
        live: frozenset[str], under_way: str, most: int, opens: datetime, ways: Ways,
    ):  # fmt: skip
        self.rules, self.officers, self.seats, self.rng = rules, officers, seats, rng
        self.live, self.under_way, self.most, self.opens, self.ways = live, under_way, most, opens, ways
        self.made = Round()

    def add_province(self, province: ProvinceData, panel_id: int, day: date, leanings: dict[int, float]) -> None:
        made, live, under_way = self.made, province.code in self.live, province.code == self.under_way
        over = not (live or under_way)
        session_id = len(made.sessions) + 1
        made.sessions.append(
            {
                "id": session_id, "panel_id": panel_id, "province_code": province.code, "day": day, "channel": "Zoom",
                "call_url": f"https://example.invalid/call/{province.code}", "call_id": f"000 0000 {session_id:04d}",
                "call_passcode": f"{self.rng.randint(0, 999_999):06d}",
            }
        )  # fmt: skip
        officer_id = self.officers[province.code]
        panel = [seat for seat in self.seats if seat.panel_id == panel_id]
        excused = self._excuse(panel) if over else {}
        if province.code == OVER and over:
            excused = {seat.id: ("recused", WHY_RECUSED) for seat in panel if seat.user.login == FORMER_HOLDER}
        begins, slots = {}, {}
        for number, rules in enumerate(self.rules, start=1):
            starts = datetime.combine(day, (EARLY if under_way else TIMES)[(number - 1) % 3], BANGKOK)
            slot_id = len(made.slots) + 1
            begins[number], slots[number] = starts, slot_id
            opened = over or (under_way and number == 1)
            made.slots.append(
                {
                    "id": slot_id, "session_id": session_id, "adoption_id": number, "starts_at": starts,
                    "place_th": PLACES[(number - 1) % 3].format(p=province.name_th),
                    "state": "closed" if over else "open" if opened else "planned",
                    "opened_at": starts if opened else None,
                    "closed_at": starts + timedelta(minutes=85) if over else None, **presentation(province, number),
                }
            )  # fmt: skip
            if opened:
                chair = panel[0].user.id
                made.events.append(Event(starts, chair, number, "open_slot", {"slot": slot_id}))
            for category in rules.categories:
                if len(made.entries) >= self.most:
                    return
                quality = min(0.97, max(0.35, self.rng.gauss(0.76, 0.12)))
                state = self.ways.state_of(province.code, _code(rules, category, province), live=live)
                if state == "":
                    continue
                entry, numbers = self._add_entry(
                    province, rules, number, category, quality=quality, officer_id=officer_id, state=state
                )
                for seat in panel:
                    self._add_card(
                        entry, category, numbers, seat, slot_id, starts, quality=quality, leaning=leanings[seat.id],
                        excused=excused.get(seat.id, ("", "")), over=over, chair=panel[0],
                    )  # fmt: skip
            if over:
                self._close(slot_id, number, chair=panel[0].user.id, closed=starts + timedelta(minutes=85))
        story = Story(made, session_id, panel, slots)
        if under_way:
            tell_under_way(story, begins[1])
        elif province.code == OVER and over:
            tell_over(story, begins)

    def _excuse(self, panel: list[DemoSeat]) -> dict[int, tuple[str, str]]:
        """Now and then a member is recused or absent for a province's day; never so many that the quorum fails."""
        if len(panel) < 3 or self.rng.random() > 0.12:
            return {}
        seat = self.rng.choice(panel[1:])
        if self.rng.random() < 0.6:
            return {seat.id: ("recused", f"เคยดำรงตำแหน่งในจังหวัดนี้ภายใน 2 ปี ({INVENTED})")}
        return {seat.id: ("absent", f"ลาป่วย ({INVENTED})")}

    def _add_entry(
        self, province: ProvinceData, rules: RuleSet, adoption_id: int, category: Category, *,
        quality: float, officer_id: int, state: str,
    ) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
        made, rng = self.made, self.rng
        label = LABELS[category.entrant].format(province=province.name_th)
        if province.code == TRAT_CODE:
            label = TRAT_LABELS.get(category.code, label)
        answers = invent_answers(category, quality=quality, rng=rng, title=label)
        if "districts_all" in answers and not province.invented:
            answers["districts_full"] = str(round(province.districts * min(1.0, quality + 0.1)))
            answers["districts_all"] = str(province.districts)
        if province.code == TRAT_CODE:
            known = TRAT.get(category.code) or TRAT.get(rules.award_code) or {}
            answers.update(known)
        if province.code == "54":
            answers.update({code: text for code, text in PHRAE_NUMBERS.items() if code in answers})
        if category.entrant == "province_office":
            invent_rows(category, answers, districts=province.districts)
        if province.code == "21" and category.code == "occupation_group":
            answers["open_cases"] = "1"  # one entry that the rules do not admit, so that the ranking shows how it looks
        if state == "draft":
            answers = dict(list(answers.items())[: len(answers) // 2])
            answers.pop("summary", None)  # so that the checklist has something to ask for
        text, numbers = json.dumps(answers, ensure_ascii=False), numbers_in(category, answers)
        saved = self.opens + timedelta(days=rng.randint(20, 66), minutes=rng.randint(0, 400))
        sent, sender_id = state == "submitted", self.ways.sender_of(province.code, officer_id)
        entry = {
            "id": len(made.entries) + 1, "code": _code(rules, category, province),
            "adoption_id": adoption_id, "category": category.code, "province_code": province.code, "number": 1,
            "label": label, "state": "submitted" if sent else "draft", "answers": text, "revision": 1,
            "saved_at": saved, "submitted_at": saved if sent else None, "first_submitted_at": saved if sent else None,
            "submitted_by_id": sender_id if sent else None, "receipt": None, "invented": True,
            "step": "" if sent or state == "draft" else state,
        }  # fmt: skip
        made.entries.append(entry)
        begun = {"entry": entry["code"], "id": entry["id"], "category": category.code, "province": province.code}
        made.events.append(Event(saved, officer_id, adoption_id, "begin_entry", begun))
        made.revisions.append(
            {"entry_id": entry["id"], "revision": 1, "answers": text, "saved_at": saved, "saved_by_id": officer_id}
        )
        evidence = []
        for each in category.fields:
            if each.type == "files" and state != "draft":
                evidence.append(
                    {
                        "entry_id": entry["id"], "field": each.code, "kind": "link",
                        "title": f"{each.label.th} ({INVENTED})", "added_at": saved, "added_by_id": officer_id,
                        "url": f"https://example.invalid/{entry['code']}/{each.code}",
                    }
                )  # fmt: skip
        made.evidence += evidence
        made.approvals += self.ways.acts_of(province.code, entry, state=state, officer_id=officer_id)
        if sent:
            pieces = [{"field": piece["field"], "is": piece["url"]} for piece in evidence]
            body = {
                "entry": entry["code"], "category": category.code, "label": label,
                "attributes": {
                    "zone": str(province.zone_number), "province": province.name_th, "region": province.region_th
                },
                "fields": {code: exact_text(value) for code, value in numbers.items()},
                "answers_sha256": sha256_of(text), "files": [], "revision": 1, "late": False, "cards": [],
                "fingerprint": sha256_of(canonical({"answers": answers, "evidence": pieces})),
            }  # fmt: skip
            made.events.append(Event(saved, sender_id, adoption_id, "submit_entry", body, row=entry))
        return entry, numbers

    def _add_card(
        self, entry: dict[str, Any], category: Category, numbers: dict[str, Any], seat: DemoSeat, slot_id: int,
        starts: datetime, *, quality: float, leaning: float, excused: tuple[str, str], over: bool, chair: DemoSeat,
    ) -> None:  # fmt: skip
        made, rng = self.made, self.rng
        kind, reason = excused
        marked = over and not kind
        sent = starts + timedelta(minutes=rng.randint(35, 70), seconds=rng.randint(0, 59))
        card: dict[str, Any] = {
            "id": len(made.assignments) + 1, "slot_id": slot_id, "entry_id": entry["id"], "seat_id": seat.id,
            "state": "sent" if marked else "draft", "revision": 1 if marked else 0, "sent_at": sent if marked else None,
            "receipt": None, "excused": kind, "excused_reason": reason,
        }  # fmt: skip
        made.assignments.append(card)
        number = entry["adoption_id"]
        if reason == WHY_RECUSED:  # declared: that line is told with the day. Marks of others stay what they were.
            invent_card(category, quality=quality, leaning=leaning, fields=numbers, rng=rng)
        elif kind:
            body: dict[str, Any] = {
                "slot": slot_id, "cards": [card_alias(card["id"])], "kind": kind, "reason": Private(reason)
            }  # fmt: skip
            made.events.append(Event(starts, chair.user.id, number, "excuse_member", body))
        if not marked:
            return
        marks = invent_card(category, quality=quality, leaning=leaning, fields=numbers, rng=rng)
        made.marks += [
            {"assignment_id": card["id"], "revision": 1, "criterion": path, "value": value, "note": note, "at": sent}
            for path, value, note in marks
        ]
        self._mark(card, number, marks, seat, at=sent, given=marks, category=category, answers=entry["answers"])
        if entry["code"] == "to-21" and seat.kind == "member":
            self._reopen(card, number, marks, seat, category=category, answers=entry["answers"])

    def _mark(
        self, card: dict[str, Any], adoption_id: int, marks: list[DemoMark], seat: DemoSeat, *, at: datetime,
        given: list[DemoMark], category: Category, answers: str,
    ) -> None:  # fmt: skip
        """Two acts: the marks are recorded, the card is sent. `given` is all that the card then holds."""
        revision = card["revision"]
        body = {
            "card": card_alias(card["id"]), "revision": revision,
            "marks": {path: int(value * 10_000) for path, value, _ in marks},
            "notes": {path: Private(note) for path, _, note in marks if note},
        }  # fmt: skip
        self.made.events.append(Event(at, seat.user.id, adoption_id, "record_marks", body))
        total = card_total(category, {path: value for path, value, _ in given}, answers)
        body = {"card": card_alias(card["id"]), "revision": revision, "total": exact_text(total)}
        self.made.events.append(Event(at, seat.user.id, adoption_id, "send_card", body, row=card))

    def _close(self, slot_id: int, adoption_id: int, *, chair: int, closed: datetime) -> None:
        own = [*takewhile(lambda card: card["slot_id"] == slot_id, reversed(self.made.assignments))][::-1]
        cards = [[card_alias(card["id"]), card["revision"], card["excused"] or card["state"]] for card in own]
        body = {"slot": slot_id, "cards": Unordered(cards)}
        self.made.events.append(Event(closed, chair, adoption_id, "close_slot", body))

    def _reopen(
        self, card: dict[str, Any], adoption_id: int, marks: list[DemoMark], seat: DemoSeat, *, category: Category,
        answers: str,
    ) -> None:  # fmt: skip
        """One card was sent, opened again by the chair with a reason, and sent with one mark changed."""
        chair = next(each for each in self.seats if each.panel_id == seat.panel_id and each.kind == "chair")
        path, value, _ = marks[0]
        opened, sent = card["sent_at"] + timedelta(minutes=5), card["sent_at"] + timedelta(minutes=9)
        reason = f"หารือแล้วพบหลักฐานเพิ่มเติมในเอกสารที่ส่งมา ({INVENTED})"
        self.made.reopenings.append(
            {
                "slot_id": card["slot_id"], "assignment_id": card["id"], "revision": 1, "reason": reason,
                "at": opened, "by_id": chair.user.id,
            }
        )  # fmt: skip
        changed = value - 1 if value >= 4 else value + 1
        self.made.marks.append(
            {
                "assignment_id": card["id"], "revision": 2, "criterion": path, "value": changed,
                "note": "ปรับตามผลการหารือ", "at": sent,
            }
        )  # fmt: skip
        card.update(revision=2, sent_at=sent)
        body = {"slot": card["slot_id"], "card": card_alias(card["id"]), "reason": Private(reason)}
        self.made.events.append(Event(opened, chair.user.id, adoption_id, "reopen_card", body))
        mark = (path, changed, "ปรับตามผลการหารือ")
        self._mark(
            card, adoption_id, [mark], seat, at=sent, given=[mark, *marks[1:]], category=category, answers=answers
        )
