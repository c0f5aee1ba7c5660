"""The log acted out again: every act is allowed in its phase, by who may do it, and leads to the facts of each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from exports.verifier.amounts import exact, exact_text
from exports.verifier.chain import Ledger, LedgerLine
from exports.verifier.replay_day import Day
from exports.verifier.replay_marking import moment
from exports.verifier.round_state import Card, Entry, Panel, Round, Run, Slot
from exports.verifier.rules import Rules
from exports.verifier.said import Said, brief

# Acts that change no fact.
NO_FACTS = frozenset((
    "calculate_run", "certify_run", "publish_run", "withdraw_publication", "make_package", "move_slot", "begin_phase",
    "record_attendance", "allow_member", "pass_chair", "note_minutes", "confirm_paper", "ask_reopening",
    "decline_reopening",
))  # fmt: skip


def replay(ledger: Ledger, rules: Rules) -> Round:
    """What the log amounts to. Raises Failed with the line of the first act that was not allowed where it stands."""
    player = Replay(rules)
    for line in ledger.lines:
        player.play(line)
    return player.round


class Replay(Day):
    """A log being acted out. Each method is one act."""

    def play(self, line: LedgerLine) -> None:
        """One line more. Raises Failed."""
        act = line["act"]
        self.line = line
        if act not in NO_FACTS:
            self.frozen.clear()
        if (line["seq"] == 1) != (act == "open_round"):
            self.refuse("open_round ต้องเป็นบรรทัดแรกและบรรทัดเดียว", "open_round stands first, and only there")
        method: Callable[[Mapping[str, Any]], None] | None = getattr(self, f"on_{act}", None)
        if method is None:
            self.refuse(f"ไม่รู้จักการกระทำ “{act}”", f'unknown act "{act}"')
        try:
            method(line["body"])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self.refuse(f"ข้อมูลของ {act} ไม่ครบหรือผิดชนิด ({error!r})", f"the body of {act} lacks something ({error!r})")

    # Before marking ---------------------------------------------------------------------------------------------------

    def on_open_round(self, body: Mapping[str, Any]) -> None:
        """The first line: what decides."""
        for key in ("rule_set", "rules_sha256", "engine", "seal_sha256"):
            self.need(isinstance(body[key], str), f"{key} ต้องเป็นข้อความ", f"{key} is a text")
        moment(body["opens_at"])
        self.deadline = moment(body["deadline_at"])
        self.round.opening = dict(body)

    def on_seat_panel(self, body: Mapping[str, Any]) -> None:
        """Who sits in a panel; a later line takes the place of an earlier one, and a seat may have gone to somebody
        else: from then on another alias may act for it."""
        members = body["members"]
        self.need(len(set(members)) == len(members), "กรรมการซ้ำ", "a member is there twice")
        self.rules.stage(body["stage"])
        known = self.round.panels.get(body["panel"])
        self.need(known is None or known.stage == body["stage"], "เปลี่ยนรอบของคณะ", "a panel changes its stage")
        self.round.panels[body["panel"]] = Panel(body["stage"], frozenset(members), self.line["seq"])

    def on_plan_slot(self, body: Mapping[str, Any]) -> None:
        """A slot with its cards; a later line of the same slot may only add cards."""
        panel = self.round.panels.get(body["panel"])
        if panel is None:
            self.refuse(f"ไม่มีคณะ {body['panel']}", f"there is no panel {body['panel']}")
        self.need(panel.stage == body["stage"], "รอบไม่ตรงกับคณะ", "its stage is not its panel's")
        slot = self.round.slots.setdefault(body["slot"], Slot(body["slot"], body["panel"], body["stage"]))
        self.need(slot.panel == body["panel"], "ช่วงเวลาเปลี่ยนคณะ", "a slot changes its panel")
        if "starts_at" in body:
            known = slot.starts_at or body["starts_at"]
            same = moment(body["starts_at"]) == moment(known)
            self.need(same, f"เวลาเดิมคือ {known}", f"slot {slot.number} was to start at {known}")
            slot.starts_at = known
        for number, entry, member in body["cards"]:
            self.add_card(slot, number, entry, member)

    def add_card(self, slot: Slot, number: int | str, entry: str, member: str) -> None:
        """A card more, or one that is known already and stays the same."""
        known = self.round.cards.get(number)
        if known is not None:
            same = (known.slot, known.entry, known.member) == (slot.number, entry, member)
            self.need(same, f"ใบคะแนน {number} เปลี่ยนเจ้าของ", f"card {number} changes its entry or member")
            return
        self.need(type(number) in (int, str), "เลขใบคะแนนผิด", "a card has a number or an alias")
        self.need(slot.state != "closed", f"ช่วงเวลา {slot.number} ปิดแล้ว", f"slot {slot.number} is closed")
        rostered = member in self.round.panels[slot.panel].members
        self.need(rostered, f"{member} ไม่ได้อยู่ในคณะ {slot.panel}", f"{member} does not sit in panel {slot.panel}")
        twice = (entry, member) in slot.pairs
        self.need(not twice, f"{member} มีใบคะแนนของ {entry} แล้ว", f"{member} has a card on {entry} already")
        self.round.cards[number] = Card(number, slot.number, entry, member)
        slot.cards.append(number)
        slot.heard.add(entry)
        slot.pairs.add((entry, member))

    def on_begin_entry(self, body: Mapping[str, Any]) -> None:
        """A draft begins."""
        code = body["entry"]
        self.need(code not in self.round.entries, f"เริ่มผลงาน {code} ซ้ำ", f"entry {code} was begun before")
        self.rules.category(body["category"])
        self.round.entries[code] = Entry(code, body["category"])

    def draft(self, body: Mapping[str, Any]) -> Entry:
        """The entry of an act that changes one, still open to its province."""
        entry = self.entry(body["entry"])
        gone = entry.state == "withdrawn"
        self.need(not gone, f"ผลงาน {entry.code} ถอนแล้ว", f"entry {entry.code} was withdrawn")
        self.need(entry.state == "draft", f"ผลงาน {entry.code} ส่งแล้ว", f"entry {entry.code} was sent already")
        last = max(self.deadline, moment(entry.until)) if entry.until else self.deadline
        now = moment(self.line["at"]).replace(microsecond=0)
        self.need(now <= last, f"ผลงาน {entry.code} พ้นกำหนดแล้ว", f"entry {entry.code} is past its deadline")
        return entry

    def on_save_answers(self, body: Mapping[str, Any]) -> None:
        """A draft is saved."""
        entry = self.draft(body)
        later = body["revision"] > entry.revision
        self.need(later, f"ฉบับที่ {entry.revision} มีแล้ว", f"revision {entry.revision} was saved before")
        entry.revision = body["revision"]

    def on_attach_file(self, body: Mapping[str, Any]) -> None:
        """A file comes to a draft, beside a question that is open."""
        entry, field = self.draft(body), body["field"]
        opened = not entry.returned or field in entry.returned
        self.need(opened, f"ข้อ {field} ของ {entry.code} ไม่ได้ส่งคืน", f"question {field} of {entry.code} is locked")

    on_attach_link = on_attach_file
    on_remove_evidence = on_attach_file

    def on_submit_entry(self, body: Mapping[str, Any]) -> None:
        """An entry is sent: from now on it stands in the facts. Cards that come with it are added."""
        entry = self.draft(body)
        self.need(body["category"] == entry.category, "ประเภทไม่ตรง", "its category is another")
        fields = {code: exact_text(exact(text)) for code, text in body["fields"].items()}
        self.need(fields == body["fields"], "ตัวเลขไม่ได้เขียนแบบสั้นที่สุด", "a number is not in its shortest form")
        entry.fact = {
            "code": entry.code, "category": entry.category, "label": body["label"],
            "attributes": dict(body["attributes"]), "fields": fields,
        }  # fmt: skip
        entry.state, entry.returned = "submitted", frozenset()
        for slot, number, member in body.get("cards", ()):
            if slot not in self.round.slots:
                self.refuse(f"ไม่มีช่วงเวลา {slot}", f"there is no slot {slot}")
            self.add_card(self.round.slots[slot], number, entry.code, member)

    def on_return_entry(self, body: Mapping[str, Any]) -> None:
        """A sent entry goes back to its province; what is being marked does not."""
        entry = self.entry(body["entry"])
        self.need(not entry.marked, f"มีการให้คะแนน {entry.code} แล้ว", f"{entry.code} is being marked already")
        entry.state, entry.until, entry.returned = "draft", body["until"], frozenset()

    on_reopen_entry = on_return_entry

    def on_extend_entry(self, body: Mapping[str, Any]) -> None:
        """More time for a draft; where single questions were returned, for these only."""
        still = self.entry(body["entry"]).returned
        self.on_return_entry(body)
        self.entry(body["entry"]).returned = still

    def on_return_questions(self, body: Mapping[str, Any]) -> None:
        """Single questions of a sent entry go back to its province, or more of them; all else of it stays locked."""
        entry = self.entry(body["entry"])
        self.need(not entry.marked, f"มีการให้คะแนน {entry.code} แล้ว", f"{entry.code} is being marked already")
        sent = entry.state == "submitted" or bool(entry.returned)
        self.need(sent, f"{entry.code} ยังไม่ได้ส่ง", f"{entry.code} was not sent, no single question of it is returned")
        fields = frozenset(body["fields"])
        self.need(bool(fields), "ไม่มีข้อที่ส่งคืน", "no question is returned")
        entry.state, entry.until, entry.returned = "draft", body["until"], entry.returned | fields

    def on_withdraw_entry(self, body: Mapping[str, Any]) -> None:
        """A province withdraws an entry before any slot that hears it was opened. Sent before, it stands in the facts
        as withdrawn; a draft stands nowhere."""
        entry = self.entry(body["entry"])
        there = entry.state in ("draft", "submitted")
        self.need(there, f"ผลงาน {entry.code} เป็น {entry.state}", f"entry {entry.code} is {entry.state}")
        for slot in self.round.slots.values():
            heard = entry.code in slot.heard and slot.state != "planned"
            said = f"slot {slot.number} that hears {entry.code} was opened"
            self.need(not heard, f"ช่วงเวลา {slot.number} เปิดแล้ว", said)
        if entry.state == "draft":
            entry.fact = None
        entry.state, entry.returned = "withdrawn", frozenset()

    # After marking ----------------------------------------------------------------------------------------------------

    def on_record_resolution(self, body: Mapping[str, Any]) -> None:
        """The committee's decision on a tie; the last one of a category and group counts."""
        stage, category, group = body["stage"], body["category"], body["group"]
        self.rules.stage(stage)
        self.rules.category(category)
        order = list(body["order"])
        self.need(len(set(order)) == len(order), "มติมีผลงานซ้ำ", "it names an entry twice")
        for code in order:
            self.entry(code)
        self.round.decisions[stage, category, group] = [category, stage, group, order, body["reason"]]

    def on_calculate_run(self, body: Mapping[str, Any]) -> None:
        """A calculation: its facts are those of this very line."""
        number, stage, kind = body["run"], body["stage"], body["kind"]
        self.need(type(number) is int and number not in self.round.runs, "เลขการคำนวณซ้ำ", "a run's number comes again")
        self.need(number > self.last_run, "เลขการคำนวณย้อนหลัง", "runs are numbered upwards")
        self.need(kind in ("provisional", "official"), f"ชนิด {brief(kind)}", f"kind {brief(kind)}")
        adopted = self.round.opening["rules_sha256"]
        self.need(body["rules_sha256"] == adopted, "ใช้เกณฑ์อื่น", "it was made by other rules than the round opened with")
        still = [slot.number for slot in self.round.slots.values() if slot.stage == stage and slot.state != "closed"]
        self.need(
            kind != "official" or not still,
            f"คำนวณอย่างเป็นทางการทั้งที่ช่วงเวลา {still[:1]} ยังไม่ปิด",
            f"an official run while slot {still[:1]} is not closed",
        )
        self._check_earlier(body)
        facts, found = self.facts_now(self.rules.stage(stage).code)
        if found != body["public"]["facts_sha256"]:
            self.refuse(
                f"ข้อเท็จจริงของการคำนวณ {number} มีรหัส {body['public']['facts_sha256']} แต่บันทึกถึงบรรทัดนี้ให้ {found}",
                f"run {number} states facts {body['public']['facts_sha256']}, the lines up to here give {found}",
            )
        self.round.add_run(Run(number, self.line["seq"], stage, kind, body, facts))
        self.last_run = number

    def facts_now(self, stage: str) -> tuple[str, str]:
        """The public facts of a stage at this line as text, and their SHA-256; made anew only after an act that may
        have changed them."""
        known = self.frozen.get(stage)
        if known is None:
            facts = self.round.facts(stage)
            known = self.frozen[stage] = facts, sha256(facts.encode()).hexdigest()
        return known

    def _check_earlier(self, body: Mapping[str, Any]) -> None:
        before = self.rules.before(self.rules.stage(body["stage"]))
        earlier = body.get("earlier")
        if before is None:
            self.need(earlier is None, "รอบแรกไม่มีรอบก่อน", "the first stage has none before it")
            return
        newest = self.round.newest_run(before.code, kind="official")
        if newest is None:
            self.refuse("ยังไม่มีผลทางการของรอบก่อน", "the stage before has no official run")
        wanted = {"stage": before.code, "run": newest.number}
        self.need(
            earlier == wanted,
            f"ไม่ได้ใช้การคำนวณ {newest.number}",
            f"it does not follow run {newest.number} of {before.code}",
        )

    def _newest(self, body: Mapping[str, Any]) -> Run:
        """The run of an act that makes a result count: the newest of its stage, official, with its own hash; no slot of
        its stage is open, its facts and the run of the stage before are still what they were when it was made."""
        run = self.round.runs.get(body["run"])
        if run is None:
            self.refuse(f"ไม่มีการคำนวณ {body['run']}", f"there is no run {body['run']}")
        newest = self.round.newest_run(run.stage)
        self.need(newest is run, "มีการคำนวณที่ใหม่กว่า", f"run {run.number} is not the newest of its stage")
        self.need(run.kind == "official", "เป็นเพียงผลเบื้องต้น", f"run {run.number} is provisional")
        stated = run.body["public"]["result_sha256"]
        if body["result_sha256"] != stated:
            self.refuse(
                f"รหัสผล {body['result_sha256']} ไม่ใช่ของการคำนวณ {run.number} ({stated})",
                f"it names the result {body['result_sha256']}, run {run.number} has {stated}",
            )
        still = [slot.number for slot in self.round.slots.values() if slot.stage == run.stage and slot.state == "open"]
        self.need(not still, f"ช่วงเวลา {still[:1]} เปิดอยู่", f"slot {still[:1]} is open, its marks may change the result")
        _, now = self.facts_now(run.stage)
        if now != run.body["public"]["facts_sha256"]:
            self.refuse(
                f"ข้อเท็จจริงเปลี่ยนไปหลังการคำนวณ {run.number}: เดิม {run.body['public']['facts_sha256']} บัดนี้ {now}",
                f"the facts changed after run {run.number}: {run.body['public']['facts_sha256']} then, {now} now",
            )
        self._check_earlier(run.body)
        return run

    def on_certify_run(self, body: Mapping[str, Any]) -> None:
        """A run is certified."""
        run = self._newest(body)
        run.certified = run.certified or self.line["seq"]

    def on_publish_run(self, body: Mapping[str, Any]) -> None:
        """A run is published."""
        run = self._newest(body)
        self.need(bool(run.certified), "ยังไม่ได้รับรองผล", f"run {run.number} was not certified")
        run.published, run.withdrawn = self.line["seq"], 0

    def on_withdraw_publication(self, body: Mapping[str, Any]) -> None:
        """What was published is taken back."""
        run = self.round.runs.get(body["run"])
        if run is None or not run.published or run.withdrawn:
            self.refuse("ไม่มีผลที่ประกาศอยู่", "nothing of it is published")
        run.withdrawn = self.line["seq"]

    def on_make_package(self, body: Mapping[str, Any]) -> None:
        """A package of a run is made."""
        self.need(body["run"] in self.round.runs, "ไม่มีการคำนวณนั้น", "there is no such run")
        self.need(body["edition"] in ("public", "auditor"), "ฉบับไม่รู้จัก", "unknown edition")


def summary(found: Round, lines: int) -> Said:
    """What was acted out, in numbers."""
    marks = sum(card.revision for card in found.cards.values())
    sent = sum(card.sent for card in found.cards.values())
    papers = [card.paper for card in found.cards.values() if card.paper]
    waiting = papers.count("unconfirmed")
    on_paper = Said(
        f" จากกระดาษ {len(papers)} ใบ (กรรมการยังไม่ยืนยัน {waiting})" if papers else "",
        f", {len(papers)} entered from paper ({waiting} not confirmed by their members)" if papers else "",
    )
    return Said(
        f"เล่นซ้ำ {lines} บรรทัด: {len(found.entries)} ผลงาน {len(found.slots)} ช่วงเวลา {len(found.cards)} ใบคะแนน"
        f" (ส่งแล้ว {sent}){on_paper.th} บันทึกคะแนน {marks} ครั้ง {len(found.runs)} การคำนวณ: ทุกการกระทำทำได้ในเวลานั้น",
        f"{lines} lines acted out: {len(found.entries)} entries, {len(found.slots)} slots, {len(found.cards)} cards"
        f" ({sent} sent){on_paper.en}, marks recorded {marks} times, {len(found.runs)} runs: every act was allowed"
        " where it stands",
    )
