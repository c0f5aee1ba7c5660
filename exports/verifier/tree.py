"""Leaf and node hashes and roots as RFC 6962 defines them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from hashlib import sha256

NO_LEAF = "0" * 64


def leaf_of(line: bytes) -> bytes:
    """The hash of one line."""
    return sha256(b"\x00" + line).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def roots_of(leaves: Iterable[bytes]) -> Iterator[bytes]:
    """The root over the first 1, 2, 3 … leaves."""
    for _, root in _growing(leaves, None):
        yield root


def roots_at(leaves: Iterable[bytes], sizes: Set[int]) -> dict[int, bytes]:
    """The root over the first so many leaves, for each of these sizes that the tree reaches."""
    return dict(_growing(leaves, sizes))


def _growing(leaves: Iterable[bytes], sizes: Set[int] | None) -> Iterator[tuple[int, bytes]]:
    peaks: list[tuple[int, bytes]] = []  # (height, hash) of whole subtrees, the highest first
    for size, leaf in enumerate(leaves, 1):
        height = 0
        while peaks and peaks[-1][0] == height:
            leaf = node_of(peaks.pop()[1], leaf)
            height += 1
        peaks.append((height, leaf))
        if sizes is not None and size not in sizes:
            continue
        root = peaks[-1][1]
        for _, peak in reversed(peaks[:-1]):
            root = node_of(peak, root)
        yield size, root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaves; of none, the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [node_of(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]
