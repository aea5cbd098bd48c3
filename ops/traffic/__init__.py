"""Count the traffic of the last day, by partner, direction and message type."""
