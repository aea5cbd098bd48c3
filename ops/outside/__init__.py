"""Lines of text that survive the loss of the database, such as heads of the audit: in a file on one machine,
and on a Kafka topic for all."""
