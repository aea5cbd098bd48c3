"""Search for messages, deliveries and quarantine entries (what the hub could neither read nor apply)."""
