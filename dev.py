"""The commands of a checkout; nothing but Python 3.11 is needed beforehand.

    python3 dev.py run [--no-serve] [--port 8000]   the demo round: scored, ranked, exported, then served
    python3 dev.py test [pytest arguments]          install what the tests need and run them
    python3 dev.py award ...                        the program's own command line
    python3 dev.py sbom [run|test]                  print the list of parts (CycloneDX JSON) that the lock pins

The first three make .venv beside this file on first use and install the pinned packages into it; later starts
skip that.
"""

from __future__ import annotations  # so that an old Python can still read this file and be told

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOCKS = {"run": ROOT / "requirements" / "run.txt", "test": ROOT / "requirements" / "test.txt"}
OLDEST = (3, 11)
ROOM = 8 << 30  # bytes
BEGAN = time.monotonic()


class CannotGoOn(Exception):
    """Something outside this checkout is missing; the text says what, in one line."""


def say(text: str) -> None:
    """Print one line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN:5.1f} s] {text}", flush=True)


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter inside a virtual environment, on any system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(lock: Path) -> str:
    """SHA-256 of a lock file's text, the same whatever the line endings of the checkout."""
    return hashlib.sha256(lock.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def read_stamp(stamp: Path = STAMP) -> dict[str, str]:
    """What was installed completely: {"python": "3.11", "run": sha256, "test": sha256}; {} when nothing was."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_stamp(content: dict[str, str], stamp: Path = STAMP) -> None:
    """Record a finished installation; the file appears whole or not at all."""
    draft = stamp.with_suffix(".new")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(stamp)


def version_of(python: Path) -> str:
    """Answer "3.11" for an interpreter that starts, "" for one that does not (system Python moved or gone)."""
    try:
        asked = [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout.strip()
    except OSError:
        return ""


def make_venv() -> None:
    """Make .venv anew, replacing a half-made or broken one."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise CannotGoOn(".venv has to be made anew: start dev.py with the system's python3, not the one in .venv")
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotGoOn(f"Python's {' and '.join(missing)} is missing: apt install python3-venv")
    say("making .venv anew (the last try was not finished)" if VENV.exists() else "making .venv")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    if done.returncode:
        raise CannotGoOn("could not make .venv (see above); on Debian or Ubuntu: apt install python3-venv")


def install(which: str) -> None:
    """Make .venv hold exactly what the lock pins; quick when it already does.

    The stamp is removed before anything changes and written after everything succeeded, so a run that was
    interrupted leaves no stamp and the next one starts from an empty .venv.
    """
    wanted = fingerprint(LOCKS[which])
    stamp = read_stamp()
    whole = bool(stamp) and stamp.get("python") == version_of(venv_python())
    if whole and stamp.get(which) == wanted:
        return
    if not whole:
        make_venv()
    STAMP.unlink(missing_ok=True)
    lock = LOCKS[which]
    pins = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"installing up to {pins} packages from requirements/{lock.name}")
    pip = [str(venv_python()), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "install", "--require-hashes", "-r", str(lock)], env=environment(), check=False)
    if done.returncode:
        raise CannotGoOn(f"pip could not install requirements/{lock.name} (see above); the next start tries again")
    content = {"python": version_of(venv_python()), which: wanted}
    if which == "test":  # the test lock contains the run lock, pin for pin (tests/test_house.py)
        content["run"] = fingerprint(LOCKS["run"])
    write_stamp(content)
    say("packages are in place")


