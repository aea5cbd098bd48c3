"""Mechanics that every process of the hub uses: leases, heartbeat, wake-ups, group commits, quarantine,
topics."""
