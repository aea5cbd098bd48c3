"""Receipts, which anybody can verify."""
