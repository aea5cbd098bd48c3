"""Mechanics that every process of the hub uses: leases, heartbeat, wake-ups, group commit, quarantine,
topics."""
