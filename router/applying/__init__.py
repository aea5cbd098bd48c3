"""Read records from Kafka, verify them, apply the rules once to each event, and write the effects. The worker
is the role that does this."""
