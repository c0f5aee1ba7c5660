"""Small real files and how to spoil them: the same bytes each time they are made."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

CONTENT_TYPES = "application/vnd.openxmlformats-officedocument"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = {"docx": ("word/document.xml", "wordprocessingml.document"), "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet")}


def pdf(*, catalog: str = "", more: tuple[bytes, ...] = (), trailer: str = "", text: str = "evidence") -> bytes:
    """A PDF of one page. `catalog` and `trailer` go into those; `more` are objects 5, 6, …"""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        *more,
    ]
    made, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{len(made)}\n%%EOF\n".encode()
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def picture(kind: str, *, size: tuple[int, int] = (40, 30), exif: Image.Exif | None = None) -> bytes:
    """A JPEG or PNG whose pixels differ."""
    image = Image.new("RGB", size)
    image.putdata([(x * 5 % 256, y * 7 % 256, 128) for y in range(size[1]) for x in range(size[0])])
    made = io.BytesIO()
    image.save(made, kind.upper(), **({} if exif is None else {"exif": exif}))
    return made.getvalue()


def photo_of_a_place(*, turned: bool = False) -> bytes:
    """A JPEG that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of nobody"
    if turned:
        exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (12.0, 14.0, 36.0), 3: "E", 4: (102.0, 31.0, 3.0)})
    return picture("jpeg", exif=exif)


def png_saying(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and has a few."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 3000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def office(
    kind: str, *, more: Mapping[str, bytes] | None = None, types: str = "", relations: str = "", body: str = "",
    compress: int = zipfile.ZIP_DEFLATED,
) -> bytes:  # fmt: skip
    """A document or workbook with what Word and Excel ask for. `more`: further parts; `types`: further content types;
    `relations`: of the main part; `body`: XML inside the document or the workbook."""
    main, name = MAIN[kind]
    folder, _, file = main.rpartition("/")
    element = "document" if kind == "docx" else "workbook"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{CONTENT_TYPES}.{name}.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="{main}"/></Relationships>',
        main: f'<?xml version="1.0" encoding="UTF-8"?><x:{element} xmlns:x="http://x.example/{element}">{body}</x:{element}>',
        f"{folder}/_rels/{file}.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
    }
    return packed({**{name: text.encode() for name, text in parts.items()}, **(more or {})}, compress=compress)


def packed(parts: Mapping[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these parts, always with the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compress) as package:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name, (2021, 7, 19, 9, 0, 0))
            part.compress_type = compress
            package.writestr(part, content)
    return made.getvalue()


def external(kind: str, target: str) -> str:
    """A relation that leads out of the package."""
    return f'<Relationship Id="rId9" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>'


def mp4() -> bytes:
    """A video of no pictures."""
    boxes = ((b"ftyp", b"mp42\0\0\0\0mp42isom"), (b"moov", b"\0" * 16), (b"mdat", b"\0" * 16))
    return b"".join(struct.pack(">I4s", 8 + len(content), kind) + content for kind, content in boxes)


def pdf_in_streams(act: str) -> bytes:
    """A PDF whose action lies packed inside another object, so that its bytes say nothing of it."""
    inside = zlib.compress(b"6 0 " + act.encode())
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        b"null",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(inside), inside),
    ]
    made, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s\nendobj\n" % (number, content)
    rows = [struct.pack(">BIH", 0, 0, 65535), *(struct.pack(">BIH", 1, place, 0) for place in places)]
    rows += [struct.pack(">BIH", 2, 5, 0), struct.pack(">BIH", 1, len(made), 0)]
    table = b"".join(rows)
    head = b"7 0 obj<</Type/XRef/Size 8/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return made + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(made)
