"""The checkpoint: a signed note that states how long a log is and its root."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import NamedTuple

from exports.verifier.ed25519 import is_signed
from exports.verifier.said import CannotCheck, NotChecked, Said, brief, fail

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_NAME = re.compile(r"[^\s+]{1,255}")
MOST_SIGNATURES = 16


class Signature(NamedTuple):
    """One signature line: who it says signed, the id of the key, and the signature."""

    name: str
    key_id: bytes
    signature: bytes


class Checkpoint(NamedTuple):
    """What a note states, the text that is signed, and the signatures (none at level 0)."""

    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: tuple[Signature, ...]


class Key(NamedTuple):
    """A public key that the verifier was given. `name` is empty where only the key itself was."""

    name: str
    public: bytes

    def id_for(self, name: str) -> bytes:
        """The first four bytes that signature lines carry."""
        return sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]


def _base64(text: str, length: int) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        return b""
    return data if len(data) == length and base64.b64encode(data).decode() == text else b""


def read_key(given: str) -> Key:
    """A key as it is handed over: `name+id+base64`, or the public key itself as 64 hexadecimal digits.

    Raises CannotCheck for anything else.
    """
    text = given.strip()
    digits = re.sub(r"[\s:]", "", text).lower()
    if re.fullmatch(r"[0-9a-f]{64}", digits):
        return Key("", bytes.fromhex(digits))
    name, plus, rest = text.partition("+")
    key_id, also, encoded = rest.partition("+")
    data = _base64(encoded, 33)
    if plus and also and _NAME.fullmatch(name) and data[:1] == b"\x01":
        key = Key(name, data[1:])
        if key.id_for(name).hex() == key_id.lower():
            return key
    raise CannotCheck(
        Said(
            f"อ่านกุญแจ “{brief(given, 60)}” ไม่ได้: ต้องเป็น ชื่อ+รหัส+base64 หรือเลขฐานสิบหก 64 หลัก",
            f'the key "{brief(given, 60)}" cannot be read: write name+id+base64, or its 64 hexadecimal digits',
        )
    )


def read_checkpoint(data: bytes, *, name: str = "checkpoint.txt") -> Checkpoint:
    """The note. Raises Failed where it is not exactly one checkpoint in the form of C2SP."""

    def wrong(th: str, en: str) -> None:
        fail(f"{name}: {th}", f"{name}: {en}")

    try:
        text = data.decode("utf-8")
    except UnicodeError:
        fail(f"{name}: ไม่ใช่ข้อความ UTF-8", f"{name}: it is not UTF-8")
    if "\r" in text or text.startswith("\ufeff") or not text.endswith("\n"):
        wrong("มี CR มี BOM หรือไม่ลงท้ายด้วยการขึ้นบรรทัดใหม่", "it has a CR or a BOM, or does not end in a line end")
    body, blank, signed = text.partition("\n\n")
    lines = body.split("\n") if blank else body[:-1].split("\n")
    body = body + "\n" if blank else body
    if len(lines) != 3:
        wrong(f"ต้องมี 3 บรรทัดก่อนลายมือชื่อ แต่มี {len(lines)}", f"it has {len(lines)} lines before the signatures, not 3")
    origin, size, encoded = lines
    root = _base64(encoded, 32)
    if not origin or origin != origin.strip():
        wrong("ไม่บอกชื่อบันทึก", "it does not name its log")
    if not _SIZE.fullmatch(size):
        wrong(f"จำนวนบรรทัด “{brief(size, 40)}” ไม่ใช่จำนวนเต็ม", f'the size "{brief(size, 40)}" is no whole number')
    if not root:
        wrong(
            f"รหัสราก “{brief(encoded, 60)}” ไม่ใช่ base64 ของ 32 ไบต์",
            f'the root "{brief(encoded, 60)}" is not 32 bytes in base64',
        )
    signatures = _signatures(signed, name=name) if signed else ()
    return Checkpoint(origin, int(size), root, body.encode(), signatures)


def _signatures(text: str, *, name: str) -> tuple[Signature, ...]:
    found = []
    lines = text[:-1].split("\n") if text else []
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        fail(f"{name}: จำนวนลายมือชื่อ {len(lines)}", f"{name}: {len(lines)} signature lines")
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not _NAME.fullmatch(parts[1]):
            fail(
                f"{name}: “{brief(line, 60)}” ไม่ใช่บรรทัดลายมือชื่อ (อาจมีสองแผ่นในไฟล์เดียว)",
                f'{name}: "{brief(line, 60)}" is no signature line (two checkpoints in one file?)',
            )
        try:
            data = base64.b64decode(parts[2].encode("ascii"), validate=True)
        except (binascii.Error, UnicodeError, ValueError):
            data = b""
        if len(data) < 5:
            fail(
                f"{name}: อ่านลายมือชื่อของ {brief(parts[1], 60)} ไม่ได้",
                f"{name}: the signature of {brief(parts[1], 60)} cannot be read",
            )
        found.append(Signature(parts[1], data[:4], data[4:]))
    return tuple(found)


def check_signatures(note: Checkpoint, keys: list[Key]) -> Said:
    """Every key that was given must have signed the note. Raises Failed, or NotChecked where none was given."""
    names = ", ".join(each.name for each in note.signatures)
    if not keys:
        if not note.signatures:
            raise NotChecked(
                Said(
                    "แผ่นจุดตรวจไม่ได้ลงลายมือชื่อ (ระดับ 0): รหัสรากที่ออกไปนอกสำนักงานแล้วเท่านั้นที่คุ้มครอง ใช้ --anchor",
                    "the checkpoint is not signed (level 0): only a root outside the office protects it: use --anchor",
                )
            )
        raise NotChecked(
            Said(
                f"มีลายมือชื่อของ {names} แต่ไม่ได้ให้กุญแจมา จึงไม่ได้ตรวจ ใช้ --key (อย่าใช้กุญแจจากในชุดเอกสารเอง)",
                f"signed by {names}, but no key was given, so no signature was checked: use --key, with a key that"
                " did not come in the package",
            )
        )
    if not note.signatures:
        fail("ให้กุญแจมา แต่แผ่นจุดตรวจไม่ได้ลงลายมือชื่อ", "a key was given, but the checkpoint is not signed")
    signed = [_signed_by(note, key) for key in keys]
    who = ", ".join(dict.fromkeys(signed))
    return Said(f"ลายมือชื่อของ {who} ถูกต้อง", f"the signature of {who} holds")


def _signed_by(note: Checkpoint, key: Key) -> str:
    """The name on the line that this key signed. Raises Failed."""
    shown = key.name or key.public.hex()[:16] + "…"
    mine = [
        each
        for each in note.signatures
        if key.name in ("", each.name) and key.id_for(each.name) == each.key_id and len(each.signature) == 64
    ]
    for each in mine:
        if is_signed(note.body, signature=each.signature, public_key=key.public):
            return each.name
    listed = ", ".join(f"{each.name} ({each.key_id.hex()})" for each in note.signatures)
    if mine:
        fail(
            f"ลายมือชื่อของ {shown} ไม่ตรงกับข้อความของแผ่นจุดตรวจ: ข้อความถูกแก้ หรือเป็นลายมือชื่อปลอม",
            f"the signature of {shown} does not fit the text of the checkpoint: the text was changed, or it is forged",
        )
    return fail(
        f"ไม่มีลายมือชื่อด้วยกุญแจที่ให้มา ({shown}): ลงชื่อโดย {listed}",
        f"nothing is signed with the key that was given ({shown}): it is signed by {listed}",
    )
