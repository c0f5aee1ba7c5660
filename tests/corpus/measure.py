"""`python -m tests.corpus.measure`: seconds and peak memory of looking at the corpus, and at heavy good files.

Each file is looked at in a process of its own, as the site does with evidence; the peak is what the system tells of it.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from award.uploads.kinds import kind_of
from tests.award.filled_sheets import written
from tests.corpus.files import FILES
from tests.corpus.parts import pdf
from tests.corpus.spreadsheets import ENTRIES, MARKS, SPREADSHEETS, book

END = """
except Exception: pass
import json; from award.uploads.inside import peak_kb; print(json.dumps({'peak_kb': peak_kb()}))"""
READ = {
    "rank": f"import sys\nfrom award.tables import table_from\ntry: table_from(sys.stdin.buffer.read(), name='x'){END}",
    "sheet": f"import sys\nfrom award.tables.book_file import read_book\n"
    f"try: read_book(sys.stdin.buffer.read(), name='x'){END}",
}


def measured(command: list[str], data: Path | None = None) -> tuple[float, float, int]:
    """(seconds on the clock, seconds of work, peak in MB; 0 where it was ended) of a process."""
    began, before = time.perf_counter(), os.times().children_user
    with (data or Path(os.devnull)).open("rb") as source:
        done = subprocess.run(command, stdin=source, capture_output=True, check=False)
    peak = json.loads(done.stdout)["peak_kb"] // 1024 if done.returncode == 0 else 0
    return time.perf_counter() - began, os.times().children_user - before, peak


def heavy(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Good files near the limits: (name, kind, path)."""
    chance = random.Random(2564)
    noise = Image.frombytes("RGB", (1000, 1000), chance.randbytes(3_000_000))
    photo = Image.new("RGB", (8_600, 5_800))
    for x in range(0, 8_600, 1_000):
        for y in range(0, 5_800, 1_000):
            photo.paste(noise, (x, y))
    turned = Image.Exif()
    turned[0x0112] = 6
    photo.save(folder / "1.jpg", quality=30, exif=turned)
    yield "a photo of 50 megapixels on its side", "jpg", folder / "1.jpg"
    Image.new("RGB", (8_600, 5_800), "white").save(folder / "1.png")
    yield "a PNG of 50 megapixels", "png", folder / "1.png"
    many = tuple(b"<</A[1 2 3]/B(text)/C<</D/E>>>>" for _ in range(100_000))
    (folder / "1.pdf").write_bytes(pdf(more=many))
    yield "a PDF of 100,000 objects", "pdf", folder / "1.pdf"
    stream = chance.randbytes(19_000_000)
    (folder / "2.pdf").write_bytes(pdf(more=(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),)))
    yield "a PDF of 19 MB", "pdf", folder / "2.pdf"
    rows = [MARKS[0], *(("e1", f"m{number}", "d1/plan", 5) for number in range(100_000))]
    (folder / "1.xlsx").write_bytes(book(rows))
    yield "a workbook of 100,000 marks", "rank", folder / "1.xlsx"


def inside(kind: str, path: Path) -> list[str]:
    """The command that looks into a file of evidence."""
    return [sys.executable, "-m", "award.uploads.inside", kind, str(path), f"{path}.clean"]


def main() -> None:
    """Prints a line for each, then the worst."""
    found: list[tuple[str, float, float, int]] = []
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "input"
        for case, tries in FILES.items():
            for number, sent in enumerate(tries, start=1):
                path.write_bytes(sent.make())
                if kind := kind_of(path):
                    found.append((f"{case} {number}", *measured(inside(kind, path))))
        for case, brought in SPREADSHEETS.items():
            for number, each in enumerate(brought, start=1):
                if case == "B23_header" and each.door == "sheet":
                    continue  # a place on the day's own sheet, not on this one
                path.write_bytes(each.make(written() if each.door == "sheet" else book(ENTRIES)))
                command = [sys.executable, "-c", READ[each.door]]
                found.append((f"{case} {number} ({each.door})", *measured(command, path)))
        for name, kind, file in heavy(Path(place)):
            command = [sys.executable, "-c", READ[kind]] if kind in READ else inside(kind, file)
            found.append((name, *measured(command, file if kind in READ else None)))
    for name, seconds, work, peak in found:
        print(f"{seconds:6.2f} s {work:6.2f} s {peak:5d} MB  {name}")
    for at, what in ((1, "slowest"), (3, "largest")):
        print(what, max(found, key=lambda each: each[at]))
    print(len(found), "files")


if __name__ == "__main__":
    main()
