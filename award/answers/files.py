"""What an uploaded file really is, told from its bytes: the name says nothing that can be trusted."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from award.errors import N_, Invalid
from scoring_rules.rules import Field

_TAIL = 128 * 1024
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: how it is announced when it is downloaded, and whether the bytes are one, whole."""

    media_type: str
    is_whole: Callable[[Path], bool | None]  # True; None: of this kind but cut off; False: another kind


def _head_and_tail(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, path.stat().st_size - _TAIL))
        return head, file.read()


def _starts_and_ends(starts: bytes, ends: bytes) -> Callable[[Path], bool | None]:
    def look(path: Path) -> bool | None:
        head, tail = _head_and_tail(path)
        if not head.startswith(starts):
            return False
        return True if ends in tail else None

    return look


def _is_mp4(path: Path) -> bool | None:
    return _head_and_tail(path)[0][4:8] == b"ftyp"


def _office(part: str) -> Callable[[Path], bool | None]:
    def look(path: Path) -> bool | None:
        if not _head_and_tail(path)[0].startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(path) as package:
                names = set(package.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):  # the last: made for a ZIP of the future
            return None
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Invalid(N_("The file holds macros. Save it without macros, or as PDF, and send it again."))
        return {"[Content_Types].xml", part} <= names

    return look


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_JPEG = Kind("image/jpeg", _starts_and_ends(b"\xff\xd8\xff", b"\xff\xd9"))
KINDS = {
    "pdf": Kind("application/pdf", _starts_and_ends(b"%PDF-", b"%%EOF")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind("image/png", _starts_and_ends(b"\x89PNG\r\n\x1a\n", b"IEND")),
    "xlsx": Kind(f"{_OPEN_XML}.spreadsheetml.sheet", _office("xl/workbook.xml")),
    "docx": Kind(f"{_OPEN_XML}.wordprocessingml.document", _office("word/document.xml")),
    "mp4": Kind("video/mp4", _is_mp4),
}
EXTENSIONS = {kind.media_type: extension for extension, kind in KINDS.items() if extension != "jpeg"}


def in_mb(size: int) -> str:
    """A size in MB with one decimal, rounded up: what is over a limit never reads as the limit."""
    tenths = -(-size * 10 // MB)
    return f"{tenths // 10}.{tenths % 10}"


def check_file(field: Field, *, name: str, path: Path, size: int) -> str:
    """The media type of a received file. Raises Invalid, saying what to do, where it is empty, too large, not of a
    kind that the field accepts, not what its name says, or cut off."""
    extension = name.rpartition(".")[2].strip().lower() if "." in name else ""
    accepted = [each for each in field.accept if each in KINDS]
    kinds = ", ".join(each.upper() for each in accepted)
    if size == 0:
        raise Invalid(N_("The file is empty. Choose it again; if it stays empty, save it anew first."))
    if field.max_mb is not None and size > field.max_mb * MB:
        raise Invalid(
            N_("The file is %(size)s MB; at most %(most)s MB are possible. Send a smaller file, or a link instead."),
            size=in_mb(size),
            most=field.max_mb,
        )
    if extension not in accepted:
        raise Invalid(
            N_("Only %(kinds)s are possible here. Save the file as one of these, or send a link instead."), kinds=kinds
        )
    whole = KINDS[extension].is_whole(path)
    if whole is None:
        raise Invalid(N_("The file is not whole: it may have been cut off on the way. Send it again."))
    if not whole:
        raise Invalid(
            N_("The content of this file is not %(kind)s, whatever its name says. Save it again as one of %(kinds)s."),
            kind=extension.upper(), kinds=kinds,
        )  # fmt: skip
    return KINDS[extension].media_type
