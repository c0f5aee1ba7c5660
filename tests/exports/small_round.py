"""A small invented round as a log and packages, written from the contract alone: two stages, every act, both editions.

Nothing of the web application is used, so that the verifier is not tested against its own writer only. The engine and
the workbook are the real ones.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from exports.ranking_workbook import Provenance, ranking_workbook
from scoring_rules import evaluate
from scoring_rules.earlier import read_earlier
from scoring_rules.exact import simplest
from scoring_rules.facts import Card, Entry, Facts, Resolution
from scoring_rules.reader import read_rules
from scoring_rules.results import Evaluation
from tests.exports.package_by_hand import (
    FILE,
    KEY,
    LOG,
    SEAL,
    START,
    Files,
    Line,
    alias,
    chained,
    checkpoint,
    root_of,
    sha256,
)

RULES = """\
format: 1
id: small-award/2564-r1
award: {th: รางวัลย่อม (ข้อมูลสมมติ), en: Small award (invented)}
short: {th: ย่อม, en: Small}
cycle: 2564
basis: proposed
sources:
- {code: p, what: {th: ข้อเสนอสมมติ, en: Invented proposal}}
categories:
- code: shop
  label: {th: ร้านค้าชุมชน, en: Village shop}
  entrant: subdistrict_group
  limit: {entries: 9, per: province}
  fields:
  - {code: sales, label: {th: ยอดขาย, en: Sales}, type: decimal, places: 1, required: true}
  indicators:
  - {code: sold, label: {th: ยอดขาย, en: Sales}, unit: {th: บาท, en: baht}, better: higher, from: {field: sales}}
  criteria:
  - {code: work, label: {th: ผลงาน, en: Work}, points: 50, source: marks, scale: {from: 0, to: 5, step: 0.5},
     worth: share_of_top}
  - {code: sale, label: {th: การขาย, en: Selling}, points: 30, source: indicator, indicator: sold,
     bands: [[10, 15], [12.5, 30]], below: 0}
  - code: books
    label: {th: บัญชี, en: Books}
    points: 20
    source: checklist
    items:
    - {code: kept, label: {th: มีบัญชี, en: Kept}, points: 12}
    - {code: read, label: {th: ตรวจแล้ว, en: Read}, points: 8}
  panel: {combine: mean, applied_to: marks, quorum: 1, missing: {recused: leave_out, absent: leave_out, blank: refuse}}
  total: {floor: 0, ceiling: 100}
  rounding: {combined: none, points: none, total: {places: 2, mode: half_up}, rank_on: rounded}
  tie_breaks:
  - {by: criterion, code: books}
  - {by: resolution}
  tiers:
  - {code: gold, label: {th: ทอง, en: Gold}, at_least: 70}
