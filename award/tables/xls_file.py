"""XLS, Excel's file until 2003: where formulas, errors and percentages are. Values are read by calamine.

The file is a small file system (compound file) whose stream `Workbook` is a row of records: kind, length, content. A
formula is a record of its own (0x0006), so that every one of them is found.
"""

import struct
from collections.abc import Iterator
from itertools import chain

from award.tables.extent import Extent
from award.tables.refusing import Wrong
from award.tables.xlsx_file import PERCENT_FORMATS, damaged, is_percent_format
from scoring_rules.words import Words

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Places = set[tuple[int, int]]

_FREE = 0xFFFFFFFA  # sector numbers from here on are none
_FORMULA, _EOF, _PASSWORD, _SHEET, _BOF, _YES_NO_OR_ERROR = 0x06, 0x0A, 0x2F, 0x85, 0x809, 0x205
_FORMAT, _STYLE = 0x41E, 0xE0
_NUMBER, _SHORT, _SHORTS = 0x203, 0x27E, 0xBD  # a number; a short one; a row of short ones
_CELLS = {_FORMULA, _YES_NO_OR_ERROR, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x27E}


def scan_xls(data: bytes, extent: Extent) -> dict[str, tuple[Places, Places, Places]]:
    """(formulas, errors, percentages) by sheet; `extent` hears of every cell. Raises Wrong."""
    try:
        stream = _workbook(data)
        found: dict[str, tuple[Places, Places, Places]] = {}
        styles = _percent_styles(stream)
        for kind, content in _records(stream, 0):
            if kind == _PASSWORD:
                raise _locked()
            if kind == _SHEET:
                start, name = struct.unpack_from("<I", content)[0], _name(content)
                if name in found:
                    raise ValueError(f"two sheets {name}")
                extent.next_sheet()
                found[name] = _cells(stream, start, extent, styles)
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise damaged(error) from None
    if not found:
        raise damaged("no workbook inside")
    return found


def _percent_styles(stream: bytes) -> frozenset[int]:
    """The numbers of the styles that show a number as a percentage."""
    formats: set[int] = set(PERCENT_FORMATS)
    styles: list[int] = []
    for kind, content in _records(stream, 0):
        if kind == _FORMAT:
            number, letters, wide = struct.unpack_from("<HHB", content)
            code = content[5 : 5 + letters * (1 + (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
            if is_percent_format(code):
                formats.add(number)
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<HH", content)[1])
    return frozenset(place for place, number in enumerate(styles) if number in formats)


def _percents_in(kind: int, content: bytes, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The places of the numbers in one record that show as percentages."""
    row, column = struct.unpack_from("<HH", content)
    if kind in (_NUMBER, _SHORT) and struct.unpack_from("<H", content, 4)[0] in styles:
        yield row + 1, column + 1
    elif kind == _SHORTS:  # first column, then style and number of each, then the last column
        for place, at in enumerate(range(4, len(content) - 2, 6)):
            if struct.unpack_from("<H", content, at)[0] in styles:
                yield row + 1, column + place + 1


def _cells(stream: bytes, start: int, extent: Extent, styles: frozenset[int]) -> tuple[Places, Places, Places]:
    formulas: Places = set()
    errors: Places = set()
    percents: Places = set()
    for kind, content in _records(stream, start):
        if kind not in _CELLS:
            continue
        row, column = struct.unpack_from("<HH", content)
        extent.reach(row + 1, column + 1)
        percents.update(_percents_in(kind, content, styles))
        if kind == _FORMULA:
            formulas.add((row + 1, column + 1))
        elif kind == _YES_NO_OR_ERROR and content[7]:
            errors.add((row + 1, column + 1))
    return formulas, errors, percents


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
