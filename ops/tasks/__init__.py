"""Deliveries that need a person: refused, uncertain, late."""
