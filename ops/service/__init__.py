"""The level of service: which answers come in time."""
