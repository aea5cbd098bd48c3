"""Serve the pages of the console outside the desk, on which people watch the hub and act on it."""
