"""Quarantine of messages and events, and their replay."""
