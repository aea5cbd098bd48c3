"""Scenarios in simulated time. They run the hub's own rules and deadlines; simulated partners send messages or stay
silent."""
