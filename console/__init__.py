"""Console: web pages on which people watch the hub and act on it. The pages call the same functions as the
command line."""
