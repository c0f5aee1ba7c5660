"""A log and a package written by hand, from their contract alone: lines, roots, notes, zip files."""

import base64
import hashlib
import hmac
import io
import json
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LOG, ORIGIN = "2564/small-award", "awards.example"
SEAL = "5e" * 32
KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([each]) * 32) for each in (7, 8))
FILE = b"%PDF-1.4 an invented evidence file\n"
START = datetime(2026, 8, 1, 2, tzinfo=UTC)
Files = dict[str, bytes]
Line = dict[str, Any]


def canon(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def alias(what: str) -> str:
    return "a" + hmac.new(bytes.fromhex(SEAL), what.encode(), hashlib.sha256).hexdigest()[:15]


def leaf(line: bytes) -> bytes:
    return hashlib.sha256(b"\0" + line).digest()


def root(leaves: list[bytes]) -> bytes:
    """As RFC 6962 states it: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def chained(lines: list[Line]) -> bytes:
    """The lines with `seq` and `prev` made to fit, as the bytes of a ledger."""
    prev, written = "0" * 64, []
    for seq, line in enumerate(lines, 1):
        text = canon({**line, "seq": seq, "prev": prev}).encode()
        prev = leaf(text).hex()
        written.append(text)
    return b"".join(text + b"\n" for text in written)


def lines_of(ledger: bytes) -> list[Line]:
    return [json.loads(line) for line in ledger.splitlines()]


def root_of(ledger: bytes, *, size: int | None = None) -> bytes:
    return root([leaf(line) for line in ledger.splitlines()[:size]])


def key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    public = key.public_key().public_bytes_raw()
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def vkey(key: Ed25519PrivateKey = KEY, name: str = ORIGIN) -> str:
    encoded = base64.b64encode(b"\x01" + key.public_key().public_bytes_raw()).decode()
    return f"{name}+{key_id(name, key).hex()}+{encoded}"


def checkpoint(ledger: bytes, *keys: Ed25519PrivateKey, origin: str = f"{ORIGIN}/{LOG}") -> bytes:
    size = ledger.count(b"\n")
    body = f"{origin}\n{size}\n{base64.b64encode(root_of(ledger)).decode()}\n"
    signed = [base64.b64encode(key_id(ORIGIN, key) + key.sign(body.encode())).decode() for key in keys]
    return (body + "\n" + "".join(f"— {ORIGIN} {each}\n" for each in signed)).encode()


def zipped(
    files: Files, *, edition: str = "public", run: int = 3, manifest: bytes | None = None, log: str = LOG
) -> bytes:
    """A package of the files; the manifest is made to fit unless one is given."""
    files = {name: content for name, content in files.items() if name != "MANIFEST.json"}
    listed = {name: {"size": len(content), "sha256": sha256(content)} for name, content in files.items()}
    made = {"format": 1, "edition": edition, "log": log, "run": run, "files": listed}
    files["MANIFEST.json"] = manifest or json.dumps(made, sort_keys=True, indent=1).encode()
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return target.getvalue()
