"""B01–B16: files that come as evidence, each made anew with the same bytes. `expect.json` says what must be answered.

`python -m tests.corpus.files FOLDER` writes them all there, for whoever wants to look at them with other programs.
"""

import io
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from tests.corpus.parts import external, mp4, office, packed, pdf, pdf_in_streams, photo_of_a_place, picture, png_saying

PAPER, PICTURES, BOOKS = "declaration", "cascade", "items_table"  # questions that take PDF; pictures too; Office too
PAGE = b"<!doctype html><html><body><script>fetch('/e/')</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
# The virus that is none: every scanner knows it. In two pieces, so that a scanner lets this file be.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MACRO = '<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
PROGRAM = "\x01Ole10Native".encode("utf-16-le")
DECLARED = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as somebody sends it."""

    name: str
    make: Callable[[], bytes]
    field: str = PAPER


def _locked(password: str) -> bytes:
    """A PDF that asks for a password; with a blank one it only forbids printing."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _zip() -> bytes:
    return packed({"a.html": PAGE})


def _macro_document() -> bytes:
    return office("docx", more={"word/vbaProject.bin": b"VBA"}, types=MACRO)


def _macro_workbook() -> bytes:
    kind = b"spreadsheetml.sheet.main+xml"
    return _with(office("xlsx"), "[Content_Types].xml", kind, b"sheet.macroEnabled.main+xml")


