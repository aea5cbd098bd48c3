"""Intake: turn bytes into events of the log, by the door, the pickups, decoding and keeping."""
