"""What load and partner write down, as fixed-length records; moments in seconds of CLOCK_MONOTONIC."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REQUEST = struct.Struct("<ddH36s")
ARRIVAL = struct.Struct("<d36s")


@dataclass(frozen=True, slots=True)
class Request:
    """One message: when it was meant to leave, when and how it was answered, its id (empty without one)."""

    moment: float
    answered: float
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery at the partner, under its `webhook-id`."""

    moment: float
    delivery: str


def write_requests(
    path: Path,
    moments: Iterable[float],
    answers: Iterable[float],
    statuses: Iterable[int],
    ids: Iterable[bytes],
) -> None:
    """Write a run of the sender in one go."""
    rows = zip(moments, answers, statuses, ids, strict=True)
    path.write_bytes(b"".join(REQUEST.pack(*row) for row in rows))


def read_requests(path: Path) -> Sequence[Request]:
    """What `write_requests` wrote; a message that was never answered has status 0."""
    return [
        Request(moment, answered, status, ident.rstrip(b"\0").decode())
        for moment, answered, status, ident in REQUEST.iter_unpack(path.read_bytes())
    ]


def read_arrivals(path: Path) -> Sequence[Arrival]:
    """What the partner wrote so far."""
    return [Arrival(moment, ident.decode()) for moment, ident in ARRIVAL.iter_unpack(path.read_bytes())]


def count_arrivals(path: Path) -> int:
    """How many deliveries the partner has written down, without reading them."""
    return path.stat().st_size // ARRIVAL.size if path.exists() else 0
