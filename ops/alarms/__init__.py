"""Alarms: people are notified once when a condition that matters starts, and once when it ends."""
