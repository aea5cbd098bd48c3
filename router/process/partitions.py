"""Compute in which partition of a topic the records of a subject (such as a referral) are. Kafka's clients
compute it in the same way by default."""

from collections.abc import Sequence
from functools import lru_cache

from aiokafka.partitioner import DefaultPartitioner

_default = DefaultPartitioner()


@lru_cache(maxsize=100_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key in a topic with this number of partitions. Results are cached."""
    numbers = list(range(partitions))
    return int(_default(key, numbers, numbers))


def partitioner(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Choose the partition of a record, for an aiokafka producer. A key always has the same partition, even if
    this partition is unavailable."""
    return partitions[partition_of(key, len(partitions))]
