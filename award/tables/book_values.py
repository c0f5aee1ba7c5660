"""The values of a workbook, read by calamine: in this process, or in one of its own.

calamine is compiled: where a damaged file leads it astray it does not raise, it takes the whole process down. XLSX and
ODS are scanned beforehand and hold no such surprise. Of an old XLS no scan can promise that, so it is read in a process
of its own, with bounds on its memory and its time.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import python_calamine

from award.tables.refusing import Wrong
from award.tables.xlsx_file import cell_value, damaged

Values = list[tuple[str, Sequence[Sequence[str]]]]
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 30


def book_values(data: bytes) -> Values:
    """(name, rows of text) of every sheet. Raises Wrong for a file that calamine does not read."""
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            return [
                (name, [[_text(value) for value in row] for row in _rows(book, place)])
                for place, name in enumerate(book.sheet_names)
            ]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged(error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a fault inside calamine is called; it has no public name
            raise
        raise damaged("calamine") from None


def values_apart(data: bytes) -> Values:
    """The same, read in a process of its own. Raises Wrong, also where that process does not come to an end."""
    command = [sys.executable, "-m", "award.tables.book_values"]
    try:
        done = subprocess.run(  # noqa: S603 - this very program, and nothing of the file on the command line
            command, input=data, capture_output=True, timeout=MOST_SECONDS, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise damaged(f"{MOST_SECONDS} s") from None
    if done.returncode:
        raise damaged("calamine")
    told: Any = json.loads(done.stdout)
    if isinstance(told, str):
        raise damaged(told)
    return [(name, rows) for name, rows in told]


def _rows(book: Any, place: int) -> Any:
    return book.get_sheet_by_index(place).to_python(skip_empty_area=False)


def _text(value: Any) -> str:
    """As `xlsx_file` reads values; yes and no stay words, for on most scales they are no mark."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.strip() if isinstance(value, str) else cell_value(value)


def _answer(data: bytes) -> str:
    """What the process apart says: the values, or why there are none."""
    try:
        return json.dumps(book_values(data))
    except Wrong as wrong:
        return json.dumps(str(wrong))


def _bound() -> None:
    """No more memory than MOST_MEMORY, where the system can be told so."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _bound()
    sys.stdout.write(_answer(sys.stdin.buffer.read()))
