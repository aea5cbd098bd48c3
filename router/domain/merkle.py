"""Merkle tree over digests, as in RFC 6962. Its root depends on every digest, and a short path proves that a
digest is among them. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LEAF, _NODE = b"\0", b"\1"


class Step(NamedTuple):
    """Step on the path from a leaf of a Merkle tree to the root. `hash` is the sibling's hash, and `left` is
    true if the sibling stands on the left."""

    left: bool
    hash: bytes


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the Merkle tree over these digests. There must be at least one digest."""
    level = _hashed(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(leaves: Iterable[bytes], place: int) -> list[Step]:
    """Return the path from the leaf at position `place` to the root of the Merkle tree."""
    level, path = _hashed(leaves), []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(Step(beside < place, level[beside]))
        level, place = _above(level), place // 2
    return path


def root_from(leaf: bytes, path: Iterable[Step]) -> bytes:
    """Compute the root of a Merkle tree from one leaf and the leaf's path."""
    reached = hashlib.sha256(_LEAF + leaf).digest()
    for left, beside in path:
        reached = _node(beside, reached) if left else _node(reached, beside)
    return reached


def _hashed(leaves: Iterable[bytes]) -> list[bytes]:
    return [hashlib.sha256(_LEAF + leaf).digest() for leaf in leaves]


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, *level[len(level) - len(level) % 2 :]]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
