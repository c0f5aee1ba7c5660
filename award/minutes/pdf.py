"""A document on paper: A4, the site's letters, its own process."""

import io
import json
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import fontpkg_sarabun
import segno

from award.errors import N_, TooMany
from award.minutes.document import Document, Print

MOST_SECONDS, MOST_WAIT = 20, 20
FONTS = Path(fontpkg_sarabun.__file__).parent / "files"
_turn = threading.BoundedSemaphore(1)  # one at a time: marks must not wait for paper
# Paper has an edge: a run of letters without a blank may be broken here and there. Thai is broken at its words where
# they can be told, so only what no sentence is takes part, and never before a vowel or tone mark that follows.
_LONG = re.compile(r"[^\s\u0e00-\u0e7f]{30,}|\S{200,}")
_PIECE = {
    False: re.compile(r".{12}(?=.)"),
    True: re.compile(r".{45}(?=[^\u0e30-\u0e3a\u0e45-\u0e4e])"),
}
MAY_BREAK = "\u200b"


class NotPrinted(Exception):
    """The document could not be set: a fault of the program, told in its log."""


def print_pdf(document: Document, made: Print, *, page: str) -> bytes:
    """The PDF; the same document and print give the same bytes. `page`: the word before "1 / 3".

    Raises TooMany where others are printing, NotPrinted where it fails or takes too long.
    """
    data = _breakable(asdict(document))
    for part in data["parts"]:
        if part["root"]:
            part["root"]["picture"] = _picture(part["root"].pop("code"))
    data["made"] = asdict(made) | {"page": page}
    if not _turn.acquire(timeout=MOST_WAIT):
        raise TooMany(N_("Others are printing just now. Try again in a minute."))
    try:
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(  # noqa: S603 (our own program; what people wrote goes in as data)
                [sys.executable, "-I", str(Path(__file__).with_name("typeset.py")), str(FONTS), empty],
                input=json.dumps(data, ensure_ascii=False).encode(), capture_output=True, timeout=MOST_SECONDS,
                check=False, cwd=empty, env={"PYTHONUTF8": "1"},
            )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise NotPrinted(f"not printed within {MOST_SECONDS} seconds") from late
    finally:
        _turn.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise NotPrinted(done.stderr.decode("utf-8", "replace")[-2000:])
    return done.stdout


def _picture(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=3, border=2, xmldecl=False, light="#fff")
    return drawn.getvalue().decode()


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return _LONG.sub(_broken, value)
    if isinstance(value, dict):
        return {name: each if name == "code" else _breakable(each) for name, each in value.items()}
    return [_breakable(each) for each in value] if isinstance(value, list | tuple) else value


def _broken(run: re.Match[str]) -> str:
    has_thai = any("\u0e00" <= letter <= "\u0e7f" for letter in run[0])
    return _PIECE[has_thai].sub(lambda piece: piece[0] + MAY_BREAK, run[0])
