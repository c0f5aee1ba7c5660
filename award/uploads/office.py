"""A document or workbook of Office: one sound package that unpacks within measure, acts not, and leads nowhere."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from award.uploads.refusals import Harm

MOST_UNPACKED_MB = 50
MOST_RATIO, RATIO_FROM = 100, 10 * 1024 * 1024  # a small file may well unpack to a hundred times its size
MOST_PARTS = 2_000
_PIECE = 1 << 16
_HEAD = struct.Struct("<4s5H3L2H")
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_PROGRAM = "\x01Ole10Native".encode("utf-16-le")  # how a file of any kind is packed into a document
# What may lie inside a document and does something once it is clicked.
_ACTS = re.compile(r"\.(doc|dot|xls|xlt|ppt|pot)m$|\.(exe|com|scr|bat|cmd|ps1|js|vbs|wsf|hta|lnk|html?|mht|svg|jar)$")
_DDE = re.compile(r"\bDDE(AUTO)?\b", re.I)
_BROKEN = (zipfile.BadZipFile, zlib.error, LookupError, EOFError, ValueError, OSError, RuntimeError, expat.ExpatError,
           NotImplementedError, struct.error)  # fmt: skip


def check_office(path: Path) -> str:
    """docx or xlsx; blank where the package is neither. Raises Harm."""
    if not zipfile.is_zipfile(path):
        raise Harm("not_whole")
    try:
        with zipfile.ZipFile(path) as package:
            _check_frame(package, path)
            _check_measure(package, path.stat().st_size)
            return _check_parts(package)
    except _BROKEN:
        raise Harm("office_altered") from None


def _check_frame(package: zipfile.ZipFile, path: Path) -> None:
    """Every part where the list says, named as the list says, one behind the other, and nothing beside them: programs
    that read the list and programs that read the parts see the same."""
    parts = sorted(package.infolist(), key=lambda part: part.header_offset)
    names = [part.filename for part in parts]
    if len({name.lower() for name in names}) < len(names) or package.comment:
        raise ValueError("two parts of one name, or a comment")
    at = 0
    with path.open("rb") as file:
        for part in parts:
            name = part.filename
            if re.search(r"^/|\\|\x00|(^|/)\.\.(/|$)|^[A-Za-z]:", name):
                raise ValueError("a part outside")
            if part.header_offset != at:
                raise ValueError("something between the parts")
            file.seek(at)
            head = _HEAD.unpack(file.read(_HEAD.size))
            sign, _, flags, method, _, _, check, packed, unpacked, name_length, more = head
            raw = file.read(name_length)
            if sign != b"PK\x03\x04" or method != part.compress_type or flags != part.flag_bits or flags & 1:
                raise ValueError("two heads that differ")
            if raw.decode("utf-8" if flags & 0x800 else "cp437") != part.orig_filename:
                raise ValueError("two names that differ")
            later = bool(flags & 8)  # sizes stand behind the content: how programs write that cannot go back
            told, listed = (check, packed, unpacked), (part.CRC, part.compress_size, part.file_size)
            if told != listed and not (later and set(told) <= {0, 0xFFFFFFFF}):
                raise ValueError("two sizes that differ")
            at += _HEAD.size + name_length + more + part.compress_size
            if later:
                at += _behind(file, at, listed)
    if at != package.start_dir:
        raise ValueError("something behind the parts")


def _behind(file, at: int, listed: tuple[int, int, int]) -> int:  # type: ignore[no-untyped-def]
    """The length of what says the sizes again behind a part. Raises ValueError where it says others."""
    file.seek(at)
    found: bytes = file.read(24)
    for sign in (b"PK\x07\x08", b""):
        for form in ("<3L", "<L2Q"):
            whole = sign + struct.pack(form, *listed)
            if found.startswith(whole):
                return len(whole)
    raise ValueError("two sizes that differ")


def _check_measure(package: zipfile.ZipFile, size: int) -> None:
    parts = package.infolist()
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise ValueError("packed in a way that no program of Office packs")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED_MB * 1024 * 1024 or (unpacked > RATIO_FROM and unpacked > MOST_RATIO * size):
        raise Harm("office_bomb", most=MOST_UNPACKED_MB)
    if len(parts) > MOST_PARTS:
        raise Harm("office_bomb", most=MOST_UNPACKED_MB)


def _check_parts(package: zipfile.ZipFile) -> str:
    mains: set[str] = set()
    names = package.namelist()
    if "[Content_Types].xml" not in names:
        return ""
    for name in names:
        low = name.lower()
        if low.endswith(("vbaproject.bin", "vbadata.xml")) or "/activex/" in low or "/macrosheets/" in low:
            raise Harm("macros")
        if _ACTS.search(low):
            raise Harm("office_program")
        if low.startswith(("xl/externallinks/", "xl/connections")) or "/querytables/" in low:
            raise Harm("office_links_out", part=name[:80])
        if low.endswith((".xml", ".rels", ".vml")):
            _read_xml(package, name, mains)
        elif _holds(package, name, _PROGRAM):
            raise Harm("office_program")
    if len(mains) > 1:
        raise ValueError("two kinds of document")
    return mains.pop() if mains else ""


def _read_xml(package: zipfile.ZipFile, name: str, mains: set[str]) -> None:
    """Goes through a part of XML once."""
    codes: list[str] = []
    inside = [False]

    def start(tag: str, given: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        kind = given.get("ContentType", "")
        if tag in ("Override", "Default") and ("macroEnabled" in kind or "vbaProject" in kind):
            raise Harm("macros")
        if tag == "Override" and kind in _MAIN:
            mains.add(_MAIN[kind])
        if tag == "Relationship" and given.get("TargetMode") == "External":
            if not given.get("Type", "").endswith("/hyperlink"):
                raise Harm("office_links_out", part=given.get("Type", "").rpartition("/")[2][:80])
        elif tag == "ddeLink":
            raise Harm("office_links_out", part="DDE")
        elif tag == "fldSimple":
            codes.extend(value for key, value in given.items() if key.rpartition(":")[2] == "instr")
        inside[0] = tag == "instrText"

    def end(_tag: str) -> None:
        inside[0] = False

    def text(piece: str) -> None:
        if inside[0]:
            codes.append(piece)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_declaration
    _go_through(package, name, lambda piece, last: parser.Parse(piece, last))
    if _DDE.search("".join(codes)):
        raise Harm("office_links_out", part="DDE")


def _no_declaration(*_: object) -> None:
    raise Harm("office_declaration")


def _holds(package: zipfile.ZipFile, name: str, wanted: bytes) -> bool:
    """Whether the bytes stand in the part. It is read whole, so that its size and its check sum are tried too."""
    before, found = b"", False

    def look(piece: bytes, _last: bool) -> None:
        nonlocal before, found
        found = found or wanted in before + piece
        before = piece[-len(wanted) :]

    _go_through(package, name, look)
    return found


def _go_through(package: zipfile.ZipFile, name: str, take: Callable[[bytes, bool], object]) -> None:
    """Hands on a part in pieces, no more than it announced."""
    left = package.getinfo(name).file_size
    with package.open(name) as source:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise Harm("office_bomb", most=MOST_UNPACKED_MB)
            take(piece, False)
    take(b"", True)
