"""Build and check a Merkle tree over digests, as in RFC 6962. The root is one hash that covers all digests. A
short path of hashes proves that a digest is among those that the root covers."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LEAF, _NODE = b"\0", b"\1"


class Step(NamedTuple):
    """One step on the path from a digest to the Merkle root: the hash of the sibling node, and whether the
    sibling stands on the left."""

    left: bool
    hash: bytes


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the Merkle root of these digests. There must be at least one digest."""
    level = _hashed(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(leaves: Iterable[bytes], place: int) -> list[Step]:
    """Return the steps from the digest at index `place` to the Merkle root."""
    level, path = _hashed(leaves), []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(Step(beside < place, level[beside]))
        level, place = _above(level), place // 2
    return path


def root_from(leaf: bytes, path: Iterable[Step]) -> bytes:
    """Compute the Merkle root from one digest (`leaf`) and the steps that lead from this digest to the root
    (`path`)."""
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
