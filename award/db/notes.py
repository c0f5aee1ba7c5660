"""A log's root at a size as a text that people and keys can sign: a C2SP checkpoint in a signed note.

    awards.example/2564/transparent-office
    8003
    +mmX7klQ4Thp0zLcJ91JSrStW0VcMyKXMgu17LUwdL4=

    — awards.example 5D3IcSyMRv2S5rib…
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


class NotANote(ValueError):
    """The text is no checkpoint, or no key; says why."""


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """What a checkpoint says: the log of an origin has this root at this size; and who signed it, by key name."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes], ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def text(self) -> str:
        """The whole note; without a key it carries no signature."""
        lines = [f"— {name} {base64.b64encode(signature).decode()}\n" for name, signature in self.signatures]
        return f"{self.body}\n{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs roots: its name and 32 secret bytes."""

    name: str
    secret: bytes

    @property
    def public(self) -> bytes:
        """The 32 bytes that everybody may have."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        """The public key as text, to print in the appointment order and to give to `verify.py --key`."""
        return f"{self.name}+{key_id(self.name, self.public).hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def sign(self, root: SignedRoot) -> SignedRoot:
        """The same root with this key's signature added."""
        made = Ed25519PrivateKey.from_private_bytes(self.secret).sign(root.body.encode())
        signature = (self.name, key_id(self.name, self.public) + made)
        others = tuple(each for each in root.signatures if each[0] != self.name)
        return SignedRoot(root.origin, root.size, root.root, (*others, signature))


def key_id(name: str, public: bytes) -> bytes:
    """Four bytes that tell keys apart."""
    return hashlib.sha256(f"{name}\n".encode() + ED25519 + public).digest()[:4]


def read_note(text: str) -> SignedRoot:
    """Raises NotANote for anything that is not exactly a checkpoint with its signatures."""
    body, separator, rest = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != 3 or not lines[0] or not lines[1].isdigit() or str(int(lines[1])) != lines[1]:
        raise NotANote("a checkpoint has an origin, a size and a root, and an empty line before its signatures")
    signatures = []
    for line in rest.splitlines():
        dash, _, named = line.partition(" ")
        name, _, encoded = named.rpartition(" ")
        if dash != "—" or not name:
            raise NotANote("a signature line reads: — name signature")
        signatures.append((name, _decoded(encoded)))
    root = _decoded(lines[2])
    if len(root) != 32:
        raise NotANote("a root has 32 bytes")
    return SignedRoot(lines[0], int(lines[1]), root, tuple(signatures))


def is_signed_by(root: SignedRoot, vkey: str) -> bool:
    """Whether one of the signatures is by this public key. Raises NotANote for a text that is no key."""
    name, _, rest = vkey.partition("+")
    identity, _, encoded = rest.partition("+")
    public = _decoded(encoded)
    if len(public) != 33 or public[:1] != ED25519 or key_id(name, public[1:]).hex() != identity:
        raise NotANote("this is not a public key of the form name+id+key")
    for signer, signature in root.signatures:
        if signer == name and signature[:4].hex() == identity:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], root.body.encode())
            except InvalidSignature:
                continue
            return True
    return False


def make_key(path: Path, *, name: str) -> Key:
    """A new key in a file that only its owner may read. Raises FileExistsError: a key is never overwritten."""
    key = Key(name, os.urandom(32))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{key.name}\n{base64.b64encode(key.secret).decode()}\n")
    return key


def read_key(path: Path) -> Key:
    """The key in a file. Raises NotANote where it is none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    secret = _decoded(lines[1]) if len(lines) == 2 else b""
    if len(secret) != 32:
        raise NotANote(f"{path.name} holds no key: it has a line with the name and one with the secret")
    return Key(lines[0], secret)


def fingerprint(root: str) -> str:
    """A root as people read it aloud and compare it: 16 groups of four."""
    return " ".join(root[place : place + 4] for place in range(0, len(root), 4))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotANote("this is not base64") from None
