"""Compute to which partition of a topic a subject's records go. The result is that of Kafka's clients."""

from collections.abc import Sequence
from functools import lru_cache

from aiokafka.partitioner import DefaultPartitioner

_default = DefaultPartitioner()


@lru_cache(maxsize=100_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of records with the key `key`, in a topic that has `partitions` partitions."""
    numbers = list(range(partitions))
    return int(_default(key, numbers, numbers))


def partitioner(key: bytes, partitions: Sequence[int], available: Sequence[int]) -> int:
    """Return the partition of records with the key `key`, in a topic that has the partitions `partitions`. A
    producer of aiokafka calls this function. The same key always gives the same partition, even if that partition
    is not in `available`."""
    return partitions[partition_of(key, len(partitions))]
