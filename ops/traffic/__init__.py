"""Traffic of the last day, by partner, direction and type."""
