"""XLS, Excel's file until 2003: where formulas and errors are. Values are read by calamine.

The file is a small file system (compound file) whose stream `Workbook` is a row of records: kind, length, content. A
formula is a record of its own (0x0006), so that every one of them is found.
"""

import struct
from collections.abc import Iterator
from itertools import chain

from award.tables.extent import Extent
from award.tables.refusing import Wrong
from award.tables.xlsx_file import damaged
from scoring_rules.words import Words

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Places = set[tuple[int, int]]

_FREE = 0xFFFFFFFA  # sector numbers from here on are none
_FORMULA, _EOF, _PASSWORD, _SHEET, _BOF, _YES_NO_OR_ERROR = 0x06, 0x0A, 0x2F, 0x85, 0x809, 0x205
_CELLS = {_FORMULA, _YES_NO_OR_ERROR, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x27E}


def scan_xls(data: bytes, extent: Extent) -> dict[str, tuple[Places, Places]]:
    """(formulas, errors) by sheet; `extent` hears of every cell. Raises Wrong."""
    try:
        stream = _workbook(data)
        found: dict[str, tuple[Places, Places]] = {}
        for kind, content in _records(stream, 0):
            if kind == _PASSWORD:
                raise _locked()
            if kind == _SHEET:
                start, name = struct.unpack_from("<I", content)[0], _name(content)
                if name in found:
                    raise ValueError(f"two sheets {name}")
                extent.next_sheet()
                found[name] = _cells(stream, start, extent)
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise damaged(error) from None
    if not found:
        raise damaged("no workbook inside")
    return found


def _cells(stream: bytes, start: int, extent: Extent) -> tuple[Places, Places]:
    formulas: Places = set()
    errors: Places = set()
    for kind, content in _records(stream, start):
        if kind not in _CELLS:
            continue
        row, column = struct.unpack_from("<HH", content)
        extent.reach(row + 1, column + 1)
        if kind == _FORMULA:
            formulas.add((row + 1, column + 1))
        elif kind == _YES_NO_OR_ERROR and content[7]:
            errors.add((row + 1, column + 1))
    return formulas, errors


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream, those of a chart inside it left out."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, content


def _name(content: bytes) -> str:
    """The sheet's name: its length in letters, one or two bytes each, then the letters."""
    letters, wide = content[6], content[7] & 1
    return content[8 : 8 + letters * (1 + wide)].decode("utf-16-le" if wide else "latin-1")


def _workbook(data: bytes) -> bytes:
    """The stream of records. Raises ValueError, struct.error or KeyError for a file that is not whole."""
    size = 1 << int(struct.unpack_from("<H", data, 30)[0])
    if size not in (512, 4096):
        raise ValueError(f"sectors of {size} bytes")
    count, first, _, least, mini_first = struct.unpack_from("<I I I I I", data, 44)

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    def numbers(content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}I", content)

    lists = list(struct.unpack_from("<109I", data, 76))
    more, _ = struct.unpack_from("<II", data, 68)
    while more < _FREE and len(lists) < len(data) // size + 109:
        *numbered, more = numbers(sector(more))
        lists += numbered
    fat = tuple(chain.from_iterable(numbers(sector(number)) for number in lists[:count]))

    def chained(start: int, table: tuple[int, ...]) -> Iterator[int]:
        for _ in range(len(table) + 1):
            if start >= _FREE:
                return
            yield start
            start = table[start]
        raise ValueError("sectors in a circle")

    def whole(start: int) -> bytes:
        return b"".join(sector(number) for number in chained(start, fat))

    folder = whole(first)
    entries = {}
    for at in range(0, len(folder) - 127, 128):
        letters, begins, length = struct.unpack_from("<64xH50xII", folder, at)
        entries[folder[at : at + max(letters - 2, 0)].decode("utf-16-le")] = (begins, length)
    if "EncryptedPackage" in entries:  # a newer workbook with a password comes in the same kind of file
        raise _locked()
    begins, length = entries["Workbook"] if "Workbook" in entries else entries["Book"]
    if length >= least:
        return whole(begins)[:length]
    small, table = whole(entries["Root Entry"][0]), numbers(whole(mini_first))
    return b"".join(small[number * 64 : number * 64 + 64] for number in chained(begins, table))[:length]


def _locked() -> Wrong:
    return Wrong(
        "xlsx_old_or_locked",
        Words("ไฟล์นี้มีรหัสผ่าน", "This file has a password."),
        Words("บันทึกใหม่โดยไม่มีรหัสผ่าน", "Save it without a password."),
    )