stages:
- {code: zone, label: {th: ระดับเขต, en: Zone}, groups: zone, advance: {take: 1}}
- {code: nation, label: {th: ระดับประเทศ, en: Nation}, groups: none, carries: {stage: zone, share: 0.4}}
"""


@dataclass
class Writer:
    """A log being written, with the facts that it amounts to kept beside it by hand."""

    lines: list[Line] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    revisions: dict[int, int] = field(default_factory=dict)
    marks: dict[int, dict[str, int]] = field(default_factory=dict)
    rules: Any = field(default_factory=lambda: read_rules(RULES))

    def add(self, act: str, person: str, body: Mapping[str, Any]) -> int:
        seq = len(self.lines) + 1
        at = (START + timedelta(minutes=seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = {"act": act, "actor": alias(f"{act} {person}"), "at": at, "body": dict(body), "key": None, "log": LOG}
        self.lines.append({**line, "v": 2})
        return seq

    def private(self, path: str, text: str) -> dict[str, str]:
        """A text of the line that comes next, as its salted hash."""
        seq = len(self.lines) + 1
        salt = sha256(f"{seq}{path}")[:32]
        self.texts.append({"log": LOG, "seq": seq, "path": path, "salt": salt, "text": text})
        return {"salted": sha256(f"{salt}\n{text}")}

    def marked(self, card: int, marks: Mapping[str, int | None], *, note: str = "") -> dict[str, Any]:
        """The body of recorded marks; marks are in ten-thousandths."""
        self.revisions[card] = self.revisions.get(card, 0) + 1
        held = self.marks.setdefault(card, {})
        for place, value in marks.items():
            held.pop(place, None)
            if value is not None:
                held[place] = value
        notes = {"work": self.private("notes/work", note)} if note else {}
        return {"card": card, "revision": self.revisions[card], "marks": dict(marks), "notes": notes}

    def record(self, card: int, person: str, marks: Mapping[str, int | None], *, note: str = "") -> None:
        self.add("record_marks", person, self.marked(card, marks, note=note))

    def send(self, card: int, person: str, total: str) -> None:
        self.add("send_card", person, {"card": card, "revision": self.revisions[card], "total": total})

    def close(self, slot: int, cards: Mapping[int, str]) -> None:
        listed = [[card, self.revisions.get(card, 0), state] for card, state in cards.items()]
        self.add("close_slot", "u1", {"slot": slot, "cards": listed})

    def card(self, number: int, seat: str) -> Card:
        held = self.marks[number]
        return Card(seat, "standing", {place: simplest(Fraction(mark, 10_000)) for place, mark in held.items()})

    def run(self, number: int, stage: str, kind: str, facts: Facts, *, earlier: str | None = None) -> Evaluation:
        """A calculation by the engine, and its line."""
        before = read_earlier(earlier, name="zone", rules=self.rules) if earlier else None
        plain = evaluate(self.rules, facts, stage=stage, earlier=before)
        public = evaluate(self.rules, aliased(facts), stage=stage, earlier=before)
        self.named = sha256(public.to_json())
        self.add("calculate_run", "u1", {
            "run": number, "stage": stage, "kind": kind, "engine": plain.engine, "rules_sha256": self.rules.sha256,
            "sealed": {
                "facts": sealed("facts", plain.facts_sha256), "result": sealed("result", sha256(plain.to_json())),
            },
            "public": {"facts_sha256": public.facts_sha256, "result_sha256": self.named},
            "earlier": {"stage": "zone", "run": 2} if earlier else None,
        })  # fmt: skip
        return plain


def sealed(kind: str, digest: str) -> str:
    """A hash that only the seal lets anybody compare."""
    return hmac.new(bytes.fromhex(SEAL), f"{kind} {digest}".encode(), hashlib.sha256).hexdigest()


def aliased(facts: Facts) -> Facts:
    cards = {
        entry: tuple(replace(card, member=alias(f"seat {card.member}"), reason="") for card in given)
        for entry, given in facts.cards.items()
    }
    return replace(facts, cards=cards)


def submitted(code: str, zone: str, sales: str) -> dict[str, Any]:
    return {
        "entry": code, "category": "shop", "label": f"ร้าน {code} (สมมติ)",
        "attributes": {"zone": zone, "province": f"จังหวัด {zone}", "region": "กลาง"}, "fields": {"sales": sales},
        "answers_sha256": sha256(code), "files": [sha256(FILE)] if code == "a" else [], "cards": [],
    }  # fmt: skip


def entry(code: str, zone: str, sales: Fraction, state: Any = "presented") -> Entry:
    body = submitted(code, zone, str(sales))
    return Entry(code, "shop", body["label"], state, body["attributes"], {"sales": simplest(sales)})


def ticks(work: int, kept: int, read: int) -> dict[str, int | None]:
    """Marks as the ledger keeps them: half points of work, and two ticks."""
    return {"work": work * 5_000, "books/kept": kept * 10_000, "books/read": read * 10_000}


def seat(code: str) -> str:
    return alias(f"seat {code}")


@dataclass(frozen=True)
class SmallRound:
    """The finished round: its lines, its texts, and the facts and results of its official runs."""

    lines: list[Line]
    texts: list[dict[str, Any]]
    zone: Evaluation
    facts: Facts
    earlier: str

    def files(self, *, auditor: bool = False, lines: list[Line] | None = None, facts: Facts | None = None) -> Files:
        """The files of the package of run 3. With `facts`, facts, result and workbook are made of those."""
        return dict(_untouched(auditor)) if lines is None and facts is None else self.made(auditor, lines, facts)

    def made(self, auditor: bool, lines: list[Line] | None, facts: Facts | None) -> Files:
        """The same, made anew."""
        rules, lines = read_rules(RULES), self.lines if lines is None else lines
        shown = facts or self.facts
        shown = shown if auditor else aliased(shown)
        before = read_earlier(self.earlier, name="zone", rules=rules)
        evaluation = evaluate(rules, shown, stage="nation", earlier=before)
        ledger = chained(lines)
        at = next(seq for seq, line in enumerate(lines, 1) if line["body"].get("run") == 3)
        made = Provenance(
            f"3-{sha256(evaluation.to_json())[:8]}", "official", START, "ฝ่ายเลขานุการ", True, at,
            root_of(ledger, size=at).hex(),
        )  # fmt: skip
        book = ranking_workbook(rules=rules, facts=shown, evaluation=evaluation, stage="nation", provenance=made)
        earlier = self.zone if auditor else evaluate(rules, aliased(zone_facts()), stage="zone")
        files = {
            "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY), "rules.yaml": RULES.encode(),
            "facts.json": shown.to_json().encode(), "results.json": evaluation.to_json().encode(),
            "earlier-results.json": earlier.to_json().encode(), "ranking.xlsx": book,
            "evidence.csv": f"entry,field,sha256,size\na,papers,{sha256(FILE)},{len(FILE)}\n".encode(),
            "README-TH.txt": b"-\n", "README-EN.txt": b"-\n", "verify.py": b"# not this one\n",
        }  # fmt: skip
        if auditor:
            seats = ("z1-chair", "z1-one", "z1-two", "z2-chair", "n-chair", "n-one")
            people = ("u1", "u2", "u3", "u9", "u20", "u31", "u32", "u40")
            whats = [f"seat {code}" for code in seats]
            whats += [f"{act} {person}" for act in sorted({line["act"] for line in lines}) for person in people]
            files |= {
                "seal.txt": f"{SEAL}\n".encode(),
                "names.json": json.dumps({what: alias(what) for what in whats}).encode(),
                "texts.jsonl": "".join(f"{json.dumps(text, ensure_ascii=False)}\n" for text in self.texts).encode(),
            }
        return files


@lru_cache(maxsize=2)
def _untouched(auditor: bool) -> Files:
    return small_round().made(auditor, None, None)


_ZONE: list[Facts] = []


def zone_facts() -> Facts:
    """What the zones' official run was made from."""
    small_round()
    return _ZONE[0]


