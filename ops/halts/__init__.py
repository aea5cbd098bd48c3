"""Resumption of a partner's Kafka topic after a halt, where a person says."""
