"""Stored messages, events and partners' replies, shown to people."""
