"""Intake: turn the bytes of partners into events in the log, whether a partner sends them or the hub fetches
them."""
