"""Topics of a partner on its own Kafka: one that the hub reads, one that it writes."""

from connectors.kafka.sink import KafkaSink
from connectors.kafka.source import KafkaSource

__all__ = ["KafkaSink", "KafkaSource"]
