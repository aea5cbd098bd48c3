"""Lines of text that survive the loss of the database, such as signed heads of the audit's chain. They are in
a file on one machine, and on a Kafka topic for all machines."""
