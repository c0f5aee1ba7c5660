"""Long numbers in the text of a document, so that national ID numbers in it can be told. Runs in the process apart.

Only the numbers leave that process, not the text. Scanned pages hold no text; nothing is read from pictures.
"""

import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

MOST_PAGES, MOST_SECONDS = 100, 4.0  # of processor time: a thick report is looked at as far as this goes
MOST_NUMBERS = 2_000
MOST_PART = 10 * 1024 * 1024  # bytes of one part of a package, unpacked
_DIGIT = "[0-9\u0e50-\u0e59]"
_LONG = re.compile(rf"(?<!{_DIGIT}){_DIGIT}(?:[ \u00a0\u2010-\u2015_-]{{0,3}}{_DIGIT}){{12,40}}(?!{_DIGIT})")
_TEXT_PARTS = re.compile(
    r"word/(document|header\d*|footer\d*|footnotes|comments)\.xml|xl/(sharedStrings|worksheets/[^/]+)\.xml"
)
_ENDS = re.compile(r"</w:p>|</si>|</c>|<w:br/>|<w:tab/>")  # of what is read in one piece
_TAG = re.compile(r"<[^>]*>")


def long_numbers(kind: str, path: Path) -> list[str]:
    """What in the text of a pdf, docx or xlsx has 13 digits or more, as it stands there; empty for other kinds."""
    pieces = {"pdf": _of_pdf, "docx": _of_package, "xlsx": _of_package}.get(kind)
    found: list[str] = []
    until = time.process_time() + MOST_SECONDS
    for text in pieces(path) if pieces else ():
        found += _LONG.findall(text)
        if len(found) >= MOST_NUMBERS or time.process_time() > until:
            break
    return found[:MOST_NUMBERS]


def _of_pdf(path: Path) -> Iterator[str]:
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        with PdfDocument(path) as document:
            for number in range(min(len(document), MOST_PAGES)):
                yield document[number].get_textpage().get_text_bounded()
    except PdfiumError:
        return  # what this reader cannot read has no text for us; whether the file is sound was asked before


def _of_package(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as package:
        for part in package.infolist():
            if _TEXT_PARTS.fullmatch(part.filename):
                with package.open(part) as opened:
                    markup = opened.read(MOST_PART).decode("utf-8", "replace")
                yield _TAG.sub("", _ENDS.sub("\n", markup))
