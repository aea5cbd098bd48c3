"""Resumption of the reading of a partner's Kafka topic after a halt: the hub had stopped at a batch that
cannot be read, and a person says from where it goes on."""
