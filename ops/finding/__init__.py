"""Search for messages, deliveries and quarantine rows."""
