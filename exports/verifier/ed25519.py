"""Whether an Ed25519 signature holds (RFC 8032), in plain integers. It only checks; it cannot sign."""

from __future__ import annotations

from hashlib import sha512
from typing import Optional

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_ZERO: _Point = (0, 1, 1, 0)


def _added(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(count: int, point: _Point) -> _Point:
    result = _ZERO
    while count:
        if count & 1:
            result = _added(result, point)
        point = _added(point, point)
        count >>= 1
    return result


def _is_zero(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _x_of(y: int, sign: int) -> Optional[int]:  # noqa: UP045 - read by older Pythons as well
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P:
        return None
    return _P - x if (x & 1) != sign else x


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def _point(data: bytes) -> Optional[_Point]:  # noqa: UP045
    """The point that 32 bytes encode; None where they encode none, or in a second way."""
    whole = int.from_bytes(data, "little")
    y, sign = whole & (2**255 - 1), whole >> 255
    if y >= _P:
        return None
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def is_signed(message: bytes, *, signature: bytes, public_key: bytes) -> bool:
    """Whether `signature` (64 bytes) of `message` holds for `public_key` (32 bytes).

    Strict: the scalar below the order, both points in their one encoding, no key of small order, and the equation
    without a cofactor.
    """
    if len(signature) != 64 or len(public_key) != 32:
        return False
    key, scalar = _point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _ORDER or _is_zero(_times(8, key)):
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public_key + message).digest(), "little") % _ORDER
    minus_key: _Point = (_P - key[0], key[1], 1, _P - key[3])
    return _encoded(_added(_times(scalar, _BASE), _times(challenge, minus_key))) == signature[:32]
