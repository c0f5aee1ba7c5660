"""The acts of a scoring day: a slot opens, members mark and send, somebody is excused, the slot closes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from fractions import Fraction
from typing import Any, NoReturn

from exports.verifier.amounts import exact_text
from exports.verifier.chain import LedgerLine
from exports.verifier.round_state import TEN_THOUSAND, Card, Entry, Round, Slot
from exports.verifier.rules import Rules
from exports.verifier.said import Said, brief, fail
from exports.verifier.totals import Totaller, numbers_of

Body = Mapping[str, Any]


class Marking:
    """What every act needs, and the acts around a slot."""

    def __init__(self, rules: Rules):
        self.rules = rules
        self.round = Round()
        self.line: LedgerLine = {}
        self.deadline = datetime.max.replace(tzinfo=timezone.utc)  # noqa: UP017 - older Pythons have no datetime.UTC
        self.totallers = {category.code: Totaller(category) for category in rules.categories}
        self.hands: dict[tuple[int, int, str, str], str] = {}  # (slot, seating, act, actor) -> member
        self.frozen: dict[str, tuple[str, str]] = {}  # by stage: its facts and their hash, until something changes
        self.last_run = 0

    def refuse(self, th: str, en: str) -> NoReturn:
        """Raises Failed for this line."""
        fail(f"บรรทัดที่ {self.line['seq']} {self.line['act']}: {th}", f"line {self.line['seq']} {self.line['act']}: {en}")

    def need(self, holds: bool, th: str, en: str) -> None:
        """Raises Failed unless it holds."""
        if not holds:
            self.refuse(th, en)

    def entry(self, code: str) -> Entry:
        """An entry that was begun."""
        found = self.round.entries.get(code)
        if found is None:
            self.refuse(f"ไม่มีผลงาน {brief(code)}", f"there is no entry {brief(code)}")
        return found

    def slot(self, body: Body, *, state: str = "") -> Slot:
        """The slot of an act, in the state that the act needs."""
        found = self.round.slots.get(body["slot"])
        if found is None:
            self.refuse(f"ไม่มีช่วงเวลา {body['slot']}", f"there is no slot {body['slot']}")
        if state and found.state != state:
            self.refuse(
                f"ช่วงเวลา {found.number} เป็น {found.state} ต้องเป็น {state}",
                f"slot {found.number} is {found.state}, not {state}",
            )
        return found

    def card(self, number: int | str) -> Card:
        """A card that was planned."""
        found = self.round.cards.get(number)
        if found is None:
            self.refuse(f"ไม่มีใบคะแนน {number} ในแผน", f"card {number} was never planned")
        return found

    def at_card(self, card: Card) -> Said:
        """The line and the card, as sentences name them."""
        seq, act = self.line["seq"], self.line["act"]
        return Said(f"บรรทัดที่ {seq} {act}: ใบคะแนน {card.number}", f"line {seq} {act}: card {card.number}")

    def not_closed(self, slot: Slot) -> None:
        """Raises Failed once the slot is closed."""
        self.need(slot.state != "closed", f"ช่วงเวลา {slot.number} ปิดแล้ว", f"slot {slot.number} is closed")

    def own_card(self, body: Body) -> Card:
        """The card that its member changes, by the one person who ever does so."""
        card = self.open_card(body)
        self.same_hand(card)
        return card

    def open_card(self, body: Body) -> Card:
        """A card that can be marked: in an open slot, neither sent nor excused, of an entry that was sent."""
        card = self.card(body["card"])
        slot = self.round.slots[card.slot]
        if slot.state != "open":
            self.refuse(
                f"ใบคะแนน {card.number}: ช่วงเวลา {slot.number} ไม่ได้เปิดอยู่ ({slot.state})",
                f"card {card.number}: slot {slot.number} is not open ({slot.state})",
            )
        self.need(not card.sent, f"ใบคะแนน {card.number} ส่งแล้ว", f"card {card.number} was sent already")
        self.need(
            not card.excused,
            f"ใบคะแนน {card.number}: {card.excused}",
            f"card {card.number}: its member is {card.excused}",
        )
        state = self.entry(card.entry).state
        self.need(state == "submitted", f"ผลงาน {card.entry} เป็น {state}", f"entry {card.entry} is {state}")
        return card

    def same_hand(self, card: Card) -> None:
        """One alias acts on a card, and in a slot for one member only, until the panel is seated anew."""
        act, actor = self.line["act"], self.line["actor"]
        seated = self.round.panels[self.round.slots[card.slot].panel].seated
        known = card.actors.setdefault((seated, act), actor)
        self.need(
            known == actor,
            f"ใบคะแนน {card.number} มีผู้ทำสองคน",
            f"card {card.number}: {actor} acts, before it was {known}",
        )
        member = self.hands.setdefault((card.slot, seated, act, actor), card.member)
        self.need(
            member == card.member,
            f"{actor} ทำแทนกรรมการสองคน",
            f"{actor} acts for two members, {member} and {card.member}",
        )

    def on_open_slot(self, body: Body) -> None:
        """The panel may mark."""
        self.slot(body, state="planned").state = "open"

    def on_close_slot(self, body: Body) -> None:
        """The marking ends: each card of a sent entry is itself sent or excused."""
        slot = self.slot(body, state="open")
        listed = [list(each) for each in body["cards"]]
        cards = [self.round.cards[number] for number in slot.cards]
        wanted = [[card.number, card.revision, card.state] for card in cards]
        listed, wanted = sorted(listed, key=str), sorted(wanted, key=str)
        written = {str(each) for each in listed}
        for found in wanted:
            if str(found) not in written:
                self.refuse(
                    f"ใบคะแนน {found[0]} ควรเป็น ฉบับ {found[1]} {found[2]} แต่บรรทัดนี้เขียน {brief(listed)}",
                    f"card {found[0]} should be at revision {found[1]}, {found[2]}; the line lists {brief(listed)}",
                )
        self.need(len(listed) == len(wanted), "มีใบคะแนนเกิน", "it lists cards that are not the slot's")
        for card in cards:
            entry = self.round.entries.get(card.entry)
            if entry is not None and entry.state == "submitted":
                done = card.sent or bool(card.excused)
                self.need(done, f"ใบคะแนน {card.number} ยังไม่ส่ง", f"card {card.number} is neither sent nor excused")
        slot.state, slot.was_closed = "closed", True

    def on_record_marks(self, body: Body) -> None:
        """Marks of one card: the next revision, each on its scale."""
        card = self.own_card(body)
        self.record(card, body)
        card.own |= bool(body["marks"] or body.get("notes"))  # a save that changed nothing left no mark

    def on_record_sheet(self, body: Body) -> None:
        """Marks of several cards of a slot at once."""
        for each in body["cards"]:
            card = self.own_card(each)
            self.need(card.slot == body["slot"], "ใบคะแนนของช่วงเวลาอื่น", f"card {card.number} is of another slot")
            self.record(card, each)
            card.own |= bool(each["marks"] or each.get("notes"))

    def record(self, card: Card, body: Body) -> None:
        """Applies marks; null takes one back."""
        marks = body["marks"]
        wanted = card.revision + 1 if marks or body.get("notes") else card.revision
        self.need(
            body["revision"] == wanted,
            f"ใบคะแนน {card.number} ต้องเป็นฉบับที่ {wanted} แต่เป็น {body['revision']}",
            f"card {card.number}: revision {body['revision']}, expected {wanted}",
        )
        totaller = self.totallers[self.entry(card.entry).category]
        for place, units in marks.items():
            self.need(units is None or type(units) is int, f"{place} ไม่ใช่จำนวนเต็ม", f"{place} is no whole number")
            if units is None:
                card.marks.pop(place, None)
                continue
            mark = Fraction(units, TEN_THOUSAND)
            if not totaller.fits(place, mark):
                totaller.check_mark(place, mark, where=self.at_card(card))
            card.marks[place] = units
        card.revision = wanted
        self.entry(card.entry).marked |= wanted > 0

    def on_send_card(self, body: Body) -> None:
        """A card is sent, with its total as the member saw it."""
        card = self.own_card(body)
        self.need(
            body["revision"] == card.revision, "ไม่ใช่ฉบับล่าสุด", f"card {card.number} is at revision {card.revision}"
        )
        self.send(card, body)
        card.paper = ""  # what came from paper is the member's own now

    def send(self, card: Card, body: Body) -> None:
        """The card's total is that of its marks. Its member declared no interest, and heard the presentation or was let
        send cards all the same."""
        slot = self.round.slots[card.slot]
        self.need(not card.interest, f"ใบคะแนน {card.number}: กรรมการแจ้งส่วนได้เสียไว้",
                  f"card {card.number}: its member declared an interest")  # fmt: skip
        line, state, arrived = slot.came.get(card.member, (0, "", ""))
        late = state == "late" and slot.heard_until and moment(arrived) > moment(slot.heard_until)
        if (state == "absent" or late) and card.member not in slot.allowed:
            self.refuse(
                f"ใบคะแนน {card.number}: กรรมการไม่ได้อยู่ฟังการนำเสนอ (บรรทัดที่ {line}) และประธานไม่ได้อนุญาต",
                f"card {card.number}: its member missed the presentation (line {line}) and nobody allowed it",
            )
        entry = self.entry(card.entry)
        fields = numbers_of(entry.fact or {"fields": {}}, "fields")
        marks = {place: Fraction(units, TEN_THOUSAND) for place, units in card.marks.items()}
        total = exact_text(self.totallers[entry.category].own_total(fields, marks))
        if body["total"] != total:
            self.refuse(
                f"ใบคะแนน {card.number} ส่งด้วยคะแนนรวม {brief(body['total'])} แต่คะแนนในใบรวมได้ {total}",
                f"card {card.number} was sent with a total of {brief(body['total'])}, its marks make {total}",
            )
        card.sent = True

    def on_recuse(self, body: Body) -> None:
        """A member steps back from an entry."""
        card = self.card(body["card"])
        self.not_closed(self.round.slots[card.slot])
        self.need(not card.sent and not card.excused, "ส่งแล้วหรือไม่ได้ร่วมอยู่แล้ว", "it was sent, or its member is excused")
        self.same_hand(card)
        card.excused, card.reason_at = "recused", self.line["seq"]

    def on_excuse_member(self, body: Body) -> None:
        """The chair excuses a member from entries of a slot, or takes that back (not once it saw the marks)."""
        slot = self.slot(body)
        self.not_closed(slot)
        kind = body["kind"]
        self.need(kind in ("recused", "absent", ""), f"ชนิด {brief(kind)}", f"kind {brief(kind)}")
        self.need(
            kind != "" or not slot.was_closed, "คณะเห็นคะแนนแล้ว", "the slot was closed before: who was excused stays so"
        )
        cards = [self.card(number) for number in body["cards"]]
        self.need(len({card.member for card in cards}) == 1, "ต้องเป็นกรรมการคนเดียว", "it is about one member")
        for card in cards:
            self.need(card.slot == slot.number, "ใบคะแนนของช่วงเวลาอื่น", f"card {card.number} is of another slot")
            card.excused, card.reason_at = kind, self.line["seq"]

    def on_record_presence(self, body: Body) -> None:
        """An entry did not present, or did after all."""
        slot = self.slot(body)
        self.not_closed(slot)
        entry = self.entry(body["entry"])
        self.need(entry.code in slot.heard, f"{entry.code} ไม่อยู่ในช่วงเวลานี้", f"{entry.code} is not of this slot")
        before, after = ("not_presented", "submitted") if body["presented"] else ("submitted", "not_presented")
        self.need(
            entry.state == before, f"ผลงาน {entry.code} เป็น {entry.state}", f"entry {entry.code} is {entry.state}"
        )
        entry.state = after

    def on_reopen_card(self, body: Body) -> None:
        """A sent card is its member's again; a closed slot is open again then."""
        slot, card = self.slot(body), self.card(body["card"])
        self.need(card.slot == slot.number, "ใบคะแนนของช่วงเวลาอื่น", f"card {card.number} is of another slot")
        self.need(card.sent and slot.state != "planned", "ยังไม่ได้ส่ง", f"card {card.number} was not sent")
        card.sent, card.asked, slot.state = False, False, "open"

    def on_reopen_slot(self, body: Body) -> None:
        """A closed slot is open again, and all its sent cards are their members'."""
        slot = self.slot(body, state="closed")
        sent = sorted(number for number in slot.cards if self.round.cards[number].sent)
        self.need(sorted(body["cards"]) == sent, "ใบคะแนนที่เปิดใหม่ไม่ครบ", f"it lists {body['cards']}, sent are {sent}")
        for number in sent:
            self.round.cards[number].sent = self.round.cards[number].asked = False
        slot.state = "open"


def moment(text: str) -> datetime:
    """A time with its offset. Raises ValueError."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(text)
    return found
