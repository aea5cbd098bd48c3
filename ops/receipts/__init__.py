"""Receipts, verified by anybody."""
