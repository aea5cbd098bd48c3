"""From the bus to state: batches of records are read, verified, judged and applied once."""
