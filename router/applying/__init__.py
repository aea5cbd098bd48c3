"""Worker: read batches of records from Kafka, verify them, apply the business rules to each event once, and
write the effects."""
