"""Recovery of events from the bus after a restored database."""
