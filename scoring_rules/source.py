"""YAML text as it stands: positioned nodes, every scalar as text, nothing interpreted and nothing hidden."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from scoring_rules.problems import Problem
from scoring_rules.words import Words
from scoring_rules.yaml_slips import BRACKET, Broken, slip

MOST_BYTES = 1_000_000
MOST_DEPTH = 40
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextNode:
    """A scalar: `25`, `"25"` and `no` are the texts 25, 25 and no. Lines and columns count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """The items in the order written."""

    items: tuple["Node", ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys in the order written, each once. `in_braces`: written `{key: value, …}`."""

    entries: dict[str, tuple[TextNode, "Node"]]
    line: int
    column: int
    in_braces: bool = False


Node = TextNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file as read. `root` is None where the text cannot be followed to its end; `problems` then says why."""

    text: str
    sha256: str
    root: Node | None
    problems: tuple[Problem, ...]


def read_source(content: str | bytes, *, file: str) -> SourceText:
    """The nodes of a rule file, with every problem of its YAML: never raises for bad content.

    Refused are: more than 1 MB, bytes that are not UTF-8 (a byte order mark is fine), broken YAML, an empty file,
    anchors, aliases, tags, directives, a second document, a key written twice, a key that is not plain text, and
    nesting deeper than 40. `sha256` is that of the bytes as they came, and `text` has just these bytes in UTF-8, with
    the byte order mark and the line ends as they came: whoever keeps the text can show what the hash is of.
    """
    problems: list[Problem] = []
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > MOST_BYTES:
        problems.append(_too_large(file, len(data)))
        return SourceText("", sha256, None, tuple(problems))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(_not_utf8(file, data, error))
        return SourceText("", sha256, None, tuple(problems))
    root = _Builder(file=file, problems=problems).build(text.removeprefix(BOM))
    return SourceText(text, sha256, root, tuple(problems))


class _CannotGoOn(Exception):
    """The rest of the text has no meaning any more; the problem is already noted."""


@dataclass(slots=True)
class _Builder:
    file: str
    problems: list[Problem]
    events: Iterator[Any] = field(default_factory=lambda: iter(()))

    def build(self, text: str) -> Node | None:
        self.events = YAML(typ="safe", pure=True).parse(text)
        try:
            return self._document()
        except _CannotGoOn:
            return None
        except YAMLError as error:
            self.problems.append(_broken_yaml(self.file, text, error))
            return None

    def _document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if event.version is not None or event.tags:
                    self._note(event, "", "directive", "พบคำสั่ง %YAML หรือ %TAG", "Found a %YAML or %TAG directive")
                if root is not None:
                    self._note(event, "", "second_document", "พบเอกสารที่สองหลัง ---", "Found a second document after ---")
                    return root
                root = self._node(next(self.events), path="", depth=0)
            elif isinstance(event, StreamEndEvent) and root is None:
                self._note(event, "", "empty_file", "ไฟล์ว่าง ไม่มีเกณฑ์", "The file is empty: it holds no rules")
        return root

    def _node(self, event: Any, *, path: str, depth: int) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, AliasEvent):
            self._note(event, path, "alias", f"พบการอ้างซ้ำ *{event.anchor}", f"Found the alias *{event.anchor}")
            raise _CannotGoOn
        if depth > MOST_DEPTH:
            self._note(event, path, "too_deep", f"ซ้อนลึกเกิน {MOST_DEPTH} ชั้น", f"Nested deeper than {MOST_DEPTH} levels")
            raise _CannotGoOn
        if event.anchor is not None:
            self._note(event, path, "anchor", f"พบจุดอ้าง &{event.anchor}", f"Found the anchor &{event.anchor}")
        if event.tag is not None:
            self._note(event, path, "tag", f"พบป้ายชนิด {event.tag}", f"Found the tag {event.tag}")
        if isinstance(event, ScalarEvent):
            return TextNode(event.value, line, column)
        if isinstance(event, SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(self.events), SequenceEndEvent):
                items.append(self._node(event, path=f"{path}[{len(items)}]", depth=depth + 1))
            return ListNode(tuple(items), line, column)
        # What is left is the start of a mapping.
        return MapNode(self._entries(path=path, depth=depth), line, column, bool(event.flow_style))

    def _entries(self, *, path: str, depth: int) -> dict[str, tuple[TextNode, Node]]:
        entries: dict[str, tuple[TextNode, Node]] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._node(event, path=path, depth=depth + 1)
            if not isinstance(key, TextNode):
                self._note(event, path, "key_not_text", "ชื่อช่องเป็นรายการหรือกลุ่ม ไม่ใช่คำ", "A key is a list or a mapping")
                raise _CannotGoOn
            below = f"{path}.{key.text}" if path else key.text
            value = self._node(next(self.events), path=below, depth=depth + 1)
            if isinstance(value, TextNode) and not value.text:
                value = replace(value, line=key.line, column=key.column)  # the parser puts nothing on the next line
            if key.text in entries:
                first = entries[key.text][0].line
                self._note(
                    event,
                    below,
                    "duplicate_key",
                    f"ช่อง “{key.text}” เขียนซ้ำ มีแล้วที่บรรทัด {first}",
                    f'"{key.text}" is written twice (first on line {first})',
                )
            else:
                entries[key.text] = (key, value)
        return entries

    def _note(self, event: Any, path: str, code: str, th: str, en: str) -> None:
        mark = event.start_mark
        self.problems.append(
            Problem(self.file, mark.line + 1, mark.column + 1, path, code, Words(th, f"{en}."), REMEDIES[code])
        )


