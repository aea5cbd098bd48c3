"""Carry messages between partners: intake, relay, workers, dispatcher, and the business rules."""
