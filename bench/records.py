"""Records of the sender and of the receiving partner, in files with records of fixed length. Times are seconds of
CLOCK_MONOTONIC."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REQUEST = struct.Struct("<ddH36s")
ARRIVAL = struct.Struct("<d36s")


@dataclass(frozen=True, slots=True)
class Request:
    """A message that was sent: time of its intended sending, time and status of its answer, and its id (empty if it
    got none)."""

    moment: float
    answered: float
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that the partner received: its time and its `webhook-id`."""

    moment: float
    delivery: str


def write_requests(
    path: Path,
    moments: Iterable[float],
    answers: Iterable[float],
    statuses: Iterable[int],
    ids: Iterable[bytes],
) -> None:
    """Write all records of one run of the sender."""
    rows = zip(moments, answers, statuses, ids, strict=True)
    path.write_bytes(b"".join(REQUEST.pack(*row) for row in rows))


def read_requests(path: Path) -> Sequence[Request]:
    """Read all records of one run of the sender. A message that got no answer has status 0."""
    return [
        Request(moment, answered, status, ident.rstrip(b"\0").decode())
        for moment, answered, status, ident in REQUEST.iter_unpack(path.read_bytes())
    ]


def read_arrivals(path: Path) -> Sequence[Arrival]:
    """Read the arrivals that the partner has recorded so far."""
    return [Arrival(moment, ident.decode()) for moment, ident in ARRIVAL.iter_unpack(path.read_bytes())]


def count_arrivals(path: Path) -> int:
    """Return the number of arrivals recorded so far, from the file's size."""
    return path.stat().st_size // ARRIVAL.size if path.exists() else 0
