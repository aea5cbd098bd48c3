"""Keep lines of text that must survive the loss of the database, such as the signed heads of the audit's
chain. They are in a file on one machine, and on a Kafka topic for all machines."""
