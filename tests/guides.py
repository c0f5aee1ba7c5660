"""The files and commands that a page of docs/ shows: to be written and run by its test, so that no page goes stale."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from award.cli import main

DOCS = Path(__file__).parent.parent / "docs"
START = "$ python3 dev.py award "
ANYTHING = "…"
_BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<name>\S+))?(?P<add> add)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    """A block that is a file, or (`add`) goes on a file of an earlier block."""

    name: str
    text: str
    add: bool


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console block and the lines that it must print."""

    arguments: list[str]
    printed: list[str]


def read_page(name: str) -> Iterator[File | Command]:
    """The files and commands of a page, in its order. A block without a name that is no console is only shown."""
    for block in _BLOCK.finditer((DOCS / name).read_text(encoding="utf-8")):
        if block["name"]:
            yield File(block["name"], block["text"], bool(block["add"]))
        elif block["kind"] == "console":
            for part in block["text"].split(START)[1:]:
                line, *printed = part.splitlines()
                yield Command(shlex.split(line), printed)


def write(file: File, folder: Path) -> None:
    """Put the file of a block where the page says, below `folder`."""
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if file.add else ""
    path.write_bytes((before + file.text).encode())


def run(command: Command) -> list[str]:
    """What the command prints, in the current folder, line by line, without blanks at the ends of lines."""
    return [line.rstrip() for line in CliRunner().invoke(main, command.arguments).output.splitlines()]


def fits(printed: list[str], expected: list[str]) -> bool:
    """Whether the lines are those expected; a line `…` stands for any number of lines."""
    if not expected:
        return not printed
    if expected[0].strip() == ANYTHING:
        return any(fits(printed[at:], expected[1:]) for at in range(len(printed) + 1))
    return bool(printed) and printed[0] == expected[0].rstrip() and fits(printed[1:], expected[1:])
