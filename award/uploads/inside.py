"""The process apart in which a file is looked through: it may run out of time or memory, and nobody else suffers.

`python -m award.uploads.inside KIND FILE CLEAN` prints one line of JSON: what was found, or why it is refused.
"""

import json
import sys
from pathlib import Path
from typing import Any

from award.uploads.numbers import long_numbers
from award.uploads.refusals import Harm

MOST_MEMORY = 1024**3
MOST_CPU_SECONDS = 20


def look_inside(kind: str, path: Path, clean: Path) -> dict[str, Any]:
    """`found`: what the file is (blank: not what it seems); `numbers`: long ones in a document's text. Pictures are
    painted anew to `clean`, and so is what a page shows of a file ("show pdf"). Raises Harm."""
    if kind.startswith("show "):
        from award.uploads.preview import paint_preview

        paint_preview(path, kind.removeprefix("show "), to=clean)
    elif kind == "pdf":
        from award.uploads.pdf import check_pdf

        check_pdf(path)
        return {"found": kind, "numbers": long_numbers(kind, path)}
    elif kind in ("jpg", "png"):
        from award.uploads.pictures import paint_anew

        paint_anew(path, kind, to=clean)
    elif kind == "zip":
        from award.uploads.office import check_office

        found = check_office(path)
        return {"found": found, "numbers": long_numbers(found, path)}
    elif kind == "mp4":
        from award.uploads.video import check_mp4

        check_mp4(path)
    return {"found": kind}


def _bound() -> None:
    """No more memory and time than a file is worth, where the system can be told so."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def peak_kb() -> int:
    """The most memory that this very program has held, not whoever started it; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def main(kind: str, path: str, clean: str) -> None:
    """Prints the answer."""
    _bound()
    try:
        told = look_inside(kind, Path(path), Path(clean))
    except Harm as harm:
        told = {"harm": harm.id, "values": harm.values}
    except MemoryError:
        told = {"harm": "took_too_long", "values": {}}
    sys.stdout.write(json.dumps({**told, "peak_kb": peak_kb()}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
