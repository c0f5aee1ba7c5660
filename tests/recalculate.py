"""Workbooks calculated again by independent spreadsheet engines, and held against the values written in the file.

Formulas and their written values are read from the XML itself, so that nothing of ours or of openpyxl stands between.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import ironcalc

Where = tuple[str, str]  # (sheet, cell): ("Audit", "B7")
Recalculated = float | str | bool | None
Engine = Callable[[bytes], dict[Where, Recalculated]]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PARTS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
EXACT_DIGITS = 12  # a decimal written with fewer significant digits must come out as the very double nearest to it
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Error:
    """An error value such as #VALUE!: never equal to anything."""

    code: str


Written = Decimal | str | bool | Error | None
"""A number exactly as the digits of the file say it, a text, a truth value, an error, or nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A formula whose recalculated value is not the one written."""

    sheet: str
    cell: str
    formula: str
    written: Written
    recalculated: Recalculated


@dataclass(frozen=True, slots=True)
class Comparison:
    """All formulas of a workbook: how many, those that differ, and those equal in the first 12 digits only; how many
    have no value written, of which it can only be said that they are calculated without an error.

    `near` may hold only decimals written with 12 or more significant digits, which are not rounded for reading.
    """

    formulas: int
    different: tuple[Difference, ...]
    near: tuple[Difference, ...]
    unwritten: int = 0


def compare(xlsx: bytes, engine: Engine) -> Comparison:
    """Every formula of `xlsx` calculated again by `engine` and held against its written value.

    Whole numbers, texts and truth values must be the same; a decimal must be the double nearest to its written digits,
    except one of 12 or more digits, which may differ after the twelfth. An error, or a formula that the engine did not
    calculate, always differs.
    """
    written, found = formulas(xlsx), engine(xlsx)
    different: list[Difference] = []
    near: list[Difference] = []
    unwritten = 0
    for (sheet, cell), (formula, value) in written.items():
        again = found.get((sheet, cell))
        if value is None and isinstance(again, float | str | bool) and not str(again).startswith("#"):
            unwritten += 1
        elif not _same(value, again):
            line = Difference(sheet, cell, formula, value, again)
            (near if _near(value, again) else different).append(line)
    return Comparison(len(written), tuple(different), tuple(near), unwritten)


def differences(xlsx: bytes, engine: Engine) -> list[Difference]:
    """The formulas that `engine` calculates to another value than the one written (see `compare`)."""
    return list(compare(xlsx, engine).different)


def _same(written: Written, again: Recalculated) -> bool:
    if isinstance(written, bool) or isinstance(again, bool):
        return written is again
    if isinstance(written, Decimal):
        if not isinstance(again, (int, float)):
            return False
        return Decimal(again) == written if written == int(written) else float(again) == float(written)
    return isinstance(written, str) and written == again


def _near(written: Written, again: Recalculated) -> bool:
    if not isinstance(written, Decimal) or isinstance(again, bool) or not isinstance(again, (int, float)):
        return False
    if written == int(written) or len(written.normalize().as_tuple().digits) < EXACT_DIGITS:
        return False
    return f"{again:.{EXACT_DIGITS - 1}e}" == f"{float(written):.{EXACT_DIGITS - 1}e}"


# --- reading a file -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)  # a comparison asks twice, and reading takes longer than calculating
def formulas(xlsx: bytes) -> dict[Where, tuple[str, Written]]:
    """Every formula cell: its formula without `=`, and the value written beside it (None: none)."""
    found: dict[Where, tuple[str, Written]] = {}
    for sheet, cell, value in _cells(xlsx):
        formula = cell.find(f"{MAIN}f")
        if formula is not None:
            if formula.text is None:
                raise ValueError(f"{sheet}!{cell.get('r')}: a shared formula, which only openpyxl's readers spell out")
            found[sheet, cell.get("r", "")] = (formula.text, value)
    return found


