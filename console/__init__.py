"""The console: pages in a browser on which people watch the hub and decide. It uses the functions of the command
line."""
