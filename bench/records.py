"""Write and read the records of load and partner, of fixed length; times in seconds of CLOCK_MONOTONIC."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REQUEST = struct.Struct("<ddH36s")
ARRIVAL = struct.Struct("<d36s")


@dataclass(frozen=True, slots=True)
class Request:
    """One message: the time when it was meant to leave, the time and status of its answer, its id (empty without
    one)."""

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
    """Read a run of the sender. A message that was never answered has status 0."""
    return [
        Request(moment, answered, status, ident.rstrip(b"\0").decode())
        for moment, answered, status, ident in REQUEST.iter_unpack(path.read_bytes())
    ]


def read_arrivals(path: Path) -> Sequence[Arrival]:
    """Read the arrivals that the partner has written so far."""
    return [Arrival(moment, ident.decode()) for moment, ident in ARRIVAL.iter_unpack(path.read_bytes())]


def count_arrivals(path: Path) -> int:
    """Return the number of arrivals so far, without reading them."""
    return path.stat().st_size // ARRIVAL.size if path.exists() else 0
