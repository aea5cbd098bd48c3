"""Deliveries that need a person's decision: refused, of unknown outcome, or late."""
