"""Reads the part of YAML that rule files are written in; every scalar is a text. What it does not know it refuses."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from exports.verifier.said import brief, fail
from exports.verifier.yaml_scalars import Scalars

MOST_OF_RULES = 1_000_000
MOST_DEPTH = 40


def read_yaml(data: bytes, *, name: str = "rules.yaml") -> Any:
    """The file as texts, lists and mappings in the order written.

    Raises Failed, naming the line, for anchors, aliases, tags, directives, tabs that indent, keys written twice, a
    second document, and whatever else rule files do not use.
    """
    if len(data) > MOST_OF_RULES:
        fail(f"{name}: ใหญ่เกิน {MOST_OF_RULES} ไบต์", f"{name}: more than {MOST_OF_RULES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        fail(f"{name}: ไม่ใช่ข้อความ UTF-8", f"{name}: it is not UTF-8")
    return _Reader(text, name).document()


class _Reader(Scalars):
    """A cursor over the text. Block structure is told by columns, flow structure by brackets."""

    def __init__(self, text: str, name: str):
        text = (text[1:] if text.startswith("\ufeff") else text).replace("\r\n", "\n").replace("\r", "\n")
        super().__init__(text if text.endswith("\n") else text + "\n", name)
        unseen = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]", self.text)
        if unseen:
            self.at = unseen.start()
            self.wrong("อักขระที่มองไม่เห็น", "a character that no one sees")

    def document(self) -> Any:
        """The whole text."""
        self.skip()
        if self.text.startswith("---", self.at) and self.column() == 0 and self.text[self.at + 3] in " \n":
            self.at += 3
            self.skip()
        if self.at >= len(self.text):
            self.at = 0
            self.wrong("ไฟล์ว่าง", "the file is empty")
        value = self.block(-1, 0)
        self.skip()
        if self.at < len(self.text):
            self.wrong("มีข้อความต่อท้ายที่ไม่เข้าพวก", "text follows that belongs to nothing")
        return value

    def skip(self) -> bool:
        """To the next thing that is no blank, line end or comment; whether a line end was passed."""
        text, passed = self.text, False
        while self.at < len(text):
            sign = text[self.at]
            if sign == "\n":
                passed = True
            elif sign == "#" and (self.at == 0 or text[self.at - 1] in " \n"):
                self.at = text.index("\n", self.at)
                continue
            elif sign == "\t":
                self.wrong("แท็บ", "a tab")
            elif sign != " ":
                break
            self.at += 1
        return passed

    def block(self, parent: int, depth: int) -> Any:
        """The node that begins here, inside a node at column `parent`."""
        if depth > MOST_DEPTH:
            self.wrong("ซ้อนลึกเกินไป", "nested too deeply")
        sign, column = self.text[self.at], self.column()
        if column == 0 and self.text[self.at : self.at + 3] in ("---", "..."):
            self.wrong("เอกสารที่สอง หรือเครื่องหมายปิดเอกสาร", "a second document, or the mark that ends one")
        if sign == "-" and self.text[self.at + 1] in " \n":
            return self.sequence(column, depth)
        if sign in "{[":
            value = self.flow(depth)
            self.line_is_over()
            return value
        if sign in "|>":
            return self.folded(parent)
        if self.is_key():
            return self.mapping(column, depth)
        return self.scalar(parent)

    def is_key(self) -> bool:
        """Whether what begins here is a key: on its line a colon and a blank follow it."""
        start = self.at
        if self.text[start] in "\"'":
            self.quoted(one_line=True)
            found = bool(re.compile(r" *:(?=[ \n])").match(self.text, self.at))
        else:
            end = self.plain_end(start, flow=False)
            found = self.text[end] == ":"
        self.at = start
        return found

    def key(self) -> str:
        if self.text[self.at] in "\"'":
            name = self.quoted(one_line=True)
        else:
            self.refuse_signs()
            end = self.plain_end(self.at, flow=False)
            name, self.at = self.text[self.at : end].rstrip(" "), end
        while self.text[self.at] == " ":
            self.at += 1
        if self.text[self.at] != ":" or self.text[self.at + 1] not in " \n":
            self.wrong("ต้องเป็น ชื่อช่อง: ค่า", "a key, a colon and a blank are expected")
        self.at += 1
        return name

    def mapping(self, column: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            if not self.is_key():
                self.wrong("ต้องเป็น ชื่อช่อง: ค่า", "a key, a colon and a blank are expected")
            start, name = self.at, self.key()
            if name in found:
                self.at = start
                self.wrong(f"ช่อง “{brief(name)}” เขียนซ้ำ", f'"{brief(name)}" is written twice')
            found[name] = self.value(column, depth)
            if not self.another(column):
                return found

    def value(self, column: int, depth: int) -> Any:
        """What follows a colon: on its line, or below it further right (a list may stand right below)."""
        new_line = self.skip()
        if self.at >= len(self.text):
            return ""
        sign = self.text[self.at]
        dash = sign == "-" and self.text[self.at + 1] in " \n"
        if new_line:
            here = self.column()
            return self.block(column, depth + 1) if here > column or (dash and here == column) else ""
        if dash or (sign not in "{[|>" and self.is_key()):
            self.wrong("พบ - หรือ : ในข้อความที่ไม่มีเครื่องหมายคำพูด", "a dash or a colon in a text without quotes")
        return self.block(column, depth + 1)

    def sequence(self, column: int, depth: int) -> list[Any]:
        found = []
        while True:
            if self.text[self.at] != "-" or self.text[self.at + 1] not in " \n":
                self.wrong("ต้องขึ้นต้นด้วย -", "a dash is expected")
            self.at += 1
            new_line = self.skip()
            below = self.at < len(self.text) and (not new_line or self.column() > column)
            found.append(self.block(column, depth + 1) if below else "")
            self.skip()
            if self.at >= len(self.text) or self.column() < column:
                return found
            if self.column() == column and self.text[self.at] != "-":
                return found  # the next key of the mapping that this list stands right below
            self.aligned(column)

    def another(self, column: int) -> bool:
        """Whether the next line goes on at this column."""
        self.skip()
        if self.at >= len(self.text) or self.column() < column:
            return False
        self.aligned(column)
        return True

    def aligned(self, column: int) -> None:
        if self.column() != column:
            self.wrong("ช่องว่างหน้าบรรทัดไม่ตรงกับบรรทัดอื่น", "the blanks before it do not match its neighbours")

    def line_is_over(self) -> None:
        if not re.compile(r" *(?:\n| #)").match(self.text, self.at):
            self.wrong("มีข้อความต่อท้ายวงเล็บหรือคำพูด", "text follows a closing bracket or quotation mark")

    def flow(self, depth: int) -> Any:
        """A list in [ ] or a mapping in { }."""
        if depth > MOST_DEPTH:
            self.wrong("ซ้อนลึกเกินไป", "nested too deeply")
        opened = self.text[self.at]
        close = "]" if opened == "[" else "}"
        items: list[Any] = []
        entries: dict[str, Any] = {}
        self.at += 1
        while True:
            self.inside()
            if self.text[self.at] == close:
                self.at += 1
                return items if close == "]" else entries
            if close == "]":
                items.append(self.flow_node(depth))
                self.inside()
                if self.text[self.at] == ":":
                    self.wrong("คู่ค่าใน [ ]", "a pair inside [ ]")
            else:
                self.flow_pair(entries, depth)
                self.inside()
            if self.text[self.at] == ",":
                self.at += 1
            elif self.text[self.at] != close:
                self.wrong("วงเล็บไม่ครบคู่ หรือขาดจุลภาค", "brackets do not match, or a comma is missing")

    def inside(self) -> None:
        self.skip()
        if self.at >= len(self.text):
            self.at = len(self.text) - 1
            self.wrong("วงเล็บเปิดแล้วไม่ปิด", "a bracket is never closed")

    def flow_node(self, depth: int) -> Any:
        sign = self.text[self.at]
        if sign in "[{":
            return self.flow(depth + 1)
        return self.quoted() if sign in "\"'" else self.plain_in_flow()

    def flow_pair(self, entries: dict[str, Any], depth: int) -> None:
        start, quoted = self.at, self.text[self.at] in "\"'"
        name = self.quoted() if quoted else self.plain_in_flow()
        if name in entries:
            self.at = start
            self.wrong(f"ช่อง “{brief(name)}” เขียนซ้ำ", f'"{brief(name)}" is written twice')
        self.inside()
        if self.text[self.at] != ":" or (not quoted and self.text[self.at + 1] not in " \n"):
            self.wrong("ต้องเป็น ชื่อช่อง: ค่า", "a key, a colon and a blank are expected")
        self.at += 1
        self.inside()
        entries[name] = "" if self.text[self.at] in ",}" else self.flow_node(depth)

    def wrong(self, th: str, en: str) -> NoReturn:
        """Raises Failed for this place."""
        line = self.text.count("\n", 0, self.at) + 1
        fail(f"{self.name} บรรทัดที่ {line}: {th}", f"{self.name} line {line}: {en}")
