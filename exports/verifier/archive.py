"""The package as a zip file: nothing hidden in it, nothing missing, and every file as the manifest says."""

from __future__ import annotations

import io
import struct
import zipfile
from hashlib import sha256
from typing import Any, NamedTuple

from exports.verifier.canonical import read_json
from exports.verifier.said import CannotCheck, Said, brief, fail

MOST_OF_PACKAGE = 400_000_000
MOST_FILES = 40
MUST = frozenset(
    ("MANIFEST.json", "ledger.jsonl", "checkpoint.txt", "rules.yaml", "facts.json", "results.json", "ranking.xlsx",
     "evidence.csv", "README-TH.txt", "README-EN.txt", "verify.py")
)  # fmt: skip
AUDITOR = frozenset(("seal.txt", "names.json", "texts.jsonl"))
MAY = frozenset(("earlier-results.json",))
_LOCAL = struct.Struct("<4s5H3L2H")  # the header before each file
_SYMLINK = 0o120000


class Package(NamedTuple):
    """The files of a package by name, and what its manifest says."""

    files: dict[str, bytes]
    edition: str
    log: str
    run: int


def _refuse(th: str, en: str) -> None:
    raise CannotCheck(Said(th, en))


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zip that holds them plainly: stored, one after the other from the first byte, each name once.

    Raises CannotCheck for anything else, naming it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_names([info.filename for info in infos])
            _check_layout(data, archive, infos)
            return {info.filename: archive.read(info) for info in infos}
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        struct.error,
        UnicodeError,
    ) as error:
        raise CannotCheck(
            Said(
                f"ไฟล์ zip เสียหรือถูกดัดแปลง: {brief(str(error))}",
                f"the zip file is damaged or was altered: {brief(str(error))}",
            )
        ) from None


def _check_names(names: list[str]) -> None:
    if len(names) > MOST_FILES:
        _refuse(f"มี {len(names)} ไฟล์ เกิน {MOST_FILES}", f"{len(names)} files, more than {MOST_FILES}")
    seen = set()
    for name in names:
        if name not in MUST | AUDITOR | MAY:
            _refuse(f"มีไฟล์ที่ไม่ควรมี “{brief(name)}”", f'unexpected file "{brief(name)}"')
        if name in seen:
            _refuse(f"ไฟล์ “{name}” มีสองครั้ง", f'the file "{name}" is there twice')
        seen.add(name)
    for name in sorted(MUST - seen):
        _refuse(f"ไม่มีไฟล์ “{name}”", f'the file "{name}" is missing')
    if seen & AUDITOR and AUDITOR - seen:
        name = min(AUDITOR - seen)
        _refuse(f"ฉบับผู้ตรวจสอบไม่มีไฟล์ “{name}”", f'the auditor\'s edition lacks the file "{name}"')


def _check_layout(data: bytes, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> None:
    """Each file begins where the one before it ends; what the zip says twice of a file is the same."""
    if sum(info.file_size for info in infos) > MOST_OF_PACKAGE:
        _refuse("ใหญ่เกินกำหนดเมื่อแตกออก", "it is too large when unpacked")
    at = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        name = info.filename
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            _refuse(f"ไฟล์ “{name}” ถูกบีบอัด ซึ่งชุดเอกสารนี้ไม่ใช้", f'the file "{name}" is compressed; a package never is')
        if info.flag_bits & ~0x800 or (info.external_attr >> 16) & 0o170000 == _SYMLINK:
            _refuse(f"ไฟล์ “{name}” เข้ารหัสหรือเป็นทางลัด", f'the file "{name}" is encrypted or a link')
        mark, _, flags, method, _, _, crc, packed, size, length, extra = _LOCAL.unpack_from(data, info.header_offset)
        same = (mark, flags, method, crc, packed, size) == (
            b"PK\x03\x04", info.flag_bits, 0, info.CRC, info.file_size, info.file_size
        )  # fmt: skip
        start = info.header_offset + _LOCAL.size
        if not same or data[start : start + length] != name.encode() or info.header_offset != at:
            _refuse(
                f"ไฟล์ “{name}”: ส่วนหัวสองแห่งไม่ตรงกัน",
                f'the file "{name}": its two headers differ, or bytes lie between files',
            )
        at = start + length + extra + size
    if at != archive.start_dir or archive.comment:
        _refuse("มีไบต์ที่ไม่อยู่ในไฟล์ใด", "there are bytes that belong to no file")


def read_manifest(files: dict[str, bytes]) -> Package:
    """What the manifest says of the package; every file has the size and SHA-256 it states. Raises Failed."""
    manifest = read_json(files["MANIFEST.json"], name="MANIFEST.json")
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        fail("MANIFEST.json: ไม่ใช่รูปแบบ 1", "MANIFEST.json: it is not of format 1")
    stated, edition = manifest.get("files"), manifest.get("edition")
    log, run = manifest.get("log"), manifest.get("run")
    if not isinstance(stated, dict) or not isinstance(log, str) or type(run) is not int:
        fail("MANIFEST.json: ไม่มี files, log หรือ run", "MANIFEST.json: files, log or run is missing")
    if edition not in ("public", "auditor") or (edition == "auditor") != ("seal.txt" in files):
        fail(
            f"MANIFEST.json: ฉบับ “{brief(edition)}” ไม่ตรงกับไฟล์ที่มี",
            f'MANIFEST.json: edition "{brief(edition)}" does not fit the files that are there',
        )
    others = {name: content for name, content in files.items() if name != "MANIFEST.json"}
    for name in sorted(stated.keys() | others.keys()):
        if name not in others or name not in stated:
            fail(
                f"MANIFEST.json: ไฟล์ “{brief(name)}” มีเพียงใน{'รายการ' if name in stated else 'ชุดเอกสาร'}",
                f'MANIFEST.json: "{brief(name)}" is only in the {"manifest" if name in stated else "package"}',
            )
        _check_file(name, others[name], stated[name])
    return Package(files, edition, log, run)


def _check_file(name: str, content: bytes, stated: Any) -> None:
    found = {"size": len(content), "sha256": sha256(content).hexdigest()}
    if not isinstance(stated, dict) or stated.keys() != found.keys():
        fail(f"MANIFEST.json: {name}: ต้องมี size และ sha256", f"MANIFEST.json: {name}: size and sha256 are needed")
    for key, value in found.items():
        if stated[key] != value or type(stated[key]) is not type(value):
            fail(
                f"{name}: {key} เป็น {value} แต่ MANIFEST.json บอก {brief(stated[key])}",
                f"{name}: {key} is {value}, MANIFEST.json says {brief(stated[key])}",
            )


def digests_of(files: dict[str, bytes]) -> frozenset[str]:
    """The SHA-256 of every file: what may stand in minutes beside a root. Not of a file that begins as a leaf or a node
    of the tree does: its hash could be a root."""
    return frozenset(sha256(content).hexdigest() for content in files.values() if content[:1] not in (b"\0", b"\1"))
