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
    """Return the partition, one of `partitions`, to which records with this key belong. An aiokafka producer
    takes this function as its partitioner. The same key always gives the same partition, even one that is not
    in `available`."""
    return partitions[partition_of(key, len(partitions))]
