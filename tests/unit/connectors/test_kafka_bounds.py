"""Batches as a broker may hand them over, made by aiokafka's own builders, and read as its consumers read them."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from connectors.kafka import bounds
from connectors.kafka.bounds import HEADERS_MAX, RECORDS_MAX, UnreadBatch, read_within_bounds
from tests.rows import each_row

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
FORMATS = [
    *[(2, codec) for codec in (NONE, GZIP, SNAPPY, LZ4, ZSTD)],
    *[(1, codec) for codec in (NONE, GZIP, SNAPPY, LZ4)],
    *[(0, codec) for codec in (NONE, GZIP, SNAPPY)],
]
BOUND = 1024 * 1024
"""A lower one, which shows the same with less."""
COUNT_AT, CRC_AT, ATTRIBUTES_AT = 57, 17, 21


@pytest.fixture(autouse=True)
def bounded() -> None:
    read_within_bounds()


def batch(*values: bytes, base: int = 0, magic: int = 2, codec: int = NONE, headers: int = 0) -> bytes:
    if magic == 2:
        builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 2**30)
        for number, value in enumerate(values):
            builder.append(number, 0, None, value, [("", None)] * headers)
        return base.to_bytes(8) + bytes(builder.build())[8:]
    old = LegacyRecordBatchBuilder(magic, codec, 2**30)
    for number, value in enumerate(values):
        old.append(number if codec and magic else base + number, 0, None, value)
    built = bytes(old.build())
    return (base + len(values) - 1).to_bytes(8) + built[8:] if codec else built


def changed(raw: bytes, at: int, new: bytes) -> bytes:
    """Other bytes at one place, and a checksum that is right for them."""
    raw = raw[:at] + new + raw[at + len(new) :]
    checksum: int = calc_crc32c(raw[ATTRIBUTES_AT:])
    return raw[:CRC_AT] + checksum.to_bytes(4) + raw[ATTRIBUTES_AT:]


def read(*batches: bytes, wanted: int = 0) -> Iterator[tuple[int, Any]]:
    records = fetcher.MemoryRecords(b"".join(batches))
    partition = TopicPartition("topic", 0)
    for record in fetcher.PartitionRecords(partition, records, [], wanted, None, None, True, 1):
        yield record.offset, record.value


def unread(raw: bytes, magic: int = 2) -> UnreadBatch:
    """What stands for this batch, which begins at offset 1 and is not read, between two that are."""
    (_, before), (_, value), (_, behind) = read(
        batch(b"avant", magic=magic), raw, batch(b"apres", base=10**6, magic=magic)
    )
    assert (before, value, behind) == (b"avant", b"", b"apres")
    assert isinstance(value, UnreadBatch)
    return value


@each_row(("magic", "codec"), FORMATS)
def test_a_batch_of_any_codec_and_format_is_read_up_to_the_bound_and_one_beyond_it_is_not(
    monkeypatch, magic, codec
):
    monkeypatch.setattr(bounds, "BATCH_MAX_BYTES", BOUND)
    just = batch(b"un", bytes(BOUND - 200), magic=magic, codec=codec)
    assert [len(value) for _, value in read(just)] == [2, BOUND - 200]
    assert unread(batch(bytes(BOUND), base=1, magic=magic, codec=codec), magic).too_large


@pytest.mark.parametrize("codec", [NONE, ZSTD])
def test_headers_that_would_take_seventy_bytes_of_memory_for_two_are_counted_before_they_are_read(codec):
    many = batch(bytes(bounds.SMALL_BYTES), base=1, codec=codec, headers=HEADERS_MAX + 1)
    assert unread(many).too_large
    enough = batch(bytes(bounds.SMALL_BYTES), codec=codec, headers=HEADERS_MAX)
    assert [len(value) for _, value in read(enough)] == [bounds.SMALL_BYTES]


def test_records_are_counted_before_they_are_read():
    assert unread(batch(*[b""] * (RECORDS_MAX + 1), base=1)).too_large


def test_a_batch_that_says_it_holds_more_records_than_there_are_is_read_as_far_as_it_goes():
    liar = changed(batch(b"un", b"deux"), COUNT_AT, struct.pack(">i", 2**31 - 1))
    assert list(read(liar, batch(b"trois", base=2))) == [(0, b"un"), (1, b"deux"), (2, b"trois")]


def test_a_record_that_is_damaged_is_told_after_those_before_it():
    raw = batch(b"un", b"deux", b"trois")
    damaged = changed(raw, raw.index(b"deux") - 1, b"\x7f")
    (_, first), (offset, value) = read(damaged)
    assert (first, offset, type(value)) == (b"un", 2, UnreadBatch)


def test_a_batch_whose_checksum_is_wrong_is_damaged():
    raw = batch(b"un", base=1)
    value = unread(raw[:-2] + b"X" + raw[-1:])
    assert (value.first, value.too_large) == (1, False)


def test_a_snappy_block_of_negative_length_ends_its_batch():
    raw = batch(bytes(100_000), base=1, codec=SNAPPY)
    assert not unread(changed(raw, 61 + bounds.XERIAL_HEAD, struct.pack(">i", -4))).too_large


def test_no_batch_is_read_that_was_not_asked_for_or_comes_twice():
    with pytest.raises(CorruptRecordException):
        list(read(batch(b"un", b"deux"), wanted=2))
    with pytest.raises(CorruptRecordException):
        list(read(batch(b"un"), batch(b"un")))


def test_records_outside_their_batch_are_not_read():
    short = changed(batch(b"un", b"deux"), 23, struct.pack(">i", 0))
    assert list(read(short, batch(b"trois", base=1))) == [(0, b"un"), (1, b"trois")]
