"""Signed receipts, which anybody can verify without the hub."""
