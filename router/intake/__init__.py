"""Intake: turn the bytes that partners send, or that the hub fetches from them, into events in the log."""