def environment() -> dict[str, str]:
    """The child's environment: our packages importable from anywhere, UTF-8 everywhere, pip kept inside .venv."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PIP_USER": "0"}


def in_memory(folder: Path = Path("/dev/shm")) -> dict[str, str]:  # noqa: S108 (pytest makes a folder of its own)
    """Where the tests keep their thousands of small databases: in memory where there is room for them, since each of
    their writes waits for the disk otherwise. A TMPDIR that is set stays."""
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < ROOM:
        return {}
    return {"TMPDIR": str(folder)}


def hand_over(arguments: list[str], folder: Path | None = None, **more: str) -> int:
    """Run .venv's Python with these arguments; its exit code is ours. Does not return where it can replace us.

    `more`: what its environment holds beside ours."""
    if folder is not None:
        os.chdir(folder)
    command, environ = [str(venv_python()), *arguments], {**environment(), **more}
    if os.name == "posix":
        os.execve(command[0], command, environ)  # signals reach the program itself
    child = subprocess.Popen(command, env=environ)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it too and ends by itself
            continue


def bill_of(which: str) -> str:
    """Every part that a lock pins, as CycloneDX 1.6 JSON: name, version, the SHA-256 of each file that may be
    installed, where it is only for some systems, and who needs whom. The same lock gives the same bytes. Licences are
    not in a lock, so they are not told."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", "\n" + LOCKS[which].read_text(encoding="utf-8"))[1:]
    told = re.search(r"^version = (\S+)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    parts: list[dict[str, Any]] = []
    refs: dict[str, list[str]] = {"award-scoring": ["award-scoring"]}
    needed: dict[str, list[str]] = {}
    for block in blocks:
        pin = re.match(r"([\w.-]+)==([^\s;]+)(?: ; ([^\\\n]*[^\\\s]))?", block)
        assert pin is not None, block  # the lock is ours
        name, version, only = pin.groups()
        ref = f"pkg:pypi/{name}@{version}"
        refs.setdefault(name, []).append(ref)
        hashes = sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
        files = {
            "type": "distribution", "url": ref, "comment": "each file of this version that may be installed",
            "hashes": [{"alg": "SHA-256", "content": each} for each in hashes],
        }  # fmt: skip
        part = {"type": "library", "bom-ref": ref, "name": name, "version": version, "purl": ref}
        more = {"properties": [{"name": "award:only-where", "value": only}]} if only else {}
        parts.append({**part, "externalReferences": [files], **more})
        for who in re.findall(r"^    #(?: via|  ) +([A-Za-z0-9][\w.-]*)", block, re.MULTILINE):
            needed.setdefault(who, []).append(ref)
    ours = {"type": "application", "bom-ref": "award-scoring", "name": "award-scoring"}
    needs = {ref: sorted(needed.get(name, [])) for name, versions in refs.items() for ref in versions}
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, fingerprint(LOCKS[which]))}",
        "metadata": {"component": {**ours, "version": told[1] if told else ""}}, "components": parts,
        "dependencies": [{"ref": ref, "dependsOn": needs[ref]} for ref in needs],
    }  # fmt: skip
    return json.dumps(bill, indent=1)


def main(arguments: list[str]) -> int:
    """Do one verb; return the exit code."""
    if sys.version_info < OLDEST:
        print(f"dev.py needs Python 3.11 or newer, and this is Python {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb in ("-h", "--help"):
        print(str(__doc__).strip())
        return 0
    if verb == "sbom" and (rest or ["run"])[0] in LOCKS and len(rest) <= 1:
        print(bill_of((rest or ["run"])[0]))
        return 0
    if verb not in ("run", "test", "award"):
        print(str(__doc__).strip(), file=sys.stderr)
        return 2
    try:
        install("test" if verb == "test" else "run")
    except CannotGoOn as reason:
        print(f"dev.py: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dev.py: interrupted; the next start mends .venv", file=sys.stderr)
        return 130
    if verb == "run":
        say("starting")
        return hand_over(["-m", "award.cli", "start", *rest], folder=ROOT)
    if verb == "test":
        say("testing")
        # Each core takes whole files in their order, so that what a file's tests share is made once.
        beside = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
        # Tests start the program again and again: what it compiles to is kept, also where a machine keeps none.
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(VENV / "bytecode")}
        return hand_over(["-m", "pytest", *beside, *rest], folder=ROOT, **in_memory(), **kept)
    return hand_over(["-m", "award.cli", *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