def values(xlsx: bytes) -> dict[Where, Written]:
    """Every cell that holds something, formulas by their written value."""
    return {(sheet, cell.get("r", "")): value for sheet, cell, value in _cells(xlsx) if value is not None}


def _cells(xlsx: bytes) -> list[tuple[str, ElementTree.Element, Written]]:
    with ZipFile(BytesIO(xlsx)) as archive:
        texts = []
        if "xl/sharedStrings.xml" in archive.namelist():
            root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 - our own files
            texts = [_text(item) for item in root.iter(f"{MAIN}si")]
        return [
            (sheet, cell, _value(cell, texts))
            for sheet, part in _parts(archive).items()
            for cell in ElementTree.fromstring(archive.read(part)).iter(f"{MAIN}c")  # noqa: S314
        ]


def _parts(archive: ZipFile) -> dict[str, str]:
    """{sheet name: the part of the archive that holds it}, in the order of the tabs."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links.iter(f"{PARTS}Relationship")}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    found = {}
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets[sheet.get(f"{LINKS}id")]
        found[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _text(node: ElementTree.Element) -> str:
    """The text of a shared or inline string, its runs joined, without phonetic hints."""
    plain = [run for child in node if child.tag != f"{MAIN}rPh" for run in child.iter(f"{MAIN}t")]
    return _unescaped("".join(run.text or "" for run in plain))


def _unescaped(text: str) -> str:
    """`_x005F_x` is how a file says `_x`."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def _value(cell: ElementTree.Element, texts: Sequence[str]) -> Written:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{MAIN}is")
        return None if inline is None else _text(inline)
    value = cell.find(f"{MAIN}v")
    if value is None:
        return None
    text = value.text or ""
    if kind == "s":
        return texts[int(text)]
    if kind == "b":
        return text == "1"
    if kind == "e":
        return Error(text)
    if kind in ("str", "d"):
        return _unescaped(text)
    return Decimal(text) if text else None


# --- changing a file, as somebody would in a spreadsheet ----------------------------------------------------------


def with_value(xlsx: bytes, sheet: str, cell: str, value: Decimal | int | str | None) -> bytes:
    """The workbook with another value typed into an input cell (None: emptied); formulas keep their old values.

    Raises KeyError for a cell that the file does not hold, ValueError for one with a formula.
    """

    def change(attributes: str, inside: str) -> str:
        if "<f" in inside:
            raise ValueError(f"{sheet}!{cell} holds a formula, not an input")
        return _written(_without_type(attributes), value)

    return _with_cell(xlsx, sheet, cell, change)


def with_written_value(xlsx: bytes, sheet: str, cell: str, value: Decimal | int | str | bool) -> bytes:
    """The workbook with another value written beside a formula, which stays: a file that lies."""

    def change(attributes: str, inside: str) -> str:
        formula = re.search(r"<f\b.*?(?:/>|</f>)", inside, re.DOTALL)
        if formula is None:
            raise ValueError(f"{sheet}!{cell} holds no formula")
        kind = ' t="str"' if isinstance(value, str) else ' t="b"' if isinstance(value, bool) else ""
        text = str(int(value)) if isinstance(value, bool) else escape(str(value))
        return f"<c{_without_type(attributes)}{kind}>{formula[0]}<v>{text}</v></c>"

    return _with_cell(xlsx, sheet, cell, change)


def _without_type(attributes: str) -> str:
    return re.sub(r'\s+t="[^"]*"', "", attributes)


def _written(attributes: str, value: Decimal | int | str | None) -> str:
    if value is None:
        return f"<c{attributes}/>"
    if isinstance(value, str):
        return f'<c{attributes} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c{attributes}><v>{value}</v></c>"


