"""Limit the sizes of the batches and responses that a Kafka broker sends.

aiokafka reads a response, and decompresses a batch, before it knows the size. `read_within_bounds` limits
both sizes, for every client of the process. In place of a batch above a limit, a client gets one record that
reports this (`UnreadBatch`).
"""

import mmap
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import cramjam
from aiokafka import codec, conn
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException, KafkaConnectionError, UnsupportedCodecError
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.memory_records import MemoryRecords

BATCH_MAX_BYTES = 16 * 1024 * 1024
"""Size of the largest batch that the hub reads, both packed and unpacked."""
ANSWER_MAX_BYTES = 64 * 1024 * 1024
"""Size of the largest response that is read. It is larger than the 50 MiB for which a client asks."""
RECORDS_MAX = 100_000
"""Limit on the records in a batch of more than `SMALL_BYTES`."""
HEADERS_MAX = 1000
"""Limit on the headers in a record of more than `SMALL_BYTES`."""
SMALL_BYTES = 64 * 1024
"""Size above which the records of a batch and the headers of a record are counted."""
XERIAL_HEAD, XERIAL_BLOCK_BYTES = 16, 1024
"""Sizes of snappy data in the form that Java writes: the bytes before the first block, and the smallest
average block that is accepted."""
DAMAGED = (ValueError, LookupError, ArithmeticError, AssertionError, struct.error, cramjam.DecompressionError)
"""Errors, besides aiokafka's own, that are raised for bytes that are no Kafka batch."""


class BatchTooLarge(CorruptRecordException):  # type: ignore[misc]  # aiokafka has no types: so in every class of this module
    """Raised for a batch that is too large, or has too many records or headers."""


class UnreadBatch(bytes):
    """Value of a record that stands for a whole batch, because the batch is damaged or too large."""

    first: int
    """Offset of the first record of the unread batch."""
    too_large: bool
    """True if the batch is too large; False if it is damaged."""


class _UnreadRecord(NamedTuple):
    """Record that stands for a batch that is damaged or too large. Its offset is that of the last record of the
    batch."""

    offset: int
    value: UnreadBatch
    timestamp: int = -1
    timestamp_type: int = 0
    key: None = None
    checksum: None = None
    headers: tuple[()] = ()


def read_within_bounds() -> None:
    """Limit what the Kafka clients of this process accept from a broker: the size of a response, the size of
    a batch, the number of records in a batch, and the number of headers in a record. Idempotent."""
    fetcher.MemoryRecords, fetcher.PartitionRecords = _Batches, _Partition
    conn.AIOKafkaConnection = _Connection
    for name, unfold in UNFOLD.items():
        setattr(sys.modules[DefaultRecordBatch.__module__], name, partial(_counted, unfold))
        setattr(sys.modules[LegacyRecordBatch.__module__], name, unfold)


class _Connection(AIOKafkaConnection):  # type: ignore[misc]
    """Connection to a broker. The connection ends if the broker announces a response above
    `ANSWER_MAX_BYTES`."""

    def _create_reader_task(self) -> Any:
        self._reader.readexactly = partial(_at_most, self._reader.readexactly)
        return super()._create_reader_task()


async def _at_most(read: Callable[[int], Any], size: int) -> bytes:
    if not 0 <= size <= ANSWER_MAX_BYTES:
        raise KafkaConnectionError("réponse plus grosse que ce que le hub lit")
    answer: bytes = await read(size)
    return answer


class _Partition(PartitionRecords):  # type: ignore[misc]
    """The records of one partition in a broker's response. The broker must not send a batch that lies wholly
    before the offset asked for: reading such a batch raises CorruptRecordException."""

    def __init__(
        self, tp: Any, records: "_Batches", aborted: Any, fetch_offset: int, *others: Any, **named: Any
    ) -> None:
        records.wanted = fetch_offset
        super().__init__(tp, records, aborted, fetch_offset, *others, **named)


class _Batches:
    def __init__(self, fetched: bytes) -> None:
        self._batches = MemoryRecords(fetched)
        self._rest = memoryview(fetched)
        self._ended = -1
        self.wanted = 0
        self.has_next, self.size_in_bytes = self._batches.has_next, self._batches.size_in_bytes

    def next_batch(self) -> "_Batch":
        (length,) = struct.unpack_from(">i", self._rest, 8)
        raw, self._rest = self._rest[: 12 + length], self._rest[12 + length :]
        batch = _Batch(self._batches.next_batch(), raw, self._ended)
        if batch.next_offset <= max(self.wanted, self._ended):
            raise CorruptRecordException("lot d'un offset qui n'était pas demandé")
        self._ended = batch.next_offset
        return batch


