"""The auditor's edition: the seal opens every alias, and the salts show that the texts are those of the lines."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from exports.verifier.canonical import read_json
from exports.verifier.chain import Ledger, LedgerLine
from exports.verifier.said import Said, brief, fail


class Opened(NamedTuple):
    """What the auditor's edition opens: seats by alias, and texts by (line, path)."""

    seats: dict[str, str]
    texts: dict[tuple[int, str], str]
    erased: int
    holders: int  # of seats, whose duty is named


def open_edition(files: Mapping[str, bytes], ledger: Ledger) -> Opened:
    """Raises Failed where the seal, a name or a text is not that of the ledger."""
    names = read_json(files["names.json"], name="names.json")
    seats = _seats(names, read_seal(files, ledger))
    named = {alias: what for what, alias in names.items()}
    _check_people(ledger, named)
    holders = _check_holders(ledger, named)
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
    kept = {place: text for place, (_, text) in texts.items()}
    return Opened(seats, kept, len(hashes.keys() - texts.keys()), holders)


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
        kind, _, code = what.partition(" ")
        if kind == "seat" and " duty " not in code:
            seats[wanted] = code
    return seats


def _check_holders(ledger: Ledger, named: Mapping[str, str]) -> int:
    """How many holders of seats are named by their duty. A package from before names.json held them names none; else
    it names each, and each for its own seat. Raises Failed."""
    lines = [line for line in ledger.lines if line["act"] == "seat_panel"]
    told = {(line["seq"], *each) for line in lines for each in line["body"].get("holders", ())}
    opened = {holder for _, _, holder in told if holder in named}
    for seq, seat, holder in sorted(told if opened else ()):
        beginning = f"{named.get(seat)} duty "
        duty = named.get(holder, "").removeprefix(beginning)
        if not duty.isdigit():
            said = brief(named.get(holder, holder))
            fail(
                f"names.json: บรรทัดที่ {seq} ไม่บอกว่าที่นั่ง {seat} เป็นของหน้าที่ใด ({said})",
                f"names.json: it does not say which duty holds {seat} in line {seq} ({said})",
            )
    return len(opened)


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
        f"ตราลับตรง เปิดที่นั่งกรรมการได้ {len(opened.seats)} ที่นั่ง หน้าที่ของผู้นั่ง {opened.holders}"
        f" ข้อความ {len(opened.texts)} ข้อความตรงกับรหัสในบันทึก (ถูกลบตามคำขอหรืออายุ {opened.erased})",
        f"the seal fits, {len(opened.seats)} seats and {opened.holders} of their holders' duties are named,"
        f" {len(opened.texts)} texts are those of the ledger"
        f" ({opened.erased} were erased)",
    )


OWN_ACTS = frozenset((
    "record_marks", "record_sheet", "send_card", "recuse", "declare_interest", "confirm_paper", "ask_reopening",
))  # fmt: skip
# Acts whose person an auditor must be able to see.
SIGNED_ACTS = OWN_ACTS | {
    "certify_run", "publish_run", "withdraw_publication", "open_slot", "close_slot", "enter_paper", "allow_member",
    "pass_chair", "record_interest",
}  # fmt: skip


class Acted(NamedTuple):
    """Who did something, and in which line."""

    person: str
    seq: int


def _check_people(ledger: Ledger, names: Mapping[str, str]) -> None:
    """One person acts for a member, whatever the act, until its panel is seated anew; nobody enters the paper sheet of
    their own card; and who publishes is not who certified. names.json says who it was, of each of these acts and of
    the opening and closing of slots. Raises Failed."""
    members: dict[Any, str] = {}
    owners: dict[tuple[int, str], Acted] = {}
    papers: list[tuple[tuple[int, str], Any, Acted]] = []
    certified: dict[Any, str] = {}
    seatings = 0
    for line in ledger.lines:
        act, body, seq = line["act"], line["body"], line["seq"]
        seatings += act == "seat_panel"
        if act == "plan_slot":
            members |= {card: member for card, _, member in body["cards"]}
        elif act == "submit_entry":
            members |= {card: member for _, card, member in body.get("cards", ())}
        if act not in SIGNED_ACTS:
            continue
        person = _person(line, names)
        if act in OWN_ACTS:
            for card, member in _own_cards(line, members):
                owner = owners.setdefault((seatings, member), Acted(person, seq))
                if owner.person != person:
                    fail(
                        f"บรรทัดที่ {seq} {act}: {person} ทำแทน {owner.person} (บรรทัดที่ {owner.seq}) บนใบคะแนน {card}",
                        f"line {seq} {act}: {person} acts on card {card}, which is {owner.person}'s (line {owner.seq})",
                    )
        elif act == "enter_paper":
            card = body["card"]
            papers.append(((seatings, members.get(card, str(card))), card, Acted(person, seq)))
        elif act == "certify_run":
            certified[body["run"]] = person
        elif act == "publish_run" and certified.get(body["run"]) == person:
            fail(
                f"บรรทัดที่ {seq}: {person} ทั้งรับรองและประกาศผลเอง ซึ่งต้องเป็นสองคน",
                f"line {seq}: {person} both certified and published, which takes two people",
            )
    for place, card, (person, seq) in papers:
        if place in owners and owners[place].person == person:
            fail(
                f"บรรทัดที่ {seq} enter_paper: {person} บันทึกกระดาษของใบคะแนน {card} ซึ่งเป็นของตนเอง",
                f"line {seq} enter_paper: {person} entered the paper of card {card}, which is their own",
            )


def _person(line: LedgerLine, names: Mapping[str, str]) -> str:
    """Who acted, as names.json says. Raises Failed."""
    act, seq = line["act"], line["seq"]
    verb, _, person = names.get(str(line["actor"]), "").partition(" ")
    if verb != act or not person:
        fail(
            f"names.json: ไม่บอกว่าผู้ใดทำบรรทัดที่ {seq} {act} ({brief(line['actor'])})",
            f"names.json: it does not say who acted in line {seq}, {act} ({brief(line['actor'])})",
        )
    return person


def _own_cards(line: LedgerLine, members: Mapping[Any, str]) -> list[tuple[Any, str]]:
    """The cards that a member's own act is about, each with its member."""
    act, body = line["act"], line["body"]
    if act == "declare_interest":
        return [(card, body["member"]) for card in body["cards"]] or [("-", body["member"])]
    cards = [each["card"] for each in body["cards"]] if act == "record_sheet" else [body["card"]]
    return [(card, members.get(card, str(card))) for card in cards]
