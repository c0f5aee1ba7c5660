"""What somebody waits for who has just cloned this: the first `dev.py run --no-serve`, and the second.

    python3 bench/first_run.py [--python python3] [--keep FOLDER]

Clones what is committed into an empty folder and starts it there; packages come from the index that pip is set to.
Standard library only, so that it measures a machine on which nothing is installed yet.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent


def size(folder: Path) -> float:
    """MiB of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def start(python: str, checkout: Path) -> float:
    """Seconds of one `dev.py run --no-serve`; what it prints passes through. Ends the bench where it fails."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWARD_", "PYTHON", "VIRTUAL_ENV"))}
    began = time.perf_counter()
    done = subprocess.run([python, "dev.py", "run", "--no-serve"], cwd=checkout, env=kept, check=False)
    if done.returncode:
        raise SystemExit(f"dev.py run ended with exit code {done.returncode}")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="seconds of the first and the second start of a fresh clone")
    parser.add_argument("--python", default="python3", help="the Python to start dev.py with")
    parser.add_argument("--keep", type=Path, help="clone to this new folder and leave it there")
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="bench-first-run-") as name:
        checkout = asked.keep or Path(name) / "checkout"
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(checkout)], check=True)
        print(f"cloned in {time.perf_counter() - began:.1f} s, {size(checkout):.1f} MiB", flush=True)
        first, second = start(asked.python, checkout), start(asked.python, checkout)
        books = [file.name for file in (checkout / "data" / "workbooks").glob("*.xlsx")]
        print(f" first start: {first:.1f} s")
        print(f"second start: {second:.1f} s")
        venv, data = size(checkout / ".venv"), size(checkout / "data")
        print(f"   .venv {venv:.0f} MiB, data {data:.1f} MiB, {len(books)} workbooks")


if __name__ == "__main__":
    main()