def _with_cell(xlsx: bytes, sheet: str, cell: str, change: Callable[[str, str], str]) -> bytes:
    written = BytesIO()
    with ZipFile(BytesIO(xlsx)) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        changed = _parts(old)[sheet]
        for name in old.namelist():
            content = old.read(name)
            if name == changed:
                text = content.decode()
                place = re.search(rf'<c((?=[^>]*\sr="{cell}")[^>]*?)(?:/>|>(.*?)</c>)', text, re.DOTALL)
                if place is None:
                    raise KeyError(f"{sheet}!{cell}")
                content = (text[: place.start()] + change(place[1], place[2] or "") + text[place.end() :]).encode()
            new.writestr(name, content)
    return written.getvalue()


# --- the engines --------------------------------------------------------------------------------------------------


def by_ironcalc(xlsx: bytes) -> dict[Where, Recalculated]:
    """Every formula cell as IronCalc calculates it; errors as their text (#VALUE!), an empty text as ""."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(xlsx)
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    numbers = {each["name"]: number for number, each in enumerate(model.get_worksheets_properties())}
    return {
        (sheet, cell): model.get_cell_value(numbers[sheet], *_row_and_column(cell)) for sheet, cell in formulas(xlsx)
    }


def _row_and_column(cell: str) -> tuple[int, int]:
    letters, digits = re.fullmatch("([A-Z]+)([0-9]+)", cell).groups()  # type: ignore[union-attr]
    return int(digits), int(ironcalc.column_number_from_name(letters))


def find_soffice() -> str | None:
    """LibreOffice on this machine, None where there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def by_libreoffice(xlsx: bytes) -> dict[Where, Recalculated]:
    """Every formula cell as LibreOffice calculates it; errors as their text. Raises where LibreOffice is missing.

    It writes decimals with 15 significant digits, so a difference after those does not show; whole numbers are whole.
    """
    return many_by_libreoffice([xlsx])[0]


def many_by_libreoffice(books: Sequence[bytes]) -> list[dict[Where, Recalculated]]:
    """`by_libreoffice` of each, by one start of the program, which takes longer than a workbook does."""
    soffice = find_soffice()
    if soffice is None:
        raise FileNotFoundError("LibreOffice (soffice) is not installed")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
        paths = [folder / f"book{number}.xlsx" for number in range(len(books))]
        for path, book in zip(paths, books, strict=True):
            path.write_bytes(book)
        subprocess.run(
            [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
             "--convert-to", "fods", "--outdir", str(folder / "out"), *map(str, paths)],
            check=True, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        again = [_values_of_fods(folder / "out" / f"{path.stem}.fods") for path in paths]
    return [{where: found.get(where) for where in formulas(book)} for book, found in zip(books, again, strict=True)]


def _values_of_fods(path: Path) -> dict[Where, Recalculated]:
    """The formula cells of a flat OpenDocument sheet, which keeps whole numbers whole (its xlsx does not)."""
    found: dict[Where, Recalculated] = {}
    for table in ElementTree.parse(path).iter(f"{TABLE}table"):  # noqa: S314 - made by LibreOffice just now
        row = 0
        for line in table.iter(f"{TABLE}table-row"):
            column = 0
            for cell in line:
                if cell.get(f"{TABLE}formula") is not None:
                    where = f"{ironcalc.column_name_from_number(column + 1)}{row + 1}"
                    found[table.get(f"{TABLE}name", ""), where] = _value_of_fods(cell)
                column += int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            row += int(line.get(f"{TABLE}number-rows-repeated", "1"))
    return found


def _value_of_fods(cell: ElementTree.Element) -> Recalculated:
    shown = "\n".join("".join(line.itertext()) for line in cell.iter(f"{TEXT}p"))
    kind = cell.get(f"{OFFICE}value-type")
    if cell.get(f"{CALC}value-type") == "error":
        return shown
    if shown in ("TRUE", "FALSE") and kind in ("float", "boolean"):
        return shown == "TRUE"
    if kind == "string":
        return cell.get(f"{OFFICE}string-value", shown)
    return "" if kind is None else float(cell.get(f"{OFFICE}value", "nan"))


ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
