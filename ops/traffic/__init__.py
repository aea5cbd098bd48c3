"""Traffic of messages in the last day, by partner, direction and type."""
