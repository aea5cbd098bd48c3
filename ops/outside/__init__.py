"""Store lines of text outside the database, so that they survive its loss: in a file of one machine, and on a
Kafka topic for all machines. The signed heads of the audit are such lines, for example."""
