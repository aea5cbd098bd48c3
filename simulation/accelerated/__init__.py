"""Scenarios in simulated time: the hub's own rules and deadlines, and partners that write or stay silent."""
