"""Signed receipts. Anybody can verify them without the hub."""