def _with(package: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    assert old in parts[part]
    return packed(parts | {part: parts[part].replace(old, new)})


def _lying(package: bytes, name: str) -> bytes:
    """The list of the package says another name for a part than the part itself."""
    at = package.rindex(name.encode())
    return package[:at] + name.encode()[::-1] + package[at + len(name) :]


class _OneWay(io.BytesIO):
    """A stream that cannot go back, as some programs write packages: the sizes then stand behind each part."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def _written_one_way() -> bytes:
    made = _OneWay()
    with zipfile.ZipFile(io.BytesIO(office("docx"))) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in given.namelist():
            new.writestr(zipfile.ZipInfo(name, (2021, 7, 19, 9, 0, 0)), given.read(name))
    return made.getvalue()


def _ghost() -> bytes:
    """Another document between the parts, which only a reader finds that does not go by the list."""
    package, other = office("docx"), packed({"word/document.xml": b"<other/>"})
    listed, hidden = package.index(b"PK\x01\x02"), other[: other.index(b"PK\x01\x02")]
    place = struct.pack("<I", listed + len(hidden))
    return package[:listed] + hidden + package[listed:-6] + place + package[-2:]


def _other_method() -> bytes:
    """The first part itself says that it is not packed; the list says that it is."""
    package = office("docx")
    return package[:8] + b"\0\0" + package[10:]


def _dde() -> bytes:
    return office("docx", body="<x:instrText>DDE</x:instrText><x:instrText>AUTO cmd</x:instrText>")


def _bomb() -> bytes:
    return office("docx", more={"word/media/image1.bin": b"\0" * (120 * MB)})


def _embedded() -> bytes:
    body = b"<</Type/EmbeddedFile/Length 2>>stream\nMZ\nendstream"
    names = "/Names<</EmbeddedFiles<</Names[(a.exe) 5 0 R]>>>>"
    return pdf(catalog=names, more=(b"<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>", body))


FILES: dict[str, list[Sent]] = {
    "B01_empty_file": [Sent("report.pdf", bytes)],
    "B02_too_large": [
        Sent("report.pdf", lambda: pdf() + b"\0" * (21 * MB - len(pdf()))),
        Sent("report.pdf", lambda: pdf() + b"\0" * (20 * MB + 1 - len(pdf()))),
    ],
    "B03_page_named_jpg": [Sent("photo.jpg", lambda: PAGE, PICTURES)],
    "B04_svg": [Sent("logo.svg", lambda: SVG, PICTURES), Sent("logo.png", lambda: SVG, PICTURES)],
    "B05_two_things_at_once": [
        Sent("a.pdf", lambda: PAGE + pdf()),
        Sent("a.pdf", lambda: pdf() + PAGE),
        Sent("a.pdf", lambda: pdf().replace(b"%\xe2\xe3\xcf\xd3", b"%" + PAGE, 1)),
        Sent("a.pdf", lambda: pdf() + _zip()),
        Sent("a.pdf", lambda: pdf() + _zip()[:-2] + b"\x07\x00\n%%EOF\n"),
    ],
    "B06_password": [Sent("a.pdf", lambda: _locked("secret")), Sent("not for printing.pdf", lambda: _locked(""))],
    "B07_active_pdf": [
        Sent("a.pdf", lambda: pdf(catalog="/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")),
        Sent("a.pdf", lambda: pdf(catalog="/OpenAction 5 0 R", more=(b"<</S/#4aava#53cript/#4a#53(app.alert(1))>>",))),
        Sent("a.pdf", lambda: pdf_in_streams("<</S/JavaScript/JS(app.alert(1))>>")),
        Sent("a.pdf", lambda: pdf(catalog="/OpenAction<</S/Launch/F(cmd.exe)>>")),
        Sent("a.pdf", lambda: pdf(catalog="/AcroForm<</XFA(x)>>")),
        Sent("a.pdf", _embedded),
        Sent("a.pdf", lambda: pdf(catalog="/OpenAction<</S/URI/URI(JavaScript:alert\\(1\\))>>")),
        Sent("a.pdf", lambda: pdf(catalog="/OpenAction<</S/GoToR/F(\\\\\\\\a.example\\\\x)/D[0]>>")),
        Sent("a.pdf", lambda: pdf(more=(b"<</F(other.bin)/Length 0>>stream\n\nendstream",))),
        Sent("with a link.pdf", lambda: pdf(catalog="/OpenAction<</S/URI/URI(https://a.example/)>>")),
    ],
    "B08_cut_off": [
        Sent("a.pdf", lambda: pdf()[:-60]),
        Sent("a.png", lambda: picture("png")[:-60], PICTURES),
        Sent("a.jpg", lambda: picture("jpeg")[:-200], PICTURES),
        Sent("a.xlsx", lambda: office("xlsx")[:-100], BOOKS),
        Sent("a.mp4", lambda: mp4()[:-4], BOOKS),
    ],
    "B09_pixel_bomb": [Sent("a.png", lambda: png_saying(50_000, 50_000), PICTURES)],
    "B10_photo_of_a_place": [
        Sent("IMG_0001.jpg", photo_of_a_place, PICTURES),
        Sent("IMG_0002.jpeg", lambda: photo_of_a_place(turned=True), PICTURES),
        Sent("IMG_0003.jpg", lambda: picture("jpeg") + _zip(), PICTURES),
    ],
    "B11_document_that_acts": [
        Sent("a.docx", _macro_document, BOOKS),
        Sent("a.xlsx", _macro_workbook, BOOKS),
        Sent("a.docx", lambda: office("docx", relations=external("attachedTemplate", "http://a.example/")), BOOKS),
        Sent("a.docx", _dde, BOOKS),
        Sent("a.docx", lambda: office("docx", more={"word/embeddings/o.bin": PROGRAM}), BOOKS),
        Sent("a.docx", lambda: office("docx", more={"word/x.xml": DECLARED}), BOOKS),
        Sent("a.docx", lambda: office("docx", more={"word/embeddings/a.docm": _macro_document()}), BOOKS),
        Sent("a.xlsx", lambda: office("xlsx", more={"xl/macrosheets/sheet1.xml": b"<macrosheet/>"}), BOOKS),
        Sent("with a link.docx", lambda: office("docx", relations=external("hyperlink", "http://a.example/")), BOOKS),
    ],
    "B12_zip_bomb": [
        Sent("a.docx", _bomb, BOOKS),
        Sent("a.docx", lambda: office("docx", more={f"word/{number}.xml": b"<a/>" for number in range(2_100)}), BOOKS),
        Sent("a.docx", lambda: _lying(office("docx", more={"word/1.png": b"x"}), "word/1.png"), BOOKS),
        Sent("written one way.docx", _written_one_way, BOOKS),
        Sent("a.docx", _ghost, BOOKS),
        Sent("a.docx", _other_method, BOOKS),
        Sent("a.docx", lambda: office("docx", more={"../../x.xml": b"<a/>"}), BOOKS),
        Sent("a.docx", lambda: office("docx")[:-2] + b"\x07\0<html/>", BOOKS),
        Sent("a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), BOOKS),
    ],
    "B13_names": [
        Sent("../../etc/passwd", pdf),
        Sent("..\\..\\ประกาศ.pdf", lambda: pdf(text="1")),
        Sent("C:\\fakepath\\ประกาศ.pdf", lambda: pdf(text="2")),
        Sent("a\0.pdf", pdf),
        Sent("a%0d%0aX-Evil: 1.pdf", lambda: pdf(text="3")),
        Sent("รายงาน\u202efdp.exe", pdf),
        Sent("รายงาน\u202eexe.pdf", pdf),
        Sent("ก" * 150 + "\u0e33" * 150 + ".pdf", lambda: pdf(text="4")),
        Sent("คำ\u200bสั\u0e48ง ท\u0e4d\u0e32.PDF", lambda: pdf(text="5")),
    ],
    "B14_other_kinds": [
        Sent("setup.exe", lambda: b"MZ" + bytes(60)),
        Sent("a.js", lambda: b"alert(1)"),
        Sent("a.html", lambda: PAGE),
        Sent("a.pdf.exe", pdf),
        Sent("ประกาศ", pdf),
        Sent("a.docx", lambda: office("docx")),
    ],
    "B15_virus": [Sent("a.pdf", lambda: pdf(text=EICAR.decode().replace("\\", "\\\\"))), Sent("a.pdf", lambda: EICAR)],
}  # fmt: skip


def main(folder: Path) -> None:
    """Writes every file into a folder of its own."""
    for case, tries in FILES.items():
        for number, sent in enumerate(tries, start=1):
            there = folder / case / str(number)
            there.mkdir(parents=True, exist_ok=True)
            (there / "input").write_bytes(sent.make())
            (there / "name.txt").write_text(sent.name, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
