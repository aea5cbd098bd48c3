"""Worker: read batches of records from the bus, verify them, judge them and apply each once."""
