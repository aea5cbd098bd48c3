"""The hub's own log, metrics and traces."""
