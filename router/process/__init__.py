"""Mechanisms that the hub's processes share: leases, heartbeat, wake-ups, group commits, quarantine, topics."""
