"""Alarms: people are notified once when a condition starts, and once when it ends."""
