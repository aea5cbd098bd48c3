"""Mechanisms that all processes use: leases, heartbeat, wake-ups, group commits, quarantine, topics."""
