"""Deliveries on which a person has to decide: they were refused, have an unknown outcome, or are late."""
