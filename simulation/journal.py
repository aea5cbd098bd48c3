"""A partner's messages, sent and received, on its own disk: JSON lines that are only ever appended.

`about_to_send` is on disk before the bytes leave, `received` and `effect` before the hub gets its 2xx. So the
journal never shows less than what happened. It holds keys, references and codes, never a person.
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
    """Kinds of line. Every line also has `at`, in nanoseconds since the epoch."""

    ABOUT_TO_SEND = "about_to_send"  # one row of a message about to leave under `key`
    ANSWERED = "answered"  # the hub's answer to that message: status, its id, the rejected rows
    ACKNOWLEDGED = "acknowledged"  # the hub's answer to an acknowledgement in the mailbox
    FAILED = "failed"  # a 5xx of the hub other than its "come back later"
    RECEIVED = "received"  # a delivery under `key` arrived
    EFFECT = "effect"  # the first delivery under `key`: the partner has acted on it
    REPEATED = "repeated"  # a delivery under a known key: no effect
    DECLINED = "declined"  # the partner was in a mood, and did not act on the delivery
    LISTED = "listed"  # a reading of its list of households: from which number, up to which, and the lines


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a message to the hub: its subject, and the expected result."""

    ref: str
    """Name of the row, equal in all journals, and of no other row."""
    flow: str
    subject: str
    seq: int
    """Position among all rows of its sender on its subject."""
    row: int = 1
    """Row number, as the hub counts."""
    wrong: bool = False
    """Whether it is wrong on purpose: the hub has to reject it."""
    opens: str | None = None
    """The loop that this row opens, to be closed by an answer."""
    closes: str | None = None
    """The loop that this row closes by itself (the SIAO withdraws a referral)."""
    by_file: bool = False
    """Whether it travels in a file: its time to arrival counts from the drop of the file."""


class Journal:
    """The journal of one partner. Writers that come while the disk is busy share the next sync."""

    def __init__(self, path: Path) -> None:
        """Open the journal, and mend a last line that a crash cut short."""
        self.path = path
        self.past: Sequence[Record] = read(path)[0] if path.exists() else ()
        """Records of an earlier run of the program."""
        self._file = path.open("ab", buffering=0)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, *records: Record) -> None:
        """Append; return once the records are on disk."""
        lines = b"".join(_line(record) for record in records)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def about_to_send(self, key: str, rows: Sequence[Row]) -> None:
        """Journal the rows of a message before its bytes leave."""
        await self.write(*({"kind": Kind.ABOUT_TO_SEND, "key": key, **_said(row)} for row in rows))

    async def answered(
        self, key: str, status: int, message: str | None, rejections: Sequence[Record]
    ) -> None:
        """Journal the hub's answer to a message; `rejections` as it gave them."""
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
    """Return the complete lines from a byte offset, and the offset of the next ones."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    return [json.loads(line) for line in data[:end].splitlines()], offset + end


def _said(row: Row) -> dict[str, Any]:
    """Return a row as written, without false or absent fields."""
    return {name: value for name, value in asdict(row).items() if value or name in ("seq", "row")}


def _line(record: Record) -> bytes:
    return json.dumps({"at": time.time_ns(), **record}, ensure_ascii=False).encode() + b"\n"
