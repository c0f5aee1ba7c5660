"""Canonical JSON: a text is accepted only if writing what was read gives the same bytes again."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from exports.verifier.said import Said, fail

MOST_BYTES_OF_A_LINE = 4_000_000
DEEPEST = 60
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class NotCanonical(ValueError):
    """Why a text is no canonical JSON."""

    def __init__(self, said: Said):
        super().__init__(said.en)
        self.said = said


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(
        Said(f"มีเลขทศนิยมแบบฐานสอง {text[:40]} ซึ่งบันทึกนี้ห้ามใช้", f"there is a floating-point number, {text[:40]}")
    )


_read = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode


def canonical(value: Any) -> str:
    """The one way to write a value: sorted keys, no spaces, letters as they are."""
    return _write(value)


def read_canonical(data: bytes) -> Any:
    """The value of a canonical JSON text. Raises NotCanonical with the reason."""
    if len(data) > MOST_BYTES_OF_A_LINE:
        raise NotCanonical(Said("ยาวเกินกำหนด", "it is too long"))
    try:
        text = data.decode("utf-8")
        value = _read(text)
        # Nearly every line is ASCII with a few brackets: then no key can be otherwise, and nothing lies too deep.
        plain = text.isascii() and text.count("{") + text.count("[") <= DEEPEST
        if _write(value) == text and (plain or _fits(value)):
            return value
    except NotCanonical:
        raise
    except UnicodeError:
        raise NotCanonical(Said("ไม่ใช่ข้อความ UTF-8", "it is not UTF-8")) from None
    except (ValueError, RecursionError, TypeError):
        pass
    raise NotCanonical(_why(data))


def _fits(value: Any, depth: int = 0) -> bool:
    """Keys are ASCII and nothing lies too deep."""
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return all(key.isascii() and _fits(below, depth + 1) for key, below in value.items())
    if isinstance(value, list):
        return all(_fits(below, depth + 1) for below in value)
    return True


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise _Twice(key)
        seen[key] = value
    return seen


def _why(data: bytes) -> Said:
    """The likeliest reason in plain words."""
    if data.startswith(b"\xef\xbb\xbf"):
        return Said("ขึ้นต้นด้วยเครื่องหมายลำดับไบต์ (BOM)", "it begins with a byte order mark")
    if data.endswith(b"\r"):
        return Said("ลงท้ายด้วย CR LF แทนที่จะเป็น LF", "it ends in CR LF, not LF")
    if data != data.strip():
        return Said("มีช่องว่างหน้าหรือท้ายข้อความ", "there is a blank before or after it")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float)
        if not _fits(value):
            return Said("มีชื่อช่องที่ไม่ใช่ ASCII หรือซ้อนลึกเกินไป", "a key is not ASCII, or it lies too deep")
    except _Twice as twice:
        return Said(f"ช่อง “{twice}” เขียนซ้ำ", f'the key "{twice}" is there twice')
    except NotCanonical as error:
        return error.said
    except (ValueError, RecursionError):
        return Said("อ่านเป็น JSON ไม่ได้", "it is no JSON")
    return Said(
        "ไม่ได้เขียนตามแบบบัญญัติ (ช่องว่าง ลำดับช่อง หรือรหัสอักขระ)",
        "it is not written canonically (blanks, order of keys or escapes)",
    )


def read_json(data: bytes, *, name: str) -> Any:
    """The value of an ordinary JSON file of the package: no key twice, no floating-point number. Raises Failed."""
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
    except _Twice as twice:
        fail(f"{name}: ช่อง “{twice}” เขียนซ้ำ", f'{name}: the key "{twice}" is there twice')
    except NotCanonical as error:
        fail(f"{name}: {error.said.th}", f"{name}: {error.said.en}")
    except (ValueError, RecursionError):
        fail(f"{name}: อ่านเป็น JSON ไม่ได้", f"{name}: this is no JSON")
