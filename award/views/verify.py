"""/verify: how anybody checks a result, the program that does it, and the same check for people without Python."""

import hashlib
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.errors import N_, Invalid, TooMany
from award.policy import anyone
from award.views.context import site
from award.views.guard import guard
from award.views.language import current_language, said
from award.views.limits import limited
from exports.verifier.join import verifier_text

pages = Blueprint("verify", __name__, url_prefix="/verify")

MOST_SECONDS, MOST_WAIT = 30, 20
_turn = threading.BoundedSemaphore(1)  # one check at a time: scoring must not wait for strangers
MOST_MEMORY = 1 << 30
VERDICTS = {0: "ok", 1: "fail", 3: "old"}
# The child bounds itself before it looks at anything; Windows knows the time limit only.
BOUNDED = """import runpy, sys
try:
    import resource
except ImportError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
    resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds} + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_ROOT = re.compile(r"[0-9a-f]{32,64}")
_KEY = re.compile(r"[\x21-\x2a\x2c-\x7e]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}=*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier answered: ok, fail, old (right, but not the latest result) or unknown, and its sentences."""

    kind: str
    sentences: tuple[str, ...]


@lru_cache
def _program() -> tuple[bytes, str]:
    text = verifier_text().encode()
    return text, hashlib.sha256(text).hexdigest()


@pages.get("")
@guard(anyone)
def page() -> ResponseReturnValue:
    """What the root is, how to check at home, and a form that checks here."""
    return _show()


@pages.get("/verify.py")
@guard(anyone)
def program() -> ResponseReturnValue:
    """The verifier itself; its SHA-256 stands on the page."""
    headers = {"Content-Disposition": 'attachment; filename="verify.py"'}
    return Response(_program()[0], mimetype="text/x-python", headers=headers)


@pages.post("")
@guard(anyone)
@limited("10 per 15 minutes")
def check() -> ResponseReturnValue:
    """Checks an uploaded package in a process of its own; nothing of it is kept."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(N_("Choose a package: a .zip file from the page of the result."))
        root, key = _root(request.form.get("root", "")), _key(request.form.get("vkey", ""))
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / "package.zip"
            file.save(package)
            verdict = run_verifier(package, root=root, key=key, language=current_language())
    except Invalid as refusal:
        return _show(refused=said(refusal), status=refusal.status)
    return _show(verdict)


def _show(verdict: Verdict | None = None, *, refused: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template(
        "publications/verify.html", verdict=verdict, refused=refused, typed=request.form, program_sha256=_program()[1],
        origin=site().settings.origin,
    ), status  # fmt: skip


def _root(text: str) -> str:
    """A root as people type it: blanks and capital letters do not matter."""
    plain = "".join(text.split()).lower()
    if plain and _ROOT.fullmatch(plain) is None:
        raise Invalid(N_("A root has 64 of the signs 0–9 and a–f; type at least the first 32 of them."))
    return plain


def _key(text: str) -> str:
    plain = text.strip()
    if plain and _KEY.fullmatch(plain) is None:
        raise Invalid(
            N_("A public key reads like name+1a2b3c4d+AbCd…; copy the whole line from the appointment order.")
        )
    return plain


def run_verifier(package: Path, *, root: str, key: str, language: str) -> Verdict:
    """Runs verify.py on a file, bounded in time and memory. What it cannot decide is never shown as good."""
    program = package.with_name("verify.py")
    program.write_bytes(_program()[0])
    bounded = BOUNDED.format(memory=MOST_MEMORY, seconds=MOST_SECONDS)
    command = [sys.executable, "-I", "-S", "-c", bounded, str(program), str(package), f"--language={language}"]
    command += [f"--anchor={root}"] if root else []
    command += [f"--key={key}"] if key else []
    if not _turn.acquire(timeout=MOST_WAIT):
        raise TooMany(N_("Others are checking just now. Try again in a minute, or check with verify.py on a computer."))
    try:
        done = subprocess.run(  # noqa: S603 (our own program; what was typed has a checked form)
            command, capture_output=True, timeout=MOST_SECONDS, check=False, cwd=package.parent,
            env={"PYTHONUTF8": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Verdict("unknown", (gettext("The check took too long here. Check it with verify.py on a computer."),))
    finally:
        _turn.release()
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    sentences = tuple(line for line in lines if line.strip())
    if not sentences:
        told = gettext("The package could not be read here. Check it with verify.py on a computer.")
        return Verdict("unknown", (told,))
    return Verdict(VERDICTS.get(done.returncode, "unknown"), sentences)
