"""End a halt in the reading of a partner's Kafka topic. The hub had stopped before a batch that it cannot
read; a person says from where it goes on."""
