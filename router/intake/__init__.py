"""Intake: turn the bytes that partners send, or that the hub fetches, into events in the log."""
