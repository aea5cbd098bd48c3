"""Search for messages, deliveries and messages in quarantine."""
