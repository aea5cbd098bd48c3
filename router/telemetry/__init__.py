"""Log, metrics and traces of the hub's processes."""