@lru_cache(maxsize=1)
def small_round() -> SmallRound:
    """Three shops in two zones and one that did not present; a returned entry, a recusal, reopenings, a decided tie."""
    w = Writer()
    w.add("open_round", "u1", {
        "award": "small-award", "year": 2564, "rule_set": w.rules.id, "rules_sha256": w.rules.sha256, "engine": "1.0",
        "opens_at": START.isoformat(), "deadline_at": (START + timedelta(days=9)).isoformat(), "invented": True,
        "seal_sha256": sha256(SEAL), "continues": None,
    })  # fmt: skip
    panels = (
        (1, "zone", ("z1-chair", "z1-one", "z1-two")),
        (2, "zone", ("z2-chair",)),
        (3, "nation", ("n-chair", "n-one")),
    )
    for panel, stage, codes in panels:
        members = [seat(code) for code in codes]
        w.add("seat_panel", "u1", {"panel": panel, "stage": stage, "zone": panel, "members": members})

    def plan(slot: int, panel: int, stage: str, cards: list[list[Any]]) -> None:
        about = {"slot": slot, "panel": panel, "stage": stage, "province": "10", "zone": panel}
        w.add("plan_slot", "u1", {**about, "cards": [[number, code, seat(who)] for number, code, who in cards]})

    first = [
        [1, "a", "z1-chair"],
        [2, "a", "z1-one"],
        [3, "a", "z1-two"],
        [4, "b", "z1-chair"],
        [5, "b", "z1-one"],
        [6, "b", "z1-two"],
    ]
    plan(11, 1, "zone", first)
    plan(12, 2, "zone", [[7, "c", "z2-chair"]])
    for code in "abcd":
        w.add("begin_entry", "u20", {"entry": code, "category": "shop", "province": "10"})
        w.add("save_answers", "u20", {"entry": code, "revision": 1, "answers_sha256": sha256(code)})
    w.add("attach_file", "u20", {"entry": "a", "field": "papers", "sha256": sha256(b"a draft")})
    w.add("remove_evidence", "u20", {"entry": "a", "field": "papers", "sha256": sha256(b"a draft")})
    w.add("attach_file", "u20", {"entry": "a", "field": "papers", "sha256": sha256(FILE)})
    w.add("attach_link", "u20", {"entry": "a", "field": "papers", "url": w.private("url", "https://example.invalid")})
    w.add("submit_entry", "u20", submitted("a", "1", "25/2"))
    w.add("submit_entry", "u20", submitted("b", "1", "1"))
    until = (START + timedelta(days=12)).isoformat()
    w.add("return_entry", "u1", {"entry": "b", "reason": w.private("reason", "ตัวเลขไม่ครบ"), "until": until})
    w.add("submit_entry", "u20", submitted("b", "1", "25/2"))
    w.add("submit_entry", "u20", submitted("c", "2", "10"))
    w.add("submit_entry", "u20", {**submitted("d", "2", "10"), "cards": [[12, 8, seat("z2-chair")]]})

    w.add("open_slot", "u1", {"slot": 11})
    w.add("record_sheet", "u1", {"slot": 11, "cards": [w.marked(1, ticks(8, 1, 1)), w.marked(4, ticks(8, 1, 1))]})
    w.record(2, "u2", {"work": 45_000, "books/kept": 10_000}, note="ดีมาก")
    w.record(2, "u2", {"work": 40_000, "books/read": 10_000})
    w.record(5, "u2", ticks(9, 1, 1))
    w.record(5, "u2", {"work": None})
    w.record(5, "u2", {"work": 40_000})
    w.record(6, "u3", ticks(8, 1, 1))
    excuse = {"card": 3, "reason": w.private("reason", "ญาติของผู้ส่งผลงาน")}
    w.add("recuse", "u3", excuse)
    for card, person in ((1, "u1"), (2, "u2"), (4, "u1"), (5, "u2"), (6, "u3")):
        w.send(card, person, "90")
    done = {1: "sent", 2: "sent", 3: "recused", 4: "sent", 5: "sent", 6: "sent"}
    w.close(11, done)
    w.add("reopen_slot", "u1", {"slot": 11, "cards": [1, 2, 4, 5, 6], "reason": w.private("reason", "ตรวจอีกครั้ง")})
    for card, person in ((1, "u1"), (2, "u2"), (4, "u1"), (5, "u2"), (6, "u3")):
        w.send(card, person, "90")
    w.close(11, done)
    w.add("reopen_card", "u1", {"slot": 11, "card": 6, "reason": w.private("reason", "แก้คะแนน")})
    w.send(6, "u3", "90")
    w.close(11, done)

    w.add("open_slot", "u9", {"slot": 12})
    reason = w.private("reason", "ไม่มาตามนัด")
    w.add("record_presence", "u9", {"slot": 12, "entry": "d", "presented": False, "reason": reason})
    w.record(7, "u9", ticks(6, 1, 0))
    w.send(7, "u9", "57")
    w.close(12, {7: "sent", 8: "draft"})

    entries = (
        entry("a", "1", Fraction(25, 2)), entry("b", "1", Fraction(25, 2)), entry("c", "2", Fraction(10)),
        entry("d", "2", Fraction(10), "not_presented"),
    )  # fmt: skip
    cards = {
        "a": (w.card(1, "z1-chair"), w.card(2, "z1-one"), Card("z1-two", "recused", reason="ญาติของผู้ส่งผลงาน")),
        "b": (w.card(4, "z1-chair"), w.card(5, "z1-one"), w.card(6, "z1-two")),
        "c": (w.card(7, "z2-chair"),),
    }
    w.run(1, "zone", "provisional", Facts(entries, cards))
    decided = Resolution("shop", "zone", "1", ("b", "a"), "ผลงานของ b ขยายผลได้มากกว่า")
    about = {"resolution": 1, "run": 1, "stage": "zone", "category": "shop", "group": "1"}
    w.add("record_resolution", "u1", {**about, "order": ["b", "a"], "reason": decided.reason})
    _ZONE[:] = [Facts(entries, cards, (decided,))]
    zone = w.run(2, "zone", "official", _ZONE[0])
    w.add("certify_run", "u1", {"run": 2, "result_sha256": w.named})

    plan(13, 3, "nation", [[9, "b", "n-chair"], [10, "b", "n-one"], [11, "c", "n-chair"], [12, "c", "n-one"]])
    w.add("open_slot", "u31", {"slot": 13})
    absent = {"slot": 13, "cards": [12], "kind": "absent", "reason": w.private("reason", "ลาป่วย")}
    w.add("excuse_member", "u31", absent)
    for card, person, marks, total in (
        (9, "u31", ticks(9, 1, 0), "87"), (10, "u32", ticks(8, 1, 1), "90"), (11, "u31", ticks(10, 1, 1), "85"),
    ):  # fmt: skip
        w.record(card, person, marks)
        w.send(card, person, total)
    w.close(13, {9: "sent", 10: "sent", 11: "sent", 12: "absent"})
    nation = Facts(entries, {
        "b": (w.card(9, "n-chair"), w.card(10, "n-one")),
        "c": (w.card(11, "n-chair"), Card("n-one", "absent", reason="ลาป่วย")),
    })  # fmt: skip
    w.run(3, "nation", "official", nation, earlier=zone.to_json())
    for act, person in (("certify_run", "u1"), ("publish_run", "u40")):
        w.add(act, person, {"run": 3, "result_sha256": w.named})
    return SmallRound(w.lines, w.texts, zone, nation, zone.to_json())
