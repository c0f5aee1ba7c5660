"""A picture: small enough to open, whole, and painted anew, so that nothing but its pixels is kept."""

import warnings
from pathlib import Path

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from award.uploads.refusals import Harm

MOST_MEGAPIXELS = 50
QUALITY = 92
FORMATS = {"jpg": ("JPEG",), "png": ("PNG",)}


def paint_anew(path: Path, kind: str, *, to: Path) -> None:
    """Writes the picture to `to` without place, camera, comments or whatever hung on behind it. Raises Harm."""
    Image.MAX_IMAGE_PIXELS = None  # ours, below, says how many there are
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings(), Image.open(path, formats=FORMATS[kind]) as picture:
            warnings.simplefilter("ignore")  # of hostile metadata: it is thrown away
            width, height = picture.size
            if width * height > MOST_MEGAPIXELS * 1_000_000:
                raise Harm("picture_too_large", megapixels=f"{-(-width * height // 1_000_000):,}", most=MOST_MEGAPIXELS)
            picture.load()
            _save(picture, kind, to)
    except Harm:
        raise
    except UnidentifiedImageError:
        raise Harm("picture_unreadable") from None
    except MemoryError:
        raise Harm("took_too_long") from None
    except Exception as error:  # a parser of hostile bytes fails in any way: whatever it was, this file is not taken
        cut = any(word in str(error).lower() for word in ("truncated", "broken png", "unrecognized data stream"))
        raise Harm("not_whole" if cut else "picture_unreadable") from None


def _save(picture: Image.Image, kind: str, to: Path) -> None:
    turned = picture.getexif().get(0x0112, 1) != 1
    see_through = picture.info.get("transparency") if kind == "png" else None
    if turned:  # a photo lies on its side without what is taken away
        upright = ImageOps.exif_transpose(picture)
        picture.close()
        picture = upright
    picture.info = {} if see_through is None else {"transparency": see_through}
    if kind == "png":
        picture.save(to, "PNG")
    elif picture.format == "JPEG" and not turned:
        picture.save(to, "JPEG", quality="keep")
    else:
        picture.save(to, "JPEG", quality=QUALITY)
