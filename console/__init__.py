"""Serve the console: web pages on which people watch the hub and act on it, as they also can with the command
line."""
