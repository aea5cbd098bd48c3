"""Resumption of the paused reading of a partner's Kafka topic, at an offset that a person chooses."""
