"""Signed receipts: each proves to anybody, without the hub, that a message or delivery arrived, and when."""
