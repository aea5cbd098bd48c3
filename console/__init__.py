"""Console: web pages on which people watch the hub and decide. It uses the functions behind the command line."""
