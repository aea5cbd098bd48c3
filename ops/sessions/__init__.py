"""Login sessions of the console."""
