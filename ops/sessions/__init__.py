"""Store the login sessions of the console."""
