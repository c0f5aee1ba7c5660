"""A PDF: whole, without password, without anything that acts, and nothing but a PDF."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from award.uploads.kinds import looks_like_page
from award.uploads.refusals import Harm

TAIL = 64 * 1024
MOST_OBJECTS = 400_000
_BLANK = b"\x00\t\n\x0c\r "
# Names of actions and of what carries them. Links to web pages are none: they are followed by a person's click.
_ACTS = {"/JavaScript": "JavaScript", "/Launch": "Launch", "/ImportData": "ImportData", "/SubmitForm": "SubmitForm",
         "/GoToE": "GoToE", "/GoToR": "GoToR", "/Rendition": "Rendition", "/RichMediaExecute": "RichMedia"}  # fmt: skip
_KEYS = {"/JS": "JavaScript", "/JavaScript": "JavaScript", "/XFA": "XFA", "/RichMedia": "RichMedia"}
# Addresses that are no page of the web: code, and what lies on the reader's own machine.
_SCHEMES = re.compile(r"\s*(javascript|vbscript|data|file):|\s*\\\\", re.I)
_FILES = ("/EmbeddedFile", "/EmbeddedFiles", "/EF")
# Long names anywhere in the bytes, also where no table of the file leads to: programs that mend a PDF find them.
_IN_BYTES = re.compile(rb"/(JavaScript|Launch|RichMedia|EmbeddedFiles?)(?=[\s/<>\[\](])")


def check_pdf(path: Path) -> None:
    """Raises Harm."""
    _check_frame(path)
    data = path.read_bytes()
    for found in _IN_BYTES.finditer(data):
        _refuse_name("/" + found[1].decode())
    try:
        _check_inside(path)
    except Harm:
        raise
    except FileNotDecryptedError:
        raise Harm("pdf_password") from None
    except (MemoryError, RecursionError):
        raise Harm("took_too_long") from None
    except Exception:  # a parser of hostile bytes fails in any way: whatever it was, this file is not taken
        raise Harm("pdf_unreadable") from None


def _check_frame(path: Path) -> None:
    """It begins as a PDF and ends as one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    if not head.lstrip(b"\xef\xbb\xbf" + _BLANK).startswith(b"%PDF-") or looks_like_page(head):
        raise Harm("pdf_more_than_pdf")
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Harm("not_whole")
    if tail[end + 5 :].strip(_BLANK) or zipfile.is_zipfile(path):
        raise Harm("pdf_more_than_pdf")
    if b"startxref" not in tail:
        raise Harm("not_whole")


def _check_inside(path: Path) -> None:
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):  # locked against printing only: everybody may read it
        raise Harm("pdf_password")
    for number, holder in enumerate(_objects(reader)):
        if number > MOST_OBJECTS:
            raise Harm("took_too_long")
        _check_object(holder)
    if len(reader.pages) < 1:
        raise Harm("pdf_unreadable")


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Everything that the tables of the file lead to, and its trailer."""
    yield reader.trailer
    places = [(number, generation) for generation, table in reader.xref.items() for number in table]
    places += [(number, 0) for number in reader.xref_objStm]
    for number, generation in places:
        yield reader.get_object(IndirectObject(number, generation, reader))


def _check_object(holder: Any) -> None:
    """Refuses what acts, in the object itself; what it refers to comes by itself."""
    waiting = [holder]
    while waiting:
        each = waiting.pop()
        if isinstance(each, DictionaryObject):
            for key in each:
                _refuse_key(str(key))
            if isinstance(each, StreamObject) and "/F" in each:  # its content lies in another file
                raise Harm("pdf_with_files")
            if "/URI" in each and _SCHEMES.match(str(each["/URI"])):
                raise Harm("pdf_active", what="URI")
            kind, act = each.raw_get("/Type") if "/Type" in each else None, each.raw_get("/S") if "/S" in each else None
            for name in (kind, act):
                if isinstance(name, NameObject):
                    _refuse_name(str(name))
            waiting += [value for value in dict.values(each) if isinstance(value, DictionaryObject | ArrayObject)]
        elif isinstance(each, ArrayObject):
            waiting += [value for value in list.__iter__(each) if isinstance(value, DictionaryObject | ArrayObject)]


def _refuse_key(key: str) -> None:
    if key in _KEYS:
        raise Harm("pdf_active", what=_KEYS[key])
    if key in _FILES:
        raise Harm("pdf_with_files")


def _refuse_name(name: str) -> None:
    if name in _ACTS or name in _KEYS:
        raise Harm("pdf_active", what=_ACTS.get(name) or _KEYS[name])
    if name in _FILES:
        raise Harm("pdf_with_files")
