"""The root over a log's leaves, as RFC 6962 has it: one hash that stands for every line and their order."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf (32 bytes each) and has a root at every size: memory stays at its height."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []  # whole subtrees, from the largest to the smallest

    def add(self, leaf: bytes) -> None:
        """One more leaf at the end."""
        size, top = 1, leaf
        while self.peaks and self.peaks[-1][0] == size:
            top = _node(self.peaks.pop()[1], top)
            size *= 2
        self.peaks.append((size, top))
        self.size += 1

    def root(self) -> bytes:
        """The root over the leaves up to now."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            root = _node(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the leaves (32 bytes each), taken one by one: memory stays at the height of the tree."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What somebody needs who has the leaf at `index` (from 0) and the root, and nothing else: the audit path."""
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    if len(leaves) == 1:
        return []
    half = _largest_power_below(len(leaves))
    if index < half:
        return [*inclusion_proof(leaves[:half], index), root_of(leaves[half:])]
    return [*inclusion_proof(leaves[half:], index - half), root_of(leaves[:half])]


def root_by_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a leaf at `index` of `size` leads to by its proof. Raises ValueError where the proof cannot fit."""
    place, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if place & 1 or place == last:
            top = _node(sibling, top)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            top = _node(top, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return top


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