REMEDIES = {
    "directive": Words("ลบบรรทัดที่ขึ้นต้นด้วย % ออก", "Remove the line that begins with %."),
    "second_document": Words("แยกเป็นคนละไฟล์ หนึ่งไฟล์คือเกณฑ์หนึ่งชุด", "Give it its own file: one file is one rule set."),
    "empty_file": Words("เริ่มจากตัวอย่างใน docs/rules-format.md", "Start from the example in docs/rules-format.md."),
    "alias": Words("เขียนค่าเต็มตรงนี้ ให้อ่านได้ตามที่เห็น", "Write the value out here: a file reads as it stands."),
    "anchor": Words("ลบ & และชื่อที่ตามมา แล้วเขียนค่าเต็มทุกที่", "Remove the & and its name; write the value out everywhere."),
    "tag": Words("ลบป้ายชนิดที่ขึ้นต้นด้วย !", "Remove the tag that begins with !."),
    "too_deep": Words(
        "ตรวจวงเล็บและย่อหน้า ไฟล์เกณฑ์ไม่ต้องซ้อนลึกขนาดนี้", "Check brackets and indentation: no rule file needs so many levels."
    ),
    "key_not_text": Words("เขียนชื่อช่องเป็นคำเดียว เช่น points", "A key must be plain text such as points."),
    "duplicate_key": Words("เหลือไว้เพียงค่าเดียว", "Keep only one of them."),
}


def _too_large(file: str, size: int) -> Problem:
    return Problem(
        file,
        0,
        0,
        "",
        "too_large",
        Words(
            f"ไฟล์มีขนาด {size:,} ไบต์ เกิน {MOST_BYTES:,} ไบต์", f"The file has {size:,} bytes, more than {MOST_BYTES:,}."
        ),
        Words("ตรวจว่าเลือกไฟล์ถูก", "Check that it is the right file."),
    )


def _not_utf8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    before = data[: error.start]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", "replace").removeprefix(BOM)) + 1
    found = f"0x{data[error.start]:02x}"
    return Problem(
        file,
        before.count(b"\n") + 1,
        column,
        "",
        "not_utf8",
        Words(f"พบไบต์ {found} ซึ่งไม่ใช่รหัสอักขระ UTF-8", f"Found the byte {found}, which is not UTF-8."),
        Words("เปิดในโปรแกรมแก้ไขข้อความแล้วบันทึกใหม่เป็น UTF-8", "Save the file again with the encoding UTF-8."),
    )


def _broken_yaml(file: str, text: str, error: YAMLError) -> Problem:
    line = column = 0
    opened = None
    detail = getattr(error, "reason", None) or "unreadable"
    if isinstance(error, MarkedYAMLError):
        mark, opened = error.problem_mark or error.context_mark, error.context_mark
        detail = ", ".join(part for part in (error.context, error.problem) if part)
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
    elif isinstance(position := getattr(error, "position", None), int):
        before = text[:position]
        line, column = before.count("\n") + 1, position - before.rfind("\n")
    lines = text.splitlines()[: max(line, 1)]
    before = lines[line - 1][: column - 1] if 0 < line <= len(lines) else ""
    previous = next((each for each in reversed(lines[: line - 1] if line else []) if each.strip()), "")
    found = slip(Broken(detail, before, previous))
    if opened is not None and opened.line + 1 < line and (found is BRACKET or "quoted scalar" in detail):
        line, column = opened.line + 1, opened.column + 1  # what was opened there is to be closed
    says = Words(f"{found.says.th} (YAML: {detail})", f"{found.says.en} (YAML: {detail}).")
    return Problem(file, line, column, "", "broken_yaml", says, found.remedy)
