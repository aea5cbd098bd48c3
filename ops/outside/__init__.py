"""Storage of lines of text outside the database: in a file of one machine, and on a Kafka topic for all
machines."""
