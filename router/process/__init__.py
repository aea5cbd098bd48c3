"""Give all processes of the hub what they share: leases, heartbeat, wake-ups, group commits, quarantine, topics."""
