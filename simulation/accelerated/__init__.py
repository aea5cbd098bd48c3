"""Scenarios in simulated time: the hub's own rules and deadlines, with partners that send messages or stay silent."""
