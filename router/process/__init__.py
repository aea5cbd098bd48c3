"""The mechanics of every process: leases, heartbeat, wake-ups, group commit, quarantine, topics."""
