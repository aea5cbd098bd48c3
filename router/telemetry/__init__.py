"""What the hub says of itself: lines of the log, and outages told once."""
