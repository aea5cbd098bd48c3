"""Console: web pages on which people watch the hub and act on it, as with the command line."""
