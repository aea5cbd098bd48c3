"""From the bus to the transaction that applies: batches read, believed, judged, applied once."""
