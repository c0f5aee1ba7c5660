"""What a file is, told by its first bytes: its name and what the browser calls it say nothing that can be trusted."""

import re
from collections.abc import Sequence
from pathlib import Path

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": f"{_OPEN_XML}.wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "mp4": "video/mp4",
}
EXTENSIONS = {media_type: kind for kind, media_type in MEDIA_TYPES.items()}
OFFICE = ("docx", "xlsx")
HEAD = 4096
MB = 1024 * 1024
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|\?xml|!--)", re.I)
_SVG = re.compile(rb"<\s*svg[\s>]", re.I)


def kind_named(extension: str) -> str:
    """The kind that an extension stands for; blank where it is none of ours."""
    return "jpg" if extension == "jpeg" else extension if extension in MEDIA_TYPES else ""


def shown_kinds(accept: Sequence[str]) -> str:
    """The kinds that a question takes, as people read them."""
    kinds = [each for each in accept if kind_named(each)]
    return ", ".join(each.upper() for each in kinds if each != "jpeg" or "jpg" not in kinds)


def kind_of(path: Path) -> str:
    """pdf, jpg, png, zip (docx and xlsx are told apart inside), mp4, old_office, svg; blank for all else.

    A PDF may have something in front of it here: that is judged where it is read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "old_office"  # .doc, .xls, or a newer document with a password
    if head[4:8] == b"ftyp":
        return "mp4"
    if _SVG.search(head):
        return "svg"
    return "pdf" if b"%PDF-" in head[:1024] else ""


def looks_like_page(head: bytes) -> bool:
    """Whether a browser that guesses would take it for a page."""
    return _MARKUP.search(head[:1024]) is not None


def in_mb(size: int) -> str:
    """A size in MB with one decimal, rounded up: what is over a limit never reads as the limit."""
    tenths = -(-size * 10 // MB)
    return f"{tenths // 10}.{tenths % 10}"
