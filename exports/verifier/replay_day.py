"""The acts around a scoring day: slots are moved, phases begin, people come late, declare, send paper, ask again."""

from __future__ import annotations

from exports.verifier.replay_marking import Body, Marking, moment
from exports.verifier.round_state import Card, Panel, Slot
from exports.verifier.said import brief

PHASES = ("presenting", "questions", "scoring", "discussion", "done")
HEARD = ("questions", "scoring")  # the presentation is over then
ATTENDANCE = ("present", "late", "absent")
INTERESTS = ("none", "former_post", "relative", "other")


class Day(Marking):
    """A log being acted out: what a scoring day adds to the marking."""

    def on_move_slot(self, body: Body) -> None:
        """A slot that is not closed gets another time; each move begins where the one before ended."""
        slot = self.slot(body)
        self.not_closed(slot)
        was, to = moment(body["was"]), moment(body["starts_at"])
        known = moment(slot.starts_at) if slot.starts_at else was
        self.need(was == known, f"เวลาเดิมคือ {slot.starts_at}", f"slot {slot.number} was to start at {slot.starts_at}")
        self.need(was != to, "เวลาเดิมกับเวลาใหม่เป็นเวลาเดียวกัน", f"slot {slot.number} is moved to where it is")
        slot.starts_at = body["starts_at"]

    def on_drop_slot(self, body: Body) -> None:
        """A planned slot goes with its cards; nothing was ever marked on them, because it was never open."""
        slot = self.slot(body, state="planned")
        for number in slot.cards:
            del self.round.cards[number]
        del self.round.slots[slot.number]

    def on_begin_phase(self, body: Body) -> None:
        """The chair sets a part of a slot in motion."""
        slot = self.slot(body)
        phase, seconds = body["phase"], body["seconds"]
        self.need(phase in PHASES, f"ไม่รู้จักช่วง {brief(phase)}", f"unknown phase {brief(phase)}")
        counted = seconds is None or (type(seconds) is int and seconds >= 0)
        self.need(counted, f"เวลานับถอยหลัง {brief(seconds)}", f"a countdown of {brief(seconds)} seconds")
        if phase in HEARD and not slot.heard_until:
            slot.heard_until = self.line["at"]

    def on_record_attendance(self, body: Body) -> None:
        """Whether a member of the panel was there; what is said last counts."""
        slot = self.slot(body)
        member, state, arrived = self.seated(slot, body["member"]), body["state"], body["arrived_at"]
        self.need(state in ATTENDANCE, f"การเข้าร่วม {brief(state)}", f"attendance {brief(state)}")
        self.need(
            (state == "late") == (arrived is not None),
            "เวลามาถึงมีเฉพาะผู้มาสาย",
            "a time of arrival belongs to who is late, and only there",
        )
        if arrived is not None:
            moment(arrived)
        slot.came[member] = self.line["seq"], state, arrived or ""
        if state == "present":
            slot.allowed.discard(member)

    def on_allow_member(self, body: Body) -> None:
        """The chair lets a member who missed the presentation send cards all the same."""
        slot = self.slot(body)
        member = self.seated(slot, body["member"])
        missed = slot.came.get(member, (0, "present", ""))[1] != "present"
        self.need(missed, f"{member} ไม่ได้ขาดการนำเสนอ", f"{member} is not recorded as late or absent")
        slot.allowed.add(member)

    def on_pass_chair(self, body: Body) -> None:
        """Another member of the panel chairs this slot; null: its own chair again."""
        slot = self.slot(body)
        if body["member"] is not None:
            self.seated(slot, body["member"])

    def on_note_minutes(self, body: Body) -> None:
        """A note for the minutes."""
        self.slot(body)
        self.need("text" in body, "ไม่มีข้อความ", "it has no text")

    def on_declare_interest(self, body: Body) -> None:
        """A member says, in the member's own voice, whether they have an interest."""
        self.declared(body)
        self.same_voice(self.panel_of(body["member"]), body["member"])

    def on_record_interest(self, body: Body) -> None:
        """The chair writes down what a member says, or corrects it once the marking has begun."""
        self.declared(body)

    def declared(self, body: Body) -> None:
        """An interest recuses the member from cards that are not closed; before, recusals of an earlier declaration
        are taken back, except where the panel has seen the marks."""
        member, kind = body["member"], body["kind"]
        self.panel_of(member)
        self.need(kind in INTERESTS, f"ส่วนได้เสีย {brief(kind)}", f"interest {brief(kind)}")
        self.need(type(body["proposed"]) is bool, "proposed ต้องเป็นจริงหรือเท็จ", "proposed is true or false")
        for card in self.round.cards.values():
            if card.member == member and card.interest == body["session"]:
                card.interest = 0
        none = kind == "none" and body["cards"]
        self.need(not none, "ไม่มีส่วนได้เสียแต่ถอนตัวจากใบคะแนน", "no interest, yet cards are recused")
        for number in body.get("freed", ()):
            card = self.card_of(member, number)
            slot = self.round.slots[card.slot]
            recused = card.excused == "recused"
            self.need(recused, f"ใบคะแนน {number} ไม่ได้ถอนตัว", f"card {number} was not recused")
            self.need(not slot.was_closed, "คณะเห็นคะแนนแล้ว", f"slot {slot.number} was closed before: it stays recused")
            card.excused, card.interest = "", 0
        for number in body["cards"]:
            card = self.card_of(member, number)
            stands = f"card {number}: its member is {card.excused} already"
            self.need(not card.excused, f"ใบคะแนน {number}: {card.excused} แล้ว", stands)
            card.excused, card.reason_at, card.interest = "recused", self.line["seq"], body["session"]

    def card_of(self, member: str, number: int | str) -> Card:
        """A card of the member's in a slot that is not closed."""
        card = self.card(number)
        other = f"card {number} is {card.member}'s, not {member}'s"
        self.need(card.member == member, f"ใบคะแนน {number} ไม่ใช่ของ {member}", other)
        self.not_closed(self.round.slots[card.slot])
        return card

    def same_voice(self, panel: Panel, member: str) -> None:
        """One alias declares for a member, and for no other, until the panel is seated anew."""
        actor = self.line["actor"]
        known = panel.voices.setdefault(member, actor)
        self.need(
            known == actor,
            f"มีผู้แจ้งแทน {member} สองคน",
            f"{actor} declares for {member}, before it was {known}",
        )
        for each, voice in panel.voices.items():
            two = f"{actor} declares for two members, {each} and {member}"
            self.need(voice != actor or each == member, f"{actor} แจ้งแทนกรรมการสองคน", two)

    def on_enter_paper(self, body: Body) -> None:
        """Somebody enters the signed paper sheet of a member who marked nothing here: marks and sending in one."""
        card = self.open_card(body)
        self.of_slot(card, body)
        self.need(not card.own, f"ใบคะแนน {card.number} มีคะแนนที่กรรมการบันทึกเอง",
                  f"card {card.number} holds marks that its member recorded")  # fmt: skip
        photo = body["photo_sha256"]
        is_hash = len(photo) == 64 and all(letter in "0123456789abcdef" for letter in photo)
        self.need(is_hash, "รหัสภาพถ่ายผิด", f"{brief(photo)} is no SHA-256 of a photo")
        before = card.revision
        self.record(card, body)
        self.need(card.revision == before + 1, "กระดาษไม่มีคะแนน", "the paper holds no mark")
        self.send(card, body)
        card.paper = "unconfirmed"

    def on_confirm_paper(self, body: Body) -> None:
        """The member says that what was entered from paper is theirs."""
        card = self.card(body["card"])
        self.need(card.sent and card.paper == "unconfirmed", f"ใบคะแนน {card.number} ไม่มีกระดาษที่รอยืนยัน",
                  f"card {card.number} waits for nobody to confirm a paper")  # fmt: skip
        self.need(
            body["revision"] == card.revision, "ไม่ใช่ฉบับล่าสุด", f"card {card.number} is at revision {card.revision}"
        )
        self.same_hand(card)
        card.paper = "confirmed"

    def on_ask_reopening(self, body: Body) -> None:
        """A member asks for a card that they cannot change any more."""
        card = self.done_card(body)
        changes = body["changes"]
        counted = type(changes) is int and changes >= 0
        self.need(counted, f"จำนวนที่แก้ไข {brief(changes)}", f"{brief(changes)} changes")
        self.same_hand(card)
        card.asked = True

    def on_decline_reopening(self, body: Body) -> None:
        """The chair says why such a card stays as it is."""
        self.slot(body)
        card = self.card(body["card"])
        self.of_slot(card, body)  # which may be open again by now, for another card
        self.need(card.asked, f"ไม่มีผู้ขอเปิดใบคะแนน {card.number}", f"nobody asked for card {card.number}")
        card.asked = False

    def done_card(self, body: Body) -> Card:
        """A card that was sent, or whose slot is closed."""
        slot, card = self.slot(body), self.card(body["card"])
        self.of_slot(card, body)
        done = card.sent or slot.state == "closed"
        self.need(done, f"ใบคะแนน {card.number} ยังแก้ไขได้", f"card {card.number} can still be changed")
        return card

    def of_slot(self, card: Card, body: Body) -> None:
        """Raises Failed for a card of another slot than the act names."""
        same = card.slot == body["slot"]
        self.need(same, "ใบคะแนนของช่วงเวลาอื่น", f"card {card.number} is of another slot")

    def seated(self, slot: Slot, member: str) -> str:
        """A member of the slot's panel."""
        sits = member in self.round.panels[slot.panel].members
        self.need(sits, f"{member} ไม่ได้อยู่ในคณะ {slot.panel}", f"{member} does not sit in panel {slot.panel}")
        return member

    def panel_of(self, member: str) -> Panel:
        """The panel that the member sits in."""
        found = next((panel for panel in self.round.panels.values() if member in panel.members), None)
        if found is None:
            self.refuse(f"{member} ไม่ได้อยู่ในคณะใด", f"{member} sits in no panel")
        return found
