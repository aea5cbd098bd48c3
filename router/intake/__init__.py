"""From bytes to the log: the door, the pickups, decoding, keeping."""
