"""Mechanics of every process: leases, heartbeat, wake-ups, group commits, quarantine, topics."""
