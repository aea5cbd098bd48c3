"""Compute the partition of a subject's records, as Kafka's clients do by default."""

from collections.abc import Sequence
from functools import lru_cache

from aiokafka.partitioner import DefaultPartitioner

_default = DefaultPartitioner()


@lru_cache(maxsize=100_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a topic with `partitions` partitions to which records with this key belong."""
    numbers = list(range(partitions))
    return int(_default(key, numbers, numbers))


def partitioner(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Return the partition for a record, in the form in which an aiokafka producer asks for it. The same key
    always gives the same partition, available or not."""
    return partitions[partition_of(key, len(partitions))]
