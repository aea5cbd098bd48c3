"""A simulated partner's journal: all messages sent and received, as JSON lines in a file that only grows.

Written before a message leaves, and before a delivery is answered, so it never shows less than what happened.
It holds keys, references and codes, no personal data.
"""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


class Kind(StrEnum):
    """Kinds of line in a journal. Every line also has `at`, in nanoseconds since the epoch."""

    ABOUT_TO_SEND = "about_to_send"  # one row of a message about to leave under `key`
    ANSWERED = "answered"  # the hub's answer to that message: status, its id, the rejected rows
    ACKNOWLEDGED = "acknowledged"  # the hub's answer to an acknowledgement in the mailbox
    FAILED = "failed"  # a 5xx of the hub other than a 503 with Retry-After
    RECEIVED = "received"  # a delivery under `key` arrived
    EFFECT = "effect"  # the first delivery under `key`: the partner has acted on it
    REPEATED = "repeated"  # a delivery under a known key: no effect
    DECLINED = "declined"  # the partner did not act on the delivery, because of its mood
    LISTED = "listed"  # an answer about the list of households: from point, to point, lines


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a message to the hub, as the journal records it."""

    ref: str
    """Unique name of the row, equal in the journals of sender and recipients."""
    flow: str
    subject: str
    seq: int
    """Position among all rows of the sender about the subject."""
    row: int = 1
    """Number of the row in its message, as the hub counts."""
    wrong: bool = False
    """Whether the row is invalid on purpose."""
    opens: str | None = None
    """Name of the loop that this row opens and an answer must close."""
    closes: str | None = None
    """Name of the loop that this row closes: a withdrawal by the SIAO."""
    by_file: bool = False
    """Whether the row travels in a file. Its latency then counts from the drop."""


class Journal:
    """One partner's journal. Lines written during a sync to disk share the next one."""

    def __init__(self, path: Path) -> None:
        """Open the journal, and cut off an incomplete last line."""
        self.path = path
        self.past: Sequence[Record] = read(path)[0] if path.exists() else ()
        """Records of an earlier run of the program."""
        self._file = path.open("ab", buffering=0)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, *records: Record) -> None:
        """Append lines; return once they are on disk. Raises OSError."""
        lines = b"".join(_line(record) for record in records)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def about_to_send(self, key: str, rows: Sequence[Row]) -> None:
        """Write the rows of a message that is about to leave."""
        await self.write(*({"kind": Kind.ABOUT_TO_SEND, "key": key, **_said(row)} for row in rows))

    async def answered(
        self, key: str, status: int, message: str | None, rejections: Sequence[Record]
    ) -> None:
        """Write the hub's answer to a message."""
        record = {"kind": Kind.ANSWERED, "key": key, "status": status, "message": message}
        await self.write({**record, "rejections": list(rejections)})

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                error = await asyncio.to_thread(self._append, b"".join(lines for lines, _ in batch))
                for _, done in batch:
                    if done.done():
                        continue
                    if error is None:
                        done.set_result(None)
                    else:
                        done.set_exception(error)
        finally:
            self._flushing = None

    def _append(self, data: bytes) -> OSError | None:
        try:
            self._file.write(data)
            os.fdatasync(self._file.fileno())
        except OSError as exc:
            return exc
        return None


def read(path: Path, offset: int = 0) -> tuple[list[Record], int]:
    """Return the complete lines of a journal from a byte offset on, and the next offset."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    return [json.loads(line) for line in data[:end].splitlines()], offset + end


def _said(row: Row) -> dict[str, Any]:
    """Return a row's fields, without those that are false or absent."""
    return {name: value for name, value in asdict(row).items() if value or name in ("seq", "row")}


def _line(record: Record) -> bytes:
    return json.dumps({"at": time.time_ns(), **record}, ensure_ascii=False).encode() + b"\n"
