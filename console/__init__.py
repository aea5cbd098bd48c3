"""Console: web pages on which people watch the hub and decide. Its pages call the same functions as the
command line."""
