"""Each event goes to the partition that Kafka's default gives its subject."""

from uuid import UUID

from aiokafka.partitioner import DefaultPartitioner

from router.process.partitions import partition_of, partitioner

SUBJECTS = [str(UUID(int=number * 7919)).encode() for number in range(500)]
PARTITIONS = list(range(6))


def test_a_subject_has_the_partition_that_kafka_gives_it_and_keeps_it_when_some_partitions_are_away():
    default = DefaultPartitioner()
    for key in SUBJECTS:
        expected = default(key, PARTITIONS, PARTITIONS)
        assert partitioner(key, PARTITIONS, PARTITIONS[:1]) == expected == partition_of(key, len(PARTITIONS))
