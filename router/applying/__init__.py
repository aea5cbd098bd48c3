"""Worker: read records from Kafka, verify them, apply the rules once to each event, and write the effects."""
