"""Stored messages and replies, shown to people."""
