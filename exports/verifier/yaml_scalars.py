"""The scalars of a rule file: plain, quoted, and those that begin with | or >."""

from __future__ import annotations

import re
from typing import NoReturn

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_LONG = {"x": 2, "u": 4, "U": 8}
_BREAK = re.compile(r"[ \t]*\n[ \t\n]*")  # a line end inside a scalar, with what stands around it


def _joined(match: re.Match[str]) -> str:
    """One line end is a blank; each empty line after it is a line end."""
    ends = match[0].count("\n")
    return "\n" * (ends - 1) if ends > 1 else " "


class Scalars:
    """A text with a cursor, which reads scalars."""

    def __init__(self, text: str, name: str):
        self.text, self.name, self.at = text, name, 0

    def wrong(self, th: str, en: str) -> NoReturn:
        """Raises Failed for this place."""
        raise NotImplementedError

    def column(self) -> int:
        """How far right the cursor stands, from 0."""
        return self.at - self.text.rfind("\n", 0, self.at) - 1

    def line_is_over(self) -> None:
        """Raises Failed where anything but a comment follows on the line."""
        raise NotImplementedError

    def refuse_signs(self) -> None:
        """Raises Failed where a plain text cannot begin."""
        sign, after = self.text[self.at], self.text[self.at + 1]
        if sign in "&*!":
            self.wrong(f"จุดอ้างหรือป้ายชนิด {sign}", f"a tag or a reference ({sign})")
        if sign in "%@`,]}|>{[#\"'" or (sign in "-?:" and after in " \n,[]{}"):
            self.wrong(f"ข้อความขึ้นต้นด้วย {sign}", f"a text begins with {sign}")

    def plain_end(self, start: int, *, flow: bool) -> int:
        """Where a plain text ends on its line."""
        text, at = self.text, start
        while text[at] != "\n":
            sign = text[at]
            if sign == ":" and (text[at + 1] in " \n" or (flow and text[at + 1] in ",[]{}")):
                break
            if (sign == "#" and at > start and text[at - 1] == " ") or (flow and sign in ",[]{}"):
                break
            if sign == "\t":
                self.at = at
                self.wrong("แท็บ", "a tab")
            at += 1
        return at

    def scalar(self, parent: int) -> str:
        """A text that stands as a value in block structure; it may go on below, further right than `parent`."""
        if self.text[self.at] in "\"'":
            value = self.quoted()
            self.line_is_over()
            return value
        self.refuse_signs()
        start = self.at
        while True:
            end = self.plain_end(self.at, flow=False)
            if self.text[end] == ":":
                self.at = end
                self.wrong("พบ : ในข้อความที่ไม่มีเครื่องหมายคำพูด", "a colon in a text without quotes")
            self.at = end
            if self.text[end] == "#":
                break
            below = re.compile(r"\n(?: *\n)*( *)(?=[^ \n])").match(self.text, end)
            if below is None or len(below[1]) <= parent or self.text[below.end()] in "#\t":
                break
            if not below[1] and self.text[below.end() : below.end() + 3] in ("---", "..."):
                break
            self.at = below.end()
        return _BREAK.sub(_joined, self.text[start:end].rstrip(" "))

    def plain_in_flow(self) -> str:
        """A plain text inside brackets; it may go on in the next line."""
        self.refuse_signs()
        start = self.at
        while True:
            end = self.plain_end(self.at, flow=True)
            self.at = end
            if self.text[end] == ":" and self.text[end + 1] in ",[]{}":
                self.wrong("พบ : ติดกับวงเล็บหรือจุลภาค", "a colon right before a bracket or a comma")
            if self.text[end] != "\n":
                break
            below = re.compile(r"\n[ \n]*(?=[^ \n])").match(self.text, end)
            if below is None or self.text[below.end()] in "#,[]{}:":
                break
            self.at = below.end()
        return _BREAK.sub(_joined, self.text[start:end].rstrip(" "))

    def quoted(self, *, one_line: bool = False) -> str:
        """A text in quotation marks. `one_line`: it is to be a key; only its first line is looked at."""
        mark, start = self.text[self.at], self.at
        pattern = r"'(?:[^']|'')*'" if mark == "'" else r'"(?:[^"\\]|\\.)*"'
        found = re.compile(pattern, re.DOTALL).match(self.text, start)
        if found is None:
            self.wrong("เครื่องหมายคำพูดเปิดแล้วไม่ปิด", "a quotation mark is never closed")
        self.at = found.end()
        inner = found[0][1:-1]
        if mark == "'":
            return _BREAK.sub(_joined, inner).replace("''", "'")
        return self.unescaped(inner, start)

    def unescaped(self, inner: str, start: int) -> str:
        pieces: list[str] = []
        at = 0
        for match in re.finditer(r"\\(.)", inner, re.DOTALL):
            if match.start() < at:
                continue
            pieces.append(_BREAK.sub(_joined, inner[at : match.start()]))
            sign, at = match[1], match.end()
            if sign == "\n":  # the line goes on below; empty lines in between stay
                rest = re.compile(r"[ \t\n]*").match(inner, at)
                blanks = rest[0] if rest else ""
                pieces.append("\n" * blanks.count("\n"))
                at += len(blanks)
            elif sign in _LONG:
                digits = inner[at : at + _LONG[sign]]
                if not re.fullmatch("[0-9A-Fa-f]{%d}" % _LONG[sign], digits) or int(digits, 16) > 0x10FFFF:  # noqa: UP031
                    self.at = start
                    self.wrong("รหัสอักขระหลัง \\ ผิด", "what follows a \\ is no character")
                pieces.append(chr(int(digits, 16)))
                at += _LONG[sign]
            elif sign in _ESCAPES:
                pieces.append(_ESCAPES[sign])
            else:
                self.at = start
                self.wrong("รหัสอักขระหลัง \\ ผิด", "what follows a \\ is no character")
        return "".join(pieces) + _BREAK.sub(_joined, inner[at:])

    def folded(self, parent: int) -> str:
        """A text after | (lines as they are) or > (lines joined); - drops its last line end, + keeps all of them."""
        head = re.compile(r"([|>])([-+]?) *(?: #[^\n]*)?\n").match(self.text, self.at)
        if head is None:
            self.wrong("มีข้อความต่อท้าย | หรือ >", "text follows a | or >")
        self.at = head.end()
        lines: list[str] = []
        indent = 0
        while self.at < len(self.text):
            line = self.text[self.at : self.text.index("\n", self.at)]
            stripped = line.lstrip(" ")
            if stripped and not indent:
                indent = len(line) - len(stripped)
                if indent <= parent or any(len(blank) > indent for blank in lines):
                    break
            if stripped and len(line) - len(stripped) < indent:
                break
            if stripped.startswith("\t") and len(line) - len(stripped) == indent:
                self.wrong("แท็บ", "a tab")
            lines.append(line[indent:] if stripped else line[indent:] if len(line) > indent > 0 else "")
            self.at += len(line) + 1
        return _chomped(lines, keep=head[2], fold=head[1] == ">")


def _chomped(lines: list[str], *, keep: str, fold: bool) -> str:
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    text = ""
    for at, line in enumerate(lines[:last]):
        text += line
        if at + 1 == last:
            break
        after = lines[at + 1]
        if not fold or not line or line[0] == " " or after[:1] == " ":
            text += "\n"
        elif after:
            text += " "
        elif _next_is_deeper(lines, at + 1):
            text += "\n"
    if keep == "+":
        return text + "\n" * (len(lines) - last + bool(last))
    return text + ("\n" if last and not keep else "")


def _next_is_deeper(lines: list[str], at: int) -> bool:
    """Whether the first line after empty ones begins with a blank: then no line end before it is joined."""
    return next((line[0] == " " for line in lines[at:] if line), False)
