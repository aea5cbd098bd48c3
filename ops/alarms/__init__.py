"""Alarms about the hub itself: people are notified once when a condition starts, such as a database that does
not answer, and once when it ends."""
