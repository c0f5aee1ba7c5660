"""The auditor's edition: the seal opens every alias, and the salts show that the texts are those of the lines."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from exports.verifier.canonical import read_json
from exports.verifier.chain import Ledger
from exports.verifier.said import Said, brief, fail


class Opened(NamedTuple):
    """What the auditor's edition opens: seats by alias, and texts by (line, path)."""

    seats: dict[str, str]
    texts: dict[tuple[int, str], str]
    erased: int


def open_edition(files: Mapping[str, bytes], ledger: Ledger) -> Opened:
    """Raises Failed where the seal, a name or a text is not that of the ledger."""
    names = read_json(files["names.json"], name="names.json")
    seats = _seats(names, read_seal(files, ledger))
    _check_people(ledger, {alias: what for what, alias in names.items()})
    texts, hashes = _texts(files["texts.jsonl"], ledger.log), _salted(ledger)
    for (seq, path), (salt, text) in texts.items():
        wanted = hashes.get((seq, path))
        digest = sha256(f"{salt}\n{text}".encode()).hexdigest()
        if digest != wanted:
            fail(
                f"texts.jsonl: ข้อความของบรรทัดที่ {seq} {brief(path)} มีรหัส {digest} แต่ในบันทึกคือ {wanted}",
                f"texts.jsonl: the text of line {seq} {brief(path)} has the hash {digest}, the ledger says {wanted}",
            )
    members = {member for line in ledger.lines if line["act"] == "seat_panel" for member in line["body"]["members"]}
    unnamed = members - seats.keys()
    if unnamed:
        fail(f"names.json: ไม่บอกว่า {min(unnamed)} คือใคร", f"names.json: it does not say who {min(unnamed)} is")
    return Opened(seats, {place: text for place, (_, text) in texts.items()}, len(hashes.keys() - texts.keys()))


def read_seal(files: Mapping[str, bytes], ledger: Ledger) -> bytes:
    """The seal, whose hash stands in the ledger's first line. Raises Failed."""
    seal = files["seal.txt"].decode("utf-8", "replace").strip()
    stated = ledger.lines[0]["body"].get("seal_sha256")
    found = sha256(seal.encode()).hexdigest()
    if found != stated or not re.fullmatch("(?:[0-9a-f]{2}){16,64}", seal):
        fail(f"seal.txt: รหัส {found} แต่บรรทัดแรกระบุ {stated}", f"seal.txt: its hash is {found}, line 1 states {stated}")
    return bytes.fromhex(seal)


def sealed(seal: bytes, kind: str, found: str) -> str:
    """A hash under the seal, as the ledger states it where a plain one would help to guess who is who."""
    return hmac.new(seal, f"{kind} {found}".encode(), sha256).hexdigest()


def _seats(names: Any, seal: bytes) -> dict[str, str]:
    if not isinstance(names, dict):
        fail("names.json: ไม่ใช่รายชื่อ", "names.json: it is no list of names")
    seats = {}
    for what, alias in names.items():
        wanted = "a" + hmac.new(seal, what.encode(), sha256).hexdigest()[:15]
        if alias != wanted:
            fail(
                f"names.json: “{brief(what)}” เขียนว่า {brief(alias)} แต่ตราลับให้ {wanted}",
                f'names.json: "{brief(what)}" is given as {brief(alias)}, the seal makes it {wanted}',
            )
        if what.startswith("seat "):
            seats[wanted] = what[len("seat ") :]
    return seats


def _texts(data: bytes, log: str) -> dict[tuple[int, str], tuple[str, str]]:
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for number, raw in enumerate(data.split(b"\n")[:-1] if data else [], 1):
        name = f"texts.jsonl:{number}"
        text = read_json(raw, name=name)
        try:
            place = text["seq"], text["path"]
            if text["log"] != log or place in found:
                fail(f"{name}: เป็นของบันทึกอื่น หรือซ้ำ", f"{name}: it is of another log, or there twice")
            found[place] = str(text["salt"]), str(text["text"])
        except (KeyError, TypeError):
            fail(f"{name}: ต้องมี log seq path salt text", f"{name}: log, seq, path, salt and text are needed")
    return found


def _salted(ledger: Ledger) -> dict[tuple[int, str], str]:
    """The hash of every text in the ledger by line and path."""
    found: dict[tuple[int, str], str] = {}

    def walk(value: Any, seq: int, path: str) -> None:
        if isinstance(value, dict):
            if value.keys() == {"salted"}:
                found[seq, path] = value["salted"]
                return
            for key, each in value.items():
                walk(each, seq, f"{path}/{key}".lstrip("/"))
        elif isinstance(value, list):
            for place, each in enumerate(value):
                walk(each, seq, f"{path}/{place}")

    for line in ledger.lines:
        walk(line["body"], line["seq"], "")
    return found


def said_of(opened: Opened) -> Said:
    """How much was opened."""
    return Said(
        f"ตราลับตรง เปิดที่นั่งกรรมการได้ {len(opened.seats)} ที่นั่ง ข้อความ {len(opened.texts)} ข้อความตรงกับรหัสในบันทึก"
        f" (ถูกลบตามคำขอหรืออายุ {opened.erased})",
        f"the seal fits, {len(opened.seats)} seats are named, {len(opened.texts)} texts are those of the ledger"
        f" ({opened.erased} were erased)",
    )


OWN_ACTS = frozenset(("record_marks", "record_sheet", "send_card", "recuse"))
# Acts whose person an auditor must be able to see.
SIGNED_ACTS = OWN_ACTS | {"certify_run", "publish_run", "withdraw_publication", "open_slot", "close_slot"}


def _check_people(ledger: Ledger, names: Mapping[str, str]) -> None:
    """One person acts on a card, whatever the act, until its panel is seated anew; and who publishes is not who
    certified. names.json says who it was, of each of these acts and of the opening and closing of slots. Raises
    Failed."""
    owners: dict[tuple[int, Any], tuple[str, int]] = {}
    certified: dict[Any, tuple[str, int]] = {}
    seatings = 0
    for line in ledger.lines:
        act, body, seq = line["act"], line["body"], line["seq"]
        seatings += act == "seat_panel"
        if act not in SIGNED_ACTS:
            continue
        verb, _, person = names.get(str(line["actor"]), "").partition(" ")
        if verb != act or not person:
            fail(
                f"names.json: ไม่บอกว่าผู้ใดทำบรรทัดที่ {seq} {act} ({brief(line['actor'])})",
                f"names.json: it does not say who acted in line {seq}, {act} ({brief(line['actor'])})",
            )
        if act in OWN_ACTS:
            cards = [each["card"] for each in body["cards"]] if act == "record_sheet" else [body["card"]]
            for card in cards:
                owner, first = owners.setdefault((seatings, card), (person, seq))
                if owner != person:
                    fail(
                        f"บรรทัดที่ {seq} {act}: {person} ทำแทน {owner} (บรรทัดที่ {first}) บนใบคะแนน {card}",
                        f"line {seq} {act}: {person} acts on card {card}, which is {owner}'s (line {first})",
                    )
        elif act == "certify_run":
            certified[body["run"]] = person, seq
        elif act == "publish_run" and certified.get(body["run"], ("", 0))[0] == person:
            fail(
                f"บรรทัดที่ {seq}: {person} ทั้งรับรองและประกาศผลเอง ซึ่งต้องเป็นสองคน",
                f"line {seq}: {person} both certified and published, which takes two people",
            )
