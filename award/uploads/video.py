"""A video: boxes one after the other up to the end of the file, with pictures in them."""

import struct
from pathlib import Path

from award.uploads.refusals import Harm

MOST_BOXES = 10_000


def check_mp4(path: Path) -> None:
    """Raises Harm where the file ends inside a box, or has no pictures."""
    size, at = path.stat().st_size, 0
    kinds: set[bytes] = set()
    with path.open("rb") as file:
        for _ in range(MOST_BOXES):
            if at == size:
                break
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                raise Harm("not_whole")
            length, kind = struct.unpack(">I4s", head[:8])
            if length == 1 and len(head) == 16:
                (length,) = struct.unpack(">Q", head[8:])
            elif length == 0:
                length = size - at
            if length < 8 or at + length > size:
                raise Harm("not_whole")
            kinds.add(kind)
            at += length
    if at != size or not {b"moov", b"mdat"} <= kinds:
        raise Harm("not_whole")
