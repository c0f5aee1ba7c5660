"""Minutes as a document in one language: the same values become the page, the text and the print."""

import hashlib
import json
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

CODE_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is about, and what there is to say."""

    about: str
    says: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a line of headings; `widths` are shares of the page."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """The root of a log, as text and as what its QR code says."""

    log: str
    lines: str
    root: str
    at: str
    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the minutes under a heading."""

    title: str
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    after: tuple[Fact, ...] = ()
    root: Root | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Where one seat signs: no name, the position as it is held."""

    seat: str
    position: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the minutes say, but for when they were printed and under which code."""

    language: str
    title: str
    subtitle: str
    marks: tuple[str, ...]  # draft, invented data, an extract
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    parts: tuple[Part, ...]
    closing: tuple[str, ...]
    sign: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Print:
    """One print of a document: its code, when it was made, where it can be compared, as sentences."""

    code: str
    foot: str
    where: str


def code_of(document: Document) -> str:
    """Twelve signs that change with anything the minutes say; the time of printing is not among it."""
    plain = json.dumps(asdict(document), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(plain.encode()).hexdigest()[:CODE_LETTERS].upper()
    return "-".join(textwrap.wrap(digest, 4))


def printable(text: str) -> str:
    """A text as paper can show it: signs that a letter font does not have are named, those that nobody sees go.

    Thai, Latin and the usual punctuation stay as they are.
    """
    return "".join(_printed(sign) for sign in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def _printed(sign: str) -> str:
    number = ord(sign)
    if sign in "\n\t":
        return " " if sign == "\t" else sign
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or 0xFE00 <= number <= 0xFE0F:
        return ""
    if 0x20 <= number <= 0x17E or 0x0E00 <= number <= 0x0E7F or sign in _KNOWN:
        return sign
    return f"[{unicodedata.name(sign, f'U+{number:04X}').lower()}]"


_KNOWN = "–—‘’“”•…′″‰€−→×"


def as_text(document: Document, made: Print) -> str:
    """The minutes as plain text, in the order of the print."""
    return "\n".join(_lines(document, made)) + "\n"


def _lines(document: Document, made: Print) -> Iterator[str]:
    yield document.title
    yield document.subtitle
    yield from (f"[{mark}]" for mark in document.marks)
    yield from _facts(document.facts)
    for table in document.tables:
        yield from _table(table)
    for part in document.parts:
        yield from ("", f"## {part.title}")
        yield from _facts(part.facts)
        for table in part.tables:
            yield from _table(table)
        yield from _facts(part.after)
        if part.root:
            yield f"{part.root.log} · {part.root.lines} · {part.root.at}"
            yield part.root.root
    yield ""
    yield from document.closing
    for each in document.signatures:
        yield from ("", f"{document.sign} ..............................................", each.position, each.seat)
    yield from ("", made.foot, made.where)


def _facts(facts: tuple[Fact, ...]) -> Iterator[str]:
    for fact in facts:
        yield f"{fact.about}: {fact.says}"


def _table(table: Table) -> Iterator[str]:
    yield from ("", table.title, " | ".join(table.head))
    yield from (" | ".join(row) for row in table.rows)


def made_printable(document: Document) -> Document:
    """The document with every text of people `printable`; page, text and print are made from this one."""
    plain = printable
    return replace(
        document,
        facts=_plain_facts(document.facts),
        tables=tuple(_plain_table(each) for each in document.tables),
        parts=tuple(
            replace(
                part, title=plain(part.title), facts=_plain_facts(part.facts), after=_plain_facts(part.after),
                tables=tuple(_plain_table(each) for each in part.tables),
            )
            for part in document.parts
        ),
        signatures=tuple(Signature(plain(each.seat), plain(each.position)) for each in document.signatures),
    )  # fmt: skip


def _plain_facts(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(Fact(printable(fact.about), printable(fact.says)) for fact in facts)


def _plain_table(table: Table) -> Table:
    rows = tuple(tuple(printable(cell) for cell in row) for row in table.rows)
    return replace(table, rows=rows)
