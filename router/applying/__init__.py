"""Worker: read batches of records from Kafka, verify the records, apply the business rules once to each
event, and write the effects."""