class _Batch:
    """Batch of records from a broker. In place of records that are damaged or above a limit of this module,
    the batch gives a single record that reports them: its value is an `UnreadBatch`."""

    def __init__(self, batch: Any, raw: memoryview, after: int) -> None:
        self._batch, self._raw, self._after = batch, raw, after
        self.next_offset: int = batch.next_offset
        self._intact = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def validate_crc(self) -> bool:
        """Check whether the batch is damaged. Return True in any case, so that aiokafka reads the batch: a
        damaged one then gives a record that reports the damage."""
        self._intact = self._batch.validate_crc()
        return True

    def __next__(self) -> Any:
        """Return the next record of this batch. aiokafka calls this only for control batches (Kafka's marks for
        the end of a transaction); it reads other batches with `__iter__`."""
        self._check()
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        """Yield the records of the batch one at a time. In place of an unreadable record and all later ones,
        yield one record whose value is an `UnreadBatch`."""
        try:
            self._check()
            for record in self._batch:
                if not self._after <= record.offset < self.next_offset:
                    raise CorruptRecordException("offset hors de son lot")
                yield record
        except (CorruptRecordException, UnsupportedCodecError, *DAMAGED) as exc:
            value = UnreadBatch()
            value.first = getattr(self._batch, "base_offset", self.next_offset - 1)
            value.too_large = isinstance(exc, BatchTooLarge)
            yield _UnreadRecord(self.next_offset - 1, value)

    def _check(self) -> None:
        if not self._intact:
            raise CorruptRecordException("somme de contrôle fausse")
        if len(self._raw) > BATCH_MAX_BYTES:
            raise BatchTooLarge
        if self._raw[16] >= 2 and not self._raw[22] & 7:
            _count(self._raw[61:])


def _counted(unfold: Callable[[Any], bytes], folded: Any) -> bytes:
    unfolded = unfold(folded)
    _count(unfolded)
    return unfolded


def _count(records: bytes | memoryview) -> None:
    if len(records) <= SMALL_BYTES:
        return
    at = number = 0
    while at < len(records):
        length, start = _varint(records, at)
        at, number = start + length, number + 1
        if (
            number > RECORDS_MAX
            or length < 0
            or (length > SMALL_BYTES and _headers(records, start) > HEADERS_MAX)
        ):
            raise BatchTooLarge


def _headers(records: bytes | memoryview, at: int) -> int:
    _, at = _varint(records, at + 1)  # skip the record's attributes and time
    _, at = _varint(records, at)  # its offset
    for _ in ("key", "value"):
        length, at = _varint(records, at)
        at += max(length, 0)
    return _varint(records, at)[0]


def _varint(records: bytes | memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while shift < 64:
        byte = records[at]
        number, shift, at = number | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return number >> 1 ^ -(number & 1), at
    raise CorruptRecordException("nombre sans fin")


def _within(unfold_into: Callable[[Any, Any], int], folded: Any) -> bytes:
    with mmap.mmap(-1, BATCH_MAX_BYTES) as room:
        try:
            return room[: unfold_into(folded, room)]
        except cramjam.DecompressionError as exc:
            raise (BatchTooLarge if "whole buffer" in str(exc) else CorruptRecordException) from exc


def _unfold_snappy(folded: bytes) -> bytes:
    blocks = list(_xerial(folded)) if codec._detect_xerial_stream(folded) else [folded]
    if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > BATCH_MAX_BYTES:
        raise BatchTooLarge
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _xerial(folded: bytes) -> Iterator[bytes]:
    at = XERIAL_HEAD
    for _ in range(BATCH_MAX_BYTES // XERIAL_BLOCK_BYTES):
        if at >= len(folded):
            return
        (length,) = struct.unpack_from(">i", folded, at)
        if length <= 0:
            raise CorruptRecordException("bloc sans longueur")
        yield folded[at + 4 : at + 4 + length]
        at += 4 + length
    raise BatchTooLarge


UNFOLD: dict[str, Callable[[Any], bytes]] = {
    "gzip_decode": partial(_within, cramjam.gzip.decompress_into),
    "lz4_decode": partial(_within, cramjam.lz4.decompress_into),
    "zstd_decode": partial(_within, cramjam.zstd.decompress_into),
    "snappy_decode": _unfold_snappy,
}
"""Decompressors with a limit on the size, under the names of aiokafka's functions."""
