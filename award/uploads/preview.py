"""What a page shows of a file: a picture that we paint ourselves, of the picture or of a PDF's first page.

Painted in the process apart (`inside`), kept beside the store, and made again where it is gone: it proves nothing.
"""

import os
import tempfile
import time
from pathlib import Path

from award.db.evidence_files import PREVIEWS
from award.uploads.apart import look_apart
from award.uploads.kinds import EXTENSIONS
from award.uploads.pictures import FORMATS
from award.uploads.refusals import Harm

LONGEST = 1400  # pixels of the longer side
QUALITY = 80
WAITS = 5  # seconds for a turn: whoever waits keeps one of the server's threads
RESTS = 3600  # seconds: what could not be painted is not tried anew at every look
SHOWN = ("pdf", "jpg", "png")  # Word, Excel and videos are saved to be looked at


def has_preview(media_type: str | None) -> bool:
    """Whether a page can show something of a file of this kind."""
    return EXTENSIONS.get(media_type or "") in SHOWN


def preview_of(file: Path, *, sha256: str, media_type: str, evidence: Path) -> Path | None:
    """The JPEG that shows it, painted now or kept from before; None where nothing of it can be shown.

    Raises Harm with the id `busy` where too many are being painted. What could not be shown leaves an empty file and
    is not tried again for an hour: else anybody could keep the machine at work with one PDF that takes long."""
    kind, place = EXTENSIONS.get(media_type, ""), evidence / PREVIEWS / sha256
    if kind not in SHOWN:
        return None
    known = place.stat() if place.exists() else None
    if known is not None and not known.st_size and time.time() - known.st_mtime < RESTS:
        return None
    if known is not None and known.st_size:
        os.utime(place)  # still asked for: `award tidy` takes what nobody looks at
        return place
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".")
    os.close(descriptor)
    draft = Path(name)
    try:
        look_apart(f"show {kind}", file, clean=draft, waiting=WAITS)
        draft.replace(place)
    except Harm as harm:
        if harm.id == "busy":
            raise
        place.write_bytes(b"")
        os.utime(place)
        return None
    finally:
        draft.unlink(missing_ok=True)
    return place


def paint_preview(path: Path, kind: str, *, to: Path) -> None:
    """Writes a JPEG of the picture, or of the first page, to `to`. Raises Harm."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # it was counted when the file came
    try:
        if kind == "pdf":
            from pypdfium2 import PdfDocument

            with PdfDocument(path) as document:
                page = document[0]
                scale = LONGEST / max(1.0, *page.get_size())
                picture = page.render(scale=min(scale, 4.0), may_draw_forms=False).to_pil()
        else:
            with Image.open(path, formats=FORMATS[kind]) as opened:
                opened.draft("RGB", (LONGEST, LONGEST))
                picture = opened.convert("RGBA") if kind == "png" else opened.convert("RGB")
        picture.thumbnail((LONGEST, LONGEST))
        paper = Image.new("RGB", picture.size, "white")  # what lets the ground shine through would turn black
        paper.paste(picture, mask=picture if picture.mode == "RGBA" else None)
        paper.save(to, "JPEG", quality=QUALITY)
    except MemoryError:
        raise Harm("took_too_long") from None
    except Exception:  # compiled code that reads what people sent fails in any way: then there is no picture of it
        raise Harm("picture_unreadable") from None
