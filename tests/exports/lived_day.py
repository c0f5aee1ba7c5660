"""The small round with everything that a scoring day adds: moved and dropped slots, phases, attendance, declarations,
a paper sheet, requests. Lines are written by hand, from the contract alone; marks and results stay what they were."""

import copy
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tests.exports.forging import at
from tests.exports.package_by_hand import LOG, START, Files, Line, alias, sha256
from tests.exports.small_round import seat, small_round

PHOTO = sha256(b"a photo of the signed sheet")
FIRST, LATER = START.isoformat(), START.replace(hour=5).isoformat()
CHAIR = "u31"
Texts = list[dict[str, Any]]


class Edited:
    """Lines put in and taken out; texts follow their lines."""

    def __init__(self) -> None:
        whole = small_round()
        self.lines = copy.deepcopy(whole.lines)
        self.texts: dict[int, Texts] = {}  # by id() of the line
        for text in whole.texts:
            self.texts.setdefault(id(self.lines[text["seq"] - 1]), []).append(text)

    def put(self, place: int, act: str, person: str, **body: Any) -> None:
        """One act more; texts are given as `reason=Written("…")`."""
        like = self.lines[place - 1]
        line = {**like, "act": act, "actor": alias(f"{act} {person}"), "body": {}}
        for name, value in body.items():
            line["body"][name] = self.written(line, name, value) if isinstance(value, Written) else value
        self.lines.insert(place, line)

    def written(self, line: Line, path: str, text: "Written") -> dict[str, str]:
        """A free text as its salted hash."""
        salt = sha256(f"{path}{text}{len(self.texts)}")[:32]
        self.texts.setdefault(id(line), []).append({"log": LOG, "path": path, "salt": salt, "text": str(text)})
        return {"salted": sha256(f"{salt}\n{text}")}

    def numbered_texts(self) -> Texts:
        """The texts with the numbers that their lines have now."""
        return [{**text, "seq": seq} for seq, line in enumerate(self.lines, 1) for text in self.texts.get(id(line), ())]


class Written(str):
    """A free text of a body."""


@lru_cache(maxsize=1)
def _lived() -> Edited:
    day = Edited()
    recused = at(day.lines, "recuse")
    why = Written("ญาติของผู้ส่งผลงาน")
    day.put(recused + 1, "declare_interest", "u3", session=1, member=seat("z1-two"), kind="relative", proposed=False,
            reason=why, cards=[3], freed=[])  # fmt: skip
    del day.lines[recused]
    _before_the_nation(day, at(day.lines, "open_slot", 2))
    _in_the_nation(day, at(day.lines, "record_marks", 8))
    return day


def _before_the_nation(day: Edited, place: int) -> None:
    one, chair = seat("n-one"), seat("n-chair")
    spare = {"slot": 14, "panel": 3, "stage": "nation", "province": "10", "zone": 3, "starts_at": FIRST,
             "cards": [[13, "a", one]]}  # fmt: skip
    nothing: dict[str, Any] = {"proposed": False, "reason": Written(""), "cards": [], "freed": []}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("plan_slot", "u1", spare),
        ("drop_slot", "u1", {"slot": 14, "reason": Written("วางแผนซ้ำ")}),
        ("move_slot", "u1", {"slot": 13, "was": FIRST, "starts_at": LATER, "reason": Written("ไฟดับ")}),
        ("move_slot", CHAIR, {"slot": 13, "was": LATER, "starts_at": FIRST, "reason": Written("ไฟมา")}),
        ("declare_interest", CHAIR, {"session": 5, "member": chair, "kind": "none", **nothing}),
        ("declare_interest", "u32", {"session": 5, "member": one, "kind": "former_post", "proposed": True,
                                     "reason": Written("เคยอยู่จังหวัดนี้"), "cards": [10, 12], "freed": []}),
        ("record_interest", CHAIR, {"session": 5, "member": one, "kind": "none", **nothing, "freed": [10, 12]}),
        ("begin_phase", CHAIR, {"slot": 13, "phase": "presenting", "seconds": 600}),
        ("record_attendance", CHAIR, {"slot": 13, "member": chair, "state": "absent", "arrived_at": None}),
        ("record_attendance", CHAIR, {"slot": 13, "member": chair, "state": "present", "arrived_at": None}),
        ("record_attendance", CHAIR, {"slot": 13, "member": one, "state": "absent", "arrived_at": None}),
        ("allow_member", CHAIR, {"slot": 13, "member": one, "reason": Written("ฟังจากบันทึกภาพแล้ว")}),
        ("begin_phase", CHAIR, {"slot": 13, "phase": "questions", "seconds": None}),
        ("note_minutes", CHAIR, {"slot": 13, "text": Written("ภาพขาดไปสองนาที")}),
        ("pass_chair", CHAIR, {"slot": 13, "member": one, "reason": Written("ต้องออกไปรับโทรศัพท์")}),
        ("pass_chair", CHAIR, {"slot": 13, "member": None, "reason": Written("")}),
    ]  # fmt: skip
    for number, (act, person, body) in enumerate(acts):
        day.put(place + number, act, person, **body)


def _in_the_nation(day: Edited, place: int) -> None:
    """Card 10 comes from paper, entered by the office, and is confirmed by its member; a request is declined."""
    lines = day.lines
    marked = next(line for line in lines if line["act"] == "record_marks" and line["body"]["card"] == 10)
    sent = next(line for line in lines if line["act"] == "send_card" and line["body"]["card"] == 10)
    place = lines.index(marked)
    paper = {**marked["body"], "slot": 13, "total": sent["body"]["total"], "photo_sha256": PHOTO}
    day.put(place, "enter_paper", "u1", **paper, reason=Written("โทรศัพท์เสีย"))
    lines.remove(marked)
    lines.remove(sent)
    asked = {"slot": 13, "card": 9, "changes": 0}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("ask_reopening", CHAIR, {**asked, "reason": Written("อยากทบทวน")}),
        ("decline_reopening", CHAIR, {"slot": 13, "card": 9, "reason": Written("ไม่มีเหตุใหม่")}),
        ("confirm_paper", "u32", {"card": 10, "revision": 1}),
    ]
    for number, (act, person, body) in enumerate(acts):
        day.put(place + 1 + number, act, person, **body)


def lived_lines() -> list[Line]:
    """A copy of the lines."""
    return copy.deepcopy(_lived().lines)


def lived_files(*, auditor: bool = False, lines: list[Line] | None = None) -> Files:
    """The files of a package of the lived day."""
    files = small_round().made(auditor, lived_lines() if lines is None else lines, None)
    if auditor:
        texts = _lived().numbered_texts()
        files["texts.jsonl"] = "".join(f"{json.dumps(text, ensure_ascii=False)}\n" for text in texts).encode()
    return files


def living(change: Callable[[list[Line]], list[Line]]) -> Callable[[list[Line]], list[Line]]:
    """A change to the lived day in place of the small round's lines."""
    return lambda _: change(lived_lines())
