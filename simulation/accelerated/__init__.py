"""Scenarios in simulated time: the hub's own rules and deadlines, partners that speak or are silent."""
