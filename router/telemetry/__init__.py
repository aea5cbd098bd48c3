"""Log, metrics and traces of what the hub's processes do."""
