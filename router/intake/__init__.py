"""Intake: turn partners' bytes into events of the log, both those that a partner sends and those that the hub
fetches."""
