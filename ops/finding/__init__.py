"""Search for messages, deliveries and quarantine entries."""
