"""Lines of text that survive the loss of the database: in a file of one machine, and on a Kafka topic for
all. Heads of the audit are such lines."""
