"""Log, metrics and traces of the hub's own work."""
